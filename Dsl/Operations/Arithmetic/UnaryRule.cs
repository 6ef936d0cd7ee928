using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>A function of each element.</summary>
internal abstract class UnaryRule : Rule
{
    public override void Infer(Inference i)
    {
        var x = i.Shape();
        if (Check(i))
        {
            i.Output(
                x with
                {
                    Domain = Image(x.Domain), Element = x.Element == ElementType.Real ? x.Element : Of(i, x.Element) ?? ElementType.Real,
                });
        }
    }

    public sealed override bool Takes(Inference inference, string parameter, ElementType element) => Of(inference, element) is not null;

    /// <summary>What libtorch makes of whole numbers or truth values; null, the default, where it throws.</summary>
    protected virtual ElementType? Of(Inference i, ElementType element) => null;

    /// <summary>Checks of the arguments.</summary>
    protected virtual bool Check(Inference i) => true;

    /// <summary>What is known of the result's values.</summary>
    protected virtual Domain Image(Domain of) => Domain.Any;

    /// <summary>The derivative at each element, given the value's expression; null when the tangent is written otherwise.</summary>
    protected virtual string? Slope(TangentCode c) => null;

    public override bool Tangent(TangentCode c)
    {
        if (Slope(c) is not { } slope) return false;
        var local = c.Local("slope", slope, ProgramFile.Round(c.Result()));
        return c.Set($"{c.TangentOf()} * {local}");
    }

    public override string? Ensemble(EnsembleCode c) => Functional(c);

    public override Dim Flops(NodeCode c) => c.Result().Elements;
}
