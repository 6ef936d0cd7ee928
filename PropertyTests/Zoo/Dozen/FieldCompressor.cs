using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Dozen;

/// <summary>Two summaries of a field for information maximisation, Charnock et al. 2018.</summary>
[Network(Dims = "B, H", Where = "H % 8 == 0")]
[Derive(Variant.Tangent)]
public partial class FieldCompressor
{
    [Spec]
    [return: Shape("B, 2")]
    static Sym Forward([Shape("B, 1, H, H")] Sym field, [Param] int width = 8)
    {
        var x = field;
        for (var i = 0; i < 3; i++) x = x.Conv2d(width << i, k: 3, stride: 2, pad: 1).LeakyRelu(0.1);
        return x.Mean((2, 3)).Linear(2);
    }
}

/// <summary>−ln |F| of the summaries, with what keeps their covariance near the identity.</summary>
[Loss(Dims = "N, D", Where = "N >= 3")]
public partial class FieldFisher
{
    [Spec]
    static Sym Value([Shape("N, 2")] Sym summaries, [Shape("2, D, 2")] Sym derivatives, [Param] double strength = 10)
    {
        var covariance = summaries.Cov();
        var slope = derivatives.Mean(1);
        var fisher = slope.MatMul(covariance.Inverse()).MatMul(slope.Transpose());
        var excess = (covariance.AddDiagonal(-1).Square().Sum((0, 1)) + 1e-12).Sqrt();
        return excess * strength * excess / (excess + 1) - fisher.LogDet();
    }
}
