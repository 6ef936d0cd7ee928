using Hybrid;

namespace Hybrid.Models.Systems.Blase;

/// <summary>
/// The peak frequency of a blazar's synchrotron emission from its binned spectral energy distribution, as a normal distribution: the
/// network of BlaSE (version 1 of BlaST, Glauch, Kerscher and Giommi 2022), widths and dropout rates as released. Inputs are scaled log
/// fluxes, then the mask of filled bins.
/// </summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Card)]
public partial class PeakEstimator
{
    /// <summary>Mean and variance (&gt; 0) in units of the scaled label, (B) each.</summary>
    [Spec]
    [return: Shape("B", "B")]
    internal static (Sym mean, Sym variance) Forward([Shape("B, inputs")] Sym sed, [Param] int inputs = 52)
    {
        var first = sed.Linear(152, key: "first").BatchNorm(key: "first_norm").Dropout(0.11623816061109485).Relu();
        var second = first.Linear(80, key: "second").BatchNorm(key: "second_norm").Dropout(0.14953177977171542).Relu();
        var third = second.Linear(72, key: "third").BatchNorm(key: "third_norm").Dropout(0.024569432237666035).Relu();
        var fourth = third.Linear(48, key: "fourth").BatchNorm(key: "fourth_norm").Dropout(0.03208157605345701).Relu();
        var head = fourth.Linear(2, key: "head");
        return (head.Slice(1, 0, 1).Squeeze(1), head.Slice(1, 1, 1).Squeeze(1).Softplus());
    }
}
