using Hybrid;
using Hybrid.Models.Networks;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>The same of a ResNet-34 with a deep stem and averaged shortcuts, "resnet34d". He et al. 2019, section 4.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Training = "B >= 2")]
public partial class ResNet34Encoder
{
    [Spec]
    [return: Shape("B, 256")]
    internal static Sym Forward([Shape("B, bands, H, W")] Sym image, [Param] int bands = 1) => EncoderHead.Of(ResNet34d.Features(image));
}
