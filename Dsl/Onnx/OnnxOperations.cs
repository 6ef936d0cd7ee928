using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Onnx;

/// <summary>How each operation of the language is written in ONNX's operator set 17, by its name in a spec. What is not here is refused by name.</summary>
internal static class OnnxOperations
{
    public static IReadOnlyDictionary<string, Func<OnnxCode, string>> All { get; } = new Dictionary<string, Func<OnnxCode, string>>
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
        ["Embedding"] = c => c.Add("Gather", [c.Weight("weight"), c.X]),
        ["Parameter"] = c => c.Weight(""),
        ["PRelu"] = c => c.Add("PRelu", [c.X, c.Read.Flag("perChannel") && c.Shape.Rank > 2 ? PerChannel(c, c.Weight("weight")) : c.Weight("weight")]),

        // ---- windows ----
        ["MaxPool1d"] = OnnxWindows.MaxPool,
        ["MaxPool2d"] = OnnxWindows.MaxPool,
        ["MaxPool3d"] = OnnxWindows.MaxPool,
        ["AvgPool1d"] = OnnxWindows.AvgPool,
        ["AvgPool2d"] = OnnxWindows.AvgPool,
        ["AvgPool3d"] = OnnxWindows.AvgPool,
        ["MeanPool1d"] = c => c.Add("ReduceMean", [c.X], ("axes", new long[] { -1 }), ("keepdims", 0L)),
        ["MeanPool2d"] = c => c.Add("ReduceMean", [c.X], ("axes", new long[] { -2, -1 }), ("keepdims", 0L)),
        ["MeanPool3d"] = c => c.Add("ReduceMean", [c.X], ("axes", new long[] { -3, -2, -1 }), ("keepdims", 0L)),
        ["AdaptiveAvgPool2d"] = c => OnnxWindows.Adaptive(c, "AveragePool", "GlobalAveragePool"),
        ["AdaptiveMaxPool2d"] = c => OnnxWindows.Adaptive(c, "MaxPool", "GlobalMaxPool"),
        ["Upsample"] = OnnxWindows.Upsample,

        // ---- arithmetic ----
        ["+"] = c => Binary(c, "Add"),
        ["-"] = c => Binary(c, "Sub"),
        ["*"] = c => Binary(c, "Mul"),
        ["/"] = c => Binary(c, "Div"),
        ["MatMul"] = c => c.Add("MatMul", [c.X, c.In("other")]),
        ["Neg"] = c => c.Add("Neg", [c.X]),
        ["Abs"] = c => c.Add("Abs", [c.X]),
        ["Exp"] = c => c.Add("Exp", [c.X]),
        ["Log"] = c => c.Add("Log", [c.X]),
        ["Sqrt"] = c => c.Add("Sqrt", [c.X]),
        ["Square"] = c => c.Add("Mul", [c.X, c.X]),
        ["Pow"] = c => c.Add("Pow", [c.X, c.Builder.Single(c.Read.Real("exponent"))]),
        ["Clamp"] = c => c.Add("Clip", [c.X, c.Read.IsGiven("min") ? c.Builder.Single(c.Read.Real("min")) : "", .. c.Read.IsGiven("max") ? [c.Builder.Single(c.Read.Real("max"))] : Array.Empty<string>()]),

        // ---- activations ----
        ["Relu"] = c => c.Add("Relu", [c.X]),
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

        // ---- reductions and matrices ----
        ["Mean"] = c => Reduced(c, axes => c.Add("ReduceMean", [c.X], ("axes", axes), ("keepdims", c.Read.Flag("keep") ? 1L : 0L))),
        ["Sum"] = c => Reduced(c, axes => c.Add("ReduceSum", [c.X, c.Builder.Integers(axes)], ("keepdims", c.Read.Flag("keep") ? 1L : 0L))),
        ["Frobenius"] = c => c.Add("ReduceL2", [c.X], ("axes", new long[] { -2, -1 }), ("keepdims", 0L)),
        ["Det"] = c => c.Add("Det", [c.X]),
        ["LogDet"] = c => c.Add("Log", [c.Add("Abs", [c.Add("Det", [c.X])])]),
        ["Trace"] = c => c.Add("ReduceSum", [c.Add("Mul", [c.X, Identity(c, 1)]), c.Builder.Integers(-2, -1)], ("keepdims", 0L)),
        ["AddDiagonal"] = c => c.Add("Add", [c.X, Identity(c, c.Read.Real("value"))]),
        ["Cov"] = Covariance,

