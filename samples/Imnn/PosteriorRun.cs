using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Data.Figures;
using Hybrid.Data.Formats;
using Hybrid.Data.Systems.Imnn;
using Hybrid.Models.Inference;
using Hybrid.Models.Systems.Imnn;
using Hybrid.Models.Training;
using Hybrid.Samples.CommandLine;
using Spectre.Console;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Samples.Imnn;

/// <summary>./hybrid imnn posterior: from a trained run and data to posteriors, their corner plot and their calibration.</summary>
internal static class PosteriorRun
{
    private const int Cells = 100, GaussianDraws = 10_000, FlowDraws = 10_000;
    private static readonly double[] _masses = [0.68, 0.95];

    /// <param name="options">What was asked.</param>
    /// <param name="output">Folder for what comes out.</param>
    /// <param name="drawsFigures">Whether report.html and corner.png are made.</param>
    /// <param name="stop">Ends a method with what it has.</param>
    public static void Run(PosteriorOptions options, string output, bool drawsFigures, CancellationToken stop)
    {
        using var trained = TrainedRun.Open(options.Run);
        var parameters = trained.Fiducial.Length;
        options.Check(parameters);
        var simulator = trained.Options.Data is null ? new GaussianSimulator() : null;
        if (simulator is null && options.Methods.FirstOrDefault(method => method != PosteriorOptions.Gaussian) is { } needs)
            throw new ArgumentException(
                $"--method {needs}: needs a simulator, and {options.Run} was trained on data. Use --method gaussian.");
        var prior = PosteriorOptions.PriorOf(options.Prior);
        var datum = Datum(options, trained, simulator);
        double[] estimate;
        using (NewDisposeScope())
        using (no_grad())
        {
            estimate = trained.Statistics.Estimate(
                trained.Fiducial, trained.Network.forward(tensor(datum).to(ScalarType.Float32).unsqueeze(0)))[0];
        }
        var errors = trained.Statistics.InverseFisher.Select((row, p) => Math.Sqrt(row[p])).ToArray();
        var names = ParameterNames(simulator is not null, parameters);
        AnsiConsole.MarkupLineInterpolated($"[dim]estimate {Listed(estimate, errors)}; errors √diag F⁻¹[/]");

        SummarySimulator summaries = (generator, theta) =>
            trained.Statistics.EstimateTensor(trained.Fiducial, trained.Network.forward(simulator!.SimulateAt(generator, theta)));
        var exact = simulator is null
            ? null
            : Marginals.Of(
                theta => prior.LogDensity(theta) + new GaussianProblem(datum.Length).LogLikelihood(datum, theta[0], theta[1]),
                prior.Range, 2 * Cells);

        var found = new List<(PosteriorSummary Summary, WeightedSamples Samples, Marginals Marginals)>();
        SimulationBasedCalibration? calibration = null;
        Directory.CreateDirectory(output);
        foreach (var method in options.Methods)
        {
            stop.ThrowIfCancellationRequested();
            var clock = Stopwatch.StartNew();
            var (samples, marginals, simulations, note) = method switch
            {
                PosteriorOptions.Gaussian => Gaussian(),
                PosteriorOptions.Abc => Abc(),
                PosteriorOptions.Pmc => Pmc(),
                _ => Flow(),
            };
            var summary = Summary(method, samples, simulations, clock.Elapsed.TotalSeconds, exact, note);
            found.Add((summary, samples, marginals));
            Catalogue.Write(
                Path.Combine(output, $"samples-{method}.csv"), [.. Columns(parameters), "weight"],
                [.. Enumerable.Range(0, parameters).Select(p => samples.Parameters.Select(row => row[p]).ToArray()), samples.Weights]);
            Console.WriteLine(Line(summary, names));
        }

        var report = new PosteriorReport(
            options, estimate, errors, found.Select(one => one.Summary).ToArray(),
            calibration?.Parameters.Select(of => new CalibrationSummary(of.ChiSquared, of.Probability)).ToArray());
        WriteJson(Path.Combine(output, "posterior.json"), report);
        if (drawsFigures)
            PosteriorFigures.Write(
                output, names, found.Select(one => (one.Summary, one.Marginals)).ToArray(), exact, _masses,
                options.Data is null ? trained.Fiducial : [], calibration, report);
        AnsiConsole.MarkupLineInterpolated(
            $"[dim]{output} has posterior.json, samples{(drawsFigures ? ", report.html and corner.png" : "")}[/]");

        (WeightedSamples, Marginals, long, string) Gaussian()
        {
            var approximation = new GaussianApproximation(estimate, trained.Statistics.InverseFisher, prior);
            return (approximation.Sample(GaussianDraws, (ulong)options.Seed), approximation.Marginals(Cells), 0, "");
        }

        (WeightedSamples, Marginals, long, string) Abc()
        {
            var result = ApproximateBayesianComputation.Run(
                estimate, prior, summaries, SummaryDistances.Fisher(trained.Statistics.Fisher),
                new AbcOptions
                {
                    Tolerances = options.Tolerances, MinAccepted = options.Accepted, MaxIterations = 100, BatchSize = 10_000,
                    Seed = (ulong)options.Seed,
                },
                new Reported<AbcProgress>(
                    step => $"abc: {step.Accepted} accepted of {Plural.Of(step.Simulations, "simulation")}"), stop);
            foreach (var tolerance in options.Tolerances.OrderDescending())
                AnsiConsole.MarkupLineInterpolated($"[dim]abc: {result.CountAt(tolerance)} closer than ε = {tolerance}[/]");
            var posterior = result.Posterior();
            return (
                posterior, Smooth(posterior, prior), result.Simulations,
                result.ReachedMinimum ? "" : $"{posterior.Count} of {options.Accepted} draws wanted were accepted");
        }

        (WeightedSamples, Marginals, long, string) Pmc()
        {
            var result = PopulationMonteCarlo.Run(
                estimate, prior, summaries, SummaryDistances.Fisher(trained.Statistics.Fisher),
                new PmcOptions
                {
                    Population = options.Accepted, Tolerance = options.Tolerances.Min(), LeastAcceptance = 0.002,
                    Seed = (ulong)options.Seed,
                },
                new Reported<PmcGeneration>(step => FormattableString.Invariant(
                    $"pmc: generation {step.Number}, ε {step.Tolerance:g3}, {100 * step.Acceptance:0.0} % accepted")), stop);
            var last = result.Generations[^1];
            return (
                result.Posterior, Smooth(result.Posterior, prior), last.Simulations,
                last.Tolerance <= options.Tolerances.Min()
                    ? ""
                    : FormattableString.Invariant($"ended at ε = {last.Tolerance:g3}, where few proposals were accepted"));
        }

        (WeightedSamples, Marginals, long, string) Flow()
        {
            using var flow = NeuralPosterior.Train(
                prior, summaries, new NeuralPosteriorOptions { Simulations = options.Simulations, Seed = (ulong)options.Seed },
                new Reported<FitProgress>(step => step.Finished is { } epoch && epoch.Epoch % 5 == 0
                    ? FormattableString.Invariant($"flow: epoch {epoch.Epoch}, −ln q {epoch.Best:0.000}")
                    : null), stop);
            if (options.Trials > 0)
            {
                AnsiConsole.MarkupLineInterpolated($"[dim]flow: calibration by {Plural.Of(options.Trials, "simulation")}[/]");
                calibration = SimulationBasedCalibration.Of(
                    prior, summaries, flow.Sample, options.Trials, seed: Seeds.Derive((ulong)options.Seed, "calibration"),
                    cancellation: stop);
            }
            var samples = flow.Sample(estimate, FlowDraws, (ulong)options.Seed);
            return (samples, Smooth(samples, prior), options.Simulations, "");
        }
    }

