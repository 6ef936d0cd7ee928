using System;
using System.Collections.Generic;

namespace Hybrid.Rules;

/// <summary>What other libraries call by another name, or have as an operation of its own: how the language says it.</summary>
public static class NearMisses
{
    private static readonly Dictionary<string, string> _advice = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Aggregate"] = "Use a loop over a list.",
        ["All"] = "Use .Min(axes) of the mask.",
        ["Any"] = "Use .Max(axes) of the mask.",
        ["Average"] = "Use .Mean(axes).",
        ["AvgPool"] = "Use .AvgPool2d(k), or .MeanPool2d() over the whole map.",
        ["Bmm"] = "Use .MatMul(other).",
        ["Clip"] = "Use .Clamp(min, max).",
        ["Concat"] = "Use .Cat(other, axis).",
        ["Concatenate"] = "Use .Cat(other, axis).",
        ["Count"] = "Use .Sum(axes) of the mask.",
        ["Dot"] = "Use (a * b).Sum(-1), or .MatMul(other).",
        ["ElementAt"] = "Use an index: x[.., i].",
        ["Expm1"] = "Use .Exp() - 1.",
        ["Fft"] = "Use .Fft2() over the last two axes.",
        ["First"] = "Use an index: x[0].",
        ["GlobalAvgPool"] = "Use .MeanPool2d().",
        ["Hardtanh"] = "Use .Clamp(-1, 1).",
        ["Huber"] = "Use the loss Hybrid.Models.Losses.Huber, or Sym.Where(error <= 1, error.Square() / 2, error - 0.5).",
        ["KlDiv"] = "Use (p * (p.Log() - q.Log())).Sum(-1).Mean().",
        ["Last"] = "Use an index: x[^1].",
        ["Log1p"] = "Use (1 + x).Log().",
        ["MaskedFill"] = "Use Sym.Where(mask, value, x).",
        ["Mm"] = "Use .MatMul(other).",
        ["Narrow"] = "Use .Slice(axis, start, length), or a range: x[.., 1..3].",
        ["NllLoss"] = "Use .CrossEntropy(target) of logits.",
        ["Norm"] = "Use .Square().Sum(axes).Sqrt(), or .Normalize(axis) for vectors of length 1.",
        ["Prod"] = "Use .Log().Sum(axes).Exp() of positive numbers.",
        ["Rand"] = "Use Sym.Normal(x) for draws from N(0, 1).",
        ["RandnLike"] = "Use Sym.Normal(x).",
        ["Randn"] = "Use Sym.Normal(x).",
        ["Reciprocal"] = "Use 1 / x.",
        ["Relu6"] = "Use .Clamp(0, 6).",
        ["Repeat"] = "Use .Expand(shape).",
        ["Rsqrt"] = "Use 1 / x.Sqrt().",
        ["Select"] = "Use an index: x[.., i].",
        ["SmoothL1"] = "Use the loss Hybrid.Models.Losses.Huber, or Sym.Where(error <= 1, error.Square() / 2, error - 0.5).",
        ["Stack"] = "Use .Unsqueeze(axis) on each and .Cat(other, axis).",
        ["Std"] = "Use .Var(axes).Sqrt().",
        ["Swish"] = "Use .Silu().",
        ["Take"] = "Use a range: x[..3], or .Lookup(indices) for rows by index.",
        ["Tile"] = "Use .Expand(shape).",
        ["View"] = "Use .Reshape(shape).",
        ["Zip"] = "Use .Cat(other, axis), or arithmetic between the two.",
    };

    /// <summary>A sentence that names what does it, or the operation whose name is most like this one.</summary>
    public static string Advice(string name)
        => _advice.TryGetValue(name, out var advice) ? advice : $"Did you mean {RuleTable.Nearest(name)}?";

    /// <summary>Whether there is a sentence for this name.</summary>
    public static bool Has(string name) => _advice.ContainsKey(name);

    /// <summary>The names that are not the language's; an operation that gets such a name is to leave this list.</summary>
    internal static IReadOnlyCollection<string> Names => _advice.Keys;
}
