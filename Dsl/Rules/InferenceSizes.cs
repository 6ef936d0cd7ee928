using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>Checks and phrases that several rules need.</summary>
internal static class InferenceSizes
{
    /// <summary>A size that the user wrote is at least 1 (HYB1026).</summary>
    public static bool RequireSize(this Inference i, string parameter, long least = 1)
    {
        if (!i.Size(parameter).TryConstant(out var value) || value >= least) return true;
        return i.Error("HYB1026", $"{i.Subject}: {parameter} is {value}; it must be at least {least}.", parameter);
    }

    /// <summary>HYB1023: a tensor holds other elements than the operation takes; an input can be marked.</summary>
    public static bool RefuseElements(this Inference i, ElementType element, Value value, string what, string parameter)
    {
        // Of what is computed, the operation before is to be changed: a quotient, or arithmetic with a number, is real. A view shows an
        // input's own elements.
        var source = value;
        while (i.Producer(source) is { Inputs.Count: 1 } view && RuleTable.Get(view.Operation).IsView)
            source = i.Builder.ValueOf(view.Inputs[0]);
        var named = source.Id == value.Id ? "the input" : $"'{source.Name}'";
        var fix = i.Producer(source) is null
            ? $"Mark {named} [{element}]"
            : element == ElementType.Int64
            ? "Only tensors of whole numbers give whole ones: not quotients, nor arithmetic with a number"
            : $"Pass an input that is marked [{element}]";
        i.Error("HYB1023", $"{i.Subject}: {what}. {fix}.", parameter, value);
        return i.Producer(source) is null
            && source.Shape.Element == ElementType.Real
            && i.Offer(EditKind.Attribute, $"{element}", source.Origin);
    }

    /// <summary>
    /// HYB3007: what a linear map gives, or what a loss is handed without a word on its values, is negative for some inputs, where this
    /// function has no value.
    /// </summary>
    public static bool RequireNoRawHead(this Inference i, string function)
    {
        var x = i.Value();
        if (function == "ln" && i.Producer(x) is { Operation: "Relu" } && !x.MayReinterpret)
        {
            i.Error("HYB3007", $"{i.Subject}: {i.Describe(x)} is 0 for some inputs, and ln of it is -∞ there. Use .Softplus().", "x", x);
            return i.Offer(EditKind.Rename, "Softplus()", x.Origin);
        }
        if (x.Shape is not { Domain: Domain.Any, Element: ElementType.Real }) return true;
        var (source, slope, offset) = Bare(i, x);
        if (source.Shape is not { Domain: Domain.Any, Element: ElementType.Real } || slope == 0) return true;
        // What is shifted or scaled on the way is described as it arrives.
        var what = $"{i.Describe(x)}{(source.Id == x.Id || i.Producer(source) is not null ? "" : $", made of {i.Describe(source)},")}";
        if (i.Producer(source) is null)
        {
            if (i.Kind != GraphKind.Loss) return true;
            var mark = slope > 0 && offset >= 0 ? "Positive" : slope == -1 && offset >= 1 ? "Probability" : null;
            i.Error(
                "HYB3007",
                $"{i.Subject}: {what} may be negative, and {function} of it is NaN there. "
                    + $"{(mark is null ? "Add" : $"Mark the input [{mark}], or add")} .Softplus().",
                "x", source);
            if (mark is not null) i.Offer(EditKind.Attribute, mark, source.Origin);
            return i.Offer(EditKind.Append, ".Softplus()");
        }
        if (i.Producer(source)!.Operation is not ("Linear" or "Conv1d" or "Conv2d" or "Conv3d" or "ConvTranspose1d" or "ConvTranspose2d"
            or "ConvTranspose3d"))
        {
            return true;
        }
        i.Error("HYB3007", $"{i.Subject}: {what} is negative for some inputs, and {function} of it is NaN there. Add .Softplus().", "x", x);
        return i.Offer(EditKind.Append, ".Softplus()");
    }