    private static double[] Datum(PosteriorOptions options, TrainedRun trained, GaussianSimulator? simulator)
    {
        var size = trained.Options.Inputs;
        if (options.Data is null)
        {
            if (simulator is null)
                throw new ArgumentException($"posterior: expected an npy file of data, since {options.Run} has no simulator of its own.");
            using var scope = NewDisposeScope();
            using var generator = new Generator(Seeds.Derive((ulong)options.Seed, "observed"));
            return simulator.Simulate(generator, trained.Fiducial, 1).Data.to(ScalarType.Float64).data<double>().ToArray();
        }
        var array = Npy.Read(options.Data);
        if (array.Rank is not (1 or 2) || array.Shape[^1] != size)
            throw new InvalidDataException(
                $"{options.Data}: expected ({size}) or (n, {size}) as the network of {options.Run} takes, "
                + $"got ({string.Join(", ", array.Shape)}).");
        var rows = array.Rank == 1 ? 1 : array.Shape[0];
        if (options.Datum >= rows)
            throw new ArgumentException($"--datum: expected one of the {rows} rows of {options.Data}, from 0, got {options.Datum}.");
        return array.ToDoubles()[(options.Datum * size)..((options.Datum + 1) * size)];
    }

    private static PosteriorSummary Summary(
        string method, WeightedSamples samples, long simulations, double seconds, Marginals? exact, string note)
    {
        var covariance = samples.Covariance();
        double[] Each(Func<int, double> of) => Enumerable.Range(0, samples.Dimension).Select(of).ToArray();
        return new PosteriorSummary(
            method, samples.Mean(), Each(p => Math.Sqrt(covariance[p][p])), Each(p => samples.Quantile(p, 0.5)),
            Each(p => samples.Quantile(p, 0.16)), Each(p => samples.Quantile(p, 0.84)), samples.Count, simulations, seconds,
            exact is null ? null : Each(p => samples.KolmogorovDistance(p, exact.Single[p].Cumulative)), note);
    }

