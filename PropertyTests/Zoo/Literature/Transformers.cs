using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Literature;

/// <summary>The same design in small, for images of any multiple of 4: what a class token sees of a 16×16 image.</summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class SmallVisionTransformer
{
    private const int Width = 24;

    [Spec]
    [return: Shape("B, 5")]
    internal static Sym Forward([Shape("B, 1, 16, 16")] Sym image)
    {
        var patches = image.Conv2d(Width, k: 4, stride: 4).Flatten(2).Transpose(1, 2);
        var x = Sym.Parameter("1, 1, Width").Expand("B, 1, Width").Cat(patches, axis: 1) + Sym.Parameter("1, 17, Width", Init.Normal(0.02));
        for (var i = 0; i < 2; i++)
        {
            x = x + x.LayerNorm().Attention(3).DropPath(0.1);
            x = x + x.LayerNorm().Linear(2 * Width).Gelu().Linear(Width).DropPath(0.1);
        }
        return x.LayerNorm().Slice(1, 0, 1).Squeeze(1).Linear(5);
    }
}

/// <summary>Two pre-norm layers of a transformer's encoder over a series. Vaswani et al. 2017; Xiong et al. 2020.</summary>
[Network(Dims = "B:batch, T:time")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class SeriesTransformer
{
    private const int Width = 32;

    [Spec]
    [return: Shape("B, 7")]
    internal static Sym Forward([Shape("B, T, 9")] Sym series)
    {
        var x = series.Linear(Width);
        for (var i = 0; i < 2; i++)
        {
            x = x + x.LayerNorm().Attention(heads: 4, dropout: 0.1).Dropout(0.1);
            x = x + x.LayerNorm().Linear(4 * Width).Gelu().Linear(Width).Dropout(0.1);
        }
        return x.LayerNorm().Mean(1).Linear(7);
    }
}

/// <summary>
/// A text's class: words and positions, attention that looks at words only, the mean over them. After Devlin et al. 2019.
/// </summary>
[Network(Dims = "B:batch, T:time", Where = "T <= 128")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout)]
public partial class TextClassifier
{
    private const int Width = 32;

    [Spec]
    [return: Shape("B, 3")]
    internal static Sym Forward([Shape("B, T"), Int64] Sym words, [Shape("B, T"), Int64] Sym positions, [Shape("B, T"), Bool] Sym isWord)
    {
        var x = (words.Embedding(1000, Width) + positions.Embedding(128, Width)).LayerNorm().Dropout(0.1);
        for (var i = 0; i < 2; i++)
        {
            x = (x + x.Attention(4, mask: isWord)).LayerNorm();
            x = (x + x.Linear(2 * Width).Gelu().Linear(Width)).LayerNorm();
        }
        return x.MaskedMean(isWord.Unsqueeze(2), 1).Linear(3);
    }
}

/// <summary>A light curve read against a template of another length and width: cross-attention, then a causal layer.</summary>
[Network(Dims = "B:batch, T:time, S:time")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Tangent)]
public partial class CrossAttention
{
    [Spec]
    [return: Shape("B, T, 8")]
    internal static Sym Forward([Shape("B, T, 8")] Sym curve, [Shape("B, S, 5")] Sym template)
    {
        var x = curve + curve.LayerNorm().Attention(2, context: template);
        return x + x.LayerNorm().Attention(4, causal: true);
    }
}
