using System;
using Hybrid.Data.Cache;
using Hybrid.Models.Engine;
using Hybrid.Models.Systems.LensFinding;
using Hybrid.Models.Training;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.LensFinding;

/// <summary>./hybrid lens-finding train: one lens finder by one method.</summary>
internal static class Training
{
    /// <param name="method">By which it is trained.</param>
    /// <param name="folder">Where the finder shall stand.</param>
    /// <param name="parts">Opens the images; the test part may be missing.</param>
    /// <param name="images">What they are.</param>
    /// <param name="backbone">Encoder and first weights.</param>
    /// <param name="options">Of the training.</param>
    /// <param name="device">Where to train.</param>
    /// <param name="program">The program.</param>
    public static int Run(
        LensFindingMethod method,
        string folder,
        Func<(Cache Source, Cache Target, Cache? Test)> parts,
        ImageNotes images,
        ChosenBackbone backbone,
        LensFindingOptions options,
        string device,
        CommandProgram program)
    {
        var (source, target, test) = parts();
        using (source)
        using (target)
        using (test)
        {
            program.LoadEngine().Wait();
            var (scores, predictor) = MethodRun.Do(
                method, folder, (source, target, test), images, backbone, options, null, ComputeDevice.Named(device), Progress.Console(),
                program.Stop);
            predictor.Dispose();
            if (scores is null)
            {
                Console.WriteLine($"{folder} has the lens finder; no labelled images of the survey judge it");
                return 0;
            }
            var evaluation = LensEvaluation.Of(scores);
            Console.WriteLine($"{folder} has the lens finder, its scores of the test images and their evaluation");
            Console.WriteLine(FormattableString.Invariant(
                $"AUROC {evaluation.Area}, balanced accuracy {evaluation.BalancedAccuracy:0.000} on {scores.Count} unseen images"));
            return 0;
        }
    }
}
