using Hybrid;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>The small network: <see cref="SmallRadiusEncoder"/> and <see cref="SmallRadiusHead"/>.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H >= 16, W >= 16", Training = "B >= 2")]
[Derive(Variant.Functional, Variant.Flipout)]
public partial class SmallRadiusNetwork
{
    [Spec]
    [return: Shape("B, 2")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var encoder = Layer.Of(SmallRadiusEncoder.Forward);
        var head = Layer.Of(SmallRadiusHead.Forward);
        return head.On(encoder.On(image));
    }
}
