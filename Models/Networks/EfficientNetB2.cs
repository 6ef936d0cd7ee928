using Hybrid;

namespace Hybrid.Models.Networks;

/// <summary>
/// Inverted residuals with squeeze-and-excite, B0 scaled by 1.1 in width and 1.2 in depth. Tan and Le 2019, as in torchvision.
/// </summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2")]
public partial class EfficientNetB2
{
    [Spec]
    [return: Shape("B, 1000")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image) => Features(image).MeanPool2d().Dropout(0.3).Linear(1000);

    [Block]
    public static Sym Features(Sym image)
    {
        var x = Unit(image, 32, k: 3, stride: 2);
        x = Stage(x, expand: 1, k: 3, stride: 1, inputs: 32, outputs: 16, layers: 2);
        x = Stage(x, expand: 6, k: 3, stride: 2, inputs: 16, outputs: 24, layers: 3);
        x = Stage(x, expand: 6, k: 5, stride: 2, inputs: 24, outputs: 48, layers: 3);
        x = Stage(x, expand: 6, k: 3, stride: 2, inputs: 48, outputs: 88, layers: 4);
        x = Stage(x, expand: 6, k: 5, stride: 1, inputs: 88, outputs: 120, layers: 4);
        x = Stage(x, expand: 6, k: 5, stride: 2, inputs: 120, outputs: 208, layers: 5);
        x = Stage(x, expand: 6, k: 3, stride: 1, inputs: 208, outputs: 352, layers: 2);
        return Unit(x, 1408, k: 1, stride: 1);
    }

    [Block]
    private static Sym Unit(Sym x, int channels, int k, int stride, int groups = 1)
        => x.Conv2d(channels, k: k, stride: stride, pad: k / 2, groups: groups, bias: false).BatchNorm().Silu();

    [Block]
    private static Sym Stage(Sym x, int expand, int k, int stride, int inputs, int outputs, int layers)
    {
        for (var i = 0; i < layers; i++) x = Residual(x, expand, k, i == 0 ? stride : 1, i == 0 ? inputs : outputs, outputs);
        return x;
    }

    [Block]
    private static Sym Residual(Sym x, int expand, int k, int stride, int inputs, int outputs)
    {
        var hidden = expand * inputs;
        var y = expand > 1 ? Unit(x, hidden, k: 1, stride: 1) : x;
        y = Unit(y, hidden, k: k, stride: stride, groups: hidden);
        y = y.SqueezeExcite(inputs / 4, silu: true).Conv2d(outputs, k: 1, bias: false).BatchNorm();
        return stride == 1 && inputs == outputs ? x + y : y;
    }
}
