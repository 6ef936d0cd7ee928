using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>
/// HYB1029: what runs, and is right for every size, along an axis that is hardly the one that was meant: the width of a map where its
/// channels belong, an axis whose size agrees by chance. <c>.ReinterpretUnsafe()</c> says that it is.
/// </summary>
internal static class LikelyAxes
{
    /// <summary>A softmax along the last axis of a map of channels, which is a row of its pixels.</summary>
    public static void WarnOfRowwiseSoftmax(this Inference i, int axis)
    {
        var x = i.Value();
        if (i.Integer("axis") >= 0 || axis != x.Shape.Rank - 1 || x.Shape.Rank < 4 || x.MayReinterpret || !IsMap(x.Shape)) return;
        var hasChannels = !x.Shape[1].Equals(Dim.One);
        i.Warn(
            "HYB1029",
            $"{i.Subject}: axis {axis} of {i.Describe(x)} {x.Shape} is {Along(x.Shape)}, so that each row has probabilities of its own"
                + (hasChannels
                    ? $"; channels are on axis 1. Use axis: 1, or .Flatten(2) first for all places."
                    : ". Use .Flatten(2) first for all places."),
            "axis", x);
        if (!hasChannels) return;
        if (i.Place("axis") != i.Call) i.Offer(EditKind.Replace, "1");
        else i.Offer(EditKind.Argument, "axis: 1", i.Call);
    }

    /// <summary>A layer normalisation of the rows of a map.</summary>
    public static void WarnOfRowwiseNorm(this Inference i, int axes)
    {
        var x = i.Value();
        if (axes != 1 || x.MayReinterpret || x.Shape.Rank < 3 || !IsMap(x.Shape) || !i.IsWeightSize(x.Shape[-1])) return;
        ReportNorm(i, i.Subject, x, i.Call);
    }

    /// <summary>
    /// The same where only what follows shows that the tensor is a map: a convolution or a pool takes its axis 1 for channels, and a
    /// normalisation before it took the last one for them.
    /// </summary>
    public static void WarnOfNormBeforeMap(this Inference i)
    {
        var value = i.Value();
        while (i.Producer(value) is { } node)
        {
            var from = i.Builder.ValueOf(node.Inputs.FirstOrDefault(input => input >= 0));
            if (node.Operation == "LayerNorm")
            {
                var axes = ((Argument.Size)node.Arguments[RuleTable.Get("LayerNorm").Signature.ConstantPositionOf("axes")]).Value;
                // A map by its own roles was reported there.
                if (axes.Equals(Dim.One)
                    && !IsMap(from.Shape)
                    && from.Shape.Axes[1].Role == AxisRole.None
                    && i.Builder.UseOf(value)?.Tensors.FirstOrDefault() is { MayReinterpret: false })
                {
                    ReportNorm(i, "LayerNorm", from, node.Origin);
                }
                return;
            }
            if (RuleTable.Get(node.Operation) is not UnaryRule && node.Operation is not ("Dropout" or "PRelu")) return;
            value = from;
        }
    }

    private static void ReportNorm(Inference i, string subject, Value x, Origin place)
    {
        var (there, back) = x.Shape.Rank switch
        {
            3 => (".Transpose()", ".Transpose()"),
            4 => (".Permute(0, 2, 3, 1)", ".Permute(0, 3, 1, 2)"),
            _ => (".Permute(0, 2, 3, 4, 1)", ".Permute(0, 4, 1, 2, 3)"),
        };
        i.Report(
            "HYB1029",
            $"{subject} normalises {Along(x.Shape)} of {i.Describe(x)} {x.Shape}, axis -1, one row at a time; channels are on axis 1. "
                + "Write "
                + $"{there}.LayerNorm(){back}, or GroupNorm(1).",
            place, [x]);
        i.Offer(EditKind.Around, $"{there}¦{back}", place);
    }

