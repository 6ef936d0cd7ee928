using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Layers;

/// <summary>Learned tensors beside a shared one, at the top and inside of a block, and one that is a result itself.</summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class LearnedTensors
{
    private const int Width = 6;

    [Spec]
    internal static (Sym tokens, Sym scale) Forward([Shape("B, 4, Width")] Sym x)
    {
        var position = Sym.Parameter("1, 4, Width", Init.Normal(0.02));
        var temperature = Sym.Parameter("1", Init.Ones, key: "head.temperature");
        var y = Shifted(x + position) * temperature;
        return (y + position, temperature);
    }

    [Block]
    private static Sym Shifted(Sym x) => (x.Linear(Width) + Sym.Parameter("Width", Init.Uniform(0.1))).Relu();
}

/// <summary>Words of a vocabulary, their positions, a mask: masked means and sums.</summary>
[Network(Dims = "B:batch, T:time")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class Words
{
    [Spec]
    internal static (Sym mean, Sym sum, Sym all) Forward(
        [Shape("B, T"), Int64] Sym words,
        [Shape("B, T"), Bool] Sym mask,
        [Shape("B, T, 5")] Sym features,
        [Shape("B"), Int64] Sym language)
    {
        var x = words.Embedding(100, 5, key: "words") * language.Embedding(3, 5, key: "language").Unsqueeze(1) + features;
        var where = mask.Unsqueeze(2);
        return (x.MaskedMean(where, 1), x.Square().MaskedSum(where, (0, 1)), features.MaskedMean(where));
    }
}

/// <summary>Taken apart in each way and put together again.</summary>
[Network(Dims = "B:batch, N", Where = "N % 3 == 0")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class TakenApart
{
    [Spec]
    internal static Sym Forward([Shape("B, 3, N")] Sym x)
    {
        var (a, b, c) = x.Unbind();
        var (first, second, third) = (a * b + c).Chunk(3);
        var (head, tail) = x.Split(-2, 1, 2);
        var parts = x.Chunk(3, axis: 2);
        var y = (parts[0] - parts[1] * parts[2]).Sum(1);
        return first.Tanh() * second + third.Exp() + y + head.Squeeze(1).Chunk(3)[1] * tail.Mean(1).Chunk(3)[0];
    }
}

/// <summary>Squeeze-and-excite with both activations, stochastic depth, anti-aliased pools.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2, H >= 8, W >= 8")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class Excited
{
    [Spec]
    internal static Sym Forward([Shape("B, 4, H, W")] Sym x)
    {
        var y = x + x.Conv2d(4, k: 3, pad: 1).BatchNorm().SqueezeExcite(2).DropPath(0.2);
        y = y.BlurPool2d().Conv2d(6, k: 3, same: true).Tanh();
        return y.SqueezeExcite(3, silu: true, key: "excite").BlurPool2d(sigma: 0.5, stride: (1, 2), pad: 1).MeanPool2d();
    }
}

/// <summary>Stochastic depth alone.</summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class Dropped
{
    [Spec]
    internal static Sym Forward([Shape("B, 3")] Sym x) => x.DropPath(0.2);
}

/// <summary>
/// A Gaussian's likelihood, each term weighed by the deviation it predicts, so that hard examples are not given up. Seitzer et al. 2022,
/// eq. 5, β = 1/2.
/// </summary>
[Loss(Dims = "B")]
[Derive(Variant.Tangent)]
public partial class BetaNll
{
    [Spec]
    static Sym Value([Shape("B")] Sym mean, [Shape("B"), Positive] Sym variance, [Shape("B")] Sym target)
        => (variance.Detach().Pow(0.5) * (variance.Log() + (target - mean).Square() / variance) * 0.5).Mean();
}
