using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Hybrid.Bench.Data;
using Hybrid.Bench.Harness;
using Hybrid.Data.Formats;
using Hybrid.Models.Deployment;
using Hybrid.Models.Systems.Cygno;
using Hybrid.Models.Weights;
using TorchSharp;

namespace Hybrid.Bench.Cygno;

/// <summary>
/// From a folder of camera images to a table of scores, as whole processes, against a script with Pillow, numpy and PyTorch that does the
/// same by hand; both must give the same numbers.
/// </summary>
internal sealed class RecoilScoring : Benchmark
{
    private const int Images = 1200;

    public override string Name => "cygno-scoring";

    public override string Description
        => FormattableString.Invariant($"scoring {Images} PNG images of 576 × 576 pixels end to end against Pillow, numpy, PyTorch");

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        using var scratch = new ScratchFolder();
        var images = scratch.File("images");
        RecoilSamples.WriteImages(images, Images);
        var model = RecoilSamples.WriteModel(scratch.File("."));
        var (weights, ours, theirs) = (scratch.File("weights.npz"), scratch.File("ours.csv"), scratch.File("theirs.csv"));
        WriteArrays(model, weights);

        using var score = WholeProcess.Fastest(options.Threads.Select(threads => new WholeProcess(
            "hybrid-cygno score", () => RecoilSamples.Sample("score", model.FilePath, images, "--output", ours), threads, Images, "")));
        using var script = WholeProcess.Fastest(options.Threads.Select(threads => new WholeProcess(
            "cygno_score.py", () => PythonPeer.Command("cygno_score.py", images, weights, theirs), threads, Images,
            "Its packages: apt-get install python3-torch python3-numpy python3-pil.")));
        yield return Comparison.Run("cygno-scoring, an image", score, script, Math.Min(options.Rounds, 7), 3);

        var (mine, peers) = (Responses(ours), Responses(theirs));
        var difference = mine.Max(one => Math.Abs(one.Value - peers[one.Key]));
        yield return new Measurement(
            "cygno-scoring, largest difference of a response", difference.ToString("g2", CultureInfo.InvariantCulture), "", double.NaN, "",
            "≤ 1e-4", mine.Count == Images && difference <= 1e-4);
    }

    private static Dictionary<string, double> Responses(string path)
        => File.ReadLines(path).Skip(1).Select(line => line.Split(','))
            .ToDictionary(line => Path.GetFileName(line[0]), line => double.Parse(line[1], CultureInfo.InvariantCulture));

    private static void WriteArrays(ModelArchive model, string path)
    {
        using var scope = torch.NewDisposeScope();
        using var network = new RecoilNetwork(classes: 12);
        model.Use(ModelArchive.WeightsName, file => RecoilNetworks.Load(network, file));
        Npz.Write(
            path,
            network.state_dict().Where(entry => !entry.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal)).ToDictionary(
                entry => entry.Key[(entry.Key.IndexOf('.') + 1)..], // the script's network has no stem and body
                entry => (NdArray)new NdArray<float>(
                    [.. entry.Value.shape.Select(size => (int)size), .. entry.Key == "stem_1.bends.weight" ? (int[])[1, 1] : []],
                    entry.Value.data<float>().ToArray())),
            compress: false);
    }
}
