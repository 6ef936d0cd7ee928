using System;
using Hybrid.Models.Engine;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// What a set of summaries knows about the parameters, in float64. With x the summaries at the fiducial parameters:
/// F = (∂μ/∂θ)ᵀ C⁻¹ (∂μ/∂θ). Charnock, Lavaux and Wandelt 2018, eq. 9.
/// </summary>
public sealed record FisherStatistics
{
    /// <summary>Fisher information, (P, P), symmetric and positive semi-definite.</summary>
    public required double[][] Fisher { get; init; }

    /// <summary>F⁻¹, (P, P): the Cramér–Rao covariance of an estimate.</summary>
    public required double[][] InverseFisher { get; init; }

    /// <summary>C, covariance of the summaries with 1/(n − 1), (S, S).</summary>
    public required double[][] Covariance { get; init; }

    /// <summary>C⁻¹, (S, S).</summary>
    public required double[][] InverseCovariance { get; init; }

    /// <summary>μ, mean of the summaries, (S).</summary>
    public required double[] Mean { get; init; }

    /// <summary>∂μ/∂θ, (S, P).</summary>
    public required double[][] MeanDerivative { get; init; }

    /// <summary>|F|.</summary>
    public required double Determinant { get; init; }

    /// <summary>Reads the statistics.json of a run's directory.</summary>
    /// <exception cref="System.IO.InvalidDataException">It is not there, or not such a file; the message has the path.</exception>
    public static FisherStatistics Read(string path) => RunDirectory.Read<FisherStatistics>(path);

    /// <summary>Statistics of summaries at the fiducial parameters.</summary>
    /// <param name="summaries">(n, S), n &gt; S.</param>
    /// <param name="meanDerivative">∂μ/∂θ by parameter, (P, S).</param>
    /// <exception cref="ArgumentException">Shapes do not fit, n ≤ S, or a value is not finite.</exception>
    /// <exception cref="SingularCovarianceException">The summaries' covariance has no inverse.</exception>
    public static FisherStatistics Of(Tensor summaries, Tensor meanDerivative)
    {
        if (summaries.dim() != 2 || meanDerivative.dim() != 2 || summaries.size(1) != meanDerivative.size(1))
            throw new ArgumentException(
                "FisherStatistics: expected summaries (n, S) and mean derivatives (P, S), "
                + $"got {ShapeText.Of(summaries)} and {ShapeText.Of(meanDerivative)}.",
                nameof(summaries));
        if (meanDerivative.size(0) > summaries.size(1))
            throw new ArgumentException(
                $"FisherStatistics: {Plural.Of(summaries.size(1), "summary", "summaries")} cannot tell "
                + $"{Plural.Of(meanDerivative.size(0), "parameter")} apart; the network needs at least as many summaries as there are "
                + "parameters.",
                nameof(summaries));
        if (summaries.size(0) <= summaries.size(1))
            throw new ArgumentException(
                $"FisherStatistics: {Plural.Of(summaries.size(0), "simulation")} cannot give the covariance of "
                + $"{Plural.Of(summaries.size(1), "summary", "summaries")} an inverse; at least {summaries.size(1) + 1} are "
                + "needed, a hundred times as many are sensible.",
                nameof(summaries));

        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var x = summaries.to(ScalarType.Float64);
        var derivative = meanDerivative.to(ScalarType.Float64);                       // (P, S)
        return Of(x.mean([0L]), cov(x.t()), derivative, "the summaries' covariance");
    }

    /// <summary>From a mean (S), a covariance (S, S) and mean derivatives (P, S).</summary>
    internal static FisherStatistics Of(Tensor mean, Tensor covariance, Tensor derivative, string subject)
    {
        covariance = covariance.reshape(mean.size(0), mean.size(0));                   // cov of one variable is a scalar
        var inverse = Inverse(covariance, subject);
        var fisher = derivative.mm(inverse).mm(derivative.t());                // (P, P)
        fisher = (fisher + fisher.t()) / 2;                                            // symmetric to the last bit
        return new FisherStatistics
        {
            Fisher = Rows(fisher),
            InverseFisher = Rows(Inverse(fisher, "the Fisher information")),
            Covariance = Rows(covariance),
            InverseCovariance = Rows(inverse),
            Mean = mean.data<double>().ToArray(),
            MeanDerivative = Rows(derivative.t()),
            Determinant = linalg.det(fisher).ToDouble(),
        };
    }

