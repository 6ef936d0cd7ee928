using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>The mean over all places of a map.</summary>
/// <param name="spatial">How many axes it has.</param>
internal abstract class MeanPoolRule(int spatial) : Rule
{
    public override void Infer(Inference i)
    {
        if (!i.TryMaps(spatial)) return;
        var x = i.Shape();
        i.Output(new Shape(
            EquatableArray.Of(x.Axes[0], x.Axes[1]), ElementType.Real, x.Domain == Domain.Distribution ? Domain.Probability : x.Domain));
    }

    private string Axes => NodeCode.LastAxes(spatial);

    public override string Functional(NodeCode c) => $"{c.In()}.mean({Axes})";

    public override string? Ensemble(EnsembleCode c) => Functional(c);

    public override bool Tangent(TangentCode c) => c.Set($"{c.TangentOf()}.mean({Axes})");

    public override Dim Flops(NodeCode c) => c.Shape().Elements;

    internal override string? Onnx(OnnxCode c)
        => c.Mean(c.X, keep: false, Enumerable.Range(-spatial, spatial).Select(axis => (long)axis).ToArray());
}
