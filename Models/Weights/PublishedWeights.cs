using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Weights;

/// <summary>
/// Loads weights that others trained and published: state dictionaries of torchvision and timm (.pth, .safetensors), and ONNX files, by
/// the tables of <see cref="PublishedNames"/>.
/// </summary>
public static class PublishedWeights
{
    private const string BatchCount = "num_batches_tracked";

    /// <summary>
    /// Loads a published network's weights into a network that begins with its layers. A stem for another number of channels than the
    /// file's gets the file's filters summed for one channel, or repeated and scaled to the same sum for several. The last layer is loaded
    /// where the network has one of the file's shape; further layers stay as they are.
    /// </summary>
    /// <param name="network">A generated network, such as <c>ResNet18</c> or an encoder that begins with it.</param>
    /// <param name="architecture">One of <see cref="PublishedNames.Architectures"/>.</param>
    /// <param name="path">The file. Its keys may stand below others (<c>state_dict</c>, <c>module</c>).</param>
    /// <exception cref="ArgumentException">The network does not begin with the layers of the architecture.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or of another network; the message says what is missing or too many,
    /// and nothing is loaded.</exception>
    public static PublishedReport Load(nn.Module network, string architecture, string path)
    {
        ArgumentNullException.ThrowIfNull(network);
        var all = PublishedNames.Of(architecture);
        using var scope = NewDisposeScope();
        using var file = Open(path);
        // The first name may stand below others; the shortest beginning is that of the network.
        var (names, before, missing) = all.Select(one => Best(one, file.Tensors)).MinBy(found => found.Missing.Count);
        if (missing.Count > 0)
            throw new InvalidDataException(
                $"{path}: expected the weights of {architecture} by the names of {string.Join(" or ", all.Select(one => one.Library))}, "
                    + $"got {Plural.Of(file.Tensors.Count, "tensor")}, {Listed(file.Tensors.Keys)}; "
                    + $"{missing.Count} are missing by the names of {names.Library}: {Listed(missing)}.");

        var layers = LayersOf(network);
        if (layers.Length < names.Layers.Count)
            throw new ArgumentException(
                $"PublishedWeights: expected a network that begins with the {Plural.Of(names.Layers.Count, "layer")} of {architecture}, "
                    + $"{network.GetName()} has {layers.Length}.",
                nameof(network));
        var state = network.state_dict();
        var (read, used) = (new Dictionary<string, Tensor>(), new HashSet<string>(names.LeftOut.Select(key => before + key)));
        var stem = (Own: 0L, File: 0L);
        for (var place = 0; place < names.Layers.Count; place++)
        {
            foreach (var (key, own) in state.Where(entry => IsBelow(entry.Key, layers[place])))
            {
                var tensor = key[(layers[place].Length + 1)..];
                var theirs = before + names.KeyOf(names.Layers[place], tensor);
                used.Add(theirs);
                if (tensor == BatchCount) continue;
                if (!file.Tensors.TryGetValue(theirs, out var published))
                    throw new ArgumentException(
                        $"PublishedWeights: expected a network that begins with the layers of {architecture}; "
                            + $"its '{key}' has nothing to match in '{names.Layers[place]}' of {path}.",
                        nameof(network));
                var value = published.to(own.dtype);
                if (place == 0 && tensor == "weight" && value.dim() == 4 && own.dim() == 4 && value.size(1) != own.size(1))
                {
                    stem = (own.size(1), value.size(1));
                    value = ForChannels(value, own.size(1));
                }
                if (!value.shape.AsSpan().SequenceEqual(own.shape))
                    throw new InvalidDataException(
                        $"{path}: expected '{theirs}' as ({string.Join(", ", own.shape)}), got ({string.Join(", ", value.shape)}): it is "
                            + $"of another network than {architecture}.");
                read.Add(key, value);
            }
        }
        var hasClassifier = names.Classifier.Length > 0 && TakeClassifier();
        var known = file.Tensors.Keys.Where(key => key.StartsWith(before, StringComparison.Ordinal)).Where(key => !used.Contains(key))
            .Where(key => names.Classifier.Length == 0 || !IsBelow(key, before + names.Classifier)).ToArray();
        if (known.Length > 0)
            throw new InvalidDataException(
                $"{path}: expected the weights of {architecture} and no others, got {known.Length} that it does not have: {Listed(known)}. "
                    + "It is of another network.");
        using var none = no_grad();
        foreach (var (key, value) in read) state[key].copy_(value);
        return new PublishedReport(Path.GetFileName(path), names, read.Count, hasClassifier, (int)stem.Own, (int)stem.File);

        bool TakeClassifier()
        {
            if (layers.Length == names.Layers.Count) return false;
            var own = state.Where(entry => IsBelow(entry.Key, layers[names.Layers.Count])).ToArray();
            var theirs = own.Select(entry
                => file.Tensors.GetValueOrDefault($"{before}{names.Classifier}.{entry.Key[(layers[names.Layers.Count].Length + 1)..]}"))
                .ToArray();
            if (own.Zip(theirs).Any(pair => pair.Second is null || !pair.Second.shape.AsSpan().SequenceEqual(pair.First.Value.shape)))
                return false;
            for (var i = 0; i < own.Length; i++) read.Add(own[i].Key, theirs[i]!.to(own[i].Value.dtype));
            return true;
        }
    }

