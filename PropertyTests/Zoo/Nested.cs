using Hybrid;

namespace Hybrid.PropertyTests.Zoo;

/// <summary>What a network inside can bring: a network of its own, drawn weights, statistics, a method of another name.</summary>
[Network(Dims = "B, N", Where = "N % 2 == 0", Training = "B >= 2")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class SetEncoder
{
    [Spec]
    [return: Shape("B, 6")]
    public static Sym Encode([Shape("B, N, 4")] Sym set)
    {
        var pairs = Layer.Of(PairEncoder.Forward, key: "pairs").On(set);
        return pairs.Mean(1).Linear(5).BatchNorm().Tanh().Linear(6);
    }
}

/// <summary>Noise inside.</summary>
[Network(Dims = "B, N", Where = "N % 2 == 0, B >= 2")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class NoisySet
{
    [Spec]
    [return: Shape("B, 3")]
    public static Sym Forward([Shape("B, N, 4")] Sym set) => Layer.Of(SetEncoder.Encode).On(set).Dropout(0.3).Linear(3);
}

/// <summary>No weights of its own: all are the network's inside.</summary>
[Network(Dims = "B, N", Where = "N % 2 == 0, B >= 2")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class Wrapped
{
    [Spec]
    [return: Shape("B, 6")]
    internal static Sym Forward([Shape("B, N, 4")] Sym set) => Layer.Of(SetEncoder.Encode, key: "encoder").On(set * 2);
}

/// <summary>A shared network, one of two results, and networks inside blocks, between layers of its own.</summary>
[Network(Dims = "B, N", Where = "N % 2 == 0, B >= 2")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Tangent, Variant.Card)]
public partial class SetComparison
{
    [Spec]
    [return: Shape("B, 3", "B, 8")]
    internal static (Sym difference, Sym spread) Forward(
        [Shape("B, N, 4")] Sym left,
        [Shape("B, N, 4")] Sym right,
        [Shape("B"), Int64] Sym kind)
    {
        var encoder = Layer.Of(PairEncoder.Forward, key: "encoder");
        var (mean, variance) = Layer.Of(Moments.Forward, key: "moments").On(encoder.On(left.Linear(4)) - encoder.On(right));
        return (Coded(left, 6).Cat(Coded(right, 4)).Cat(mean).Cat(kind.Embedding(3, 2)).Linear(3), variance);
    }

    [Block]
    private static Sym Coded(Sym set, int width) => Layer.Of(SetEncoder.Encode).On(set).Linear(width);
}

/// <summary>Two inputs of a network inside, of which one does not move with what is differentiated.</summary>
[Network(Dims = "B")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class Gated
{
    [Spec]
    [return: Shape("B, 4")]
    public static Sym Forward([Shape("B, 4")] Sym x, [Shape("B, 4")] Sym gate) => x.Linear(4) * gate.Linear(4).Sigmoid();
}

/// <summary>The gate is what an index says, through which no derivative passes.</summary>
[Network(Dims = "B")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class GatedByKind
{
    [Spec]
    [return: Shape("B, 4")]
    internal static Sym Forward([Shape("B, 4")] Sym x, [Shape("B"), Int64] Sym kind)
        => Layer.Of(Gated.Forward, key: "gated").On(x, kind.Embedding(3, 4));
}
