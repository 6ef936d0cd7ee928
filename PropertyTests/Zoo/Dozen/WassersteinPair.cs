using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Dozen;

/// <summary>The generator of a WGAN with gradient penalty, Gulrajani et al. 2017.</summary>
[Network(Dims = "B", Training = "B >= 2")]
public partial class WassersteinGenerator
{
    [Spec]
    [return: Shape("B, 1, 16, 16")]
    static Sym Forward([Shape("B, 16")] Sym z, [Param] int width = 16)
    {
        var x = z.Linear(4 * 4 * 32).Reshape("B, 32, 4, 4").BatchNorm().Relu();
        x = x.ConvTranspose2d(width, k: 4, stride: 2, pad: 1).BatchNorm().Relu();
        return x.ConvTranspose2d(1, k: 4, stride: 2, pad: 1).Tanh();
    }
}

/// <summary>Its critic.</summary>
[Network(Dims = "B")]
public partial class WassersteinCritic
{
    [Spec]
    [return: Shape("B")]
    static Sym Forward([Shape("B, 1, 16, 16")] Sym image, [Param] int width = 16)
    {
        var x = image.Conv2d(width, k: 4, stride: 2, pad: 1).LeakyRelu(0.2);
        return x.Conv2d(width, k: 4, stride: 2, pad: 1).LeakyRelu(0.2).Flatten().Linear(1).Squeeze(-1);
    }
}

/// <summary>What the critic minimises: scores of generated and real images, and the slope between them.</summary>
[Loss(Dims = "B")]
public partial class WassersteinLoss
{
    [Spec]
    static Sym Value([Shape("B")] Sym fake, [Shape("B")] Sym real, [Shape("B, 1, 16, 16")] Sym slope, [Param] double weight = 10)
        => fake.Mean() - real.Mean() + ((slope.Square().Sum((1, 2, 3)) + 1e-12).Sqrt() - 1).Square().Mean() * weight;
}
