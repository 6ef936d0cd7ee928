using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hybrid.Data.Formats;
using Hybrid.Models.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Weights;

/// <summary>Weights of a network in whichever format they are: safetensors, PyTorch's .pth, TorchSharp's .dat.</summary>
public static class WeightFile
{
    /// <summary>
    /// Loads a file's weights into a module. A PyTorch file and a safetensors file are known by their first bytes, anything else is read as
    /// TorchSharp's .dat.
    /// </summary>
    /// <param name="module">The module to load into.</param>
    /// <param name="path">The file.</param>
    /// <param name="key">Of a PyTorch file that holds more than the state dictionary: where that is, keys separated by "/" (<c>"0.0"</c>,
    /// <c>"model/state_dict"</c>); the last may be what its keys begin with, without the dot (<c>"module"</c>, as DistributedDataParallel
    /// saves them). Of a safetensors file it is the prefix of the keys (<c>"network"</c> for a checkpoint of a fit).</param>
    /// <param name="strict">Whether the file must have all tensors of the module, of the same shapes, and no others; otherwise what fits is
    /// loaded, and the report says what that was.</param>
    /// <exception cref="InvalidDataException">The file is damaged, of no such format, or of another network; the module is as it
    /// was.</exception>
    /// <exception cref="KeyNotFoundException">There is nothing at <paramref name="key"/>.</exception>
    public static LoadReport Load(nn.Module module, string path, string? key = null, bool strict = true)
    {
        ArgumentNullException.ThrowIfNull(module);
        var kind = Kind(path);
        switch (kind)
        {
            case "pth":
                using (var file = PthFile.Load(path))
                {
                    return PartialLoading.Load(module, Tensors(file.Root, key), null, Check);
                }
            case "safetensors":
                using (var file = Safetensors.Load(path))
                {
                    var own = module.state_dict().Keys.Select(name => key is null ? name : $"{key}.{name}").ToHashSet();
                    if (strict && file.Unread.FirstOrDefault(entry => own.Contains(entry.Key)) is { Key: { } unread } pair)
                        throw new InvalidDataException($"{path}: '{unread}': {pair.Value}");
                    if (key is null) return PartialLoading.Load(module, file.Tensors, null, Check);
                    var below = Below(file.Tensors, key);
                    if (below.Count == 0)
                    {
                        var prefixes = file.Tensors.Keys.Select(k => k.Split('.')[0]).Distinct().Take(10);
                        throw new KeyNotFoundException(
                            $"{path}: no key begins with '{key}.'; its keys begin with {string.Join(", ", prefixes)}.");
                    }
                    return PartialLoading.Load(module, below, null, Check);
                }
            default:
                if (key is not null)
                    throw new ArgumentException(
                        $"{path}: TorchSharp's .dat holds one network, so there is no key '{key}' in it.", nameof(key));
                using (NewDisposeScope())
                {
                    return PartialLoading.Load(module, DatFile.Load(path), null, Check);
                }
        }

        void Check(LoadReport report)
        {
            if (!strict || report.IsComplete) return;
            // A network that was saved inside another module: the same keys with its name before them.
            var prefix = report.Missing.Count == 0
                ? null
                : report.Unexpected.Where(unexpected => unexpected.EndsWith("." + report.Missing[0], StringComparison.Ordinal))
                .Select(unexpected => unexpected[..^(report.Missing[0].Length + 1)]).FirstOrDefault(
                    before => report.Missing.All(missing => report.Unexpected.Contains($"{before}.{missing}")));
            var fix = prefix is null
                ? "strict: false loads what fits."
                : $"Its keys have '{prefix}.' before them: "
                    + $"give the key '{(key is null ? "" : key + (kind == "pth" ? "/" : "."))}{prefix}'.";
            throw new InvalidDataException(
                $"{path}: expected the weights of {ModuleName.Of(module)}, all of them and no others: {report.Text("fit")}. {fix}");
        }
    }

    private static IReadOnlyDictionary<string, Tensor> Tensors(PthNode root, string? key)
    {
        var node = root;
        var parts = (key ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < parts.Length; i++)
        {
            if (i == parts.Length - 1 && !node.Keys.Contains(parts[i]) && Below(node.Tensors, parts[i]) is { Count: > 0 } below)
                return below;
            node = node[parts[i]];
        }
        return node.Tensors;
    }

    private static Dictionary<string, Tensor> Below(IReadOnlyDictionary<string, Tensor> tensors, string prefix)
        => tensors.Where(pair => pair.Key.StartsWith(prefix + ".", StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key[(prefix.Length + 1)..], pair => pair.Value);

    /// <summary>
    /// Writes a module's weights and buffers in the format of the name's ending: .safetensors or .dat. The file stands under its name only
    /// when complete.
    /// </summary>
    /// <exception cref="ArgumentException">Another ending.</exception>
    public static void Save(nn.Module module, string path)
    {
        ArgumentNullException.ThrowIfNull(module);
        switch (Path.GetExtension(path))
        {
            case ".safetensors": Safetensors.Save(path, module.state_dict()); break;
            case ".dat":
                // module.save does not throw where the disk is full, so the file must have room for every value.
                var least = module.state_dict().Values.Sum(tensor => tensor.numel() * tensor.element_size());
                WholeFile.WriteAt(path, temporary => module.save(temporary), Math.Max(1, least));
                break;
            case var other: throw new ArgumentException(
                $"{path}: expected a name that ends in .safetensors or .dat, got '{other}'.", nameof(path));
        }
    }

    internal static string Kind(string path)
    {
        RegularFile.Require(path);
        Span<byte> start = stackalloc byte[9];
        using var stream = File.OpenRead(path);
        var count = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (count >= 4 && start[..4].SequenceEqual("PK\u0003\u0004"u8)) return "pth";
        if (count == 9 && start[8] == (byte)'{' && BitConverter.ToUInt64(start) <= (ulong)Safetensors.MaxHeaderBytes) return "safetensors";
        return Path.GetExtension(path) switch { ".pth" or ".pt" or ".ckpt" => "pth", ".safetensors" => "safetensors", _ => "dat" };
    }
}
