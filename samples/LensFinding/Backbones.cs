using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Systems.LensFinding;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Samples.LensFinding;

/// <summary>The encoders that lens finders are built of.</summary>
internal static class Backbones
{
    /// <summary>The small network of comparisons.</summary>
    public static Classifier Small(int bands, Device device)
        => new(
            new SmallLensEncoder(bands: bands, device: device),
            new ClassHead(features: SmallLensEncoder.Features, classes: 2, device: device));

    private static readonly (string Name, string Input, string Symmetry, Func<nn.Module> Make)[] _all =
    [
        ("small", "3 × 44 × 44", "none", () => new SmallLensEncoder(bands: 3)),
        ("efficientnet-b2", "1 × 64 × 64", "none", () => new EfficientNetEncoder()),
        ("resnet34d", "1 × 64 × 64", "none", () => new ResNet34Encoder()),
        ("densenet121", "1 × 64 × 64", "none", () => new DenseNetEncoder()),
        ("equivariant", "1 × 64 × 64", "D2 (mirrors and the half turn)", () => new EquivariantEncoder()),
    ];

    /// <summary>Prints each with its trainable weights.</summary>
    public static int Print()
    {
        Console.WriteLine($"{"backbone",-16} {"weights",12}  {"image",-12} symmetry");
        foreach (var (name, input, symmetry, make) in _all)
        {
            using var network = make();
            var weights = network.parameters().Sum(parameter => parameter.numel());
            Console.WriteLine(FormattableString.Invariant($"{name,-16} {weights,12:N0}  {input,-12} {symmetry}"));
        }
        return 0;
    }
}
