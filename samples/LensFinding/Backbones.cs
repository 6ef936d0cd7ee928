using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Systems.LensFinding;
using Hybrid.Samples.CommandLine;
using TorchSharp;

namespace Hybrid.Samples.LensFinding;

/// <summary>Which encoder a lens finder is built on, and whose weights it begins with.</summary>
/// <param name="Backbone">The encoder.</param>
/// <param name="Weights">A file of published weights; null to begin with drawn ones.</param>
internal sealed record ChosenBackbone(LensBackbone Backbone, string? Weights)
{
    /// <summary>A new encoder and head for images of some bands and size.</summary>
    public EncoderWithHead Create(ImageNotes images, torch.Device device)
    {
        var classifier = LensBackbones.Create(Backbone, images.Bands.Split(' ').Length, images.Size, device: device);
        if (Weights is not null) LensBackbones.LoadPublished(Backbone, classifier, Weights);
        return classifier;
    }
}

/// <summary>The encoders that lens finders are built on.</summary>
internal static class Backbones
{
    /// <summary>Reads --backbone: names with commas in between, or all.</summary>
    public static IReadOnlyList<LensBackbone> Parse(string? text)
        => text is null
            ? [LensBackbones.All[0]]
            : text == "all"
            ? LensBackbones.All
            : [.. text.Split(',').Select(name => LensBackbones.Named(name.Trim())).Distinct()];

    /// <summary>Prints each with what it costs and takes.</summary>
    public static int Print(int bands, int size)
    {
        Console.WriteLine(
            $"{"backbone",-16} {"weights",11} {"MFLOP",8}  {"published",-16} {"images",-23} does not change under");
        foreach (var one in LensBackbones.All)
        {
            var (weights, cost) = ("", "");
            if (size >= one.Least && size % one.Multiple == 0)
            {
                var (parameters, flops) = LensBackbones.Cost(one, bands, size);
                (weights, cost) = (F($"{parameters:N0}"), F($"{flops / 1e6:N0}"));
            }
            Console.WriteLine($"{one.Name,-16} {weights,11} {cost,8}  {one.Published,-16} {one.Sizes,-23} {one.Symmetry}");
        }
        Console.WriteLine($"of one image of {Plural.Of(bands, "band")} and {size} × {size} pixels; a multiply-add is two FLOP");
        return 0;
    }

    private static string F(FormattableString text) => FormattableString.Invariant(text);
}
