using Hybrid;

namespace Hybrid.Models.Networks;

/// <summary>Krizhevsky 2014, as in torchvision.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H >= 63, W >= 63")]
public partial class AlexNet
{
    [Spec]
    [return: Shape("B, 1000")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var x = image.Conv2d(64, k: 11, stride: 4, pad: 2).Relu().MaxPool2d(3, stride: 2);
        x = x.Conv2d(192, k: 5, pad: 2).Relu().MaxPool2d(3, stride: 2);
        x = x.Conv2d(384, k: 3, pad: 1).Relu().Conv2d(256, k: 3, pad: 1).Relu().Conv2d(256, k: 3, pad: 1).Relu().MaxPool2d(3, stride: 2);
        return x.AdaptiveAvgPool2d(6).Flatten().Dropout().Linear(4096).Relu().Dropout().Linear(4096).Relu().Linear(1000);
    }
}
