using Hybrid;
using Hybrid.Models.Networks;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>Features of a lens candidate for domain adaptation (ADDA, AdaMatch): EfficientNet-B2 of one band, then 256 numbers.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2")]
public partial class EfficientNetEncoder
{
    [Spec]
    [return: Shape("B, 256")]
    internal static Sym Forward([Shape("B, 1, H, W")] Sym image) => EncoderHead.Of(EfficientNetB2.Features(image));
}
