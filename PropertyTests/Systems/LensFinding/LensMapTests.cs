using System;
using System.Linq;
using Hybrid.Models.Evaluation;
using Hybrid.Models.Systems.LensFinding;
using Hybrid.PropertyTests.Compiler.Running;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Systems.LensFinding;

/// <summary>Where lens finders look: Grad-CAM.</summary>
[Collection(nameof(Tensors))]
public sealed class LensMapTests
{
    /// <summary>Score = Σ w_c mean(A_c): α_c = w_c/(h·w), the map ReLU(Σ α_c A_c).</summary>
    [Fact]
    public void AHeatMap_IsTheOneWorkedByHand()
    {
        using var scope = NewDisposeScope();
        var map = tensor([1f, 2, 3, 4, 4, 0, 0, 0], [1, 2, 2, 2]).requires_grad_(true);
        var weights = tensor([1f, -1], [1, 2]);
        var heat = GradCam.Of((map.mean([2L, 3L]) * weights).sum(1), map);
        // 1 − 4, 2, 3 and 4 over 4; the largest is 1.
        Assert.True(heat.sub(tensor([0f, 0.5f, 0.75f, 1], [1, 2, 2])).abs().max().ToDouble() < 1e-6, heat.ToString(true));
        Assert.False(heat.requires_grad);
        Assert.Equal([1, 8, 6], GradCam.Enlarged(heat, 8, 6).shape);
        // Nothing speaks for it: zeros, not NaN.
        Assert.Equal(0, GradCam.Of(-map.mean([2L, 3L]).sum(1), map).abs().max().ToDouble());
    }

    [Fact]
    public void ScoresWithoutGradients_OrOfAnotherMap_AreRefused()
    {
        using var scope = NewDisposeScope();
        var map = ones(2, 3, 4, 4).requires_grad_(true);
        var other = ones(2).requires_grad_(true);
        string Refusal(Tensor score, Tensor of) => Assert.Throws<ArgumentException>(() => GradCam.Of(score, of)).Message;
        Assert.StartsWith("GradCam.Of: expected scores (B) and a map (B, C, h, w), got (3) and (2, 3, 4, 4).", Refusal(ones(3), map));
        Assert.StartsWith("GradCam.Of: expected a score and a map with gradients, got one without.", Refusal(ones(2), map));
        Assert.StartsWith("GradCam.Of: expected a score that was computed from the map", Refusal(other * 2, map));
    }

    [Theory]
    [InlineData("small")]
    [InlineData("resnet18")]
    [InlineData("efficientnet-b2")]
    [InlineData("equivariant-d2")]
    [InlineData("equivariant-c4")]
    [InlineData("equivariant-d4")]
    public void NetworksWithMaps_GiveTheClassifiersFeatures(string name)
    {
        using var scope = NewDisposeScope();
        manual_seed(11);
        var backbone = LensBackbones.Named(name);
        using var classifier = LensBackbones.Create(backbone, 2, 32);
        foreach (var (key, buffer) in classifier.Module.named_buffers())
        {
            if (key.EndsWith("running_mean", StringComparison.Ordinal)) buffer.normal_(0, 0.2);
            else if (key.EndsWith("running_var", StringComparison.Ordinal)) buffer.uniform_(0.5, 1.5);
        }
        classifier.Module.eval();
        using var maps = LensBackbones.Maps(backbone, classifier, 2)!;
        var image = randn(2, 2, 32, 32);
        var (features, map) = maps.forward(image);
        var difference = (features - classifier.Encoder.forward(image)).abs().max().ToDouble();
        Assert.True(difference < 1e-5, $"{name}: features differ by {difference}");
        var logits = classifier.Head.forward(features);
        var heat = GradCam.Of(logits.select(1, 1) - logits.select(1, 0), map);
        Assert.Equal([2, map.size(2), map.size(3)], heat.shape);
        Assert.True(heat.isfinite().all().item<bool>(), $"{name}: heat that is not finite");
    }

    /// <summary>The map of an invariant network turns with the image, and so does what it explains.</summary>
    [Fact]
    public void HeatOfAnInvariantNetwork_TurnsWithTheImage()
    {
        using var scope = NewDisposeScope();
        manual_seed(12);
        var backbone = LensBackbones.Named("equivariant-d4");
        using var classifier = LensBackbones.Create(backbone, 1, 24);
        classifier.Module.eval();
        using var maps = LensBackbones.Maps(backbone, classifier, 1)!;
        Tensor Heat(Tensor image)
        {
            var (features, map) = maps.forward(image);
            var logits = classifier.Head.forward(features);
            return GradCam.Of(logits.select(1, 1) - logits.select(1, 0), map);
        }
        var image = randn(3, 1, 24, 24);
        var difference = (Heat(image.rot90(1, (2, 3))) - Heat(image).rot90(1, (1, 2))).abs().max().ToDouble();
        Assert.True(difference < 1e-4, $"heat differs by {difference}");
        Assert.Null(LensBackbones.Maps(LensBackbones.Named("vit"), classifier, 1));
    }
}
