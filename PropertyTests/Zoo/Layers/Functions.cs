using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Layers;

/// <summary>Reductions over one, several and more than three axes, kept and not.</summary>
[Network(Dims = "B:batch, N", Where = "N >= 2")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble, Variant.Card)]
public partial class Reduced
{
    [Spec]
    internal static (Sym largest, Sym smallest, Sym soft, Sym spread, Sym running, Sym five, Sym whole) Forward(
        [Shape("B, N, 3")] Sym x,
        [Shape("B, 2, N, 3, 2")] Sym y,
        [Shape("B, N"), Int64] Sym counts,
        [Shape("B, N"), Bool] Sym mask)
    {
        var largest = x.Max(1) - x.Max((0, 2), keep: true).Squeeze(2).Max();
        var smallest = x.Min((1, -1)) * x.Min();
        var soft = x.LogSumExp((1, 2)) + x.LogSumExp(2).Mean(1) + x.LogSumExp((0, 1), keep: true).Sum();
        var spread = x.Var(1) + x.Var((1, 2), keep: true, correction: 0).Squeeze(2) * x.Var().Sqrt();
        var five = (y.Sum((1, 2, 3, 4)) * y.Max((-1, 1, 2, 3)) + y.Mean((0, 1, 2, 3, 4)) + y.LogSumExp((1, 3, 2, 4)))
            / (1 + y.Var((1, 2, 3, 4)));
        var whole = counts.Max(1) + counts.CumSum().Min(1) * mask.CumSum(1).Sum(1) + x.Max(2).ArgMax() + x.ArgMin(1, keep: true).Max((1, 2))
            + mask.Max(1);
        return (largest, smallest, soft, spread, x.CumSum(1) * x.CumSum(), five, whole * x.Mean((1, 2)));
    }
}

/// <summary>Functions of each element that losses and posteriors are made of.</summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble, Variant.Card)]
public partial class SpecialFunctions
{
    [Spec]
    internal static (Sym waves, Sym angles, Sym beta, Sym slopes, Sym direction) Forward(
        [Shape("B, 3, 4")] Sym x, [Shape("B, 1, 4")] Sym y, [Shape("B, 3, 4"), Positive] Sym a, [Shape("B, 3, 4"), Positive] Sym b)
    {
        var waves = x.Sin() * y.Cos() + x.Erf();
        var beta = a.LGamma() + b.LGamma() - (a + b).LGamma();
        var slopes = (a * 3).Digamma() - (a + b).Digamma() + (a / 4 - 2.9).LGamma() - (b / 8 - 0.95).Digamma();
        return (waves, x.Atan2(y) + y.Square().Atan2(x), beta, slopes, x.Normalize() * y.Normalize(2) + (x + 3).Normalize(-2, eps: 1e-6));
    }
}

/// <summary>Comparisons in each direction, of tensors of each type and of numbers; what they choose.</summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble, Variant.Card)]
public partial class Compared
{
    [Spec]
    internal static (Sym huber, Sym parts, Sym counted, Sym own, Sym classes) Forward(
        [Shape("B, 4")] Sym x, [Shape("4")] Sym threshold, [Shape("B, 4"), Int64] Sym counts, [Shape("B, 4"), Bool] Sym mask,
        [Shape("B"), Int64] Sym label)
    {
        var error = (x - 0.25).Abs();
        var huber = Sym.Where(error < 1, error.Square() / 2, error - 0.5);
        var parts = Sym.Where(x > threshold, x, threshold) + Sym.Where(!(0.5 >= x), 2, x * 3) * Sym.Where(threshold <= x, threshold, -1)
            + Sym.Where(x.Mean(0) > threshold, x, 0) + Sym.Where(mask, x.Mean(1, keep: true), x.Exp());
        var above = (counts > 0).NotEqualTo(mask);
        var chosen = Sym.Where(counts.EqualTo(1), counts, counts * 2) + Sym.Where(mask, counts, mask);
        var counted = Sym.Where(above, counts, 0.5) * x + chosen * (x >= 0) + Sym.Where(mask, counts, x);
        var own = x.LogSoftmax().Gather(label.Unsqueeze(1)) + x.Gather(counts, 1) + x.Gather(x.ArgMax(0, keep: true), 0);
        return (huber, parts, counted, own, (x.Softmax() - label.OneHot(4)).Square() * counts.OneHot(4).Sum(1));
    }
}

/// <summary>Power spectra, filters, whitening by a Cholesky factor, sums over named axes.</summary>
[Network(Dims = "B:batch, H, W, N", Where = "H >= 2, W >= 2")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble, Variant.Card)]
public partial class Analysed
{
    [Spec]
    internal static (Sym power, Sym filtered, Sym white, Sym solved, Sym scores, Sym mixed) Forward(
        [Shape("B, 2, H, W")] Sym maps, [Shape("H, W")] Sym filter, [Shape("B, 3, 4")] Sym x, [Shape("B, N, 4")] Sym y,
        [Shape("4, 2")] Sym right)
    {
        var spectrum = maps.Fft2();
        var factor = x.MatMul(x.Transpose()).AddDiagonal(2).Cholesky();
        var upper = (right.MatMul(right.Transpose()).AddDiagonal(1)).SolveTriangular(right, upper: true);
        var scores = Sym.Einsum("b i d, b j d -> j b i", x, y);
        var mixed = Sym.Einsum("b i d, b j d, d k -> b k", x, y, right) + Sym.Einsum("d k -> k", upper);
        return (
            spectrum.Square().Sum(-1), (spectrum * filter.Unsqueeze(-1)).Ifft2() + filter.Fft2().Ifft2(), factor.SolveTriangular(x),
            x.MatMul(x.Transpose()).Mean(0).AddDiagonal(1).Cholesky().SolveTriangular(x) + factor.Mean((0, 1, 2)), scores, mixed);
    }
}

