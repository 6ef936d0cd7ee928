using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>
        /// Rows of a table by index: (N, D) and indices (…) → (…, D), or elements of a list, (N) → (…). With a learned table that a
        /// later product uses again, the weights of words and logits are tied:
        /// <c>var words = Sym.Parameter("Count, 64", key: "words");</c>, <c>words.Lookup(tokens)</c>, and
        /// <c>x.MatMul(words.Transpose())</c>. Press and Wolf 2017. Indices are checked when it runs.
        /// </summary>
        /// <param name="x">(N, D) or (N): a learned table, an input, or what was computed.</param>
        /// <param name="indices">Whole numbers, at least 0, below N.</param>
        public static Sym Lookup(this Sym x, Sym indices) => Sym.Apply("Lookup", x, indices);
    }
}

namespace Hybrid.Rules
{
    internal sealed class LookupRule : Rule
    {
        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        public override void Infer(Inference i)
        {
            var (x, indices) = (i.Value(), i.Value("indices"));
            if (x.Shape.Rank is not (1 or 2))
            {
                i.Error(
                    "HYB1004",
                    $"{i.Subject} needs a table [N,D], or a list [N]; {i.Describe(x)} gives rank {x.Shape.Rank} {x.Shape}. Use Gather to "
                        + "pick along an axis of each example.",
                    "x", x);
                return;
            }
            if (indices.Shape.Element != ElementType.Int64)
            {
                i.RefuseElements(
                    ElementType.Int64, indices,
                    $"indices are whole numbers, {i.Describe(indices)} {indices.Shape} holds {LossTargets.Kind(indices)}", "indices");
                return;
            }
            i.WarnOfIndicesBeyond(indices, x.Shape[0], $"{i.Describe(x)} {x.Shape} has {x.Shape[0]} rows", "indices");
            var domain = x.Shape is { Rank: 1, Domain: Domain.Distribution } ? Domain.Probability : x.Shape.Domain;
            i.Output(new Shape(indices.Shape.Axes.Concat(x.Shape.Axes.Skip(1)).ToEquatable(), x.Shape.Element, domain));
        }

        private static string Rows(NodeCode c, string table)
            => $"Rows({table}, {c.In("indices")})";

        public override string Functional(NodeCode c) => Rows(c, c.In());

        public override bool Tangent(TangentCode c)
            => c.TangentOf() is { } dx
                ? c.Set(
                    $"{dx}.index_select(1, {c.In("indices")}.flatten())."
                        + (c.Shape("indices").Rank == 0 ? "squeeze(1)" : $"unflatten(1, {c.In("indices")}.shape)"))
                : c.SetNone();

        public override IEnumerable<SupportMethod> Support(NodeCode c)
        {
            yield return new SupportMethod(null, $$"""
                /// <summary>Rows by index; one out of range is named here: on a GPU it would end the process.</summary>
                private static Tensor Rows(Tensor table, Tensor indices)
                {
                    if (indices.numel() > 0)
                    {
                        long least = indices.min().item<long>(), most = indices.max().item<long>();
                        if (least < 0 || most >= table.shape[0])
                        {
                            throw new ArgumentException(
                                $"{{c.Graph.ClassName}}: Lookup expects indices in [0, {table.shape[0]}), got {least} to {most}.",
                                nameof(indices));
                        }
                    }
                    var rows = table.index_select(0, indices.flatten());
                    return indices.dim() == 0 ? rows.squeeze(0) : rows.unflatten(0, indices.shape);
                }
                """);
        }

        internal override string? Onnx(OnnxCode c) => c.Add("Gather", [c.In(), c.In("indices")], ("axis", 0L));
    }
}