    // Scott's rule for two parameters, h = σ n^(−1/6), by the narrower one, in cells.
    private static Marginals Smooth(WeightedSamples samples, IPrior prior)
    {
        var covariance = samples.Covariance();
        var narrowest = prior.Range.Select((side, p) => Math.Sqrt(covariance[p][p]) / (side.High - side.Low) * Cells).Min();
        return Marginals.Of(samples, prior.Range, Cells, narrowest * Math.Pow(samples.EffectiveCount, -1.0 / 6));
    }

    private static string[] Columns(int parameters) => Enumerable.Range(1, parameters).Select(number => $"theta{number}").ToArray();

    private static string[] ParameterNames(bool isWorked, int parameters)
        => isWorked ? ["mean μ", "variance Σ"] : Columns(parameters);

    private static string Listed(double[] values, double[] errors)
        => string.Join(", ", values.Select((value, p) => FormattableString.Invariant($"{value:0.000} ± {errors[p]:0.000}")));

    private static string Line(PosteriorSummary one, string[] names)
    {
        var parts = names.Select((name, p) => FormattableString.Invariant(
            $"{name} {one.Median[p]:0.000} (+{one.High[p] - one.Median[p]:0.000} −{one.Median[p] - one.Low[p]:0.000})"));
        var away = one.Kolmogorov is null
            ? ""
            : $"; from the analytic posterior {string.Join(", ", one.Kolmogorov.Select(d => FormattableString.Invariant($"{d:0.000}")))}";
        var note = one.Note.Length == 0 ? "" : $"; {one.Note}";
        var drawn = $"{Plural.Of(one.Draws, "draw")} of {Plural.Of(one.Simulations, "simulation")}";
        return FormattableString.Invariant($"{one.Method,-8} {string.Join(", ", parts)}; {drawn}, {one.Seconds:0.0} s")
            + away + note;
    }

    private static void WriteJson(string path, PosteriorReport report)
    {
        using var run = RunDirectory.Continue(Path.GetDirectoryName(Path.GetFullPath(path))!);
        run.Write(Path.GetFileName(path), report);
    }

    /// <summary>Progress as dim lines; null: none.</summary>
    private sealed class Reported<T>(Func<T, string?> text) : IProgress<T>
    {
        public void Report(T value)
        {
            if (text(value) is { } line) AnsiConsole.MarkupLineInterpolated($"[dim]{line}[/]");
        }
    }
}
