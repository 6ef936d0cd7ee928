using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Hybrid.Graphs;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Dsl.Rules;

/// <summary>What is said of attention, recurrent layers and the symmetries of convolutions.</summary>
public class SequenceFaults
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

    [Fact]
    public void HYB1012_HeadsThatDoNotDivide()
    {
        Assert.Equal(
            "HYB1012: Attention 'att': width 1600 is not divisible by 48 heads. Nearest: 40, 50.",
            Fault("B, T", "", "B, T, 1600", x => x[0].Attention(48, key: "att")));
        Assert.Equal(
            "HYB1012: Attention: width 8 is not divisible by 9 heads. Use at most 8.",
            Fault("B, T", "", "B, T, 8", x => x[0].Attention(9)));
        Assert.Equal(
            "HYB1012: Attention: width N is not always divisible by 4 heads (N = 1 gives 1 vs 4). It is when N % 4 == 0.",
            Fault("B, T, N", "", "B, T, N", x => x[0].Attention(4)));
        Assert.Null(Fault("B, T", "", "B, T, 1600", x => x[0].Attention(50)));
    }

    [Fact]
    public void HYB1013_BatchAndTimeExchanged()
    {
        Assert.Equal(
            "HYB1013: Attention 'att' is time-major but 'x' is [B, T, 16]; it would mix the batch's examples. Leave batchFirst: false out.",
            Fault("B:batch, T:time", "", "B, T, 16", x => x[0].Attention(4, batchFirst: false, key: "att")));
        Assert.Equal(
            "HYB1013: Lstm is batch-first but 'x' is [T, B, 16] with time first; it would mix the batch's examples. Set batchFirst: false.",
            Fault("B:batch, T:time", "", "T, B, 16", x => x[0].Lstm(8).sequence));
        Assert.Null(
            Fault("B:batch, T:time", "", "T, B, 16", x => x[0].Lstm(8, batchFirst: false).sequence.Attention(2, batchFirst: false)));
        // What is called B and stands first is the batch; where it stands second, it may count something else.
        Assert.Equal(
            "HYB1013: Gru is time-major but 'x' is [B, T, 16]; it would mix the batch's examples. Leave batchFirst: false out.",
            Fault("B, T", "", "B, T, 16", x => x[0].Gru(8, batchFirst: false).sequence));
        Assert.Null(Fault("B, T", "", "T, B, 16", x => x[0].Gru(8).sequence));
    }

    [Fact]
    public void Attention_OfWhatDoesNotFit()
    {
        Assert.Equal(
            "HYB1004: Attention needs rank 3 [B,T,features]; 'x' gives rank 4 [B, 16, 8, 8]. Join the places of a map to one axis first: "
                + ".Flatten(2).Transpose(1, 2).",
            Fault("B", "", "B, 16, 8, 8", x => x[0].Attention(4)));
        Assert.Null(Fault("B", "", "B, 16, 8, 8", x => x[0].Flatten(2).Transpose(1, 2).Attention(4)));
        Assert.Equal(
            "HYB1007: Attention: 'x' is [B, T, 16], its context 'y' is [4, S, 3]; the batches B and 4 differ (B = 1 gives 1 vs 4). Give "
                + "both the same batch.",
            Fault("B, T, S", "", "B, T, 16; 4, S, 3", x => x[0].Attention(4, context: x[1])));
        Assert.Equal(
            "HYB1023: Attention: the mask 'y' holds real numbers, not truth values. Mark the input [Bool].",
            Fault("B, T", "", "B, T, 16; B, T", x => x[0].Attention(4, mask: x[1])));
        Assert.Equal(
            "HYB1026: Attention: dropout is 1; it must be in [0, 1).", Fault("B, T", "", "B, T, 16", x => x[0].Attention(4, dropout: 1)));
        Assert.Equal(
            "HYB1020: Attention: its in_proj_weight would be [3·N, N], which changes with N. Pool to a fixed size first, or fix it with "
                + "Where = \"N == …\".",
            Fault("B, T, N", "N % 4 == 0", "B, T, N", x => x[0].Attention(4)));
    }

    [Fact]
    public void Recurrent_OfWhatDoesNotFit()
    {
        Assert.Equal(
            "HYB1004: Gru needs rank 3 [B,T,features]; 'x' gives rank 2 [B, 16]. Add the missing axis with .Unsqueeze.",
            Fault("B", "", "B, 16", x => x[0].Gru(4).last));
        Assert.Equal(
            "HYB1026: Lstm: layers is 0; it must be at least 1.", Fault("B, T", "", "B, T, 16", x => x[0].Lstm(4, layers: 0).last));
    }

    /// <summary>The shapes of all results for any options.</summary>
    [SeededProperty(MaxTest = 200)]
    public Property Recurrent_Shapes()
    {
        var cases = from hidden in Gen.Choose(1, 5)
                    from layers in Gen.Choose(1, 3)
                    from both in Gen.Elements(false, true)
                    from batchFirst in Gen.Elements(false, true)
                    from isLstm in Gen.Elements(false, true)
                    select (hidden, layers, both, batchFirst, isLstm);
        return Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var graph = Trace.Of("Net", "B, T", "", [("x", c.batchFirst ? "B, T, 7" : "T, B, 7")], x =>
            {
                if (!c.isLstm)
                {
                    var (y, h) = x[0].Gru(c.hidden, c.layers, c.both, batchFirst: c.batchFirst);
                    return [y, h];
                }
                var (sequence, last, cell) = x[0].Lstm(c.hidden, c.layers, c.both, batchFirst: c.batchFirst);
                return [sequence, last, cell];
            });
            var directions = c.both ? 2 : 1;
            var shapes = graph.Results.Select(result => result.Shape.ToString()).ToList();
            Assert.Equal($"[{(c.batchFirst ? "B, T" : "T, B")}, {directions * c.hidden}]", shapes[0]);
            Assert.All(shapes.Skip(1), shape => Assert.Equal($"[{c.layers * directions}, B, {c.hidden}]", shape));
            // PyTorch's count: gates·hidden rows of inputs and of states, each with its bias, for every layer and direction.
            long gates = c.isLstm ? 4 : 3, expected = 0;
            for (var layer = 0; layer < c.layers; layer++)
                expected += directions * gates * c.hidden * ((layer == 0 ? 7 : directions * c.hidden) + c.hidden + 2);
            Assert.Equal(expected.ToString(), Programs.Cards.Parameters(graph).ToString());
        });
    }

    [Fact]
    public void HYB1014_ChannelsThatAreNoFields()
    {
        Assert.Equal(
            "HYB1014: GroupConv2d: fields of D4 have 8 channels each, 'x' [B, 30, 9, 9] has 30; 30 % 8 = 6. Lift images with LiftConv2d, "
                + "and keep to one group.",
            Fault("B", "", "B, 30, 9, 9", x => x[0].GroupConv2d(4, k: 3, Symmetry.D4)));
        Assert.Null(Fault(
            "B", "", "B, 30, 9, 9",
            x => x[0].LiftConv2d(3, k: 3, Symmetry.D4).GroupConv2d(4, k: 3, Symmetry.D4).GroupPool(Symmetry.D4).Is("B, 4, 5, 5")));
    }

    [Fact]
    public void HYB1024_AStrideThatATurnedImageDoesNotShare()
    {
        Assert.Equal(
            "HYB1024: LiftConv2d: at stride 2, the windows along height do not cover the last pixel, so that a turned image would be "
                + "sampled elsewhere. Use another size, padding or kernel, or a stride of 1 and a pool.",
            Fault("B", "", "B, 1, 8, 8", x => x[0].LiftConv2d(3, k: 3, Symmetry.C4, stride: 2)));
        Assert.Equal(
            "HYB1024: LiftConv2d: at stride 2, the windows along height do not cover the last (H-3) % 2 pixels (H = 4), so that a turned "
                + "image would be sampled elsewhere. Add Where = \"H % 2 == 1\", or a stride of 1 and a pool.",
            Fault("B, H", "H >= 3", "B, 1, H, H", x => x[0].LiftConv2d(3, k: 3, Symmetry.C4, stride: 2)));
        Assert.Null(Fault("B, H", "H >= 3, H % 2 == 1", "B, 1, H, H", x => x[0].LiftConv2d(3, k: 3, Symmetry.C4, stride: 2)));
    }

    [Fact]
    public void HYB1024_FieldsOfOneGroupReadAsThoseOfAnother()
    {
        static string? Found(Func<Sym, Sym> spec) => Fault("B", "", "B, 1, 9, 9", x => spec(x[0]));
        var lifted = new Func<Sym, Symmetry, Sym>((x, group) => x.LiftConv2d(group == Symmetry.D4 ? 2 : 4, k: 3, group));
        const string Both = "HYB1024: {0}: the result of {1} [B, 16, 7, 7] holds fields of C4, whose channels are read as those of {2}: "
            + "the result would not turn with the image. Keep to one group, or .GroupPool(Symmetry.C4) and lift again.";
        // No size shows it: sixteen channels are four fields of C4 or D2, and two of D4.
        foreach (var group in new[] { Symmetry.D4, Symmetry.D2 })
        {
            Assert.Equal(
                string.Format(Both, "GroupConv2d", "LiftConv2d", group), Found(x => lifted(x, Symmetry.C4).GroupConv2d(4, k: 3, group)));
            Assert.Equal(string.Format(Both, "GroupPool", "LiftConv2d", group), Found(x => lifted(x, Symmetry.C4).GroupPool(group)));
            Assert.Equal(
                string.Format(Both, "GroupBatchNorm", "LiftConv2d", group), Found(x => lifted(x, Symmetry.C4).GroupBatchNorm(group)));
            // What is done to each element, and pools over the pixels, leave the fields what they are.
            Assert.StartsWith(
                "HYB1024: GroupConv2d: ",
                Found(x => lifted(x, Symmetry.C4).GroupBatchNorm(Symmetry.C4).Relu().MaxPool2d(3, stride: 2).GroupConv2d(4, k: 3, group)));
            Assert.StartsWith("HYB1024: '+': ", Found(x => lifted(x, Symmetry.C4) + lifted(x, group)));
        }
        Assert.StartsWith("HYB1024: LiftConv2d takes images; ", Found(x => lifted(x, Symmetry.C4).LiftConv2d(2, k: 3, Symmetry.C4)));
        Assert.StartsWith(
            "HYB1024: BatchNorm normalises each channel separately, but those of ", Found(x => lifted(x, Symmetry.C4).BatchNorm()));
        foreach (var group in new[] { Symmetry.C4, Symmetry.D2, Symmetry.D4 })
        {
            Assert.Null(Found(
                x =>
                {
                    var y = lifted(x, group).GroupBatchNorm(group).Relu();
                    var both = (y + y.GroupConv2d(group == Symmetry.D4 ? 2 : 4, k: 3, group, pad: 1)).Cat(y);
                    return both.GroupConv2d(3, k: 3, group).GroupPool(group);
                }));
            // Pooled over the group they are images again.
            Assert.Null(Found(x => lifted(x, group).GroupPool(group).BatchNorm().LiftConv2d(2, k: 3, Symmetry.D4).GroupPool(Symmetry.D4)));
        }
    }

    [Fact]
    public void Expand_RepeatsAxesOfOne()
    {
        Assert.Equal(
            "HYB1007: Expand: axis -1 of 'x' [B, 3] has 3, the shape [4, B, 6] asks for 6. Only an axis of size 1 is repeated.",
            Fault("B", "", "B, 3", x => x[0].Expand("4, B, 6")));
        Assert.Null(Fault("B", "", "B, 1", x => x[0].Expand("4, B, 6").Is("4, B, 6")));
        Assert.Equal(
            "HYB1004: Expand: 'x' has rank 2 [B, 3], the shape [3] has 1 axis. Name them all.",
            Fault("B", "", "B, 3", x => x[0].Expand("3")));
    }
}
