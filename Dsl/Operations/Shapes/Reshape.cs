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
        /// <summary>The same elements in the same order, under other sizes; their number must agree.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="shape">Sizes such as <c>"B, 8, H*W"</c>; one of them may be -1, which is inferred.</param>
        public static Sym Reshape(this Sym x, string shape) => Sym.Apply("Reshape", x, shape);
    }
}

namespace Hybrid.Rules
{
    internal sealed class ReshapeRule : Rule
    {
        public override bool IsView => true;

        public override void Infer(Inference i)
        {
            var x = i.Value();
            var sizes = ((Argument.Sizes)i.Argument("shape")).Values.ToList();
            var elements = x.Shape.Elements;
            var target = $"[{string.Join(", ", sizes)}]";
            var open = sizes.Select((size, axis) => (size, axis)).Where(s => s.size.Equals(Dim.Constant(-1))).Select(s => s.axis).ToList();
            if (open.Count > 1)
            {
                i.Error("HYB1009", $"{i.Subject}: two sizes of {target} are -1; one can be inferred. Write the other.", "shape", x);
                return;
            }
            var known = sizes.Where((_, axis) => !open.Contains(axis)).Aggregate(Dim.One, (product, size) => product * size);
            foreach (var size in sizes.Where((_, axis) => !open.Contains(axis)))
            {
                if (i.DemandAtLeast(size, 1, "shape", out var bound, out var needed)) continue;
                var example = bound.Witness is { Values.Count: > 0 } witness ? $" ({witness} gives {witness.Evaluate(size)})" : "";
                var fix = needed is null ? "Use a positive size." : $"Add Where = \"{needed.Text}\".";
                i.Report(
                    "HYB1005",
                    $"{i.Subject}: size {size} of {target} must be at least 1{example}. {fix}",
                    i.Place("shape"), [x], bound.Witness, needed?.Text);
                return;
            }
            if (LiteralBatch(i, x, sizes, open.Count == 1) is { } batch)
            {
                // Right for one size of the batch only: that is checked when it runs, and the rest is read as if the symbol stood there.
                sizes[0] = batch;
                known = sizes.Where((_, axis) => !open.Contains(axis)).Aggregate(Dim.One, (product, size) => product * size);
            }
            if (open.Count == 1)
            {
                var verdict = i.Facts.Divides(known, elements);
                if (verdict.IsRefuted)
                {
                    var flat = x.Shape.Rank > 1 ? Quoted([x.Shape[0], -1]) : null;
                    var missing = verdict.Missing is { } fact ? $" It is one when {fact}." : flat is null ? "" : $" Write {flat}.";
                    i.Report(
                        "HYB1009",
                        $"{i.Subject}: {x.Shape} has {Counted(elements)}, target {target} needs a multiple of "
                            + $"{known}{verdict.Witnessed(elements, known)}.{missing}",
                        i.Place("shape"), [x], verdict.Witness, verdict.Missing);
                    if (verdict.Missing is null && flat is not null) i.Offer(EditKind.Replace, flat);
                    return;
                }
                i.Demand(elements.FloorDiv(known) * known, elements, "shape", out _);
                sizes[open[0]] = elements.FloorDiv(known);
            }
            else if (Forced(i, elements, known) is var (symbol, value))
            {
                var isBatch = i.Facts.Open.Contains(symbol);
                var text = $"{i.Subject}: {symbol} is declared free but {target} forces {symbol} = {value} ({i.Describe(x)} is "
                    + $"{x.Shape}). "
                    + (isBatch ? $"Write {symbol} instead of the number." : $"Declare {symbol} == {value} in Where, or write {symbol} "
                    + "instead of the number.");
                i.Report("HYB2003", text, i.Place("shape"), [x], null, isBatch ? null : $"{symbol} == {value}");
                return;
            }
            else if (!i.Demand(known, elements, "shape", out var verdict))
            {
                var missing = verdict.Missing is { } fact
                    ? $" They agree when {fact}."
                    : " Change a size, or write -1 for the one to infer.";
                i.Report(
                    "HYB1009",
                    $"{i.Subject}: {x.Shape} has {Counted(elements)}, target {target} has "
                        + $"{known}{verdict.Witnessed(elements, known)}.{missing}",
                    i.Place("shape"), [x], verdict.Witness, verdict.Missing);
                var inferred = Enumerable.Range(0, sizes.Count)
                    .Reverse()
                    .Where(
                        axis => sizes[axis].IsConstant
                            && known.TryDivideExactly(sizes[axis], out var rest)
                            && i.Facts.Divides(rest, elements).IsProved)
                    .ToList();
                if (verdict.Missing is null && inferred.Count > 0)
                    i.Offer(EditKind.Replace, Quoted(sizes.Select((size, axis) => axis == inferred[0] ? -1 : size)));
                return;
            }
            if (!x.MayReinterpret)
            {
                Across(i, x, sizes);
                OtherOrder(i, x, sizes);
            }
            // An axis that stays in its place keeps its meaning.
            var axes = sizes.Select(
                (size, axis) => axis < x.Shape.Rank && x.Shape[axis].Equals(size) && Same(x.Shape, sizes, axis)
                    ? x.Shape.Axes[axis]
                    : new Axis(size));
            i.Output(
                x.Shape with
                {
                    Axes = axes.ToEquatable(), Domain = x.Shape.Domain == Domain.Distribution ? Domain.Probability : x.Shape.Domain,
                });
        }

