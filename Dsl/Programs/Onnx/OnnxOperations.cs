using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Onnx;

/// <summary>How each operation of the language is written in ONNX's operator set 17, by its name in a spec.</summary>
internal static class OnnxOperations
{
    private static readonly Dictionary<string, Func<OnnxCode, string>> _single = new()
    {
        // ---- weights ----
        ["Linear"] = Linear,
        ["BatchNorm"] = c => c.Add("BatchNormalization", [c.X, c.Weight("weight"), c.Weight("bias"), c.Weight("running_mean"), c.Weight("running_var")], ("epsilon", (float)c.Read.Real("eps"))),
        ["LayerNorm"] = c => c.Add("LayerNormalization", [c.X, c.Weight("weight"), c.Weight("bias")], ("axis", -c.Read.Integer("axes")), ("epsilon", (float)c.Read.Real("eps"))),
        ["GroupNorm"] = GroupNorm,
        ["Conv1d"] = OnnxWindows.Convolution,
        ["Conv2d"] = OnnxWindows.Convolution,
        ["Conv3d"] = OnnxWindows.Convolution,
        ["ConvTranspose2d"] = OnnxWindows.Transposed,
        ["LiftConv2d"] = c => OnnxSymmetries.Convolution(c, isLifting: true),
        ["GroupConv2d"] = c => OnnxSymmetries.Convolution(c, isLifting: false),
        ["GroupBatchNorm"] = OnnxSymmetries.BatchNorm,
        ["SqueezeExcite"] = SqueezeExcite,
        ["Attention"] = OnnxSequences.Attention,
        ["Embedding"] = c => c.Add("Gather", [c.Weight("weight"), c.In("x")]),
        ["Parameter"] = c => c.Weight(""),
        ["PRelu"] = c => c.Add("PRelu", [c.X, c.Read.Flag("perChannel") && c.Shape.Rank > 2 ? PerChannel(c, c.Weight("weight")) : c.Weight("weight")]),

        // ---- windows ----
        ["MaxPool1d"] = OnnxWindows.MaxPool,
        ["MaxPool2d"] = OnnxWindows.MaxPool,
        ["MaxPool3d"] = OnnxWindows.MaxPool,
        ["AvgPool1d"] = OnnxWindows.AvgPool,
        ["AvgPool2d"] = OnnxWindows.AvgPool,
        ["AvgPool3d"] = OnnxWindows.AvgPool,
        ["BlurPool2d"] = OnnxWindows.BlurPool,
        ["GroupPool"] = OnnxSymmetries.Pool,
        ["MeanPool1d"] = c => c.Mean(c.X, keep: false, -1),
        ["MeanPool2d"] = c => c.Mean(c.X, keep: false, -2, -1),
        ["MeanPool3d"] = c => c.Mean(c.X, keep: false, -3, -2, -1),
        ["AdaptiveAvgPool2d"] = OnnxAdaptive.AvgPool,
        ["AdaptiveMaxPool2d"] = OnnxAdaptive.MaxPool,
        ["Upsample"] = OnnxWindows.Upsample,

        // ---- arithmetic ----
        ["+"] = c => Binary(c, "Add"),
        ["-"] = c => Binary(c, "Sub"),
        ["*"] = c => Binary(c, "Mul"),
        ["/"] = c => Binary(c, "Div"),
        ["MatMul"] = c => c.Add("MatMul", [c.X, c.Real("other")]),
        ["Neg"] = c => c.Add("Neg", [c.X]),
        ["Abs"] = c => c.Add("Abs", [c.X]),
        ["Exp"] = c => c.Add("Exp", [c.X]),
        ["Log"] = c => c.Add("Log", [c.X]),
        ["Sqrt"] = c => c.Add("Sqrt", [c.X]),
        ["Square"] = c => c.Add("Mul", [c.X, c.X]),
        ["Pow"] = c => c.Add("Pow", [c.X, c.Builder.Single(c.Read.Real("exponent"))]),
        ["Clamp"] = c => c.Add("Clip", [c.X, c.Read.IsGiven("min") ? c.Builder.Single(c.Read.Real("min")) : "", .. c.Read.IsGiven("max") ? [c.Builder.Single(c.Read.Real("max"))] : Array.Empty<string>()]),

        // ---- activations ----
        ["Relu"] = c => c.Result.Element == ElementType.Int64 ? c.Add("Max", [c.X, c.Builder.Integer(0)]) : c.Add("Relu", [c.X]),
        ["LeakyRelu"] = c => c.Add("LeakyRelu", [c.X], ("alpha", (float)c.Read.Real("slope"))),
        ["Elu"] = c => c.Add("Elu", [c.X], ("alpha", (float)c.Read.Real("alpha"))),
        ["Sigmoid"] = c => c.Add("Sigmoid", [c.X]),
        ["Tanh"] = c => c.Add("Tanh", [c.X]),
        ["Silu"] = c => c.Add("Mul", [c.X, c.Add("Sigmoid", [c.X])]),
        // x Φ(x) = x/2 (1 + erf(x/√2)); an operator of its own comes with set 20.
        ["Gelu"] = c => c.Add("Mul", [c.Add("Mul", [c.X, c.Builder.Single(0.5)]), c.Add("Add", [c.Add("Erf", [c.Add("Mul", [c.X, c.Builder.Single(Math.Sqrt(0.5))])]), c.Builder.Single(1)])]),
        ["Softplus"] = Softplus,
        ["Softmax"] = c => c.Add("Softmax", [c.X], ("axis", c.Axis("axis", c.Shape.Rank))),
        ["LogSoftmax"] = c => c.Add("LogSoftmax", [c.X], ("axis", c.Axis("axis", c.Shape.Rank))),
        ["Dropout"] = c => c.X,
        ["DropPath"] = c => c.X,
        ["Detach"] = c => c.X,

        // ---- reductions and matrices ----
        ["Mean"] = c => c.Shape.Rank == 0 ? c.X : c.Mean(c.X, c.Read.Flag("keep"), Axes(c)),
        ["Sum"] = c => c.Shape.Rank == 0 ? c.X : c.Sum(c.X, c.Read.Flag("keep"), Axes(c)),
        ["MaskedSum"] = MaskedSum,
        ["MaskedMean"] = c => c.Divide(MaskedSum(c), MaskedCount(c)),
        ["Frobenius"] = c => c.Add("ReduceL2", [c.X], ("axes", new long[] { -2, -1 }), ("keepdims", 0L)),
        ["Det"] = c => c.Add("Det", [c.X]),
        ["LogDet"] = OnnxMatrices.LogDet,
        ["Inverse"] = OnnxMatrices.Inverse,
        ["Trace"] = c => c.As(c.Result.Element, c.Sum(c.Multiply(c.As(ElementType.Real, c.In("x"), c.Shape.Element), OnnxMatrices.Identity(c, 1)), keep: false, -2, -1), ElementType.Real),
        ["AddDiagonal"] = c => c.Add(c.X, OnnxMatrices.Identity(c, c.Read.Real("value"))),
        ["Cov"] = OnnxMatrices.Covariance,

        // ---- losses ----
        ["Mse"] = OnnxLosses.Mse,
        ["L1"] = OnnxLosses.L1,
        ["Bce"] = OnnxLosses.Bce,
        ["BceWithLogits"] = OnnxLosses.BceWithLogits,
        ["GaussianNll"] = OnnxLosses.GaussianNll,
        ["CrossEntropy"] = OnnxLosses.CrossEntropy,

        // ---- shapes ----
        ["Flatten"] = c => c.Axis("start", c.Shape.Rank) == 1 ? c.Add("Flatten", [c.X], ("axis", 1L)) : Reshaped(c),
        ["Reshape"] = Reshaped,
        ["Permute"] = c => c.Add("Transpose", [c.X], ("perm", ((Argument.Integers)c.Argument("order")).Values.Select(axis => (long)axis).ToArray())),
        ["Transpose"] = Transposed,
        ["ToChannelsFirst"] = c => c.Add("Transpose", [c.X], ("perm", new[] { 0L, c.Shape.Rank - 1 }.Concat(Enumerable.Range(1, c.Shape.Rank - 2).Select(axis => (long)axis)).ToArray())),
        ["Squeeze"] = Squeezed,
        ["Unsqueeze"] = c => c.Add("Unsqueeze", [c.X, c.Builder.Integers(c.Axis("axis", c.Shape.Rank + 1))]),
        ["Cat"] = c => c.Add("Concat", _parts.Where(c.Read.Has).Select(c.Real).ToList(), ("axis", c.Axis("axis", c.Shape.Rank))),
        ["Slice"] = c => c.Slice(c.X, c.Axis("axis", c.Shape.Rank), c.Read.Integer("start"), c.Read.Integer("start") + c.Read.Integer("length")),
        ["Pad"] = c => OnnxWindows.Zeros(c, c.X, c.Along("by"), c.Along("by"), 0),
        ["Pad1d"] = c => c.Add("Pad", [c.X, c.Builder.Integers([.. new long[c.Shape.Rank - 1], c.Read.Integer("before"), .. new long[c.Shape.Rank - 1], c.Read.Integer("after")])]),
        ["CropTo"] = Cropped,
        ["Expand"] = c => c.Add("Expand", [c.X, c.Sizes.Values(c.Result.Sizes.ToList())]),
    };

