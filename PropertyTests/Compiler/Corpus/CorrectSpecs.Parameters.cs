using System.Collections.Generic;

namespace Hybrid.PropertyTests.Compiler.Corpus;

/// <summary>Networks and losses with hyper-parameters that are not decided when compiling.</summary>
internal static partial class CorrectSpecs
{
    private static IReadOnlyList<FaultySpec> Parameters =>
    [
        new("perceptron of any depth, width and dropout", """
            [Spec] [return: Shape("B, 10")] static Sym Forward(
                [Shape("B, 784")] Sym x, [Param] int width = 128, [Param(Max = 8)] int depth = 3, [Param] double dropout = 0.2)
            {
                for (var i = 0; i < depth; i++) x = x.Linear(width).Relu().Dropout(dropout);
                return x.Linear(10);
            }
            """),
        new("u-net of a depth that is chosen", """
            [Spec] [return: Shape("B, 2, H, W")] static Sym Forward([Shape("B, 3, H, W")] Sym x, [Param(Max = 4)] int depth = 4)
            {
                var skips = new System.Collections.Generic.List<Sym>();
                for (var i = 0; i < depth; i++)
                {
                    x = Conv(x, 16 << i);
                    skips.Add(x);
                    x = x.MaxPool2d(2);
                }
                x = Conv(x, 16 << depth);
                for (var i = depth - 1; i >= 0; i--) x = Conv(x.ConvTranspose2d(16 << i, k: 2, stride: 2).Cat(skips[i]), 16 << i);
                return x.Conv2d(2, k: 1);
            }
            [Block] static Sym Conv(Sym x, int c) => x.Conv2d(c, k: 3, pad: 1).BatchNorm().Relu();
            """) { Dims = "B, H, W", Where = "H % 16 == 0, W % 16 == 0" },
        new("blocks of the same contract, one of which is chosen", """
            public enum Mixer { Attention, Pooling, Spectral }
            [Spec] [return: Shape("B, T, 32")] static Sym Forward([Shape("B, T, 32")] Sym x, [Param] Mixer mixer = Mixer.Attention)
            {
                for (var i = 0; i < 2; i++)
                {
                    var y = x.LayerNorm();
                    x = x + (mixer == Mixer.Attention ? y.Attention(4) : mixer == Mixer.Pooling ? Pool(y) : y.Linear(32).Sin());
                    x = x + x.LayerNorm().Linear(64).Gelu().Linear(32);
                }
                return x;
            }
            [Block] static Sym Pool(Sym x) => x.Mean(1, keep: true).Linear(32) - x;
            """) { Dims = "B, T" },
        new("an activation by its name, in a switch", """
            public enum Activation { Relu, Gelu, Tanh, Silu }
            [Spec] [return: Shape("B, 2")] static Sym Forward([Shape("B, 16")] Sym x, [Param] Activation activation = Activation.Relu)
                => Activate(x.Linear(32), activation).Linear(2);
            [Block] static Sym Activate(Sym x, Activation activation) => activation switch
            {
                Activation.Relu => x.Relu(),
                Activation.Gelu or Activation.Silu => activation is Activation.Gelu ? x.Gelu() : x.Silu(),
                _ => x.Tanh(),
            };
            """),
        new("a skip that is left out where it is not chosen", """
            [Spec] [return: Shape("B, 4")] static Sym Forward([Shape("B, 8")] Sym x, [Param] bool hasSkip = true)
            {
                var skip = x.Linear(16);
                var y = x.Linear(16).Tanh();
                if (hasSkip) y = y + skip;
                return y.Linear(4);
            }
            """),
        new("normalisation that may be left out", """
            [Spec] [return: Shape("B, 2")] static Sym Forward([Shape("B, 3, 32, 32")] Sym x, [Param] bool isNormalised = true)
            {
                for (var i = 0; i < 3; i++)
                {
                    x = x.Conv2d(16 << i, k: 3, pad: 1, bias: !isNormalised);
                    if (isNormalised) x = x.BatchNorm();
                    x = x.Relu().MaxPool2d(2);
                }
                return x.MeanPool2d().Linear(2);
            }
            """),
        new("β-VAE's loss", """
            [Spec] static Sym Value(
                [Shape("B, 784")] Sym logits, [Shape("B, 784")] Sym image, [Shape("B, 20")] Sym mean, [Shape("B, 20")] Sym logVariance,
                [Param] double beta = 4)
            {
                var kl = (mean.Square() + logVariance.Exp() - 1 - logVariance).Sum(1) / 2;
                return logits.BceWithLogits(image) + (kl * beta).Mean();
            }
            """) { IsLoss = true },
        new("distillation at a temperature, mixed with the labels", """
            [Spec] static Sym Value(
                [Shape("B, 10")] Sym student, [Shape("B, 10")] Sym teacher, [Shape("B"), Int64] Sym label,
                [Param] double temperature = 4, [Param] double alpha = 0.5)
            {
                var soft = (student / temperature).LogSoftmax() * (teacher / temperature).Softmax();
                return student.CrossEntropy(label) * alpha - soft.Sum(1).Mean() * (1 - alpha) * temperature * temperature;
            }
            """) { IsLoss = true },
        new("label smoothing that is tuned", """
            [Spec] static Sym Value([Shape("B, 10")] Sym logits, [Shape("B"), Int64] Sym label, [Param] double smoothing = 0.1)
                => logits.CrossEntropy(label, smoothing: smoothing);
            """) { IsLoss = true },
        new("attention scaled by the width that is chosen", """
            [Spec] [return: Shape("B, T, T")] static Sym Forward([Shape("B, T, 16")] Sym x, [Param] int width = 32)
            {
                var (query, key) = (x.Linear(width), x.Linear(width));
                return (query.MatMul(key.Transpose(-1, -2)) / System.Math.Sqrt(width)).Softmax();
            }
            """) { Dims = "B, T" },
        new("gradient reversal whose strength is tuned, and features first", """
            [Spec] [return: Shape("B, 5", "B, 1")] static (Sym label, Sym domain) Forward(
                [Shape("B, 64")] Sym x, [Param] double strength = 1, [Param] double slope = 0.2)
            {
                var features = x.Linear(32).LeakyRelu(slope);
                return (features.Linear(5), features.ReverseGradient(strength).Linear(16).LeakyRelu(slope).Linear(1));
            }
            """),
        new("stochastic depth that grows with the layer", """
            [Spec] [return: Shape("B, 32")] static Sym Forward([Shape("B, 32")] Sym x, [Param] double drop = 0.2)
            {
                for (var i = 0; i < 4; i++) x = x + x.LayerNorm().Linear(32).Gelu().DropPath(drop * i / 4);
                return x;
            }
            """),
        new("no hidden layer at all", """
            [Spec] [return: Shape("B, 1")] static Sym Forward([Shape("B, 8")] Sym x, [Param(Min = 0, Max = 3)] int depth = 1)
            {
                for (var i = 0; i < depth; i++) x = x.Linear(16).Relu();
                return x.Linear(1);
            }
            """),
    ];
}
