namespace Hybrid.PropertyTests.Laws.Models.Inference

open System
open System.Collections.Generic
open Xunit
open FsCheck
open MathNet.Numerics.Distributions
open Hybrid.Data.Statistics
open Hybrid.Models.Inference
open Hybrid.Models.Networks
open Hybrid.PropertyTests
open TorchSharp

/// A problem whose posterior is known: two summaries that scatter about the parameters, which have a wide uniform prior.
[<Collection "torch's generator">]
module PosteriorLaws =

    let private deviations = [| 0.5; 1.0 |]
    let private observed = [| 0.7; -0.4 |]
    let private prior = UniformPrior(struct (-6.0, 6.0), struct (-8.0, 8.0))

    let private simulator =
        SummarySimulator(fun generator theta ->
            let noise = torch.randn(theta.shape, Nullable torch.ScalarType.Float64, generator = generator)
            theta + noise * torch.tensor(deviations))

    /// (S − θ) is normal, and so is (θ | S): the prior is flat there.
    let private exact p value = Normal.CDF(observed[p], deviations[p], value)

    let private fisher = [| [| 1.0 / 0.25; 0.0 |]; [| 0.0; 1.0 |] |]

    let private agrees (name: string) bound (samples: WeightedSamples) =
        for p in 0..1 do
            let away = samples.KolmogorovDistance(p, exact p)
            Assert.True(away < bound, $"{name}: Kolmogorov's distance of parameter {p} from the exact one is {away:F4}, bound {bound}")

    [<Fact>]
    let ``the Gaussian approximation of a Gaussian problem is exact`` () =
        let inverse = [| [| 0.25; 0.0 |]; [| 0.0; 1.0 |] |]
        let approximation = GaussianApproximation(observed, inverse, prior)
        approximation.Sample(4000, 3UL) |> agrees "4000 draws" 0.035
        let marginals = approximation.Marginals 400
        for p in 0..1 do
            for value in [ -1.0; 0.0; 0.5; 1.5 ] do
                Assert.Equal(exact p value, marginals.Single[p].Cumulative value, 2e-3)

    [<Fact>]
    let ``approximate Bayesian computation approaches the exact posterior as ε falls`` () =
        let result =
            ApproximateBayesianComputation.Run(
                observed, prior, simulator, SummaryDistances.Fisher fisher,
                AbcOptions(Tolerances = [| 3.0; 0.3 |], MinAccepted = Nullable 1000, MaxIterations = 50, BatchSize = 10_000, Seed = 4UL))
        Assert.True(result.ReachedMinimum, $"{result.CountAt 0.3} accepted of {result.Simulations}")
        Assert.Equal(result.CountAt 3.0, result.Parameters.Length)
        Assert.True(result.CountAt 0.3 >= 1000)
        result.At 0.3 |> agrees "ε = 0.3" 0.06
        let wide = (result.At 3.0).KolmogorovDistance(0, exact 0)
        Assert.True(wide > 0.1, $"ε = 3 is as wide as the posterior itself, and its distance is {wide:F4}: expected a worse one")

    [<Fact>]
    let ``population Monte Carlo accepts, lowers ε, and agrees with the exact posterior and with rejection`` () =
        let result =
            PopulationMonteCarlo.Run(
                observed, prior, simulator, SummaryDistances.Fisher fisher,
                PmcOptions(Population = 800, Tolerance = Nullable 0.3, LeastAcceptance = 0.005, Seed = 7UL))
        for generation in result.Generations do
            Assert.True(generation.Acceptance > 0.005, $"generation {generation.Number}: {generation.Acceptance:P1} accepted")
        let tolerances = result.Generations |> Seq.map _.Tolerance |> List.ofSeq
        Assert.Equal<float list>(tolerances |> List.sortDescending, tolerances)
        Assert.Equal(0.3, List.last tolerances, 1e-12)
        Assert.True(result.Distances |> Array.forall (fun d -> d <= 0.3), "a member is farther than ε")
        Assert.True(result.Posterior.EffectiveCount > 200.0, $"{result.Posterior.EffectiveCount:F0} draws of equal weight")
        result.Posterior |> agrees "PMC" 0.08
        let rejection =
            ApproximateBayesianComputation.Run(
                observed, prior, simulator, SummaryDistances.Fisher fisher,
                AbcOptions(Tolerances = [| 0.3 |], MinAccepted = Nullable 800, MaxIterations = 50, BatchSize = 10_000, Seed = 8UL))
        let last = Seq.last result.Generations
        Assert.True(
            last.Simulations < rejection.Simulations / 3L,
            $"PMC took {last.Simulations} simulations, rejection {rejection.Simulations}")
        for p in 0..1 do
            let away = result.Posterior.KolmogorovDistance(p, rejection.Posterior())
            Assert.True(away < 0.1, $"parameter {p}: PMC and rejection differ by {away:F4}")

    [<Fact>]
    let ``population Monte Carlo honours a prior that is not flat, and its edges`` () =
        // The posterior of a normal prior N(0, 1) and a datum of deviation 1 is N(x/2, 1/2), cut off at 0.
        let normal = NormalPrior([| 0.0 |], [| 1.0 |], [| struct (0.0, 5.0) |])
        let one =
            SummarySimulator(fun generator theta ->
                theta + torch.randn(theta.shape, Nullable torch.ScalarType.Float64, generator = generator))
        let result =
            PopulationMonteCarlo.Run(
                [| 0.5 |], normal, one, SummaryDistances.Euclidean, PmcOptions(Population = 1500, Tolerance = Nullable 0.15, Seed = 2UL))
        let below = Normal.CDF(0.25, sqrt 0.5, 0.0)
        let exact value = max 0.0 ((Normal.CDF(0.25, sqrt 0.5, value) - below) / (1.0 - below))
        let away = result.Posterior.KolmogorovDistance(0, exact)
        Assert.True(away < 0.06, $"Kolmogorov's distance {away:F4}")

    [<Fact>]
    let ``a seed repeats a computation, another one does not`` () =
        let run seed =
            ApproximateBayesianComputation.Run(
                observed, prior, simulator, SummaryDistances.Euclidean, AbcOptions(Tolerances = [| 1.0 |], BatchSize = 2000, Seed = seed))
        Assert.Equal<float[]>((run 3UL).Distances, (run 3UL).Distances)
        Assert.NotEqual<float[]>((run 3UL).Distances, (run 4UL).Distances)

    [<Fact>]
    let ``nothing accepted says what came closest`` () =
        let result =
            ApproximateBayesianComputation.Run(
                [| 100.0; 0.0 |], prior, simulator, SummaryDistances.Euclidean,
                AbcOptions(Tolerances = [| 200.0; 1.0 |], MinAccepted = Nullable 5, MaxIterations = 2, BatchSize = 100))
        Assert.False result.ReachedMinimum
        let failure = Assert.Throws<InvalidOperationException>(fun () -> result.Posterior() |> ignore)
        Assert.Contains("came closer than ε = 1. The closest was at 9", failure.Message)
        let wrong =
            Assert.Throws<ArgumentException>(fun () ->
                ApproximateBayesianComputation.Run(
                    [| 1.0 |], prior, simulator, SummaryDistances.Euclidean, AbcOptions(Tolerances = [| 1.0 |], BatchSize = 10))
                |> ignore)
        Assert.Contains("expected 1 summary as of the data, the simulator gives 2", wrong.Message)

    let private flow (parameters: int64) seed =
        torch.manual_seed seed |> ignore
        let there, back = new RealNvp(parameters, 3L, 8L), new RealNvpInverse(parameters, 3L, 8L)
        use _ = torch.no_grad ()
        // Away from its start, at which it is a shift.
        for weight in there.parameters () do
            weight.normal_(0.0, 0.4) |> ignore
        back.load_state_dict (there.state_dict () |> Dictionary) |> ignore
        there, back

    [<SeededProperty(MaxTest = 15)>]
    let ``a flow's inverse undoes it, and its scales are the determinant of its derivative`` (seed: uint16) (PositiveInt size) =
        use _ = torch.NewDisposeScope()
        let parameters = 1L + int64 (size % 4)
        let there, back = flow parameters (int64 seed)
        use _ = there
        use _ = back
        let theta = torch.randn([| 5L; parameters |]).requires_grad_ ()
        let given = torch.randn [| 5L; 3L |]
        let masks =
            torch.tensor(
                [| for i in 0..7 do for p in 0 .. int parameters - 1 -> if parameters > 1L && (p + i) % 2 = 0 then 1.0f else 0.0f |],
                ReadOnlySpan [| 8L; parameters |])
        let struct (normal, scales) = there.forward (theta, given, masks)
        let again = back.forward (normal, given, masks)
        Assert.True(torch.allclose(theta, again, 1e-3, 1e-3), $"{parameters} parameters: there and back\n{theta}\n{again}")
        // Row i of the Jacobian of one simulation, by autograd.
        let rows =
            [| for p in 0L .. parameters - 1L ->
                  (torch.autograd.grad ([| normal.select(1L, p).sum() |], [| theta |], retain_graph = true) |> Seq.head) |]
        let jacobian = torch.stack(rows, 1L)
        let struct (sign, log) = torch.linalg.slogdet jacobian
        Assert.True(sign.gt(0.0f.ToScalar()).all().ToBoolean(), "the flow turns space inside out")
        let total = scales.sum [| 1L |]
        Assert.True(torch.allclose(log, total, 1e-3, 2e-3), $"{parameters} parameters: ln |J|\n{log}\n{total}")

    let private exactSampler =
        PosteriorSampler(fun summaries count seed ->
            let random = SeededRandom(int64 (seed % 1_000_000_007UL))
            let draw p =
                let low, high = if p = 0 then -6.0, 6.0 else -8.0, 8.0
                let rec inside () =
                    let value = summaries[p] + deviations[p] * random.NextNormal()
                    if value < low || value > high then inside () else value
                inside ()
            WeightedSamples(Array.init count (fun _ -> [| draw 0; draw 1 |])))

    [<Fact>]
    let ``calibration accepts the exact posterior and refuses one that is too narrow or shifted`` () =
        let calibration = SimulationBasedCalibration.Of(prior, simulator, exactSampler, trials = 400, seed = 5UL)
        for p in 0..1 do
            let one = calibration.Parameters[p]
            Assert.True(one.Probability > 1e-3, $"parameter {p}: χ² {one.ChiSquared:F1}, probability {one.Probability:g3}")
            for point in one.Coverage do
                Assert.True(
                    abs (point.Observed - point.Nominal) < 0.1,
                    $"parameter {p}: {point.Observed:F3} of the truths inside intervals of {point.Nominal}")
        let changed (change: float -> float -> float) =
            PosteriorSampler(fun summaries count seed ->
                let samples = exactSampler.Invoke(summaries, count, seed)
                WeightedSamples(samples.Parameters |> Array.map (fun row -> row |> Array.mapi (fun p v -> change summaries[p] v))))
        for name, sampler in [ "narrow", changed (fun centre v -> centre + 0.5 * (v - centre)); "shifted", changed (fun _ v -> v + 0.4) ] do
            let wrong = SimulationBasedCalibration.Of(prior, simulator, sampler, trials = 400, seed = 5UL)
            Assert.True(wrong.Parameters[0].Probability < 1e-6, $"{name}: probability {wrong.Parameters[0].Probability:g3}")

    [<Fact>]
    let ``a flow learns the posterior of every datum, and calibration finds nothing`` () =
        use posterior =
            NeuralPosterior.Train(
                prior, simulator, NeuralPosteriorOptions(Simulations = 8000, Epochs = 15, Width = 16, LearningRate = 5e-3, Seed = 3UL))
        let samples = posterior.Sample(observed, 3000, 5UL)
        samples |> agrees "the flow" 0.1
        let density = posterior.LogDensity observed
        let expected (theta: float[]) =
            Seq.sum [ for p in 0..1 -> Normal.PDFLn(observed[p], deviations[p], theta[p]) ]
        for theta in [ [| 0.7; -0.4 |]; [| 0.2; 0.4 |]; [| 1.2; -1.0 |] ] do
            let away = abs (density.Invoke(theta) - expected theta)
            Assert.True(away < 0.35, $"ln q at {theta[0]}, {theta[1]} is {density.Invoke(theta):F3}, exact {expected theta:F3}")
        Assert.Equal(Double.NegativeInfinity, density.Invoke [| 7.0; 0.0 |])
        let sampler = PosteriorSampler(fun summaries count seed -> posterior.Sample(summaries, count, seed))
        let calibration = SimulationBasedCalibration.Of(prior, simulator, sampler, trials = 200, draws = 59, bins = 10, seed = 6UL)
        for one in calibration.Parameters do
            Assert.True(one.Probability > 1e-4, $"χ² {one.ChiSquared:F1}, probability {one.Probability:g3}")