    private static readonly Dictionary<string, Func<OnnxCode, IReadOnlyList<string>>> _several = new()
    {
        ["Lstm"] = c => OnnxSequences.Recurrent(c, "LSTM", [0, 3, 1, 2]), // PyTorch's rows are input, forget, cell, output; ONNX's input, output, forget, cell
        ["Gru"] = c => OnnxSequences.Recurrent(c, "GRU", [1, 0, 2]), // reset, update, new; update, reset, new
        ["Split"] = Parts,
        ["Chunk"] = Parts,
        ["Unbind"] = c => c.Node.Outputs.Select((_, n) => c.Add("Gather", [c.X, c.Builder.Integer(n)], ("axis", c.Axis("axis", c.Shape.Rank)))).ToList(),
    };

    private static readonly string[] _parts = ["x", "second", "third", "fourth"];

    /// <summary>By the operation's name; what is written gives the names of its results.</summary>
    public static IReadOnlyDictionary<string, Func<OnnxCode, IReadOnlyList<string>>> All { get; }
        = _several.Concat(_single.Select(one => new KeyValuePair<string, Func<OnnxCode, IReadOnlyList<string>>>(one.Key, c => [one.Value(c)]))).ToDictionary(one => one.Key, one => one.Value);

    private static string Linear(OnnxCode c)
    {
        var bias = c.Read.Flag("bias");
        if (c.Shape.Rank == 2) return c.Add("Gemm", [c.X, c.Weight("weight"), .. bias ? [c.Weight("bias")] : Array.Empty<string>()], ("transB", 1L));
        var product = c.Add("MatMul", [c.X, c.Add("Transpose", [c.Weight("weight")], ("perm", new[] { 1L, 0 }))]);
        return bias ? c.Add("Add", [product, c.Weight("bias")]) : product;
    }

