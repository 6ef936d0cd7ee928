using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hybrid.Data.Formats;
using Hybrid.Models.Weights;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>The weights that lophy95 published for the IDAO 2021 competition, as .npz files, in <see cref="RecoilTwoLayers"/>.</summary>
public static class PublishedRecoilWeights
{
    /// <summary>Beginnings of the published keys and of ours.</summary>
    private static readonly (string Published, string Ours)[] _keys =
    [
        ("0.0.0.", "first."), ("0.0.1.", "first_norm."), ("0.0.4.", "second."), ("0.0.5.", "second_norm."), ("0.2.", "hidden."),
        ("1.", "answer."),
    ];

    /// <summary>A network with the weights of a file, in evaluation mode.</summary>
    /// <param name="path">lophy95_classification.npz or lophy95_regression.npz.</param>
    /// <param name="device">Where it shall be.</param>
    /// <returns>Of two outputs for the kind, or of one for the energy, as the file has.</returns>
    /// <exception cref="InvalidDataException">The file has other weights.</exception>
    public static RecoilTwoLayers Load(string path, Device? device = null)
    {
        var arrays = Npz.Read(path);
        if (!arrays.TryGetValue("1.bias", out var last) || last.Shape is not [var outputs and (1 or 2)])
            throw new InvalidDataException(
                $"{path}: expected the weights of one of lophy95's networks, found no '1.bias' of 1 or 2 values.");
        var network = new RecoilTwoLayers(outputs: outputs, device: device);
        using var scope = NewDisposeScope();
        var tensors = arrays.ToDictionary(
            entry => entry.Key,
            entry => tensor(entry.Value.ToSingles(), [.. entry.Value.Shape.Select(size => (long)size)]));
        try
        {
            var report = PartialLoading.Load(network, tensors, Renamed);
            if (report.Missing.Count > 0)
                throw new InvalidDataException($"{path}: expected the weights of one of lophy95's networks, without {report.Missing[0]}.");
        }
        catch
        {
            network.Dispose();
            throw;
        }
        network.eval();
        return network;
    }

    private static string? Renamed(string key)
    {
        foreach (var (published, ours) in _keys)
            if (key.StartsWith(published, StringComparison.Ordinal)) return ours + key[published.Length..];
        return null;
    }
}
