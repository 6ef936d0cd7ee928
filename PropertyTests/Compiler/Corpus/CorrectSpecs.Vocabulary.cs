using System.Collections.Generic;

namespace Hybrid.PropertyTests.Compiler.Corpus;

/// <summary>Losses and layers of papers that need more than sums and means.</summary>
internal static partial class CorrectSpecs
{
    private static IReadOnlyList<FaultySpec> Vocabulary =>
    [
        new("own class's logarithm by gather", """
            [Spec] static Sym Value([Shape("B, 10")] Sym logits, [Shape("B"), Int64] Sym label)
                => -logits.LogSoftmax().Gather(label.Unsqueeze(1), 1).Mean();
            """) { IsLoss = true },
        new("deep sets with the largest", """
            [Spec] [return: Shape("B, 10")] static Sym Forward([Shape("B, N, 3")] Sym set, [Shape("B, N"), Bool] Sym mask)
            {
                var features = set.Linear(64).Relu().Linear(64);
                return Sym.Where(mask.Unsqueeze(2), features, -1e9).Max(1).Linear(10);
            }
            """) { Dims = "B, N" },
        new("supervised contrastive cosine similarities", """
            [Spec] [return: Shape("B, B")] static Sym Forward([Shape("B, 128")] Sym x)
            {
                var z = x.Linear(64).Normalize();
                return z.MatMul(z.Transpose()) / 0.1;
            }
            """),
        new("von Mises angle head", """
            [Spec] [return: Shape("B")] static Sym Forward([Shape("B, 8")] Sym x)
            {
                var (sine, cosine) = x.Linear(2).Normalize().Chunk(2);
                return sine.Atan2(cosine).Squeeze(1);
            }
            """),
        new("standardised by its own statistics over four axes", """
            [Spec] [return: Shape("B, 2, D, H, W")] static Sym Forward([Shape("B, 2, D, H, W")] Sym x)
                => (x - x.Mean((1, 2, 3, 4), keep: true)) / (x.Var((1, 2, 3, 4), keep: true).Sqrt() + 1e-5);
            """) { Dims = "B, D, H, W" },
        new("Poisson likelihood of counts", """
            [Spec] static Sym Value([Shape("B, N"), Positive] Sym rate, [Shape("B, N")] Sym counts)
                => (rate - counts * rate.Log() + (counts + 1).LGamma()).Mean();
            """) { Dims = "B, N", IsLoss = true },
        new("accuracy as a network", """
            [Spec] [return: Shape("")] static Sym Forward([Shape("B, 10")] Sym logits, [Shape("B"), Int64] Sym label)
                => (logits.ArgMax().EqualTo(label) * 1.0).Mean();
            """),
        new("straight-through one-hot of codes", """
            [Spec] [return: Shape("B, 16")] static Sym Forward([Shape("B, 16")] Sym logits)
            {
                var soft = logits.Softmax();
                return soft + (soft.ArgMax().OneHot(16) - soft).Detach();
            }
            """),
        new("power spectrum of density maps", """
            [Spec] [return: Shape("B, 8")] static Sym Forward([Shape("B, 1, N, N")] Sym maps)
                => maps.Fft2().Square().Sum(-1).Log().MeanPool2d().Linear(8);
            """) { Dims = "B, N" },
        new("Fourier layer", """
            [Spec] [return: Shape("B, 8, N, N")] static Sym Forward([Shape("B, 8, N, N")] Sym x, [Shape("N, N")] Sym filter)
                => ((x.Fft2() * filter.Unsqueeze(-1)).Ifft2() + x.Conv2d(8, k: 1)).Gelu();
            """) { Dims = "B, N" },
        new("likelihood with a full covariance", """
            [Spec] static Sym Value([Shape("B, 3")] Sym mean, [Shape("B, 3, 3")] Sym root, [Shape("B, 3")] Sym target)
            {
                var factor = root.MatMul(root.Transpose()).AddDiagonal(1e-3).Cholesky();
                var white = factor.SolveTriangular((target - mean).Unsqueeze(-1)).Squeeze(-1);
                return (white.Square().Sum(1) / 2 + Sym.Einsum("b i j, i j -> b", factor, factor.Mean(0)) * 0).Mean() + factor.LogDet().Mean();
            }
            """) { IsLoss = true },
        new("attention by einsum", """
            [Spec] [return: Shape("B, T, 64")] static Sym Forward([Shape("B, T, 64")] Sym x, [Shape("B, S, 64")] Sym context)
            {
                var query = x.Linear(64).Reshape("B, T, 4, 16");
                var (key, value) = context.Linear(128).Reshape("B, S, 4, 32").Chunk(2, axis: -1);
                var scores = Sym.Einsum("b t h d, b s h d -> b h t s", query, key) / 4;
                return Sym.Einsum("b h t s, b s h d -> b t h d", scores.Softmax(), value).Flatten(2).Linear(64);
            }
            """) { Dims = "B, T, S" },
        new("recurrent classifier of the last step", """
            [Spec] [return: Shape("B, 5")] static Sym Forward([Shape("B, T, 8")] Sym x) => x.Gru(32).sequence[.., -1].Linear(5);
            """) { Dims = "B, T" },
        new("class token taken off again, positions cut to the sequence", """
            [Spec] [return: Shape("B, 10", "B, T, 64")] static (Sym logits, Sym tokens) Forward([Shape("B, T, 64")] Sym x)
            {
                var token = Sym.Parameter("1, 1, 64");
                var position = Sym.Parameter("512, 64", Init.Normal(0.02));
                var y = token.Expand("B, 1, 64").Cat(x) + position.Range(0, "0", "T + 1");
                y = y + y.LayerNorm().Attention(4);
                return (y[.., 0].Linear(10), y[.., 1..]);
            }
            """) { Dims = "B, T", Where = "T <= 511" },
        new("total variation of images", """
            [Spec] static Sym Value([Shape("B, C, H, W")] Sym x)
                => (x[.., .., 1..] - x[.., .., ..^1]).Abs().Mean() + (x[.., .., .., 1..] - x[.., .., .., ..^1]).Abs().Mean();
            """) { Dims = "B, C, H, W", Where = "H >= 2, W >= 2", IsLoss = true },
        new("domain-adversarial classifier", """
            [Spec] [return: Shape("B, 10", "B")] static (Sym classes, Sym domain) Forward([Shape("B, 64")] Sym x)
            {
                var features = x.Linear(32).Relu();
                return (features.Linear(10), features.ReverseGradient(0.1).Linear(16).Relu().Linear(1).Squeeze(1));
            }
            """),
        new("variational autoencoder with its draw", """
            [Spec] [return: Shape("B, 784", "B, 20", "B, 20")] static (Sym image, Sym mean, Sym logVariance) Forward([Shape("B, 784")] Sym x)
            {
                var hidden = x.Linear(400).Relu();
                var (mean, logVariance) = (hidden.Linear(20), hidden.Linear(20));
                var z = mean + (logVariance / 2).Exp() * Sym.Normal(mean);
                return (z.Linear(400).Relu().Linear(784).Sigmoid(), mean, logVariance);
            }
            """),
        new("language model with tied words", """
            const int Count = 100;
            [Spec] [return: Shape("B, T, 100")] static Sym Forward([Shape("B, T"), Int64] Sym tokens)
            {
                var words = Sym.Parameter("Count, 32", Init.Normal(0.02), key: "words");
                return words.Lookup(tokens).Gru(32).sequence.MatMul(words.Transpose());
            }
            """) { Dims = "B, T" },
        new("segmentation with unlabelled pixels and rare classes", """
            [Spec] static Sym Value([Shape("B, 5, H, W")] Sym logits, [Shape("B, H, W"), Int64] Sym label, [Shape("5")] Sym weight)
                => logits.CrossEntropy(label, weight, ignoreIndex: 255, smoothing: 0.1);
            """) { Dims = "B, H, W", IsLoss = true },
        new("periodic convolution and a decoder to any size", """
            [Spec] [return: Shape("B, 4, H, W")] static Sym Forward([Shape("B, 1, H, W")] Sym x)
            {
                var y = x.Pad(1, mode: Padding.Circular).Conv2d(8, k: 3).Relu();
                var small = y.Conv2d(16, k: 3, stride: 2, pad: 1).Relu();
                return small.UpsampleTo(y, bilinear: true).Cat(y).Conv2d(4, k: 1);
            }
            """) { Dims = "B, H, W" },
        new("autoencoder of spectra", """
            [Spec] [return: Shape("B, 1, 512")] static Sym Forward([Shape("B, 1, 512")] Sym x)
                => x.Conv1d(8, k: 4, stride: 2, pad: 1).Relu().Conv1d(16, k: 4, stride: 2, pad: 1).Relu()
                    .ConvTranspose1d(8, k: 4, stride: 2, pad: 1).Relu().ConvTranspose1d(1, k: 4, stride: 2, pad: 1);
            """),
        new("residual network by a table of stages", """
            static readonly int[] Widths = [64, 128, 256], Counts = [2, 2, 2];
            [Spec] [return: Shape("B, 10")] static Sym Forward([Shape("B, 3, H, W")] Sym x)
            {
                for (var stage = 0; stage < Widths.Length; stage++)
                    for (var i = 0; i < Counts[stage]; i++)
                    {
                        var y = x.Conv2d(Widths[stage], k: 3, stride: i == 0 ? 2 : 1, pad: 1).BatchNorm().Relu();
                        x = y + (i == 0 ? x.Conv2d(Widths[stage], k: 1, stride: 2) : x);
                    }
                return x.MeanPool2d().Linear(10);
            }
            """) { Dims = "B, H, W", Where = "B >= 2" },
        new("multi-scale heads in a foreach", """
            [Spec] [return: Shape("B, 12")] static Sym Forward([Shape("B, 8, H, W")] Sym x)
            {
                var pooled = x.MeanPool2d();
                foreach (var size in new[] { 1, 2, 4 }) pooled = pooled.Cat(x.AdaptiveAvgPool2d(size).Flatten().Linear((int)System.Math.Pow(2, size)));
                return pooled.Linear(12);
            }
            """) { Dims = "B, H, W" },
        new("width that doubles with each stage", """
            [Spec] static Sym Forward([Shape("B, 3, H, W")] Sym x, [Param] int width = 16)
            {
                for (var i = 0; i < 3; i++) x = x.Conv2d(width << i, k: 3, stride: 2, pad: 1).Relu();
                return x.MeanPool2d().Linear(width >> 1);
            }
            """) { Dims = "B, H, W" },
        new("sequence to sequence with padded batches", """
            [Spec] [return: Shape("B, S, 50")] static Sym Forward([Shape("B, T, 8")] Sym source, [Shape("B"), Int64] Sym lengths, [Shape("B, S, 8")] Sym shifted)
            {
                var encoded = source.Lstm(32, layers: 2, lengths: lengths);
                return shifted.Lstm(32, layers: 2, state: encoded.last, cell: encoded.cell).sequence.Linear(50);
            }
            """) { Dims = "B, T, S" },
    ];
}
