using Hybrid;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary><see cref="ResNet10V2Encoder"/> and <see cref="ResNet10V2RadiusHead"/>.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H >= 8, W >= 8", Training = "B >= 2")]
[Derive(Variant.Functional, Variant.Flipout)]
public partial class ResNet10V2RadiusNetwork
{
    [Spec]
    [return: Shape("B, 2")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var encoder = Layer.Of(ResNet10V2Encoder.Forward);
        var head = Layer.Of(ResNet10V2RadiusHead.Forward);
        return head.On(encoder.On(image));
    }
}