    /// <summary>
    /// Features of each example, or a learned vector, that are added along a place or a time of a map because its size is that of the
    /// channels too.
    /// </summary>
    public static void WarnOfChance(this Inference i, Value left, Value right)
    {
        if (left.MayReinterpret || right.MayReinterpret || left.MayBroadcast || right.MayBroadcast) return;
        if (!Warn(left, right, "left")) Warn(right, left, "right");

        bool Warn(Value vector, Value map, string parameter)
        {
            if (Chance(i, vector, map) is not var (back, channel)) return false;
            var onlyChance = i.Equal(vector.Shape[-back], map.Shape[channel]);
            i.Warn(
                "HYB1029",
                $"'{i.Rule.Name}': {i.Describe(vector)} {vector.Shape} lies along axis {map.Shape.Rank - back} "
                    + $"({AxisRoles.Name(map.Shape.Axes[map.Shape.Rank - back])}) of {i.Describe(map)} {map.Shape}, whose channels "
                    + "are on axis "
                    + $"{channel}{(onlyChance ? " and have the same size by chance" : "")}. "
                    + "Bring it to the channels with .Unsqueeze(-1) for each axis after them, or write .ReinterpretUnsafe() if that "
                    + "is intended.",
                parameter, vector, map);
            if (!onlyChance || channel >= map.Shape.Rank - back) return true;
            // Of an axis that was inserted just before, the place changes; a vector alone gets axes after it.
            var after = map.Shape.Rank - 1 - channel;
            if (vector.Shape.Rank == 1)
                i.Offer(EditKind.Append, string.Concat(Enumerable.Repeat(".Unsqueeze(-1)", after)), i.Place(parameter));
            else if (i.Producer(vector) is { Operation: "Unsqueeze" }
                && after == 1
                && i.Builder.UseOf(vector) is { } use
                && use.Origins[use.Signature.PositionOf("axis")] is { IsKnown: true } place)
                i.Offer(EditKind.Replace, "-1", place);
            return true;
        }
    }

    /// <summary>
    /// The axis of a map, from the end, along which a vector of features lies, and the map's channels; null where all is well.
    /// </summary>
    private static (int Back, int Channel)? Chance(Inference i, Value vector, Value map)
    {
        var rank = map.Shape.Rank;
        if (rank < 3 || vector.Shape.Rank > rank || vector.Shape.Rank == 0) return null;
        // One axis besides the batch has several elements.
        var several = Enumerable.Range(1, vector.Shape.Rank)
            .Where(back => !vector.Shape[-back].Equals(Dim.One) && !(back == rank && Batches.IsFirst(i.Builder, vector.Shape, 0)))
            .ToList();
        if (several.Count != 1) return null;
        var axis = rank - several[0];
        if (map.Shape.Axes[axis].Role is not (AxisRole.Spatial or AxisRole.Time)) return null;
        if (vector.Shape.Axes[vector.Shape.Rank - several[0]].Role is AxisRole.Spatial or AxisRole.Time) return null;
        var channel = Enumerable.Range(1, rank - 1)
            .Where(n => n != axis && map.Shape.Axes[n].Role is AxisRole.Channel or AxisRole.Feature)
            .ToList();
        if (channel.Count != 1 || map.Shape[channel[0]].Equals(Dim.One)) return null;
        // An axis of its own at the channels' place was written there.
        var equal = i.Equal(vector.Shape[-several[0]], map.Shape[channel[0]]);
        var isVector = vector.Shape.Rank == 1 && IsLearned(i, vector, "Parameter");
        return (isVector && (equal || rank > 3) && axis == rank - 1) || (equal && IsLearned(i, vector, "Linear"))
            ? (several[0], channel[0])
            : null;
    }

    /// <summary>Whether a tensor is what an operation gives, views and functions of each element aside.</summary>
    private static bool IsLearned(Inference i, Value value, string operation)
    {
        while (i.Producer(value) is { } node)
        {
            if (node.Operation == operation) return true;
            var tensors = node.Inputs.Where(input => input >= 0).ToList();
            var rule = RuleTable.Get(node.Operation);
            if (tensors.Count != 1 || !(rule is UnaryRule or BinaryRule
                || node.Operation is "Unsqueeze" or "Dropout" or "Chunk" or "Split"))
                return false;
            value = i.Builder.ValueOf(tensors[0]);
        }
        return false;
    }

