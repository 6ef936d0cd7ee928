using System;
using System.Linq;
using Hybrid.Models.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// A simulator from a function that is written in tensor operations and differentiable in its parameters. The derivatives come from
/// automatic differentiation: forward mode, by differentiating a vector–Jacobian product once more.
/// </summary>
/// <param name="shape">Shape of one simulation.</param>
/// <param name="function">(generator, θ (n, P)) → data (n, …): row i is simulated at row i of θ and depends on no other row.</param>
public sealed class FunctionSimulator(long[] shape, Func<Generator, Tensor, Tensor> function) : IDifferentiableSimulator
{
    public long[] Shape { get; } = shape;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The function returned another shape, or its result does not depend on θ.</exception>
    public (Tensor Data, Tensor Derivative) Simulate(Generator generator, double[] theta, int count)
    {
        using var scope = NewDisposeScope();
        using var _ = enable_grad();
        var rows = tensor(theta, ScalarType.Float32).unsqueeze(0).repeat(count, 1).requires_grad_();  // (n, P)
        var data = function(generator, rows);
        if (!data.shape.AsSpan().SequenceEqual([count, .. Shape]))
            throw new ArgumentException(
                $"FunctionSimulator: expected the function to return {ShapeText.Of([count, .. Shape])} for θ {ShapeText.Of(rows)}, "
                + $"got {ShapeText.Of(data)}.");
        if (!data.requires_grad)
            throw new ArgumentException(
                "FunctionSimulator: the simulation does not depend on θ through differentiable operations, so it has no derivative. "
                + "Write it in tensor operations on θ, or use NumericalGradientImnn.");

        // g(v) = vᵀ J is linear in v, so ∂(g·u)/∂v = J u: the tangent along u.
        var cotangent = zeros_like(data).requires_grad_();
        var product = Gradients.Of([data], [rows], [cotangent], createGraph: true)[0];                    // (n, P)
        var tangents = Enumerable.Range(0, theta.Length)
            .Select(p => product.select(1, p).sum())
            // Where the data do not move with a parameter, nothing connects its product to v.
            .Select(along => along.requires_grad ? Gradients.Of([along], [cotangent], [ones_like(along)])[0] : zeros_like(data))
            .ToArray();                                                                                   // P of (n, …)
        return (data.detach().MoveToOuterDisposeScope(), stack(tangents).detach().MoveToOuterDisposeScope());
    }
}
