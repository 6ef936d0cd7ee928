using System;
using System.Linq;
using Hybrid.Models.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>How a continuous flow's trace is computed.</summary>
public enum FlowTrace
{
    /// <summary>Along every axis: D tangents a place.</summary>
    Exact,

    /// <summary>Hutchinson's estimate eᵀ J e with one random vector of signs a place, the same along the whole way.</summary>
    Hutchinson,
}

/// <summary>
/// A continuous normalising flow: places are carried along dx/dt = f(x, t) from t = 0 to 1, and ln |det ∂x(1)/∂x(0)| = ∫ tr ∂f/∂x dt. Chen
/// et al. 2018, eq. 8; the trace by the field's own tangent (Grathwohl et al. 2019, section 3.1). It begins as the identity.
/// </summary>
/// <param name="velocity">Of any dimension; the flow's own from now on.</param>
public sealed class ContinuousFlow(VelocityField velocity) : IDisposable
{
    private readonly VelocityField.Weights _weights = VelocityField.Weights.Of(velocity);

    /// <summary>The right side.</summary>
    public VelocityField Velocity => velocity;

    /// <summary>Steps of the method of order 4; 0: the adaptive one of Dormand and Prince.</summary>
    public int Steps { get; init; } = 8;

    /// <summary>Relative tolerance of the adaptive method.</summary>
    public double Tolerance { get; init; } = 1e-5;

    /// <summary>Where places go, and the logarithm of how much volumes about them grow.</summary>
    /// <param name="place">(B, D).</param>
    /// <param name="trace">How the trace is computed.</param>
    /// <returns>(B, D) and (B).</returns>
    public (Tensor Place, Tensor LogDeterminant) Forward(Tensor place, FlowTrace trace = FlowTrace.Exact) => Carried(place, 0, 1, trace);

    /// <summary>Where places come from, and the logarithm of how much volumes grow on the way back.</summary>
    public (Tensor Place, Tensor LogDeterminant) Inverse(Tensor place, FlowTrace trace = FlowTrace.Exact) => Carried(place, 1, 0, trace);

    /// <summary>Where places go, without the determinant.</summary>
    public Tensor Moved(Tensor place)
    {
        Tensor[] Slope(double t, Tensor[] y) => [VelocityField.Forward(_weights, y[0], Times(y[0], t))];
        return Solved(Slope, [place], 0, 1)[0];
    }

    private (Tensor, Tensor) Carried(Tensor place, double from, double to, FlowTrace trace)
    {
        ArgumentNullException.ThrowIfNull(place);
        var (rows, size) = (place.size(0), place.size(1));
        var directions = trace == FlowTrace.Exact
            ? eye(size, dtype: place.dtype, device: place.device).unsqueeze(1).expand(size, rows, size)
            : (randint(0, 2, [1, rows, size], dtype: place.dtype, device: place.device) * 2) - 1;
        var still = directions.narrow(2, 0, 1).zeros_like();
        Tensor[] Slope(double t, Tensor[] y)
        {
            var (value, tangent) = VelocityField.ForwardTangent(_weights, y[0], Times(y[0], t), directions, still);
            return [value, (tangent * directions).sum([0L, 2L])];
        }
        var end = Solved(Slope, [place, zeros([rows], dtype: place.dtype, device: place.device)], from, to);
        return (end[0], end[1]);
    }

    private Tensor[] Solved(Func<double, Tensor[], Tensor[]> slope, Tensor[] state, double from, double to)
        => Steps > 0
            ? OdeIntegrator.RungeKutta4(slope, state, from, to, Steps)
            : OdeIntegrator.DormandPrince(slope, state, from, to, Tolerance, Tolerance / 10);

    private static Tensor Times(Tensor place, double t) => full([place.size(0), 1], t, dtype: place.dtype, device: place.device);

    public void Dispose() => velocity.Dispose();
}