    /// <summary>
    /// Images that look channels-last although nothing says what their axes mean: two equal sizes, and a smaller one at the end.
    /// </summary>
    public static void WarnOfChannelsLast(this Inference i)
    {
        var x = i.Value();
        if (x.Shape.Rank < 4 || x.MayReinterpret || x.Shape.Axes.Skip(1).Any(axis => axis.Role != AxisRole.None)) return;
        var source = x;
        while (i.Producer(source) is { } node)
        {
            if (RuleTable.Get(node.Operation) is not (UnaryRule or BinaryRule) || node.Inputs.Count(input => input >= 0) != 1) return;
            source = i.Builder.ValueOf(node.Inputs.First(input => input >= 0));
        }
        var sizes = x.Shape.Sizes.Skip(1).Select(size => size.TryConstant(out var value) ? value : 0).ToList();
        var (places, last) = (sizes.Take(sizes.Count - 1).ToList(), sizes[sizes.Count - 1]);
        var areOpen = x.Shape.Sizes.Skip(1).Take(sizes.Count - 1).All(size => size.AsSymbol is not null && !i.IsWeightSize(size));
        if (areOpen && last is > 0 and <= 4 && IsPool(i.Rule.Name))
        {
            i.Warn(
                "HYB1029",
                $"{i.Subject}: {i.Describe(x)} {x.Shape} looks channels-last, and axis 1, {x.Shape[1]}, is read as its channels. Insert "
                    + $".ToChannelsFirst(), or say what the axes mean in Dims: \"{x.Shape[1]}:channel\".",
                "x", x);
            i.Offer(EditKind.Append, ".ToChannelsFirst()");
            return;
        }
        if (last == 0 || places.Any(size => size < Least || size < 2 * last)) return;
        // A square, or three or four colours: [22, 1000, 1] may be electrodes, times and nothing.
        if (places.Any(size => size != places[0]) && last is not (3 or 4)) return;
        i.Warn(
            "HYB1029",
            $"{i.Subject}: {i.Describe(x)} {x.Shape} looks channels-last, and axis 1 is read as {places[0]} channels. Insert "
                + $".ToChannelsFirst(), or say what the axes mean: [Shape(\"{Meant(x.Shape)}\")].",
            "x", x);
        i.Offer(EditKind.Append, ".ToChannelsFirst()");
    }

    // What has weights refuses channels that change with the input, and says so.
    private static bool IsPool(string operation) => operation.Contains("Pool") || operation == "Upsample";

    /// <summary>The least size of an axis that is taken for height or width: smaller ones are what a network has come down to.</summary>
    private const int Least = 8;

    private static string Meant(Shape shape)
        => string.Join(", ", shape.Sizes.Select((size, n) => n == 0 ? $"{size}" : n == 1 ? $"{size}:channel" : $"{size}:spatial"));

    /// <summary>
    /// Attention by hand whose weights add up to 1 over the queries: the product sums over the keys, along which nothing was normalised.
    /// </summary>
    public static void WarnOfWeightsOverQueries(this Inference i, Value weights)
    {
        while (i.Producer(weights) is { } node)
        {
            var from = i.Builder.ValueOf(node.Inputs.FirstOrDefault(input => input >= 0));
            if (node.Operation == "Softmax")
            {
                var signature = RuleTable.Get("Softmax").Signature;
                var axis = ((Argument.Size)node.Arguments[signature.ConstantPositionOf("axis")]).Value;
                if (from.Shape.Rank < 3 || !axis.TryConstant(out var along) || !AreScores(i, from)) return;
                if (along < 0) along += from.Shape.Rank;
                // Along the batch it is HYB1025.
                if (along < 1 || along == from.Shape.Rank - 1) return;
                var use = i.Builder.UseOf(weights)!;
                if (use.Tensors[0] is not { MayReinterpret: false }) return;
                var place = use.Origins[signature.PositionOf("axis")];
                var (are, what) = along == from.Shape.Rank - 2 ? ("are", "the queries") : ("is", "another");
                i.Report(
                    "HYB1029",
                    $"Softmax: axis {along} of the scores {from.Shape} {are} {what}, and MatMul{Fault.Place(i.Call)} sums over axis "
                        + $"{from.Shape.Rank - 1}, the keys. Use axis -1.",
                    place.IsKnown ? place : node.Origin, [from]);
                i.Offer(EditKind.Replace, "-1");
                return;
            }
            if (RuleTable.Get(node.Operation) is not UnaryRule && node.Operation != "Dropout") return;
            weights = from;
        }
    }

