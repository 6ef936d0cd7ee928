using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Rules;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Dsl.Rules;

/// <summary>What each fault says, word for word, and that the same spec put right has none.</summary>
public class FaultTests
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

    private static void Refused(string message, string dims, string where, string shapes, Func<Sym[], Sym> spec)
        => Assert.Equal(message, Fault(dims, where, shapes, spec));

    private static void Accepted(string dims, string where, string shapes, Func<Sym[], Sym> spec)
        => Assert.Null(Fault(dims, where, shapes, spec));

    [Fact]
    public void HYB1001_PinnedInputs()
    {
        Refused(
            "HYB1001: Linear is pinned to 9216 inputs but receives 7680 = 64·10·12 (the result of Flatten is [B, 7680]). Remove the pin "
                + "to infer it.",
            "B", "", "B, 64, 10, 12", x => x[0].Flatten().Linear(128, inputs: 9216));
        Accepted("B", "", "B, 64, 12, 12", x => x[0].Flatten().Linear(128, inputs: 9216));
    }

    [Fact]
    public void HYB1002_PinnedChannels()
    {
        Refused(
            "HYB1002: Conv2d 'c1' is pinned to 3 input channels but 'x' has 1 ([B, 1, 28, 28]). Remove the pin to infer it.",
            "B", "", "B, 1, 28, 28",
            x => x[0].Conv2d(8, k: 3, inputs: 3, key: "c1"));
        Accepted("B", "", "B, 3, 28, 28", x => x[0].Conv2d(8, k: 3, inputs: 3, key: "c1"));
    }

    [Fact]
    public void HYB1003_ChannelsLast()
    {
        Refused(
            "HYB1003: Axis 1 of 'x' is tagged spatial, Conv2d needs channels there; [B, H, W, 3] looks channels-last. Insert "
                + ".ToChannelsFirst().",
            "B, H:spatial, W:spatial", "", "B, H, W, 3", x => x[0].Conv2d(8, k: 1));
        Accepted("B, H:spatial, W:spatial", "", "B, H, W, 3", x => x[0].Permute(0, 3, 1, 2).Conv2d(8, k: 1));
    }

    [Fact]
    public void HYB1004_Rank()
    {
        Refused(
            "HYB1004: Conv2d needs rank 4 [B,C,H,W]; 'x' gives rank 3 [3, H, W]. Add the missing axis with .Unsqueeze(0) for the batch or "
                + ".Unsqueeze(1) for the channel.",
            "H, W", "", "3, H, W",
            x => x[0].Conv2d(8, k: 1));
        Accepted("H, W", "", "3, H, W", x => x[0].Unsqueeze(0).Conv2d(8, k: 1));
        Refused("HYB1004: Sum: axis 2 does not exist; 'x' has rank 2 [B, 3]. Use an axis in -2..1.", "B", "", "B, 3", x => x[0].Sum(2));
    }

    [Fact]
    public void HYB1005_KernelLargerThanMap()
    {
        Refused(
            "HYB1005: Conv2d 'd4' (k=4) needs height ≥ 4 but gets 3. Use a kernel of at most 3, or more padding.",
            "B", "", "B, 8, 3, 9",
            x => x[0].Conv2d(8, k: 4, key: "d4"));
        Refused(
            "HYB1005: Conv2d 'd4' (k=4) needs height ≥ 4 but gets H/32-1 = 3 at H = 128. This model needs H ≥ 160.",
            "B, H", "H >= 128, H % 32 == 0", "B, 8, H, 256",
            x => x[0].MaxPool2d((32, 1)).Conv2d(4, k: (2, 1)).Conv2d(8, k: (4, 1), key: "d4"));
        Accepted(
            "B, H", "H >= 160, H % 32 == 0", "B, 8, H, 256",
            x => x[0].MaxPool2d((32, 1)).Conv2d(4, k: (2, 1)).Conv2d(8, k: (4, 1), key: "d4"));
        Refused("HYB1026: Linear: outputs is 0; it must be at least 1.", "B", "", "B, 8", x => x[0].Linear(0));
        Refused(
            "HYB1026: MaxPool2d: pad is 2; it may be at most half the kernel, k=3. Use a smaller pad.",
            "B", "", "B, 8, 9, 9",
            x => x[0].MaxPool2d(3, pad: 2));
    }

    [Fact]
    public void ALeastSizeThatTheUserLeftOpen_IsInferred()
    {
        var graph = Trace.Of(
            "Net", "B, H", "H % 4 == 0", [("x", "B, 1, H, 64")], x => [x[0].MaxPool2d((4, 1)).Conv2d(4, k: (5, 1)).MeanPool2d()]);
        Assert.Equal("H >= 20", Assert.Single(graph.Facts.Inferred).Text);
    }

    [Fact]
    public void HYB1006_SkipConcatenation()
    {
        Refused(
            "HYB1006: Cat: heights H and 2·(H/2) agree only if H % 2 == 0 (H = 701 gives 701 vs 700); [B, 4, H, 8] from 'x', [B, 4, "
                + "2·(H/2), 8] from the result of Reshape. Add Where = \"H % 2 == 0\" or .CropTo on the larger side.",
            "B, H", "H >= 700", "B, 4, H, 8", x => x[0]
                .Cat(x[0].MaxPool2d((2, 1)).Unsqueeze(3).Cat(x[0].MaxPool2d((2, 1)).Unsqueeze(3), axis: 3).Reshape("B, 4, 2*(H/2), 8")));
        Accepted(
            "B, H", "H >= 700, H % 2 == 0", "B, 4, H, 8",
            x => x[0].Cat(x[0].MaxPool2d((2, 1)).Unsqueeze(3).Cat(x[0].MaxPool2d((2, 1)).Unsqueeze(3), axis: 3)
                .Reshape("B, 4, 2*(H/2), 8")));
    }

    [Fact]
    public void HYB1007_ResidualAdd()
    {
        Refused(
            "HYB1007: '+': the result of Conv2d is [B, 512, (H+1)/2, (W+1)/2], x is [B, 256, H, W]; (W+1)/2 and W differ on axis -1 (W = "
                + "2 gives 1 vs 2). Project the skip: x.Conv2d(512, k: 1, stride: 2).",
            "B, H, W", "", "B, 256, H, W", x => x[0].Conv2d(512, k: 3, stride: 2, pad: 1) + x[0]);
        Accepted("B, H, W", "", "B, 256, H, W", x => x[0].Conv2d(512, k: 3, stride: 2, pad: 1) + x[0].Conv2d(512, k: 1, stride: 2));
    }

    [Fact]
    public void HYB1009_ReshapeElements()
    {
        Refused(
            "HYB1009: Reshape: [B, 8, 30, 30] has 7200·B elements, target [-1, 115200] needs a multiple of 115200 (B = 1 gives 7200 vs "
                + "115200). Write \"B, -1\".",
            "B", "", "B, 8, 30, 30",
            x => x[0].Reshape("-1, 115200"));
        Refused(
            "HYB1009: Reshape: [B, 6] has 6·B elements, target [B, 2, 4] has 8·B (B = 1 gives 6 vs 8). Change a size, or write -1 for the "
                + "one to infer.",
            "B", "", "B, 6",
            x => x[0].Reshape("B, 2, 4"));
        Accepted("B", "B % 16 == 0", "B, 8, 30, 30", x => x[0].Reshape("-1, 115200"));
        Accepted("B", "", "B, 6", x => x[0].Reshape("B, 2, -1"));
    }

    [Fact]
    public void HYB1011_Squeeze()
    {
        Refused(
            "HYB1011: Squeeze: axis 0 of 'x' [B, 1] has size B, not 1 (B = 2). Name an axis of size 1, or take a mean over it.",
            "B", "", "B, 1", x => x[0].Squeeze(0));
        Accepted("B", "", "B, 1", x => x[0].Squeeze(1));
    }

    [Fact]
    public void HYB1014_Groups()
    {
        Refused(
            "HYB1014: Conv2d: groups=3 must divide in=64 and out=96; 64 % 3 = 1. Use a divisor of both.",
            "B", "", "B, 64, 8, 8",
            x => x[0].Conv2d(96, k: 1, groups: 3));
        Accepted("B", "", "B, 63, 8, 8", x => x[0].Conv2d(96, k: 1, groups: 3));
    }

    [Fact]
    public void HYB1016_PinnedFeatures()
    {
        Refused(
            "HYB1016: BatchNorm 'bn2' pinned to 64 features, input has 128 ('x' is [B, 128]). Remove the pin to infer it.",
            "B", "", "B, 128",
            x => x[0].BatchNorm(features: 64, key: "bn2"));
        Accepted("B", "", "B, 64", x => x[0].BatchNorm(features: 64, key: "bn2"));
    }

    [Fact]
    public void HYB1017_InnerSizes()
    {
        Refused(
            "HYB1017: MatMul: inner sizes 3 and 5 differ ([2, 3] x [5, 4]); left is 'x', right is 'y'. Give the last axis of the left "
                + "side and the second last of the right side the same size.",
            "", "", "2, 3; 5, 4", x => x[0].MatMul(x[1]));
        Refused(
            "HYB1017: MatMul: inner sizes 3 and 5 differ ([2, 3] x [5, 3]); left is 'x', right is 'y'. Transpose the right side: "
                + ".Transpose().",
            "", "", "2, 3; 5, 3", x => x[0].MatMul(x[1]));
        Accepted("", "", "2, 3; 5, 3", x => x[0].MatMul(x[1].Transpose()));
    }

    [Fact]
    public void HYB1019_Assertion()
    {
        Refused(
            "HYB1019: Is: asserted [B, 64, 28, 28], actual is [B, 64, 14, 14] ('x'); axis 2 is 14, not 28. Correct the assertion or the "
                + "operation before it.",
            "B", "", "B, 64, 14, 14",
            x => x[0].Is("B, 64, 28, 28"));
        Accepted("B, H", "", "B, 4, H, H", x => x[0].Conv2d(8, k: 3, stride: 2, pad: 1).Is("B, 8, (H-1)/2+1, (H-1)/2+1"));
    }

    [Fact]
    public void HYB1020_WeightsThatChangeWithTheInput()
    {
        Refused(
            "HYB1020: Linear 'head': its weight would be [10, 8·H·W], which changes with H. Pool to a fixed size first, or fix it with "
                + "Where = \"H == …\".",
            "B, H, W", "", "B, 8, H, W",
            x => x[0].Flatten().Linear(10, key: "head"));
        Accepted("B, H, W", "H == 4, W == H", "B, 8, H, W", x => x[0].Flatten().Linear(10, key: "head"));
        Accepted("B, H, W", "", "B, 8, H, W", x => x[0].MeanPool2d().Linear(10, key: "head"));
    }

    [Fact]
    public void HYB1021_SquareMatrices()
    {
        Refused(
            "HYB1021: Inverse needs square matrices; 'x' is [2, 3]. Use Cov or x.Transpose().MatMul(x) to get one.",
            "", "", "2, 3", x => x[0].Inverse());
        Accepted("", "", "3, 3", x => x[0].Inverse());
    }

    [Fact]
    public void HYB2001_TooFewValues()
    {
        Refused(
            "HYB2001: BatchNorm 'bn5' sees 1 value per channel in training ('x' is [1, 8, 1, 1]). Use a larger batch, or LayerNorm.",
            "", "", "1, 8, 1, 1",
            x => x[0].BatchNorm(key: "bn5"));
        Refused("HYB2001: Cov needs at least 2 draws but gets 1 ('x' is [1, 5]). Give it more rows.", "", "", "1, 5", x => x[0].Cov());
        Accepted("N", "", "N, 5", x => x[0].Cov());
    }

    [Fact]
    public void HYB2004_ContradictoryFacts()
        => Refused(
            "HYB2004: Where: no sizes satisfy 'H >= 5, H < 4'; with the facts before it, 'H < 4' cannot hold. Remove one of them.",
            "H", "H >= 5, H < 4", "H", x => x[0].Relu());

    [Loss(Dims = "B")]
    private static class SilentBroadcast
    {
        [Spec]
        public static Sym Value([Shape("B, 1")] Sym prediction, [Shape("B")] Sym target) => (prediction - target).Square().Mean();
    }

    [Loss(Dims = "B")]
    private static class Aligned
    {
        [Spec]
        public static Sym Value([Shape("B, 1")] Sym prediction, [Shape("B")] Sym target)
            => (prediction - target.Unsqueeze(1)).Square().Mean();
    }

    [Loss(Dims = "B")]
    private static class NotANumber
    {
        [Spec]
        public static Sym Value([Shape("B")] Sym mean, [Shape("B")] Sym target) => (mean - target).Square();
    }

    [Fact]
    public void HYB3005_SilentBroadcastInALoss()
    {
        var exception = Assert.Throws<SpecException>(() => Trace.Of(typeof(SilentBroadcast)));
        Assert.Equal(
            "HYB3005: '-': prediction [B, 1] and target [B] broadcast to [B, B]; the loss would average B·B pairs. Use "
                + "target.Unsqueeze(1), or .Squeeze(1) on the other side.",
            exception.Message);
        Assert.Equal("[]", Trace.Of(typeof(Aligned)).Results.Single().Shape.ToString());
    }

    [Fact]
    public void HYB1008_SilentBroadcastInANetwork_IsAWarning()
    {
        Assert.Equal(
            "HYB1008: '-' broadcasts [B, 1] with [B] into [B, B]. Use t.Unsqueeze(1), or .Broadcast() if that is intended.",
            Warning((b, q, t) => b.Apply(RuleTable.Find("-")!, [CallArgument.Of(q), CallArgument.Of(t)])));
        Assert.Null(Warning((b, q, t) => b.Apply(
            RuleTable.Find("-")!, [CallArgument.Of(q), CallArgument.Of(b.Apply(RuleTable.Find("Broadcast")!, [CallArgument.Of(t)])[0])])));

        static string? Warning(Action<GraphBuilder, Value, Value> apply)
        {
            var builder = new SpecHeader("Net", GraphKind.Network, "Forward", "B", "", default, default).Open();
            var q = builder.Input("q", builder.ReadShape("B, 1", ElementType.Real, Domain.Any)!);
            apply(builder, q, builder.Input("t", builder.ReadShape("B", ElementType.Real, Domain.Any)!));
            Assert.False(builder.HasErrors);
            return builder.Faults.SingleOrDefault()?.ToString();
        }
    }

    [Fact]
    public void HYB1018_ALossThatIsNoNumber()
        => Assert.Equal(
            "HYB1018: A loss is one number, but NotANumber returns [B] from the result of Square. End with .Mean() or .Sum().",
            Assert.Throws<SpecException>(() => Trace.Of(typeof(NotANumber))).Message.Replace("FaultTests.", ""));

    [Fact]
    public void HYB4001_NotConnected()
    {
        Refused("HYB4001: Input 'y' never reaches an output. Use it or remove it.", "B", "", "B, 3; B, 4", x => x[0].Relu());
        Refused("HYB4001: Linear never reaches an output. Use its result or remove it.", "B", "", "B, 3", x =>
        {
            _ = x[0].Relu().Linear(4);
            return x[0].Relu();
        });
    }

    [Fact]
    public void HYB4003_SharedLayerOfTwoSizes()
    {
        Refused("HYB4003: Linear 'enc' shares weights but is fed [B, 32] and [B, 48]. Use two layers, or bring the inputs to one "
            + "size.", "B", "", "B, 32; B, 48", x =>
        {
            var encoder = Layer.Linear(16, key: "enc");
            return encoder.On(x[0]) + encoder.On(x[1]);
        });
        Accepted("B", "", "B, 32; B, 32", x =>
        {
            var encoder = Layer.Linear(16, key: "enc");
            return encoder.On(x[0]) + encoder.On(x[1]);
        });
    }

    [Fact]
    public void HYB4008_KeyUsedTwice()
        => Refused(
            "HYB4008: Linear 'fc': the key 'fc' is already used by another layer. Give each layer its own key, or share one Layer value.",
            "B", "", "B, 3",
            x => x[0].Linear(4, key: "fc").Linear(4, key: "fc"));

    [Fact]
    public void HYB4007_RunawaySpecs_AreStopped()
        => Refused($"HYB4007: The spec unrolls to more than {GraphBuilder.MostNodes} operations. Make the loop shorter, or build the "
            + "network by tracing.", "B", "", "B", x =>
        {
            var y = x[0];
            for (var i = 0; i <= GraphBuilder.MostNodes; i++) y = y.Relu();
            return y;
        });

    [Fact]
    public void HYB1090_NotProvable_IsInfoAndBecomesAGuard()
    {
        var graph = Trace.Of("Net", "D, N", "", [("x", "(D*N + D + N)/(N + 1)"), ("y", "D")], x => [x[0] + x[1]]);
        var guard = Assert.Single(graph.Guards);
        Assert.Equal("+: D+(-1)/(N+1)+1 must equal D", guard.Message);
    }

    [Fact]
    public void PlacesOfTheSource_ArePrintedWhereTheyAreKnown()
    {
        var builder = new SpecHeader("Net", GraphKind.Network, "Forward", "B", "", default, default).Open();
        var x = builder.Input("x", builder.ReadShape("B, 4", ElementType.Real, Domain.Any)!, new Origin(5));
        var y = builder.Input("y", builder.ReadShape("B, 5", ElementType.Real, Domain.Any)!, new Origin(6));
        builder.Apply(RuleTable.Find("+")!, [CallArgument.Of(x, new Origin(7)), CallArgument.Of(y, new Origin(8))], new Origin(9));
        var fault = Assert.Single(builder.Faults);
        Assert.Equal(
            "'+': x is [B, 4] (line 105), y is [B, 5] (line 106); 4 and 5 differ on axis -1. Give both the same shape.",
            fault.Message(origin => 100 + origin.Id));
        Assert.Equal("'+': x is [B, 4], y is [B, 5]; 4 and 5 differ on axis -1. Give both the same shape.", fault.Message());
        Assert.Equal(new Origin(8), fault.Origin);
        Assert.Equal([new Origin(5), new Origin(6)], fault.Related);
    }

    [Fact]
    public void LayerNorm_Axes()
    {
        Refused(
            "HYB1004: LayerNorm normalises the last 2 axes; 'x' has rank 2 [B, 8], of which the first is the batch. Use axes in 1..1.",
            "B", "", "B, 8",
            x => x[0].LayerNorm(axes: 2));
        Accepted("B", "", "B, 5, 8", x => x[0].LayerNorm(axes: 2));
        Refused(
            "HYB1004: LayerNorm normalises the features of each example and needs rank 2 or more [B,…,features]; 'x' has rank 1 [B]. Give "
                + "it an axis of features, or of examples: .Unsqueeze(0).",
            "B", "", "B", x => x[0].LayerNorm());
        Refused(
            "HYB1004: LayerNorm normalises the features of each example and needs rank 2 or more [B,…,features]; the result of Sum has "
                + "rank 0 []. Give it an axis of features, or of examples: .Unsqueeze(0).",
            "B", "", "B",
            x => x[0].Sum().LayerNorm());
        Accepted("B", "", "8", x => x[0].Unsqueeze(0).LayerNorm());
    }

    [Fact]
    public void GroupNorm_Groups()
    {
        Refused(
            "HYB1014: GroupNorm: groups=4 must divide the channels of 'x' [B, 6, 9]; 6 % 4 = 2. Use a divisor.",
            "B", "", "B, 6, 9", x => x[0].GroupNorm(4));
        Refused(
            "HYB1004: GroupNorm needs rank 2 or more [B,C,…]; 'x' gives rank 1 [B]. Channels are on axis 1.",
            "B", "", "B", x => x[0].GroupNorm(1));
        Accepted("B", "", "B, 6, 9", x => x[0].GroupNorm(3));
    }

    [Fact]
    public void ConvTranspose2d_Sizes()
    {
        Refused(
            "HYB1026: ConvTranspose2d: outputPad is 2; it must be smaller than the stride 2 or the dilation 1. Use a larger kernel or "
                + "less padding for larger maps.",
            "B", "", "B, 4, 5, 5", x => x[0].ConvTranspose2d(3, k: 3, stride: 2, outputPad: 2));
        Refused(
            "HYB1005: ConvTranspose2d removes all of the height: it would be -2. Use less padding or a larger kernel.",
            "B", "", "B, 4, 1, 9",
            x => x[0].ConvTranspose2d(3, k: 2, pad: 2, stride: 1));
        Refused(
            "HYB1014: ConvTranspose2d: groups=3 must divide in=4 and out=6; 4 % 3 = 1. Use a divisor of both.",
            "B", "", "B, 4, 5, 5",
            x => x[0].ConvTranspose2d(6, k: 2, groups: 3));
        Refused(
            "HYB1002: ConvTranspose2d is pinned to 8 input channels but 'x' has 4 ([B, 4, 5, 5]). Remove the pin to infer it.",
            "B", "", "B, 4, 5, 5",
            x => x[0].ConvTranspose2d(6, k: 2, inputs: 8));
        Accepted("B, H, W", "", "B, 4, H, W", x => x[0].ConvTranspose2d(2, k: 2, stride: 2).Is("B, 2, 2*H, 2*W"));
    }

    /// <summary>What a decoder has to do with odd sizes: the fact that makes it fit is named.</summary>
    [Fact]
    public void HYB1006_DecoderOfOddSizes()
    {
        Refused(
            "HYB1006: Cat: heights 2·(H/2) and H agree only if H % 2 == 0, W % 2 == 0 (H = 3 gives 2 vs 3); [B, 4, 2·(H/2), 2·(W/2)] from "
                + "the result of Upsample, [B, 4, H, W] from 'x'. Add Where = \"H % 2 == 0, W % 2 == 0\" or .CropTo on the larger side.",
            "B, H, W", "H >= 2, W >= 2", "B, 4, H, W", x => x[0].MaxPool2d(2).Upsample(2).Cat(x[0]));
        Accepted("B, H, W", "H % 2 == 0, W % 2 == 0", "B, 4, H, W", x => x[0].MaxPool2d(2).Upsample(2).Cat(x[0]));
    }

    [Fact]
    public void HYB1006_WhatIsOneWide_IsRepeated()
    {
        Refused(
            "HYB1006: Cat: heights 9 and 1 differ; [B, 4, 9, 9] from 'x', [B, 4, 1, 1] from the result of Mean. Repeat the smaller one: "
                + ".Expand(\"B, 4, 9, 9\").",
            "B", "", "B, 4, 9, 9", x => x[0].Cat(x[0].Mean((2, 3), keep: true)));
        Accepted("B", "", "B, 4, 9, 9", x => x[0].Cat(x[0].Mean((2, 3), keep: true).Expand("B, 4, 9, 9")));
    }

    [Fact]
    public void HYB1007_WhatHasNoAxesForTheRest()
    {
        Refused(
            "HYB1007: '/': x is [B, 8], the result of Sum is [B]; 8 and B differ on axis -1 (B = 1 gives 8 vs 1). To repeat the result of "
                + "Sum along the last axes, append .Unsqueeze(-1).",
            "B", "", "B, 8", x => x[0] / x[0].Square().Sum(1));
        Accepted("B", "", "B, 8", x => x[0] / x[0].Square().Sum(1).Unsqueeze(-1));
    }

    [Fact]
    public void HYB1005_ASizeThatMayBeZero()
    {
        Refused(
            "HYB1005: Reshape: size H/4 of [B, H/4, 2, 4] must be at least 1 (H = 2 gives 0). Add Where = \"H >= 4\".",
            "B, H", "H >= 2", "B, H/4, 8",
            x => x[0].Reshape("B, H/4, 2, 4"));
        Accepted("B, H", "H >= 4", "B, H/4, 8", x => x[0].Reshape("B, H/4, 2, 4"));
        Accepted("B, H", "", "B, H/4, 8", x => x[0].Reshape("B, H/4, 2, 4"));
    }

    [Fact]
    public void HYB3007_LogarithmAndRootOfALinearMap()
    {
        Refused(
            "HYB3007: Log: the result of Linear is negative for some inputs, and ln of it is NaN there. Add .Softplus().",
            "B", "", "B, 8",
            x => x[0].Linear(1).Log());
        Refused(
            "HYB3007: Sqrt: the result of Conv2d is negative for some inputs, and √ of it is NaN there. Add .Softplus().",
            "B", "", "B, 8, 4, 4",
            x => x[0].Conv2d(1, 1).Sqrt());
        Accepted("B", "", "B, 8", x => x[0].Linear(1).Softplus().Log());
    }

    [Fact]
    public void Slice_Stretch()
    {
        Refused(
            "HYB1005: Slice keeps 3 from index 2 of axis 1, which has 4 ('x' is [B, 4]). Use a shorter stretch.",
            "B", "", "B, 4", x => x[0].Slice(1, 2, 3));
        Refused(
            "HYB1005: Slice keeps 2 from index -1 of axis 1, which has 4 ('x' is [B, 4]). Use a shorter stretch.",
            "B", "", "B, 4", x => x[0].Slice(1, -1, 2));
        Refused(
            "HYB1005: Slice keeps 1 from index -3 of axis 1, which has T (T = 1 gives 1 vs 3) ('x' is [B, T]). Use a shorter stretch.",
            "B, T", "T >= 1", "B, T", x => x[0].Slice(1, -3, 1));
        Accepted("B, T", "T >= 3", "B, T", x => x[0].Slice(1, -3, 3));
        Accepted("B", "", "B, 4", x => x[0].Slice(-1, 1, 3));
    }

    [Fact]
    public void Indices_AreInRange()
    {
        Refused(
            "HYB1004: 3 indices for a tensor of rank 2 [B, 4]. Use at most one for each axis.", "B", "", "B, 4", x => x[0][.., 0, 0]);
        Refused(
            "HYB1005: Slice keeps 1 from index 4 of axis 1, which has 4 ('x' is [B, 4]). Use a shorter stretch.",
            "B", "", "B, 4", x => x[0][.., 4]);
        Refused(
            "HYB1026: Slice: length is 0; it must be at least 1.", "B", "", "B, 4", x => x[0][.., 2..2]);
        Refused(
            "HYB1005: Range keeps 2 to T-1 of axis 1, which has T (T = 3) ('x' is [B, T]). Add Where = \"T >= 4\", or use sizes within the "
                + "axis.",
            "B, T", "T >= 3", "B, T", x => x[0][.., 2..^1]);
        Refused(
            "HYB1005: Range keeps 0 to T of axis 0, which has 512 (T = 600) ('x' is [512, 8]). Use sizes within the axis.",
            "B, T", "T <= 600", "512, 8; B, T, 8", x => x[0].Range(0, "0", "T") + x[1]);
        Refused(
            "HYB4009: Range: from is [B, T]; it must be one size, such as \"T\".",
            "B, T", "", "B, T", x => x[0].Range(0, "B, T", "T"));
        Accepted("B, T", "T >= 4", "B, T", x => x[0][.., 2..^1]);
        Accepted("B, T", "T <= 512", "512, 8; B, T, 8", x => x[0].Range(0, "0", "T") + x[1]);
    }

    [Fact]
    public void Padding_IsNotNegative()
    {
        Refused("HYB1026: Pad: by is -1; it must be at least 0.", "B", "", "B, 4, 5, 5", x => x[0].Pad(-1));
        Refused("HYB1026: Upsample: factor is 0; it must be at least 1.", "B", "", "B, 4, 5, 5", x => x[0].Upsample(0));
        Accepted("B", "", "B, 4, 5, 5", x => x[0].Pad(1).Upsample((1, 2)).Is("B, 4, 7, 14"));
    }

    [Fact]
    public void HYB3004_ProbabilitiesOfABinaryLoss()
    {
        Refused(
            "HYB3004: Bce needs probabilities; 'x' is not known to be in [0, 1]. Use BceWithLogits, apply .Sigmoid() before, or mark the "
                + "input [Probability].",
            "B", "", "B; B", x => x[0].Bce(x[1]));
        Accepted("B", "", "B; B", x => x[0].Sigmoid().Bce(x[1]));
        Refused(
            "HYB3004: BceWithLogits applies the sigmoid itself; the result of Softmax is in [0, 1] already. Feed the logits, or use Bce.",
            "B", "", "B, 2; B, 2",
            x => x[0].Softmax().BceWithLogits(x[1]));
        Accepted("B", "", "B, 2; B, 2", x => x[0].BceWithLogits(x[1]));
    }

    [Fact]
    public void HYB3005_LossesCompareElementByElement()
    {
        Refused(
            "HYB3005: Mse: prediction [B, 1] and target [B] would broadcast against each other instead of being compared element by "
                + "element. Use .Unsqueeze on 'y', or .Squeeze on 'x'.",
            "B", "", "B, 1; B", x => x[0].Mse(x[1]));
        Refused(
            "HYB3005: L1: prediction [B, 3] and target [B, 1] would broadcast along axis 1 instead of being compared element by element. "
                + "Give both the same shape.",
            "B", "", "B, 3; B, 1", x => x[0].L1(x[1]));
        Refused(
            "HYB1007: Mse: prediction [B, 3] and target [B, 4] differ on axis 1: 3 and 4. Give both the same shape.",
            "B", "", "B, 3; B, 4", x => x[0].Mse(x[1]));
        Accepted("B", "", "B, 3; B, 3", x => x[0].L1(x[1]));
    }

    [Fact]
    public void HYB3007_VarianceOfAGaussian()
    {
        Refused(
            "HYB3007: GaussianNll: a variance must be > 0; the result of Relu may be zero or negative. Add .Softplus(), or mark the input "
                + "[Positive].",
            "B", "", "B; B",
            x => x[0].GaussianNll(x[1].Relu(), x[0]));
        Accepted("B", "", "B; B", x => x[0].GaussianNll(x[1].Softplus(), x[0]));
        Accepted("B", "", "B; B", x => x[0].GaussianNll(x[1].Exp(), x[0]));
    }

    [Fact]
    public void HYB1003_AxesOfTheSameSizeAndAnotherMeaning()
    {
        Refused(
            "HYB1003: '+': axis -1 is spatial in the result of Conv2d [B, 8, 8, 8] and channel in the result of Permute [B, 8, 8, 8]; the "
                + "sizes agree, the axes do not. Permute one side, or .ReinterpretUnsafe() if that is intended.",
            "B", "", "B, 8, 8, 8", x => x[0].Conv2d(8, k: 1) + x[0].Conv2d(8, k: 1).Permute(0, 2, 3, 1));
        Accepted("B", "", "B, 8, 8, 8", x => x[0].Conv2d(8, k: 1) + x[0].Conv2d(8, k: 1).Permute(0, 2, 3, 1).ReinterpretUnsafe());
        Refused(
            "HYB1003: Axis 1 of the result of Permute is tagged spatial, BatchNorm needs channels there; [B, 8, 8, 8] looks "
                + "channels-last. Insert .ToChannelsFirst().",
            "B", "", "B, 8, 8, 8", x => x[0].Conv2d(8, k: 1).Permute(0, 2, 3, 1).BatchNorm());
        Refused(
            "HYB1003: Axis 1 of 'x' is H, which changes with the input; Conv2d needs channels there; [B, H, W, 3] looks channels-last. "
                + "Insert .ToChannelsFirst().",
            "B, H, W", "", "B, H, W, 3", x => x[0].Conv2d(8, k: 1));
        Refused(
            "HYB1003: Cat: axis 2 is spatial in the result of Conv2d [B, 8, 8, 8] and channel in the result of Permute [B, 8, 8, 8]; the "
                + "sizes agree, the axes do not. Permute one side.",
            "B", "", "B, 8, 8, 8", x => x[0].Conv2d(8, k: 1).Cat(x[0].Conv2d(8, k: 1).Permute(0, 3, 1, 2)));
        // Squeeze and excite: features of a channel each scale that channel.
        Accepted("B", "", "B, 3, 8, 8", x =>
        {
            var y = x[0].Conv2d(8, k: 1);
            return y * y.MeanPool2d().Linear(8).Sigmoid().Unsqueeze(2).Unsqueeze(3);
        });
        // A mixer works along tokens, transposed, and adds the result to what it was.
        Accepted("B", "", "B, 3, 8, 8", x =>
        {
            var tokens = x[0].Conv2d(8, k: 2, stride: 2).Flatten(2).Transpose(1, 2);
            return tokens + tokens.Transpose(1, 2).Linear(32).Gelu().Linear(16).Transpose(1, 2);
        });
    }

    [Theory]
    [InlineData("B, C, H, W", "B, H*W, C", "H·W is filled from more than C. Permute first: .Permute(0, 2, 3, 1)")]
    [InlineData("B, 6, 4", "B, 4, 6", "4 is filled from more than 6. Permute first: .Permute(0, 2, 1)")]
    [InlineData("B*H, L, D", "B, L, H*D", "L is filled from more than B·H. Split the axes, permute and join them")]
    [InlineData("T, B, D", "B, T*D", "B is filled from more than T. Permute first: .Permute(1, 0, 2)")]
    public void HYB1010_ReshapeAcrossAxes(string from, string to, string what)
    {
        var builder = new SpecHeader("Net", GraphKind.Network, "Forward", "B, C, D, H, L, T, W", "", default, default).Open();
        var x = builder.Input("x", builder.ReadShape(from, ElementType.Real, Domain.Any)!);
        var target = CallArgument.Of(new Argument.Sizes(builder.ReadShape(to).ToEquatable()));
        builder.Apply(RuleTable.Find("Reshape")!, [CallArgument.Of(x), target]);
        var fault = Assert.Single(builder.Faults);
        Assert.Equal("HYB1010", fault.Id);
        Assert.EndsWith(
            $"moves data across axes: {what}, or .ReinterpretUnsafe() if that is intended.", fault.Message(), StringComparison.Ordinal);
        Assert.Equal(FaultSeverity.Warning, fault.Severity);
        builder.Apply(
            RuleTable.Find("Reshape")!,
            [CallArgument.Of(builder.Apply(RuleTable.Find("ReinterpretUnsafe")!, [CallArgument.Of(x)])[0]), target]);
        Assert.Single(builder.Faults);
    }

    [Theory]
    [InlineData("B, C, H, W", "B, C, H*W")]
    [InlineData("B, C, H, W", "B*C, H, W")]
    [InlineData("B, 4*C, H, W", "B, C, 2, 2, H, W")]
    [InlineData("B, C, H, 2, W, 2", "B, C, 2*H, 2*W")]
    [InlineData("B, 12, 8", "B, 3, 4, 2, 4")]
    [InlineData("B, T, 64", "B, T, 8, 8")]
    [InlineData("B, 1, T, D", "B*T, D, 1")]
    public void AReshapeThatJoinsAndSplits_IsFine(string from, string to)
        => Accepted("B, C, D, H, T, W", "", from, x => x[0].Reshape(to));

    [Fact]
    public void HYB1011_SqueezeWithoutAnAxis()
    {
        Refused(
            "HYB1011: Squeeze without an axis removes B too when B = 1 ('x' is [B, 1, 4]). Use Squeeze(1).",
            "B", "", "B, 1, 4", x => x[0].Squeeze());
        Refused(
            "HYB1011: Squeeze without an axis removes B too when B = 1 ('x' is [B, 1, 1]). Name the axis.",
            "B", "", "B, 1, 1", x => x[0].Squeeze());
        Accepted("B", "B >= 2", "B, 1, 4", x => x[0].Squeeze().Is("B, 4"));
    }

    [Fact]
    public void HYB1015_DecoderThatDoesNotComeBack()
    {
        Refused(
            "HYB1015: ConvTranspose2d gives height 2·((H+1)/2)-1, not the H of 'x' (H = 2 gives 1 vs 2). Add outputPad: 1.",
            "B, H, W", "H % 2 == 0, W % 2 == 0", "B, 3, H, W", x => x[0]
                .Conv2d(8, k: 3, stride: 2, pad: 1)
                .ConvTranspose2d(3, k: 3, stride: 2, pad: 1)
                .BatchNorm()
                .Relu()
                .Cat(x[0]));
        Refused(
            "HYB1015: ConvTranspose2d gives height 2·(H/2), not the H of 'x' (H = 3 gives 2 vs 3). They agree if H % 2 == 0: add Where = "
                + "\"H % 2 == 0\", or .CropTo on the larger side.",
            "B, H", "H >= 2", "B, 3, H, 8", x => x[0].MaxPool2d((2, 1)).ConvTranspose2d(3, k: (2, 1), stride: (2, 1)).Cat(x[0]));
        Refused(
            "HYB1015: ConvTranspose2d gives width 7, not the 8 of 'x'. Add outputPad: (0, 1).",
            "B", "", "B, 3, 9, 8", x => x[0].Conv2d(3, k: 3, stride: 2, pad: 1).ConvTranspose2d(3, k: 3, stride: 2, pad: 1) + x[0]);
        Accepted(
            "B", "", "B, 3, 9, 8",
            x => x[0].Conv2d(3, k: 3, stride: 2, pad: 1).ConvTranspose2d(3, k: 3, stride: 2, pad: 1, outputPad: (0, 1)) + x[0]);
    }

    [Network(Dims = "B, H", Where = "H % 2 == 0")]
    private static class Autoencoder
    {
        [Spec]
        [return: Shape("B, 1, H, 8")]
        public static Sym Forward([Shape("B, 1, H, 8")] Sym x)
            => x.Conv2d(4, k: 3, stride: 2, pad: 1).Relu().ConvTranspose2d(1, k: 3, stride: 2, pad: 1).Sigmoid();
    }

    [Fact]
    public void HYB1015_DecoderThatBreaksThePromise()
        => Assert.Equal(
            "HYB1015: ConvTranspose2d gives height 2·((H+1)/2)-1, not the H that the spec promises (H = 2 gives 1 vs 2). Add outputPad: 1.",
            Assert.Throws<SpecException>(() => Trace.Of(typeof(Autoencoder))).Message);

    [Fact]
    public void HYB2001_ABatchOfOneInTraining()
    {
        Refused(
            "HYB2001: BatchNorm sees 1 value per channel in training when B = 1 ('x' is [B, 4]). Declare Training = \"B >= 2\" and drop a "
                + "smaller last batch, or use GroupNorm.",
            "B", "B >= 1", "B, 4", x => x[0].BatchNorm());
        Accepted("B", "B >= 2", "B, 4", x => x[0].BatchNorm());
        // Of a batch without a bound, two are required where it matters: in training.
        var guard = Assert.Single(Trace.Of("Net", "B", "", [("x", "B, 4")], x => [x[0].BatchNorm()]).Guards);
        Assert.True(guard.InTraining);
        Assert.Equal("BatchNorm needs B >= 2 in training", guard.Message);
        Assert.Empty(Trace.Of("Net", "B", "", [("x", "B, 4, 2, 2")], x => [x[0].BatchNorm()]).Guards);
    }

    [Fact]
    public void HYB2002_LiteralBatch_IsAWarningAndAGuard()
    {
        var builder = new SpecHeader("Net", GraphKind.Network, "Forward", "B", "", default, default).Open();
        var x = builder.Input("x", builder.ReadShape("B, 2, 3", ElementType.Real, Domain.Any)!);
        var y = builder.Apply(
            RuleTable.Find("Reshape")!,
            [CallArgument.Of(x), CallArgument.Of(new Argument.Sizes(builder.ReadShape("64, 6").ToEquatable()))])[0];
        Assert.Equal(
            "HYB2002: Reshape: 64 is used where the batch B flows ('x' is [B, 2, 3]); the last batch may be smaller. Use B.",
            Assert.Single(builder.Faults).ToString());
        Assert.False(builder.HasErrors);
        Assert.Equal("[B, 6]", y.Shape.ToString());
        Assert.Equal("Reshape: B == 64 must hold", Assert.Single(builder.Finish([y], []).Guards).Message);
        Accepted("B", "", "B, 2, 3", inputs => inputs[0].Reshape("B, 6"));
    }

    [Fact]
    public void HYB2003_ForcedSize()
    {
        Refused(
            "HYB2003: Reshape: T is declared free but [B, 24] forces T = 6 ('x' is [B, T, 4]). Declare T == 6 in Where, or write T "
                + "instead of the number.",
            "B, T", "", "B, T, 4", x => x[0].Reshape("B, 24"));
        Accepted("B, T", "T == 6", "B, T, 4", x => x[0].Reshape("B, 24"));
        Accepted("B, T", "", "B, T, 4", x => x[0].Reshape("B, 4*T"));
    }

    [Fact]
    public void CropTo_CutsTheLargerMap()
    {
        Accepted("B, H", "H >= 2", "B, 4, H, 9", x => x[0].CropTo(x[0].MaxPool2d((2, 1)).Upsample((2, 1))).Is("B, 4, 2*(H/2), 9"));
        Refused(
            "HYB1005: CropTo: height 2 of 'x' is smaller than 3 of 'y'. Crop the other one, or pad this one.",
            "B", "",
            "B, 4, 2, 9; B, 1, 3, 9",
            x => x[0].CropTo(x[1]));
        Refused(
            "HYB1004: CropTo needs rank 4 [B,C,H,W]; 'y' gives rank 2 [B, 4]. Give it four axes.",
            "B", "", "B, 4, 2, 9; B, 4", x => x[0].CropTo(x[1]));
    }

    [Network(Dims = "B", Where = "B >= 1", Training = "B >= 2")]
    private static class Normalised
    {
        [Spec]
        public static Sym Forward([Shape("B, 4")] Sym x) => x.Linear(3).BatchNorm();
    }

    [Network(Dims = "B")]
    private static class NamesItsParameter
    {
        [Spec]
        [return: Shape("B, 2*width")]
        public static Sym Forward([Shape("B, width")] Sym x, [Param] int width = 4) => x.Linear(2 * width);
    }

    [Fact]
    public void ShapesThatNameAParameter_AreTracedWithItsValue()
    {
        Assert.Equal("[B, 8]", Trace.Of(typeof(NamesItsParameter)).Results.Single().Shape.ToString());
        Assert.Equal(
            "[B, 12]",
            Trace.Of(typeof(NamesItsParameter), new Dictionary<string, int> { ["width"] = 6 }).Results.Single().Shape.ToString());
    }

    [Network(Dims = "B", Training = "B * 2")]
    private static class Unreadable
    {
        [Spec]
        public static Sym Forward([Shape("B, 4")] Sym x) => x.Relu();
    }

    [Network(Dims = "B", Where = "B <= 1", Training = "B >= 2")]
    private static class Impossible
    {
        [Spec]
        public static Sym Forward([Shape("B, 4")] Sym x) => x.Relu();
    }

    [Fact]
    public void TrainingFacts_HoldInTrainingOnly()
    {
        var guard = Assert.Single(Trace.Of(typeof(Normalised)).Guards);
        Assert.True(guard.InTraining);
        Assert.Equal("the spec needs B >= 2 in training", guard.Message);
        Assert.Equal("HYB4009", Assert.Throws<SpecException>(() => Trace.Of(typeof(Unreadable))).Fault.Id);
        Assert.Equal("HYB2004", Assert.Throws<SpecException>(() => Trace.Of(typeof(Impossible))).Fault.Id);
    }
}
