using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Asserts a shape in the middle of a spec: <c>.Is("B, 128, H/2, W/2")</c>.</summary>
        public static Sym Is(this Sym x, string shape) => Sym.Apply("Is", x, shape);
    }
}

namespace Hybrid.Rules
{
    internal sealed class IsRule : Rule
    {
        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        public override void Infer(Inference i)
        {
            var x = i.Value();
            var asserted = ((Argument.Sizes)i.Argument("shape")).Values;
            var holds = asserted.Count == x.Shape.Rank;
            var example = "";
            for (var axis = 0; holds && axis < asserted.Count; axis++)
            {
                holds = i.Demand(x.Shape[axis], asserted[axis], "shape", out var verdict);
                if (!holds)
                    example = $"; axis {axis} is {x.Shape[axis]}, not {asserted[axis]}{verdict.Witnessed(x.Shape[axis], asserted[axis])}";
            }
            if (!holds)
            {
                i.Error(
                    "HYB1019",
                    $"{i.Subject}: asserted [{string.Join(", ", asserted)}], actual is {x.Shape} ({i.Describe(x)}){example}. Correct the "
                        + "assertion or the operation before it.",
                    "shape", x);
            }
            if (!holds)
                i.Offer(EditKind.Replace, $"\"{string.Join(", ", x.Shape.Sizes.Select(size => size.ToString().Replace('·', '*')))}\"");
            i.PassThrough(x);
        }

        public override string Functional(NodeCode c) => c.In();
    }
}
