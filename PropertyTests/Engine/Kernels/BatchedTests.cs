using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using TorchSharp;
using Xunit;
using static Hybrid.PropertyTests.Engine.Kernels.Precise;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Engine.Kernels;

/// <summary>
/// Products of batches of matrices and batch normalisation have kernels of their own (Torch/Native/batched.cpp): they agree with the same
/// arithmetic in double precision, whatever the strides.
/// </summary>
public sealed class BatchedTests
{
    private static readonly Gen<int> _size = Gen.Frequency((3, Gen.Choose(1, 5)), (1, Gen.Choose(20, 70)));

    private static readonly Gen<int[]> _cases = Gen.Choose(0, int.MaxValue - 1).Select(seed => new[] { seed });

    [Fact]
    public void ProductsAreThoseOfDoublePrecision()
        => Check.One(Seeded.Cases(60), Prop.ForAll(Arb.From(_cases.SelectMany(seed => Gen.ArrayOf(_size, 4).Select(sizes => seed.Concat(sizes).ToArray()))), (Action<int[]>)Products));

    private static void Products(int[] drawn)
    {
        using var scope = NewDisposeScope();
        var random = new Random(drawn[0]);
        manual_seed(drawn[0]);
        var (batch, n, k, m) = (drawn[1], drawn[2], drawn[3], drawn[4]);
        Tensor a = Strided(random, batch, n, k), b = Strided(random, batch, k, m);
        var bias = random.Next(4) switch { 0 => randn(batch, n, m), 1 => randn(batch, n, 1), 2 => randn(m), _ => randn(batch, 1, m) };
        var (da, db, dbias) = (Double(a), Double(b), Double(bias));
        Close(bmm(a, b), da.bmm(db), "bmm");
        Close(baddbmm(bias, a, b), dbias + da.bmm(db), "baddbmm");
        Close(baddbmm(bias, a, b, beta: 0.5f, alpha: 2), (dbias * 0.5) + (da.bmm(db) * 2), "baddbmm with factors");

        var weights = randn(batch, n, m);
        Gradients([a, b, bias], of => (baddbmm(of[2], of[0], of[1]) * weights).sum(), [da, db, dbias], of => ((of[2] + of[0].bmm(of[1])) * Double(weights)).sum());
    }

    /// <summary>Contiguous, transposed, a part of a larger one, or repeated.</summary>
    private static Tensor Strided(Random random, int batch, int rows, int columns) => random.Next(5) switch
    {
        0 => randn(batch, columns, rows).transpose(1, 2),
        1 => randn(batch, rows + 2, columns + 3).narrow(1, 1, rows).narrow(2, 2, columns),
        2 => randn(rows, columns).unsqueeze(0).expand(batch, -1, -1),
        3 => randn(rows, batch, columns).transpose(0, 1),
        _ => randn(batch, rows, columns),
    };

    [Fact]
    public void NormalisationIsThatOfDoublePrecision()
        => Check.One(Seeded.Cases(60), Prop.ForAll(Arb.From(_cases.SelectMany(seed => Gen.ArrayOf(_size, 3).Select(sizes => seed.Concat(sizes).ToArray()))), (Action<int[]>)Normalisation));

    private static void Normalisation(int[] drawn)
    {
        using var scope = NewDisposeScope();
        var random = new Random(drawn[0]);
        manual_seed(drawn[0]);
        var (images, channels, size) = (drawn[1], drawn[2], drawn[3] + 1);
        var x = random.Next(3) == 0 ? randn(images, size, channels).transpose(1, 2) : (randn(images, channels, size) * 3) + 5;
        var weights = randn(images, channels, size);
        var training = random.Next(4) > 0;
        var (scale, shift) = random.Next(4) == 0 ? ((Tensor?)null, (Tensor?)null) : (rand(channels) + 0.5, randn(channels));
        var (mean, variance) = (randn(channels), rand(channels) + 0.5);
        var (dmean, dvariance) = (Double(mean), Double(variance));
        Tensor Normalise(Tensor of, Tensor? w, Tensor? b, Tensor runningMean, Tensor runningVariance)
            => nn.functional.batch_norm(of, runningMean, runningVariance, w, b, training: training, momentum: 0.3, eps: 1e-3);
        // float64 is not the kernel's: libtorch computes the other side.
        var leaves = new[] { x, scale, shift }.OfType<Tensor>().ToArray();
        Tensor? At(Tensor[] of, int i) => scale is null && i > 0 ? null : of[i];
        Gradients(
            leaves, of => (Normalise(of[0], At(of, 1), At(of, 2), mean, variance) * weights).sum(),
            [.. leaves.Select(Double)], of => (Normalise(of[0], At(of, 1), At(of, 2), dmean, dvariance) * Double(weights)).sum());
        Close(mean, dmean, "running mean");
        Close(variance, dvariance, "running variance");
        Close(Normalise(x, scale, shift, mean.clone(), variance.clone()), Normalise(Double(x), scale is null ? null : Double(scale), shift is null ? null : Double(shift), dmean, dvariance), "result");
    }

    /// <summary>Dropout draws in the order of memory, as libtorch's bernoulli_ does.</summary>
    [Fact]
    public void DropoutOfATransposedTensor_DrawsWhatLibtorchDraws()
    {
        using var scope = NewDisposeScope();
        var x = (randn(7, 40, 9) + 10).transpose(1, 2);
        manual_seed(11);
        var expected = x * empty_like(x).bernoulli_(0.8) / 0.8;
        manual_seed(11);
        var actual = nn.functional.dropout(x, 0.2, training: true);
        Assert.True(actual.allclose(expected), "other elements are dropped");
        Assert.Equal(x.stride(), actual.stride());
    }
}
