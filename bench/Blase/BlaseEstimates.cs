using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hybrid.Bench.Data;
using Hybrid.Bench.Harness;
using Hybrid.Data.Formats;
using Hybrid.Data.Systems.Blase;
using Hybrid.Models.Systems.Blase;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Bench.Blase;

/// <summary>
/// From SED files to a CSV of estimates, as whole processes over 3793 files, against the original's way, file by file; and once more with
/// the peer's start not counted.
/// </summary>
internal sealed class BlaseEstimates : Benchmark
{
    private const int Files = 3793;

    public override string Name => "blase-estimates";

    public override string Description => "estimating 3793 SED files end to end against the original's pipeline (Python, numpy, PyTorch)";

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        using var scratch = new ScratchFolder();
        var seds = BlaseSamples.WriteSeds(scratch.File("seds"), Files);
        var model = scratch.File("model");
        SaveNetworks(model);

        using var ours = WholeProcess.Fastest(options.Threads.Select(threads => new WholeProcess(
            "hybrid-blase estimate",
            () => BlaseSamples.Sample("estimate", seds, "--model", model, "--silent", "--out", scratch.File("estimates.csv")),
            threads, Files, "")));
        using var script = WholeProcess.Fastest(options.Threads.Select(threads => new WholeProcess(
            "blase_estimate.py, one file after the other",
            () => PythonPeer.Command("blase_estimate.py", seds, model, scratch.File("peer.csv")),
            threads, Files, BlaseSamples.PythonHint)));
        yield return Comparison.Run("blase-estimates, a file", ours, script, Math.Min(options.Rounds, 7), 20);

        using var peer = PythonPeer.Best("blase_estimate.py", options.Threads, seds, model);
        yield return Comparison.Run("blase-estimates, a file, the peer's start not counted", ours, peer, options.Rounds);
    }

    /// <summary>25 untrained networks: how long they take does not depend on their weights.</summary>
    private static void SaveNetworks(string folder)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var bins = SedBins.Version1;
        var scaling = new SedScaling(
            Enumerable.Repeat(-12.5, bins.Count).ToArray(), Enumerable.Repeat(0.7, bins.Count).ToArray(), 14.9, 1.8);
        using var ensemble = new PeakEnsemble(
            bins, scaling, new BagIndex([], [], []), Enumerable.Range(0, 25).Select(_ => new PeakEstimator(2 * bins.Count)).ToArray(), 5);
        ensemble.Save(folder);
        var states = Enumerable.Range(0, 25).Select(i => ensemble.Member(i / 5, i % 5).state_dict()).ToArray();
        Npz.Write(
            Path.Combine(folder, "peer.npz"),
            states[0].Where(entry => !entry.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal))
                .ToDictionary(entry => entry.Key, entry =>
            {
                var stacked = stack(states.Select(state => state[entry.Key]).ToArray());
                return (NdArray)new NdArray<float>(stacked.shape.Select(size => (int)size).ToArray(), stacked.data<float>().ToArray());
            }),
            compress: false);
    }
}
