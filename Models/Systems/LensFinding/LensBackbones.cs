using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Weights;
using Hybrid.Programs;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>An encoder that lens finders are built on.</summary>
/// <param name="Name">As commands have it: <c>resnet18</c>.</param>
/// <param name="Network">Class of its spec.</param>
/// <param name="Features">Numbers that it makes of an image.</param>
/// <param name="Symmetry">Which rotations and reflections of an image leave its features as they are.</param>
/// <param name="Sizes">What images it takes, in words.</param>
/// <param name="Published">Whose published weights it takes (<see cref="PublishedNames.Architectures"/>); empty for none.</param>
/// <param name="Multiple">Images' sides are multiples of it.</param>
/// <param name="Least">Least side of an image.</param>
/// <param name="IsSized">Whether it is made for one size of images.</param>
/// <param name="LearningRate">AdamW's largest one: measured for the small encoder (docs/results.md), a first guess for the others.</param>
public sealed record LensBackbone(
    string Name, Type Network, int Features, string Symmetry, string Sizes, string Published, int Multiple, int Least, bool IsSized,
    double LearningRate);

/// <summary>What a backbone costs.</summary>
/// <param name="Parameters">Trainable numbers.</param>
/// <param name="Flops">Operations of one evaluation of one image, a multiply-add counted as two.</param>
public sealed record LensBackboneCost(long Parameters, long Flops);

/// <summary>The encoders of lens finders by name, each of any bands, with a linear head of two classes.</summary>
public static class LensBackbones
{
    private const int Wide = 256;

    /// <summary>All, the small one of quick comparisons first; the original's three after it.</summary>
    public static IReadOnlyList<LensBackbone> All { get; } =
    [
        new("small", typeof(SmallLensEncoder), SmallLensEncoder.Features, "none", "at least 16", "", 1, 16, false, 3e-3),
        new("efficientnet-b2", typeof(EfficientNetEncoder), Wide, "none", "at least 32", "efficientnet_b2", 1, 32, false, 1e-3),
        new("densenet121", typeof(DenseNetEncoder), Wide, "none", "at least 32", "densenet121", 1, 32, false, 1e-3),
        new("resnet18", typeof(ResNet18Encoder), Wide, "none", "at least 32", "resnet18", 1, 32, false, 1e-3),
        new("resnet34", typeof(PlainResNet34Encoder), Wide, "none", "at least 32", "resnet34", 1, 32, false, 1e-3),
        new("resnet34d", typeof(ResNet34Encoder), Wide, "none", "at least 32", "resnet34d", 1, 32, false, 1e-3),
        new("equivariant", typeof(EquivariantEncoder), Wide, "D2 up to its last map", "at least 32", "", 1, 32, true, 1e-3),
        new("equivariant-d2", typeof(InvariantD2Encoder), Wide, "D2: mirrors, half turn", "multiples of 4 from 16", "", 4, 16, false, 1e-3),
        new("equivariant-c4", typeof(InvariantC4Encoder), Wide, "C4: quarter turns", "multiples of 4 from 16", "", 4, 16, false, 1e-3),
        new(
            "equivariant-d4", typeof(InvariantD4Encoder), Wide, "D4: quarter turns, mirrors", "multiples of 4 from 16", "", 4, 16, false,
            1e-3),
        new("vit", typeof(SmallVisionTransformerEncoder), Wide, "none", "multiples of 4 from 16", "", 4, 16, true, 1e-3),
    ];

    /// <summary>A backbone by its name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static LensBackbone Named(string name)
        => All.FirstOrDefault(one => one.Name == name)
            ?? throw new ArgumentException(
                $"--backbone: expected one of {string.Join(", ", All.Select(one => one.Name))}, got '{name}'.");

