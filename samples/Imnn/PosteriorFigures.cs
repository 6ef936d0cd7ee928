using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hybrid.Data.Figures;
using Hybrid.Models.Inference;

namespace Hybrid.Samples.Imnn;

/// <summary>corner.png, ranks.png, coverage.png and report.html of ./hybrid imnn posterior, from its numbers.</summary>
internal static class PosteriorFigures
{
    private static readonly Dictionary<string, string> _words = new()
    {
        [PosteriorOptions.Gaussian] = "Gaussian approximation", [PosteriorOptions.Abc] = "approximate Bayesian computation",
        [PosteriorOptions.Pmc] = "population Monte Carlo", [PosteriorOptions.Flow] = "neural posterior",
    };

    public static void Write(
        string output, string[] names, IReadOnlyList<(PosteriorSummary Summary, Marginals Marginals)> found, Marginals? exact,
        double[] masses, double[] truth, SimulationBasedCalibration? calibration, PosteriorReport numbers)
    {
        CornerSeries[] series =
        [
            .. exact is null ? Array.Empty<CornerSeries>() : [Series("analytic", exact, masses)],
            .. found.Select(one => Series(_words[one.Summary.Method], one.Marginals, masses)),
        ];
        var corner = new CornerFigure { Truth = truth }.Build("Posterior", names, series);
        corner.Caption = "Contours hold 68 % and 95 % of each posterior."
            + (truth.Length > 0 ? " Dashed: the parameters at which the data were simulated." : "");
        FigureRenderer.WritePng(corner, Path.Combine(output, "corner.png"));
        var report = new Report("Posterior by an information maximising neural network")
        {
            Subtitle = $"{numbers.Options.Run}, seed {numbers.Options.Seed}, {DateTime.Now:yyyy-MM-dd HH:mm}",
        };
        for (var p = 0; p < names.Length; p++)
            report.AddKeyNumber(names[p], F($"{numbers.Estimate[p]:0.000}"), F($"± {numbers.Errors[p]:0.000}, the network's estimate"));
        report.AddFigure(corner);
        report.AddTable(
            "Medians with 68 % intervals",
            ["", .. names, "draws", "simulations", "seconds", .. exact is null ? [] : names.Select(name => $"distance, {name}")],
            found.Select(one => (string[])
            [
                _words[one.Summary.Method],
                .. names.Select((_, p) => F(
                    $"{one.Summary.Median[p]:0.000} (+{one.Summary.High[p] - one.Summary.Median[p]:0.000} ")
                    + F($"−{one.Summary.Median[p] - one.Summary.Low[p]:0.000})")),
                F($"{one.Summary.Draws}"), F($"{one.Summary.Simulations}"), F($"{one.Summary.Seconds:0.0}"),
                .. (one.Summary.Kolmogorov ?? []).Select(d => F($"{d:0.000}")),
            ]).ToArray());
        if (exact is not null)
            report.AddText(
                "The distances are Kolmogorov's, the largest difference of the cumulative distributions, from the analytic posterior of "
                + "the data themselves. A network whose summaries are not quite sufficient cannot reach 0.");
        if (calibration is not null) Calibration(output, names, calibration, report);
        report.Write(Path.Combine(output, "report.html"));
    }

    private static void Calibration(string output, string[] names, SimulationBasedCalibration calibration, Report report)
    {
        var bins = calibration.Parameters[0].Counts.Length;
        var draws = calibration.Parameters[0].Draws;
        var ranks = new HistogramFigure().Build(
            "Ranks of the truth", "rank", HistogramFigure.Edges(0, draws + 1, bins),
            calibration.Parameters.Select(
                (of, p) => new HistogramPanel(
                    F($"{names[p]}: χ² {of.ChiSquared:0.0}, p {of.Probability:0.00}"),
                    HistogramSeries.OfCounts(names[p], of.Counts, of.Ranks.Length))).ToArray());
        ranks.Caption = "Simulation-based calibration of the neural posterior: flat if it is right.";
        FigureRenderer.WritePng(ranks, Path.Combine(output, "ranks.png"));
        var coverage = new ScatterFigure { Bisector = true }.Build(
            "Coverage", "probability of the central interval", "share of truths inside",
            calibration.Parameters.Select((of, p) => new ScatterSeries(
                names[p], of.Coverage.Select(point => point.Nominal).ToArray(), of.Coverage.Select(point => point.Observed).ToArray()))
                .ToArray());
        FigureRenderer.WritePng(coverage, Path.Combine(output, "coverage.png"));
        report.AddHeading("Calibration");
        report.AddFigure(ranks);
        report.AddFigure(coverage);
    }

    private static CornerSeries Series(string label, Marginals marginals, double[] masses)
    {
        var series = new CornerSeries(
            label, marginals.Single.Select(one => one.Values).ToArray(), marginals.Single.Select(one => one.Density).ToArray());
        foreach (var ((second, first), joint) in marginals.Pairs)
            series.Join(
                first, second, joint.Density,
                HighestDensity.Levels(joint.Density.SelectMany(row => row).ToArray(), masses));
        return series;
    }

    private static string F(FormattableString text) => FormattableString.Invariant(text);
}
