using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Figures;
using Hybrid.Models.Training;
using Hybrid.Models.Systems.Imnn;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.Imnn;

/// <summary>report.html and history.png of a run, from its saved numbers.</summary>
internal static class ImnnReport
{
    public static void Write(RunDirectory run, ImnnRunOptions options, ImnnMetrics metrics, TrainingResult result)
    {
        var figure = History(result.History.Select(ImnnIteration.Of).ToArray(), metrics.Judgement?.Expected);
        FigureRenderer.WritePng(figure, run.PathOf("history.png"));

        var report = new Report("Information maximising neural network")
        {
            Subtitle = $"preset {options.Preset}, seed {options.Seed}, {DateTime.Now:yyyy-MM-dd HH:mm}",
        };
        if (metrics.Judgement is { } judged)
        {
            var unseen = F($"± {judged.Trained.StandardError:0.0} on {judged.Simulations} unseen simulations");
            report.AddKeyNumber("|F| as trained", F($"{judged.Trained.Determinant:0.0}"), unseen);
            if (judged.Readout is { } read)
                report.AddKeyNumber("with read-out", F($"{read.Determinant:0.0}"), "the last layer in closed form");
            report.AddKeyNumber(
                "of the optimum", F($"{100 * judged.Final.OfOptimum:0.0} %"),
                F($"whose |F| is {judged.Optimum:0.0} on the same simulations, {judged.Expected:0} by theory"));
        }
        else
        {
            report.AddKeyNumber("|F|", F($"{metrics.Determinant:0.0}"), "on the validation set");
        }
        report.AddKeyNumber(
            "iterations", F($"{metrics.Iterations}"),
            metrics.Reason == StopReason.Patience ? F($"the largest |F| at {metrics.BestIteration}") : "");
        report.AddKeyNumber("time", F($"{metrics.TrainingSeconds:0.0} s"), Plural.Of(options.Threads, "thread"));
        report.AddFigure(figure);
        report.AddHeading("Fisher information");
        report.AddTable(
            "F and the smallest errors that it allows, √diag F⁻¹",
            ["", .. metrics.Fisher.Select((_, i) => $"θ{Subscript(i + 1)}"), "error ≥"],
            metrics.Fisher.Select((row, i) => (string[])
            [
                $"θ{Subscript(i + 1)}", .. row.Select(value => F($"{value:0.000}")), F($"{metrics.ParameterErrors[i]:0.000}"),
            ]).ToArray());
        if (metrics.Judgement is { } judgement)
        {
            string[] Row(string name, JudgedDeterminant? one) => one is null
                ? [name, "–", "–"]
                : [name, F($"{one.Determinant:0.00} ± {one.StandardError:0.00}"), F($"{100 * one.OfOptimum:0.0} %")];
            report.AddTable(
                F($"|F| on the same {judgement.Simulations} unseen simulations"), ["", "|F|", "of the optimum"],
                [
                    Row("as trained", judgement.Trained), Row("with read-out", judgement.Readout),
                    Row("untrained, with read-out", judgement.Untrained),
                    ["the best summaries", F($"{judgement.Optimum:0.00}"), "100 %"], ["theory", F($"{judgement.Expected:0.00}"), ""],
                ]);
        }
        report.AddText(metrics.Judgement is { } known
            ? F($"No summary can carry more than |F| = {known.Expected:0}. An |F| estimated from 1000 simulations scatters by about 7 % ")
                + "even for a perfect summary, so the curves above overshoot. The read-out computes the last layer from the features; "
                + "the row of the untrained network shows how much of |F| it finds in random ones."
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
