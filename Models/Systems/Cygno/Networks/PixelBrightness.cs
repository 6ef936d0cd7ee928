using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>How bright the pixels of a recoil's image are, on a scale on which their noise is even.</summary>
internal static class PixelBrightness
{
    /// <summary>The mean background in the image's unit: (100.41 − 60)/70.</summary>
    internal const double Background = 0.5773;

    /// <summary>ADU in the image's unit.</summary>
    private const double Adu = 1.0 / 70;

    /// <summary>The lowest of thirteen brightnesses and the step to the next: −2 to 5.2, 6 ADU below the background to the window's
    /// end.</summary>
    private const double Lowest = -2.0, Step = 0.6;

    private const int Brightnesses = 13;

    /// <summary>
    /// The signed square root of the counts above the mean background, of the middle 64 × 64 pixels, where a recoil's light lies:
    /// (B, 1, 128, 128) → (B, 1, 64, 64).
    /// </summary>
    [Block]
    public static Sym Of(Sym image)
    {
        var counts = (image.Slice(2, 32, 64).Slice(3, 32, 64) - Background) / Adu;
        return counts / (counts.Abs() + 1).Sqrt();
    }

    /// <summary>
    /// Which share of the pixels of each block is near each of thirteen brightnesses, by triangles that are 1 at their own and 0 at the
    /// neighbours': any function of a pixel's value with bends there is a linear one of these. (B, 1, 64, 64) → (B, 13, 64/block, …).
    /// </summary>
    [Block]
    public static Sym Shares(Sym brightness, int block)
    {
        var shares = (1 - ((brightness - Lowest) / Step).Abs()).Relu().AvgPool2d(block);
        for (var k = 1; k < Brightnesses; k++)
            shares = shares.Cat((1 - ((brightness - (Lowest + (k * Step))) / Step).Abs()).Relu().AvgPool2d(block));
        return shares;
    }
}
