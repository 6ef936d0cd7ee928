using Hybrid;

namespace Hybrid.Models.Networks;

/// <summary>Few weights by 1×1 squeezes. Iandola et al. 2016, version 1.1.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H >= 17, W >= 17")]
public partial class SqueezeNet
{
    [Spec]
    [return: Shape("B, 1000")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var x = image.Conv2d(64, k: 3, stride: 2).Relu().MaxPool2d(3, stride: 2, ceil: true);
        x = Fire(Fire(x, 16, 64), 16, 64).MaxPool2d(3, stride: 2, ceil: true);
        x = Fire(Fire(x, 32, 128), 32, 128).MaxPool2d(3, stride: 2, ceil: true);
        x = Fire(Fire(Fire(Fire(x, 48, 192), 48, 192), 64, 256), 64, 256);
        return x.Dropout().Conv2d(1000, k: 1).Relu().MeanPool2d();
    }

    [Block]
    private static Sym Fire(Sym x, int squeeze, int expand)
    {
        var narrow = x.Conv2d(squeeze, k: 1).Relu();
        return narrow.Conv2d(expand, k: 1).Relu().Cat(narrow.Conv2d(expand, k: 3, pad: 1).Relu());
    }
}
