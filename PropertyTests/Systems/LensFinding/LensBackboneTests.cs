using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Systems.LensFinding;
using Hybrid.PropertyTests.Compiler.Running;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Systems.LensFinding;

/// <summary>The encoders that lens finders are built on.</summary>
[Collection(nameof(Tensors))]
public sealed class LensBackboneTests
{
    public static TheoryData<string> Names => [.. LensBackbones.All.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void EachBackbone_TakesOneImageOfAnyBands_AndItsCardCountsItsWeights(string name)
    {
        var backbone = LensBackbones.Named(name);
        foreach (var (bands, size) in new[] { (1, backbone.Least), (3, 44) })
        {
            using var scope = NewDisposeScope();
            using var none = no_grad();
            manual_seed(3);
            using var classifier = LensBackbones.Create(backbone, bands, size);
            classifier.Module.eval();
            var (features, score) = classifier.Score(randn(1, bands, size, size));
            Assert.Equal([1, backbone.Features], features.shape);
            Assert.True(double.IsFinite(score.ToDouble()), $"{name}: a score of {score.ToDouble()}");
            var cost = LensBackbones.Cost(backbone, bands, size);
            Assert.Equal(classifier.Encoder.parameters().Sum(parameter => parameter.numel()), cost.Parameters);
            // Each weight of a convolution or a linear layer is used at least once.
            Assert.True(cost.Flops > cost.Parameters, $"{name}: {cost}");
        }
    }

    /// <summary>torchvision's pages give 1.81 thousand million multiply-adds of ResNet-18 and 3.66 of ResNet-34 at 224 pixels.</summary>
    [Theory]
    [InlineData("resnet18", 1.81e9)]
    [InlineData("resnet34", 3.66e9)]
    [InlineData("densenet121", 2.83e9)]
    public void Costs_AreThePublishedOnes(string name, double multiplyAdds)
    {
        var flops = LensBackbones.Cost(LensBackbones.Named(name), 3, 224).Flops;
        Assert.InRange(flops / (2 * multiplyAdds), 0.99, 1.04);
    }

    private static readonly (string Name, Func<Tensor, Tensor> Move)[] _moves =
    [
        ("mirror", image => image.flip(2)), ("other mirror", image => image.flip(3)), ("half turn", image => image.rot90(2, (2, 3))),
        ("quarter turn", image => image.rot90(1, (2, 3))), ("three quarters", image => image.rot90(3, (2, 3))),
        ("diagonal", image => image.transpose(2, 3).contiguous()),
    ];

    /// <summary>In float32: 1e-5 of scores of the order of one; in float64 rounding alone.</summary>
    [Theory]
    [InlineData("equivariant-d2", "mirror, other mirror, half turn", "quarter turn")]
    [InlineData("equivariant-c4", "half turn, quarter turn, three quarters", "mirror")]
    [InlineData("equivariant-d4", "mirror, other mirror, half turn, quarter turn, three quarters, diagonal", "")]
    public void ScoresOfEquivariantBackbones_DoNotChangeUnderTheirGroup(string name, string kept, string changed)
    {
        foreach (var (type, bound, seed) in new[] { (ScalarType.Float32, 1e-5, 4), (ScalarType.Float64, 1e-12, 5) })
        {
            using var scope = NewDisposeScope();
            using var none = no_grad();
            manual_seed(seed);
            using var classifier = LensBackbones.Create(LensBackbones.Named(name), 3, 44);
            // Statistics as training leaves them, not as they start.
            foreach (var (key, buffer) in classifier.Module.named_buffers())
            {
                if (key.EndsWith("running_mean", StringComparison.Ordinal)) buffer.normal_(0, 0.2);
                else if (key.EndsWith("running_var", StringComparison.Ordinal)) buffer.uniform_(0.05, 0.2);
            }
            classifier.Module.to(type);
            classifier.Module.eval();
            var image = randn([4, 3, 44, 44], type);
            var score = classifier.Score(image).Score;
            Assert.True(score.std().ToDouble() > 1e-3, $"{name}, seed {seed}: scores that hardly differ, {score.std().ToDouble()}");
            foreach (var (what, move) in _moves)
            {
                var difference = (classifier.Score(move(image)).Score - score).abs().max().ToDouble();
                if (kept.Split(", ").Contains(what))
                    Assert.True(difference < bound, $"{name}, {type}, seed {seed}, {what}: scores change by {difference}");
                if (changed == what)
                    Assert.True(difference > 1e-4, $"{name}, {type}, seed {seed}, {what}: expected another score, got the same");
            }
        }
    }

    /// <summary>In training too: batch statistics of a field are over the group's elements.</summary>
    [Fact]
    public void LogitsInTraining_DoNotChangeUnderTheGroup()
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        manual_seed(6);
        using var encoder = new InvariantD4Encoder(bands: 2, dtype: ScalarType.Float64);
        // Dropout draws; without it nothing does.
        var image = randn([5, 2, 24, 24], ScalarType.Float64);
        encoder.train();
        manual_seed(7);
        var features = encoder.forward(image);
        manual_seed(7);
        var turned = encoder.forward(image.rot90(1, (2, 3)));
        Assert.True((turned - features).abs().max().ToDouble() < 1e-12, $"features change by {(turned - features).abs().max().ToDouble()}");
    }

    [Theory]
    [InlineData("equivariant-d4", 46, "--size: equivariant-d4 takes images of multiples of 4 from 16 pixels each way, got 46.")]
    [InlineData("densenet121", 24, "--size: densenet121 takes images of at least 32 pixels each way, got 24.")]
    public void OtherSizes_AreRefused(string name, int size, string message)
        => Assert.Equal(
            message, Assert.Throws<ArgumentException>(() => LensBackbones.Create(LensBackbones.Named(name), 3, size)).Message);

    [Fact]
    public void UnknownBackbones_AreRefusedWithTheList()
        => Assert.StartsWith(
            "--backbone: expected one of small, efficientnet-b2, densenet121, resnet18, resnet34, resnet34d, equivariant, equivariant-d2, "
                + "equivariant-c4, equivariant-d4, vit, got 'vgg'.",
            Assert.Throws<ArgumentException>(() => LensBackbones.Named("vgg")).Message, StringComparison.Ordinal);
}
