using System.Collections.Generic;
using System.Linq;
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
        /// 1 at each index and 0 elsewhere, along a new last axis: (…) of whole numbers in [0, count) → (…, count) of real numbers, which
        /// losses take as probabilities. Indices are checked when it runs.
        /// </summary>
        /// <param name="x">Indices, an input marked [Int64].</param>
        /// <param name="count">How many indices there are: classes, tokens.</param>
        public static Sym OneHot(this Sym x, [Size] int count) => Sym.Apply("OneHot", x, count);
    }
}

namespace Hybrid.Rules
{
    internal sealed class OneHotRule : Rule
    {
        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        public override void Infer(Inference i)
        {
            var x = i.Value();
            if (!i.RequireSize("count")) return;
            if (x.Shape.Element != ElementType.Int64)
            {
                i.RefuseElements(
                    ElementType.Int64, x, $"indices are whole numbers, {i.Describe(x)} {x.Shape} holds {LossTargets.Kind(x)}", "x");
                return;
            }
            i.WarnOfIndicesBeyond(x, i.Size("count"), $"{i.Size("count")} are counted", "x");
            i.Output(new Shape(x.Shape.Axes.Append(new Axis(i.Size("count"))).ToEquatable(), ElementType.Real, Domain.Distribution));
        }

        public override string Functional(NodeCode c) => $"OneHot({c.In()}, {c.Size(c.SizeOf("count"))})";

        public override string? Ensemble(EnsembleCode c) => Functional(c);

        // Indices do not move.
        public override bool Tangent(TangentCode c) => c.SetNone();

        public override IEnumerable<SupportMethod> Support(NodeCode c)
        {
            yield return new SupportMethod(null, $$"""
                /// <summary>1 at each index, 0 elsewhere.</summary>
                private static Tensor OneHot(Tensor indices, long count)
                {
                    if (indices.numel() > 0)
                    {
                        long least = indices.min().item<long>(), most = indices.max().item<long>();
                        if (least < 0 || most >= count)
                        {
                            throw new ArgumentException(
                                $"{{c.Graph.ClassName}}: OneHot expects indices in [0, {count}), got {least} to {most}.",
                                nameof(indices));
                        }
                    }
                    return indices.unsqueeze(-1).eq(torch.arange(count, device: indices.device)).to(torch.get_default_dtype());
                }
                """);
        }

        internal override string? Onnx(OnnxCode c)
            => c.As(
                ElementType.Real,
                c.Add("Equal", [c.Unsqueeze(c.In(), -1), c.Count(c.SizeOf("count"))]),
                ElementType.Bool);
    }
}
