using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Figures;
using Hybrid.Models.Evaluation;
using Hybrid.Models.Systems.Cygno;
using Hybrid.Models.Training;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.Cygno;

/// <summary>The exercise's figures and what goes beyond them, as PNG and in report.html, from saved numbers.</summary>
internal static class RecoilReport
{
    private const string Unseen = "unseen images";

    public static void Write(
        RunDirectory run,
        RecoilNotes notes,
        RecoilEvaluation evaluation,
        TrainingResult result,
        RecoilPredictions training,
        RecoilPredictions validation,
        RecoilPredictions test,
        double[]? limit,
        float[] example,
        double seconds)
    {
        var first = FirstEpoch.Draw(run.Folder);
        (string Name, Figure Figure)[] figures =
        [
            ("history", History(result)),
            .. first is null ? [] : new[] { ("first-epoch", first) },
            ("response", Response(("training", training), ("validation", validation), (Unseen, test))),
            ("response-by-energy", ResponseByEnergy(evaluation, test)),
            ("roc", Characteristics(evaluation, test, limit)),
            ("energies", Estimates(test)),
            ("confusion", Confusion(evaluation)),
            ("calibration", Calibration(evaluation)),
            ("image", Preprocessed(example)),
        ];
        FigureRenderer.Draw([.. figures.Select(figure => new FigureJob(figure.Figure) { Png = run.PathOf(figure.Name + ".png") })]);

        var report = new Report("Nuclear and electron recoils")
        {
            Subtitle = F($"seed {notes.Training.Seed}, {DateTime.Now:yyyy-MM-dd HH:mm}"),
        };
        var area = evaluation.Pooled.Area;
        report.AddKeyNumber(
            "AUC",
            F($"{area.Auc:0.0000}"),
            F($"{area.Low:0.0000} to {area.High:0.0000} (DeLong), {evaluation.Count} {Unseen}"));
        if (evaluation.Limit is { } best)
            report.AddKeyNumber("at best", F($"{best.Auc:0.0000}"), "the exact likelihood ratio on the same images");
        report.AddKeyNumber("energy error", F($"{evaluation.MeanAbsoluteErrorKeV:0.00} keV"), "mean absolute error");
        var perEpoch = result.Seconds / Math.Max(1, result.Epochs);
        report.AddKeyNumber("time", F($"{seconds:0} s"), F($"{Plural.Of(notes.Threads, "thread")}, {perEpoch:0.0} s an epoch"));
        report.AddHeading("Classification");
        var classifications = new[] { evaluation.Pooled }.Concat(evaluation.Bins).Concat(evaluation.Energies);
        report.AddTable(
            "By energy",
            ["energy", "AUC", "95 % (DeLong)", "rejection at 90 %", "at 99 %"],
            [.. classifications.Select(Row)]);
        foreach (var name in (string[])["response", "response-by-energy", "roc", "calibration", "confusion"]) report.AddFigure(Named(name));
        report.AddHeading("Energies");
        report.AddFigure(Named("energies"));
        report.AddTable(
            "Estimates by kind and energy",
            ["kind", "energy, keV", "images", "bias, keV (95 %)", "resolution, keV (95 %)"],
            [.. evaluation.ByClass.Select(EstimateRow)]);
        report.AddText(
            F($"Read off the light alone, without the list of energies, the mean absolute error is {evaluation.RegressionErrorKeV:0.00} ")
                + F($"keV; {100 * evaluation.RegressionCoverage:0} % of the truths lie within one expected error of it ")
                + "(68 % for normal errors).");
        if (evaluation.Resolution is { } resolution)
        {
            report.AddTable(
                "Single energies, and the smallest standard deviation of an unbiased estimate (Cramér and Rao)",
                ["kind", "energy, keV", "images", "bias, keV (95 %)", "resolution, keV (95 %)", "bound, keV", "factor"],
                [.. resolution.Select(ResolutionRow)]);
        }
        report.AddHeading("Training");
        report.AddFigure(Named("history"));
        if (first is not null) report.AddFigure(first);
        report.AddFigure(Named("image"));
        report.AddText(
            "In this simulation a nuclear recoil of 1 keV leaves almost no light (its yield has a floor), "
                + "so a network learns that dark images are nuclear. "
                + "Rejections and areas at 1 keV say so, and nothing of real data.");
        report.AddOptions([new("set", notes.Set), new("preprocessing", notes.Preprocessing), .. OptionsOf(notes.Training)]);
        report.Write(run.PathOf("report.html"));

        Figure Named(string name) => figures.First(figure => figure.Name == name).Figure;
    }

    private static string[] Row(RecoilClassification row)
    {
        var isSingle = row.FromKeV == row.ToKeV;
        return
        [
            isSingle ? F($"{row.FromKeV:0.##} keV") : F($"{row.FromKeV:0.##} to {row.ToKeV:0.##} keV"),
            F($"{row.Area.Auc:0.0000}"),
            F($"{row.Area.Low:0.0000} to {row.Area.High:0.0000}"),
            F($"{row.RejectionAt90:0.0000}"),
            F($"{row.RejectionAt99:0.0000}"),
        ];
    }

