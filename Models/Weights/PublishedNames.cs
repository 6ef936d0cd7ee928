using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Models.Weights;

/// <summary>
/// What a library calls the layers of a published network, in the order in which this library's specs of it make them: a table of keys.
/// </summary>
/// <param name="Architecture">The network: <c>resnet18</c>.</param>
/// <param name="Library">Whose names they are.</param>
/// <param name="Layers">A name a layer; its tensors are named below it.</param>
/// <param name="Classifier">The last layer, of the library's classes; empty where the files have none.</param>
public sealed record PublishedNames(string Architecture, string Library, IReadOnlyList<string> Layers, string Classifier)
{
    /// <summary>Names of a tensor below its layer that are other than PyTorch's, such as <c>fc1.weight</c>.</summary>
    private IReadOnlyDictionary<string, string> Tensors { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether names of tensors continue those of layers without a dot in between.</summary>
    private Func<string, string, string>? Join { get; init; }

    /// <summary>Networks of which weights are published, by the names that the libraries give them.</summary>
    public static IReadOnlyList<string> Architectures { get; } = ["resnet18", "resnet34", "resnet34d", "densenet121", "efficientnet_b2"];

    /// <summary>The names that files of a network may have.</summary>
    /// <param name="architecture">One of <see cref="Architectures"/>.</param>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static IReadOnlyList<PublishedNames> Of(string architecture) => architecture switch
    {
        "resnet18" => [ResNet(architecture, [2, 2, 2, 2]), ResNet18OfCntk],
        "resnet34" => [ResNet(architecture, [3, 4, 6, 3])],
        "resnet34d" => [ResNet34d],
        "densenet121" => [DenseNet("torchvision 0.15 and timm 0.9", "norm1", "conv1", "norm2", "conv2"),
            DenseNet("torchvision's files of 2017", "norm.1", "conv.1", "norm.2", "conv.2")],
        "efficientnet_b2" => [EfficientNetOfTorchvision, EfficientNetOfTimm],
        _ => throw new ArgumentException(
            $"PublishedNames: expected one of {string.Join(", ", Architectures)}, got '{architecture}'.", nameof(architecture)),
    };

    /// <summary>The file's key of a layer's tensor.</summary>
    /// <param name="layer">Which of <see cref="Layers"/>.</param>
    /// <param name="tensor">Its name below the layer, PyTorch's: <c>weight</c>, <c>running_mean</c>.</param>
    public string KeyOf(string layer, string tensor)
        => Join is null ? $"{layer}.{Tensors.GetValueOrDefault(tensor, tensor)}" : Join(layer, tensor);

    private static PublishedNames ResNet(string architecture, int[] blocks)
        => new(architecture, "torchvision 0.15 and timm 0.9", ["conv1", "bn1", .. Residual(blocks, "downsample.0", "downsample.1")], "fc");

    // A deep stem; an average without weights is the first of a shortcut's three layers.
    private static PublishedNames ResNet34d { get; } = new(
        "resnet34d", "timm 0.9",
        ["conv1.0", "conv1.1", "conv1.3", "conv1.4", "conv1.6", "bn1", .. Residual([3, 4, 6, 3], "downsample.1", "downsample.2")], "fc");

    private static IEnumerable<string> Residual(int[] blocks, string shortcut, string shortcutNorm)
        => Enumerable.Range(0, blocks.Length).SelectMany(stage => Enumerable.Range(0, blocks[stage]).SelectMany(block =>
        {
            string[] layers = ["conv1", "bn1", "conv2", "bn2"];
            return (stage > 0 && block == 0 ? [.. layers, shortcut, shortcutNorm] : layers)
                .Select(layer => $"layer{stage + 1}.{block}.{layer}");
        }));

    private static PublishedNames DenseNet(string library, params string[] layer)
        => new(
            "densenet121", library,
            [
                "features.conv0", "features.norm0",
                .. new[] { 6, 12, 24, 16 }.SelectMany((layers, block) => Enumerable.Range(1, layers)
                    .SelectMany(number => layer.Select(name => $"features.denseblock{block + 1}.denselayer{number}.{name}"))
                    .Concat(block < 3
                        ? [$"features.transition{block + 1}.norm", $"features.transition{block + 1}.conv"]
                        : ["features.norm5"])),
            ],
            "classifier");

    // Layers of EfficientNet-B2's seven stages.
    private static readonly int[] _stages = [2, 3, 3, 4, 4, 5, 2];

    private static PublishedNames EfficientNetOfTorchvision { get; } = new(
        "efficientnet_b2", "torchvision 0.15",
        [
            "features.0.0", "features.0.1",
            .. Stages((stage, layer) => (stage == 0
                    ? new[] { "0.0", "0.1", "1", "2.0", "2.1" }
                    : ["0.0", "0.1", "1.0", "1.1", "2", "3.0", "3.1"])
                .Select(name => $"features.{stage + 1}.{layer}.block.{name}")),
            "features.8.0", "features.8.1",
        ],
        "classifier.1");

    private static PublishedNames EfficientNetOfTimm { get; } = new(
        "efficientnet_b2", "timm 0.9",
        [
            "conv_stem", "bn1",
            .. Stages((stage, layer) => (stage == 0
                    ? new[] { "conv_dw", "bn1", "se", "conv_pw", "bn2" }
                    : ["conv_pw", "bn1", "conv_dw", "bn2", "se", "conv_pwl", "bn3"])
                .Select(name => $"blocks.{stage}.{layer}.{name}")),
            "conv_head", "bn2",
        ],
        "classifier")
    {
        Tensors = new Dictionary<string, string>
        {
            ["fc1.weight"] = "conv_reduce.weight", ["fc1.bias"] = "conv_reduce.bias", ["fc2.weight"] = "conv_expand.weight",
            ["fc2.bias"] = "conv_expand.bias",
        },
    };

    private static IEnumerable<string> Stages(Func<int, int, IEnumerable<string>> layers)
        => Enumerable.Range(0, _stages.Length).SelectMany(
            stage => Enumerable.Range(0, _stages[stage]).SelectMany(layer => layers(stage, layer)));

    // Microsoft.ML.DnnImageFeaturizer.ResNet18 0.23.1 from NuGet, ResNet18.onnx: a network of CNTK's with a third block in its last stage,
    // which is left out. A convolution's number, then its normalisation's first of four: scale, shift, mean, variance.
    private static PublishedNames ResNet18OfCntk { get; } = new(
        "resnet18", "Microsoft.ML.DnnImageFeaturizer.ResNet18 0.23.1",
        [
            "91", "96", "86", "113", "82", "127", "77", "144", "73", "158", "68", "175", "64", "189", "199", "203", "59", "220", "55",
            "234", "50", "251", "46", "265", "275", "279", "41", "296", "37", "310", "32", "327", "28", "341", "351", "355", "23", "372",
            "19", "386",
        ],
        "")
    {
        Join = (layer, tensor) => tensor switch
        {
            "weight" => $"Parameter{layer}",
            "bias" => $"Parameter{After(layer, 1)}",
            "running_mean" => $"Constant{After(layer, 2)}",
            "running_var" => $"Constant{After(layer, 3)}",
            _ => $"{layer}.{tensor}",
        },
        LeftOut = ["Parameter14", "Parameter403", "Parameter404", "Constant405", "Constant406", "Parameter10", "Parameter417",
            "Parameter418", "Constant419", "Constant420"],
    };

    /// <summary>Keys of layers that the file has beyond the network's.</summary>
    internal IReadOnlyList<string> LeftOut { get; private init; } = [];

    private static int After(string layer, int number) => int.Parse(layer, System.Globalization.CultureInfo.InvariantCulture) + number;
}
