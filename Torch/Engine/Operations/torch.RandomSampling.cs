using Hybrid.Torch;

namespace TorchSharp;

// One line an operation: sampling.
public static partial class torch
{
    [Aten("_sample_dirichlet")] public static partial Tensor _sample_dirichlet(Tensor input, Generator? generator = null);
    [Aten("_standard_gamma")] public static partial Tensor _standard_gamma(Tensor input, Generator? generator = null);
    [Aten("bernoulli")] public static partial Tensor bernoulli(Tensor input, Generator? generator = null);
    [Aten("binomial")] public static partial Tensor binomial(Tensor count, Tensor probs, Generator? generator = null);
    [Aten("multinomial")] public static partial Tensor multinomial(Tensor input, long num_samples, bool replacement = false, Generator? generator = null);
    [Aten("normal.Tensor_Tensor")] public static partial Tensor normal(Tensor mean, Tensor std, Generator? generator = null);
    [Aten("poisson")] public static partial Tensor poisson(Tensor input, Generator? generator = null);
}