/// <summary>Elements and stretches in brackets, from both ends, and between sizes that are symbols.</summary>
[Network(Dims = "B:batch, T", Where = "T >= 4, T <= 64")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble, Variant.Card)]
public partial class Indexed
{
    [Spec]
    internal static (Sym last, Sym stretches, Sym positioned, Sym counted, Sym middle) Forward(
        [Shape("B, T, 6")] Sym x, [Shape("B, T, 6"), Int64] Sym words)
    {
        var table = Sym.Parameter("64, 6", Init.Normal(0.02));
        var last = x[.., -1] - x[.., ^2] * x[.., 0] + x.ReinterpretUnsafe()[0, -1, ..] + table[^1];
        var stretches = x[.., ..^1] - x[.., 1..] + x[.., ..^1, 2].Unsqueeze(2) * x[.., ..^1, ^1..];
        var halves = x.Range(1, "0", "T/2") * x.Range(-2, "T - T/2", "T");
        return (last, stretches, x + table.Range(0, "0", "T"), x[.., ^3..^1, 1..4].Sum(1) + words[.., 2, ..3] * 1.0, halves);
    }
}

/// <summary>Transposed convolutions, enlargements and paddings over each number of axes.</summary>
[Network(Dims = "B:batch, H, W", Where = "H >= 4, W >= 4")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble, Variant.Flipout, Variant.Card)]
public partial class Enlarged
{
    [Spec]
    internal static (Sym series, Sym volume, Sym joined, Sym borders, Sym ends) Forward([Shape("B, 2, H, W")] Sym x)
    {
        var rows = x.Mean(2);
        var series = rows.ConvTranspose1d(4, k: 3, stride: 2, pad: 1, outputPad: 1, dilation: 2, groups: 2).Upsample1d(2, linear: true)
            .Upsample1d(3);
        var volume = x.Unsqueeze(2).ConvTranspose3d(2, k: (2, 3, 2), stride: (1, 2, 1), pad: (0, 1, 0), outputPad: (0, 1, 0), bias: false)
            .Upsample3d((1, 2, 1), trilinear: true).Upsample3d(2).MeanPool3d();
        var small = x.MaxPool2d(3);
        var joined = small.UpsampleTo(x).Cat(small.UpsampleTo(x, bilinear: true), x);
        var borders = x.Pad((1, 2), mode: Padding.Reflect) * x.Pad((2, 1), after: (0, 3), mode: Padding.Replicate).Sum()
            + x.Pad((1, 2), mode: Padding.Circular)
            + x.Pad(0, after: (2, 4));
        var ends = rows.Pad1d(2, 1, Padding.Reflect) + rows.Pad1d(1, 2, Padding.Circular) 
            + rows.Pad1d(3, mode: Padding.Replicate) * rows.Pad1d(0, 3);
        return (series, volume, joined, borders, ends);
    }
}

/// <summary>A variational autoencoder whose draw is part of the network.</summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble, Variant.Card)]
public partial class Drawn
{
    [Spec]
    internal static (Sym restored, Sym mean, Sym variance) Forward([Shape("B, 5")] Sym x)
    {
        var (mean, spread) = x.Linear(4).Chunk(2);
        var variance = spread.Softplus();
        var z = mean + variance.Sqrt() * Sym.Normal(mean);
        return (z.Linear(5).Tanh(), mean, variance);
    }
}

/// <summary>Words and logits by one table.</summary>
[Network(Dims = "B:batch, T:time")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble, Variant.Card)]
public partial class Tied
{
    private const int Count = 7;

    [Spec]
    internal static (Sym logits, Sym own) Forward(
        [Shape("B, T"), Int64] Sym tokens, [Shape("B"), Int64] Sym first, [Shape("9, 3")] Sym codes)
    {
        var words = Sym.Parameter("Count, 4", Init.Normal(1), key: "words");
        var x = words.Lookup(tokens).Linear(4).Tanh() + codes.Lookup(first).Linear(4).Unsqueeze(1);
        return (x.MatMul(words.Transpose()), codes.Linear(2).Lookup(first) * tokens.Unsqueeze(2).Max((1, 2), keep: true).Squeeze(2));
    }
}

/// <summary>Cross-entropies with weights of classes, a target that is ignored, and smoothing.</summary>
[Network(Dims = "B, L", Where = "B >= 4")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble, Variant.Card)]
public partial class CrossEntropies
{
    [Spec]
    internal static (Sym weighted, Sym smooth, Sym ignoring, Sym all, Sym chances) Forward(
        [Shape("B, 3")] Sym x, [Shape("B"), Int64] Sym label, [Shape("B, 3, L")] Sym maps, [Shape("B, L"), Int64] Sym labels,
        [Shape("B, 3"), Probability] Sym chance, [Shape("3"), Int64] Sym counts)
    {
        var weight = counts * 0.5 + 1;
        return (
            x.CrossEntropy(label, weight), x.CrossEntropy(label, smoothing: 0.1), (maps * 2).CrossEntropy(labels, ignoreIndex: 1),
            maps.CrossEntropy(labels, weight, ignoreIndex: 0, smoothing: 0.2), x.CrossEntropy(chance, weight, smoothing: 0.3));
    }
}
