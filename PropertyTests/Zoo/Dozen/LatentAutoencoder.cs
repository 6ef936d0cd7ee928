using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Dozen;

/// <summary>Variational autoencoder, Kingma and Welling 2014.</summary>
[Network(Dims = "B")]
public partial class LatentAutoencoder
{
    [Spec]
    [return: Shape("B, 784", "B, 8", "B, 8")]
    static (Sym image, Sym mean, Sym logVariance) Forward([Shape("B, 784")] Sym x, [Param] int width = 64)
    {
        var hidden = x.Linear(width).Relu();
        var (mean, logVariance) = (hidden.Linear(8), hidden.Linear(8));
        var z = mean + (logVariance / 2).Exp() * Sym.Normal(mean);
        return (z.Linear(width).Relu().Linear(784), mean, logVariance);
    }
}

[Loss(Dims = "B")]
public partial class LatentLoss
{
    [Spec]
    static Sym Value(
        [Shape("B, 784")] Sym image, [Shape("B, 8")] Sym mean, [Shape("B, 8")] Sym logVariance, [Shape("B, 784")] Sym target,
        [Param] double beta = 1)
        => image.BceWithLogits(target) * 784 + ((mean.Square() + logVariance.Exp() - 1 - logVariance).Sum(1) * (beta / 2)).Mean();
}
