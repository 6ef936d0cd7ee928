using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hybrid.Data.Formats;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Training.Weights;

/// <summary>Weights of a network in whichever format they are: safetensors, PyTorch's .pth, TorchSharp's .dat.</summary>
public static class WeightFile
{
    /// <summary>Loads what fits into a module. A PyTorch file and a safetensors file are known by their first bytes, anything else is read as TorchSharp's .dat, which must hold exactly the module's keys.</summary>
    /// <param name="module">The module to load into.</param>
    /// <param name="path">The file.</param>
    /// <param name="key">Of a PyTorch file that holds more than the state dictionary: where that is, keys separated by "/" (<c>"0.0"</c>, <c>"model/state_dict"</c>). Of a safetensors file the
    /// prefix of the keys, without its dot (<c>"network"</c> for a checkpoint of a fit).</param>
    /// <exception cref="InvalidDataException">The file is damaged or of no such format; the module is as it was.</exception>
    /// <exception cref="KeyNotFoundException">There is nothing at <paramref name="key"/>.</exception>
    public static LoadReport Load(nn.Module module, string path, string? key = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        switch (Kind(path))
        {
            case "pth":
                using (var file = PthFile.Load(path))
                {
                    return PartialLoading.Load(module, (key ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate(file.Root, (node, part) => node[part]).Tensors);
                }
            case "safetensors":
                using (var file = Safetensors.Load(path))
                {
                    if (key is null) return PartialLoading.Load(module, file.Tensors);
                    var below = file.Tensors.Where(pair => pair.Key.StartsWith(key + ".", StringComparison.Ordinal)).ToDictionary(pair => pair.Key[(key.Length + 1)..], pair => pair.Value);
                    if (below.Count == 0) throw new KeyNotFoundException($"{path}: no key begins with '{key}.'; its keys begin with {string.Join(", ", file.Tensors.Keys.Select(k => k.Split('.')[0]).Distinct().Take(10))}.");
                    return PartialLoading.Load(module, below);
                }
            default:
                if (key is not null) throw new ArgumentException($"{path}: TorchSharp's .dat holds one network, so there is no key '{key}' in it.", nameof(key));
                LoadDat(module, path);
                return new LoadReport(module.state_dict().Keys.ToArray(), [], [], []);
        }
    }

    /// <summary>Writes a module's weights and buffers in the format of the name's ending: .safetensors or .dat. The file stands under its name only when complete.</summary>
    /// <exception cref="ArgumentException">Another ending.</exception>
    public static void Save(nn.Module module, string path)
    {
        ArgumentNullException.ThrowIfNull(module);
        switch (Path.GetExtension(path))
        {
            case ".safetensors": Safetensors.Save(path, module.state_dict()); break;
            case ".dat": WholeFile.WriteAt(path, temporary => module.save(temporary)); break;
            case var other: throw new ArgumentException($"{path}: expected a name that ends in .safetensors or .dat, got '{other}'.", nameof(path));
        }
    }

    // TorchSharp reads the format tensor by tensor into the module: what a damaged file got into it is taken back.
    private static void LoadDat(nn.Module module, string path)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var state = module.state_dict();
        var before = state.ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone());
        try
        {
            module.load(path);
            foreach (var (key, tensor) in state)
                if (tensor.dtype == ScalarType.Bool) Contents.RequireTruth(path, $"'{key}'", tensor.detach().cpu().contiguous());
        }
        catch (Exception failure)
        {
            foreach (var (key, tensor) in state) tensor.copy_(before[key]);
            if (failure is not (ArgumentException or InvalidDataException or IOException)) throw;
            throw new InvalidDataException($"{path}: neither a PyTorch nor a safetensors file, and as TorchSharp's .dat: {failure.Message}", failure);
        }
    }

    private static string Kind(string path)
    {
        Span<byte> start = stackalloc byte[9];
        using var stream = File.OpenRead(path);
        var count = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (count >= 4 && start[..4].SequenceEqual("PK\u0003\u0004"u8)) return "pth";
        if (count == 9 && start[8] == (byte)'{' && BitConverter.ToUInt64(start) <= (ulong)Safetensors.MaxHeaderBytes) return "safetensors";
        return Path.GetExtension(path) switch { ".pth" or ".pt" or ".ckpt" => "pth", ".safetensors" => "safetensors", _ => "dat" };
    }
}
