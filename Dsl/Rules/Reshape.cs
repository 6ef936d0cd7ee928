using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>The same elements in the same order, under other sizes; their number must agree.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="shape">Sizes such as <c>"B, 8, H*W"</c>; one of them may be -1, which is inferred.</param>
        public static Sym Reshape(this Sym x, string shape) => Sym.Apply("Reshape", x, shape);
    }
}

namespace Hybrid.Rules
{
    internal sealed class ReshapeRule : Rule
    {
        public override Signature Signature { get; } = new("Reshape", new("x", ParameterKind.Tensor), new("shape", ParameterKind.Shape));

        public override bool IsView => true;

        public override void Infer(Inference i)
        {
            var x = i.Value();
            var sizes = ((Argument.Sizes)i.Argument("shape")).Values.ToList();
            var elements = x.Shape.Elements;
            var open = sizes.Select((size, axis) => (size, axis)).Where(s => s.size.Equals(Dim.Constant(-1))).Select(s => s.axis).ToList();
            if (open.Count > 1)
            {
                i.Error("HYB1009", $"{i.Subject}: two sizes of [{string.Join(", ", sizes)}] are -1; one can be inferred. Write the other.", "shape", x);
                return;
            }
            var known = sizes.Where((_, axis) => !open.Contains(axis)).Aggregate(Dim.One, (product, size) => product * size);
            foreach (var size in sizes.Where((_, axis) => !open.Contains(axis)))
            {
                if (i.Facts.IsAtLeast(size, 1).IsProved) continue;
                i.Error("HYB1005", $"{i.Subject}: size {size} of [{string.Join(", ", sizes)}] is not always at least 1. Use a positive size.", "shape", x);
                return;
            }
            if (open.Count == 1)
            {
                var verdict = i.Facts.Divides(known, elements);
                if (verdict.IsRefuted)
                {
                    var missing = verdict.Missing is { } fact ? $" It is one when {fact}." : "";
                    i.Error("HYB1009", $"{i.Subject}: {x.Shape} has {elements} elements, target [{string.Join(", ", sizes)}] needs a multiple of {known}{verdict.Witnessed(elements, known)}.{missing}", "shape", x);
                    return;
                }
                i.Demand(elements.FloorDiv(known) * known, elements, "shape", out _);
                sizes[open[0]] = elements.FloorDiv(known);
            }
            else if (!i.Demand(known, elements, "shape", out var verdict))
            {
                var missing = verdict.Missing is { } fact ? $" They agree when {fact}." : " Change a size, or write -1 for the one to infer.";
                i.Error("HYB1009", $"{i.Subject}: {x.Shape} has {elements} elements, target [{string.Join(", ", sizes)}] has {known}{verdict.Witnessed(elements, known)}.{missing}", "shape", x);
                return;
            }
            // An axis that stays in its place keeps its meaning.
            var axes = sizes.Select((size, axis) => axis < x.Shape.Rank && x.Shape[axis].Equals(size) && Same(x.Shape, sizes, axis) ? x.Shape.Axes[axis] : new Axis(size));
            i.Output(x.Shape with { Axes = axes.ToEquatable(), Domain = x.Shape.Domain == Domain.Distribution ? Domain.Probability : x.Shape.Domain });
        }

        private static bool Same(Shape from, List<Dim> to, int axis) => Enumerable.Range(0, axis).All(before => from[before].Equals(to[before]));

        public override string Functional(NodeCode c) => $"{c.In()}.reshape({NodeCode.Longs(c.Result().Sizes.Select(c.Size))})";

        public override bool Tangent(TangentCode c) => c.Set($"{c.TangentOf()}.reshape({NodeCode.Longs(c.Result().Sizes.Select(c.Size).Prepend("-1"))})");
    }
}