        private static string Counted(Dim elements) => elements.Equals(Dim.One) ? "1 element" : $"{elements} elements";

        /// <summary>
        /// HYB1010: a first axis that was joined of two, as the frames of clips are, and is taken apart into the same two in another
        /// order.
        /// </summary>
        private static void OtherOrder(Inference i, Value x, IReadOnlyList<Dim> sizes)
        {
            if (sizes.Count < 2 || x.Shape.Rank == 0 || i.Equal(sizes[0], sizes[1]) || !i.Equal(sizes[0] * sizes[1], x.Shape[0])) return;
            var value = x;
            while (i.Producer(value) is { } node)
            {
                var from = i.Builder.ValueOf(node.Inputs.First(input => input >= 0));
                if (node.Operation is "Reshape" or "Flatten" && from.Shape.Rank > 1 && i.Equal(from.Shape[0] * from.Shape[1], x.Shape[0]))
                {
                    if (!i.Equal(from.Shape[0], sizes[1]) || !i.Equal(from.Shape[1], sizes[0])) return;
                    var ordered = sizes.ToList();
                    (ordered[0], ordered[1]) = (sizes[1], sizes[0]);
                    i.Warn(
                        "HYB1010",
                        $"{i.Subject}: axis 0 of {i.Describe(x)} {x.Shape} was joined of {from.Shape[0]} and {from.Shape[1]}"
                            + $"{Fault.Place(node.Origin)} in this order, and [{string.Join(", ", sizes)}] takes it apart in the other. "
                            + "Write "
                            + $".Reshape({Quoted(ordered)}).Transpose(0, 1).",
                        "shape", x);
                    return;
                }
                if (from.Shape.Rank == 0 || !i.Equal(from.Shape[0], x.Shape[0])) return;
                value = from;
            }
        }

        private static string Quoted(IEnumerable<Dim> sizes)
            => $"\"{string.Join(", ", sizes.Select(size => size.ToString().Replace('·', '*')))}\"";

