using Hybrid;

namespace Hybrid.Models.Networks;

/// <summary>Each layer sees all before it: the channels of a block are a sum. Huang et al. 2017.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2, H >= 64, W >= 64")]
public partial class DenseNet121
{
    private const int Growth = 32;

    [Spec]
    [return: Shape("B, 1000")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image) => Features(image).MeanPool2d().Linear(1000);

    [Block]
    public static Sym Features(Sym image)
    {
        var x = image.Conv2d(2 * Growth, k: 7, stride: 2, pad: 3, bias: false).BatchNorm().Relu().MaxPool2d(3, stride: 2, pad: 1);
        x = Transition(Dense(x, layers: 6), channels: 128);
        x = Transition(Dense(x, layers: 12), channels: 256);
        x = Transition(Dense(x, layers: 24), channels: 512);
        x = Dense(x, layers: 16);
        return x.BatchNorm().Relu();
    }

    [Block]
    private static Sym Dense(Sym x, int layers)
    {
        for (var i = 0; i < layers; i++)
        {
            var more = x.BatchNorm().Relu().Conv2d(4 * Growth, k: 1, bias: false).BatchNorm().Relu()
                .Conv2d(Growth, k: 3, pad: 1, bias: false);
            x = x.Cat(more);
        }
        return x;
    }

    [Block]
    private static Sym Transition(Sym x, int channels) => x.BatchNorm().Relu().Conv2d(channels, k: 1, bias: false).AvgPool2d(2);
}
