using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Takes a tensor apart into equal stretches of an axis: <c>var (query, key, value) = x.Chunk(3, axis: -1)</c>.</summary>
        /// <param name="x">Any shape but a scalar.</param>
        /// <param name="parts">How many; a divisor of the axis. PyTorch would make the last one shorter instead.</param>
        /// <param name="axis">Default: the channels.</param>
        public static Syms Chunk(this Sym x, int parts, int axis = 1) => new(Sym.ApplyMany("Chunk", x, parts, axis));
    }
}

namespace Hybrid.Rules
{
    internal sealed class ChunkRule : PartsRule
    {
        public override int CountOutputs(Binding binding)
            => binding.Constants[0] is Argument.Size { Value: var value } && value.TryConstant(out var parts) && parts is > 0 and < 1000
                ? (int)parts
                : 1;

        protected override IReadOnlyList<(Dim Start, Dim Length)>? Parts(Inference i, int axis)
        {
            var (x, parts) = (i.Value(), i.Integer("parts"));
            if (!i.RequireSize("parts", 2)) return null;
            var size = x.Shape[axis];
            var verdict = i.Facts.Divides(parts, size);
            if (!verdict.IsProved)
            {
                var missing = verdict.Missing is { } fact ? $" They are equal when {fact}." : " Use a divisor, or Split with the sizes.";
                i.Report(
                    "HYB1022",
                    $"{i.Subject}: axis {axis} of {i.Describe(x)} {x.Shape} has {size}, which is not a multiple of "
                        + $"{parts}{verdict.Witnessed(size, parts)}.{missing}",
                    i.Place("parts"), [x], verdict.Witness, verdict.Missing);
                return null;
            }
            i.WarnOfChunkedTime(axis, parts);
            var length = size.FloorDiv(parts);
            return Enumerable.Range(0, (int)parts).Select(n => (n * length, length)).ToList();
        }
    }
}
