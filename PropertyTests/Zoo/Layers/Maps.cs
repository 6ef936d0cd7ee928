using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Layers;

/// <summary>Convolutions and pools over series: strides, dilation, groups, both kinds of "same".</summary>
[Network(Dims = "B:batch, L:time", Where = "B >= 2, L >= 12")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class Series
{
    [Spec]
    internal static Sym Forward([Shape("B, L, 4")] Sym x)
    {
        var y = x.ToChannelsFirst()
            .Conv1d(6, k: 3, pad: 2, dilation: 2)
            .BatchNorm()
            .Tanh()
            .Conv1d(8, k: 3, groups: 2, same: true)
            .MaxPool1d(3, stride: 2, pad: 1);
        y = y.Conv1d(8, k: 4, stride: 2, same: true, bias: false).AvgPool1d(2, stride: 1).Softplus();
        return y.MeanPool1d();
    }
}

/// <summary>The same over volumes.</summary>
[Network(Dims = "B:batch, D:spatial, H:spatial", Where = "B >= 2, D >= 6, H >= 6, D <= 12, H <= 12")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class Volumes
{
    [Spec]
    internal static Sym Forward([Shape("B, 2, D, H, 7")] Sym x)
    {
        var y = x.Conv3d(4, k: (1, 3, 3), pad: (0, 1, 1)).BatchNorm().Tanh().MaxPool3d((2, 2, 1));
        y = y.Conv3d(6, k: 2, groups: 2, same: true).Sigmoid().AvgPool3d(2, stride: (1, 2, 1), pad: (0, 1, 0));
        return y.Conv3d(3, k: 3, stride: 2, same: true).MeanPool3d();
    }
}

/// <summary>"same" of images: with a symmetric padding, with an even kernel, with a stride.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H >= 2, W >= 2")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class SameImages
{
    [Spec]
    internal static (Sym symmetric, Sym even, Sym strided) Forward([Shape("B, 3, H, W")] Sym x)
    {
        var symmetric = x.Conv2d(4, k: (3, 5), same: true).Is("B, 4, H, W");
        return (
            symmetric,
            x.Conv2d(4, k: (2, 4), dilation: (1, 2), same: true).Is("B, 4, H, W"),
            symmetric.Conv2d(2, k: 7, stride: (2, 3), same: true).Is("B, 2, (H+1)/2, (W+2)/3"));
    }
}
