using Hybrid;

namespace Hybrid.PropertyTests.Zoo;

/// <summary>Blocks in a file and class of their own: several networks use them.</summary>
internal static class Residual
{
    private const int Kernel = 3;

    /// <summary>Two convolutions beside a 1×1 projection.</summary>
    [Block]
    public static Sym Projection(Sym x, int channels, int stride)
    {
        var y = x.Conv2d(channels, k: Kernel, stride: stride, pad: Kernel / 2).BatchNorm().Relu()
                 .Conv2d(channels, k: Kernel, pad: Kernel / 2).BatchNorm();
        var skip = x.Conv2d(channels, k: 1, stride: stride).BatchNorm();
        return (y + skip).Relu();
    }

    /// <summary>A fully connected residual, as an extension: x + f(x).</summary>
    [Block]
    public static Sym Highway(this Sym x, int width) => x + x.Linear(width).Relu().Linear(width);
}
