using System;
using System.IO;
using System.Linq;
using Hybrid.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>The networks that <see cref="RecoilTraining"/> trains, by name.</summary>
public static class RecoilNetworks
{
    /// <summary>Names, the default first.</summary>
    public static string[] Names { get; } = ["recoil", "equivariant"];

    /// <summary>A new network.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="classes">Kinds and energies it tells apart, ≥ 2.</param>
    /// <param name="device">Where it shall be.</param>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static nn.Module<Tensor, (Tensor kinds, Tensor energy, Tensor logError)> Create(string name, int classes, Device? device = null)
        => Checked(name) == Names[0]
            ? new RecoilNetwork(classes: classes, device: device)
            : new RecoilEquivariant(classes: classes, device: device);

    /// <summary>Loads the weights of a run or an archive into a network of its kind.</summary>
    /// <param name="network">One that <see cref="Create"/> made.</param>
    /// <param name="path">A file of safetensors. One that was written when a <see cref="RecoilNetwork"/>'s stem and body had no names
    /// in their keys is read too.</param>
    /// <exception cref="InvalidDataException">It is damaged, or of another network.</exception>
    public static void Load(nn.Module network, string path)
    {
        if (network is RecoilNetwork)
        {
            using var file = Safetensors.Load(path);
            if (file.Tensors.TryGetValue("bends.weight", out var bends))
            {
                // A convolution of 1 × 1 then.
                file.Tensors["bends.weight"] = bends.flatten(1);
                bends.Dispose();
                PartialLoading.Load(network, file.Tensors, Renamed, Check);
                return;
            }
        }
        WeightFile.Load(network, path);

        static string Renamed(string key) => (key.StartsWith("bends", StringComparison.Ordinal) ? "stem_1." : "body_1.") + key;

        void Check(LoadReport report)
        {
            if (!report.IsComplete)
                throw new InvalidDataException(
                    $"{path}: expected the weights of this {nameof(RecoilNetwork)}, got others: {report.Text("fit")}.");
        }
    }

    /// <summary>The same name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static string Checked(string name)
        => Names.Contains(name) ? name : throw new ArgumentException($"--network: expected {string.Join(" or ", Names)}, got '{name}'.");
}
