using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>Elements before and after the axes of series or images.</summary>
/// <param name="spatial">How many axes.</param>
internal abstract class PaddingRule(int spatial) : Rule
{
    /// <summary>How much before the first element and after the last, along each axis.</summary>
    protected abstract (IReadOnlyList<int> Before, IReadOnlyList<int> After) Amounts(System.Func<string, Argument> argument);

    private static Padding Mode(Argument argument)
        => (Padding)System.Enum.Parse(typeof(Padding), ((Argument.Choice)argument).Member);

    // Only zeros are of any type; what mirrors is defined for real numbers.
    public override bool Takes(Inference inference, string parameter, ElementType element)
        => Mode(inference.Argument("mode")) == Padding.Zeros;

    /// <summary>The parameters that are at least 0.</summary>
    protected abstract string[] Parameters { get; }

    public override void Infer(Inference i)
    {
        if (!i.TryMaps(spatial)) return;
        if (!i.RequireWindow(Parameters.Where(i.IsGiven).Select(parameter => (parameter, 0)).ToArray())) return;
        var x = i.Shape();
        var (mode, (before, after)) = (Mode(i.Argument("mode")), Amounts(i.Argument));
        for (var n = 0; n < spatial; n++)
        {
            var most = System.Math.Max(before[n], after[n]);
            var least = mode switch { Padding.Reflect => most + 1, Padding.Circular => most, _ => 0 };
            if (i.DemandAtLeast(x[n + 2], least, Parameters[0], out var verdict, out var needed)) continue;
            var example = verdict.Witness is { Values.Count: > 0 } witness ? $" ({witness})" : "";
            i.Report(
                "HYB1005",
                $"{i.Subject}: {most} by Padding.{mode} needs a {Maps.Names(spatial)[n]} of at least {least}, "
                    + $"{i.Describe(i.Value())} {x} has {x[n + 2]}{example}. Pad by less"
                    + (needed is null ? "." : $", or add Where = \"{needed.Text}\"."),
                i.Place(Parameters[0]), [i.Value()], verdict.Witness, needed?.Text);
            return;
        }
        var domain = mode != Padding.Zeros && x.Domain != Domain.Distribution ? x.Domain
            : x.Domain is Domain.Positive ? Domain.NonNegative
            : x.Domain is Domain.Distribution ? Domain.Probability
            : x.Domain;
        var sizes = Enumerable.Range(0, spatial).Select(n => x[n + 2] + before[n] + after[n]).ToList();
        i.Output(x.WithSpatial(sizes) with { Domain = domain });
    }

    private string Call(NodeCode c, string x)
    {
        var (before, after) = Amounts(c.Argument);
        // libtorch counts from the last axis: left, right, above, below.
        var sizes = Enumerable.Range(0, spatial).Reverse().SelectMany(n => new long[] { before[n], after[n] }).ToArray();
        var mode = Mode(c.Argument("mode"));
        return $"functional.pad({x}, {NodeCode.Longs(sizes)}{(mode == Padding.Zeros ? "" : $", global::TorchSharp.PaddingModes.{mode}")})";
    }

    private static bool IsOfZeros(NodeCode c) => Mode(c.Argument("mode")) == Padding.Zeros;

    public override string Functional(NodeCode c) => Call(c, c.In());

    public override string? Ensemble(EnsembleCode c) => IsOfZeros(c) ? Call(c, c.In()) : c.AsChannels(folded => Call(c, folded));

    public override bool Tangent(TangentCode c)
        => c.Set(IsOfZeros(c) ? Call(c, c.TangentOf()!) : c.AsBatch(folded => Call(c, folded)));

    internal override string? Onnx(OnnxCode c)
    {
        var (before, after) = Amounts(c.Argument);
        var mode = Mode(c.Argument("mode"));
        if (mode == Padding.Circular) return Around(c, before, after);
        if (before.Concat(after).All(size => size == 0)) return c.X;
        long[] ends = [0, 0, .. before.Select(size => (long)size), 0, 0, .. after.Select(size => (long)size)];
        return c.Add(
            "Pad", [c.X, c.Builder.Integers(ends)],
            ("mode", mode switch { Padding.Reflect => "reflect", Padding.Replicate => "edge", _ => null }));
    }

    // Operator set 17 has no circular mode.
    private string Around(OnnxCode c, IReadOnlyList<int> before, IReadOnlyList<int> after)
    {
        var x = c.X;
        for (var n = 0; n < spatial; n++)
        {
            List<string> parts = [];
            if (before[n] > 0) parts.Add(c.Slice(x, n + 2, -before[n], long.MaxValue));
            parts.Add(x);
            if (after[n] > 0) parts.Add(c.Slice(x, n + 2, 0, after[n]));
            if (parts.Count > 1) x = c.Add("Concat", parts, ("axis", n + 2L));
        }
        return x;
    }
}
