using System;
using System.Linq;
using Hybrid.Models.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// The last, linear layer of a compressor in closed form. Among all summaries x = W h + b that are linear in H hidden features h, those
/// with most Fisher information are W = F⁻¹ᐟ² Dᵀ C⁻¹, with C the features' covariance, D their mean derivative and F = Dᵀ C⁻¹ D, which is
/// also what the summaries carry: the linear case of optimal compression (Heavens, Jimenez and Lahav 2000, eq. 14; Alsing and Wandelt 2018,
/// eq. 6). b = −W μ.
/// </summary>
/// <remarks>
/// F⁻¹ᐟ² makes the summaries' covariance the identity, as the IMNN's loss wants it. C is estimated, so the simulations must be many times
/// the features: from n of them the information is lost by a share of about H/n.
/// </remarks>
/// <param name="Weight">W, (P, H).</param>
/// <param name="Bias">b, (P).</param>
/// <param name="Determinant">|F| of the simulations it was computed from; an overestimate by a share of about P·H/n.</param>
public sealed record LinearReadout(double[][] Weight, double[] Bias, double Determinant)
{
    private const int FeaturesToSimulations = 20;

    /// <param name="features">The tangent program up to the last layer: simulations (N, …) → (N, H), tangents (P, N, …) → (P, N,
    /// H).</param>
    /// <param name="simulator">Makes simulations with derivatives.</param>
    /// <param name="theta">θ_fid, (P).</param>
    /// <param name="simulations">At least 20 H; a thousand H costs a percent of nothing and is sensible.</param>
    /// <param name="seed">Of these simulations.</param>
    /// <exception cref="ArgumentException">Too few simulations, or fewer features than parameters.</exception>
    /// <exception cref="SingularCovarianceException">The features carry nothing about some parameter.</exception>
    public static LinearReadout Of(TangentProgram features, IDifferentiableSimulator simulator, double[] theta, int simulations, ulong seed)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var generator = new Generator(seed);
        var moments = FisherMoments.Of(features, simulator, generator, theta, Math.Min(simulations, 1000));
        var count = moments.Sum.size(0);
        if (simulations < FeaturesToSimulations * count)
            throw new ArgumentException(
                $"LinearReadout: {Plural.Of(simulations, "simulation")} cannot give the covariance of {Plural.Of(count, "feature")}; "
                + $"at least {FeaturesToSimulations * count} are needed.",
                nameof(simulations));
        if (theta.Length > count)
            throw new ArgumentException(
                $"LinearReadout: {Plural.Of(count, "feature")} cannot tell {Plural.Of(theta.Length, "parameter")} apart; "
                + "the layer before the last needs at least as many outputs as there are parameters.",
                nameof(features));
        for (var left = simulations - 1000; left > 0; left -= 10_000)
        {
            // In blocks, so that memory does not grow with the number of simulations.
            moments = moments.Plus(FisherMoments.Of(features, simulator, generator, theta, Math.Min(left, 10_000)));
        }

        var covariance = moments.Covariance;
        var derivative = moments.MeanDerivative;                                                    // (P, H)
        // Features that never vary (a unit that is always off) have no inverse and no derivative: the pseudo-inverse gives them weight
        // zero.
        var inverse = covariance.pinverse(1e-12, hermitian: true);
        var fisher = derivative.mm(inverse).mm(derivative.t());
        fisher = (fisher + fisher.t()) / 2;
        var (values, vectors) = linalg.eigh(fisher);
        var (least, most) = (values.min().ToDouble(), values.max().ToDouble());
        if (!(least > most * 1e-14)) throw new SingularCovarianceException("the features' Fisher information", least, most);
        var root = vectors.mm(values.rsqrt().diag()).mm(vectors.t());                       // F⁻¹ᐟ²
        var weight = root.mm(derivative).mm(inverse);                                       // (P, H)
        var bias = -weight.mv(moments.Mean);
        return new LinearReadout(FisherStatistics.Rows(weight), bias.data<double>().ToArray(), values.prod().ToDouble());
    }

    /// <summary>Writes W and b into a linear layer's tensors.</summary>
    /// <param name="weight">(P, H).</param>
    /// <param name="bias">(P).</param>
    /// <exception cref="ArgumentException">The shapes are others; a readout makes as many summaries as there are parameters.</exception>
    public void CopyTo(Tensor weight, Tensor bias)
    {
        long[] expected = [Weight.Length, Weight[0].Length];
        if (!weight.shape.AsSpan().SequenceEqual(expected) || !bias.shape.AsSpan().SequenceEqual(expected.AsSpan(0, 1)))
            throw new ArgumentException(
                $"LinearReadout.CopyTo: expected a weight ({expected[0]}, {expected[1]}) and a bias ({expected[0]}), "
                + $"got {ShapeText.Of(weight)} and {ShapeText.Of(bias)}.");
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        weight.copy_(FisherStatistics.Matrix(Weight));
        bias.copy_(tensor(Bias));
    }
}
