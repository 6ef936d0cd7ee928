using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using TorchSharp;
using Xunit;
using static Hybrid.PropertyTests.Engine.Kernels.Precise;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Engine.Kernels;

/// <summary>
/// Products of two matrices, and those added to a bias, have kernels of their own (Torch/Native/linear.cpp): they agree with the same arithmetic in double precision, whatever
/// the sizes, the strides and the way in which the threads divide them.
/// </summary>
public sealed class LinearTests
{
    // Small, a last layer's few columns, blocks and their remainders, and long sums.
    private static readonly Gen<int> _size = Gen.Frequency((3, Gen.Choose(1, 5)), (3, Gen.Choose(20, 140)), (1, Gen.Choose(500, 3000)));

    private static readonly Gen<int[]> _cases = Gen.Choose(0, int.MaxValue - 1).SelectMany(seed => Gen.ArrayOf(_size, 3).Select(sizes => new[] { seed }.Concat(sizes).ToArray()))
        .Where(drawn => (long)drawn[1] * drawn[2] * drawn[3] < 300_000_000);

    [Fact]
    public void ProductsAreThoseOfDoublePrecision() => Check.One(Seeded.Cases(60), Prop.ForAll(Arb.From(_cases), (Action<int[]>)Products));

    private static void Products(int[] drawn)
    {
        using var scope = NewDisposeScope();
        var random = new Random(drawn[0]);
        manual_seed(drawn[0]);
        var (n, k, m) = (drawn[1], drawn[2], drawn[3]);
        Tensor a = Strided(random, n, k), b = Strided(random, k, m);
        var bias = random.Next(3) switch { 0 => randn(n, m), 1 => randn(m, 2).select(1, 0), _ => randn(m) };
        var (da, db, dbias) = (Double(a), Double(b), Double(bias));
        Close(mm(a, b), da.mm(db), "mm");
        Close(addmm(bias, a, b, 1, 1), dbias + da.mm(db), "addmm");
        Close(addmm(bias, a, b, beta: 0.5f, alpha: 2), (dbias * 0.5) + (da.mm(db) * 2), "addmm with factors");

        var weights = randn(n, m);
        Gradients([a, b, bias], of => (addmm(of[2], of[0], of[1], 1, 1) * weights).sum(), [da, db, dbias], of => ((of[2] + of[0].mm(of[1])) * Double(weights)).sum());
    }

    [Fact]
    public void WrongShapes_AreLibtorchsToRefuse()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => mm(randn(2000, 30), randn(31, 400)));
        Assert.Equal([2000L, 400L], mm(randn(2000, 0), randn(0, 400)).shape);
        Assert.Equal(ScalarType.Float64, mm(randn(2000, 30, dtype: ScalarType.Float64), randn(30, 400, dtype: ScalarType.Float64)).dtype);
    }

    /// <summary>Contiguous, transposed, or a part of a larger one.</summary>
    private static Tensor Strided(Random random, int rows, int columns) => random.Next(4) switch
    {
        0 => randn(columns, rows).t(),
        1 => randn(rows + 2, columns + 3).narrow(0, 1, rows).narrow(1, 2, columns),
        2 => randn(columns).unsqueeze(0).expand(rows, -1),
        _ => randn(rows, columns),
    };
}
