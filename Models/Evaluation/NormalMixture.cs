using System;
using System.Collections.Generic;

namespace Hybrid.Models.Evaluation;

/// <summary>
/// Several normal distributions as one estimate: the mixture that an ensemble of networks predicts. Lakshminarayanan et al. 2017, section
/// 2.4.
/// </summary>
public static class NormalMixture
{
    /// <summary>
    /// Mean and variance of an equal mixture, by the law of total variance: μ = mean μ_i, σ² = mean(σ_i² + μ_i²) − μ² = mean σ_i² + mean
    /// (μ_i − μ)². The second form is computed: it loses nothing to cancellation, and shows that σ² is at least the mean variance.
    /// </summary>
    /// <param name="means">μ_i of each member.</param>
    /// <param name="variances">σ_i² ≥ 0, as many.</param>
    public static (double Mean, double Variance) Combine(ReadOnlySpan<double> means, ReadOnlySpan<double> variances)
    {
        if (means.Length == 0 || variances.Length != means.Length)
            throw new ArgumentException(
                "NormalMixture: expected as many variances as means, at least one, "
                + $"got {means.Length} means and {variances.Length} variances.",
                nameof(means));
        var mean = 0.0;
        var within = 0.0;
        for (var i = 0; i < means.Length; i++)
        {
            mean += means[i];
            within += variances[i];
        }
        mean /= means.Length;
        var between = 0.0;
        foreach (var member in means) between += (member - mean) * (member - mean);
        return (mean, (within + between) / means.Length);
    }
}
