using Hybrid;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary><see cref="InvariantD4Encoder"/> with its last map, which turns with the image.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H % 4 == 0, W % 4 == 0, H >= 16, W >= 16", Training = "B >= 2")]
public partial class InvariantD4Maps
{
    [Spec]
    internal static (Sym features, Sym map) Forward([Shape("B, bands, H, W")] Sym image, [Param] int bands = 1)
    {
        var map = InvariantBlocks.Map(image, Symmetry.D4, fields: 8);
        return (EncoderHead.Of(map), map);
    }
}
