using System;
using System.Linq;
using Hybrid.Models.Engine;
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

/// <summary>How a continuous flow's gradients are computed.</summary>
public enum FlowGradient
{
    /// <summary>Back through the solver's steps, which stay in memory: exactly those of what was computed.</summary>
    Steps,

    /// <summary>By a second equation that is solved backwards (<see cref="ContinuousFlow.Adjoint"/>): in the memory of one step.</summary>
    Adjoint,
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

    /// <summary>
    /// A loss of where places go, with gradients by the adjoint method (Chen et al. 2018, algorithm 1): the way forth is not kept, and the
    /// way back is solved together with da/dt = −aᵀ ∂f/∂x, a the loss's gradient by the place at t. Memory does not grow with the steps;
    /// gradients are those of <see cref="Forward"/> up to the solver's error.
    /// </summary>
    /// <param name="place">(B, D).</param>
    /// <param name="loss">Of places (B, D) and logarithms of determinants (B), a single number.</param>
    /// <param name="trace">How the trace is computed.</param>
    /// <returns>The loss; its gradients reach the places, the field's weights and whatever else the loss depends on. They cannot be
    /// differentiated again.</returns>
    public Tensor Adjoint(Tensor place, Func<Tensor, Tensor, Tensor> loss, FlowTrace trace = FlowTrace.Exact)
    {
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(loss);
        using var scope = NewDisposeScope();
        var slope = SlopeOf(place, trace);
        Tensor[] end;
        using (no_grad()) end = Solved(slope, Begun(place.detach()), 0, 1);
        var arrived = end.Select(one => one.detach().requires_grad_()).ToArray();
        var value = loss(arrived[0], arrived[1]);
        var ofEnd = Gradients.Of([value], arrived, [value.ones_like()]);

        var weights = _weights.Parameters.Where(weight => weight.requires_grad).ToArray();
        Tensor[] Back(double t, Tensor[] state)
        {
            using var inner = NewDisposeScope();
            Tensor[] slopes, gradients;
            using (enable_grad())
            {
                var at = state[0].detach().requires_grad_();
                slopes = slope(t, [at]);
                gradients = Gradients.Of(slopes, [at, .. weights], [-state[1], -ofEnd[1]]);
            }
            return [.. gradients.Prepend(slopes[0].detach()).Select(one => one.MoveToOuterDisposeScope())];
        }

        Tensor[] begin;
        using (no_grad())
            begin = Solved(Back, [end[0], ofEnd[0], .. weights.Select(weight => weight.zeros_like())], 1, 0);
        // The sum of each quantity times its gradient, less its own value, is 0 and has just those gradients.
        var sum = weights.Zip(begin.Skip(2), (weight, gradient) => (weight * gradient).sum()).Aggregate((a, b) => a + b);
        if (place.requires_grad) sum = sum + (place * begin[1]).sum();
        return (value + (sum - sum.detach())).MoveToOuterDisposeScope();
    }

    private (Tensor, Tensor) Carried(Tensor place, double from, double to, FlowTrace trace)
    {
        ArgumentNullException.ThrowIfNull(place);
        var end = Solved(SlopeOf(place, trace), Begun(place), from, to);
        return (end[0], end[1]);
    }

    private static Tensor[] Begun(Tensor place) => [place, zeros([place.size(0)], dtype: place.dtype, device: place.device)];

    /// <summary>f and tr ∂f/∂x at a time and places.</summary>
    private Func<double, Tensor[], Tensor[]> SlopeOf(Tensor place, FlowTrace trace)
    {
        var (rows, size) = (place.size(0), place.size(1));
        var directions = trace == FlowTrace.Exact
            ? eye(size, dtype: place.dtype, device: place.device).unsqueeze(1).expand(size, rows, size)
            : (randint(0, 2, [1, rows, size], dtype: place.dtype, device: place.device) * 2) - 1;
        var still = directions.narrow(2, 0, 1).zeros_like();
        return (t, y) =>
        {
            var (value, tangent) = VelocityField.ForwardTangent(_weights, y[0], Times(y[0], t), directions, still);
            return [value, (tangent * directions).sum([0L, 2L])];
        };
    }

    private Tensor[] Solved(Func<double, Tensor[], Tensor[]> slope, Tensor[] state, double from, double to)
        => Steps > 0
            ? OdeIntegrator.RungeKutta4(slope, state, from, to, Steps)
            : OdeIntegrator.DormandPrince(slope, state, from, to, Tolerance, Tolerance / 10);

    private static Tensor Times(Tensor place, double t) => full([place.size(0), 1], t, dtype: place.dtype, device: place.device);

    public void Dispose() => velocity.Dispose();
}
