using Hybrid;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>An encoder of lens candidates: quarter turns and mirrors leave its features as they are.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H % 4 == 0, W % 4 == 0, H >= 16, W >= 16", Training = "B >= 2")]
public partial class InvariantD4Encoder
{
    [Spec]
    [return: Shape("B, 256")]
    internal static Sym Forward([Shape("B, bands, H, W")] Sym image, [Param] int bands = 1)
        => EncoderHead.Of(InvariantBlocks.Map(image, Symmetry.D4, fields: 8));
}
