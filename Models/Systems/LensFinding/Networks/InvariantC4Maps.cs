using Hybrid;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary><see cref="InvariantC4Encoder"/> with its last map, which turns with the image.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H % 4 == 0, W % 4 == 0, H >= 16, W >= 16", Training = "B >= 2")]
public partial class InvariantC4Maps
{
    [Spec]
    internal static (Sym features, Sym map) Forward([Shape("B, bands, H, W")] Sym image, [Param] int bands = 1)
    {
        var map = InvariantBlocks.Map(image, Symmetry.C4, fields: 12);
        return (EncoderHead.Of(map), map);
    }
}
