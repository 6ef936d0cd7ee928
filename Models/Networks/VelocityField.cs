using Hybrid;

namespace Hybrid.Models.Networks;

/// <summary>
/// The right side of a neural ordinary differential equation dx/dt = f(x, t): two hidden layers of tanh, zero at first, so that a flow
/// begins as the identity. Chen et al. 2018, section 4.
/// </summary>
/// <remarks>Its tangent gives J v, and with it the trace of J (<c>ContinuousFlow</c>).</remarks>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Tangent)]
public partial class VelocityField
{
    /// <param name="x">Places.</param>
    /// <param name="time">Times, from 0 to 1.</param>
    /// <param name="dimensions">Numbers of a place.</param>
    /// <param name="width">Of the hidden layers.</param>
    [Spec]
    [return: Shape("B, dimensions")]
    internal static Sym Forward(
        [Shape("B, dimensions")] Sym x, [Shape("B, 1")] Sym time, [Param] int dimensions = 8, [Param] int width = 64)
        => x.Cat(time, axis: 1).Linear(width, key: "first").Tanh().Linear(width, key: "second").Tanh()
            .Linear(dimensions, weightInit: Init.Zeros, biasInit: Init.Zeros, key: "out");
}
