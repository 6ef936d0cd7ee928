using Hybrid;

namespace Hybrid.PropertyTests.Zoo;

/// <summary>One linear layer: its posterior predictive is known in closed form.</summary>
[Network(Dims = "B")]
[Derive(Variant.Flipout)]
public partial class Affine
{
    [Spec]
    [return: Shape("B, 3")]
    internal static Sym Forward([Shape("B, 5")] Sym x) => x.Linear(3);
}

/// <summary>The sine regressor of meta-learning. Finn et al. 2017, with tanh for derivatives without kinks.</summary>
[Network(Dims = "B")]
[Derive(Variant.Functional, Variant.Tangent)]
public partial class SineRegressor
{
    [Spec]
    [return: Shape("B, 1")]
    internal static Sym Forward([Shape("B, 1")] Sym x) => x.Linear(40).Tanh().Linear(40).Tanh().Linear(1);
}