    /// <summary>Whether a tensor is a product of matrices, scaled or masked.</summary>
    private static bool AreScores(Inference i, Value value)
    {
        while (i.Producer(value) is { } node)
        {
            if (node.Operation == "MatMul") return true;
            if (RuleTable.Get(node.Operation) is not (BinaryRule or UnaryRule)) return false;
            value = i.Builder.ValueOf(node.Inputs.First(input => input >= 0));
        }
        return false;
    }

    /// <summary>A mean or sum over the batch of sets, whose elements are on the next axis.</summary>
    public static void WarnOfPoolOverExamples(this Inference i, IReadOnlyCollection<int> reduced)
    {
        var x = i.Value();
        if (i.Kind != GraphKind.Network
            || x.MayReinterpret
            || i.Flag("keep")
            || reduced.Count != 1
            || reduced.First() != 0
            || x.Shape.Rank < 3
            || x.Shape[0].AsSymbol is not { } batch
            || !Batches.IsBatch(i.Builder, batch)
            || x.Shape[1].AsSymbol is not { } set
            || i.IsWeightSize(x.Shape[1])
            || x.Shape.Sizes.Skip(1).Any(size => size.Symbols.Contains(batch)))
        {
            return;
        }
        i.Warn(
            "HYB1029",
            $"{i.Subject} takes the examples of the batch together: axis 0 of {i.Describe(x)} {x.Shape} is {batch}. Use axis 1 ({set}) for "
                + "the elements of each example, or write .ReinterpretUnsafe() if all examples are meant.",
            "axes", x);
        i.Offer(EditKind.Replace, "1");
        // A promise that it breaks says more.
        i.DeferLast();
    }

    /// <summary>A critic's gradient penalty whose norm is taken over the channels of each pixel, not over the whole image.</summary>
    public static void WarnOfNormOfPixels(this Inference i, Value norm)
    {
        if (i.Kind != GraphKind.Loss || i.Producer(norm) is not { Operation: "Sqrt" } root) return;
        var squares = i.Builder.ValueOf(root.Inputs[0]);
        // A small number is added below the root.
        if (i.Producer(squares) is { Operation: "+" } sum) squares = i.Builder.ValueOf(sum.Inputs.First(input => input >= 0));
        if (i.Producer(squares) is not { Operation: "Sum" } total
            || i.Producer(i.Builder.ValueOf(total.Inputs[0])) is not { Operation: "Square" } square)
            return;
        var gradient = i.Builder.ValueOf(square.Inputs[0]);
        var axes = total.Arguments[RuleTable.Get("Sum").Signature.ConstantPositionOf("axes")] as Argument.Integers;
        if (axes is not { Values.Count: 1 }
            || axes.Values[0] != 1
            || gradient.Shape.Rank < 4
            || i.Producer(gradient) is not null
            || gradient.Name is not { } name
            || name.IndexOf("grad", System.StringComparison.OrdinalIgnoreCase) < 0
            // As many components as there are axes of space: a field of vectors, each of length 1.
            || gradient.Shape[1].Equals(Dim.Constant(gradient.Shape.Rank - 2)))
        {
            return;
        }
        i.Report(
            "HYB1029",
            $"Sum over axis 1 gives a norm of {i.Describe(gradient)} {gradient.Shape} at each place; the penalty of a critic is of "
                + "the norm of "
                + "each example's whole gradient. Write .Flatten() before .Square().",
            total.Origin, [gradient]);
    }

    /// <summary>Channels before places, by their roles.</summary>
    private static bool IsMap(Shape shape)
        => shape.Rank >= 3
            && shape.Axes[1].Role == AxisRole.Channel
            && shape.Axes[shape.Rank - 1].Role is AxisRole.Spatial or AxisRole.Time;

    private static string Along(Shape shape)
        => shape.Rank == 3 ? shape.Axes[2].Role == AxisRole.Time ? "time" : "the length" : "the width";
}
