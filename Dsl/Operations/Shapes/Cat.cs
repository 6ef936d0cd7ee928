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
        /// <summary>Joins tensors along an axis; their other sizes agree.</summary>
        /// <param name="x">The first.</param>
        /// <param name="second">The second.</param>
        /// <param name="third">A third, if any.</param>
        /// <param name="fourth">A fourth, if any.</param>
        /// <param name="axis">Default 1: channels or features.</param>
        public static Sym Cat(this Sym x, Sym second, Sym? third = null, Sym? fourth = null, int axis = 1)
            => Sym.Apply("Cat", x, second, third, fourth, axis);
    }
}

namespace Hybrid.Rules
{
    internal sealed class CatRule : Rule
    {
        private static readonly string[] _parts = ["x", "second", "third", "fourth"];

        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        public override void Infer(Inference i)
        {
            var first = i.Value();
            if (!i.TryAxis(i.Integer("axis"), first.Shape.Rank, "axis", out var axis)) return;
            var joined = first.Shape[axis];
            foreach (var part in _parts.Skip(1))
            {
                if (i.Optional(part) is not { } other) continue;
                if (other.Shape.Rank != first.Shape.Rank)
                {
                    i.Error(
                        "HYB1004",
                        $"{i.Subject}: {i.Describe(first)} has rank {first.Shape.Rank} {first.Shape}, {i.Describe(other)} has rank "
                            + $"{other.Shape.Rank} {other.Shape}. Give them the same rank with .Unsqueeze or .Flatten.",
                        part, first, other);
                    return;
                }
                for (var n = 0; n < first.Shape.Rank; n++)
                {
                    if (n == axis || i.Demand(first.Shape[n], other.Shape[n], part, out var verdict)) continue;
                    var (a, b) = (first.Shape[n], other.Shape[n]);
                    var name = first.Shape.Rank == 4 && n >= 2 ? (n == 2 ? "heights" : "widths") : $"sizes of axis {n},";
                    var (narrow, repeated) = Repeated(i, first, other, axis) is { } onFirst
                        ? ("x", onFirst)
                        : (part, Repeated(i, other, first, axis));
                    var missing = repeated is null
                        ? i.Facts.MissingFor(
                            Enumerable.Range(0, first.Shape.Rank).Where(m => m != axis).Select(m => (first.Shape[m], other.Shape[m])))
                        : null;
                    var crop = first.Shape.Rank == 4 && n >= 2 ? " or .CropTo on the larger side" : "";
                    var text = missing is { } fact
                        ? $"{i.Subject}: {name} {a} and {b} agree only if {fact}{verdict.Witnessed(a, b)}; {first.Shape} from "
                            + $"{i.Describe(first)}, {other.Shape} from {i.Describe(other)}. Add Where = \"{fact}\"{crop}."
                        : $"{i.Subject}: {name} {a} and {b} differ{verdict.Witnessed(a, b)}; {first.Shape} from {i.Describe(first)}, "
                            + $"{other.Shape} from {i.Describe(other)}. "
                            + $"{(repeated is null ? "Give both the same size." : $"Repeat the smaller one: {repeated}.")}";
                    if (Restoring.Blame(i, other, n, b, a, first) || Restoring.Blame(i, first, n, a, b, other)) return;
                    i.Report("HYB1006", text, i.Place(part), [first, other], verdict.Witness, missing);
                    if (repeated is not null) i.Offer(EditKind.Append, repeated, i.Place(narrow));
                    else if (_parts.Count(name => i.Optional(name) is not null) == 2) Crop(i, part, first, other);
                    return;
                }
                for (var n = 0; n < first.Shape.Rank; n++)
                {
                    if (n == axis || !AxisRoles.Conflict(first.Shape.Axes[n], other.Shape.Axes[n])) continue;
                    i.Error(
                        "HYB1003",
                        $"{i.Subject}: axis {n} is {AxisRoles.Name(first.Shape.Axes[n])} in {i.Describe(first)} {first.Shape} and "
                            + $"{AxisRoles.Name(other.Shape.Axes[n])} in {i.Describe(other)} {other.Shape}; the sizes agree, the axes do "
                            + "not. Permute one side.",
                        part, first, other);
                    return;
                }
                joined += other.Shape[axis];
            }
            // Whole numbers beside real ones become real, as in libtorch.
            var element = _parts.Select(i.Optional).OfType<Value>().Select(part => part.Shape.Element).OrderBy(element => element).First();
            var axes = first.Shape.With(axis, joined).Axes
                .Select(
                    (own, n) => own with
                    {
                        Fields = _parts.Select(i.Optional)
                            .OfType<Value>()
                            .Select(part => part.Shape.Axes[n].Fields)
                            .Aggregate(Fields.Together),
                    }).ToEquatable();
            i.Output(
                first.Shape with
                {
                    Axes = axes, Element = element,
                    Domain = _parts.All(part => i.Optional(part) is not { } other || other.Shape.Domain == first.Shape.Domain)
                        && first.Shape.Domain != Domain.Distribution
                        ? first.Shape.Domain
                        : Domain.Any,
                });
        }

        /// <summary>
        /// How a tensor that is of size 1 wherever it differs, but for the joined axis, comes to the other's sizes; null when it does not.
        /// </summary>
        private static string? Repeated(Inference i, Value small, Value large, int axis)
        {
            var sizes = small.Shape.Sizes.ToList();
            for (var n = 0; n < sizes.Count; n++)
            {
                if (n == axis || i.Equal(sizes[n], large.Shape[n])) continue;
                if (!sizes[n].Equals(Dim.One)) return null;
                sizes[n] = large.Shape[n];
            }
            return $".Expand(\"{string.Join(", ", sizes).Replace('·', '*')}\")";
        }

        /// <summary>Offers to cut the larger of two maps, where one is never smaller than the other.</summary>
        private static void Crop(Inference i, string part, Value first, Value other)
        {
            if (first.Shape.Rank != 4 || !first.Shape[0].Equals(other.Shape[0])) return;
            bool Covers(Value large, Value small)
                => Enumerable.Range(2, 2).All(axis => i.Facts.IsAtLeast(large.Shape[axis] - small.Shape[axis], 0).IsProved);
            if (other.Name is { } otherName && Covers(first, other)) i.Offer(EditKind.Append, $".CropTo({otherName})", i.Place("x"));
            else if (first.Name is { } firstName && Covers(other, first)) i.Offer(EditKind.Append, $".CropTo({firstName})", i.Place(part));
        }

        private static IEnumerable<string> Given(NodeCode c) => _parts.Where(c.Has);

        public override string Functional(NodeCode c)
            => $"torch.cat(new[] {{ {string.Join(", ", Given(c).Select(part => c.In(part)))} }}, {c.Integer("axis")})";

        public override string? Ensemble(EnsembleCode c)
            => $"torch.cat(new[] {{ {string.Join(", ", Given(c).Select(part => c.In(part)))} }}, {c.FromEnd("axis")})";

        public override bool Tangent(TangentCode c)
        {
            var directions = Given(c).Select(part => c.TangentOf(part)).First(tangent => tangent is not null)!;
            // What does not depend on the input has tangent zero along every direction.
            var parts = Given(c).Select(part => c.TangentOf(part) ?? TangentCode.Still(c.In(part), c.Shape(part).Rank, directions));
            return c.Set($"torch.cat(new[] {{ {string.Join(", ", parts)} }}, {c.FromEnd("axis")})");
        }

        internal override string? Onnx(OnnxCode c)
            => c.Add("Concat", Given(c).Select(c.InReal).ToList(), ("axis", c.Axis("axis", c.Shape().Rank)));
    }
}
