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
        /// A learned vector for each index: (…) of whole numbers in [0, count) → (…, width). Indices are checked when it runs.
        /// </summary>
        /// <param name="x">Indices, an input marked [Int64].</param>
        /// <param name="count">How many vectors.</param>
        /// <param name="width">Their length.</param>
        /// <param name="weightInit">Default: PyTorch's N(0, 1).</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static Sym Embedding(this Sym x, [Size] int count, [Size] int width, Init weightInit = default, string? key = null)
            => Sym.Apply("Embedding", x, count, width, weightInit, key);
    }

    public sealed partial class Layer
    {
        /// <inheritdoc cref="Operations.Embedding"/>
        public static Layer Embedding(int count, int width, Init weightInit = default, string? key = null)
            => new("Embedding", count, width, weightInit, key);
    }
}

namespace Hybrid.Rules
{
    internal sealed class EmbeddingRule : Rule
    {
        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        public override void Infer(Inference i)
        {
            var x = i.Value();
            if (!i.RequireSize("count") || !i.RequireSize("width")) return;
            if (x.Shape.Element != ElementType.Int64)
            {
                i.RefuseElements(
                    ElementType.Int64, x, $"indices are whole numbers, {i.Describe(x)} {x.Shape} holds {LossTargets.Kind(x)}", "x");
                return;
            }
            if (x.Shape.Rank == 0)
            {
                i.Error("HYB1004", $"{i.Subject} needs rank 1 or more; {i.Describe(x)} is a scalar. Give it at least one axis.", "x", x);
                return;
            }
            i.WarnOfIndicesBeyond(x, i.Size("count"), $"the table has {i.Size("count")} rows", "x");
            i.Weight("weight", i.Init("weightInit"), i.Size("count"), i.Size("width"));
            i.Output(new Shape(x.Shape.Axes.Append(new Axis(i.Size("width"))).ToEquatable()));
        }

        public override bool IsResultFree => true;

        public override LayerCode Layer(NodeCode c)
            => new(
                "Modules.Embedding",
                $"nn.Embedding({c.Size(c.SizeOf("count"))}, {c.Size(c.SizeOf("width"))}, device: device, dtype: dtype)");

        public override string Forward(NodeCode c, string layer) => $"{layer}.forward({Checked(c)})";

        /// <summary>TorchSharp has no function for it; a selection of rows is the same numbers.</summary>
        public override string Functional(NodeCode c)
            => c.Shape().Rank == 1
                ? $"{c.Weight("weight")}.index_select(0, {Checked(c)})"
                : $"{c.Weight("weight")}.index_select(0, {Checked(c)}.flatten()).unflatten(0, {c.In()}.shape)";

        private static string Checked(NodeCode c)
            => $"CheckIndices({c.In()}, {c.Size(c.SizeOf("count"))}, {CSharpText.Literal(c.Graph.Layers[c.Node.Layer].Key)})";

        // Indices do not move.
        public override bool Tangent(TangentCode c) => c.SetNone();

        public override IEnumerable<SupportMethod> Support(NodeCode c)
        {
            yield return new SupportMethod(null, $$"""
                /// <summary>An index out of range is named here: on a GPU it would end the process.</summary>
                private static Tensor CheckIndices(Tensor indices, long count, string embedding)
                {
                    if (indices.numel() == 0) return indices;
                    long least = indices.min().item<long>(), most = indices.max().item<long>();
                    if (least >= 0 && most < count) return indices;
                    throw new ArgumentException(
                        $"{{c.Graph.ClassName}}: embedding '{embedding}' expects indices in [0, {count}), got {least} to {most}.",
                        nameof(indices));
                }
                """);
        }

        internal override string? Onnx(OnnxCode c) => c.Add("Gather", [c.Weight("weight"), c.In("x")]);
    }
}
