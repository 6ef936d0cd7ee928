using Hybrid;
using Hybrid.Models.Networks;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary><see cref="EfficientNetEncoder"/> with its last map.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Training = "B >= 2")]
public partial class EfficientNetMaps
{
    [Spec]
    internal static (Sym features, Sym map) Forward([Shape("B, bands, H, W")] Sym image, [Param] int bands = 1)
    {
        var map = EfficientNetB2.Features(image);
        return (EncoderHead.Of(map), map);
    }
}
