using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Whole;

/// <summary>Patches with a learned token and positions, blocks of attention with noise, read from the token.</summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Patches
{
    private const int Width = 6;

    [Spec]
    internal static Sym Forward([Shape("B, 1, 8, 8")] Sym image)
    {
        var x = image.Conv2d(Width, k: 4, stride: 4).Flatten(2).Transpose(1, 2);
        var token = Sym.Parameter("1, 1, Width", Init.Normal(0.5));
        x = token.Expand("B, 1, Width").Cat(x, axis: 1) + Sym.Parameter("1, 5, Width", Init.Normal(0.5), key: "positions");
        for (var i = 0; i < 2; i++) x = Layer(x);
        return x.LayerNorm().Slice(1, 0, 1).Squeeze(1).Linear(2);
    }

    [Block]
    private static Sym Layer(Sym x)
    {
        x = x + x.LayerNorm().Attention(2, dropout: 0.2).Dropout(0.1);
        return x + x.LayerNorm().Linear(2 * Width).Gelu().Linear(Width).DropPath(0.3);
    }
}

/// <summary>Words with padding: a mask in the attention and in the mean.</summary>
[Network(Dims = "B:batch, T:time", Where = "T <= 9")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Sentences
{
    [Spec]
    internal static Sym Forward([Shape("B, T"), Int64] Sym words, [Shape("B, T"), Bool] Sym isWord, [Shape("B, T, 4")] Sym features)
    {
        var x = words.Embedding(5, 4, Init.Normal(1)) + features;
        x = x + x.Attention(2, mask: isWord, bias: false);
        x = x + x.Attention(1, context: features, causal: false, dropout: 0.1);
        return x.Linear(3).MaskedSum(isWord.Unsqueeze(2), 1);
    }
}

/// <summary>Two series of other lengths, one asks the other, in time-major order, with a mask for all examples.</summary>
[Network(Dims = "B:batch, T:time, S:time", Where = "T <= 8, S <= 8")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Asking
{
    [Spec]
    internal static (Sym answers, Sym weights) Forward(
        [Shape("T, B, 6")] Sym questions,
        [Shape("S, B, 3")] Sym facts,
        [Shape("1, T, S"), Bool] Sym mask)
    {
        var answers = questions.Attention(3, context: facts, mask: mask, batchFirst: false, dropout: 0.2);
        return (answers + questions, answers.Mean(0).Linear(2).Softmax());
    }
}

/// <summary>Recurrent both ways over convolved series; each result of the recurrence is used.</summary>
[Network(Dims = "B:batch, T:time", Where = "B >= 2, T >= 4, T <= 10")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class LightCurves
{
    [Spec]
    internal static (Sym each, Sym whole) Forward([Shape("B, T, 2")] Sym series, [Shape("B, T, 1")] Sym errors, [Param] int hidden = 3)
    {
        var x = series.Cat(LogOf(errors), axis: 2).Transpose(1, 2).Pad1d(2).Conv1d(4, k: 3).BatchNorm().Tanh().Transpose(1, 2);
        var (sequence, last, cell) = x.Lstm(hidden, layers: 2, bidirectional: true);
        var gated = sequence.Gru(hidden);
        return (gated.sequence.Linear(1).Squeeze(2), last.Mean(0).Cat(cell.Sum(0), gated.last.Squeeze(0)).Linear(2));
    }

    /// <summary>ln(1 + e²), which exists for every number.</summary>
    [Block]
    private static Sym LogOf(Sym x) => (1 + x.Square()).Log();
}

/// <summary>Dilated causal convolutions with gates.</summary>
[Network(Dims = "B:batch, T:time", Where = "B >= 2, T >= 2, T <= 12")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Waves
{
    [Spec]
    internal static Sym Forward([Shape("B, 3, T")] Sym x)
    {
        var skips = x.Conv1d(4, k: 1);
        for (var i = 0; i < 3; i++)
        {
            var padded = x.Pad1d(1 << i);
            var gated = padded.Conv1d(3, k: 2, dilation: 1 << i).Tanh() * padded.Conv1d(3, k: 2, dilation: 1 << i).Sigmoid();
            skips = skips + gated.Conv1d(4, k: 1).Dropout(0.2);
            x = x + gated;
        }
        return skips.Relu().Cat(x).MaxPool1d(2).MeanPool1d().Linear(1);
    }
}
