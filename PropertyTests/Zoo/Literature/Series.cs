using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Literature;

/// <summary>Two pre-norm layers of a transformer's encoder, attention written out. Vaswani et al. 2017; Xiong et al. 2020.</summary>
[Network(Dims = "B:batch, T:time")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class TransformerEncoder
{
    private const int Heads = 4, Width = 64;

    [Spec]
    [return: Shape("B, 7")]
    internal static Sym Forward([Shape("B, T, 9")] Sym series)
    {
        var x = series.Linear(Width);
        for (var i = 0; i < 2; i++)
        {
            x = x + Attention(x.LayerNorm());
            x = x + x.LayerNorm().Linear(4 * Width).Gelu().Linear(Width);
        }
        return x.LayerNorm().Mean(1).Linear(7);
    }

    [Block]
    private static Sym Attention(Sym x)
    {
        var query = Split(x.Linear(Width));
        var key = Split(x.Linear(Width));
        var value = Split(x.Linear(Width));
        var scores = query.MatMul(key.Permute(0, 1, 3, 2)) * 0.25; // 1/√16
        return scores.Softmax().MatMul(value).Permute(0, 2, 1, 3).Reshape("B, T, Width").Linear(Width);
    }

    [Block]
    private static Sym Split(Sym x) => x.Reshape("B, T, Heads, Width/Heads").Permute(0, 2, 1, 3);
}

/// <summary>
/// Dilated causal convolutions over a series, each with a residual; the field of view doubles with each. Bai et al. 2018.
/// </summary>
[Network(Dims = "B:batch, T:time")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class TemporalConvolution
{
    [Spec]
    [return: Shape("B, 3, T")]
    internal static Sym Forward([Shape("B, 4, T")] Sym series)
    {
        var x = series;
        for (var i = 0; i < 4; i++) x = Dilated(x, 1 << i);
        return x.Conv1d(3, k: 1);
    }

    [Block]
    private static Sym Dilated(Sym x, int dilation)
    {
        var y = x;
        for (var i = 0; i < 2; i++) y = y.Pad1d(2 * dilation).Conv1d(16, k: 3, dilation: dilation).Relu().Dropout(0.1);
        return (y + x.Conv1d(16, k: 1)).Relu();
    }
}

/// <summary>A mixture of Gaussians for each example: probabilities, means, deviations. Bishop 1994.</summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class MixtureDensity
{
    [Spec]
    [return: Shape("B, 5", "B, 5", "B, 5")]
    internal static (Sym probability, Sym mean, Sym deviation) Forward([Shape("B, 3")] Sym x)
    {
        var hidden = x.Linear(32).Tanh().Linear(32).Tanh();
        return (hidden.Linear(5).Softmax(), hidden.Linear(5), hidden.Linear(5).Softplus());
    }
}

/// <summary>A spectrum to a class: a perceptron with normalised layers.</summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class SpectralMlp
{
    [Spec]
    [return: Shape("B, 4")]
    internal static Sym Forward([Shape("B, 512")] Sym flux)
    {
        var x = flux;
        for (var width = 256; width >= 32; width /= 2) x = x.Linear(width).LayerNorm().Gelu().Dropout(0.1);
        return x.Linear(4);
    }
}
