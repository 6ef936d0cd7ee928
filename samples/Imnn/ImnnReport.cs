using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Figures;
using Hybrid.Models.Training;
using Hybrid.Models.Systems.Imnn;

namespace Hybrid.Samples.Imnn;

/// <summary>report.html and history.png of a run, from its saved numbers.</summary>
internal static class ImnnReport
{
    public static void Write(RunDirectory run, ImnnRunOptions options, ImnnMetrics metrics, TrainingResult result)
    {
        var figure = History(result.History.Select(ImnnIteration.Of).ToArray(), metrics.Expected);
        FigureRenderer.WritePng(figure, run.PathOf("history.png"));

        var report = new Report("Information maximising neural network")
        {
            Subtitle = $"preset {options.Preset}, seed {options.Seed}, {DateTime.Now:yyyy-MM-dd HH:mm}",
        };
        report.AddKeyNumber("|F|", F($"{metrics.Determinant:0.0}"), metrics.StandardError is { } error
            ? F($"± {error:0.0} on {metrics.Simulations} unseen simulations")
            : "on the validation set");
        if (metrics.Expected is { } expected)
            report.AddKeyNumber(
                "of theory's", F($"{100 * metrics.Determinant / expected:0} %"), F($"|F| = {expected:0} for the data themselves"));
        report.AddKeyNumber(
            "iterations", F($"{metrics.Iterations}"),
            metrics.Reason == StopReason.Patience ? F($"the largest |F| at {metrics.BestIteration}") : "");
        report.AddKeyNumber("time", F($"{metrics.TrainingSeconds:0.0} s"), F($"{options.Threads} threads"));
        report.AddFigure(figure);
        report.AddHeading("Fisher information");
        report.AddTable(
            "F and the smallest errors that it allows, √diag F⁻¹",
            ["", .. metrics.Fisher.Select((_, i) => $"θ{Subscript(i + 1)}"), "error ≥"],
            metrics.Fisher.Select((row, i) => (string[])
            [
                $"θ{Subscript(i + 1)}", .. row.Select(value => F($"{value:0.000}")), F($"{metrics.ParameterErrors[i]:0.000}"),
            ]).ToArray());
        report.AddText(metrics.Expected is { } exact
            ? F($"No summary can carry more than |F| = {exact:0}. An |F| estimated from 1000 simulations scatters by about 7 % ")
                + "even for a perfect summary, so the curves above overshoot; "
                + F($"the result is judged on {metrics.Simulations} simulations that training never saw.")
            : "A training |F| that rises far above the validation |F| is an overfit: the network has learnt its simulations by heart. "
                + "Use more of them, or SimulatorImnn.");
        report.AddOptions(typeof(ImnnRunOptions).GetProperties()
            .Select(property => new KeyValuePair<string, string>(
                TrainingReport.InWords(property.Name), FormattableString.Invariant($"{property.GetValue(options)}")))
            .Where(option => option.Value.Length > 0));
        report.Write(run.PathOf("report.html"));
    }

    /// <summary>The original's three panels over iterations: |F| with theory's value, |C| and |C⁻¹|, Λ₂ with r on a second axis.</summary>
    private static Figure History(IReadOnlyList<ImnnIteration> iterations, double? expected)
    {
        var hasValidation = iterations.Count > 0 && iterations[0].Validation is not null;
        double[] Training(Func<ImnnPoint, double> of) => iterations.Select(i => of(i.Training)).ToArray();
        double[] Validation(Func<ImnnPoint, double> of) => iterations.Select(i => of(i.Validation!.Value)).ToArray();
        Line[] Lines(params (string Name, Func<ImnnPoint, double> Of, bool OnRight)[] quantities)
            => quantities.SelectMany((quantity, index) => (Line[])
            [
                Curve(
                    hasValidation ? $"{quantity.Name} training" : quantity.Name,
                    Training(quantity.Of), index, quantity.OnRight, LineDash.Solid),
                .. hasValidation
                    ? (Line[])[Curve($"{quantity.Name} validation", Validation(quantity.Of), index, quantity.OnRight, LineDash.Dotted)]
                    : [],
            ]).ToArray();
        return HistoryFigure.Build("Training", "iteration",
        [
            new HistoryPanel("|F|", Lines(("|F|", p => p.DetF, false)))
            {
                Reference = expected ?? double.NaN,
                ReferenceLabel = expected is { } e ? F($"theory {e:0}") : "",
            },
            new HistoryPanel(
                "|C|, |C⁻¹|", Lines(("|C|", p => p.DetC, false), ("|C⁻¹|", p => p.DetInverseC, false))) { LogY = true, Reference = 1 },
            new HistoryPanel("Λ₂", Lines(("Λ₂", p => p.Distance, false), ("r", p => p.Strength, true))) { RightTitle = "r", LogY = true },
        ]);
    }

    // Of thousands of iterations, the median and a band of stretches.
    private static Line Curve(string label, double[] values, int place, bool isOnRight, LineDash dash)
    {
        var line = CurveBand.Of(label, values);
        (line.Colour, line.OnRight, line.Dash) = (place + 1, isOnRight, dash);
        return line;
    }

    private static string F(FormattableString text) => FormattableString.Invariant(text);

    private static string Subscript(int number) => string.Concat(number.ToString().Select(digit => (char)('₀' + (digit - '0'))));
}
