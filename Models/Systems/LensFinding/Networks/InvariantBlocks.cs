using Hybrid;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>
/// Features of an image that a group's rotations and reflections leave as they are: convolutions over the group (Cohen and Welling 2016),
/// pools that cover every pixel, the mean over the map and the largest value over the group.
/// </summary>
public static class InvariantBlocks
{
    /// <summary>256 numbers of an image whose sides are multiples of four.</summary>
    [Block]
    public static Sym Features(Sym image, Symmetry group, int fields)
    {
        var x = image.LiftConv2d(fields, k: 5, group, pad: 2, bias: false).GroupBatchNorm(group).Relu().AvgPool2d(2);
        x = Layer(x, 2 * fields, group).AvgPool2d(2);
        x = Layer(Layer(x, 4 * fields, group), 4 * fields, group);
        return EncoderHead.Of(x.GroupPool(group));
    }

    [Block]
    private static Sym Layer(Sym x, int fields, Symmetry group)
        => x.GroupConv2d(fields, k: 3, group, pad: 1, bias: false).GroupBatchNorm(group).Relu();
}
