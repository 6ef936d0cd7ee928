using System;
using System.Linq;
using Hybrid.Data.Systems.EinsteinRadius;
using Hybrid.Models.Engine;
using Hybrid.Models.Systems.EinsteinRadius;
using Hybrid.Models.Training;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.EinsteinRadius;

/// <summary>./hybrid einstein-radius train: one estimator by one technique.</summary>
internal static class Training
{
    public static int Run(
        RadiusTechniqueFacts facts,
        string folder,
        RadiusData data,
        RadiusNotes notes,
        int fold,
        string network,
        RadiusOptions options,
        string cacheFolder,
        string device,
        CommandProgram program)
    {
        using var caches = new RadiusCaches(data.Domains(notes, fold), cacheFolder, program);
        var set = facts.IsInjected ? RadiusPart.Injection : RadiusData.SetNamed(notes.Set);
        var preprocessing = facts.Technique == RadiusTechnique.Raw ? "raw" : notes.Preprocessing;
        Console.WriteLine(caches.RequireNoLeak(preprocessing, [set]));
        program.LoadEngine().Wait();
        var (test, _, estimator, _) = TechniqueRun.Do(
            facts, folder, RadiusNetwork.Named(network), caches, set, preprocessing, options, null, ComputeDevice.Named(device),
            Progress.Console(), program.Stop);
        estimator.Dispose();
        Console.WriteLine($"{folder} has the estimator, its estimates of the test images and their evaluation");
        var galaxies = test.Galaxy.Distinct().Count();
        var lenses = Plural.Of(test.Count, "unseen quasi-real lens", "unseen quasi-real lenses");
        Console.WriteLine($"{Comparing.Told(test)}, on {lenses} of {Plural.Of(galaxies, "galaxy", "galaxies")}");
        return 0;
    }
}
