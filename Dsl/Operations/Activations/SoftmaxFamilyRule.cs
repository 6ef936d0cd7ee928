using System.Linq;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>Normalised exponentials along one axis.</summary>
internal abstract class SoftmaxFamilyRule : Rule
{
    protected abstract Domain Image { get; }

    public override void Infer(Inference i)
    {
        var x = i.Shape();
        if (!i.TryAxis(i.Integer("axis"), x.Rank, "axis", out var axis)) return;
        AcrossExamples(i, x, axis);
        i.WarnOfRowwiseSoftmax(axis);
        if (Name != "Normalize") i.WarnOfTwice();
        if (Name == "LogSoftmax") i.WarnOfLogarithmsTwice(i.Value(), "x");
        if (Name == "LogSoftmax" && i.Kind == GraphKind.Loss) i.WarnOfSimilarities(i.Value(), "x");
        i.WarnOfSingleSoftmax(axis, Image == Domain.Distribution ? "1" : "0");
        i.Output(x with { Domain = Image });
    }

    /// <summary>
    /// HYB1025: an axis is the batch by its role, or by holding a symbol with that role; the first one also, where nothing is said, by the
    /// convention that it is a symbol of the inputs. Not where two axes are the batch, as among similarities; and a loss may weigh its
    /// examples.
    /// </summary>
    private static void AcrossExamples(Inference i, Shape x, int axis)
    {
        var (size, own) = (x[axis], x.Axes[axis].Role);
        if (i.IsWeightSize(size) || own is not (AxisRole.None or AxisRole.Batch)) return;
        var batch = size.Symbols.FirstOrDefault(symbol => i.Builder.Roles.TryGetValue(symbol, out var role) && role == AxisRole.Batch)
            ?? (own == AxisRole.Batch || axis == 0 ? size.AsSymbol : null)
            // The batch with other axes joined to it.
            ?? (axis == 0 ? size.Symbols.FirstOrDefault(symbol => Batches.IsBatchByPlace(i.Builder, symbol)) : null);
        if (batch is null
            || x.Axes.Where((_, n) => n != axis).Any(other => other.Size.Symbols.Contains(batch))
            || (x.Rank == 1 && i.Kind == GraphKind.Loss))
        {
            return;
        }
        var isLast = axis == x.Rank - 1 || i.IsSingle(x[-1]);
        var fix = x.Rank == 1 ? "Keep an axis of features, and normalise that" : i.IsSingle(x[-1]) ? "Use an axis of several elements "
            + "of each example" : isLast ? "Use the axis of features" : "Use axis -1";
        var declare = own == AxisRole.None && !i.Builder.Roles.ContainsKey(batch)
            ? $"; where {batch} counts something else, say so: Dims = \"{batch}:time\""
            : "";
        i.Warn(
            "HYB1025",
            $"{i.Subject}: axis {axis} of {i.Describe(i.Value())} {x} "
                + $"{(size.AsSymbol is null ? $"runs through the batch {batch}" : "is the batch")}, so that each example's result would "
                + $"depend on the others. {fix}{declare}.",
            "axis", i.Value());
        if (!isLast) i.Offer(EditKind.Replace, "-1");
    }

    public override Algebra.Dim Flops(NodeCode c) => 3 * c.Result().Elements;

    internal override string? Onnx(OnnxCode c) => c.Add(Name, [c.X], ("axis", c.Axis("axis", c.Shape().Rank)));
}
