using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public sealed partial class Sym
    {
        /// <summary>
        /// 0, 1, …, T − 1 along an axis of a tensor, as whole numbers of shape (T): positions to embed, a causal mask
        /// (<c>at.Unsqueeze(1) &gt;= at.Unsqueeze(0)</c>), coordinates.
        /// </summary>
        /// <param name="like">A tensor with that axis; its numbers are not used.</param>
        /// <param name="axis">Default: the last.</param>
        public static Sym Arange(Sym like, int axis = -1) => Apply("Arange", like, axis);
    }
}

namespace Hybrid.Rules
{
    internal sealed class ArangeRule : Rule
    {
        protected override Signature Declared() => Declaration.Of(Name, typeof(Sym));

        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        public override void Infer(Inference i)
        {
            var like = i.Shape("like");
            if (!i.TryAxis(i.Integer("axis"), like.Rank, "axis", out var axis)) return;
            i.Output(new Shape(EquatableArray.Of(like.Axes[axis]), ElementType.Int64));
        }

        public override string Functional(NodeCode c)
            => $"torch.arange({c.In("like")}.shape[^{-c.FromEnd("axis", "like")}], dtype: torch.ScalarType.Int64, device: "
                + $"{c.In("like")}.device)";

        public override string? Ensemble(EnsembleCode c) => $"{Functional(c)}.expand({c.Members}, -1)";

        // Places do not move.
        public override bool Tangent(TangentCode c) => c.SetNone();

        internal override string? Onnx(OnnxCode c)
            => c.Add(
                "Range", [c.Builder.Integer(0), c.Sizes.Scalar(c.Result()[0]), c.Builder.Integer(1)]);
    }
}
