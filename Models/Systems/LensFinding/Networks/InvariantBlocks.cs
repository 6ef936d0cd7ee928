using Hybrid;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>
/// Maps of an image that turn with it: convolutions over a group of rotations and reflections (Cohen and Welling 2016), pools that cover
/// every pixel, the largest value over the group. Their means do not change when the image is turned.
/// </summary>
public static class InvariantBlocks
{
    /// <summary>(B, 4·fields, H/4, W/4) of images whose sides are multiples of four.</summary>
    [Block]
    public static Sym Map(Sym image, Symmetry group, int fields)
    {
        var x = image.LiftConv2d(fields, k: 5, group, pad: 2, bias: false).GroupBatchNorm(group).Relu().AvgPool2d(2);
        x = Layer(x, 2 * fields, group).AvgPool2d(2);
        return Layer(Layer(x, 4 * fields, group), 4 * fields, group).GroupPool(group);
    }

    [Block]
    private static Sym Layer(Sym x, int fields, Symmetry group)
        => x.GroupConv2d(fields, k: 3, group, pad: 1, bias: false).GroupBatchNorm(group).Relu();
}
