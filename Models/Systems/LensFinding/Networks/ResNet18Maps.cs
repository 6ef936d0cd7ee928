using Hybrid;
using Hybrid.Models.Networks;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary><see cref="ResNet18Encoder"/> with its last map.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Training = "B >= 2")]
public partial class ResNet18Maps
{
    [Spec]
    internal static (Sym features, Sym map) Forward([Shape("B, bands, H, W")] Sym image, [Param] int bands = 1)
    {
        var map = ResNetBlocks.Stem(image);
        for (var stage = 0; stage < 4; stage++) map = ResNetBlocks.Stage(map, 64 << stage, blocks: 2, stride: stage == 0 ? 1 : 2);
        return (EncoderHead.Of(map), map);
    }
}
