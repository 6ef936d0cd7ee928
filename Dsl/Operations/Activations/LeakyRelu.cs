using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>x where x &gt; 0, slope·x elsewhere. Maas et al. 2013.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="slope">Default 0.01, as PyTorch's.</param>
        public static Sym LeakyRelu(this Sym x, double slope = 0.01) => Sym.Apply("LeakyRelu", x, slope);
    }
}

namespace Hybrid.Rules
{
    internal sealed class LeakyReluRule : UnaryRule
    {
        protected override Domain Image(Domain of) => of;

        /// <summary>In place, libtorch's backward tells the sides apart by the result's sign, so the slope must be positive.</summary>
        public override string Functional(NodeCode c)
            => c.MayOverwrite() && c.Real("slope") > 0
                ? $"{c.In()}.leaky_relu_({c.Number("slope")})"
                : $"functional.leaky_relu({c.In()}, {c.Number("slope")})";

        /// <summary>
        /// The table of slopes, the slope itself at 0 as in libtorch's backward, made once for value and tangents. In place on one copy,
        /// since each of these passes is vectorised, while libtorch's where branches at every element: a sixth of an IMNN iteration.
        /// </summary>
        public override bool Tangent(TangentCode c)
        {
            var (x, slope) = (c.In(), c.Real("slope"));
            // {0, 1} raised to the slope is exact; a slope outside of [0, 1] needs the line through both.
            var table = slope is >= 0 and <= 1
                ? $"{x}.detach().clone().gt_(0).clamp_min_({c.Number("slope")})"
                : $"{x}.detach().clone().gt_(0).mul_(1 - {c.Number("slope")}).add_({c.Number("slope")})";
            var local = c.Local("slope", table, ProgramFile.Round(c.Result()));
            if (slope is > 0 and <= 1) c.Value = $"{x} * {local}";
            return c.Set($"{c.TangentOf()} * {local}");
        }

        internal override string? Onnx(OnnxCode c) => c.Add("LeakyRelu", [c.X], ("alpha", (float)c.Real("slope")));
    }
}
