using System.Collections.Generic;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>In training, zeroes each element with probability p and divides the rest by 1 − p. Srivastava et al. 2014.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="p">Default 0.5, as PyTorch's.</param>
        public static Sym Dropout(this Sym x, double p = 0.5) => Sym.Apply("Dropout", x, p);
    }
}

namespace Hybrid.Rules
{
    internal sealed class DropoutRule : UnaryRule
    {
        public override bool DependsOnTraining => true;

        protected override Domain Image(Domain of) => of is Domain.Positive or Domain.NonNegative ? Domain.NonNegative : Domain.Any;

        protected override bool Check(Inference i)
            => i.WithinUnit("p");

        // libtorch's product with the noise fails for other than real numbers, without noise nothing is done.
        protected override ElementType? Of(Inference i, ElementType element) => i.Real("p") == 0 ? element : null;

        public override string Functional(NodeCode c) => $"functional.dropout({c.In()}, {c.Number("p")}, {c.Training})";

        public override string? Ensemble(EnsembleCode c) => $"Dropout({c.In()}, {c.Number("p")}, {c.Training}, {c.Noise})";

        public override IEnumerable<SupportMethod> Support(NodeCode c)
        {
            yield return new SupportMethod(Variant.Ensemble, """
                /// <summary>Dropout of (M, …) with noise of each member's own, or with that of one network for all.</summary>
                private static Tensor Dropout(Tensor x, double p, bool training, global::Hybrid.MemberNoise noise)
                {
                    if (!training || p == 0) return x;
                    // One network's noise is that of the network alone, number by number.
                    return x * (noise == global::Hybrid.MemberNoise.Shared
                        ? functional.dropout(torch.ones(x.shape[1..], dtype: x.dtype, device: x.device), p)
                        : Kept(x, p));
                }
                """);
            yield return new SupportMethod(Variant.Ensemble, """
                /// <summary>
                /// 1/(1 − p) where a value of <paramref name="like"/> is kept, 0 elsewhere, in its order of memory. On the CPU libtorch
                /// draws one number after the other, which takes a third of a training step: here each draw of 60 bits decides four
                /// values. p is met to 2⁻¹⁶, and the factor belongs to the p that was met.
                /// </summary>
                private static Tensor Kept(Tensor like, double p)
                {
                    const long levels = 1L << 15;
                    var dropped = (long)Math.Round(p * levels);
                    if (like.device_type != global::TorchSharp.DeviceType.CPU || dropped is 0 or levels)
                        return functional.dropout(like.ones_like(), p);
                    using var still = torch.no_grad();
                    using var scope = torch.NewDisposeScope();
                    var (count, reach) = (like.numel(), 1L);
                    long[] shape = like.shape, strides = like.stride();
                    for (var axis = 0; axis < shape.Length; axis++) reach += (shape[axis] - 1) * strides[axis];
                    var draws = torch.randint(0, 1L << 60, new[] { (count + 3) / 4, 1 }, dtype: torch.ScalarType.Int64);
                    var shifts = torch.tensor(new long[] { 0, 15, 30, 45 });
                    var numbers = draws.bitwise_right_shift(shifts).bitwise_and(torch.tensor(levels - 1)); // (⌈n/4⌉, 4)
                    var noise = numbers.ge(dropped).flatten().narrow(0, 0, count).to(like.dtype).mul_((double)levels / (levels - dropped));
                    return (reach == count ? noise.as_strided(shape, strides) : noise.view(shape)).MoveToOuterDisposeScope();
                }
                """);
        }

        /// <summary>Value and tangent pass the same mask.</summary>
        public override bool Tangent(TangentCode c)
        {
            var mask = c.Local(
                "mask", $"functional.dropout({c.In()}.ones_like(), {c.Number("p")}, {c.Training})", ProgramFile.Round(c.Shape()));
            c.Value = $"{c.In()} * {mask}";
            return c.Set($"{c.TangentOf()} * {mask}");
        }

        internal override string? Onnx(OnnxCode c) => c.X;
    }
}
