using Hybrid;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>
/// The original's equivariant encoder of lens candidates: mirrors and the half turn, group pooling, 256 numbers. After Weiler and Cesa
/// 2019. Its last map is flattened into a linear layer, so that features change when the image is mirrored; those of
/// <see cref="InvariantD2Encoder"/> do not.
/// </summary>
[Network(Dims = "B:batch", Where = "size >= 32", Training = "B >= 2")]
public partial class EquivariantEncoder
{
    private const Symmetry Group = Symmetry.D2;

    [Spec]
    [return: Shape("B, 256")]
    internal static Sym Forward([Shape("B, bands, size:spatial, size:spatial")] Sym image, [Param] int bands = 1, [Param] int size = 64)
    {
        var x = image.LiftConv2d(24, k: 7, Group, pad: 1, bias: false).GroupBatchNorm(Group).Relu();
        x = Layer(x, 48, pad: 2).BlurPool2d();
        x = Layer(Layer(x, 48, pad: 2), 96, pad: 2).BlurPool2d();
        x = Layer(Layer(x, 96, pad: 2), 64, pad: 1).BlurPool2d(stride: 1, pad: 0);
        return x.GroupPool(Group).Flatten().Linear(256).BatchNorm().Elu().Linear(256);
    }

    [Block]
    private static Sym Layer(Sym x, int fields, int pad)
        => x.GroupConv2d(fields, k: 5, Group, pad: pad, bias: false).GroupBatchNorm(Group).Relu();
}
