using Hybrid;

namespace Hybrid.Models.Networks;

/// <summary>A residual network over time and space. Tran et al. 2018, R3D-18 as in torchvision.</summary>
[Network(Dims = "B:batch, D:time, H:spatial, W:spatial", Where = "B >= 2")]
public partial class VideoResNet18
{
    [Spec]
    [return: Shape("B, 400")]
    internal static Sym Forward([Shape("B, 3, D, H, W")] Sym video)
    {
        var x = video.Conv3d(64, k: (3, 7, 7), stride: (1, 2, 2), pad: (1, 3, 3), bias: false).BatchNorm().Relu();
        for (var stage = 0; stage < 4; stage++)
            for (var i = 0; i < 2; i++) x = Basic(x, 64 << stage, stage > 0 && i == 0);
        return x.MeanPool3d().Linear(400);
    }

    [Block]
    private static Sym Basic(Sym x, int channels, bool isNarrowed)
    {
        var y = x.Conv3d(
            channels, k: 3, stride: isNarrowed ? 2 : 1, pad: 1, bias: false).BatchNorm().Relu()
                .Conv3d(channels, k: 3, pad: 1, bias: false).BatchNorm();
        var skip = isNarrowed ? x.Conv3d(channels, k: 1, stride: 2, bias: false).BatchNorm() : x;
        return (y + skip).Relu();
    }
}
