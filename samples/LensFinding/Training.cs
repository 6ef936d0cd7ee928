using System;
using Hybrid.Models.Engine;
using Hybrid.Models.Systems.LensFinding;
using Hybrid.Models.Training;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.LensFinding;

/// <summary>./hybrid lens-finding train: one lens finder by one method.</summary>
internal static class Training
{
    public static int Run(
        LensFindingMethod method,
        string folder,
        DomainData data,
        DomainNotes notes,
        ChosenBackbone backbone,
        int fold,
        LensFindingOptions options,
        string cacheFolder,
        string device,
        CommandProgram program)
    {
        var (source, target, test) = DomainData.Caches(data.Domains(notes, fold), notes.Preprocessing, cacheFolder, program);
        using (source)
        using (target)
        using (test)
        {
            program.LoadEngine().Wait();
            var (scores, predictor) = MethodRun.Do(
                method, folder, (source, target, test), notes, backbone, options, null, ComputeDevice.Named(device), Progress.Console(),
                program.Stop);
            predictor.Dispose();
            var evaluation = LensEvaluation.Of(scores);
            Console.WriteLine($"{folder} has the lens finder, its scores of the test images and their evaluation");
            Console.WriteLine(FormattableString.Invariant(
                $"AUROC {evaluation.Area}, balanced accuracy {evaluation.BalancedAccuracy:0.000} on {scores.Count} unseen images"));
            return 0;
        }
    }
}
