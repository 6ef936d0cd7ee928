using Hybrid;

namespace Hybrid.Models.Networks;

/// <summary>Ronneberger et al. 2015, with padding and half of the original's channels.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2, H % 16 == 0, W % 16 == 0")]
public partial class UNet
{
    [Spec]
    [return: Shape("B, 2, H, W")]
    internal static Sym Forward([Shape("B, 1, H, W")] Sym image)
    {
        var first = Double(image, 32);
        var second = Double(first.MaxPool2d(2), 64);
        var third = Double(second.MaxPool2d(2), 128);
        var fourth = Double(third.MaxPool2d(2), 256);
        var x = Double(fourth.MaxPool2d(2), 512);
        x = Double(fourth.Cat(x.ConvTranspose2d(256, k: 2, stride: 2)), 256);
        x = Double(third.Cat(x.ConvTranspose2d(128, k: 2, stride: 2)), 128);
        x = Double(second.Cat(x.ConvTranspose2d(64, k: 2, stride: 2)), 64);
        x = Double(first.Cat(x.ConvTranspose2d(32, k: 2, stride: 2)), 32);
        return x.Conv2d(2, k: 1);
    }

    [Block]
    private static Sym Double(Sym x, int channels)
    {
        for (var i = 0; i < 2; i++) x = x.Conv2d(channels, k: 3, pad: 1, bias: false).BatchNorm().Relu();
        return x;
    }
}