        /// <summary>
        /// HYB2002: a number where the batch's symbol belongs, the target being right for one size of the batch only. The symbol, or null.
        /// </summary>
        private static Dim? LiteralBatch(Inference i, Value x, IReadOnlyList<Dim> sizes, bool infersOne)
        {
            if (x.Shape.Rank < 2
                || sizes.Count == 0
                || x.Shape[0].AsSymbol is not { } batch
                || !sizes[0].TryConstant(out var literal)
                || literal < 2)
            {
                return null;
            }
            if (i.IsWeightSize(x.Shape[0]) || sizes.Any(size => size.Symbols.Contains(batch))) return null;
            var example = x.Shape.Sizes.Skip(1).Aggregate(Dim.One, (product, size) => product * size);
            var others = sizes.Skip(1).Where(size => !size.Equals(Dim.Constant(-1))).Aggregate(Dim.One, (product, size) => product * size);
            if (infersOne)
            {
                // With -1 among them, [64, -1] is legal whenever 64 divides all elements; then nothing shows that the batch was meant.
                if (i.Facts.Divides(literal * others, x.Shape.Elements).IsProved || !i.Facts.Divides(others, example).IsProved) return null;
            }
            else if (!i.Equal(example, others)) return null;
            i.Warn(
                "HYB2002",
                $"{i.Subject}: {literal} is used where the batch {batch} flows ({i.Describe(x)} is {x.Shape}); the last batch may be "
                    + $"smaller. Use {batch}.",
                "shape", x);
            i.Offer(EditKind.Replace, Quoted(sizes.Select((size, axis) => axis == 0 ? x.Shape[0] : size)));
            i.Guard(x.Shape[0], Relation.Equal, literal);
            return x.Shape[0];
        }

        /// <summary>
        /// The one symbol of the elements, and the one size of it for which their number is the target's; null when there is none.
        /// </summary>
        private static (string Symbol, long Value)? Forced(Inference i, Dim elements, Dim known)
        {
            foreach (var common in known.Symbols)
                while (elements.TryDivideExactly(Dim.Symbol(common), out var left)
                    && known.TryDivideExactly(Dim.Symbol(common), out var right))
                {
                    (elements, known) = (left, right);
                }
            if (elements.Terms.Count != 1 || elements.Depth > 0 || elements.Symbols.Count != 1) return null;
            var symbol = elements.Symbols.First();
            if (i.IsWeightSize(elements)
                || !elements.TryDivideExactly(Dim.Symbol(symbol), out var each)
                || !each.TryConstant(out var count)
                || !known.TryConstant(out var total))
            {
                return null;
            }
            return count > 0 && total % count == 0 ? (symbol, total / count) : null;
        }

        /// <summary>HYB1010: the target's axes run across the source's.</summary>
        private static void Across(Inference i, Value x, IReadOnlyList<Dim> sizes)
        {
            // H/7 and 7 are two axes of H where the facts say that 7 divides it.
            var (source, goal) = (x.Shape.Sizes.Select(i.Facts.Normalise).ToList(), sizes.Select(i.Facts.Normalise).ToList());
            if (Regrouping.Crossing(source, goal) is not var (from, to)) return;
            var order = Regrouping.Permutation(source, goal) is { } found && Regrouping.JoinsWholeAxes(found.Select(axis
                => source[axis]), goal)
                ? found
                : null;
            var permute = order is null ? null : $".Permute({string.Join(", ", order)})";
            var role = x.Shape.Axes[from].Role == AxisRole.None ? "" : $" ({AxisRoles.Name(x.Shape.Axes[from])})";
            var advice = permute is null ? "Split the axes, permute and join them" : $"Permute first: {permute}";
            i.Warn(
                "HYB1010",
                $"{i.Subject}: {x.Shape} to [{string.Join(", ", sizes)}] moves data across axes: {sizes[to]} is filled from more than "
                    + $"{x.Shape[from]}{role}. {advice}, or .ReinterpretUnsafe() if that is intended.",
                "shape", x);
            if (permute is not null) i.Offer(EditKind.Append, permute, i.Place("x"));
            i.Offer(EditKind.Append, ".ReinterpretUnsafe()", i.Place("x"));
        }

        private static bool Same(Shape from, List<Dim> to, int axis)
            => Enumerable.Range(0, axis).All(before => from[before].Equals(to[before]));

        public override string Functional(NodeCode c) => $"{c.In()}.reshape({NodeCode.Longs(c.Result().Sizes.Select(c.Size))})";

        public override string? Ensemble(EnsembleCode c)
            => $"{c.In()}.reshape({NodeCode.Longs(c.Result().Sizes.Select(c.Size).Prepend(c.Members))})";

        public override bool Tangent(TangentCode c)
            => c.Set($"{c.TangentOf()}.reshape({NodeCode.Longs(c.Result().Sizes.Select(c.Size).Prepend("-1"))})");

        internal override string? Onnx(OnnxCode c) => c.Reshaped();
    }
}
