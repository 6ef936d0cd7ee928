using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using Hybrid.Bench.Data;
using Hybrid.Bench.Harness;
using Hybrid.Data.Formats;
using Hybrid.Models.Deployment;
using Hybrid.Models.Systems.LensFinding;
using Hybrid.Models.Weights;
using TorchSharp;

namespace Hybrid.Bench.LensFinding;

/// <summary>
/// From a folder of FITS cut-outs to a table of scores, as whole processes, against a script with astropy and PyTorch that does the same by
/// hand; both must give the same numbers.
/// </summary>
internal sealed class LensScoring : Benchmark
{
    private const int Images = 2000, Size = 44;

    public override string Name => "lens-scoring";

    public override string Description
        => FormattableString.Invariant(
            $"scoring {Images} FITS cut-outs of 3 × {Size} × {Size} pixels end to end, eight orientations, against astropy and PyTorch");

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        using var scratch = new ScratchFolder();
        var images = scratch.File("images");
        WriteImages(images);
        var (weights, ours, theirs) = (scratch.File("weights.npz"), scratch.File("ours.csv"), scratch.File("theirs.csv"));
        var model = WriteModel(scratch.File("."), weights);

        using var score = WholeProcess.Fastest(options.Threads.Select(threads => new WholeProcess(
            "hybrid-lens-finding score", () => Score(model.FilePath, images, ours), threads, Images, "")));
        using var script = WholeProcess.Fastest(options.Threads.Select(threads => new WholeProcess(
            "lens_score.py", () => PythonPeer.Command("lens_score.py", images, weights, theirs), threads, Images,
            "Its packages: apt-get install python3-torch python3-numpy python3-astropy.")));
        yield return Comparison.Run("lens-scoring, an image", score, script, Math.Min(options.Rounds, 7), 5);

        var (mine, peers) = (Scores(ours), Scores(theirs));
        var difference = mine.Max(one => Math.Abs(one.Value - peers[one.Key]));
        yield return new Measurement(
            "lens-scoring, largest difference of a probability", difference.ToString("g2", CultureInfo.InvariantCulture), "", double.NaN,
            "", "≤ 1e-4", mine.Count == Images && difference <= 1e-4);
    }

    private static ProcessStartInfo Score(string model, string images, string output)
    {
        var sample = Environment.GetEnvironmentVariable("HYBRID_LENS_PROGRAM")
            ?? Path.Combine(AppContext.BaseDirectory, "..", "..", "LensFinding", "release", "hybrid-lens-finding.dll");
        if (!File.Exists(sample))
            throw new InvalidOperationException("bench: the lens-finding sample is not built; run ./hybrid setup first");
        // Scores of an earlier round are not written over.
        File.Delete(output);
        return new ProcessStartInfo("dotnet", [sample, "score", model, images, "-o", output]);
    }

    /// <summary>Galaxies of noise: how long it takes does not depend on what is in them.</summary>
    private static void WriteImages(string folder)
    {
        Directory.CreateDirectory(folder);
        var random = new Random(1);
        for (var i = 0; i < Images; i++)
        {
            var pixels = new float[3 * Size * Size];
            for (var p = 0; p < pixels.Length; p++)
            {
                var (x, y) = ((p % Size) - (Size / 2), (p / Size % Size) - (Size / 2));
                pixels[p] = (float)((500 * Math.Exp(-((x * x) + (y * y)) / 40.0)) + (10 * random.NextDouble()));
            }
            Fits.WriteImage(
                Path.Combine(folder, FormattableString.Invariant($"{i:00000}.fits")),
                new FitsImage(new NdArray<float>([3, Size, Size], pixels)));
        }
    }

    /// <summary>An archive of the small network, not trained, and its weights for the peer.</summary>
    private static ModelArchive WriteModel(string folder, string arrays)
    {
        torch.manual_seed(1);
        var settings = new LensFinderSettings("source-only", "small", ["g", "r", "i"], Size, 30, "asinh");
        using var classifier = LensScorer.Create(settings);
        var (weights, onnx) = (Path.Combine(folder, ModelArchive.WeightsName), Path.Combine(folder, ModelArchive.OnnxName));
        WeightFile.Save(classifier.Module, weights);
        OnnxFile.Save(onnx, classifier.Encoder);
        using var scope = torch.NewDisposeScope();
        Npz.Write(
            arrays,
            classifier.Module.state_dict().Where(entry => !entry.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal))
                .ToDictionary(
                    entry => entry.Key,
                    entry => (NdArray)new NdArray<float>(
                        entry.Value.shape.Select(size => (int)size).ToArray(), entry.Value.data<float>().ToArray())),
            compress: false);
        return ModelArchive.Write(
            Path.Combine(folder, "model.zip"),
            new ModelManifest
            {
                Format = ModelManifest.CurrentFormat, System = LensScorer.SystemName, Network = settings.Backbone, Name = "bench",
                Version = "0", Preprocessing = $"{settings.Recipe}", Image = new ArchivedImage(3, Size, Size),
                Quantities = LensScorer.Given, Onnx = LensScorer.OnnxWords, Settings = ModelManifest.SettingsFrom(settings),
            },
            new Dictionary<string, string> { [ModelArchive.WeightsName] = weights, [ModelArchive.OnnxName] = onnx });
    }

    private static Dictionary<string, double> Scores(string path)
        => File.ReadLines(path).Skip(1).Select(line => line.Split(','))
            .ToDictionary(cells => Path.GetFileName(cells[0]), cells => double.Parse(cells[1], CultureInfo.InvariantCulture));
}
