using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Layers;

/// <summary>Attention in each of its forms.</summary>
[Network(Dims = "B:batch, T:time, S:time")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class Attentions
{
    [Spec]
    internal static (Sym own, Sym masked, Sym crossed, Sym other, Sym major) Forward(
        [Shape("B, T, 6")] Sym x, [Shape("B, S, 6")] Sym context, [Shape("B, S, 4")] Sym narrow,
        [Shape("B, T, T"), Bool] Sym pairs, [Shape("B, S"), Bool] Sym places)
    {
        var own = x.Attention(2, causal: true);
        var masked = x.Attention(3, mask: pairs, bias: false);
        var crossed = x.Attention(2, context: context, mask: places);
        var other = x.Attention(1, context: narrow);
        var major = x.Transpose(0, 1).Attention(3, batchFirst: false);
        return (own, masked, crossed, other, major);
    }
}

/// <summary>What is made of positions: an embedding, a causal mask, coordinates.</summary>
[Network(Dims = "B:batch, T:time", Where = "T <= 64")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class Positions
{
    [Spec]
    internal static (Sym embedded, Sym causal, Sym ramp) Forward([Shape("B, T, 6")] Sym x, [Shape("B, T"), Int64] Sym tokens)
    {
        var at = Sym.Arange(tokens);
        var embedded = x + at.Embedding(64, 6);
        var scores = x.MatMul(x.Transpose(-1, -2));
        var causal = Sym.Where(at.Unsqueeze(1) >= at.Unsqueeze(0), scores, -30);
        var ramp = x.Linear(1).Squeeze(-1) * (Sym.Arange(x, axis: 1) / 10.0);
        return (embedded, causal, ramp);
    }
}

/// <summary>Attention under a mask of each shape.</summary>
[Network(Dims = "B:batch, T:time, S:time", Where = "B >= 2")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class AttentionMasks
{
    [Spec]
    internal static (Sym all, Sym pairs, Sym heads, Sym joined, Sym place, Sym row) Forward(
        [Shape("B, T, 6")] Sym x, [Shape("B, S, 6")] Sym context, [Shape("T, S"), Bool] Sym ofPairs,
        [Shape("B, 3, T, S"), Bool] Sym ofHeads, [Shape("3*B, T, S"), Bool] Sym joinedHeads, [Shape("B, S"), Bool] Sym places)
    {
        var all = x.Attention(3, context: context, mask: places, causal: true);
        var pairs = x.Attention(3, context: context, mask: ofPairs);
        var heads = x.Attention(3, context: context, mask: ofHeads, dropout: 0.1);
        var joined = x.Attention(3, context: context, mask: joinedHeads);
        var place = x.Transpose(0, 1)
            .Attention(3, context: context.Transpose(0, 1), mask: places.Unsqueeze(1).Unsqueeze(1), batchFirst: false);
        var row = x.Attention(3, context: context, mask: ofPairs[0]);
        return (all, pairs, heads, joined, place, row);
    }
}

/// <summary>Recurrent layers in each of their forms, one of them shared.</summary>
[Network(Dims = "B:batch, T:time")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class Recurrences
{
    [Spec]
    internal static (Sym sequence, Sym last, Sym cell, Sym gated, Sym state, Sym shared) Forward([Shape("B, T, 3")] Sym x)
    {
        var (sequence, last, cell) = x.Lstm(4, layers: 2, bidirectional: true);
        var (gated, state) = x.Transpose(0, 1).Gru(5, layers: 2, bidirectional: true, bias: false, batchFirst: false);
        var cells = Layer.Lstm(3);
        var shared = cells.On(cells.On(x).sequence).last;
        return (sequence, last, cell, gated, state, shared);
    }
}

/// <summary>Convolutions over each symmetry group.</summary>
[Network(Dims = "B:batch", Where = "B >= 2")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class Equivariant
{
    [Spec]
    internal static (Sym turns, Sym mirrors, Sym both) Forward([Shape("B, 2, 9, 9")] Sym x)
    {
        var turns = x.LiftConv2d(3, k: 3, Symmetry.C4, pad: 1)
            .GroupBatchNorm(Symmetry.C4)
            .Tanh()
            .GroupConv2d(2, k: 3, Symmetry.C4, stride: 2);
        var mirrors = x.LiftConv2d(2, k: 2, Symmetry.D2, bias: false).Relu().GroupConv2d(3, k: 2, Symmetry.D2).GroupPool(Symmetry.D2);
        var both = x.LiftConv2d(2, k: 3, Symmetry.D4, stride: 2, pad: 1)
            .GroupConv2d(2, k: 3, Symmetry.D4, pad: 1)
            .GroupBatchNorm(Symmetry.D4)
            .GroupPool(Symmetry.D4, mean: true);
        return (turns, mirrors, both);
    }
}

/// <summary>A learned token for each example.</summary>
[Network(Dims = "B:batch, T:time")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class Tokens
{
    [Spec]
    internal static Sym Forward([Shape("B, T, 4")] Sym x)
        => Sym.Parameter("1, 4", Init.Normal(1)).Expand("B, 2, 4").Cat(x, x.Mean((0, 1), keep: true).Expand("B, 1, 4"), axis: 1);
}

/// <summary>Recurrent layers that start from a state of another, and examples of different lengths.</summary>
[Network(Dims = "B:batch, T:time", Where = "T >= 2")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble, Variant.Card)]
public partial class Started
{
    [Spec]
    internal static (Sym decoded, Sym both, Sym cells, Sym still) Forward(
        [Shape("B, T, 3")] Sym x, [Shape("T, B, 3")] Sym y, [Shape("B"), Int64] Sym lengths, [Shape("2, B, 4")] Sym state)
    {
        var ends = lengths + (lengths >= 0); // one at least
        var encoded = x.Gru(4, bidirectional: true, lengths: ends);
        var decoded = y.Gru(4, bidirectional: true, batchFirst: false, state: encoded.last * state);
        var (sequence, last, cell) = x.Lstm(4, layers: 2, bias: false, state: state, cell: state.Sin(), lengths: ends);
        var (both, _, cells) = x.Lstm(2, bidirectional: true, lengths: ends + lengths);
        return (decoded.sequence + sequence.Mean(1).Cat(last[0]), both, cells, x.Gru(2).last + cell.Mean((0, 2)).Unsqueeze(1));
    }
}
