using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>Sums over simulations, in float64, that blocks add up to: count, Σx (S), Σxxᵀ (S, S), Σ∂x/∂θ (P, S).</summary>
internal sealed record FisherMoments(double Count, Tensor Sum, Tensor Square, Tensor Derivative)
{
    public static FisherMoments Of(
        TangentProgram tangent, IDifferentiableSimulator simulator, Generator generator, double[] theta, int count)
    {
        using var scope = NewDisposeScope();
        var (data, derivative) = simulator.Simulate(generator, theta, count);
        var (summaries, tangents) = tangent(data, derivative);
        var x = summaries.to(ScalarType.Float64);
        return new FisherMoments(
            count, x.sum([0L]).MoveToOuterDisposeScope(), x.t().mm(x).MoveToOuterDisposeScope(),
            tangents.to(ScalarType.Float64).sum([1L]).MoveToOuterDisposeScope());
    }

    public Tensor Mean => Sum / Count;

    /// <summary>With 1/(n − 1).</summary>
    public Tensor Covariance => (Square - (Mean.outer(Mean) * Count)) / (Count - 1);

    /// <summary>(P, S)</summary>
    public Tensor MeanDerivative => Derivative / Count;

    public FisherMoments Plus(FisherMoments other)
        => new(Count + other.Count, Sum + other.Sum, Square + other.Square, Derivative + other.Derivative);

    public FisherMoments Minus(FisherMoments other)
        => new(Count - other.Count, Sum - other.Sum, Square - other.Square, Derivative - other.Derivative);

    public FisherStatistics Statistics() => FisherStatistics.Of(Mean, Covariance, MeanDerivative, "the summaries' covariance");
}
