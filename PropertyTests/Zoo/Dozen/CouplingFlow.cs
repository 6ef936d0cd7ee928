using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Dozen;

/// <summary>RealNVP on four numbers: where x goes, and ln |det ∂z/∂x|. Dinh et al. 2017.</summary>
[Network(Dims = "B")]
public partial class CouplingFlow
{
    [Spec]
    [return: Shape("B, 4", "B")]
    static (Sym z, Sym logDet) Forward([Shape("B, 4")] Sym x, [Param] int width = 32)
    {
        var (a, b) = x.Chunk(2);
        var sum = a.Sum(1) * 0;
        for (var i = 0; i < 6; i++)
        {
            var hidden = a.Linear(width).Tanh().Linear(width).Tanh();
            var scale = hidden.Linear(2).Tanh();
            (a, b) = (b * scale.Exp() + hidden.Linear(2), a);
            sum = sum + scale.Sum(1);
        }
        return (a.Cat(b), sum);
    }
}

[Loss(Dims = "B")]
public partial class CouplingFlowNll
{
    [Spec]
    static Sym Value([Shape("B, 4")] Sym z, [Shape("B")] Sym logDet) => (z.Square().Sum(1) / 2 - logDet).Mean();
}