    // Set 17 has no group normalisation: an instance normalisation over each group, then weight and bias of each channel.
    private static string GroupNorm(OnnxCode c)
    {
        var groups = c.Read.Integer("groups");
        var ones = c.Builder.Singles([groups], Enumerable.Repeat(1f, (int)groups).ToArray());
        var zeros = c.Builder.Singles([groups], new float[groups]);
        var rows = c.Add("Reshape", [c.X, c.Builder.Integers(0, groups, -1)]);
        var normal = c.Add("InstanceNormalization", [rows, ones, zeros], ("epsilon", (float)c.Read.Real("eps")));
        var back = c.Add("Reshape", [normal, c.Add("Shape", [c.X])]);
        return c.Add("Add", [c.Add("Mul", [back, PerChannel(c, c.Weight("weight"))]), PerChannel(c, c.Weight("bias"))]);
    }

    /// <summary>A tensor of the channels, (C) → (C, 1, …), so that it meets axis 1.</summary>
    private static string PerChannel(OnnxCode c, string weight)
        => c.Shape.Rank == 2 ? weight : c.Add("Reshape", [weight, c.Builder.Integers(Enumerable.Repeat(1L, c.Shape.Rank - 2).Prepend(-1).ToArray())]);

    private static string Binary(OnnxCode c, string operation)
    {
        // Truth values are joined there by operators of their own.
        if (c.Result.Element == ElementType.Bool) return c.Add(operation == "Add" ? "Or" : "And", [c.In("left"), c.In("right")]);
        string Side(string side) => c.Read.Has(side) ? c.Real(side) : c.Builder.Single(c.Read.Real(side));
        return c.Add(operation, [Side("left"), Side("right")]);
    }

