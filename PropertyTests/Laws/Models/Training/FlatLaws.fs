namespace Hybrid.PropertyTests.Laws.Models.Training

open System
open Hybrid.Models.Training
open Hybrid.PropertyTests.Zoo
open TorchSharp
open Xunit

/// All parameters as views of one tensor.
[<Collection "torch's generator">]
module FlatLaws =

    let private members = 3

    let private ensemble (seed: int64) =
        torch.manual_seed seed |> ignore
        new Mlp.Ensemble(members, dtype = torch.float64)

    let private close (expected: torch.Tensor) (actual: torch.Tensor) (what: string) =
        Assert.True((expected.detach () - actual.detach ()).abs().max().ToDouble() <= 1e-10, what)

    /// Steps of training with noise, gradients zeroed or removed before each.
    let private train (ensemble: Mlp.Ensemble) (optimiser: torch.optim.Optimizer) (steps: int) =
        for step in 1..steps do
            use _ = torch.NewDisposeScope()
            torch.manual_seed (int64 step) |> ignore
            let x = torch.randn([| 8L; 12L |], dtype = torch.float64)
            optimiser.zero_grad ()
            ensemble.forward(x).square().mean([| 1L; 2L |]).sum().backward ()
            optimiser.step () |> ignore

    [<Theory>]
    [<InlineData true>]
    [<InlineData false>]
    let ``one tensor trains as the parameters do`` (byRow: bool) =
        use _ = torch.NewDisposeScope()
        let separate, together = ensemble 1L, ensemble 1L
        use flat = new FlatParameters(together, (if byRow then Nullable members else Nullable()))
        use first = torch.optim.Adam(separate.parameters (), 1e-2)
        use second = torch.optim.Adam([| flat.Vector |], 1e-2)
        train separate first 5
        train together second 5
        Assert.True flat.IsCurrent
        let numbers = separate.parameters () |> Seq.sumBy _.numel()
        Assert.Equal<int64 array>((if byRow then [| int64 members; numbers / int64 members |] else [| numbers |]), flat.Vector.shape)

        for struct (name, parameter) in separate.named_parameters () do
            close parameter (together.get_parameter name |> nonNull) $"'{name}' is trained otherwise"

        // What is written into the module is in the tensor, and the other way round.
        let other = ensemble 2L
        together.load_state_dict (other.state_dict ()) |> ignore
        let sum (tensors: torch.Tensor seq) = tensors |> Seq.sumBy (fun tensor -> tensor.detach().sum().ToDouble())
        Assert.Equal(sum (other.parameters () |> Seq.cast), sum [ flat.Vector ], 1e-9)
        using (torch.no_grad ()) (fun _ -> flat.Vector.zero_ () |> ignore)
        for parameter in together.parameters () do Assert.Equal(0.0, parameter.abs().max().ToDouble())

    [<Fact>]
    let ``a row is the vector of a member's weights`` () =
        use _ = torch.NewDisposeScope()
        let ensemble = ensemble 3L
        use flat = new FlatParameters(ensemble, members)

        for m in 0 .. members - 1 do
            close (Mlp.Weights.Of(ensemble.Member m).ToVector()) flat.Vector[m] $"row {m}"

    /// Each member's gradient is clipped by its own norm, since the tensor has the members as its first axis.
    [<Fact>]
    let ``a fit with one tensor is the fit with the parameters`` () =
        let run (isFlat: bool) =
            use _ = torch.NewDisposeScope()
            let x, y = Regression.data ()
            let tensors = [| struct ("x", x.``to``(torch.float64)); struct ("y", y.``to``(torch.float64)) |]
            let network = ensemble 4L
            let flat = if isFlat then Some(new FlatParameters(network, members)) else None
            use optimiser =
                match flat with
                | None -> torch.optim.Adam(network.parameters (), 3e-3)
                | Some flat -> torch.optim.Adam([| flat.Vector |], 3e-3)

            let loss = Func<TensorBatch, torch.Tensor>(fun batch -> (network.forward batch["x"] - batch["y"]).square().mean [| 1L; 2L |])

            Trainer.Fit(
                network, optimiser, loss, TensorBatches(tensors, [| [| 0..71 |] |], 16, seed = 5L), null,
                TrainingOptions(Epochs = 4, ClipNorm = 0.5, AverageDecay = 0.9))
            |> ignore

            [ for KeyValue(key, tensor) in network.state_dict () -> key, tensor.``to``(torch.float64).data<float>().ToArray() ]

        for (key, expected), (_, actual) in List.zip (run false) (run true) do
            Array.iter2 (fun a b -> Assert.True(abs (a - b) <= 1e-9 * max 1.0 (abs a), $"'{key}': {a} and {b}")) expected actual

    [<Fact>]
    let ``a module that was moved, or whose gradients are gone, is noticed`` () =
        use _ = torch.NewDisposeScope()
        let network = new Mlp()
        use flat = new FlatParameters(network)
        Assert.True flat.IsCurrent
        network.zero_grad (set_to_none = false)
        Assert.True flat.IsCurrent
        network.zero_grad ()
        Assert.False flat.IsCurrent
        use again = new FlatParameters(network)
        Assert.True again.IsCurrent
        network.``to`` torch.float64 |> ignore
        Assert.False again.IsCurrent

    [<Fact>]
    let ``what is not a part of one tensor is refused or left alone`` () =
        use _ = torch.NewDisposeScope()
        let message (action: unit -> unit) = Assert.Throws<ArgumentException>(action).Message
        let network = new Mlp()
        Assert.StartsWith(
            "FlatParameters: 'layer_1.linear_1.weight' (32, 12) has no leading axis of 5 members.",
            message (fun () -> (new FlatParameters(network, 5)).Dispose()))
        Freezing.Freeze(network, "layer_1") |> ignore
        let count (parameters: Modules.Parameter seq) = parameters |> Seq.sumBy _.numel()
        use flat = new FlatParameters(network)
        Assert.Equal(count (Freezing.Trainable network), flat.Vector.numel ())
        Freezing.Freeze(network, "layer_2", "layer_3", "linear_1") |> ignore
        Assert.StartsWith("FlatParameters: Mlp has no trainable parameter.", message (fun () -> (new FlatParameters(network)).Dispose()))

    [<Fact>]
    let ``steps leave no tensor behind`` () =
        use _ = torch.NewDisposeScope()
        let network = ensemble 5L
        use flat = new FlatParameters(network, members)
        use optimiser = torch.optim.Adam([| flat.Vector |])
        train network optimiser 2
        let live = DisposeScopeManager.Statistics.ThreadTotalLiveCount
        train network optimiser 3
        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount)
