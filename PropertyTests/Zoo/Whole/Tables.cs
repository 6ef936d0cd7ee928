using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Whole;

/// <summary>A mixture of Gaussians: weights, means and deviations by name.</summary>
[Network(Dims = "B:batch", Where = "B >= 2")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Mixture
{
    [Spec]
    [return: Shape("B, parts", "B, parts", "B, parts")]
    internal static (Sym weight, Sym mean, Sym deviation) Forward([Shape("B, 4")] Sym x, [Param] int width = 5, [Param] int parts = 2)
    {
        var h = x.Linear(width, weightInit: Init.KaimingNormal).BatchNorm().Relu().Dropout(0.4).Linear(width).LayerNorm().Gelu();
        return (h.Linear(parts).Softmax(), h.Linear(parts), h.Linear(parts).Softplus() + 0.001);
    }
}

/// <summary>A set in no order: moments over its members, covariance and its logarithm.</summary>
[Network(Dims = "N, K", Where = "N >= 6, N <= 20")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Summaries
{
    [Spec]
    internal static (Sym logDeterminant, Sym inverse, Sym trace, Sym norm) Forward([Shape("N, 4")] Sym simulations)
    {
        var covariance = simulations.Linear(3).Tanh().Linear(2).Cov().AddDiagonal(0.1);
        return (covariance.LogDet(), covariance.Inverse(), covariance.Trace() + covariance.Det(), covariance.Frobenius());
    }
}

/// <summary>One vector, no batch: ranks one and zero throughout.</summary>
[Network]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Single
{
    [Spec]
    internal static (Sym vector, Sym number) Forward([Shape("5")] Sym x)
    {
        var y = x.Linear(4).Tanh();
        return (y.Softmax() * y.Linear(4, bias: false), (y - y.Mean()).Square().Sum().Sqrt());
    }
}

/// <summary>An input that is a result, a result given twice, and a value that three read.</summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Passing
{
    [Spec]
    internal static (Sym same, Sym once, Sym again, Sym sum) Forward([Shape("B, 3")] Sym x)
    {
        var y = x.Linear(3);
        var z = y.Relu();
        return (x, z, z, (y + z) * y.Clamp(-1, 1));
    }
}

/// <summary>A learned answer that no input reaches, beside one that some do.</summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Tempered
{
    [Spec]
    internal static (Sym logits, Sym temperature) Forward([Shape("B, 4")] Sym x, [Shape("B"), Int64] Sym kind)
    {
        var temperature = Sym.Parameter("1", Init.Ones, key: "temperature").Softplus();
        return ((x.Linear(3) + kind.Embedding(4, 3)) / temperature.Broadcast(), temperature);
    }
}

/// <summary>Axes moved about between products of pairs.</summary>
[Network(Dims = "B:batch, N", Where = "N >= 2, N <= 8, N % 2 == 0")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Pairwise
{
    [Spec]
    internal static Sym Forward([Shape("B, N, 3")] Sym particles)
    {
        var scores = particles.Linear(4).MatMul(particles.Linear(4).Transpose(1, 2)) / 2;
        var mixed = scores.Softmax(axis: -1).MatMul(particles);
        var (x, y, z) = mixed.Permute(2, 0, 1).Unbind(0);
        var halves = (x * y - z).Chunk(2);
        return (halves[0] + halves[1]).Sum(1, keep: true).Linear(2);
    }
}

/// <summary>The same network three times over, each with its own weights, and in a block.</summary>
[Network(Dims = "B:batch, N", Where = "B >= 2, N % 2 == 0")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Committee
{
    [Spec]
    internal static Sym Forward([Shape("B, N, 4")] Sym set)
    {
        var sum = Voice(set);
        for (var i = 0; i < 2; i++) sum = sum + Voice(set * (i + 2)) * Layer.Of(NoisySet.Forward).On(set);
        return sum;
    }

    [Block]
    private static Sym Voice(Sym set) => Layer.Of(SetEncoder.Encode).On(set).Linear(3);
}

/// <summary>Experts weighed by a gate, each a deeper block of the same.</summary>
[Network(Dims = "B:batch", Where = "B >= 2")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Experts
{
    [Spec]
    [return: Shape("B, 2")]
    internal static Sym Forward([Shape("B, 5")] Sym x)
    {
        var gate = x.Linear(3).Softmax();
        var sum = gate.Slice(1, 0, 1).Broadcast() * Deep(x, 1);
        for (var i = 1; i < 3; i++) sum = sum + gate.Slice(1, i, 1).Broadcast() * Deep(x, i + 1);
        return sum;
    }

    [Block]
    private static Sym Deep(Sym x, int depth) => depth == 0 ? x.Linear(2) : Deep(x.Linear(4).BatchNorm().Silu(), depth - 1);
}

/// <summary>A Siamese pair: one encoder for both, so that its weights are not drawn.</summary>
[Network(Dims = "B:batch", Where = "B >= 2")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Tangent, Variant.Card)]
public partial class Twins
{
    [Spec]
    internal static (Sym distance, Sym verdict) Forward([Shape("B, 1, 8, 8")] Sym left, [Shape("B, 1, 8, 8")] Sym right)
    {
        var (convolution, norm, head) = (Layer.Conv2d(3, k: 3), Layer.BatchNorm(), Layer.Linear(4));
        var (a, b) = (head.On(norm.On(convolution.On(left)).Relu().Flatten()), head.On(norm.On(convolution.On(right)).Relu().Flatten()));
        var distance = (a - b).Square().Sum(1);
        return (distance, (a * b).Linear(1).Squeeze(1) - distance);
    }
}
