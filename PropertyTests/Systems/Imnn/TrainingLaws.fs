namespace Hybrid.PropertyTests.Systems.Imnn

open System
open System.Collections.Generic
open System.IO
open System.Threading
open Xunit
open FsCheck
open Hybrid.Data.Formats
open Hybrid.Models.Training
open Hybrid.Models.Systems.Imnn
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data
open TorchSharp

[<Collection "torch's generator">]
module TrainingLaws =

    let private liveTensors () = DisposeScopeManager.Statistics.ThreadTotalLiveCount

    /// Trains on one thread and gives the last weights' bytes with every |F| on the way.
    let private run seed iterations =
        let before = torch.get_num_threads ()
        torch.set_num_threads 1

        try
            let network, compressor, optimiser = Gaussian.compressor seed 16L 3e-3
            use _ = network
            use _ = optimiser
            let imnn = Gaussian.simulator (uint64 seed) compressor optimiser 100
            let result = imnn.Fit(Gaussian.options iterations)
            let weights = [| for KeyValue(_, w) in network.state_dict () do yield! w.detach().data<float32>().ToArray() |]
            weights, [| for i in Gaussian.iterations result -> i.Training.DetF |]
        finally
            torch.set_num_threads before

    [<Fact>]
    let ``a run repeats bit for bit by its seed on one thread`` () =
        let weights, history = run 5L 12
        let again, historyAgain = run 5L 12
        Assert.Equal<float32[]>(weights, again)
        Assert.Equal<float[]>(history, historyAgain)
        let other, _ = run 6L 12
        Assert.NotEqual<float32[]>(weights, other)

    [<Fact>]
    let ``training raises |F| and no trained network exceeds theory`` () =
        let network, compressor, optimiser = Gaussian.compressor 1L 32L 1e-2
        use _ = network
        use _ = optimiser
        let imnn = Gaussian.simulator 1UL compressor optimiser 1000
        let result = imnn.Fit(TrainingOptions(Epochs = 150, KeepBest = false, Seed = Nullable()))
        let first = (Array.head (Gaussian.iterations result)).Training.DetF
        let evaluation = FisherEvaluation.Of(compressor.Tangent, GaussianSimulator(), Gaussian.theta, 100_000, 99UL)
        let reached = evaluation.Statistics.Determinant
        Assert.Equal(StopReason.MaxIterations, result.Reason)
        Assert.True(reached > 10.0 && reached > 20.0 * first, $"|F| went from {first:F3} to {reached:F2} in 150 iterations")
        Assert.True(
            reached < 50.0 + 4.0 * evaluation.StandardError,
            $"|F| = {reached:F2} ± {evaluation.StandardError:F2} exceeds theory's 50")

    [<Fact>]
    let ``a fit leaves as many live tensors as it found, its iterations none`` () =
        let network, compressor, optimiser = Gaussian.compressor 2L 16L 1e-3
        use _ = network
        use _ = optimiser
        let imnn = Gaussian.simulator 2UL compressor optimiser 100
        imnn.Fit(Gaussian.options 3) |> ignore // the optimiser's moments are made here
        let before = liveTensors ()
        let counts = List<int64>()
        let progress = { new IProgress<FitProgress> with member _.Report p = if not (isNull p.Finished) then counts.Add(liveTensors ()) }
        imnn.Fit(Gaussian.options 5, progress) |> ignore
        Assert.Equal(before, liveTensors ())
        Assert.True(Seq.distinct counts |> Seq.length = 1, $"live tensors after each iteration: {String.Join(',', counts)}")

    [<Fact>]
    let ``the tangent form and exact derivatives of the same simulations agree`` () =
        // GradientImnn takes (n, D, P); a network that is the identity map of two data has ∂μ/∂θ = mean of the derivatives.
        let network, compressor, optimiser = Gaussian.compressor 3L 16L 1e-3
        use _ = network
        use _ = optimiser
        use _ = torch.NewDisposeScope()
        let x, dx = Gaussian.fixedSet 8UL 300
        let exact = GradientImnn(compressor, optimiser, Gaussian.theta, x, dx)
        // small against the distances between the network's kinks, large against float32's rounding
        let step = 2e-3f
        // central differences of the data themselves: below and above, (n, 2, P, D)
        let shifted (sign: float32) = torch.stack([| for p in 0L .. 1L -> x + dx.select(-1L, p).mul((sign * step / 2.0f).ToScalar()) |], 1L)
        let both = torch.stack([| shifted -1.0f; shifted 1.0f |], 1L)
        let numerical = NumericalGradientImnn(compressor, optimiser, Gaussian.theta, [| float step; float step |], x, both)
        let a, b = exact.UpdateStatistics(), numerical.UpdateStatistics()

        for i in 0..1 do
            for j in 0..1 do
                Assert.True(
                    Gaussian.near 1e-3 2e-3 a.MeanDerivative[i].[j] b.MeanDerivative[i].[j],
                    $"∂μ/∂θ[{i},{j}]: exact {a.MeanDerivative[i].[j]}, numerical {b.MeanDerivative[i].[j]}")

    [<SeededProperty(MaxTest = 20)>]
    let ``automatic derivatives of a simulator are the analytic ones`` (seed: uint16) (NormalFloat mean) (NormalFloat spread) =
        use _ = torch.NewDisposeScope()
        let byHand = GaussianSimulator()

        let written =
            FunctionSimulator([| 10L |], fun generator theta ->
                let noise = torch.randn([| theta.size 0; 10L |], generator = generator)
                theta.narrow(1, 0, 1) + theta.narrow(1, 1, 1).sqrt() * noise)

        let theta = [| mean; 0.2 + abs spread |]
        use g = new torch.Generator(uint64 seed)
        use h = new torch.Generator(uint64 seed)
        let struct (x, dx) = byHand.Simulate(g, theta, 7)
        let struct (y, dy) = written.Simulate(h, theta, 7)
        let scale = 1e-5 * (1.0 + abs mean + abs spread)
        Assert.True(torch.allclose(x, y, 1e-5, scale), "data differ")
        Assert.True(torch.allclose(dx, dy, 1e-5, scale), $"derivatives differ:\n{dx[0L]}\n{dy[0L]}")

    [<Fact>]
    let ``patience ends a fit and the best weights come back`` () =
        let network, compressor, optimiser = Gaussian.compressor 4L 16L 0.3 // far too large: |F| soon falls
        use _ = network
        use _ = optimiser
        use _ = torch.NewDisposeScope()
        let (x, dx), (v, dv) = Gaussian.fixedSet 10UL 200, Gaussian.fixedSet 11UL 200
        let imnn = GradientImnn(compressor, optimiser, Gaussian.theta, x, dx, v, dv)
        let result = imnn.Fit(TrainingOptions(Patience = 5, MinEpochs = 3, Epochs = 400, Seed = Nullable()))
        let monitored = [| for i in Gaussian.iterations result -> i.Monitored |]
        Assert.Equal(StopReason.Patience, result.Reason)
        Assert.Equal(Array.max monitored, result.Best)
        Assert.Equal(1 + Array.findIndex (fun m -> m = result.Best) monitored, result.BestEpoch)
        // The weights of the largest |F| on the validation set give it again.
        Assert.True(
            Gaussian.near 0.0 1e-6 result.Best imnn.Statistics.Determinant,
            $"largest |F| {result.Best}, with the weights kept {imnn.Statistics.Determinant}")

    [<Fact>]
    let ``without a validation set the best |F| and its weights belong together`` () =
        let network, compressor, optimiser = Gaussian.compressor 5L 16L 0.1
        use _ = network
        use _ = optimiser
        use _ = torch.NewDisposeScope()
        let x, dx = Gaussian.fixedSet 12UL 200
        let imnn = GradientImnn(compressor, optimiser, Gaussian.theta, x, dx)
        let result = imnn.Fit(TrainingOptions(Patience = 5, MinEpochs = 1, Epochs = 60, Seed = Nullable()))
        Assert.True(
            Gaussian.near 0.0 1e-6 result.Best imnn.Statistics.Determinant,
            $"largest |F| {result.Best}, with the weights kept {imnn.Statistics.Determinant}")

    [<Fact>]
    let ``a cancelled fit keeps what it reached and a second fit continues`` () =
        let network, compressor, optimiser = Gaussian.compressor 6L 16L 1e-3
        use _ = network
        use _ = optimiser
        let imnn = Gaussian.simulator 6UL compressor optimiser 100
        use stop = new CancellationTokenSource()
        let progress = { new IProgress<FitProgress> with member _.Report p = if not (isNull p.Finished) && p.Epoch = 4 then stop.Cancel() }
        let result = imnn.Fit(Gaussian.options 50, progress, stop.Token)
        Assert.Equal(StopReason.Cancelled, result.Reason)
        Assert.Equal(4, result.Epochs)
        let second = imnn.Fit(Gaussian.options 3)
        Assert.Equal<int[]>([| 1..3 |], [| for i in Gaussian.iterations second -> i.Number |])

    [<Fact>]
    let ``estimates of data at the fiducial parameters scatter around them as F⁻¹ says`` () =
        // The exact summaries, so that the quasi maximum-likelihood estimate is nearly efficient.
        use _ = torch.NewDisposeScope()
        use generator = new torch.Generator 21UL
        let struct (x, dx) = GaussianSimulator().Simulate(generator, Gaussian.theta, 20_000)
        let summaries, tangents = Gaussian.sums x dx
        let statistics = FisherStatistics.Of(summaries, tangents.mean([| 1L |]))
        let estimates = statistics.Estimate(Gaussian.theta, summaries)

        for p in 0..1 do
            let values = estimates |> Array.map (fun row -> row[p])
            let mean = Array.average values
            let deviation = sqrt (values |> Array.averageBy (fun v -> (v - mean) ** 2.0))
            let bound = sqrt statistics.InverseFisher[p].[p]
            Assert.True(
                abs (mean - Gaussian.theta[p]) < 5.0 * bound / sqrt 20_000.0,
                $"parameter {p}: mean {mean}, fiducial {Gaussian.theta[p]}")
            Assert.True(Gaussian.near 0.0 0.05 bound deviation, $"parameter {p}: deviation {deviation}, F⁻¹ says {bound}")

    [<Fact>]
    let ``one datum and a batch of one are told apart by shape and give the same estimate`` () =
        let network, compressor, optimiser = Gaussian.compressor 7L 16L 1e-3
        use _ = network
        use _ = optimiser
        use _ = torch.NewDisposeScope()
        let imnn = Gaussian.simulator 7UL compressor optimiser 100
        let none = Assert.Throws<InvalidOperationException>(fun () -> imnn.Statistics |> ignore)
        Assert.Contains("Call Fit, UpdateStatistics or RestoreStatistics first", none.Message)
        imnn.UpdateStatistics() |> ignore
        let datum = torch.linspace(-1.0, 1.0, 10L)
        Assert.Equal<float[]>((imnn.Estimate datum)[0], (imnn.Estimate(datum.unsqueeze 0))[0])
        let wrong = Assert.Throws<ArgumentException>(fun () -> imnn.Estimate(torch.zeros([| 10L; 1L |])) |> ignore)
        Assert.Contains("expected one datum (10) or a batch (n, 10), got (10, 1)", wrong.Message)

    [<Fact>]
    let ``data of the wrong shape, type, count or value are named with what to change`` () =
        let network, compressor, optimiser = Gaussian.compressor 8L 16L 1e-3
        use _ = network
        use _ = optimiser
        use _ = torch.NewDisposeScope()
        let x, dx = Gaussian.fixedSet 13UL 50
        let gradient (x: torch.Tensor) (dx: torch.Tensor) (v: torch.Tensor | null) (dv: torch.Tensor | null) =
            let make () = GradientImnn(compressor, optimiser, Gaussian.theta, x, dx, v, dv) |> ignore
            (Assert.ThrowsAny<ArgumentException>(Action make)).Message

        Assert.Contains("expected derivatives (n_d ≤ 50, 10, 2)", gradient x (dx.moveaxis([| -1L |], [| 1L |])) null null)
        Assert.Contains("validationDerivatives is missing", gradient x dx x null)
        Assert.Contains(
            "2 training simulations cannot give the covariance of 2 summaries an inverse",
            gradient (x.narrow(0, 0, 2L)) (dx.narrow(0, 0, 2L)) null null)
        Assert.Contains("float32 or float64, got Int64", gradient (x.``to``(torch.ScalarType.Int64)) dx null null)
        let broken = x.clone()
        broken[3L, 4L] <- torch.tensor nan
        Assert.Contains("1 value that is not finite, the first at [3, 4]", gradient broken dx null null)
        let width =
            Assert.Throws<ArgumentException>(fun () ->
                NumericalGradientImnn(compressor, optimiser, Gaussian.theta, [| 0.2; -0.2 |], x, dx)
                |> ignore)
        Assert.Contains("expected 2 widths δθ > 0", width.Message)
        let numerical =
            Assert.Throws<ArgumentException>(fun () ->
                NumericalGradientImnn(compressor, optimiser, Gaussian.theta, [| 0.2; 0.2 |], x, dx)
                |> ignore)
        Assert.Contains(
            "expected derivatives (n_d ≥ 1, 2, 2, 10): simulation, below or above, parameter, datum, got (50, 10, 2)",
            numerical.Message)
        let tangent =
            Assert.Throws<ArgumentException>(fun () ->
                SimulatorImnn(Compressor(network), optimiser, Gaussian.theta, GaussianSimulator(), 100, 1UL)
                |> ignore)
        Assert.Contains("[Derive(Variant.Tangent)]", tangent.Message)

    [<Fact>]
    let ``the package's simulations with numerical derivatives train to a validation |F| that rises`` () =
        use _ = torch.NewDisposeScope()
        let load (name: string) =
            let array = Npy.Read(SharedData.path (Path.Combine("imnn", name)))
            torch.tensor(array.ToSingles(), ReadOnlySpan [| for size in array.Shape -> int64 size |])

        let network, compressor, optimiser = Gaussian.compressor 1L 128L 1e-3
        use _ = network
        use _ = optimiser
        let imnn =
            NumericalGradientImnn(
                compressor, optimiser, Gaussian.theta, [| 0.2; 0.2 |],
                load "fiducial_data.npy", load "large_derivative_data.npy",
                load "fiducial_validation_data.npy", load "large_derivative_validation_data.npy")
        let result = imnn.Fit(InformationMaximiser.DefaultOptions |> Gaussian.upTo 120)
        let first = (Array.head (Gaussian.iterations result)).Monitored
        // The whole fit (validation |F| ≥ 45 in at most 1000 iterations) is measured in docs/results.md.
        Assert.True(result.Best > 1.0 && result.Best > 100.0 * first, $"validation |F| from {first} to {result.Best} in 120 iterations")
