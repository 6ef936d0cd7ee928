using Hybrid;

namespace Hybrid.PropertyTests.Zoo;

/// <summary>−2 ln p(y | x) of a Gaussian, up to a constant. Lakshminarayanan et al. 2017, eq. 1.</summary>
[Loss(Dims = "B")]
[Derive(Variant.Ensemble)]
public partial class GaussianNll
{
    [Spec]
    internal static Sym Value([Shape("B")] Sym mean, [Shape("B"), Positive] Sym variance, [Shape("B")] Sym target)
        => (variance.Log() + (target - mean).Square() / variance).Mean();
}

/// <summary>−ln|det F| of a covariance of summaries, the IMNN's objective without its regularisation.</summary>
[Loss(Dims = "N, S", Where = "N > S")]
[Derive(Variant.Ensemble)]
public partial class LogDeterminant
{
    [Spec]
    internal static Sym Value([Shape("N, S")] Sym summaries) => -summaries.Cov().Inverse().LogDet();
}

/// <summary>
/// Every loss of the language, as a network, so that the laws of networks hold them to libtorch and to their derivatives.
/// </summary>
[Network(Dims = "B")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class EveryLoss
{
    [Spec]
    internal static (Sym indices, Sym probabilities, Sym squares, Sym absolute, Sym logits, Sym chances, Sym gaussian) Forward(
        [Shape("B, 3")] Sym x, [Shape("B"), Int64] Sym label, [Shape("B, 3"), Probability] Sym chance,
        [Shape("B, 3"), Positive] Sym variance, [Shape("B, 3")] Sym target)
        => (
            x.CrossEntropy(label), x.CrossEntropy(chance), x.Mse(target), x.L1(target), x.BceWithLogits(chance), x.Sigmoid().Bce(chance),
            x.GaussianNll(variance, target));
}

/// <summary>A class for each element of a series.</summary>
[Network(Dims = "B, L")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class ElementwiseCrossEntropy
{
    [Spec]
    internal static Sym Forward([Shape("B, 2, L")] Sym series, [Shape("B, L"), Int64] Sym label) => series.CrossEntropy(label);
}
