namespace Hybrid.PropertyTests.Systems.Imnn

open System
open System.Collections.Generic
open System.IO
open Hybrid.Data.Statistics
open Hybrid.Models.Systems.Imnn
open Hybrid.Models.Training
open Hybrid.PropertyTests
open TorchSharp
open Xunit
open FsCheck

/// Sums over chunks against all simulations at once.
[<Collection "torch's generator">]
module AggregatedLaws =

    let private weightsOf (network: torch.nn.Module) =
        [| for KeyValue(_, w) in network.state_dict () do yield! w.detach().data<float32>().ToArray() |]

    /// A few iterations of a form on the same network: |F| of each, and the weights they end with.
    let private fit (form: Compressor -> torch.optim.Optimizer -> InformationMaximiser) =
        torch.manual_seed 7L |> ignore
        use network = new ExchangeableCompressor(6L, 2L)
        use optimiser = torch.optim.Adam(network.parameters (), lr = 1e-2)
        let imnn = form (Compressor.Of network) optimiser
        let result = imnn.Fit(Gaussian.options 4)
        [| for i in Gaussian.iterations result -> i.Monitored |], weightsOf network, imnn.Statistics

    let private close (name: string) (relative: float) (expected: float[]) (actual: float[]) =
        Assert.Equal(expected.Length, actual.Length)
        for i in 0 .. expected.Length - 1 do
            Assert.True(
                Gaussian.near 1e-5 relative expected[i] actual[i],
                $"{name}, {i}: {expected[i]} in memory, {actual[i]} in chunks")

    let private compare name (expected: float[] * float32[] * FisherStatistics) (actual: float[] * float32[] * FisherStatistics) =
        let history, weights, statistics = expected
        let history', weights', statistics' = actual
        close $"{name}: |F|" 2e-4 history history'
        // Adam divides by the size of a gradient: rounding of a tiny one may move its weight by a part of the rate, 1e-2.
        let differences = Array.map2 (fun a b -> abs (float a - float b)) weights weights'
        Assert.True(Array.max differences < 2e-3, $"{name}: weights differ by {Array.max differences}")
        close $"{name}: final |F|" 5e-4 [| statistics.Determinant |] [| statistics'.Determinant |]

    /// n_s, n_d < n_s, chunk, chunks kept, workers: sizes of 1 among them.
    let private division (seed: int64) =
        let random = SeededRandom seed
        let simulations = 20 + random.Next 60
        simulations, 1 + random.Next(simulations - 1), 1 + random.Next(if random.Chance 0.3 then 3 else 50), random.Next 4, 1 + random.Next 3

    [<SeededProperty(MaxTest = 12)>]
    let ``exact derivatives in chunks train as in memory, whatever the division`` (seed: int64) =
        use _ = torch.NewDisposeScope()
        let simulations, derivatives, chunk, kept, workers = division seed
        let x, dx = Gaussian.fixedSet 21UL simulations
        let dx = dx.narrow(0L, 0L, int64 derivatives)
        let name = $"n_s {simulations}, n_d {derivatives}, chunks of {chunk}, {kept} kept, {workers} workers"
        let whole = fit (fun c o -> GradientImnn(c, o, Gaussian.theta, x, dx))
        let options = AggregateOptions(KeptChunks = kept, Workers = workers)
        compare name whole (fit (fun c o -> new AggregatedImnn(c, o, Gaussian.theta, TensorSource(x, dx, chunk), null, options)))

    [<SeededProperty(MaxTest = 8)>]
    let ``numerical derivatives in chunks train as in memory, with a validation set`` (seed: int64) =
        use _ = torch.NewDisposeScope()
        let simulations, derivatives, chunk, kept, workers = division seed
        let width = [| 0.2; 0.2 |]
        let set seed =
            let x, dx = Gaussian.fixedSet seed simulations
            let shifted (sign: float32) = torch.stack([| for p in 0L .. 1L -> x + dx.select(-1L, p).mul((sign * 0.1f).ToScalar()) |], 1L)
            x, torch.stack([| shifted -1.0f; shifted 1.0f |], 1L).narrow(0L, 0L, int64 derivatives)
        let (x, pairs), (v, validationPairs) = set 22UL, set 23UL
        let name = $"n_s {simulations}, n_d {derivatives}, chunks of {chunk}, {kept} kept, {workers} workers"
        let whole = fit (fun c o -> NumericalGradientImnn(c, o, Gaussian.theta, width, x, pairs, v, validationPairs))
        let options = AggregateOptions(KeptChunks = kept, Workers = workers)
        let source (x: torch.Tensor) pairs = TensorSource(x, pairs, chunk, width)
        compare name whole (fit (fun c o ->
            new AggregatedImnn(c, o, Gaussian.theta, source x pairs, source v validationPairs, options)))

    [<SeededProperty(MaxTest = 8)>]
    let ``main and remaining simulations of any enumeration train as in memory`` (seed: int64) =
        use _ = torch.NewDisposeScope()
        let simulations, derivatives, chunk, _, _ = division seed
        let x, dx = Gaussian.fixedSet 24UL simulations
        let chunks first last =
            seq { for start in first..chunk .. last - 1 -> int64 start, int64 (min chunk (last - start)) }
        let main () =
            seq { for start, n in chunks 0 derivatives -> struct (x.narrow(0L, start, n), dx.narrow(0L, start, n)) }
        let remaining () = seq { for start, n in chunks derivatives simulations -> x.narrow(0L, start, n) }
        let whole = fit (fun c o -> GradientImnn(c, o, Gaussian.theta, x, dx.narrow(0L, 0L, int64 derivatives)))
        let source = EnumeratedSource([| 10L |], 2, main, int64 derivatives, remaining, int64 (simulations - derivatives))
        compare $"n_s {simulations}, n_d {derivatives}, chunks of {chunk}" whole (fit (fun c o ->
            new AggregatedImnn(c, o, Gaussian.theta, source)))

    [<Fact>]
    let ``simulations made again for the second pass train, repeat and resume bit for bit`` () =
        let source () = SimulatorSource(GaussianSimulator(), Gaussian.theta, 500L, 90, 3UL, Nullable 300L)
        let whole, weights, _ = fit (fun c o -> new AggregatedImnn(c, o, Gaussian.theta, source ()))
        let again, weightsAgain, _ = fit (fun c o -> new AggregatedImnn(c, o, Gaussian.theta, source ()))
        Assert.Equal<float[]>(whole, again)
        Assert.Equal<float32[]>(weights, weightsAgain)
        Assert.True(Array.distinct whole |> Array.length > 1)
        let folder = Directory.CreateTempSubdirectory "hybrid-imnn-"
        let threads = torch.get_num_threads ()
        torch.set_num_threads 1
        try
            let run iterations folder =
                torch.manual_seed 7L |> ignore
                use network = new ExchangeableCompressor(6L, 2L)
                use optimiser = torch.optim.Adam(network.parameters (), lr = 1e-2)
                let imnn = new AggregatedImnn(Compressor.Of network, optimiser, Gaussian.theta, source ())
                imnn.Fit(
                    TrainingOptions(
                        Epochs = iterations, Patience = Nullable(), Seed = Nullable(), CheckpointEpochs = 2, KeepBest = false,
                        Directory = folder, Existing = ExistingRun.Resume))
                |> ignore
                weightsOf network
            let straight = run 6 (Path.Combine(folder.FullName, "straight"))
            run 3 (Path.Combine(folder.FullName, "stopped")) |> ignore
            Assert.Equal<float32[]>(straight, run 6 (Path.Combine(folder.FullName, "stopped")))
        finally
            torch.set_num_threads threads
            folder.Delete true

    [<Fact>]
    let ``an iteration leaves as many live tensors as it found, with workers too`` () =
        for workers in [ 1; 2 ] do
            use network = new ExchangeableCompressor(6L, 2L)
            use optimiser = torch.optim.Adam(network.parameters (), lr = 1e-3)
            let source = SimulatorSource(GaussianSimulator(), Gaussian.theta, 200L, 30, 3UL)
            let imnn =
                new AggregatedImnn(
                    Compressor.Of network, optimiser, Gaussian.theta, source, null, AggregateOptions(KeptChunks = 2, Workers = workers))
            imnn.Fit(Gaussian.options 2) |> ignore
            let before = DisposeScopeManager.Statistics.ThreadTotalLiveCount
            imnn.Fit(Gaussian.options 3) |> ignore
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount)

    [<Fact>]
    let ``what cannot be aggregated is named`` () =
        use _ = torch.NewDisposeScope()
        use network = new ExchangeableCompressor(6L, 2L)
        use optimiser = torch.optim.Adam(network.parameters (), lr = 1e-3)
        let x, dx = Gaussian.fixedSet 25UL 30
        let message (make: unit -> AggregatedImnn) = (Assert.ThrowsAny<Exception>(fun () -> make () |> ignore)).Message
        let compressor = Compressor.Of network
        let of' source = fun () -> new AggregatedImnn(compressor, optimiser, Gaussian.theta, source)
        Assert.Contains(
            "2 training simulations cannot give the covariance of 2 summaries",
            message (of' (TensorSource(x.narrow(0L, 0L, 2L), dx.narrow(0L, 0L, 2L), 10))))
        let shape = Assert.Throws<ArgumentException>(fun () -> TensorSource(x, dx.moveaxis([| -1L |], [| 1L |]), 10) |> ignore)
        Assert.Contains("expected derivatives (1 ≤ n_d ≤ 30, 10, P): simulation, datum, parameter, got (30, 2, 10)", shape.Message)
        Assert.Contains(
            "expected 2 widths δθ > 0, one for each fiducial parameter, got [0.2]",
            message (of' (TensorSource(x, torch.zeros(3L, 2L, 1L, 10L), 10, [| 0.2 |]))))
        // A source that ends early, and one that gives other simulations in the second pass.
        let short = EnumeratedSource([| 10L |], 2, (fun () -> Seq.singleton (struct (x, dx))), 40L)
        let early = Assert.Throws<InvalidDataException>(fun () -> (of' short ()).Fit(Gaussian.options 1) |> ignore)
        Assert.Contains("main: expected 40 simulations with derivatives, got 30", early.Message)
        let mutable call = 0.0
        let drifting () =
            call <- call + 1.0
            Seq.singleton (struct (x + call, dx))
        let drift = EnumeratedSource([| 10L |], 2, drifting, 30L)
        let options = AggregateOptions(KeptChunks = 0)
        let other =
            Assert.ThrowsAny<ArgumentException>(fun () ->
                (new AggregatedImnn(compressor, optimiser, Gaussian.theta, drift, null, options)).Fit(Gaussian.options 1) |> ignore)
        Assert.Contains("gave other summaries in the second pass", other.Message)
