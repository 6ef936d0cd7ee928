using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Hybrid.Data.Cache;
using Hybrid.Data.Formats;
using Hybrid.Data.Lensing;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>docs/data.md: its C# examples stand here word for word and are run; a test compares the two.</summary>
public sealed class DataPage
{
    [Fact]
    public void Examples_AreTheCodeOfTheseTests()
    {
        var source = Bare(File.ReadAllText(Repository.Path("PropertyTests", "Compiler", "DataPage.cs")));
        var page = File.ReadAllText(Repository.Path("docs", "data.md"));
        var examples = Regex.Matches(page, "^```csharp\n(.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)
            .Select(m => m.Groups[1].Value)
            .ToList();
        Assert.Equal(2, examples.Count);
        foreach (var example in examples) Assert.Contains(Bare(example), source, StringComparison.Ordinal);
    }

    /// <summary>Lines without indentation and blank ones: what an example is, wherever it stands.</summary>
    private static string Bare(string text)
        => string.Join('\n', text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    private static IEnumerable<CacheRows> Pieces()
    {
        for (var first = 0; first < 200; first += 100)
            yield return new CacheRows(
            [
                CacheValues.Tensor(
                    "image", new NdArray<float>([100, 4, 4], Enumerable.Range(first * 16, 1600).Select(i => (float)i).ToArray())),
                CacheValues.Integers("label", Enumerable.Range(first, 100).Select(i => (long)(i % 4)).ToArray()),
            ]);
    }

    // The examples stand in methods of their own: a test's code would have to hand its cancellation token on, which is not what the page is
    // about.
    private static (List<int> Seen, float[] Pixels) ReadBatches(string folder)
    {
        var seen = new List<int>();
        using var cache = Cache.GetOrBuild(folder, new CacheRecipe("squares, seed 1"), () => Pieces());
        var batches = cache.Batches(new BatchOptions { BatchSize = 64, Stratify = "label", Prefetch = 0 });
        var pixels = new float[64 * 16];
        foreach (var batch in batches.Epoch(epoch: 0))
        {
            var filled = pixels.AsSpan(0, batch.Length("image"));
            batch.Fill("image", filled);
            foreach (var row in batch.Rows.Span) seen.Add(row);
        }
        return (seen, pixels);
    }

    private static float[] Draw()
    {
        var scene = new LensScene([LensProfile.Sie(1.2, 0.1, -0.05, 0, 0), LensProfile.Shear(0.03, -0.02)],
            [LightProfile.OfMagnitude(22.5, Surveys.EuclidVis.ZeroPoint, 0.3, 1, -0.1, 0.1, 0.12, -0.2)], []);
        var image = LensImage.Render(scene, new ImageGrid(64, 64, 0.101, supersampling: 1), PointSpread.Gaussian(0.16, 0.101, 5));
        LensImage.AddNoise(image, Surveys.EuclidVis, seed: 1, item: 0);
        return image;
    }

    [Fact]
    public void Batches_FillTheCallersMemory()
    {
        var folder = Directory.CreateTempSubdirectory("hybrid-page-").FullName;
        try
        {
            var (seen, pixels) = ReadBatches(folder);
            Assert.Equal(Enumerable.Range(0, 200), seen.Order());
            Assert.Equal(seen[^1] * 16, pixels[(seen.Count % 64 - 1) * 16]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Scene_HasTheMagnifiedFlux() => Assert.InRange(Draw().Sum() / Surveys.EuclidVis.CountRate(22.5), 2, 40);
}
