using Hybrid;

namespace Hybrid.Bench.Models;

/// <summary>ResNet-10. He et al. 2016.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2")]
public partial class ResNet10
{
    [Spec]
    [return: Shape("B, 10")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var x = image.Conv2d(64, k: 7, stride: 2, pad: 3, bias: false).BatchNorm().Relu().MaxPool2d(3, stride: 2, pad: 1);
        x = ResidualBlocks.Basic(x, 64, 1);
        for (var stage = 1; stage < 4; stage++) x = ResidualBlocks.Basic(x, 64 << stage, 2);
        return x.MeanPool2d().Linear(10);
    }
}

internal static class ResidualBlocks
{
    [Block]
    public static Sym Basic(Sym x, int channels, int stride)
    {
        var y = x.Conv2d(channels, k: 3, stride: stride, pad: 1, bias: false).BatchNorm().Relu().Conv2d(channels, k: 3, pad: 1, bias: false)
            .BatchNorm();
        var skip = stride > 1 ? x.Conv2d(channels, k: 1, stride: stride, bias: false).BatchNorm() : x;
        return (y + skip).Relu();
    }
}

/// <summary>Cross-entropy of the classes.</summary>
[Loss(Dims = "B")]
public partial class ClassLoss
{
    [Spec]
    internal static Sym Value([Shape("B, 10")] Sym logits, [Shape("B"), Int64] Sym label) => logits.CrossEntropy(label);
}
