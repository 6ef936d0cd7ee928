using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>
        /// A stretch of one axis between sizes that may be symbolic, which are proved to be in range: <c>table.Range(0, "0", "T")</c> cuts
        /// a learned table of 512 positions to those there are, with the fact T &lt;= 512.
        /// </summary>
        /// <param name="x">Any shape.</param>
        /// <param name="axis">Which axis; negative counts from the end.</param>
        /// <param name="from">The first index kept, such as <c>"0"</c> or <c>"T/2"</c>.</param>
        /// <param name="to">The first index that is not kept any more, such as <c>"T"</c> or <c>"T - 1"</c>.</param>
        public static Sym Range(this Sym x, int axis, string from, string to) => Sym.Apply("Range", x, axis, from, to);
    }
}

namespace Hybrid.Rules
{
    internal sealed class RangeRule : Rule
    {
        public override bool IsView => true;

        private static Dim? Size(Argument argument) => ((Argument.Sizes)argument).Values is { Count: 1 } sizes ? sizes[0] : null;

        public override void Infer(Inference i)
        {
            var x = i.Value();
            if (!i.TryAxis(i.Integer("axis"), x.Shape.Rank, "axis", out var axis)) return;
            foreach (var parameter in new[] { "from", "to" })
            {
                if (Size(i.Argument(parameter)) is not null) continue;
                i.Error("HYB4009", $"{i.Subject}: {parameter} is {i.Argument(parameter)}; it must be one size, such as \"T\".", parameter);
                return;
            }
            var (from, to, size) = (Size(i.Argument("from"))!, Size(i.Argument("to"))!, x.Shape[axis]);
            if (!Holds(from, 0, "from") || !Holds(to - from, 1, "to") || !Holds(size - to, 0, "to")) return;
            var domain = x.Shape.Domain == Domain.Distribution ? Domain.Probability : x.Shape.Domain;
            i.Output(x.Shape.With(axis, to - from) with { Domain = domain });

            bool Holds(Dim difference, long least, string parameter)
            {
                if (i.DemandAtLeast(difference, least, parameter, out var verdict, out var needed)) return true;
                var example = verdict.Witness is { Values.Count: > 0 } witness ? $" ({witness})" : "";
                var fix = needed is null ? "Use sizes within the axis." : $"Add Where = \"{needed.Text}\", or use sizes within the axis.";
                i.Report(
                    "HYB1005",
                    $"{i.Subject} keeps {from} to {to} of axis {axis}, which has {size}{example} ({i.Describe(x)} is {x.Shape}). {fix}",
                    i.Place(parameter), [x], verdict.Witness, needed?.Text);
                return false;
            }
        }

        private static string Stretch(NodeCode c, string tensor)
        {
            var (from, to) = (Size(c.Argument("from"))!, Size(c.Argument("to"))!);
            return $"{tensor}.narrow({c.FromEnd("axis")}, {c.Size(from)}, {c.Size(to - from)})";
        }

        public override string Functional(NodeCode c) => Stretch(c, c.In());

        public override string? Ensemble(EnsembleCode c) => Stretch(c, c.In());

        public override bool Tangent(TangentCode c) => c.Set(Stretch(c, c.TangentOf()!));

        internal override string? Onnx(OnnxCode c)
            => c.Add(
                "Slice",
                [
                    c.X, c.Sizes.Vector(Size(c.Argument("from"))!), c.Sizes.Vector(Size(c.Argument("to"))!),
                    c.Builder.Integers(c.Axis("axis", c.Shape().Rank)),
                ]);
    }
}
