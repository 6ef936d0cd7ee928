using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Literature;

/// <summary>Variational autoencoder: the noise comes in, so that the network is a function. Kingma and Welling 2014.</summary>
[Network(Dims = "B:batch", Where = "B >= 2")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class VariationalAutoencoder
{
    [Spec]
    [return: Shape("B, 1, 28, 28", "B, 16", "B, 16")]
    internal static (Sym image, Sym mean, Sym logVariance) Forward([Shape("B, 1, 28, 28")] Sym image, [Shape("B, 16")] Sym noise)
    {
        var code = image.Conv2d(32, k: 3, stride: 2, pad: 1).Relu().Conv2d(64, k: 3, stride: 2, pad: 1).Relu().Flatten();
        var mean = code.Linear(16);
        var logVariance = code.Linear(16);
        var z = mean + (logVariance * 0.5).Exp() * noise;
        var x = z.Linear(64 * 7 * 7).Relu().Reshape("B, 64, 7, 7").ConvTranspose2d(32, k: 4, stride: 2, pad: 1).Relu();
        return (x.ConvTranspose2d(1, k: 4, stride: 2, pad: 1).Sigmoid(), mean, logVariance);
    }
}

/// <summary>Half of the dimensions scaled and shifted by a function of the other half. Dinh et al. 2017.</summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class AffineCoupling
{
    [Spec]
    [return: Shape("B, 8", "B")]
    internal static (Sym y, Sym logDeterminant) Forward([Shape("B, 8")] Sym x)
    {
        var (kept, moved) = (x.Slice(1, 0, 4), x.Slice(1, 4, 4));
        var hidden = kept.Linear(32).Relu().Linear(32).Relu();
        var logScale = hidden.Linear(4, weightInit: Init.Zeros).Tanh();
        var shift = hidden.Linear(4, weightInit: Init.Zeros);
        return (kept.Cat(moved * logScale.Exp() + shift), logScale.Sum(1));
    }
}