    /// <summary>
    /// Filters of a convolution for another number of input channels: summed for one, so that a grey image gives what it gave in all
    /// channels; otherwise repeated in turn and scaled by the ratio of the numbers.
    /// </summary>
    /// <param name="filters">(O, C, k, k).</param>
    /// <param name="channels">How many there shall be, ≥ 1.</param>
    /// <returns>(O, channels, k, k).</returns>
    public static Tensor ForChannels(Tensor filters, long channels)
    {
        ArgumentNullException.ThrowIfNull(filters);
        var own = filters.size(1);
        if (channels < 1)
            throw new ArgumentOutOfRangeException(
                nameof(channels), $"PublishedWeights.ForChannels: expected at least 1 channel, got {channels}.");
        if (channels == own) return filters;
        if (channels == 1) return filters.sum(1, keepdim: true);
        var turns = Enumerable.Range(0, (int)channels).Select(channel => filters.narrow(1, channel % own, 1)).ToArray();
        return cat(turns, 1) * ((double)own / channels);
    }

    private static (PublishedNames Names, string Before, IReadOnlyList<string> Missing) Best(
        PublishedNames names, IReadOnlyDictionary<string, Tensor> tensors)
    {
        var first = names.KeyOf(names.Layers[0], "weight");
        var before = tensors.Keys.Where(key => key == first || key.EndsWith("." + first, StringComparison.Ordinal))
            .Select(key => key[..^first.Length]).MinBy(key => key.Length) ?? "";
        // One tensor of each layer is enough to know it: squeeze and excite has no weight of its own.
        var missing = names.Layers.Select(layer => new[] { "weight", "fc1.weight" }.Select(tensor => before + names.KeyOf(layer, tensor)))
            .Where(keys => !keys.Any(tensors.ContainsKey)).Select(keys => keys.First()).ToArray();
        return (names, before, missing);
    }

    private static string[] LayersOf(nn.Module network)
        => network.GetType().GetCustomAttribute<NetworkContractAttribute>()?.Keys
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            ?? throw new ArgumentException(
                $"PublishedWeights: expected a network that the generator wrote from a spec, got {network.GetType().Name}.",
                nameof(network));

    private static bool IsBelow(string key, string layer)
        => key.Length > layer.Length && key[layer.Length] == '.' && key.StartsWith(layer, StringComparison.Ordinal);

    private static string Listed(IEnumerable<string> keys)
    {
        var first = keys.Take(4).ToArray();
        return first.Length < 4 ? string.Join(", ", first) : string.Join(", ", first.Take(3)) + ", …";
    }

    private static OpenedWeights Open(string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"--weights: {Path.GetFullPath(path)} is not there.", path);
        if (path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)) return new OpenedWeights(OnnxWeights.Load(path), null);
        switch (WeightFile.Kind(path))
        {
            case "pth":
                var pth = PthFile.Load(path);
                return new OpenedWeights(pth.Root.Tensors, pth);
            case "safetensors":
                var file = Safetensors.Load(path);
                return new OpenedWeights(file.Tensors, file);
            default:
                throw new InvalidDataException(
                    $"{path}: expected a PyTorch file (.pth), a safetensors file or an ONNX file, got one that begins like none of them.");
        }
    }

    private sealed record OpenedWeights(IReadOnlyDictionary<string, Tensor> Tensors, IDisposable? File) : IDisposable
    {
        public void Dispose() => File?.Dispose();
    }
}

/// <summary>What was loaded of a published file.</summary>
/// <param name="File">Its name.</param>
/// <param name="Names">By whose names.</param>
/// <param name="Tensors">How many.</param>
/// <param name="HasClassifier">Whether the last layer is the file's.</param>
/// <param name="Channels">Channels of the network's stem where they are not the file's; else 0.</param>
/// <param name="FileChannels">The file's.</param>
public sealed record PublishedReport(string File, PublishedNames Names, int Tensors, bool HasClassifier, int Channels, int FileChannels)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        var stem = Channels == 0
            ? ""
            : Channels == 1
            ? $", the stem's {Plural.Of(FileChannels, "channel")} summed into one"
            : $", the stem's {FileChannels} channels repeated for {Channels}";
        var (kept, left) = (HasClassifier ? "" : ", its classifier left out", Names.LeftOut.Count);
        var more = left == 0 ? "" : $", {Plural.Of(left, "tensor")} of layers that {Names.Architecture} does not have left out";
        return $"{File}: {Plural.Of(Tensors, "tensor")} of {Names.Architecture} by the names of {Names.Library}{stem}{kept}{more}";
    }
}
