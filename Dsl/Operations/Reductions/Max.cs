using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Largest value over some axes, or all. Where several are the largest, its derivative is their mean.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="axes">Default: all.</param>
        /// <param name="keep">Whether a reduced axis stays with size 1.</param>
        public static Sym Max(this Sym x, Axes axes = default, bool keep = false) => Sym.Apply("Max", x, axes, keep);
    }
}

namespace Hybrid.Rules
{
    internal sealed class MaxRule() : ExtremeRule("amax", "ReduceMax");
}
