using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>
/// An element of a symmetry group of the square: first a mirror of the columns or none, then quarter turns counter-clockwise.
/// </summary>
internal readonly record struct Turn(bool Mirrors, int Quarters)
{
    /// <summary>This after the other. A mirror turns the other way what stands after it.</summary>
    public Turn After(Turn other) => new(Mirrors != other.Mirrors, (Quarters + (Mirrors ? 4 - other.Quarters : other.Quarters)) % 4);

    public Turn Inverse => Mirrors ? this : new Turn(false, (4 - Quarters) % 4);
}

/// <summary>
/// The groups of <see cref="Symmetry"/>. Features of a group are fields of one channel for each element, element by element: channel
/// field·|G| + g. Cohen and Welling 2016.
/// </summary>
internal static class Symmetries
{
    private static readonly Dictionary<string, Turn[]> _elements = new(StringComparer.Ordinal)
    {
        [nameof(Symmetry.C4)] = [new(false, 0), new(false, 1), new(false, 2), new(false, 3)],
        [nameof(Symmetry.D2)] = [new(false, 0), new(true, 0), new(true, 2), new(false, 2)],
        [nameof(Symmetry.D4)] =
        [
            new(false, 0), new(false, 1), new(false, 2), new(false, 3), new(true, 0), new(true, 1), new(true, 2), new(true, 3),
        ],
    };

    public static IReadOnlyList<Turn> Elements(string group) => _elements[group];

    public static int Order(string group) => _elements[group].Length;

    /// <summary>For each element h the place of g⁻¹h.</summary>
    public static IReadOnlyList<int> PlacesFrom(string group, Turn g)
        => [.. _elements[group].Select(h => Array.IndexOf(_elements[group], g.Inverse.After(h)))];

    public static string Group(this Inference i) => ((Argument.Choice)i.Argument("group")).Member;

    public static string Group(this NodeCode c) => ((Argument.Choice)c.Argument("group")).Member;

    /// <summary>HYB1014: the channels are fields of the group.</summary>
    public static bool TryFields(this Inference i)
    {
        var (x, order) = (i.Value(), Order(i.Group()));
        if (x.Shape.Rank < 2)
        {
            return i.Error(
                "HYB1004",
                $"{i.Subject} needs rank 2 or more [B,C,…]; {i.Describe(x)} gives rank {x.Shape.Rank} {x.Shape}. Channels are on axis 1.",
                "x", x);
        }
        if (x.Shape.Axes[1].Fields == Fields.None)
        {
            return i.Error(
                "HYB1024",
                $"{i.Subject}: the channels of {i.Describe(x)} {x.Shape} are not fields of {i.Group()}: they come from a layer, or a "
                    + "mixture, that treats each channel separately, and do not turn with the image. Lift images with LiftConv2d and "
                    + "continue with GroupConv2d, or .ReinterpretUnsafe() if that is intended.",
                "x", x) || i.Offer(EditKind.Append, ".ReinterpretUnsafe()");
        }
        if (x.Shape.Axes[1].Fields.Group is { } other && other != i.Group())
        {
            return i.Error(
                "HYB1024",
                $"{i.Subject}: {i.Describe(x)} {x.Shape} holds fields of {other}, whose channels are read as those of {i.Group()}: the "
                    + $"result would not turn with the image. Keep to one group, or .GroupPool(Symmetry.{other}) and lift again.",
                i.Rule.Signature.ConstantParameters.Any(parameter => parameter.Name == "group") ? "group" : "x", x);
        }
        if (i.Facts.Divides(order, x.Shape[1]).IsProved) return true;
        return i.Error(
            "HYB1014",
            $"{i.Subject}: fields of {i.Group()} have {order} channels each, {i.Describe(x)} {x.Shape} has {x.Shape[1]}; {x.Shape[1]} % "
                + $"{order} = {x.Shape[1].Mod(order)}. Lift images with LiftConv2d, and keep to one group.",
            "x", x);
    }

    /// <summary>HYB1024: what treats each channel separately is not for fields, whose channels are one another turned.</summary>
    /// <param name="i">The application.</param>
    /// <param name="what">What it does to them.</param>
    /// <param name="instead">What to use.</param>
    public static bool RequireNoFields(this Inference i, string what, string instead)
    {
        var x = i.Value();
        return x.Shape.Rank < 2 || x.Shape.Axes[1].Fields.Group is not { } group
            || i.Error(
                "HYB1024",
                $"{i.Subject} {what}, but those of {i.Describe(x)} {x.Shape} are fields of {group}: the result would not turn with the "
                    + $"image. {string.Format(instead, group)}.",
                "x", x);
    }

