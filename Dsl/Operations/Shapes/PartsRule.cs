using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>Takes a tensor apart along an axis: several results, all of them views.</summary>
internal abstract class PartsRule : Rule
{
    public override bool IsView => true;

    /// <summary>Where each part starts and how long it is; null after a fault.</summary>
    protected abstract IReadOnlyList<(Dim Start, Dim Length)>? Parts(Inference i, int axis);

    public override void Infer(Inference i)
    {
        var x = i.Value();
        if (!i.TryAxis(i.Integer("axis"), x.Shape.Rank, "axis", out var axis)) return;
        if (Parts(i, axis) is not { } parts) return;
        var domain = x.Shape.Domain == Domain.Distribution ? Domain.Probability : x.Shape.Domain;
        foreach (var (_, length) in parts) i.Output(x.Shape.With(axis, length) with { Domain = domain });
    }

    /// <summary>Each part of a tensor.</summary>
    protected virtual IEnumerable<string> Taken(NodeCode c, string tensor)
    {
        var (axis, start) = (c.FromEnd("axis"), Dim.Zero);
        for (var n = 0; n < c.Node.Outputs.Count; n++)
        {
            var length = c.Result(n)[(int)axis];
            yield return $"{tensor}.narrow({axis}, {c.Size(start)}, {c.Size(length)})";
            start += length;
        }
    }

    public override string Functional(NodeCode c)
    {
        var parts = Taken(c, c.In()).ToList();
        return parts.Count == 1 ? parts[0] : $"({string.Join(", ", parts)})";
    }

    public override string? Ensemble(EnsembleCode c) => Functional(c);

    public override bool Tangent(TangentCode c) => c.Set(Taken(c, c.TangentOf()!).ToArray());

    /// <summary>Without sizes ONNX makes equal parts: the axis is a multiple of their number.</summary>
    internal override IReadOnlyList<string>? OnnxResults(OnnxCode c)
    {
        var axis = c.Axis("axis", c.Shape().Rank);
        var lengths = c.Node.Outputs.Select((_, n) => c.Result(n)[(int)axis]).ToList();
        List<string> inputs = [c.X];
        if (lengths.All(length => length.IsConstant)) inputs.Add(c.Builder.Integers(lengths.Select(c.Known).ToArray()));
        return c.Builder.AddMany("Split", lengths.Count, inputs, ("axis", axis));
    }
}
