using Hybrid;
using Hybrid.Models.Networks;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>The same of a DenseNet-121.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H >= 32, W >= 32", Training = "B >= 2")]
public partial class DenseNetEncoder
{
    [Spec]
    [return: Shape("B, 256")]
    internal static Sym Forward([Shape("B, bands, H, W")] Sym image, [Param] int bands = 1) => EncoderHead.Of(DenseNet121.Features(image));
}
