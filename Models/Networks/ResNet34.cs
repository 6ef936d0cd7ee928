using Hybrid;

namespace Hybrid.Models.Networks;

/// <summary>
/// Thirty-four layers of residual blocks without a bottleneck: logits of 1000 classes. He et al. 2016, as in torchvision.
/// </summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2")]
public partial class ResNet34
{
    [Spec]
    [return: Shape("B, 1000")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var x = ResNetBlocks.Stage(ResNetBlocks.Stem(image), 64, blocks: 3, stride: 1);
        x = ResNetBlocks.Stage(x, 128, blocks: 4, stride: 2);
        x = ResNetBlocks.Stage(x, 256, blocks: 6, stride: 2);
        x = ResNetBlocks.Stage(x, 512, blocks: 3, stride: 2);
        return x.MeanPool2d().Linear(1000);
    }
}
