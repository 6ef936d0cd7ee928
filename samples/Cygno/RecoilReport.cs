using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Figures;
using Hybrid.Models.Evaluation;
using Hybrid.Models.Systems.Cygno;
using Hybrid.Models.Training;

namespace Hybrid.Samples.Cygno;

/// <summary>The exercise's figures and what goes beyond them, as PNG and in report.html, from saved numbers.</summary>
internal static class RecoilReport
{
    private const string Unseen = "unseen images";

    public static void Write(
        RunDirectory run, RecoilNotes notes, RecoilEvaluation evaluation, TrainingResult result, RecoilPredictions training, RecoilPredictions validation,
        RecoilPredictions test, double[]? limit, float[] example, double seconds)
    {
        (string Name, Figure Figure)[] figures =
        [
            ("history", History(result)),
            ("response", Response(("training", training), ("validation", validation), (Unseen, test))),
            ("response-by-energy", Response([.. evaluation.Bins.Select(bin => (F($"{bin.FromKeV:0} to {bin.ToKeV:0} keV"), test.Where(i => test.EnergyKeV[i] >= bin.FromKeV && test.EnergyKeV[i] < bin.ToKeV)))])),
            ("roc", Characteristics(evaluation, test, limit)),
            ("energies", new Histogram2DFigure { Bisector = true }.Build("Energies of unseen images", "true energy, keV", "estimate, keV", test.EnergyKeV, test.EstimatedKeV)),
            ("confusion", ConfusionFigure.Build("Called at a response of 0.5", ["electron", "nuclear"], new[,] { { evaluation.TrueElectron, evaluation.FalseNuclear }, { evaluation.FalseElectron, evaluation.TrueNuclear } })),
            ("calibration", new ScatterFigure { Bisector = true }.Build("Calibration of the response", "mean response", "share of nuclear recoils", new ScatterSeries("tenths of the response", [.. evaluation.Calibration.Select(point => point.Nominal)], [.. evaluation.Calibration.Select(point => point.Observed)]))),
            ("image", new ImageGridFigure { Columns = 1, Map = ColourMap.Grey, Low = 0, High = 1, ValueTitle = "60 to 130 ADU" }.Build("A preprocessed image", new ImageTile(example, 128, 128))),
        ];
        FigureRenderer.Draw([.. figures.Select(figure => new FigureJob(figure.Figure) { Png = run.PathOf(figure.Name + ".png") })]);

        var report = new Report("Nuclear and electron recoils") { Subtitle = F($"seed {notes.Training.Seed}, {DateTime.Now:yyyy-MM-dd HH:mm}") };
        report.AddKeyNumber("AUC", F($"{evaluation.Pooled.Area.Auc:0.0000}"), F($"{evaluation.Pooled.Area.Low:0.0000} to {evaluation.Pooled.Area.High:0.0000} (DeLong), {evaluation.Count} {Unseen}"));
        if (evaluation.Limit is { } best) report.AddKeyNumber("at best", F($"{best.Auc:0.0000}"), "the exact likelihood ratio on the same images");
        report.AddKeyNumber("energy error", F($"{evaluation.MeanAbsoluteErrorKeV:0.00} keV"), "mean absolute error");
        report.AddKeyNumber("time", F($"{seconds:0} s"), F($"{notes.Threads} threads, {result.Seconds / Math.Max(1, result.Epochs):0.0} s an epoch"));
        report.AddHeading("Classification");
        report.AddTable("By energy", ["energy", "AUC", "95 % (DeLong)", "rejection at 90 %", "at 99 %"], [.. new[] { evaluation.Pooled }.Concat(evaluation.Bins).Concat(evaluation.Energies).Select(Row)]);
        foreach (var name in (string[])["response", "response-by-energy", "roc", "calibration", "confusion"]) report.AddFigure(Named(name));
        report.AddHeading("Energies");
        report.AddFigure(Named("energies"));
        report.AddTable("Estimates by kind and energy", ["kind", "energy, keV", "images", "bias, keV", "resolution, keV"], [.. evaluation.ByClass.Select(row => (string[])[row.Nuclear ? "nuclear" : "electron", F($"{row.EnergyKeV:0.##}"), $"{row.Count}", F($"{row.BiasKeV:+0.00;-0.00}"), F($"{row.ResolutionKeV:0.00}")])]);
        report.AddHeading("Training");
        report.AddFigure(Named("history"));
        report.AddFigure(Named("image"));
        report.AddText("In this simulation a nuclear recoil of 1 keV leaves almost no light (its yield has a floor), so a network learns that dark images are nuclear. Rejections and areas at 1 keV say so, and nothing of real data.");
        report.AddOptions(
        [
            new("set", notes.Set), new("preprocessing", notes.Preprocessing),
            .. typeof(RecoilTrainingOptions).GetProperties().Where(property => property.CanWrite).Select(property => new KeyValuePair<string, string>(TrainingReport.InWords(property.Name), FormattableString.Invariant($"{property.GetValue(notes.Training)}"))).Where(option => option.Value.Length > 0),
        ]);
        report.Write(run.PathOf("report.html"));

        Figure Named(string name) => figures.First(figure => figure.Name == name).Figure;
    }

    private static string[] Row(RecoilClassification row)
        => [row.FromKeV == row.ToKeV ? F($"{row.FromKeV:0.##} keV") : F($"{row.FromKeV:0.##} to {row.ToKeV:0.##} keV"), F($"{row.Area.Auc:0.0000}"), F($"{row.Area.Low:0.0000} to {row.Area.High:0.0000}"), F($"{row.RejectionAt90:0.0000}"), F($"{row.RejectionAt99:0.0000}")];

    private static Figure History(TrainingResult result) => HistoryFigure.Build("Training", "epoch",
    [
        new HistoryPanel("loss", new Line("training", [.. result.History.Select(epoch => epoch.TrainingLoss)]) { Colour = 1 }, new Line("validation", [.. result.History.Select(epoch => epoch.ValidationLoss ?? double.NaN)]) { Colour = 2 }),
        new HistoryPanel("learning rate", new Line("learning rate", [.. result.History.Select(epoch => epoch.LearningRate)]) { Colour = 3 }),
    ]);

    /// <summary>Fifty bins of the response, a panel for each set, as in the exercise.</summary>
    private static Figure Response(params (string Title, RecoilPredictions Of)[] sets)
        => new HistogramFigure { Density = true, LogY = true, Columns = 3 }.Build(
            "Cygno-SIM", "Classifier response", HistogramFigure.Edges(0, 1, 50),
            [.. sets.Where(set => set.Of.Count > 0).Select(set => new HistogramPanel(set.Title, Series(set.Of, true), Series(set.Of, false)))]);

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
            return new RocCurve(label, [.. points.Select(point => point.FalsePositiveRate)], [.. points.Select(point => point.TruePositiveRate)]) { Auc = area.Auc, AucError = area.StandardError };
        }
    }

    private static string F(FormattableString text) => FormattableString.Invariant(text);
}
