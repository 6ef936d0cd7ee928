using Hybrid;
using Hybrid.Models.Networks;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>Features of a lens candidate for domain adaptation (ADDA, AdaMatch): EfficientNet-B2 of any bands, then 256 numbers.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Training = "B >= 2")]
public partial class EfficientNetEncoder
{
    [Spec]
    [return: Shape("B, 256")]
    internal static Sym Forward([Shape("B, bands, H, W")] Sym image, [Param] int bands = 1)
        => EncoderHead.Of(EfficientNetB2.Features(image));
}
