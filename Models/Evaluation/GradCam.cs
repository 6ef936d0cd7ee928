using System;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Evaluation;

/// <summary>
/// Where in an image a network sees what it answers: gradient-weighted class activation maps. Selvaraju et al. 2017. For any network whose
/// spec gives a map of features among its results.
/// </summary>
public static class GradCam
{
    /// <summary>
    /// Heat maps: α_c = the mean over the pixels of ∂score/∂A_c (eq. 1), then the part above 0 of Σ_c α_c A_c (eq. 2), each image's from 0
    /// to 1.
    /// </summary>
    /// <param name="score">(B), the answer to explain, computed from <paramref name="map"/> with gradients; in evaluation mode, so that an
    /// image's score depends on that image alone.</param>
    /// <param name="map">A: (B, C, h, w).</param>
    /// <returns>(B, h, w) in [0, 1], without gradients, the caller's. An image in which nothing speaks for the answer has zeros.</returns>
    /// <exception cref="ArgumentException">The shapes are others, or the score does not come from the map.</exception>
    public static Tensor Of(Tensor score, Tensor map)
    {
        ArgumentNullException.ThrowIfNull(score);
        ArgumentNullException.ThrowIfNull(map);
        if (map.dim() != 4 || score.dim() != 1 || score.size(0) != map.size(0))
            throw new ArgumentException(
                "GradCam.Of: expected scores (B) and a map (B, C, h, w), got "
                    + $"({string.Join(", ", score.shape)}) and ({string.Join(", ", map.shape)}).",
                nameof(map));
        if (!score.requires_grad || !map.requires_grad)
            throw new ArgumentException(
                "GradCam.Of: expected a score and a map with gradients, got one without. Compute them outside of no_grad().", nameof(map));
        using var scope = NewDisposeScope();
        var gradients = autograd.grad([score.sum()], [map], allow_unused: true);
        if (gradients[0] is not { IsInvalid: false } gradient)
            throw new ArgumentException("GradCam.Of: expected a score that was computed from the map, got one that does not depend on it.");
        using var _ = no_grad();
        var weights = gradient.mean([2L, 3L], keepdim: true); // (B, C, 1, 1)
        var heat = (weights * map.detach()).sum(1).relu(); // (B, h, w)
        var largest = heat.amax([1, 2], keepdim: true);
        return (heat / where(largest > 0, largest, largest.ones_like())).MoveToOuterDisposeScope();
    }

    /// <summary>Heat maps at the size of the images, by bilinear interpolation.</summary>
    /// <param name="heat">(B, h, w).</param>
    /// <param name="height">Rows of the images.</param>
    /// <param name="width">Columns.</param>
    /// <returns>(B, height, width), the caller's.</returns>
    public static Tensor Enlarged(Tensor heat, long height, long width)
    {
        ArgumentNullException.ThrowIfNull(heat);
        using var scope = NewDisposeScope();
        var enlarged = nn.functional.interpolate(
            heat.unsqueeze(1), [height, width], mode: InterpolationMode.Bilinear, align_corners: false);
        return enlarged.squeeze(1).MoveToOuterDisposeScope();
    }
}
