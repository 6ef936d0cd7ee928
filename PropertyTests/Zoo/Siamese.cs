using Hybrid;

namespace Hybrid.PropertyTests.Zoo;

/// <summary>One encoder with shared weights on two inputs; the distance and the sum come back as a tuple.</summary>
[Network(Dims = "B")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class Siamese
{
    [Spec]
    [return: Shape("B", "B, 16")]
    internal static (Sym distance, Sym sum) Forward([Shape("B, 20")] Sym left, [Shape("B, 20")] Sym right)
    {
        var encoder = Layer.Linear(16);
        var a = encoder.On(left).Tanh();
        var b = encoder.On(right).Tanh();
        return ((a - b).Square().Sum(1), a + b);
    }
}
