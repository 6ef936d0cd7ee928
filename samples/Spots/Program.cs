// The smallest complete system: raw files -> records -> recipe -> cache -> batches -> training -> report. Is an image a ring, or three
// spots?
//   dotnet run --project samples/Spots -- --simulate 600 --epochs 12
using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using Hybrid;
using Hybrid.Data.Cache;
using Hybrid.Data.Formats;
using Hybrid.Data.Images;
using Hybrid.Data.Statistics;
using Hybrid.Models.Engine;
using Hybrid.Models.Training;
using Hybrid.Samples.CommandLine;
using TorchSharp;
using static TorchSharp.torch;

var program = new CommandProgram("spots", args);
var data = Options.Text("--data", "Folder of FITS images named ring-NNNN.fits and spots-NNNN.fits (runs/spots-data).");
var simulate = Options.WholeOrNone("--simulate", "Simulates this many images into --data first.");
var epochs = Options.Whole("--epochs", "Most epochs.", 12);
var patience = Options.Patience("Epochs without a smaller validation loss after which training stops (5).");
var seed = Options.Seed("Seed of simulations, weights and shuffling.");
var device = Options.Device();
var output = Options.Output("Folder of the run (the next free one of runs/spots).");
var (resume, overwrite, noFigures) = (Options.Resume(), Options.Overwrite(), Options.NoFigures());
var command = new RootCommand("Learns to tell rings from three spots, from FITS files to a report.")
{
    data, simulate, epochs, patience, seed, device, output, resume, overwrite, noFigures,
};
command.SetAction(program.Guarded(parsed =>
{
    var folder = parsed.GetValue(data) ?? Path.Combine("runs", "spots-data");
    var runSeed = parsed.GetValue(seed);
    if (parsed.ValueOf(simulate) is { } count) Files.Simulate(folder, count, runSeed);
    var place = RunFolder.Choose(
        parsed.GetValue(output), Path.Combine("runs", "spots"), parsed.GetValue(resume), parsed.GetValue(overwrite));

    // ---- files -> records -> recipe -> cache; a cache of the same files and recipe is found again --------------------
    var paths = Files.In(folder);
    var recipe = new Recipe(ImageStep.ClipPercentiles([0.5], [99.5]), ImageStep.MinMaxPerImage());
    using var cache = Cache.GetOrBuild(
        Path.Combine(folder, "cache"), new CacheRecipe(recipe.ToString(), paths),
        () => Files.Read(paths).Select(records => records.Apply(recipe, 0).ToRows()));
    using var trainingRows = cache.Where("fold > 0");
    using var validationRows = cache.Where("fold = 0");

    // ---- network, loss, batches -> training ----------------------------------------------------------------------------
    manual_seed(runSeed);
    using var network = new RingFinder(ComputeDevice.Named(parsed.GetValue(device)!));
    using var optimiser = optim.AdamW(network.parameters(), lr: 1e-2);
    var result = Trainer.Fit(
        network, optimiser,
        loss: batch => ClassLoss.Value(network.forward(batch["image"]), batch["label"]),
        training: new CacheBatches(trainingRows, new BatchOptions { BatchSize = 32, Seed = (int)runSeed }, "image", "label"),
        validation: new CacheBatches(validationRows, new BatchOptions { BatchSize = 150, Shuffle = false }, "image", "label"),
        new TrainingOptions
        {
            Epochs = parsed.GetValue(epochs), Patience = parsed.ValueOf(patience) ?? 5, Seed = runSeed,
            Schedule = RateSchedule.WarmUpCosine(0.1), Directory = place.Path, Existing = place.Existing,
            Metrics = new Dictionary<string, Func<TensorBatch, Tensor>>
            {
                ["accuracy"] = batch => network.forward(batch["image"]).argmax(1).eq(batch["label"]).to(ScalarType.Float32).mean(),
            },
            Notes = new { Data = Path.GetFullPath(folder), Recipe = recipe.ToString() },
        },
        Progress.Console(), program.Stop);

    // ---- saved numbers -> report ---------------------------------------------------------------------------------------
    if (!parsed.GetValue(noFigures))
        result.WriteReport(
            Path.Combine(place.Path, "report.html"), "Rings and spots",
            [new("images", $"{cache.Count}"), new("recipe", recipe.ToString()), new("seed", $"{runSeed}")]);
    Console.WriteLine(result);
    return 0;
}));
return program.Run(command);

