using Hybrid;
using Hybrid.Models.Networks;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>The same of a ResNet-18.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Training = "B >= 2")]
public partial class ResNet18Encoder
{
    [Spec]
    [return: Shape("B, 256")]
    internal static Sym Forward([Shape("B, bands, H, W")] Sym image, [Param] int bands = 1)
    {
        var x = ResNetBlocks.Stem(image);
        for (var stage = 0; stage < 4; stage++) x = ResNetBlocks.Stage(x, 64 << stage, blocks: 2, stride: stage == 0 ? 1 : 2);
        return EncoderHead.Of(x);
    }
}
