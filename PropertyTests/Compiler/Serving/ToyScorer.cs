using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Data.Formats;
using Hybrid.Data.Images;
using Hybrid.Models.Deployment;

namespace Hybrid.PropertyTests.Compiler.Serving;

/// <summary>A model without a network: the mean of the middle 4 × 4 pixels over 255, and the sum of them.</summary>
internal sealed class ToyScorer : IImageScorer
{
    public static readonly IReadOnlyList<ScoredQuantity> Given =
    [
        new("mean", "", "mean of the middle", 0, 1), new("light", "ADU", "sum of the middle", 0, 4080),
    ];

    /// <summary>Waits here before each batch; null: nowhere.</summary>
    public ManualResetEventSlim? Gate { get; init; }

    /// <summary>Sizes of the batches so far.</summary>
    public List<int> Batches { get; } = [];

    /// <summary>Fails for an image whose middle is 13 everywhere.</summary>
    public bool DislikesThirteen { get; init; }

    public IReadOnlyList<ScoredQuantity> Quantities => Given;

    public Recipe Preprocessing { get; } = new(ImageStep.CentreCrop(4, 4), ImageStep.Window(0, 255));

    public ArchivedImage Image { get; } = new(1, 4, 4);

    public double[] Score(ImageSet images)
    {
        Gate?.Wait();
        lock (Batches) Batches.Add(images.Count);
        var values = new double[2 * images.Count];
        for (var i = 0; i < images.Count; i++)
        {
            var mean = 0.0;
            foreach (var pixel in images.Image(i)) mean += pixel / 16.0;
            if (DislikesThirteen && Math.Abs(mean - (13 / 255.0)) < 1e-6) throw new InvalidOperationException("thirteen is refused");
            (values[2 * i], values[(2 * i) + 1]) = (mean, mean * 4080);
        }
        return values;
    }

    public void Dispose()
    {
    }

    /// <summary>A preprocessed image of one value.</summary>
    public ImageSet Of(byte value)
        => new FramePreprocessing(Preprocessing).Apply(new NdArray<byte>([4, 4], Enumerable.Repeat(value, 16).ToArray()));

    /// <summary>A PNG of one value.</summary>
    public static byte[] PngOf(int value, int height = 6, int width = 6, int channels = 1, bool isWide = false)
    {
        var shape = channels == 1 ? new[] { height, width } : [height, width, channels];
        var count = height * width * channels;
        var path = Path.GetTempFileName();
        try
        {
            Png.Write(path, isWide
                ? new NdArray<ushort>(shape, Enumerable.Repeat((ushort)value, count).ToArray())
                : new NdArray<byte>(shape, Enumerable.Repeat((byte)value, count).ToArray()));
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>What its archives say.</summary>
    public static ModelManifest Manifest { get; } = new()
    {
        Format = ModelManifest.CurrentFormat, System = "toy", Network = "None", Name = "toy", Version = "0",
        Preprocessing = "centreCrop(4, 4) → window(0, 255)", Image = new ArchivedImage(1, 4, 4), Quantities = Given, Onnx = "",
        Settings = ModelManifest.SettingsFrom(new { }),
        Reference = [ReferenceHistogram.Count(Given[0], "bright", "a test", [0.8, 0.9, 0.9])],
    };

    /// <summary>An archive of some bytes, large enough that its upload is cut in the middle.</summary>
    public static ModelArchive Archive(string folder, int seed, int bytes = 300_000)
    {
        var content = new byte[bytes];
        new Random(seed).NextBytes(content);
        var source = Path.Combine(folder, $"weights-{seed}");
        File.WriteAllBytes(source, content);
        return ModelArchive.Write(
            folder, Manifest, new Dictionary<string, string> { [ModelArchive.WeightsName] = source });
    }
}
