using System;
using System.Collections.Generic;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Weights;

/// <summary>A tensor's memory in pieces that a span can hold (it holds at most 2 GiB).</summary>
internal static class Pieces
{
    private const long PieceBytes = 1 << 28;

    /// <param name="contiguous">In C order; the pieces are views of it, valid until the next is asked for.</param>
    public static IEnumerable<Tensor> Of(Tensor contiguous)
    {
        var elements = contiguous.numel();
        if (elements * contiguous.element_size() <= PieceBytes)
        {
            yield return contiguous;
            yield break;
        }
        using var flat = contiguous.view(-1);
        var step = PieceBytes / contiguous.element_size();
        for (long start = 0; start < elements; start += step)
        {
            using var part = flat.narrow(0, start, Math.Min(step, elements - start));
            yield return part;
        }
    }
}
