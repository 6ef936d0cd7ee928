using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Dozen;

/// <summary>An encoder with the projection of SimCLR, Chen et al. 2020.</summary>
[Network(Dims = "B", Training = "B >= 2")]
public partial class ContrastiveEncoder
{
    [Spec]
    [return: Shape("B, 16")]
    static Sym Forward([Shape("B, 3, 16, 16")] Sym image, [Param] int width = 16)
    {
        var x = image;
        for (var i = 0; i < 3; i++) x = x.Conv2d(width << i, k: 3, stride: 2, pad: 1).BatchNorm().Relu();
        return x.MeanPool2d().Linear(32).Relu().Linear(16);
    }
}

/// <summary>NT-Xent: each view finds the other one of its image among all views of the batch.</summary>
[Loss(Dims = "B", Where = "B >= 2")]
public partial class ContrastiveLoss
{
    [Spec]
    static Sym Value([Shape("B, 16")] Sym first, [Shape("B, 16")] Sym second, [Param] double temperature = 0.5)
    {
        var (a, b) = (first.Normalize(), second.Normalize());
        var z = a.Cat(b, axis: 0);
        var at = Sym.Arange(z, axis: 0);
        var scores = Sym.Where(at.Unsqueeze(1).NotEqualTo(at.Unsqueeze(0)), z.MatMul(z.Transpose()) / temperature, -1e9);
        return scores.LogSumExp(1).Mean() - (a * b).Sum(1).Mean() / temperature;
    }
}