    /// <summary>The tensor below views and arithmetic with numbers: x is slope·source + offset.</summary>
    private static (Value Source, double Slope, double Offset) Bare(Inference i, Value x)
    {
        var (slope, offset) = (1.0, 0.0);
        while (i.Producer(x) is { } node)
        {
            var rule = RuleTable.Get(node.Operation);
            var only = node.Inputs.Where(input => input >= 0).ToList();
            if (only.Count != 1) break;
            if (rule is ComparisonRule) break;
            if (rule is BinaryRule)
            {
                var isNumberLeft = node.Inputs[0] < 0;
                if (
                    node.Arguments[rule.Signature.ConstantPositionOf(isNumberLeft ? "left" : "right")]
                        is not Argument.Real { Value: var number })
                {
                    break;
                }
                if (node.Operation is "/" && isNumberLeft) break;
                switch (node.Operation)
                {
                    case "+": offset += slope * number; break;
                    case "-": (slope, offset) = isNumberLeft
                        ? (-slope, offset + (slope * number))
                        : (slope, offset - (slope * number)); break;
                    case "*": slope *= number; break;
                    default: slope /= number; break;
                }
            }
            else if (node.Operation == "Neg") slope = -slope;
            else if (!rule.IsView) break;
            x = i.Builder.ValueOf(only[0]);
        }
        return (x, slope, offset);
    }

    /// <summary>
    /// A value's last size with the sizes that were joined into it, which is what a person checks: <c>7680 = 64·10·12</c>. The size alone
    /// where it was not joined, or where a symbol shows its factors already.
    /// </summary>
    public static string Explain(this Inference i, Value value)
    {
        var size = value.Shape[-1];
        while (size.IsConstant && i.Producer(value) is { } node && node.Inputs.Count(input => input >= 0) == 1)
        {
            var from = i.Builder.ValueOf(node.Inputs.First(input => input >= 0));
            if (Joined(from.Shape, size) is { } factors) return $"{size} = {string.Join("·", factors)}";
            if (!from.Shape.Sizes.SequenceEqual(value.Shape.Sizes)) break;
            value = from;
        }
        return size.ToString();
    }

    /// <summary>The last sizes of a shape, two or more, whose product a size is; null when no such product is.</summary>
    private static List<Dim>? Joined(Shape shape, Dim size)
        => Enumerable.Range(2, System.Math.Max(0, shape.Rank - 1)).Select(count => shape.Sizes.Skip(shape.Rank - count).ToList())
            .FirstOrDefault(last => last.Aggregate(Dim.One, (product, factor) => product * factor).Equals(size) && !last.Contains(size));

    /// <summary>HYB1023: whole numbers or truth values where libtorch takes none.</summary>
    public static bool RequireElements(this Inference i)
    {
        foreach (var parameter in i.Rule.Signature.TensorParameters)
        {
            if (i.Optional(parameter.Name) is not { Shape.Element: not ElementType.Real } value
                || i.Rule.Takes(i, parameter.Name, value.Shape.Element))
            {
                continue;
            }
            var isWhole = value.Shape.Element == ElementType.Int64;
            var advice = isWhole
                ? "Look indices up with .Embedding, or make them real: * 1.0"
                : "Multiply a tensor with the mask, or make it real: * 1.0";
            var wanted = !isWhole && i.Rule.Takes(i, parameter.Name, ElementType.Int64)
                ? "takes no truth values"
                : "computes with real numbers";
            var subject = i.Rule is BinaryRule ? $"'{i.Rule.Name}'" : i.Subject;
            return i.Error(
                "HYB1023",
                $"{subject} {wanted}; {i.Describe(value)} {value.Shape} holds {LossTargets.Kind(value)}. {advice}.",
                parameter.Name, value);
        }
        return true;
    }

    /// <summary>The axis counted from 0; HYB1004 when the tensor has no such axis.</summary>
    public static bool TryAxis(this Inference i, long axis, int rank, string parameter, out int position)
    {
        position = (int)(axis < 0 ? axis + rank : axis);
        if (position >= 0 && position < rank) return true;
        var x = i.Value(i.Rule.Signature.TensorParameters.First().Name);
        if (rank == 0)
        {
            return i.Error(
                "HYB1004", $"{i.Subject}: axis {axis} does not exist; {i.Describe(x)} is a scalar, which has none.", parameter, x);
        }
        return i.Error(
            "HYB1004",
            $"{i.Subject}: axis {axis} does not exist; {i.Describe(x)} has rank {x.Shape.Rank} {x.Shape}. Use an axis in "
                + $"-{rank}..{rank - 1}.",
            parameter, x);
    }

    public static string Witnessed(this Verdict verdict, Dim left, Dim right)
        => verdict.Witness is { Values.Count: > 0 } witness
            ? $" ({witness} gives {witness.Evaluate(left)} vs {witness.Evaluate(right)})"
            : "";
}