    private static string[] EstimateRow(RecoilEnergies row)
        =>
        [
            row.Nuclear ? "nuclear" : "electron",
            F($"{row.EnergyKeV:0.##}"),
            $"{row.Count}",
            F($"{row.BiasKeV.Value:+0.00;-0.00} ({row.BiasKeV.Low:+0.00;-0.00} to {row.BiasKeV.High:+0.00;-0.00})"),
            F($"{row.ResolutionKeV.Value:0.00} ({row.ResolutionKeV.Low:0.00} to {row.ResolutionKeV.High:0.00})"),
        ];

    private static string[] ResolutionRow(RecoilEnergies row)
        => [.. EstimateRow(row), F($"{row.BoundKeV:0.00}"), F($"{row.ResolutionKeV.Value / row.BoundKeV:0.00}")];

    /// <summary>Every option that has a value, named in words.</summary>
    private static IEnumerable<KeyValuePair<string, string>> OptionsOf(RecoilTrainingOptions options)
        => typeof(RecoilTrainingOptions).GetProperties()
            .Where(property => property.CanWrite)
            .Select(property => new KeyValuePair<string, string>(
                TrainingReport.InWords(property.Name), F($"{property.GetValue(options)}")))
            .Where(option => option.Value.Length > 0);

    private static Figure History(TrainingResult result)
    {
        var epochs = result.History;
        var training = new Line("training", [.. epochs.Select(epoch => epoch.TrainingLoss)]) { Colour = 1 };
        var validation = new Line("validation", [.. epochs.Select(epoch => epoch.ValidationLoss ?? double.NaN)]) { Colour = 2 };
        var rate = new Line("learning rate", [.. epochs.Select(epoch => epoch.LearningRate)]) { Colour = 3 };
        return HistoryFigure.Build(
            "Training",
            "epoch",
            [new HistoryPanel("loss", training, validation), new HistoryPanel("learning rate", rate)]);
    }

    /// <summary>Fifty bins of the response, a panel for each set, as in the exercise.</summary>
    private static Figure Response(params (string Title, RecoilPredictions Of)[] sets)
        => new HistogramFigure { Density = true, LogY = true, Columns = 3 }.Build(
            "Cygno-SIM", "Classifier response", HistogramFigure.Edges(0, 1, 50),
            [.. sets
                .Where(set => set.Of.Count > 0)
                .Select(set => new HistogramPanel(set.Title, Series(set.Of, true), Series(set.Of, false)))]);

    private static Figure ResponseByEnergy(RecoilEvaluation evaluation, RecoilPredictions test)
        => Response([.. evaluation.Bins.Select(bin => (
            F($"{bin.FromKeV:0} to {bin.ToKeV:0} keV"),
            test.Where(i => test.EnergyKeV[i] >= bin.FromKeV && test.EnergyKeV[i] < bin.ToKeV)))]);

    private static HistogramSeries Series(RecoilPredictions of, bool nuclear)
        => new(nuclear ? "nuclear recoils" : "electron recoils", [.. of.Response.Where((_, i) => of.Nuclear[i] == nuclear)]);

    private static Figure Characteristics(RecoilEvaluation evaluation, RecoilPredictions test, double[]? limit)
    {
        var curves = new List<RocCurve> { Curve("network", test.Score, test.Nuclear, evaluation.Pooled.Area) };
        if (limit is not null) curves.Add(Curve("likelihood ratio", limit, test.Nuclear, evaluation.Limit!));
        return new RocFigure { Axes = RocAxes.EfficiencyRejection }.Build("Unseen images", [.. curves]);

        static RocCurve Curve(string label, double[] scores, bool[] nuclear, RocArea area)
        {
            var points = Roc.Curve(scores, nuclear);
            var (low, high) = Roc.Band(scores, nuclear);
            return new RocCurve(
                label,
                [.. points.Select(point => point.FalsePositiveRate)],
                [.. points.Select(point => point.TruePositiveRate)])
            {
                Auc = area.Auc, AucError = area.StandardError, Lower = low, Upper = high,
            };
        }
    }

    private static Figure Estimates(RecoilPredictions test)
        => new Histogram2DFigure { Bisector = true }.Build(
            "Energies of unseen images", "true energy, keV", "estimate, keV", test.EnergyKeV, test.EstimatedKeV);

    private static Figure Confusion(RecoilEvaluation evaluation)
    {
        var counts = new[,]
        {
            { evaluation.TrueElectron, evaluation.FalseNuclear },
            { evaluation.FalseElectron, evaluation.TrueNuclear },
        };
        return ConfusionFigure.Build("Called at a response of 0.5", ["electron", "nuclear"], counts);
    }

    private static Figure Calibration(RecoilEvaluation evaluation)
    {
        var points = evaluation.Calibration;
        var tenths = new ScatterSeries(
            "tenths of the response",
            [.. points.Select(point => point.Nominal)],
            [.. points.Select(point => point.Observed)]);
        return new ScatterFigure { Bisector = true }.Build(
            "Calibration of the response", "mean response", "share of nuclear recoils", tenths);
    }

    private static Figure Preprocessed(float[] example)
    {
        var grid = new ImageGridFigure { Columns = 1, Map = ColourMap.Grey, Low = 0, High = 1, ValueTitle = "60 to 130 ADU" };
        return grid.Build("A preprocessed image", new ImageTile(example, 128, 128));
    }

    private static string F(FormattableString text) => FormattableString.Invariant(text);
}
