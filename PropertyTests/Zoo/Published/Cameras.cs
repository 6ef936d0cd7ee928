using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Published;

/// <summary>Nuclear against electron recoils in camera images: the baseline of the IDAO 2021 competition on CYGNO's simulation.</summary>
[Network(Dims = "B:batch", Where = "B >= 2")]
public partial class RecoilBaseline
{
    [Spec]
    [return: Shape("B, 2", "B, 1")]
    internal static (Sym classes, Sym energy) Forward([Shape("B, 1, 120, 120")] Sym image)
    {
        var x = image.Conv2d(16, k: 5, pad: 2).BatchNorm().Relu().MaxPool2d(19, stride: 7).Flatten().Dropout().Linear(500, inputs: 3600);
        return (x.Linear(2), x.Linear(1));
    }
}

/// <summary>A stronger entry of the same competition: two convolutions, 800 features.</summary>
[Network(Dims = "B:batch", Where = "B >= 2")]
[Derive(Variant.Functional)]
public partial class RecoilTwoLayers
{
    [Spec]
    [return: Shape("B, 2")]
    internal static Sym Forward([Shape("B, 1, 120, 120")] Sym image)
    {
        var x = image.Conv2d(16, k: 5, pad: 2).BatchNorm().Relu().MaxPool2d(6).Conv2d(32, k: 4, pad: 1).BatchNorm().Relu().MaxPool2d(6, stride: 3);
        return x.Flatten().Dropout(0.4).Linear(200, inputs: 800).Linear(2);
    }
}

/// <summary>A small convolutional network on 128×128 crops, as the CYGNO exercise asks: the probability of a nuclear recoil.</summary>
[Network(Dims = "B:batch")]
public partial class RecoilExercise
{
    [Spec]
    [return: Shape("B, 1")]
    internal static Sym Forward([Shape("B, 1, 128, 128")] Sym image)
    {
        var x = image;
        for (var channels = 8; channels <= 64; channels *= 2) x = x.Conv2d(channels, k: 3, pad: 1).Relu().MaxPool2d(2);
        return x.Is("B, 64, 8, 8").Flatten().Linear(32).Relu().Dropout(0.3).Linear(1).Sigmoid();
    }
}

/// <summary>Two images by one convolutional encoder, and how far they are apart. Koch et al. 2015.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H >= 24, W >= 24")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Tangent)]
public partial class SiameseImages
{
    [Spec]
    [return: Shape("B, 1")]
    internal static Sym Forward([Shape("B, 1, H, W")] Sym left, [Shape("B, 1, H, W")] Sym right)
    {
        var (stem, middle, code) = (Layer.Conv2d(8, k: 5, key: "stem"), Layer.Conv2d(16, k: 3, key: "middle"), Layer.Linear(32, key: "code"));
        var a = code.On(middle.On(stem.On(left).Relu().MaxPool2d(2)).Relu().MeanPool2d()).Sigmoid();
        var b = code.On(middle.On(stem.On(right).Relu().MaxPool2d(2)).Relu().MeanPool2d()).Sigmoid();
        return (a - b).Abs().Linear(1);
    }
}
