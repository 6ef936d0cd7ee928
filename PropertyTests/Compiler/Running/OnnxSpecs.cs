namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>
/// Networks that hold what the zoo's leave out of ONNX's side: open sizes where formulas are needed, element types, names, networks in
/// networks.
/// </summary>
internal static class OnnxSpecs
{
    public const string Source = """
        using Hybrid;
        namespace Onnx;

        [Network(Dims = "B, H, W", Where = "H >= 9, W >= 9")]
        public partial class Windows
        {
            [Spec] static (Sym, Sym, Sym, Sym, Sym) Forward([Shape("B, 4, H, W")] Sym x) => (
                x.MaxPool2d(3, stride: 2, ceil: true),
                x.AvgPool2d((3, 2), stride: 2, ceil: true),
                x.AvgPool2d(3, stride: 2, pad: 1),
                x.Conv2d(6, k: (3, 2), stride: 2, dilation: (2, 1), same: true, groups: 2).PRelu(perChannel: true),
                x.Pad((2, 1)).CropTo(x).ReinterpretUnsafe().Broadcast());
        }

        [Network(Dims = "B")]
        public partial class FixedWindows
        {
            [Spec] static (Sym, Sym, Sym, Sym, Sym) Forward([Shape("B, 2, 8, 9")] Sym x) => (
                x.MaxPool2d(2, stride: 2, pad: 1, ceil: true),
                x.AvgPool2d(2, stride: 2, pad: 1, ceil: true),
                x.AdaptiveAvgPool2d((3, 4)),
                x.AdaptiveMaxPool2d((4, 3)) + x.AdaptiveAvgPool2d((4, 3)),
                x.AdaptiveMaxPool2d(1) * x.AdaptiveAvgPool2d(1));
        }

        [Network(Dims = "B")]
        public partial class Elements
        {
            [Spec] static (Sym, Sym, Sym, Sym, Sym) Forward([Shape("B, 5")] Sym x, [Shape("B, 5"), Positive] Sym y) => (
                x.Detach().ReverseGradient().Abs().Pow(1.5).Clamp(0.1, 3.0).Log() - y.Sqrt(),
                (-x).Elu(0.5).Softplus(2).LogSoftmax(0) / y,
                x.Clamp(min: -0.5).Exp() * x.Clamp(max: 0.5).Silu(),
                2 - x.PRelu().Gelu().LeakyRelu(0.2).Tanh(),
                x.Sigmoid().Linear(3, bias: false).LogSoftmax().Square().Dropout().Relu().Sum());
        }

        [Network(Dims = "B, N", Where = "N >= 2")]
        public partial class Matrices
        {
            [Spec] static (Sym, Sym, Sym, Sym, Sym) Forward([Shape("B, 3, 3")] Sym x, [Shape("N, 4")] Sym draws) => (
                x.AddDiagonal(6).LogDet() + x.Det() * 0.1 + x.Trace() + x.Frobenius(),
                draws.Cov(),
                x.MatMul(x.Transpose()).Mean((-1, 0), keep: true),
                draws.Sum(0).MatMul(draws.Mean(0)),
                x.Linear(2).Mean());
        }

        [Network(Dims = "B, T", Where = "T >= 2")]
        public partial class Shapes
        {
            [Spec] static (Sym, Sym, Sym, Sym, Sym) Forward([Shape("B, T, 6")] Sym x) => (
                x.Reshape("B, T, 2, 3").Permute(0, 2, 1, 3).Flatten(1),
                x.Reshape("B, 2, T, 3").Flatten(2).Is("B, 2, T * 3"),
                x.ToChannelsFirst().Pad1d(2, 1).GroupNorm(2).Transpose(1, 2).LayerNorm(),
                x.Unsqueeze(-1).Squeeze(-1).Slice(1, 1, 1).Squeeze(1).Cat(x.Mean(1).GroupNorm(2), axis: -1),
                x.Flatten(0).Unsqueeze(0));
        }

        [Network(Dims = "B")]
        public partial class WholeArithmetic
        {
            [Spec] static (Sym, Sym, Sym, Sym, Sym) Forward(
                [Shape("B, 4, 4"), Int64] Sym x, [Shape("B, 4, 4"), Bool] Sym mask, [Shape("B, 4, 4")] Sym y) => (
                y * ((-x + x * x).Relu().Abs() + mask - x.MatMul(x)),
                y * ((mask + mask.Permute(0, 2, 1)) * mask),
                (x.Sum(1) / (x + 1).Sum(1) + mask.Trace().Unsqueeze(1) * x.Trace().Unsqueeze(1)).Sqrt(),
                x.MaskedSum(mask, 1) + x.MaskedMean(mask, (1, 2), keep: true).Squeeze(2).Pow(2) + mask.Square().Sum(2),
                (y + x.AvgPool1d(3, stride: 1, pad: 1)).Cat(mask.Exp().AddDiagonal(2), x.Clamp(0.5, 1), mask));
        }

        [Network(Dims = "B, T")]
        public partial class Lookups
        {
            [Spec] static Sym Forward([Shape("B, T"), Int64] Sym words) => words.Embedding(11, 3).Mean(1);
        }

        [Network(Dims = "B, H, W")]
        public partial class Padded
        {
            [Spec] static (Sym, Sym, Sym, Sym, Sym) Forward(
                [Shape("B, 2, H, W")] Sym x, [Shape("B, 2, 6, 12")] Sym y, [Shape("B, 2, W")] Sym z) => (
                x.Pad((2, 1)).AvgPool2d(2, stride: 1), y.Pad(3).AdaptiveAvgPool2d(6),
                x.Pad(3).MaxPool2d(2) + (x - 9).Pad(1).MaxPool2d(2).Mean(),
                z.Pad1d(4, 5).AvgPool1d(3, pad: 1), x.Pad(4).Conv2d(2, k: 2));
        }

        [Network(Dims = "B, H, W")]
        public partial class OpenAdaptive
        {
            [Spec] static (Sym, Sym, Sym, Sym) Forward([Shape("B, 2, H, W")] Sym x, [Shape("B, 2, 7, W")] Sym y) => (
                x.AdaptiveAvgPool2d((3, 4)), x.AdaptiveMaxPool2d((4, 3)), y.AdaptiveAvgPool2d((1, 3)), y.AdaptiveMaxPool2d((3, 1)));
        }

        [Network(Dims = "B, N")]
        public partial class Inverses
        {
            [Spec] static (Sym, Sym, Sym, Sym, Sym) Forward(
                [Shape("B, 5, 5")] Sym x, [Shape("4, 4")] Sym one, [Shape("B, N, N")] Sym open) => (
                // Rows in another order, so that pivots are looked for.
                x.AddDiagonal(6).Slice(1, 2, 3).Cat(x.AddDiagonal(6).Slice(1, 0, 2), axis: 1).Inverse(), x.AddDiagonal(4).LogDet(),
                one.MatMul(one.Transpose()).AddDiagonal(0.5).Inverse().Inverse(),
                // The determinant itself does not fit float32.
                (one.MatMul(one.Transpose()).AddDiagonal(0.5) * 1e12).LogDet(),
                open.AddDiagonal(2).Trace() + open.AddDiagonal(1).Trace());
        }

        [Network(Dims = "B, C", Where = "C >= 2")]
        public partial class Losses
        {
            [Spec] static (Sym, Sym, Sym, Sym, Sym, Sym) Forward(
                [Shape("B, C, 3")] Sym x, [Shape("B, C, 3")] Sym y, [Shape("B, C, 3"), Positive] Sym variance,
                [Shape("B, C, 3"), Probability] Sym p, [Shape("B, 3"), Int64] Sym labels) => (
                x.Mse(y) + x.Mean().Mse(y.Mean()), x.L1(y), p.Bce(p.Square()) + p.Sigmoid().Bce(p),
                x.BceWithLogits(p), x.GaussianNll(variance, y), x.CrossEntropy(labels) * x.CrossEntropy(p));
        }

        [Network(Dims = "B, T")]
        public partial class WholeNumbers
        {
            [Spec] static (Sym, Sym, Sym, Sym, Sym) Forward(
                [Shape("B, T"), Int64] Sym words, [Shape("B, T")] Sym x, [Shape("B, T"), Bool] Sym mask) => (
                words * 2.5 + x, words.Cat(x), words.Unsqueeze(0).Cat(words.Unsqueeze(0), axis: 0),
                mask.Transpose(), (words * x.Exp() - mask * x).MaskedMean(mask, 0));
        }

        [Network(Dims = "B, N, M, K", Where = "K == 3")]
        public partial class Formulas
        {
            [Spec] static (Sym, Sym, Sym) Forward([Shape("B, 2*N + 1, 2")] Sym x, [Shape("2*M, K")] Sym y) => (
                x.Slice(1, 0, 1).Expand("B, N, 2"), y.Reshape("M, 6").Linear(2),
                y.Linear(4).Unsqueeze(0).Expand("N, 2*M, 4").Reshape("M, N, 8"));
        }

        [Network(Dims = "B, C, H", Where = "C % 4 == 0")]
        public partial class OpenChannels
        {
            [Spec] static (Sym, Sym, Sym) Forward([Shape("B, C, H, 5")] Sym x) => (
                x.BlurPool2d(pad: 3),
                x.GroupPool(Symmetry.C4),
                x.Mean((2, 3)).GroupPool(Symmetry.D2, mean: true));
        }

        [Network(Dims = "B")]
        public partial class Names
        {
            [Spec] static (Sym token, Sym scaled, Sym same) Forward([Shape("B, 4")] Sym token, [Shape("B, 4")] Sym weight)
            {
                var learned = Sym.Parameter("4", Init.Normal(1), key: "token");
                var scale = Sym.Parameter("1", Init.Normal(1), key: "scaled");
                return (token * learned, weight * scale + Sym.Parameter("4", Init.Normal(1), key: "mul"), token);
            }
        }

        [Network(Dims = "B, T", Where = "T % 2 == 0")]
        public partial class Encoder
        {
            [Spec] [return: Shape("B, T/2, 6", "B, 6")]
            internal static (Sym codes, Sym mean) Forward([Shape("B, T, 3")] Sym x, [Shape("B, 3")] Sym shift)
            {
                var y = (x + shift.Unsqueeze(1)).Linear(5).Tanh().Linear(3).Reshape("B, T/2, 6");
                return (y, y.Mean(1));
            }
        }

        [Network(Dims = "B, L", Where = "L % 2 == 0")]
        public partial class Outer
        {
            [Spec] [return: Shape("B, L/2, 6", "B, 6")]
            internal static (Sym codes, Sym mean) Forward([Shape("B, L, 3")] Sym x, [Shape("B, 3")] Sym shift)
                => Layer.Of(Encoder.Forward, key: "inner").On(x, shift);
        }

        [Network(Dims = "B, S")]
        public partial class Nested
        {
            [Spec] static (Sym distance, Sym codes) Forward(
                [Shape("B, 2*S, 3")] Sym left, [Shape("B, 2*S, 3")] Sym right, [Shape("B, 3")] Sym shift,
                [Param] int width = 7)
            {
                var encoder = Layer.Of(Encoder.Forward, key: "encoder");
                var (a, mean) = encoder.On(left, shift);
                var (b, other) = encoder.On(right, mean.Linear(3));
                var (codes, whole) = Layer.Of(Outer.Forward).On(right, shift);
                return ((a - b).Linear(width).Square().Sum((1, 2)) + (other * whole).Sum(1), codes);
            }
        }


        [Network(Dims = "B, T, S", Where = "T >= 2")]
        public partial class SequenceOptions
        {
            [Spec] static (Sym, Sym, Sym, Sym, Sym, Sym, Sym) Forward(
                [Shape("B, T, 8")] Sym x, [Shape("S, B, 5")] Sym context, [Shape("B, T, S"), Bool] Sym mask,
                [Shape("T"), Int64] Sym words) => (
                x.Lstm(3, layers: 3, bias: false).sequence,
                x.Transpose(0, 1).Lstm(4, bidirectional: true, batchFirst: false).cell,
                x.Gru(5, layers: 2).last,
                x.Gru(1, bidirectional: true).sequence,
                x.Transpose(0, 1).Attention(4, context: context, mask: mask, causal: true, bias: false, batchFirst: false),
                x.Attention(8, causal: true, dropout: 0.5),
                words.Embedding(5, 8) * x);
        }

        [Network(Dims = "B, D, H", Where = "D >= 4, H >= 6")]
        public partial class ImageOptions
        {
            [Spec] static (Sym, Sym, Sym, Sym, Sym, Sym, Sym) Forward([Shape("B, 4, D, H, 7")] Sym x, [Shape("B, 4, H, 7")] Sym y) => (
                x.BatchNorm().PRelu(perChannel: true).AvgPool3d((2, 3, 2), stride: 2, ceil: true).GroupNorm(4)
                    .MeanPool3d().BatchNorm().GroupNorm(2),
                x.Conv3d(6, k: (1, 2, 3), stride: (2, 1, 3), dilation: (1, 2, 1), groups: 2, same: true, bias: false)
                    .MaxPool3d(2, stride: (1, 2, 1), pad: 1),
                y.ConvTranspose2d(6, k: (3, 2), stride: (2, 3), pad: (2, 1), outputPad: (1, 2), dilation: (2, 1), groups: 2),
                y.ConvTranspose2d(3, k: 4, stride: 2, pad: 1, bias: false).Upsample((1, 3)),
                y.Upsample((3, 2), bilinear: true).BlurPool2d(sigma: 0.9, stride: (2, 1)),
                y.Transpose(1, 2).LayerNorm(axes: 2).Transpose(1, 2)
                    .Softmax(1).Cat(y.LogSoftmax(0), y.Softmax(), y.Relu(), axis: -1).Slice(-2, 2, 3),
                y.MeanPool2d().Unsqueeze(1).Conv1d(4, k: 3, stride: 2, dilation: 2, same: true).Split(-1, 1, 1)[1]);
        }
        """;
}
