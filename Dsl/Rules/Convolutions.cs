using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>What a convolution and its transpose share: the channels' checks, and how both are written.</summary>
internal static class Convolutions
{
    // TorchSharp's names of the options, of a layer and of a function, in the functions' order.
    private static readonly (string Parameter, string OfLayer, string OfFunction)[] _options =
        [
            ("stride", "stride", "strides"), ("pad", "padding", "padding"), ("outputPad", "output_padding", "output_padding"),
            ("dilation", "dilation", "dilation"),
        ];

    /// <summary>What a convolution's result says of its axes, where nothing else was said.</summary>
    public static Axis Batch(Axis axis) => axis.Role == AxisRole.None ? axis with { Role = AxisRole.Batch } : axis;

    /// <inheritdoc cref="Batch"/>
    public static Axis Space(Axis axis, Dim size) => new(size, axis.Role == AxisRole.None ? AxisRole.Spatial : axis.Role);

    /// <summary>Pinned channels are those that come (HYB1002), and the groups divide both sides (HYB1014).</summary>
    public static bool TryChannels(this Inference i)
    {
        var x = i.Value();
        var (inputs, channels, groups) = (x.Shape[1], i.Size("channels"), i.Integer("groups"));
        if (i.IsGiven("inputs") && !i.Demand(i.Size("inputs"), inputs, "inputs", out _))
            i.Error(
                "HYB1002",
                $"{i.Subject} is pinned to {i.Size("inputs")} input channels but {i.Describe(x)} has {inputs} ({x.Shape}). Remove the pin "
                    + "to infer it.",
                "inputs", x);
        // Weights would change with the image: with a number on the last axis, that is where the channels are.
        if (!i.IsWeightSize(inputs) && x.Shape[x.Shape.Rank - 1].IsConstant)
            return AxisRoles.RefuseChannelsLast(
                i, x, $"Axis 1 of {i.Describe(x)} is {inputs}, which changes with the input; {i.Rule.Name} needs channels there");
        if (i.Facts.Divides(groups, inputs).IsProved && i.Facts.Divides(groups, channels).IsProved) return true;
        var left = i.Facts.Divides(groups, inputs).IsProved ? channels : inputs;
        i.Error(
            "HYB1014",
            $"{i.Subject}: groups={groups} must divide in={inputs} and out={channels}; {left} % {groups} = {left.Mod(groups)}. Use a "
                + "divisor of both.",
            "groups", x);
        return inputs.TryConstant(out var from)
            && channels.TryConstant(out var to)
            && i.Offer(EditKind.Replace, Largest(groups, Dim.Gcd(from, to)));
    }

