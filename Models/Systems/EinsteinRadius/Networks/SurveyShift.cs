using System;
using Hybrid;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>
/// What lies between a simulated survey and a real one, as few numbers that can be read: for each band a factor of the flux, an offset, the
/// width of a further PSF and the deviation of further noise. ShiftNet's network; docs/systems/einstein-radius.md, "ShiftNet".
/// </summary>
/// <remarks>
/// Begins with factor 1, offset 0, a PSF of seven tenths of a pixel and noise of a quarter of a unit: what is not wanted shrinks. Were
/// noise begun with nothing, the PSF would shrink first to let the images' own through, and a PSF of nothing has no gradient. The PSF is a
/// Gaussian on images that are thought to repeat beyond their edges.
/// </remarks>
[Network(Dims = "B:batch, H:spatial")]
public partial class SurveyShift
{
    /// <param name="flux">Images, in units of the noise or so.</param>
    /// <param name="frequencies">Squares of the frequencies of a Fourier transform's coefficients, cycles a pixel.</param>
    /// <param name="noise">Draws of N(0, 1).</param>
    /// <param name="bands">Bands of the images.</param>
    [Spec]
    [return: Shape("B, bands, H, H")]
    internal static Sym Forward(
        [Shape("B, bands, H, H")] Sym flux, [Shape("H, H")] Sym frequencies, [Shape("B, bands, H, H")] Sym noise, [Param] int bands = 3)
    {
        var scale = Sym.Parameter("bands, 1, 1", Init.Zeros, key: "log_scale");
        var offset = Sym.Parameter("bands, 1, 1", Init.Zeros, key: "offset");
        var width = Sym.Parameter("bands, 1, 1", Init.Constant(-0.35), key: "log_width");
        var deviation = Sym.Parameter("bands, 1, 1", Init.Constant(-1.4), key: "log_noise");
        // The transform of a Gaussian of deviation w is exp(−2 π² w² f²).
        var filter = (-2 * Math.PI * Math.PI * (2 * width).Exp() * frequencies.Unsqueeze(0)).Exp(); // (bands, H, H)
        var blurred = (flux.Fft2() * filter.Unsqueeze(-1)).Ifft2();
        return blurred * scale.Exp() + offset + noise * deviation.Exp();
    }
}
