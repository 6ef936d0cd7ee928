using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Dozen;

/// <summary>Images in the light of a condition: feature-wise linear modulation, Perez et al. 2018.</summary>
[Network(Dims = "B, H, W", Where = "H >= 2, W >= 2", Training = "B >= 2")]
public partial class ModulatedNet
{
    [Spec]
    [return: Shape("B, 5")]
    static Sym Forward(
        [Shape("B, 3, H, W")] Sym image, [Shape("B, 7")] Sym condition, [Param(Max = 4)] int blocks = 2, [Param] int width = 16)
    {
        var x = image.Conv2d(width, k: 3, pad: 1);
        for (var i = 0; i < blocks; i++)
        {
            var (scale, shift) = (condition.Linear(width), condition.Linear(width));
            var y = x.Conv2d(width, k: 3, pad: 1).BatchNorm();
            x = x + (y * (1 + scale.Unsqueeze(-1).Unsqueeze(-1)) + shift.Unsqueeze(-1).Unsqueeze(-1)).Relu();
        }
        return x.MeanPool2d().Linear(5);
    }
}
