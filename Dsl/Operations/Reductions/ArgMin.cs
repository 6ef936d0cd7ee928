using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Index of the smallest value along an axis, the first of several: whole numbers, which have no derivative.</summary>
        /// <param name="x">Any shape but a scalar.</param>
        /// <param name="axis">Default: the last.</param>
        /// <param name="keep">Whether the axis stays with size 1.</param>
        public static Sym ArgMin(this Sym x, int axis = -1, bool keep = false) => Sym.Apply("ArgMin", x, axis, keep);
    }
}

namespace Hybrid.Rules
{
    internal sealed class ArgMinRule() : PlaceRule("argmin");
}
