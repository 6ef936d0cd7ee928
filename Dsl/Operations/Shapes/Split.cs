using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>
        /// Takes a tensor apart into stretches of an axis: <c>var (mean, scale) = x.Split(1, 4, 4)</c>. The sizes add up to the axis.
        /// </summary>
        /// <param name="x">Any shape but a scalar.</param>
        /// <param name="axis">The axis.</param>
        /// <param name="sizes">How long each stretch is.</param>
        public static Syms Split(this Sym x, int axis, params int[] sizes) => new(Sym.ApplyMany("Split", x, axis, sizes));
    }
}

namespace Hybrid.Rules
{
    internal sealed class SplitRule : PartsRule
    {
        public override int CountOutputs(Binding binding) => ((Argument.Integers)binding.Constants[1]).Values.Count;

        protected override IReadOnlyList<(Dim Start, Dim Length)>? Parts(Inference i, int axis)
        {
            var (x, sizes) = (i.Value(), ((Argument.Integers)i.Argument("sizes")).Values);
            if (sizes.Any(size => size < 1))
            {
                i.Error(
                    "HYB1026", $"{i.Subject}: a size of ({string.Join(", ", sizes)}) is less than 1. Leave empty stretches out.", "sizes");
                return null;
            }
            var total = sizes.Sum(size => (long)size);
            if (!i.Demand(total, x.Shape[axis], "sizes", out var verdict))
            {
                i.Error(
                    "HYB1022",
                    $"{i.Subject}: the sizes {string.Join(" + ", sizes)} = {total} must add up to axis {axis} of {i.Describe(x)} "
                        + $"{x.Shape}, which has {x.Shape[axis]}{verdict.Witnessed(total, x.Shape[axis])}. Change a size.",
                    "sizes", x);
                return null;
            }
            return sizes.Select((size, n) => (Dim.Constant(sizes.Take(n).Sum(before => (long)before)), Dim.Constant(size))).ToList();
        }
    }
}
