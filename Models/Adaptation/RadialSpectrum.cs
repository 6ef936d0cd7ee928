using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>
/// Mean power spectra of square images over rings of equal frequency: at low frequencies what the images show, at middle ones the PSF, at
/// high ones the noise.
/// </summary>
/// <param name="Frequencies">Mean frequency of each ring, cycles a pixel, rising to 0.5.</param>
/// <param name="Power">Of each band, each ring: the mean |F|² over its coefficients and over images, divided by the pixels of an image, so
/// that white noise has its variance everywhere.</param>
public sealed record RadialSpectrum(IReadOnlyList<double> Frequencies, IReadOnlyList<double[]> Power)
{
    /// <summary>The spectra of images; the mean of each is left out.</summary>
    /// <param name="images">(B, C, H, H), H ≥ 4.</param>
    /// <param name="rings">≥ 1; rings without a frequency are left out.</param>
    public static RadialSpectrum Of(Tensor images, int rings = 16)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.dim() != 4 || images.size(2) != images.size(3) || images.size(2) < 4 || rings < 1)
            throw new ArgumentException(
                $"RadialSpectrum: expected square images (B, C, H, H) of at least 4 pixels and a ring, got "
                    + $"{string.Join(" × ", images.shape)} and {rings} rings.",
                nameof(images));
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var (bands, size) = ((int)images.size(1), (int)images.size(2));
        var power = (fft.fft2(images.to(ScalarType.Float64)).abs().square().mean([0L]) / ((double)size * size)).cpu().flatten(1);
        var values = Enumerable.Range(0, bands).Select(band => power[band].data<double>().ToArray()).ToArray();
        double Frequency(int place) => (double)(place <= size / 2 ? place : place - size) / size;
        var found = Enumerable.Range(1, (size * size) - 1)
            .Select(i => (Place: i, Frequency: Math.Sqrt(
                (Frequency(i / size) * Frequency(i / size)) + (Frequency(i % size) * Frequency(i % size)))))
            .Where(one => one.Frequency <= 0.5)
            .GroupBy(one => Math.Min(rings - 1, (int)(one.Frequency / 0.5 * rings))).OrderBy(ring => ring.Key).ToArray();
        return new RadialSpectrum(
            [.. found.Select(ring => ring.Average(one => one.Frequency))],
            [.. values.Select(band => found.Select(ring => ring.Average(one => band[one.Place])).ToArray())]);
    }
}
