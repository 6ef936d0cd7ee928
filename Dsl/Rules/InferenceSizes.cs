using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>Checks and phrases that several rules need.</summary>
internal static class InferenceSizes
{
    /// <summary>A size that the user wrote is at least 1 (HYB1005).</summary>
    public static bool IsSizeLegal(this Inference i, string parameter, long least = 1)
    {
        if (!i.Size(parameter).TryConstant(out var value) || value >= least) return true;
        return i.Error("HYB1005", $"{i.Subject}: {parameter} is {value}; it must be at least {least}.", parameter);
    }

    /// <summary>HYB1023: a tensor holds other elements than the operation takes; an input can be marked.</summary>
    public static bool Wants(this Inference i, ElementType element, Value value, string what, string parameter)
    {
        i.Error("HYB1023", $"{i.Subject}: {what}. Mark the input [{element}].", parameter, value);
        return i.Producer(value) is null && value.Shape.Element == ElementType.Real && i.Offer(EditKind.Attribute, $"{element}", value.Origin);
    }

    /// <summary>HYB3007: what a linear map gives, or what a loss is handed without a word on its values, is negative for some inputs, where this function has no value.</summary>
    public static bool IsNoRawHead(this Inference i, string function)
    {
        var x = i.Value();
        if (i.Kind == GraphKind.Loss && x.Shape is { Domain: Domain.Any, Element: ElementType.Real } && InputOf(i, x) is { } input)
        {
            i.Error("HYB3007", $"{i.Subject}: {i.Describe(input)} may be negative, and {function} of it is NaN there. Mark the input [Positive], or add .Softplus().", "x", input);
            i.Offer(EditKind.Attribute, "Positive", input.Origin);
            return i.Offer(EditKind.Append, ".Softplus()");
        }
        if (i.Producer(x)?.Operation is not ("Linear" or "Conv1d" or "Conv2d" or "Conv3d" or "ConvTranspose2d")) return true;
        i.Error("HYB3007", $"{i.Subject}: {i.Describe(x)} is negative for some inputs, and {function} of it is NaN there. Add .Softplus().", "x", x);
        return i.Offer(EditKind.Append, ".Softplus()");
    }

    /// <summary>The input that a tensor is a view of; null when it is computed.</summary>
    private static Value? InputOf(Inference i, Value x)
    {
        while (i.Producer(x) is { } node)
        {
            if (!RuleTable.Get(node.Operation).IsView || node.Inputs.Count == 0 || node.Inputs[0] < 0) return null;
            x = i.Builder.ValueOf(node.Inputs[0]);
        }
        return x;
    }

    /// <summary><c>7680 = 64·10·12</c> is what a person checks; a symbolic size is printed as it is.</summary>
    public static string Explain(this Inference i, Dim size) => size.ToString();

    /// <summary>HYB1023: whole numbers or truth values where libtorch takes none.</summary>
    public static bool HoldsElements(this Inference i)
    {
        foreach (var parameter in i.Rule.Signature.TensorParameters)
        {
            if (i.Optional(parameter.Name) is not { Shape.Element: not ElementType.Real } value || i.Rule.Takes(i, parameter.Name, value.Shape.Element)) continue;
            var isWhole = value.Shape.Element == ElementType.Int64;
            var advice = isWhole ? "Look indices up with .Embedding, or make them real: * 1.0" : "Multiply a tensor with the mask, or make it real: * 1.0";
            var wanted = !isWhole && i.Rule.Takes(i, parameter.Name, ElementType.Int64) ? "takes no truth values" : "computes with real numbers";
            return i.Error("HYB1023", $"{i.Subject} {wanted}; {i.Describe(value)} {value.Shape} holds {LossTargets.Kind(value)}. {advice}.", parameter.Name, value);
        }
        return true;
    }

    /// <summary>The axis counted from 0; HYB1004 when the tensor has no such axis.</summary>
    public static bool TryAxis(this Inference i, long axis, int rank, string parameter, out int position)
    {
        position = (int)(axis < 0 ? axis + rank : axis);
        if (position >= 0 && position < rank) return true;
        var x = i.Value(i.Rule.Signature.TensorParameters.First().Name);
        if (rank == 0) return i.Error("HYB1004", $"{i.Subject}: axis {axis} does not exist; {i.Describe(x)} is a scalar, which has none.", parameter, x);
        return i.Error("HYB1004", $"{i.Subject}: axis {axis} does not exist; {i.Describe(x)} has rank {x.Shape.Rank} {x.Shape}. Use an axis in -{rank}..{rank - 1}.", parameter, x);
    }

    public static string Witnessed(this Verdict verdict, Dim left, Dim right)
        => verdict.Witness is { Values.Count: > 0 } witness ? $" ({witness} gives {witness.Evaluate(left)} vs {witness.Evaluate(right)})" : "";
}
