using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Dozen;

/// <summary>A number of each set, whatever the order of its points: deep sets with the largest feature, Zaheer et al. 2017.</summary>
[Network(Dims = "B, N")]
public partial class SetRegressor
{
    [Spec]
    [return: Shape("B, 1")]
    static Sym Forward([Shape("B, N, 3")] Sym points, [Param] int width = 32)
    {
        var features = points.Linear(width).Relu().Linear(width);
        return features.Max(1).Linear(width).Relu().Linear(1);
    }
}
