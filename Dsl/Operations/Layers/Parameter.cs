using System.Linq;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public sealed partial class Sym
    {
        /// <summary>
        /// A learned tensor of its own: a class token, an embedding of positions, a temperature. Its checkpoint key is the local's name,
        /// without a weight's name after it: <c>var token = Sym.Parameter("1, 1, 768", Init.Normal(0.02));</c>.
        /// </summary>
        /// <param name="shape">Its sizes: numbers, constants and [Param]s.</param>
        /// <param name="init">Default: zeros.</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static Sym Parameter(string shape, Init init = default, string? key = null) => Apply("Parameter", shape, init, key);
    }
}

namespace Hybrid.Rules
{
    internal sealed class ParameterRule : Rule
    {
        protected override Signature Declared() => Declaration.Of(Name, typeof(Sym));

        public override void Infer(Inference i)
        {
            var sizes = ((Argument.Sizes)i.Argument("shape")).Values;
            foreach (var size in sizes)
            {
                if (i.Facts.IsAtLeast(size, 1).IsProved) continue;
                i.Error(
                    "HYB1005",
                    $"{i.Subject}: size {size} of [{string.Join(", ", sizes)}] is not always at least 1. Use a positive size.",
                    "shape");
                return;
            }
            i.Weight("", i.Init("init"), sizes.ToArray());
            // Learned channel by channel: not fields of a group.
            i.Output(sizes.Select(size => new Axis(size, Fields: Fields.None)).ToArray());
        }

        // The tensor itself belongs to the module: what a program gives out or overwrites is another view of it.
        public override string Functional(NodeCode c) => $"{c.Weight("")}.alias()";

        public override string? Ensemble(EnsembleCode c) => Functional(c);

        public override bool IsView => true;

        internal override string? Onnx(OnnxCode c) => c.Weight("");
    }
}