    /// <summary>HYB1024: a pool's windows over fields are those of the turned image.</summary>
    /// <param name="i">The application.</param>
    /// <param name="k">The windows' height and width.</param>
    /// <param name="stride">Their distances.</param>
    /// <param name="pad">Zeros on each side.</param>
    public static bool RequireTurnableWindows(this Inference i, IReadOnlyList<int> k, IReadOnlyList<int> stride, IReadOnlyList<int> pad)
    {
        var x = i.Value();
        if (x.Shape.Axes[1].Fields.Group is not { } group) return true;
        if (group != nameof(Symmetry.D2) && (k[0] != k[1] || stride[0] != stride[1] || pad[0] != pad[1]))
            return i.Error(
                "HYB1024",
                $"{i.Subject}: its windows over fields of {group} ({i.Describe(x)} {x.Shape}) are not square, so that those of an image "
                    + "turned by a quarter are others. Use one number for both axes.",
                "k", x);
        return Enumerable.Range(0, 2).All(
            n => i.RequireEvenWindows(x.Shape[n + 2], x.Shape[n + 2] + (2 * pad[n]) - k[n], stride[n], n == 0 ? "height" : "width", ""));
    }

    /// <summary>HYB1024: windows that start at one side and end before the other are not those of the turned image.</summary>
    /// <param name="i">The application.</param>
    /// <param name="size">The axis.</param>
    /// <param name="room">How far the last window may stand from the first.</param>
    /// <param name="stride">The windows' distance.</param>
    /// <param name="axisName">As messages name the axis.</param>
    /// <param name="instead">What else may be done, after the fix.</param>
    public static bool RequireEvenWindows(this Inference i, Dim size, Dim room, long stride, string axisName, string instead)
    {
        var verdict = i.Facts.Divides(stride, room);
        if (verdict.IsProved) return true;
        var left = !room.TryConstant(out var pixels)
            ? $"({room}) % {stride} pixels"
            : pixels % stride == 1
            ? "pixel"
            : $"{pixels % stride} pixels";
        var example = verdict.Witness is { Values.Count: > 0 } witness ? $" ({witness})" : "";
        // Of a plain symbol, the fact is its remainder.
        var remainder = size.AsSymbol is { } symbol && (room - size).TryConstant(out var offset)
            ? $"{symbol} % {stride} == {(((-offset) % stride) + stride) % stride}"
            : null;
        var fact = verdict.Missing ?? remainder;
        var fix = fact is not null ? $"Add Where = \"{fact}\"" : "Use another size, padding or kernel";
        return i.Report(
            "HYB1024",
            $"{i.Subject}: at stride {stride}, the windows along {axisName} do not cover the last {left}{example}, so that a turned image "
                + $"would be sampled elsewhere. {fix}{instead}.",
            i.Place("stride"),
            [i.Value()],
            verdict.Witness,
            fact);
    }

    private static string Written(Turn turn) => $"{CSharpText.Literal(turn.Mirrors)}, {turn.Quarters}";

    private const string TurnMethod = """
        /// <summary>Mirrors the columns or not, then turns by quarters counter-clockwise: pixels move, none is computed.</summary>
        private static Tensor Turn(Tensor x, bool mirrors, int quarters)
        {
            if (mirrors) x = x.flip(-1);
            return quarters == 0 ? x : x.rot90(quarters, (-2, -1));
        }
        """;

    /// <summary>The filters of a lifting convolution.</summary>
    public static IEnumerable<SupportMethod> Lifting(string group)
    {
        yield return new SupportMethod(null, TurnMethod);
        var turned = string.Join(", ", Elements(group).Select(g => $"Turn(filters, {Written(g)})"));
        yield return new SupportMethod(null, $$"""
            /// <summary>Filters (fields, C, k, k) moved by each element of {{group}}: (fields·{{Order(group)}}, C, k, k).</summary>
            private static Tensor LiftedBy{{group}}(Tensor filters)
                => torch.stack(new[] { {{turned}} }, 1).flatten(0, 1);
            """);
    }

    /// <summary>The filters of a convolution over the group: moved by g, and read at g⁻¹h.</summary>
    public static IEnumerable<SupportMethod> Convolving(string group)
    {
        yield return new SupportMethod(null, TurnMethod);
        var rows = Elements(group)
            .Select(
                g => $"        Turn(torch.stack(new[] {{ {string.Join(", ", PlacesFrom(group, g).Select(h => $"at[{h}]"))} }}, 2), "
                    + $"{Written(g)}),");
        yield return new SupportMethod(null, $$"""
            /// <summary>
            /// Filters (fields, inputs, {{Order(group)}}, k, k) moved by each element g of {{group}}: their pixels, and their group axis,
            /// which is read at g⁻¹h: (fields·{{Order(group)}}, inputs·{{Order(group)}}, k, k).
            /// </summary>
            private static Tensor MovedBy{{group}}(Tensor filters)
            {
                var at = filters.unbind(2);
                return torch.stack(new[]
                {
            {{string.Join("\n", rows)}}
                }, 1).flatten(0, 1).flatten(1, 2);
            }
            """);
    }
}
