using Hybrid;

namespace Hybrid.Models.Networks;

/// <summary>Inverted residuals. Sandler et al. 2018.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2")]
public partial class MobileNetV2
{
    [Spec]
    [return: Shape("B, 1000")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var x = Unit(image, 32, k: 3, stride: 2);
        x = Stage(x, expand: 1, inputs: 32, outputs: 16, layers: 1, stride: 1);
        x = Stage(x, expand: 6, inputs: 16, outputs: 24, layers: 2, stride: 2);
        x = Stage(x, expand: 6, inputs: 24, outputs: 32, layers: 3, stride: 2);
        x = Stage(x, expand: 6, inputs: 32, outputs: 64, layers: 4, stride: 2);
        x = Stage(x, expand: 6, inputs: 64, outputs: 96, layers: 3, stride: 1);
        x = Stage(x, expand: 6, inputs: 96, outputs: 160, layers: 3, stride: 2);
        x = Stage(x, expand: 6, inputs: 160, outputs: 320, layers: 1, stride: 1);
        return Unit(x, 1280, k: 1, stride: 1).MeanPool2d().Dropout(0.2).Linear(1000);
    }

    [Block]
    private static Sym Unit(Sym x, int channels, int k, int stride, int groups = 1)
        => x.Conv2d(channels, k: k, stride: stride, pad: k / 2, groups: groups, bias: false).BatchNorm().Clamp(0, 6);

    [Block]
    private static Sym Stage(Sym x, int expand, int inputs, int outputs, int layers, int stride)
    {
        for (var i = 0; i < layers; i++)
            x = Residual(x, expand * (i == 0 ? inputs : outputs), outputs, i == 0 ? stride : 1, isExpanded: expand > 1, isAdded: i > 0);
        return x;
    }

    [Block]
    private static Sym Residual(Sym x, int hidden, int outputs, int stride, bool isExpanded, bool isAdded)
    {
        var y = isExpanded ? Unit(x, hidden, k: 1, stride: 1) : x;
        y = Unit(y, hidden, k: 3, stride: stride, groups: hidden).Conv2d(outputs, k: 1, bias: false).BatchNorm();
        return isAdded ? x + y : y;
    }
}
