using System;
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
        /// Anti-aliased pool: each channel blurred by a Gaussian window of 2·⌊3σ⌉ + 1 pixels, then every stride-th pixel: (B, C, H, W) →
        /// (B, C, ⌊(H + 2·pad − k)/stride⌋ + 1, …). After Zhang 2019, with the window of e2cnn.
        /// </summary>
        /// <param name="x">(B, C, H, W)</param>
        /// <param name="sigma">Of the Gaussian, in pixels; at least 0.17. e2cnn's default for a stride of 2.</param>
        /// <param name="stride">Default 2.</param>
        /// <param name="pad">Zeros on each side; default half of the window, which keeps the size at stride 1.</param>
        public static Sym BlurPool2d(this Sym x, double sigma = 0.66, [Means(2)] Extent stride = default, int? pad = null)
            => Sym.Apply("BlurPool2d", x, sigma, stride, pad);
    }
}

namespace Hybrid.Rules
{
    internal sealed class BlurPool2dRule : Rule
    {
        private static int Reach(double sigma) => (int)Math.Round(3 * sigma);

        public override bool MayVary(string parameter) => parameter != "sigma";

        public override void Infer(Inference i)
        {
            if (!i.TryImages() || !i.RequireWindow(("stride", 1), ("pad", 0))) return;
            var (x, sigma) = (i.Shape(), i.Real("sigma"));
            if (!(sigma > 0) || Reach(sigma) is < 1 or > 50)
            {
                i.Error(
                    "HYB1026",
                    $"{i.Subject}: sigma is {i.Argument("sigma")}; the window of 2·⌊3σ⌉ + 1 pixels must be 3 to 101 wide. Use a sigma "
                        + "from 0.17 to 16.",
                    "sigma");
                return;
            }
            var (k, stride) = ((2 * Reach(sigma)) + 1, i.Pair("stride"));
            var pad = i.IsGiven("pad") ? i.Integer("pad") : Reach(sigma);
            // A window that does not fit is a matter of the padding: there is no kernel to change.
            var sizes = new List<Dim>();
            foreach (var (axis, step, name) in new[] { (2, stride.Height, "height"), (3, stride.Width, "width") })
            {
                if (!i.DemandAtLeast(x[axis] + (2 * pad), k, "pad", out var verdict, out _))
                {
                    i.Error(
                        "HYB1005",
                        $"{i.Subject}: its window is {k} wide, {name} {x[axis]} with {pad} zeros on each side is "
                            + $"{x[axis] + (2 * pad)}{verdict.Witnessed(x[axis] + (2 * pad), k)}. Use more padding or a smaller sigma.",
                        "pad", i.Value());
                    return;
                }
                sizes.Add((x[axis] + (2 * pad) - k).FloorDiv(step) + 1);
            }
            var domain = x.Domain switch
            {
                Domain.Positive => Domain.NonNegative, Domain.Distribution => Domain.Probability, var other => other,
            };
            i.Output(x.WithSpatial(sizes) with { Element = ElementType.Real, Domain = domain });
        }

        private static string Call(NodeCode c, string x)
        {
            var pad = c.IsGiven("pad") ? c.Integer("pad") : Reach(c.Real("sigma"));
            return $"BlurPool({x}, {c.Number("sigma")}, {c.PairLongs("stride")}, {pad})";
        }

        public override string Functional(NodeCode c) => Call(c, c.In());

        public override string? Ensemble(EnsembleCode c) => c.AsChannels(folded => Call(c, folded));

        /// <summary>Linear in its input: the directions as more images of one batch.</summary>
        public override bool Tangent(TangentCode c) => c.Set(c.AsBatch(folded => Call(c, folded)));

        public override IEnumerable<SupportMethod> Support(NodeCode c)
        {
            yield return new SupportMethod(null, """
                /// <summary>Each channel under the window exp(−r²/2σ²) of 2·⌊3σ⌉ + 1 pixels each way, with sum 1.</summary>
                private static Tensor BlurPool(Tensor x, double sigma, long[] strides, long pad)
                {
                    var reach = (int)Math.Round(3 * sigma);
                    var line = new double[2 * reach + 1];
                    double sum = 0;
                    for (var i = 0; i < line.Length; i++) sum += line[i] = Math.Exp(-(i - reach) * (i - reach) / (2 * sigma * sigma));
                    var window = new double[line.Length * line.Length];
                    for (var i = 0; i < window.Length; i++) window[i] = line[i / line.Length] * line[i % line.Length] / (sum * sum);
                    var channels = x.shape[1];
                    var kernel = torch.tensor(window, dtype: x.dtype, device: x.device).view(1, 1, line.Length, line.Length);
                    kernel = kernel.expand(channels, -1, -1, -1);
                    return functional.conv2d(x, kernel, null, strides: strides, padding: new[] { pad, pad }, groups: channels);
                }
                """);
        }

        public override Dim Flops(NodeCode c)
        {
            var k = (2 * Reach(c.Real("sigma"))) + 1;
            return 2 * k * k * c.Result().Elements;
        }

        /// <summary>Each channel by itself, as an image of one: a convolution with the one Gaussian window.</summary>
        internal override string? Onnx(OnnxCode c)
        {
            var sigma = c.Real("sigma");
            var reach = Reach(sigma);
            var pad = c.IsGiven("pad") ? c.Integer("pad") : reach;
            var line = Enumerable.Range(-reach, (2 * reach) + 1).Select(i => Math.Exp(-i * i / (2 * sigma * sigma))).ToArray();
            var sum = line.Sum();
            var window = line.SelectMany(row => line.Select(column => (float)(row * column / (sum * sum)))).ToArray();
            var channels = c.Reshape(c.X, -1, 1, 0, 0);
            var kernel = c.Builder.Singles([1, 1, line.Length, line.Length], window);
            var blurred = c.Add("Conv", [channels, kernel], ("strides", c.Lengths("stride")), ("pads", OnnxWindows.Both([pad, pad])));
            return c.Result()[1].TryConstant(out var count)
                ? c.Reshape(blurred, -1, count, 0, 0)
                : c.Add("Reshape", [blurred, c.Sizes.Values(c.Result().Sizes.ToList())]);
        }
    }
}
