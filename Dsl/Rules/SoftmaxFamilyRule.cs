using System.Linq;
using Hybrid.Graphs;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>Normalised exponentials along one axis.</summary>
internal abstract class SoftmaxFamilyRule(string name) : Rule
{
    public override Signature Signature { get; } = new(name, new("x", ParameterKind.Tensor), new("axis", ParameterKind.Integer, new Argument.Size(-1)));

    protected abstract Domain Image { get; }

    public override void Infer(Inference i)
    {
        var x = i.Shape();
        if (!i.TryAxis(i.Integer("axis"), x.Rank, "axis", out var axis)) return;
        if (axis == 0) AcrossExamples(i, x);
        i.Output(x with { Domain = Image });
    }

    /// <summary>
    /// HYB1025: the first axis is the batch, by its role or, where nothing is said, by the convention that it is a symbol of the inputs. Not where two axes are
    /// the batch, as among similarities; and a loss may weigh its examples.
    /// </summary>
    private static void AcrossExamples(Inference i, Shape x)
    {
        if (x[0].AsSymbol is not { } batch || i.IsWeightSize(x[0]) || x.Axes[0].Role is not (AxisRole.None or AxisRole.Batch)) return;
        if (x.Axes.Skip(1).Any(other => other.Size.Symbols.Contains(batch)) || (x.Rank == 1 && i.Kind == GraphKind.Loss)) return;
        var fix = x.Rank == 1 ? "Keep an axis of features, and normalise that" : "Use axis -1";
        var role = x.Axes[0].Role == AxisRole.None ? $"; where {batch} counts something else, say so: Dims = \"{batch}:time\"" : "";
        i.Warn("HYB1025", $"{i.Subject}: axis 0 of {i.Describe(i.Value())} {x} is the batch, so that each example's result would depend on the others. {fix}{role}.", "axis", i.Value());
        if (x.Rank > 1) i.Offer(EditKind.Replace, "-1");
    }

    /// <summary>Counted from the end: the same for value and tangent.</summary>
    protected static long FromEnd(NodeCode c) => c.Integer("axis") < 0 ? c.Integer("axis") : c.Integer("axis") - c.Shape().Rank;

    public override Algebra.Dim Flops(Node node, Graph graph) => 3 * graph.Values[node.Outputs[0]].Shape.Elements;
}