/// <summary>Two convolutions and a mean: logits of spots (0) and ring (1).</summary>
[Network(Dims = "B")]
public partial class RingFinder
{
    [Spec]
    [return: Shape("B, 2")]
    internal static Sym Forward([Shape("B, 1, 16, 16")] Sym image)
    {
        var x = image.Conv2d(8, k: 3, pad: 1).BatchNorm().Relu().MaxPool2d(2);
        return x.Conv2d(16, k: 3, pad: 1).BatchNorm().Relu().MeanPool2d().Linear(2);
    }
}

[Loss(Dims = "B")]
public partial class ClassLoss
{
    [Spec]
    internal static Sym Value([Shape("B, 2")] Sym logits, [Shape("B"), Int64] Sym label) => logits.CrossEntropy(label);
}

/// <summary>The raw files: FITS images whose names say what they show.</summary>
internal static class Files
{
    public static string[] In(string folder)
    {
        var paths = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.fits").Order(StringComparer.Ordinal).ToArray() : [];
        return paths.Length > 0
            ? paths
            : throw new InvalidDataException(
                $"--data: {folder} has no FITS images. Name another folder, or make some with --simulate 600.");
    }

    /// <summary>256 files at a time, with their labels and, by the hash of the name, one of five folds.</summary>
    public static IEnumerable<LabelledImages> Read(string[] paths)
    {
        foreach (var piece in paths.Chunk(256))
        {
            var set = FitsSet.Load(piece, new FitsSetOptions { ExpectedShape = [16, 16] });
            var names = piece.Select(path => Path.GetFileNameWithoutExtension(path)).ToArray();
            yield return new LabelledImages(
                ImageSet.OfArray(set.Pixels, "grey"),
                CacheValues.Integers("label", names.Select(name => name.StartsWith("ring-", StringComparison.Ordinal) ? 1L : 0L).ToArray()),
                CacheValues.Integers("fold", names.Select(name => (long)(Seeds.Derive(0, name) % 5)).ToArray()));
        }
    }

    /// <summary>A ring or three spots of radius 3.5 pixels in noise; image i depends on the seed and i only.</summary>
    public static void Simulate(string folder, int count, long seed)
    {
        Directory.CreateDirectory(folder);
        for (var i = 0; i < count; i++)
        {
            var random = SeededRandom.For(seed, i);
            var (x, y, turn, pixels) = (random.Uniform(5, 11), random.Uniform(5, 11), random.Uniform(0, Math.Tau), new float[256]);
            for (var pixel = 0; pixel < 256; pixel++)
            {
                var (dx, dy) = (pixel % 16 - x, pixel / 16 - y);
                double Spot(int k)
                {
                    var (centreX, centreY) = (3.5 * Math.Cos(turn + k * Math.Tau / 3), 3.5 * Math.Sin(turn + k * Math.Tau / 3));
                    return Math.Exp(-(Math.Pow(dx - centreX, 2) + Math.Pow(dy - centreY, 2)));
                }
                var light = i % 2 == 1 ? Math.Exp(-Math.Pow(Math.Sqrt(dx * dx + dy * dy) - 3.5, 2)) : Spot(0) + Spot(1) + Spot(2);
                pixels[pixel] = (float)(light + random.NextNormal() / 4);
            }
            Fits.WriteImage(
                Path.Combine(folder, $"{(i % 2 == 1 ? "ring" : "spots")}-{i:0000}.fits"),
                new FitsImage(new NdArray<float>([16, 16], pixels)));
        }
    }
}
