using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>
/// How bright the pixels of each block are: thirteen numbers a block, the shares of its pixels that are near each of thirteen
/// brightnesses.
/// </summary>
/// <remarks>
/// Counts above the mean background go through a signed square root, which evens out their noise, then through thirteen triangles, each
/// 1 at its own brightness and 0 at the neighbours', which are averaged over the block. Any function of a pixel's value with bends at the
/// brightnesses is a linear one of these, and summing over a block keeps it. Summed before that, single bright pixels would be lost.
/// </remarks>
internal static class PixelShares
{
    /// <summary>ADU in the image's unit, and the mean background in it: (100.41 − 60)/70.</summary>
    private const double Adu = 1.0 / 70, Background = 0.5773;

    /// <summary>The lowest brightness, and the step to the next: −2 to 5.2, from 6 ADU below the background to the window's end.</summary>
    private const double Lowest = -2.0, Step = 0.6;

    private const int Brightnesses = 13;

    /// <summary>Of the middle 64 × 64 pixels, where a recoil's light lies.</summary>
    [Block]
    public static Sym Of(Sym image, int block)
    {
        var counts = (image.Slice(2, 32, 64).Slice(3, 32, 64) - Background) / Adu;
        var even = counts / (counts.Abs() + 1).Sqrt();
        var shares = (1 - ((even - Lowest) / Step).Abs()).Relu().AvgPool2d(block);
        for (var k = 1; k < Brightnesses; k++)
        {
            var triangle = (1 - ((even - (Lowest + (k * Step))) / Step).Abs()).Relu();
            shares = shares.Cat(triangle.AvgPool2d(block));
        }
        return shares;
    }
}
