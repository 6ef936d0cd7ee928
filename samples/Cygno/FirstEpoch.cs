using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hybrid.Data.Figures;
using Hybrid.Data.Formats;
using Hybrid.Models.Training;

namespace Hybrid.Samples.Cygno;

/// <summary>
/// The loss of each batch of the first epoch, as the exercise draws it: kept in first-epoch.csv of the run when that epoch has ended, so
/// that a run which was interrupted draws it too.
/// </summary>
/// <param name="folder">The run's.</param>
/// <param name="shown">Gets every report as well.</param>
internal sealed class FirstEpoch(string folder, IProgress<FitProgress> shown) : IProgress<FitProgress>
{
    private readonly List<double> _losses = [];

    private static string FileOf(string folder) => Path.Combine(folder, "first-epoch.csv");

    public void Report(FitProgress value)
    {
        shown.Report(value);
        if (value.Epoch != 1 || value.Finished is not null || value.Notice is not null) return;
        _losses.Add(value.Loss);
        // With its last batch, before the checkpoint of the epoch: a run that is killed after that does not see these losses again.
        if (value.Batch == value.Batches)
        {
            Catalogue.Write(
                FileOf(folder), ["batch", "loss"],
                [Enumerable.Range(1, _losses.Count).Select(i => (double)i).ToArray(), _losses.ToArray()]);
        }
    }

    /// <summary>Loss against batch, from the file; null where there is none.</summary>
    public static Figure? Draw(string folder)
        => File.Exists(FileOf(folder))
            ? HistoryFigure.Build(
                "The first epoch", "batch", [new HistoryPanel("loss", new Line("training", Catalogue.Read(FileOf(folder)).Reals("loss")))])
            : null;
}
