using Hybrid;

namespace Hybrid.Models.Networks;

/// <summary>A convolutional network with a transformer's habits. Liu et al. 2022, tiny.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H >= 32, W >= 32")]
public partial class ConvNextTiny
{
    [Spec]
    [return: Shape("B, 1000")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var x = Normalised(image.Conv2d(96, k: 4, stride: 4));
        for (var i = 0; i < 3; i++) x = Mixed(x, 96, 0.1 * i / 17);
        x = Normalised(x).Conv2d(192, k: 2, stride: 2);
        for (var i = 0; i < 3; i++) x = Mixed(x, 192, 0.1 * (3 + i) / 17);
        x = Normalised(x).Conv2d(384, k: 2, stride: 2);
        for (var i = 0; i < 9; i++) x = Mixed(x, 384, 0.1 * (6 + i) / 17);
        x = Normalised(x).Conv2d(768, k: 2, stride: 2);
        for (var i = 0; i < 3; i++) x = Mixed(x, 768, 0.1 * (15 + i) / 17);
        return x.MeanPool2d().LayerNorm(eps: 1e-6).Linear(1000);
    }

    /// <summary>Layer normalisation of the channels at each pixel.</summary>
    [Block]
    private static Sym Normalised(Sym x) => x.Permute(0, 2, 3, 1).LayerNorm(eps: 1e-6).ToChannelsFirst();

    [Block]
    private static Sym Mixed(Sym x, int channels, double drop)
    {
        var y = x.Conv2d(channels, k: 7, pad: 3, groups: channels).Permute(0, 2, 3, 1).LayerNorm(eps: 1e-6);
        y = y.Linear(4 * channels).Gelu().Linear(channels).ToChannelsFirst();
        var scale = Sym.Parameter($"{channels}, 1, 1", Init.Constant(1e-6));
        return x + (y * scale).DropPath(drop);
    }
}