    private static string Softplus(OnnxCode c)
    {
        var beta = c.Read.Real("beta");
        if (beta == 1) return c.Add("Softplus", [c.X]);
        return c.Add("Div", [c.Add("Softplus", [c.Add("Mul", [c.X, c.Builder.Single(beta)])]), c.Builder.Single(beta)]);
    }

    private static string SqueezeExcite(OnnxCode c)
    {
        var hidden = c.Add("Conv", [c.Mean(c.X, keep: true, -2, -1), c.Weight("fc1.weight"), c.Weight("fc1.bias")]);
        var shown = c.Read.Flag("silu") ? c.Multiply(hidden, c.Add("Sigmoid", [hidden])) : c.Add("Relu", [hidden]);
        return c.Multiply(c.X, c.Add("Sigmoid", [c.Add("Conv", [shown, c.Weight("fc2.weight"), c.Weight("fc2.bias")])]));
    }

    /// <summary>The axes of a reduction, from the front.</summary>
    private static long[] Axes(OnnxCode c)
    {
        var rank = c.Shape.Rank;
        var axes = c.Argument("axes") is Argument.Integers given ? given.Values.Select(axis => (long)(axis < 0 ? axis + rank : axis)) : Enumerable.Range(0, rank).Select(axis => (long)axis);
        return axes.OrderBy(axis => axis).ToArray();
    }

    // What the mask hides counts for nothing, not even when it is NaN: so no product with the mask.
    private static string MaskedSum(OnnxCode c)
    {
        var kept = c.Add("Where", [c.In("mask"), c.X, c.Result.Element == ElementType.Int64 ? c.Builder.Integer(0) : c.Builder.Single(0)]);
        return c.Shape.Rank == 0 ? kept : c.Sum(kept, c.Read.Flag("keep"), Axes(c));
    }

    private static string MaskedCount(OnnxCode c)
    {
        var kept = c.As(ElementType.Real, c.Add("Expand", [c.In("mask"), c.Add("Shape", [c.X])]), ElementType.Bool);
        return c.Shape.Rank == 0 ? kept : c.Sum(kept, c.Read.Flag("keep"), Axes(c));
    }

    // Without sizes ONNX makes equal parts: the axis is a multiple of their number.
    private static IReadOnlyList<string> Parts(OnnxCode c)
    {
        var axis = c.Axis("axis", c.Shape.Rank);
        var lengths = c.Node.Outputs.Select((_, n) => c.Read.Result(n)[(int)axis]).ToList();
        return c.Builder.AddMany("Split", lengths.Count, [c.X, .. lengths.All(length => length.IsConstant) ? [c.Builder.Integers(lengths.Select(c.Number).ToArray())] : Array.Empty<string>()], ("axis", axis));
    }

    private static string Squeezed(OnnxCode c)
    {
        var axes = c.Read.IsGiven("axis") ? [c.Axis("axis", c.Shape.Rank)] : Enumerable.Range(0, c.Shape.Rank).Where(axis => c.Shape[axis].Equals(Dim.One)).Select(axis => (long)axis).ToArray();
        return axes.Length == 0 ? c.X : c.Add("Squeeze", [c.X, c.Builder.Integers(axes)]);
    }

    private static string Cropped(OnnxCode c)
    {
        var other = c.Read.Shape("other");
        var starts = new[] { 2, 3 }.Select(axis => (c.Shape[axis] - other[axis]).FloorDiv(2)).ToList();
        var ends = new[] { 2, 3 }.Select((axis, n) => starts[n] + other[axis]).ToList();
        return c.Add("Slice", [c.X, c.Sizes.Values(starts), c.Sizes.Values(ends), c.Builder.Integers(2, 3)]);
    }

    private static string Reshaped(OnnxCode c) => c.Add("Reshape", [c.X, c.Sizes.Shape(c.Result.Sizes.ToList())]);

    private static string Transposed(OnnxCode c)
    {
        var order = Enumerable.Range(0, c.Shape.Rank).Select(axis => (long)axis).ToArray();
        var (first, second) = (c.Axis("first", order.Length), c.Axis("second", order.Length));
        (order[first], order[second]) = (second, first);
        return c.Add("Transpose", [c.X], ("perm", order));
    }
}
