namespace Hybrid.PropertyTests.Laws.Models.Training

open System
open System.Collections.Generic
open System.Threading
open Xunit
open Hybrid.Models.Engine
open Hybrid.Models.Training
open TorchSharp

/// Products in bfloat16: where they begin and end, and what a fit keeps in float32.
[<Collection "torch's generator">]
module AutocastLaws =

    let private product () =
        use _ = torch.NewDisposeScope()
        (torch.ones([| 2L; 3L |]).mm(torch.ones [| 3L; 2L |])).dtype

    let private float32, bfloat16 = torch.ScalarType.Float32, torch.ScalarType.BFloat16

    [<Fact>]
    let ``it holds from its beginning to its end, on its thread`` () =
        Assert.True(Autocast.IsAvailable torch.CPU)
        Assert.Equal(float32, product ())

        do
            use _ = Autocast.Begin torch.CPU
            Assert.Equal(bfloat16, product ())

            do
                use _ = Autocast.Begin torch.CPU
                Assert.Equal(bfloat16, product ())

            Assert.Equal(bfloat16, product ())

            do
                use _ = Autocast.Suspend torch.CPU
                Assert.Equal(float32, product ())

                do
                    use _ = Autocast.Begin torch.CPU
                    Assert.Equal(bfloat16, product ())

                Assert.Equal(float32, product ())

            Assert.Equal(bfloat16, product ())
            let mutable elsewhere = bfloat16
            let thread = Thread(fun () -> elsewhere <- product ())
            thread.Start()
            thread.Join()
            Assert.Equal(float32, elsewhere)

        Assert.Equal(float32, product ())
        let twice = Autocast.Begin torch.CPU
        twice.Dispose()
        twice.Dispose()
        Assert.Equal(float32, product ())
        Assert.Throws<DivideByZeroException>(Action(fun () ->
            use _ = Autocast.Begin torch.CPU
            raise (DivideByZeroException())))
        |> ignore
        Assert.Equal(float32, product ())

    [<Fact>]
    let ``a device without it is refused by name`` () =
        Assert.False(Autocast.IsAvailable torch.META)
        let failure = Assert.Throws<NotSupportedException>(fun () -> (Autocast.Begin torch.META).Dispose())
        Assert.Contains("meta", failure.Message)
        Assert.Contains("TrainingOptions.Autocast false", failure.Message)

    let private fit (autocast: bool) (accumulate: int) =
        torch.manual_seed 3L |> ignore
        let network = torch.nn.Sequential(torch.nn.Linear(12L, 16L), torch.nn.Tanh(), torch.nn.Linear(16L, 2L))
        use optimiser = torch.optim.Adam(network.parameters (), 1e-2)
        use _ = torch.NewDisposeScope()
        let x, y = Regression.data ()
        let batches = TensorBatches([| struct ("x", x); struct ("y", y) |], null, 16, seed = 5L)
        let types = HashSet<struct (bool * torch.ScalarType)>()

        let loss (batch: TensorBatch) =
            let output = network.forward batch["x"]
            types.Add(struct (network.training, output.dtype)) |> ignore
            (output - batch["y"]).square().mean()

        let result =
            Trainer.Fit(
                network, optimiser, Func<_, _>(loss), batches, batches,
                TrainingOptions(Epochs = 12, Autocast = autocast, AccumulateBatches = accumulate, ClipNorm = 5.0))
        network, result, types

    [<Fact>]
    let ``a fit multiplies in bfloat16 and keeps its weights in float32`` () =
        for accumulate in [ 1; 3 ] do
            let network, result, types = fit true accumulate
            use network = network
            Assert.Equal<struct (bool * torch.ScalarType) seq>(
                [ struct (false, bfloat16); struct (true, bfloat16) ], types |> Seq.sortBy (fun (struct (training, _)) -> training))
            for p in network.parameters () do Assert.Equal(float32, p.dtype)
            let plain, expected, _ = fit false accumulate
            use plain = plain
            // bfloat16 has 8 bits of mantissa: a loss of some per cent more or less.
            for a, e in Seq.zip result.History expected.History do
                Assert.InRange(a.TrainingLoss / e.TrainingLoss, 0.9, 1.1)
            Assert.True(result.Best < 0.7 * result.History[0].TrainingLoss, $"{result}")
            Assert.NotEqual(expected.Best, result.Best)

    /// Weights that change between two losses of a step must not be used as they were.
    [<Fact>]
    let ``the second loss of a step sees the first one's update`` () =
        torch.manual_seed 4L |> ignore
        use layer = torch.nn.Linear(3L, 1L)
        use optimiser = torch.optim.SGD(layer.parameters (), 0.5)
        let losses = List<float>()

        let algorithm =
            { new TrainingAlgorithm() with
                override _.Network = layer
                override _.Optimisers = [| optimiser :> torch.optim.Optimizer |] :> IReadOnlyList<_>

                override _.Step(batch, step) =
                    for name in [ "before"; "after" ] do
                        let loss = layer.forward(batch["x"]).to_type(float32).mean()
                        losses.Add(float (loss.item<float32> ()))
                        step.Minimise(loss, name) }

        let source = BatchSource.Stream((fun _ -> new TensorBatch([| struct ("x", torch.ones [| 4L; 3L |]) |])), 2)
        Trainer.Fit(algorithm, source, null, TrainingOptions(Epochs = 1, Autocast = true)) |> ignore
        // Each update of rate ½ lowers w·1 + b by ½ · (3 + 1).
        for before, after in Seq.pairwise losses do
            Assert.InRange(before - after, 1.9, 2.1)

    [<Fact>]
    let ``it leaves no more live tensors than a fit without it`` () =
        let live () =
            GC.Collect()
            GC.WaitForPendingFinalizers()
            torch.Tensor.TotalCount

        let left autocast =
            let before = live ()
            (let network, _, _ = fit autocast 1 in network.Dispose())
            live () - before

        left false |> ignore // what is made once
        Assert.Equal(left false, left true)