    /// <summary>Refuses images that a backbone does not take.</summary>
    /// <param name="backbone">Which one.</param>
    /// <param name="size">Pixels each way.</param>
    /// <exception cref="ArgumentException">It takes others; the message says which.</exception>
    public static void RequireSize(LensBackbone backbone, int size)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        if (size >= backbone.Least && size % backbone.Multiple == 0) return;
        throw new ArgumentException($"--size: {backbone.Name} takes images of {backbone.Sizes} pixels each way, got {size}.");
    }

    /// <summary>A new encoder and head.</summary>
    /// <param name="backbone">Which one.</param>
    /// <param name="bands">Planes of an image, ≥ 1.</param>
    /// <param name="size">Pixels each way.</param>
    /// <param name="classes">That the head tells apart, ≥ 2.</param>
    /// <param name="device">Where both shall be.</param>
    /// <exception cref="ArgumentException">The backbone takes images of other sizes.</exception>
    public static EncoderWithHead Create(LensBackbone backbone, int bands, int size, int classes = 2, Device? device = null)
    {
        RequireSize(backbone, size);
        nn.Module<Tensor, Tensor> encoder = backbone.Name switch
        {
            "small" => new SmallLensEncoder(bands: bands, device: device),
            "efficientnet-b2" => new EfficientNetEncoder(bands: bands, device: device),
            "densenet121" => new DenseNetEncoder(bands: bands, device: device),
            "resnet18" => new ResNet18Encoder(bands: bands, device: device),
            "resnet34" => new PlainResNet34Encoder(bands: bands, device: device),
            "resnet34d" => new ResNet34Encoder(bands: bands, device: device),
            "equivariant" => new EquivariantEncoder(bands: bands, size: size, device: device),
            "equivariant-d2" => new InvariantD2Encoder(bands: bands, device: device),
            "equivariant-c4" => new InvariantC4Encoder(bands: bands, device: device),
            "equivariant-d4" => new InvariantD4Encoder(bands: bands, device: device),
            _ => new SmallVisionTransformerEncoder(bands: bands, size: size, device: device),
        };
        return new EncoderWithHead(encoder, new ClassHead(features: backbone.Features, classes: classes, device: device));
    }

    /// <summary>Loads published weights into a new classifier's encoder; the layers after the backbone stay as they were drawn.</summary>
    /// <param name="backbone">What the classifier was made of.</param>
    /// <param name="classifier">The classifier.</param>
    /// <param name="path">The file.</param>
    /// <returns>What was loaded.</returns>
    /// <exception cref="ArgumentException">No weights of that backbone are published.</exception>
    /// <exception cref="System.IO.InvalidDataException">The file is damaged or of another network.</exception>
    public static PublishedReport LoadPublished(LensBackbone backbone, EncoderWithHead classifier, string path)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(classifier);
        if (backbone.Published.Length == 0)
        {
            var those = string.Join(", ", All.Where(one => one.Published.Length > 0).Select(one => one.Name));
            throw new ArgumentException($"--weights: expected a backbone with published weights ({those}), got {backbone.Name}.");
        }
        return PublishedWeights.Load(classifier.Encoder, backbone.Published, path);
    }

    /// <summary>
    /// A network of the same weights that gives its last map besides its features, for <see cref="Evaluation.GradCam"/>; null where the
    /// backbone has none.
    /// </summary>
    /// <param name="backbone">What the classifier was made of.</param>
    /// <param name="classifier">The classifier; its weights are copied.</param>
    /// <param name="bands">Planes of an image.</param>
    /// <param name="device">Where the network shall be.</param>
    /// <returns>In evaluation mode, the caller's: (B, features), and (B, C, h, w).</returns>
    public static nn.Module<Tensor, (Tensor features, Tensor map)>? Maps(
        LensBackbone backbone, EncoderWithHead classifier, int bands, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(classifier);
        nn.Module<Tensor, (Tensor features, Tensor map)>? maps = backbone.Name switch
        {
            "small" => new SmallLensMaps(bands: bands, device: device),
            "efficientnet-b2" => new EfficientNetMaps(bands: bands, device: device),
            "resnet18" => new ResNet18Maps(bands: bands, device: device),
            "equivariant-d2" => new InvariantD2Maps(bands: bands, device: device),
            "equivariant-c4" => new InvariantC4Maps(bands: bands, device: device),
            "equivariant-d4" => new InvariantD4Maps(bands: bands, device: device),
            _ => null,
        };
        if (maps is null) return null;
        using var _ = no_grad();
        // The same layers in the same order, some under other keys.
        var (own, theirs) = (maps.state_dict(), classifier.Encoder.state_dict());
        if (own.Count != theirs.Count)
            throw new ArgumentException(
                $"LensBackbones.Maps: expected a classifier of {backbone.Name} with {Plural.Of(own.Count, "tensor")}, got {theirs.Count}.",
                nameof(classifier));
        foreach (var (target, source) in own.Values.Zip(theirs.Values)) target.copy_(source);
        maps.eval();
        return maps;
    }

    /// <summary>What the backbone costs, by its card.</summary>
    /// <param name="backbone">Which one.</param>
    /// <param name="bands">Planes of an image.</param>
    /// <param name="size">Pixels each way.</param>
    public static LensBackboneCost Cost(LensBackbone backbone, int bands, int size)
    {
        RequireSize(backbone, size);
        var parameters = new Dictionary<string, int> { ["bands"] = bands };
        if (backbone.IsSized) parameters["size"] = size;
        var graph = Trace.Of(backbone.Network, parameters);
        return new LensBackboneCost(At(Cards.Parameters(graph)), At(Cards.Flops(graph)));

        long At(Algebra.Dim formula)
            => formula.Evaluate(symbol => symbol switch { "B" => 1, "bands" => bands, _ => size })
                ?? throw new InvalidOperationException($"LensBackbones.Cost: {backbone.Name} has no cost at {size} pixels: {formula}.");
    }
}
