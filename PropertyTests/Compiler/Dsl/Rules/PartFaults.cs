using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Hybrid.Graphs;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Dsl.Rules;

/// <summary>What is said of tensors taken apart, learned, embedded and masked.</summary>
public class PartFaults
{
    private static string? Fault(string dims, string where, string shapes, Func<Sym[], Sym> spec)
    {
        try
        {
            Trace.Of(
                "Net", dims, where,
                shapes.Split(';').Select((shape, i) => (((char)('x' + i)).ToString(), shape.Trim())).ToList(),
                inputs => [spec(inputs)]);
            return null;
        }
        catch (SpecException exception)
        {
            return exception.Message;
        }
    }

    private static Sym Sum(Syms parts)
    {
        var sum = parts[0].Sum();
        for (var i = 1; i < parts.Count; i++) sum += parts[i].Sum();
        return sum;
    }

    [Fact]
    public void HYB1022_Parts()
    {
        Assert.Equal(
            "HYB1022: Split: the sizes 4 + 4 = 8 must add up to axis 1 of 'x' [B, 9], which has 9. Change a size.",
            Fault("B", "", "B, 9", x => Sum(x[0].Split(1, 4, 4))));
        Assert.Null(Fault("B", "", "B, 8", x => Sum(x[0].Split(1, 4, 4))));
        Assert.Equal(
            "HYB1022: Chunk: axis 1 of 'x' [B, N] has N, which is not a multiple of 3 (N = 1 gives 1 vs 3). They are equal when N % 3 == "
                + "0.",
            Fault("B, N", "", "B, N", x => Sum(x[0].Chunk(3))));
        Assert.Null(Fault("B, N", "N % 3 == 0", "B, N", x => Sum(x[0].Chunk(3))));
        Assert.Equal(
            "HYB1022: Unbind: axis 1 of 'x' [B, N] has size N; it must be a number from 2 to 256, since each slice is a result of its "
                + "own. Use Slice, or an operation over the whole axis.",
            Fault("B, N", "", "B, N", x => Sum(x[0].Unbind())));
        Assert.Null(Fault("B, N", "N == 4", "B, N", x => Sum(x[0].Unbind())));
        Assert.Equal(
            "HYB1026: Split: a size of (0, 9) is less than 1. Leave empty stretches out.",
            Fault("B", "", "B, 9", x => Sum(x[0].Split(1, 0, 9))));
        Assert.Equal(
            "HYB1004: Chunk: axis 2 does not exist; 'x' has rank 2 [B, 9]. Use an axis in -2..1.",
            Fault("B", "", "B, 9", x => Sum(x[0].Chunk(3, axis: 2))));
    }

    [Fact]
    public void HYB4004_OtherNamesThanParts()
        => Assert.Equal("HYB4004: 2 names cannot take a tuple of 3. Use as many names as the tuple has "
            + "elements.", Fault("B", "", "B, 9", x =>
        {
            var (a, b) = x[0].Chunk(3);
            return a + b;
        }));

    [Fact]
    public void HYB1005_Sizes()
    {
        Assert.Equal(
            "HYB1005: Parameter: size 0 of [1, 0] is not always at least 1. Use a positive size.",
            Fault("B", "", "B, 9", x => x[0] + Sym.Parameter("1, 0")));
        Assert.Equal("HYB1026: DropPath: p is 1; it must be in [0, 1).", Fault("B", "", "B, 9", x => x[0].DropPath(1)));
        Assert.Equal(
            "HYB1026: BlurPool2d: sigma is 0.1; the window of 2·⌊3σ⌉ + 1 pixels must be 3 to 101 wide. Use a sigma from 0.17 to 16.",
            Fault("B", "", "B, 3, 9, 9", x => x[0].BlurPool2d(0.1)));
        Assert.Equal(
            "HYB1005: BlurPool2d: its window is 5 wide, height 3 with 0 zeros on each side is 3. Use more padding or a smaller sigma.",
            Fault("B", "", "B, 3, 3, 9", x => x[0].BlurPool2d(pad: 0)));
    }

    [Fact]
    public void HYB1020_AParameterOfTheInputsSize()
        => Assert.Equal(
            "HYB1020: Parameter: it would be [1, N], which changes with N. "
                + "Pool to a fixed size first, or fix it with Where = \"N == …\".",
            Fault("B, N", "", "B, N", x => x[0] + Sym.Parameter("1, N")));

    [Fact]
    public void HYB1023_ElementTypes()
    {
        Assert.Equal(
            "HYB1023: Embedding: indices are whole numbers, 'x' [B, T] holds real numbers. Mark the input [Int64].",
            Fault("B, T", "", "B, T", x => x[0].Embedding(10, 4)));
        Assert.Equal(
            "HYB1023: MaskedSum: the mask 'y' holds real numbers, not truth values. Mark the input [Bool].",
            Fault("B, T", "", "B, T; B, T", x => x[0].MaskedSum(x[1])));
    }

    [Fact]
    public void OutsideOfATrace_AParameterSaysWhereItBelongs()
        => Assert.Equal(
            "Parameter is called outside a trace. It belongs in a spec: trace the spec with Trace.Of.",
            Assert.Throws<InvalidOperationException>(() => Sym.Parameter("3")).Message);

    /// <summary>
    /// The parts of any split have the sizes asked for, joined they have the shape of the whole, and a fault is found iff they do not add
    /// up.
    /// </summary>
    [SeededProperty(MaxTest = 1000)]
    public Property Splits_AddUp()
    {
        var cases = from size in Gen.Choose(1, 12) from parts in Gen.Choose(1, 6)
            .NonEmptyListOf() from axis in Gen.Choose(-3, 2) from chunks in Gen.Choose(2, 5) select (
                size, parts: parts.Take(5).ToArray(), axis, chunks);
        return Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var sizes = new[] { 2, 3, 4 };
            sizes[c.axis < 0 ? c.axis + 3 : c.axis] = c.size;
            var shape = string.Join(", ", sizes);
            var split = Fault("", "", shape, x => Joined(x[0].Split(c.axis, c.parts), c.axis).Is(shape));
            Assert.True(
                (split is null) == (c.parts.Sum() == c.size),
                $"Split of {c.size} into {string.Join(" + ", c.parts)}: {split ?? "accepted"}");
            var chunk = Fault("", "", shape, x => Joined(x[0].Chunk(c.chunks, c.axis), c.axis).Is(shape));
            Assert.True((chunk is null) == (c.size % c.chunks == 0), $"Chunk of {c.size} into {c.chunks}: {chunk ?? "accepted"}");
        });
    }

    private static Sym Joined(Syms parts, int axis)
    {
        var joined = parts[0];
        for (var i = 1; i < parts.Count; i++) joined = joined.Cat(parts[i], axis: axis);
        return joined;
    }
}
