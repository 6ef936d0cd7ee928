using System;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>
/// How far two sets of images lie apart in what a survey leaves in them, whatever they show: the distribution of pixel values in each band
/// (their Wasserstein-1 distance, ∫ |quantile − quantile|), which sees brightness and offset, and the logarithms of the mean power spectra,
/// which see the PSF (at middle frequencies) and the noise (at high ones).
/// </summary>
public static class ImageDistance
{
    /// <summary>Weight of the spectra beside the values: a factor of e in power counts as a tenth of a unit.</summary>
    public const double SpectrumWeight = 0.1;

    /// <summary>Both together, a single number ≥ 0 through which gradients pass.</summary>
    /// <param name="one">(B, C, H, W).</param>
    /// <param name="other">Of the same C, H and W.</param>
    public static Tensor Of(Tensor one, Tensor other) => Values(one, other) + (SpectrumWeight * Spectra(one, other));

    /// <summary>Mean over bands of the Wasserstein-1 distance of pixel values; every other row and column counts.</summary>
    public static Tensor Values(Tensor one, Tensor other)
    {
        Check(one, other);
        var rows = Math.Min(one.size(0), other.size(0));
        return (Sorted(one.narrow(0, 0, rows)) - Sorted(other.narrow(0, 0, rows))).abs().mean();
    }

    /// <summary>
    /// Mean squared difference of the logarithms of the mean power at each frequency of each band; the mean itself aside.
    /// </summary>
    public static Tensor Spectra(Tensor one, Tensor other)
    {
        Check(one, other);
        return (LogPower(one) - LogPower(other)).square().mean();
    }

    private static Tensor Sorted(Tensor images)
    {
        var bands = images.size(1);
        var every = TensorIndex.Slice(step: 2);
        return images.index(TensorIndex.Colon, TensorIndex.Colon, every, every).transpose(0, 1).reshape(bands, -1).sort(1).Values;
    }

    private static Tensor LogPower(Tensor images)
    {
        var centred = images - images.mean([2L, 3L], keepdim: true);
        var power = fft.rfft2(centred).abs().square().mean([0L]); // (C, H, W/2 + 1)
        return (power.flatten(1).narrow(1, 1, (power.size(1) * power.size(2)) - 1) + 1e-8).log();
    }

    private static void Check(Tensor one, Tensor other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        if (one.dim() != 4 || other.dim() != 4 || one.size(1) != other.size(1) || one.size(2) != other.size(2)
            || one.size(3) != other.size(3))
            throw new ArgumentException(
                $"ImageDistance: expected images (B, C, H, W) of one size, got {string.Join(" × ", one.shape)} and "
                    + $"{string.Join(" × ", other.shape)}.",
                nameof(other));
    }
}
