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

    /// A few iterations of a form on the same network: |F| of each, the weights before and after, and the final |F|. Plain gradient
    /// descent, its steps cut to one length: Adam moves by its whole rate where a gradient is rounding alone, as that of the last bias is,
    /// on which nothing depends.
    let private fit (form: Compressor -> torch.optim.Optimizer -> InformationMaximiser) =
        torch.manual_seed 7L |> ignore
        use network = new ExchangeableCompressor(6L, 2L)
        let before = weightsOf network
        use optimiser = torch.optim.SGD(network.parameters (), 0.02)
        let imnn = form (Compressor.Of network) optimiser
        let options = TrainingOptions(Epochs = 4, KeepBest = false, Patience = Nullable(), Seed = Nullable(), ClipNorm = Nullable 1.0)
        let result = imnn.Fit options
        [| for i in Gaussian.iterations result -> i.Monitored |], Array.zip before (weightsOf network), imnn.Statistics.Determinant

    let private compare name expected actual =
        let history, weights, final = expected
        let history', weights', final' = actual
        for i in 0 .. Array.length history - 1 do
            let inMemory, inChunks = history[i], Array.item i history'
            Assert.True(
                Gaussian.near 1e-6 1e-4 inMemory inChunks,
                $"{name}: |F| of iteration {i} is {inMemory} in memory, {inChunks} in chunks")
        let moved (pairs: (float32 * float32)[]) = pairs |> Array.map (fun (a, b) -> float b - float a)
        let steps, steps' = moved weights, moved weights'
        let largest = steps |> Array.map abs |> Array.max
        let away = Array.map2 (fun a b -> abs (a - b)) steps steps' |> Array.max
        Assert.True(largest > 1e-5, $"{name}: the fit moves no weight by more than {largest}")
        Assert.True(away < 1e-3 * largest + 1e-6, $"{name}: the weights move by up to {largest}, in chunks by {away} otherwise")
        Assert.True(Gaussian.near 1e-6 2e-4 final final', $"{name}: final |F| {final} in memory, {final'} in chunks")

    /// n_s, n_d < n_s, chunk, chunks kept, workers: sizes of 1 among them.
    let private division (seed: int64) =
        let random = SeededRandom seed
        let simulations = 20 + random.Next 60
        let derivatives = 1 + random.Next(simulations - 1)
        simulations, derivatives, 1 + random.Next(if random.Chance 0.3 then 3 else 50), random.Next 4, 1 + random.Next 3

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
        let whole, _, _ = fit (fun c o -> new AggregatedImnn(c, o, Gaussian.theta, source ()))
        Assert.True(Array.distinct whole |> Array.length = whole.Length, "two iterations saw the same simulations")
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

    let private maximiser network optimiser workers =
        let source = SimulatorSource(GaussianSimulator(), Gaussian.theta, 200L, 30, 3UL)
        new AggregatedImnn(
            Compressor.Of(network: ExchangeableCompressor), optimiser, Gaussian.theta, source, null,
            AggregateOptions(KeptChunks = 2, Workers = workers))

    [<Fact>]
    let ``an iteration leaves as many live tensors as it found`` () =
        use network = new ExchangeableCompressor(6L, 2L)
        use optimiser = torch.optim.Adam(network.parameters (), lr = 1e-3)
        let imnn = maximiser network optimiser 1
        imnn.Fit(Gaussian.options 2) |> ignore
        let before = DisposeScopeManager.Statistics.ThreadTotalLiveCount
        imnn.Fit(Gaussian.options 3) |> ignore
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount)

    [<Fact>]
    let ``workers leave no tensors either`` () =
        use network = new ExchangeableCompressor(6L, 2L)
        use optimiser = torch.optim.Adam(network.parameters (), lr = 1e-3)
        let imnn = maximiser network optimiser 2
        imnn.Fit(Gaussian.options 2) |> ignore
        // Of all threads, other tests' too: what a fit leaves is there each time, what others do is not.
        let left =
            [ for _ in 1..6 ->
                  let before = torch.Tensor.TotalCount
                  imnn.Fit(Gaussian.options 3) |> ignore
                  torch.Tensor.TotalCount - before ]
        Assert.True(List.min left <= 0L, $"tensors left by each of six fits: {left}")

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
