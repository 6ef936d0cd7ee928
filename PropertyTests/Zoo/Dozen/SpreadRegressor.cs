using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Dozen;

/// <summary>Mean and variance by β-NLL, Seitzer et al. 2022.</summary>
[Network(Dims = "B")]
public partial class SpreadRegressor
{
    [Spec]
    [return: Shape("B", "B")]
    static (Sym mean, Sym variance) Forward([Shape("B, 6")] Sym x, [Param] int width = 32)
    {
        var hidden = x.Linear(width).Relu().Linear(width).Relu();
        return (hidden.Linear(1).Squeeze(-1), hidden.Linear(1).Squeeze(-1).Softplus() + 1e-6);
    }
}

[Loss(Dims = "B")]
public partial class SpreadLoss
{
    [Spec]
    static Sym Value([Shape("B")] Sym mean, [Shape("B"), Positive] Sym variance, [Shape("B")] Sym target, [Param] double beta = 0.5)
        => (variance.Detach().Pow(beta) * (variance.Log() + (target - mean).Square() / variance) / 2).Mean();
}
