using System.Collections.Generic;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public sealed partial class Sym
    {
        /// <summary>
        /// In training, draws from N(0, 1), one for each element of a tensor; 0 in evaluation, which so gives the mean:
        /// <c>mean + deviation * Sym.Normal(mean)</c> is a variational autoencoder's draw (Kingma and Welling 2014, eq. 10). Drawn from
        /// torch's generator, which <c>torch.manual_seed</c> seeds; each member of an ensemble draws by itself.
        /// </summary>
        /// <param name="like">A tensor of the shape that is drawn; its numbers are not used.</param>
        public static Sym Normal(Sym like) => Apply("Normal", like);
    }
}

namespace Hybrid.Rules
{
    internal sealed class NormalRule : Rule
    {
        protected override Signature Declared() => Declaration.Of(Name, typeof(Sym));

        public override bool DependsOnTraining => true;

        public override bool Differentiates(string parameter) => false;

        public override void Infer(Inference i) => i.Output(i.Shape("like") with { Domain = Domain.Any });

        public override string Functional(NodeCode c)
        {
            var like = c.In("like");
            return $"{c.Training} ? torch.randn({like}.shape, dtype: {like}.dtype, device: {like}.device) : {like}.zeros_like()";
        }

        public override string? Ensemble(EnsembleCode c)
            => $"{c.Training} ? Drawn({c.In("like")}, {c.Noise}) : {c.In("like")}.zeros_like()";

        public override IEnumerable<SupportMethod> Support(NodeCode c)
        {
            yield return new SupportMethod(Variant.Ensemble, """
                /// <summary>Draws from N(0, 1) for (M, …), of each member's own, or those of one network for all.</summary>
                private static Tensor Drawn(Tensor like, global::Hybrid.MemberNoise noise)
                    => noise == global::Hybrid.MemberNoise.Shared
                        ? torch.randn(like.shape[1..], dtype: like.dtype, device: like.device).unsqueeze(0).expand(like.shape)
                        : torch.randn(like.shape, dtype: like.dtype, device: like.device);
                """);
        }

        // What is drawn does not move.
        public override bool Tangent(TangentCode c) => c.SetNone();

        internal override string? Onnx(OnnxCode c) => c.Multiply(c.In("like"), c.Builder.Single(0));
    }
}
