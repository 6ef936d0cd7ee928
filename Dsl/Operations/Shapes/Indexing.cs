using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid
{
    public sealed partial class Sym
    {
        /// <summary>
        /// Elements and stretches of the first axes, as C# and NumPy index: <c>x[.., -1]</c> is the last time step of (B, T, C),
        /// <c>x[.., ..3]</c> keeps the first three, <c>x[0]</c> the first of the batch. A whole number takes one element, and its axis goes
        /// away; negative ones and <c>^1</c> count from the end; a range keeps a stretch, <c>..</c> the whole axis.
        /// </summary>
        /// <param name="places">Whole numbers, C#'s indices and ranges, one for each axis from the first on. They are objects because the
        /// language is compiled for frameworks that have no ranges yet.</param>
        public Sym this[params object[] places]
            => Checked(_builder, [Indexing.Of(_builder, Value, places.Select(Indexing.Read).ToList(), Origin.None)])[0];
    }
}

namespace Hybrid.Rules
{
    /// <summary>A number in an index: from the front, or from the end.</summary>
    public readonly record struct Bound(int Number, bool IsFromEnd)
    {
        /// <summary>What C# writes <c>n</c>, or NumPy <c>-n</c>.</summary>
        public static Bound Of(int number) => number < 0 ? new Bound(-number, true) : new Bound(number, false);

        public static Bound Front => new(0, false);

        public static Bound End => new(0, true);
    }

    /// <summary>What is taken of one axis: an element, or with an end a stretch.</summary>
    public readonly record struct IndexPlace(Bound Start, Bound? End, Origin Origin = default)
    {
        public bool IsWhole => Start == Bound.Front && End == Bound.End;
    }

    /// <summary>An index in brackets, written out as slices.</summary>
    public static class Indexing
    {
        /// <summary>The value of an index; unknown where it was refused.</summary>
        public static Value Of(GraphBuilder builder, Value x, IReadOnlyList<IndexPlace> places, Origin call)
        {
            if (x.IsUnknown) return x;
            if (places.Count > x.Shape.Rank)
            {
                builder.Report(new Fault(
                    "HYB1004",
                    $"{Plural.Of(places.Count, "index", "indices")} for a tensor of rank {x.Shape.Rank} {x.Shape}. "
                        + "Use at most one for each axis.",
                    call, EquatableArray.Of(x.Origin)));
                return builder.Unknown(call);
            }
            var axis = 0;
            foreach (var place in places)
            {
                if (place.End is null)
                {
                    LikelyPlaces.WarnOfOneExample(builder, x, axis, place.Origin);
                    LikelyPlaces.WarnOfBackwardStep(builder, x, axis, place.Start, place.Origin);
                    x = Sliced(builder, x, axis, place.Start, 1, place.Origin);
                    if (!x.IsUnknown) x = builder.Apply(RuleTable.Get("Squeeze"), Given(x, place.Origin, axis), place.Origin)[0];
                }
                else if (!place.IsWhole)
                {
                    x = Stretch(builder, x, axis, place.Start, place.End.Value, place.Origin);
                    axis++;
                }
                else axis++;
                if (x.IsUnknown) return x;
            }
            return x;
        }

        private static Value Stretch(GraphBuilder builder, Value x, int axis, Bound start, Bound end, Origin place)
        {
            if (start.IsFromEnd == end.IsFromEnd)
            {
                var length = start.IsFromEnd ? start.Number - end.Number : end.Number - start.Number;
                return Sliced(builder, x, axis, start, length, place);
            }
            Argument Size(Bound bound)
                => new Argument.Sizes(EquatableArray.Of(bound.IsFromEnd ? x.Shape[axis] - bound.Number : Dim.Constant(bound.Number)));
            return builder.Apply(
                RuleTable.Get("Range"),
                [.. Given(x, place, axis), CallArgument.Of(Size(start), place), CallArgument.Of(Size(end), place)],
                place)[0];
        }

        private static Value Sliced(GraphBuilder builder, Value x, int axis, Bound start, int length, Origin place)
            => builder.Apply(
                RuleTable.Get("Slice"),
                [
                    .. Given(x, place, axis), CallArgument.Of(new Argument.Size(start.IsFromEnd ? -start.Number : start.Number), place),
                    CallArgument.Of(new Argument.Size(length), place),
                ],
                place)[0];

        private static List<CallArgument> Given(Value x, Origin place, int axis)
            => [CallArgument.Of(x, place), CallArgument.Of(new Argument.Size(axis), place)];

        /// <summary>An index as a trace meets it.</summary>
        public static IndexPlace Read(object place) => place switch
        {
            int number => new IndexPlace(Bound.Of(number), null),
            _ when place?.GetType().FullName == "System.Index" => new IndexPlace(Index(place), null),
            _ when place?.GetType().FullName == "System.Range"
                => new IndexPlace(Index(Property(place, "Start")), Index(Property(place, "End"))),
            _ => throw new ArgumentException(
                $"an index is a whole number, ^n or a range, got {(place is null ? "null" : place.GetType().Name)}", nameof(place)),
        };

        // The types are those of the framework that runs, which is not that of this assembly.
        private static Bound Index(object index) => new((int)Property(index, "Value"), (bool)Property(index, "IsFromEnd"));

        private static object Property(object of, string name) => of.GetType().GetProperty(name)!.GetValue(of)!;
    }
}
