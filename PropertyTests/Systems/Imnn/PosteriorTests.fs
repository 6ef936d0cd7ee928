namespace Hybrid.PropertyTests.Systems.Imnn

open System
open Hybrid.Data.Systems.Imnn
open Hybrid.Models.Inference
open Hybrid.Models.Systems.Imnn
open TorchSharp
open Xunit

/// From data to a posterior on the worked problem, whose likelihood is known.
[<Collection "torch's generator">]
module PosteriorTests =

    [<Fact>]
    let ``posteriors by sufficient summaries approach the analytic one`` () =
        use _ = torch.NewDisposeScope()
        // The exact summaries stand for a network that is trained to the end.
        let simulator = GaussianSimulator()
        use generator = new torch.Generator 3UL
        let struct (x, dx) = simulator.Simulate(generator, Gaussian.theta, 20_000)
        let struct (sums, along) = GaussianSimulator.Optimum(x, dx)
        let statistics = FisherStatistics.Of(sums, along.mean([| 1L |]))
        let estimate (data: torch.Tensor) =
            let struct (summaries, _) = GaussianSimulator.Optimum(data, torch.zeros(2L, data.size 0, 10L))
            statistics.EstimateTensor(Gaussian.theta, summaries)
        let summaries = SummarySimulator(fun g theta -> estimate (simulator.SimulateAt(g, theta)))
        let observed = x.narrow(0L, 0L, 1L)
        let data = [| for v in observed.data<float32>().ToArray() -> float v |]
        let found = (estimate observed).data<float>().ToArray()
        let prior = UniformPrior(struct (-2.0, 2.0), struct (0.1, 5.0))
        let exact =
            Marginals.Of((fun t -> GaussianProblem(10).LogLikelihood(ReadOnlySpan data, t[0], t[1])), prior.Range, 200)
        let judge name bound (samples: WeightedSamples) =
            for p in 0..1 do
                let away = samples.KolmogorovDistance(p, exact.Single[p].Cumulative)
                Assert.True(away < bound, $"{name}, parameter {p}: Kolmogorov's distance {away:F4} from the analytic posterior")
        let distance = SummaryDistances.Fisher statistics.Fisher
        let abc =
            ApproximateBayesianComputation.Run(
                found, prior, summaries, distance,
                AbcOptions(Tolerances = [| 0.4 |], MinAccepted = Nullable 700, MaxIterations = 40, BatchSize = 20_000, Seed = 5UL))
        abc.Posterior() |> judge $"ABC, {abc.Simulations} simulations" 0.08
        let pmc =
            PopulationMonteCarlo.Run(
                found, prior, summaries, distance,
                PmcOptions(Population = 700, Tolerance = Nullable 0.4, LeastAcceptance = 0.002, Seed = 6UL))
        pmc.Posterior |> judge "population Monte Carlo" 0.1
        Assert.True((Seq.last pmc.Generations).Acceptance > 0.0)
