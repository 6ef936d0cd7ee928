using System;
using System.Linq;
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

    /// <summary>The same name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static string Checked(string name)
        => Names.Contains(name) ? name : throw new ArgumentException($"--network: expected {string.Join(" or ", Names)}, got '{name}'.");
}