        // ---- shapes ----
        ["Flatten"] = c => c.Axis("start", c.Shape.Rank) == 1 ? c.Add("Flatten", [c.X], ("axis", 1L)) : Reshaped(c),
        ["Reshape"] = Reshaped,
        ["Permute"] = c => c.Add("Transpose", [c.X], ("perm", ((Argument.Integers)c.Argument("order")).Values.Select(axis => (long)axis).ToArray())),
        ["Transpose"] = Transposed,
        ["ToChannelsFirst"] = c => c.Add("Transpose", [c.X], ("perm", new[] { 0L, c.Shape.Rank - 1 }.Concat(Enumerable.Range(1, c.Shape.Rank - 2).Select(axis => (long)axis)).ToArray())),
        ["Squeeze"] = Squeezed,
        ["Unsqueeze"] = c => c.Add("Unsqueeze", [c.X, c.Builder.Integers(c.Axis("axis", c.Shape.Rank + 1))]),
        ["Cat"] = c => c.Add("Concat", c.Read.Inputs.ToList(), ("axis", c.Axis("axis", c.Shape.Rank))),
        ["Slice"] = c => c.Add("Slice", [c.X, c.Builder.Integers(c.Read.Integer("start")), c.Builder.Integers(c.Read.Integer("start") + c.Read.Integer("length")), c.Builder.Integers(c.Axis("axis", c.Shape.Rank))]),
        ["Pad"] = c => OnnxWindows.Zeros(c, c.X, c.Along("by"), c.Along("by"), 0),
        ["Pad1d"] = c => c.Add("Pad", [c.X, c.Builder.Integers([.. new long[c.Shape.Rank - 1], c.Read.Integer("before"), .. new long[c.Shape.Rank - 1], c.Read.Integer("after")])]),
        ["CropTo"] = Cropped,
        ["Expand"] = c => c.Add("Expand", [c.X, c.Sizes.Values(c.Result.Sizes.ToList())]),
    };

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
        string Side(string side) => c.Read.Has(side) ? c.In(side) : c.Builder.Single(c.Read.Real(side));
        return c.Add(operation, [Side("left"), Side("right")]);
    }

    private static string Softplus(OnnxCode c)
    {
        var beta = c.Read.Real("beta");
        if (beta == 1) return c.Add("Softplus", [c.X]);
        return c.Add("Div", [c.Add("Softplus", [c.Add("Mul", [c.X, c.Builder.Single(beta)])]), c.Builder.Single(beta)]);
    }

    private static string Reduced(OnnxCode c, Func<long[], string> reduce)
    {
        var rank = c.Shape.Rank;
        if (rank == 0) return c.X;
        var axes = c.Argument("axes") is Argument.Integers given ? given.Values.Select(axis => (long)(axis < 0 ? axis + rank : axis)) : Enumerable.Range(0, rank).Select(axis => (long)axis);
        return reduce(axes.OrderBy(axis => axis).ToArray());
    }

    /// <summary>value · 1 of the input's last two axes.</summary>
    private static string Identity(OnnxCode c, double value)
    {
        if (!c.Shape[-1].TryConstant(out var n) || n > 4096) throw c.Refused($"of matrices of size {c.Shape[-1]}");
        var values = new float[n * n];
        for (var i = 0; i < n; i++) values[(i * n) + i] = (float)value;
        return c.Builder.Singles([n, n], values);
    }

    // (N, S) → Σ (x − x̄)(x − x̄)ᵀ / (N − 1)
    private static string Covariance(OnnxCode c)
    {
        var centred = c.Add("Sub", [c.X, c.Add("ReduceMean", [c.X], ("axes", new long[] { 0 }), ("keepdims", 1L))]);
        var product = c.Add("MatMul", [c.Add("Transpose", [centred], ("perm", new[] { 1L, 0 })), centred]);
        var count = c.Add("Cast", [c.Sizes.Vector(c.Shape[0] - 1)], ("to", 1L));
        return c.Add("Div", [product, count]);
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
