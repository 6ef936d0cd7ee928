using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Data.Figures;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Evaluation;
using Hybrid.Models.Systems.LensFinding;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Samples.LensFinding;

/// <summary>One image and what in it speaks for a lens.</summary>
/// <param name="Kind">found, missed, called falsely or rejected.</param>
/// <param name="Score">Log odds of a lens.</param>
/// <param name="Pixels">Bands, rows, columns.</param>
/// <param name="Heat">Rows, columns, from 0 to 1.</param>
public sealed record HeatExample(string Kind, double Score, float[] Pixels, float[] Heat);

/// <summary>Grad-CAM of right and wrong cases among the test images; heat.json of a comparison.</summary>
public sealed record HeatMaps(string Method, string Backbone, int Bands, int Size, IReadOnlyList<HeatExample> Examples)
{
    private const int Each = 3;

    /// <summary>
    /// The surest cases of each kind: lenses found and missed, others called lenses and rejected. Null where the encoder gives no maps.
    /// </summary>
    public static HeatMaps? Of(
        string method, LensBackbone backbone, EncoderWithHead classifier, Cache test, LensScores scores, int bands, int size, Device device)
    {
        using var maps = LensBackbones.Maps(backbone, classifier, bands, device);
        if (maps is null) return null;
        var all = Enumerable.Range(0, scores.Count).ToArray();
        int[] Surest(bool isLens, bool isCalled) => [.. all
            .Where(i => scores.IsLens[i] == isLens && (scores.Score[i] >= 0) == isCalled)
            .OrderByDescending(i => Math.Abs(scores.Score[i])).Take(Each)];
        var cases = new (string Kind, int[] Places)[]
        {
            ("found", Surest(true, true)), ("missed", Surest(true, false)), ("called falsely", Surest(false, true)),
            ("rejected", Surest(false, false)),
        };
        var examples = new List<HeatExample>();
        foreach (var (kind, places) in cases.Where(one => one.Places.Length > 0))
        {
            using var scope = NewDisposeScope();
            var pixels = new float[places.Length * bands * size * size];
            test.ReadTensors("image", places, pixels);
            var image = tensor(pixels, [places.Length, bands, size, size], device: device);
            var (features, map) = maps.forward(image);
            var logits = classifier.Head.forward(features);
            var heat = GradCam.Enlarged(GradCam.Of(logits.select(1, 1) - logits.select(1, 0), map), size, size).cpu();
            var values = heat.data<float>().ToArray().Chunk(size * size).ToArray();
            var planes = pixels.Chunk(bands * size * size).ToArray();
            examples.AddRange(places.Select((place, i) => new HeatExample(kind, scores.Score[place], planes[i], values[i])));
        }
        return new HeatMaps(method, backbone.Name, bands, size, examples);
    }

    /// <summary>Each image beside its heat.</summary>
    public Figure Figure()
    {
        IEnumerable<ImageTile> Tiles(HeatExample one)
        {
            var plane = Size * Size;
            // The reddest band is red.
            var shown = Bands == 3 ? [.. one.Pixels[(2 * plane)..], .. one.Pixels[plane..(2 * plane)], .. one.Pixels[..plane]]
                : one.Pixels[..plane];
            yield return new ImageTile(shown, Size, Size) { Title = FormattableString.Invariant($"{one.Kind} ({one.Score:+0.0;-0.0})") };
            yield return new ImageTile(one.Heat, Size, Size) { Title = "for a lens" };
        }
        return new ImageGridFigure { Columns = 2 * Each, Map = ColourMap.Inferno, Low = 0, High = 1, ValueTitle = "Grad-CAM" }
            .Build($"Where {Method} looks (log odds of a lens)", [.. Examples.SelectMany(Tiles)]);
    }
}