    /// <summary>
    /// θ̂ = θ_fid + F⁻¹ (∂μ/∂θ)ᵀ C⁻¹ (x − μ) for each row of summaries: the quasi maximum-likelihood estimate. Charnock et al. 2018, eq.
    /// 12.
    /// </summary>
    /// <param name="fiducial">θ_fid, (P).</param>
    /// <param name="summaries">(n, S).</param>
    /// <returns>(n, P).</returns>
    public double[][] Estimate(double[] fiducial, Tensor summaries)
    {
        using var scope = NewDisposeScope();
        return Rows(EstimateTensor(fiducial, summaries));
    }

    /// <summary>The same as a tensor, (n, P) in float64: summaries for inference.</summary>
    /// <inheritdoc cref="Estimate"/>
    public Tensor EstimateTensor(double[] fiducial, Tensor summaries)
    {
        ArgumentNullException.ThrowIfNull(fiducial);
        ArgumentNullException.ThrowIfNull(summaries);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var distance = summaries.to(ScalarType.Float64).cpu() - tensor(Mean);           // (n, S)
        var weights = Matrix(InverseFisher).mm(Matrix(MeanDerivative).t()).mm(Matrix(InverseCovariance)); // (P, S)
        return (tensor(fiducial) + distance.mm(weights.t())).MoveToOuterDisposeScope();
    }

    internal static Tensor Matrix(double[][] rows)
    {
        var flat = new double[rows.Length * rows[0].Length];
        for (var i = 0; i < rows.Length; i++) rows[i].CopyTo(flat, i * rows[0].Length);
        return tensor(flat, [rows.Length, rows[0].Length]);
    }

    internal static double[][] Rows(Tensor matrix)
    {
        using var scope = NewDisposeScope();
        var flat = matrix.cpu().contiguous().data<double>().ToArray();
        var (rows, columns) = ((int)matrix.size(0), (int)matrix.size(1));
        var result = new double[rows][];
        for (var i = 0; i < rows; i++) result[i] = flat[(i * columns)..((i + 1) * columns)];
        return result;
    }

    /// <summary>
    /// The inverse of a symmetric matrix, by way of the one with ones on its diagonal: parameters in units of 1 and of 1e-9 give the same
    /// answer as any others, and what is singular is judged without units.
    /// </summary>
    private static Tensor Inverse(Tensor matrix, string subject)
    {
        if (!matrix.isfinite().all().ToBoolean())
            throw new ArgumentException(
                $"FisherStatistics: {subject} is not finite. "
                + "Look for NaN or infinite values in the data, or for weights that have diverged (a smaller learning rate).");
        var scales = matrix.diagonal().abs().sqrt();
        if (!(scales > 0).all().ToBoolean()) throw new SingularCovarianceException(subject, 0, 1);
        var units = scales.unsqueeze(0) * scales.unsqueeze(1);
        var scaled = matrix / units;
        // Singular values are the eigenvalues' sizes, since the matrix is symmetric.
        var sizes = linalg.svdvals(scaled);
        var (least, most) = (sizes.min().ToDouble(), sizes.max().ToDouble());
        if (!(least > most * 1e-14)) throw new SingularCovarianceException(subject, least, most);
        return linalg.inv(scaled) / units;
    }
}

/// <summary>A covariance or Fisher matrix that has no inverse: some direction of it carries nothing.</summary>
public sealed class SingularCovarianceException(string subject, double least, double most) : InvalidOperationException(
    FormattableString.Invariant($"FisherStatistics: {subject} is singular (eigenvalues from {least:g3} to {most:g3} ")
    + "with its diagonal scaled to 1). "
    + "The summaries repeat each other or do not vary: use fewer summaries, more simulations than summaries, "
    + "or weights that start otherwise.");
