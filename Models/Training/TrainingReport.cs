using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Hybrid.Data.Figures;
using Hybrid.Data.Formats;

namespace Hybrid.Models.Training;

/// <summary>Pages, figures and tables of any <see cref="TrainingResult"/>, from its saved numbers.</summary>
public static class TrainingReport
{
    /// <summary>Writes one page of a fit: what was reached, its curves, its options.</summary>
    /// <param name="result">The fit's.</param>
    /// <param name="path">The HTML file; replaced when the new one is complete.</param>
    /// <param name="title">Of the page.</param>
    /// <param name="options">What was chosen, in words: name and value.</param>
    public static void WriteReport(
        this TrainingResult result, string path, string title = "Training", IEnumerable<KeyValuePair<string, string>>? options = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        var report = new Report(title) { Subtitle = result.ToString() };
        report.AddKeyNumber($"best {result.Monitor}", Number(result.Best), result.BestEpoch > 0 ? $"at epoch {result.BestEpoch}" : "");
        report.AddKeyNumber("epochs", $"{result.Epochs}", Ending(result.Reason));
        report.AddKeyNumber("steps", result.Steps.ToString(CultureInfo.InvariantCulture), "");
        report.AddKeyNumber("time", FormattableString.Invariant($"{result.Seconds:0.0} s"), "");
        if (result.History.Count > 0) report.AddFigure(result.Figure());
        if (result.History.LastOrDefault()?.Profile is { } profile) report.AddText($"The last epoch took {profile}.");
        if (options is not null) report.AddOptions(options);
        report.Write(path);
    }

    /// <summary>Losses, metrics and learning rate over epochs.</summary>
    public static Figure Figure(this TrainingResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        double[] Of(Func<EpochRecord, double> value) => result.History.Select(value).ToArray();
        var losses = new List<Line> { CurveBand.Of("training", Of(record => record.TrainingLoss)) };
        if (result.History.Any(record => record.ValidationLoss is not null))
            losses.Add(CurveBand.Of("validation", Of(record => record.ValidationLoss ?? double.NaN)));
        var panels = new List<HistoryPanel> { new("loss", losses.ToArray()) };
        foreach (var name in result.History.SelectMany(record => record.Metrics?.Keys ?? []).Distinct())
        {
            double Metric(EpochRecord record)
                => record.Metrics is { } metrics && metrics.TryGetValue(name, out var value) ? value : double.NaN;
            panels.Add(new HistoryPanel(name, CurveBand.Of(name, Of(Metric))));
        }
        panels.Add(
            new HistoryPanel("learning rate", new Line("learning rate", Of(record => record.LearningRate))) { LogY = true, Height = 100 });
        return HistoryFigure.Build("Training", "epoch", panels.ToArray());
    }

    /// <summary>A row an epoch, for spreadsheets: numbers with a point, an empty cell where there is none.</summary>
    public static void WriteCsv(this TrainingResult result, string path)
    {
        ArgumentNullException.ThrowIfNull(result);
        var metrics = result.History.SelectMany(record => record.Metrics?.Keys ?? []).Distinct().ToArray();
        var text = new StringBuilder();
        string[] header =
            ["epoch", "steps", "learning rate", "training loss", "validation loss", .. metrics.Select(Cell), "best", "seconds"];
        text.AppendJoin(',', header).Append('\n');
        foreach (var record in result.History)
        {
            text.AppendJoin(',', (string[])
            [
                $"{record.Epoch}", record.Steps.ToString(CultureInfo.InvariantCulture), Exact(record.LearningRate),
                Exact(record.TrainingLoss), Exact(record.ValidationLoss),
                .. metrics.Select(name => Exact(record.Metrics is { } all && all.TryGetValue(name, out var value) ? value : null)),
                record.IsBest ? "1" : "0", Exact(record.Seconds),
            ]).Append('\n');
        }
        WholeFile.WriteText(path, text.ToString());
    }

    /// <summary>A property's name as a reader says it: <c>LearningRate</c> is "learning rate".</summary>
    public static string InWords(string property)
    {
        ArgumentNullException.ThrowIfNull(property);
        return string.Concat(property.Select((letter, place) =>
            char.IsUpper(letter) ? $"{(place > 0 ? " " : "")}{char.ToLowerInvariant(letter)}" : $"{letter}"));
    }

    internal static string Ending(StopReason reason) => reason switch
    {
        StopReason.Patience => "patience ran out",
        StopReason.Cancelled => "cancelled",
        StopReason.Requested => "a callback stopped it",
        _ => "all epochs or steps done",
    };

    private static string Number(double value) => value.ToString("g4", CultureInfo.InvariantCulture);

    private static string Exact(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    private static string Cell(string name)
        => name.AsSpan().IndexOfAny(",\"\n\r") >= 0 ? $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : name;
}
