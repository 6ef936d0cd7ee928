using System;
using Hybrid.Models.Networks;
using static TorchSharp.torch;

namespace Hybrid.Models.Inference;

/// <summary>Which numbers each coupling of a <see cref="RealNvp"/> leaves as they are.</summary>
internal static class CouplingMasks
{
    /// <summary>
    /// (couplings, D), 1 where a number stays. Each is changed by every other coupling, half of them at a time; a single one by all. Pairs
    /// of couplings cut the numbers in halves, each pair in another way.
    /// </summary>
    public static Tensor Of(int dimensions)
    {
        var values = new float[RealNvp.Couplings * dimensions];
        for (var i = 0; i < values.Length; i++)
        {
            var (coupling, number) = (i / dimensions, i % dimensions);
            values[i] = dimensions > 1 && (((number / (1 + (coupling / 2 % Math.Max(1, dimensions / 2)))) + coupling) % 2 == 0) ? 1 : 0;
        }
        return tensor(values, [RealNvp.Couplings, dimensions]);
    }
}
