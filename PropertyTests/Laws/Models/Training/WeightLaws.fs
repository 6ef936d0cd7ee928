namespace Hybrid.PropertyTests.Laws.Models.Training

open System
open System.Collections.Generic
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Models.Training
open Hybrid.Models.Weights
open Hybrid.PropertyTests
open TorchSharp

/// Averages, schedules, freezing and partial loading: what training does with weights besides the optimiser.
module WeightLaws =

    let private bytesOf (tensor: torch.Tensor) =
        use _ = torch.NewDisposeScope()
        tensor.detach().contiguous().bytes.ToArray()

    let private liveTensors () = DisposeScopeManager.Statistics.ThreadTotalLiveCount

    let private state (m: torch.nn.Module) = [ for KeyValue(key, t) in m.state_dict () -> key, bytesOf t ]

    let private weight (m: torch.nn.Module) (key: string) =
        match m.get_parameter key with
        | null -> failwith $"the network has no parameter '{key}'"
        | parameter -> bytesOf parameter

    let private network () =
        torch.nn.Sequential(
            struct ("encoder", (torch.nn.Linear(4L, 3L) :> torch.nn.Module<torch.Tensor, torch.Tensor>)),
            struct ("norm", (torch.nn.BatchNorm1d 3L :> torch.nn.Module<torch.Tensor, torch.Tensor>)),
            struct ("head", (torch.nn.Linear(3L, 2L) :> torch.nn.Module<torch.Tensor, torch.Tensor>))
        )

    let private randomise (m: torch.nn.Module) =
        use _ = torch.no_grad ()

        for parameter in m.parameters () do
            parameter.normal_ () |> ignore

    let private near (expected: float) (actual: float) what =
        Assert.True(abs (expected - actual) <= 1e-12 + 1e-9 * abs expected, $"{what}: expected {expected}, got {actual}")

    [<SeededProperty>]
    let ``an average is the sum of past weights with geometric weights`` () =
        let cases = Gen.zip3 (Gen.elements [ 0.0; 0.5; 0.9; 0.999 ]) (Gen.choose (1, 12)) (Gen.elements [ false; true ])

        Prop.forAll (Arb.fromGen cases) (fun (decay, updates, warmUp) ->
            use _ = torch.NewDisposeScope()
            use m = torch.nn.Linear(1L, 1L, false).``to``(torch.ScalarType.Float64)
            use average = new ExponentialMovingAverage(m, decay, warmUp)
            let mutable expected = m.weight.item<float> ()

            for n in 1..updates do
                randomise m
                average.Update()
                let d = if warmUp then min decay ((1.0 + float n) / (10.0 + float n)) else decay
                expected <- d * expected + (1.0 - d) * m.weight.item<float> ()

            Assert.Equal(int64 updates, average.Updates)
            near expected (average.Weights["weight"].item<float> ()) $"decay {decay}, {updates} updates")

    [<Fact>]
    let ``lent averages are the module's weights, and afterwards the trained ones are back bit for bit`` () =
        use _ = torch.NewDisposeScope()
        use m = network ()
        use average = new ExponentialMovingAverage(m, 0.9)
        randomise m
        m.call(torch.randn(8L, 4L)) |> ignore // counts a batch, moves the running statistics
        average.Update()
        let trained = state m
        let live = liveTensors ()

        do
            use _ = average.Use()
            Assert.Equal<(string * byte[]) list>([ for KeyValue(k, t) in average.Weights -> k, bytesOf t ], state m)
            Assert.NotEqual<(string * byte[]) list>(trained, state m)

            Assert.Contains(
                "the averages are in use as the module's weights",
                Assert.Throws<InvalidOperationException>(fun () -> average.Update()).Message)
            Assert.Throws<InvalidOperationException>(fun () -> average.Use().Dispose()) |> ignore

        Assert.Equal<(string * byte[]) list>(trained, state m)
        Assert.Equal(live, liveTensors ())
        Assert.Equal(1L, average.Weights["norm.num_batches_tracked"].item<int64> ())

    [<Fact>]
    let ``a restored average continues as the first one`` () =
        use _ = torch.NewDisposeScope()
        use m = network ()
        use first = new ExponentialMovingAverage(m, 0.99, true)
        randomise m
        first.Update()
        use second = new ExponentialMovingAverage(m, 0.99, true)
        second.Restore(first.Weights, first.Updates)
        randomise m
        first.Update()
        second.Update()
        Assert.Equal<byte[] seq>([ for t in first.Weights.Values -> bytesOf t ], [ for t in second.Weights.Values -> bytesOf t ])
        Assert.Contains(
            "expected decay in [0, 1), got 1",
            Assert.Throws<ArgumentOutOfRangeException>(fun () -> new ExponentialMovingAverage(m, 1.0) |> ignore).Message)

    [<Fact>]
    let ``warm-up rises linearly, then half a cosine falls to the least rate and stays`` () =
        let cases = Gen.zip3 (Gen.choose (0, 20)) (Gen.choose (1, 60)) (Gen.choose (0, 10))

        Check.One(
            Seeded.Cases 100,
            Prop.forAll (Arb.fromGen cases) (fun (warmUp, cosine, tenths) ->
                use _ = torch.NewDisposeScope()
                let least = float tenths / 10.0
                use optimiser = torch.optim.SGD([ new Modules.Parameter(torch.zeros(1L)) ], 0.2)
                let schedule = Schedules.WarmUpCosine(optimiser, warmUp, warmUp + cosine, least)

                let rates =
                    [ for _ in 0 .. warmUp + cosine + 5 do
                          yield Seq.head(optimiser.ParamGroups).LearningRate / 0.2
                          schedule.step () ]

                for step in 0 .. warmUp - 1 do
                    near (float (step + 1) / float (warmUp + 1)) rates[step] $"step {step} of {warmUp} warm-up steps"

                near 1.0 rates[warmUp] "the first step after the warm-up"
                Assert.True(rates |> List.skip warmUp |> List.pairwise |> List.forall (fun (a, b) -> b <= a + 1e-12), "the cosine rises")

                for rate in List.skip (warmUp + cosine) rates do
                    near least rate "after the end")
        )

        use optimiser = torch.optim.SGD([ new Modules.Parameter(torch.zeros(1L)) ], 0.2)
        let error = Assert.Throws<ArgumentOutOfRangeException>(fun () -> Schedules.WarmUpCosine(optimiser, 5, 5) |> ignore)
        Assert.Contains("WarmUpCosine: expected warmUpSteps in [0, 5), got 5.", error.Message)

    let private train (m: torch.nn.Module<torch.Tensor, torch.Tensor>) steps =
        use optimiser = torch.optim.Adam(Freezing.Trainable m, 0.1)

        for _ in 1..steps do
            use _ = torch.NewDisposeScope()
            optimiser.zero_grad ()
            m.call(torch.randn(8L, 4L)).square().sum().backward()
            optimiser.step () |> ignore

    [<Fact>]
    let ``frozen weights keep every bit, the others train, and thawed ones train again`` () =
        use _ = torch.NewDisposeScope()
        use m = network ()
        let encoder () = [ weight m "encoder.weight"; weight m "encoder.bias" ]
        let head () = weight m "head.weight"
        Assert.Equal<string seq>([ "encoder.weight"; "encoder.bias" ], Freezing.Freeze(m, "encoder"))
        Assert.Empty(Freezing.Freeze(m, "encoder.weight"))
        Assert.Equal(4, Freezing.Trainable(m).Count)
        let frozen, free = encoder (), head ()
        train m 3
        Assert.Equal<byte[] list>(frozen, encoder ())
        Assert.NotEqual<byte[]>(free, head ())
        Assert.Equal<string seq>([ "encoder.weight" ], Freezing.Thaw(m, "encoder.weight"))
        train m 1
        Assert.NotEqual<byte[]>(frozen[0], encoder().[0])
        Assert.Equal<byte[]>(frozen[1], encoder().[1])

        let error = Assert.Throws<ArgumentException>(fun () -> Freezing.Freeze(m, "enc") |> ignore)
        Assert.Contains("no parameter of Sequential is 'enc' or lies below it. Its keys start with: encoder, norm, head.", error.Message)

    [<Fact>]
    let ``partial loading takes what fits and reports the rest`` () =
        use _ = torch.NewDisposeScope()
        use source = network ()
        use target = network ()
        let weights = Dictionary(source.state_dict ())
        weights["head.weight"] <- torch.zeros(5L, 3L)
        weights["head.bias"] <- torch.zeros(5L)
        weights["extra"] <- torch.zeros(1L)
        weights.Remove "norm.weight" |> ignore
        let head = weight target "head.weight"
        let report = PartialLoading.Load(target, weights)
        Assert.False report.IsComplete

        Assert.Equal<string seq>(
            Seq.sort [ "encoder.weight"; "encoder.bias"; "norm.bias"; "norm.running_mean"; "norm.running_var"; "norm.num_batches_tracked" ],
            Seq.sort report.Loaded
        )

        Assert.Equal(
            "6 tensors loaded; 1 missing: norm.weight; 1 unexpected: extra; \
             2 of another shape: head.weight: the module has (2, 3), the source (5, 3), head.bias: the module has (2), the source (5)",
            report.ToString()
        )

        Assert.Equal<byte[]>(weight source "encoder.weight", weight target "encoder.weight")
        Assert.Equal<byte[]>(head, weight target "head.weight")

        let renamed = Dictionary(source.state_dict () |> Seq.map (fun p -> KeyValuePair("model." + p.Key, p.Value)))
        let complete = PartialLoading.Load(target, renamed, fun key -> key.Substring 6)
        Assert.True(complete.IsComplete, complete.ToString())
        Assert.Equal<(string * byte[]) list>(state source, state target)
