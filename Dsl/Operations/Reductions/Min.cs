using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Smallest value over some axes, or all. Where several are the smallest, its derivative is their mean.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="axes">Default: all.</param>
        /// <param name="keep">Whether a reduced axis stays with size 1.</param>
        public static Sym Min(this Sym x, Axes axes = default, bool keep = false) => Sym.Apply("Min", x, axes, keep);
    }
}

namespace Hybrid.Rules
{
    internal sealed class MinRule() : ExtremeRule("amin", "ReduceMin");
}
