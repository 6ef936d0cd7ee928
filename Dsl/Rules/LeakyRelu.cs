using Hybrid.Graphs;
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
    internal sealed class LeakyReluRule() : UnaryRule("LeakyRelu", new Parameter("slope", ParameterKind.Real, new Argument.Real(0.01)))
    {
        protected override Domain Image(Domain of) => of;

        public override string Functional(NodeCode c) => $"functional.leaky_relu({c.In()}, {c.Number("slope")})";

        /// <summary>The slope itself at 0, as libtorch's backward has it. A table of the two slopes, in the tensor's own type.</summary>
        protected override string Slope(TangentCode c)
            => $"torch.where({c.In()}.gt(0), torch.tensor(1d, {c.In()}.dtype, {c.In()}.device), torch.tensor({c.Number("slope")}, {c.In()}.dtype, {c.In()}.device))";
    }
}
