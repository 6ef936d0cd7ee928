using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    // One line an operation: sampling.
    public partial class Tensor
    {
        [Aten("bernoulli")] public partial Tensor bernoulli(Generator? generator = null);
        [Aten("bernoulli_.Tensor")] public partial Tensor bernoulli_(Tensor p, Generator? generator = null);
        [Aten("bernoulli_.float")] public partial Tensor bernoulli_(double p = 0.5, Generator? generator = null);
        [Aten("binomial")] public partial Tensor binomial(Tensor prob, Generator? generator = null);
        [Aten("cauchy_")] public partial Tensor cauchy_(double median = 0, double sigma = 1, Generator? generator = null);
        [Aten("exponential_")] public partial Tensor exponential_(double lambda = 1, Generator? generator = null);
        [Aten("geometric_")] public partial Tensor geometric_(double p, Generator? generator = null);
        [Aten("log_normal_")] public partial Tensor log_normal_(double mean = 0, double std = 1, Generator? generator = null);
        [Aten("multinomial")] public partial Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null);
        [Aten("normal_")] public partial Tensor normal_(double mean = 0, double std = 1, Generator? generator = null);
        [Aten("poisson")] public partial Tensor poisson(Generator? generator = null);
        [Aten("uniform_")] public partial Tensor uniform_(double from, double to, Generator? generator = null);
    }
}
