using Hybrid;
using Hybrid.Models.Networks;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>The same of a DenseNet-121.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2, H >= 64, W >= 64")]
public partial class DenseNetEncoder
{
    [Spec]
    [return: Shape("B, 256")]
    internal static Sym Forward([Shape("B, 1, H, W")] Sym image) => EncoderHead.Of(DenseNet121.Features(image));
}
