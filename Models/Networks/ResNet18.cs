using Hybrid;

namespace Hybrid.Models.Networks;

/// <summary>Eighteen layers of residual blocks without a bottleneck: logits of 1000 classes. He et al. 2016, as in torchvision.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2")]
[Derive(Variant.Functional)]
public partial class ResNet18
{
    [Spec]
    [return: Shape("B, 1000")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var x = ResNetBlocks.Stem(image);
        for (var stage = 0; stage < 4; stage++) x = ResNetBlocks.Stage(x, 64 << stage, blocks: 2, stride: stage == 0 ? 1 : 2);
        return x.MeanPool2d().Linear(1000);
    }
}