    /// <summary>The largest number up to a wanted one that divides another.</summary>
    public static string Largest(long wanted, long number)
    {
        var divisor = System.Math.Min(wanted, number);
        while (number % divisor != 0) divisor--;
        return divisor.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>One padding is chosen, not two (HYB4004).</summary>
    public static bool RequirePaddingOnce(this Inference i)
        => !i.Flag("same") || i.Argument("pad").Along.All(size => size == 0)
            || i.Error(
                "HYB4004",
                $"{i.Subject}: pad is {i.Argument("pad")} and same is true, which chooses the padding itself. Leave one of them out.",
                "same");

    /// <summary>The layer of a module; what has its default is left out.</summary>
    /// <param name="c">The node.</param>
    /// <param name="module">TorchSharp's class: <c>Conv2d</c>.</param>
    public static LayerCode Layer(NodeCode c, string module)
    {
        var code = $"nn.{module}({c.Size(c.Shape()[1])}, {c.Size(c.SizeOf("channels"))}, {Tuple(c.Along("k"))}";
        foreach (var (parameter, name, _) in _options.Where(option => IsWritten(c, option.Parameter)))
            code += $", {name}: {Tuple(PaddingOr(c, parameter))}";
        if (!c.IsDefault("groups")) code += $", groups: {c.Integer("groups")}";
        if (!c.IsDefault("bias")) code += ", bias: false";
        return new LayerCode("Modules." + module, code + ", device: device, dtype: dtype)");
    }

    /// <summary>The call of TorchSharp's function, <c>conv2d</c>, on <paramref name="x"/>.</summary>
    public static string Call(NodeCode c, string function, string x, string bias)
        => Call(c, function, x, c.Weight("weight"), bias, c.IsDefault("groups") ? null : $"{c.Integer("groups")}");

    /// <summary>The call of TorchSharp's function with a module's layer.</summary>
    public static string OfLayer(NodeCode c, string function, string layer) => Call(
        c, function, c.In(), $"{layer}.weight", c.Flag("bias")
            ? $"{layer}.bias"
            : "null", c.IsDefault("groups")
            ? null
            : $"{c.Integer("groups")}");

    /// <summary>All members in one call: (B, M·C, …), each member's channels groups of their own.</summary>
    public static string Ensemble(EnsembleCode c, string function)
    {
        var groups = c.IsDefault("groups") ? c.Members : $"{c.Members} * {c.Integer("groups")}";
        return c.AsChannels(folded => Call(
            c, function, Padded(c, folded),
            $"{c.Weight("weight")}.flatten(0, 1)",
            c.Flag("bias") ? c.ChannelWeight("bias") : "null",
            groups));
    }

    /// <summary>On weights that are drawn.</summary>
    public static PerturbedLayer Flipout(NodeCode c, FlipoutLayers kind, string function)
        => new(
            kind, 1,
            (x, weight, bias) => Call(c, function, Padded(c, x), weight, bias, c.IsDefault("groups") ? null : $"{c.Integer("groups")}"));

    /// <summary>What ONNX's operators read: the input, the weight and, if there is one, the bias.</summary>
    public static IReadOnlyList<string> OnnxInputs(OnnxCode c)
    {
        List<string> inputs = [c.X, c.Weight("weight")];
        if (c.Flag("bias")) inputs.Add(c.Weight("bias"));
        return inputs;
    }

    private static string Call(NodeCode c, string function, string x, string weight, string bias, string? groups)
    {
        var code = $"functional.{function}({x}, {weight}, {bias}";
        foreach (var (parameter, ofLayer, name) in _options.Where(option => IsWritten(c, option.Parameter)))
        {
            // Over one axis, TorchSharp takes numbers, and calls the stride what layers call it.
            var sizes = PaddingOr(c, parameter);
            code += sizes.Count == 1
                ? $", {ofLayer}: {sizes[0]}"
                : $", {name}: {NodeCode.Longs(sizes.Select(size => (long)size).ToArray())}";
        }
        if (groups is not null) code += $", groups: {groups}";
        return code + ")";
    }

    // 3, (3, 5) or (1, 3, 3): one number is not a tuple.
    private static string Tuple(IReadOnlyList<int> sizes) => sizes.Count == 1 ? $"{sizes[0]}" : $"({string.Join(", ", sizes)})";

    private static bool IsWritten(NodeCode c, string parameter)
        => c.Rule.Signature[parameter] is not null
            && (parameter == "pad" && SamePadding(c) is { } same ? same.Any(size => size != 0) : !c.IsDefault(parameter));

    private static IReadOnlyList<int> PaddingOr(NodeCode c, string parameter)
        => parameter == "pad" && SamePadding(c) is { } same ? same : c.Along(parameter);

    /// <summary>The padding on each side that keeps the size, when there is one that does not depend on it; null otherwise.</summary>
    private static IReadOnlyList<int>? SamePadding(NodeCode c)
    {
        if (c.Rule.Signature["same"] is null || !c.Flag("same")) return null;
        var spans = Spans(c);
        return c.Along("stride").All(stride => stride == 1) && spans.All(span => span % 2 == 1)
            ? spans.Select(span => span / 2).ToList()
            : null;
    }

    private static List<int> Spans(NodeCode c) => c.Along("k").Zip(c.Along("dilation"), (k, dilation) => (dilation * (k - 1)) + 1).ToList();

    private static bool IsPaddedBefore(NodeCode c) => c.Rule.Signature["same"] is not null && c.Flag("same") && SamePadding(c) is null;

    /// <summary>The input, padded before the convolution where "same" is not a padding that the convolution itself takes.</summary>
    public static string Padded(NodeCode c, string x)
        => IsPaddedBefore(c)
            ? $"PadSame({x}, {NodeCode.Longs(Spans(c).Select(span => (long)span).ToArray())}, "
                + $"{NodeCode.Longs(c.Along("stride").Select(stride => (long)stride).ToArray())})"
            : x;

    public static IEnumerable<SupportMethod> Support(NodeCode c)
    {
        if (IsPaddedBefore(c)) yield return new SupportMethod(null, PadSame);
    }

    private const string PadSame = """
        /// <summary>
        /// Zeros around the last axes, so that windows of these spans at these strides count ⌈size/stride⌉; an odd zero goes after.
        /// </summary>
        private static Tensor PadSame(Tensor x, long[] spans, long[] strides)
        {
            var zeros = new long[2 * spans.Length]; // before and after, the last axis first
            for (var axis = 0; axis < spans.Length; axis++)
            {
                var size = x.shape[x.shape.Length - spans.Length + axis];
                var windows = (size + strides[axis] - 1) / strides[axis];
                var missing = Math.Max((windows - 1) * strides[axis] + spans[axis] - size, 0);
                zeros[2 * (spans.Length - 1 - axis)] = missing / 2;
                zeros[2 * (spans.Length - 1 - axis) + 1] = missing - missing / 2;
            }
            return functional.pad(x, zeros);
        }
        """;
}
