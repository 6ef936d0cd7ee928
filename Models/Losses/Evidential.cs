using System;
using Hybrid;

namespace Hybrid.Models.Losses;

/// <summary>
/// Evidential regression: a network gives a normal-inverse-gamma distribution of mean and variance, of which the target is a draw. Amini et
/// al. 2020, eqs. 8 to 10: the likelihood is that of Student's t with 2α degrees of freedom, and evidence for what is wrong is charged.
/// </summary>
[Loss(Dims = "B:batch")]
[Derive(Variant.Ensemble, Variant.Tangent)]
public partial class Evidential
{
    /// <summary>λ, what evidence for wrong predictions costs; 0.01 in the paper's experiments.</summary>
    public const double Regularisation = 0.01;

    /// <param name="mean">γ, in units of the target.</param>
    /// <param name="evidence">ν &gt; 0, draws that the mean is worth.</param>
    /// <param name="shape">α &gt; 1: <c>.Softplus() + 1</c>.</param>
    /// <param name="rate">β &gt; 0.</param>
    /// <param name="target">y.</param>
    [Spec]
    internal static Sym Value(
        [Shape("B")] Sym mean, [Shape("B"), Positive] Sym evidence, [Shape("B"), Positive] Sym shape, [Shape("B"), Positive] Sym rate,
        [Shape("B")] Sym target)
    {
        var error = target - mean;
        var omega = 2 * rate * (1 + evidence); // Ω
        var likelihood = (Math.PI / evidence).Log() / 2 - shape * omega.Log()
            + (shape + 0.5) * (error.Square() * evidence + omega).Log() + shape.LGamma() - (shape + 0.5).LGamma();
        return (likelihood + Regularisation * error.Abs() * (2 * evidence + shape)).Mean();
    }
}
