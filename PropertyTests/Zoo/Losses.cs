using Hybrid;

namespace Hybrid.PropertyTests.Zoo;

/// <summary>−2 ln p(y | x) of a Gaussian, up to a constant. Lakshminarayanan et al. 2017, eq. 1.</summary>
[Loss(Dims = "B")]
public partial class GaussianNll
{
    [Spec]
    internal static Sym Value([Shape("B")] Sym mean, [Shape("B"), Positive] Sym variance, [Shape("B")] Sym target)
        => (variance.Log() + (target - mean).Square() / variance).Mean();
}

/// <summary>−ln|det F| of a covariance of summaries, the IMNN's objective without its regularisation.</summary>
[Loss(Dims = "N, S", Where = "N > S")]
public partial class LogDeterminant
{
    [Spec]
    internal static Sym Value([Shape("N, S")] Sym summaries) => -summaries.Cov().Inverse().LogDet();
}
