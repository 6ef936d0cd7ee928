using Hybrid;
using Hybrid.Models.Networks;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>The same of a ResNet-34 as it was published, with one large convolution as its stem. He et al. 2016.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Training = "B >= 2")]
public partial class PlainResNet34Encoder
{
    [Spec]
    [return: Shape("B, 256")]
    internal static Sym Forward([Shape("B, bands, H, W")] Sym image, [Param] int bands = 1)
    {
        var x = ResNetBlocks.Stage(ResNetBlocks.Stem(image), 64, blocks: 3, stride: 1);
        x = ResNetBlocks.Stage(x, 128, blocks: 4, stride: 2);
        x = ResNetBlocks.Stage(x, 256, blocks: 6, stride: 2);
        return EncoderHead.Of(ResNetBlocks.Stage(x, 512, blocks: 3, stride: 2));
    }
}
