using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using Hybrid.PropertyTests.Compiler.Roslyn;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>Operations without weights against libtorch's own: values in float64, and the message where an index is out of range.</summary>
[Collection(nameof(Tensors))]
public sealed class HandWrittenFunctions
{
    private sealed record Case(string Spec, Func<Tensor, Tensor, Tensor, Tensor, Tensor> Expected);

    private static Case Of(string spec, Func<Tensor, Tensor, Tensor, Tensor, Tensor> expected) => new(spec, expected);

    // Of x (3, 4, 5), positive numbers p of the same shape, whole numbers n in [0, 4), a mask m.
    private static readonly Case[] _cases =
    [
        Of("x.Max()", (x, _, _, _) => x.max()),
        Of("x.Max((0, -1), keep: true)", (x, _, _, _) => x.amax([0, 2], keepdim: true)),
        Of("n.Max(1)", (_, _, n, _) => n.amax([1])),
        Of("m.Min((0, 2))", (_, _, _, m) => m.all(2).all(0)),
        Of("x.Min(1)", (x, _, _, _) => x.amin([1])),
        Of("x.LogSumExp()", (x, _, _, _) => x.flatten().logsumexp(0)),
        Of("x.LogSumExp((0, 2))", (x, _, _, _) => x.transpose(0, 1).flatten(1).logsumexp(1)),
        Of("(x * 1000).LogSumExp(-2, keep: true)", (x, _, _, _) => (x * 1000).logsumexp(1, keepdim: true)),
        Of("x.Var()", (x, _, _, _) => x.var(true)),
        Of("x.Var(1, correction: 0)", (x, _, _, _) => x.var(1, unbiased: false)),
        Of("x.Var((-1, 0), keep: true)", (x, _, _, _) => x.var([0, 2], unbiased: true, keepdim: true)),
        Of("x.ArgMax()", (x, _, _, _) => x.argmax(2)),
        Of("x.ArgMin(0, keep: true)", (x, _, _, _) => x.argmin(0, keepdim: true)),
        Of("x.CumSum()", (x, _, _, _) => x.cumsum(2)),
        Of("m.CumSum(0)", (_, _, _, m) => m.cumsum(0)),
        Of("x.Sin() + x.Cos() * x.Erf()", (x, _, _, _) => x.sin() + x.cos() * x.erf()),
        Of("x.LGamma() - p.Digamma()", (x, p, _, _) => x.lgamma() - p.digamma()),
        Of("x.Atan2(p)", (x, p, _, _) => x.atan2(p)),
        Of("p.Atan2(-x)", (x, p, _, _) => p.atan2(-x)),
        Of("x > p - 1", (x, p, _, _) => x.gt(p - 1)),
        Of("0.25 > x", (x, _, _, _) => x.lt(0.25)),
        Of("x >= n", (x, _, n, _) => x.ge(n)),
        Of("1 <= n", (_, _, n, _) => n.ge(1)),
        Of("n < 1.5", (_, _, n, _) => n.lt(1.5)),
        Of("m <= n", (_, _, n, m) => m.le(n)),
        Of("n.EqualTo(2)", (_, _, n, _) => n.eq(2)),
        Of("x.NotEqualTo(x.Max(1, keep: true))", (x, _, _, _) => x.ne(x.amax([1], keepdim: true))),
        Of("!m", (_, _, _, m) => m.logical_not()),
        Of("Sym.Where(m, x, p)", (x, p, _, m) => where(m, x, p)),
        Of("Sym.Where(x > 0, 1, x)", (x, _, _, _) => where(x.gt(0), ones_like(x), x)),
        Of("Sym.Where(m, n, 0.5)", (x, _, n, m) => where(m, n.to(ScalarType.Float64), full_like(x, 0.5))),
        Of("Sym.Where(m, x.Mean(2, keep: true), x)", (x, _, _, m) => where(m, x.mean([2], keepdim: true), x)),
        Of("x.Gather(n)", (x, _, n, _) => x.gather(2, n)),
        Of("x.Gather(n.Max(1, keep: true), 1)", (x, _, n, _) => x.gather(1, n.amax([1], keepdim: true))),
        Of("n.OneHot(4)", (_, _, n, _) => F.one_hot(n, 4).to(ScalarType.Float64)),
        Of("x.Normalize()", (x, _, _, _) => F.normalize(x, dim: -1)),
        Of("x.Fft2()", (x, _, _, _) => fft.fft2(x).view_as_real()),
        Of("x.Fft2().Square().Sum(-1)", (x, _, _, _) => fft.fft2(x).abs().square()),
        Of(
            "(x.Fft2() * p.Fft2()).Ifft2()",
            (x, p, _, _) => fft.ifft2((fft.fft2(x).view_as_real() * fft.fft2(p).view_as_real()).view_as_complex()).real),
        Of("x.Fft2().Ifft2()", (x, _, _, _) => x),
        Of("x.MatMul(x.Transpose()).AddDiagonal(1).Cholesky()", (x, _, _, _) => linalg.cholesky(x.matmul(x.transpose(1, 2)) + eye(4))),
        Of("p.Slice(2, 0, 4).SolveTriangular(x)", (x, p, _, _) => linalg.inv(p.narrow(2, 0, 4).tril()).matmul(x)),
        Of(
            "p.Slice(2, 0, 4).SolveTriangular(x.Max(0), upper: true)",
            (x, p, _, _) => linalg.inv(p.narrow(2, 0, 4).triu()).matmul(x.amax([0]))),
        Of("Sym.Einsum(\"b i j, b k j -> i k\", x, p)", (x, p, _, _) => einsum("bij,bkj->ik", x, p)),
        Of("Sym.Einsum(\"_ row col -> col row _\", x)", (x, _, _, _) => x.permute(2, 1, 0)),
        Of("x[.., -1]", (x, _, _, _) => x.select(1, -1)),
        Of("x[^2]", (x, _, _, _) => x.select(0, 1)),
        Of("x[.., 1, ..^1]", (x, _, _, _) => x.select(1, 1).narrow(1, 0, 4)),
        Of("n[1.., ^3..^1, 2..4]", (_, _, n, _) => n.narrow(0, 1, 2).narrow(1, 1, 2).narrow(2, 2, 2)),
        Of("m[0, 0, 0]", (_, _, _, m) => m.flatten().select(0, 0)),
        Of("x.Slice(2, -3, 2)", (x, _, _, _) => x.narrow(2, 2, 2)),
        Of("x.Range(-1, \"1\", \"2 + 2\")", (x, _, _, _) => x.narrow(2, 1, 3)),
        Of("x.Pad1d(2, 1, Padding.Reflect)", (x, _, _, _) => F.pad(x, [2L, 1L], PaddingModes.Reflect)),
        Of("x.Pad1d(2, 1, Padding.Replicate)", (x, _, _, _) => F.pad(x, [2L, 1L], PaddingModes.Replicate)),
        Of("x.Pad1d(0, 3, Padding.Circular)", (x, _, _, _) => cat([x, x.narrow(2, 0, 3)], 2)),
        Of(
            "x.Unsqueeze(0).Pad((1, 0), after: (0, 2), mode: Padding.Reflect)",
            (x, _, _, _) => F.pad(x.unsqueeze(0), [0L, 2L, 1L, 0L], PaddingModes.Reflect)),
        Of(
            "x.Unsqueeze(0).UpsampleTo(p.Unsqueeze(0).Pad(2), bilinear: true)",
            (x, _, _, _) => F.interpolate(x.unsqueeze(0), [8L, 9L], mode: InterpolationMode.Bilinear, align_corners: false)),
        Of("x.Upsample1d(2)", (x, _, _, _) => F.interpolate(x, [10L])),
        Of("x.ReverseGradient(0.5)", (x, _, _, _) => x),
        Of("x.Max(0).Lookup(n)", (x, _, n, _) => x.amax([0])[TensorIndex.Tensor(n)]),
        Of("x.Max((0, 2)).Lookup(n)", (x, _, n, _) => x.amax([0, 2])[TensorIndex.Tensor(n)]),
        Of("x[.., 1].Lookup(n[0, 1, 0])", (x, _, n, _) => x[TensorIndex.Colon, 1][TensorIndex.Tensor(n[0, 1, 0])]),
        Of(
            "x.CrossEntropy(n.Max(1), p.Sum((0, 2)), smoothing: 0.1)",
            (x, p, n, _) => F.cross_entropy(x, n.amax([1]), p.sum([0, 2]), label_smoothing: 0.1)),
        Of("x.CrossEntropy(n.Max(1), ignoreIndex: 3)", (x, _, n, _) => F.cross_entropy(x, n.amax([1]), ignore_index: 3)),
        Of("(x * 1e-13).Normalize(1)", (x, _, _, _) => F.normalize(x * 1e-13, dim: 1)),
    ];

    private static readonly (string Name, string Attributes)[] _inputs =
        [("x", ""), ("p", ", Positive"), ("n", ", Int64"), ("m", ", Bool")];

    /// <summary>The inputs that a case names: one that is not used is a fault.</summary>
    private static IEnumerable<(string Name, string Attributes)> Named(Case of)
        => _inputs.Where(input => Regex.IsMatch(of.Spec, $"\\b{input.Name}\\b"));

    private static string Declared((string Name, string Attributes) input) => $"[Shape(\"3, 4, 5\"){input.Attributes}] Sym {input.Name}";

    private static readonly Lazy<Assembly> _compiled = new(() =>
    {
        var source = string.Concat(_cases.Select((of, i) => $$"""
            [Network]
            public partial class Case{{i}}
            {
                [Spec] static Sym Forward({{string.Join(", ", Named(of).Select(Declared))}}) => {{of.Spec}};
            }

            """));
        var compilation = Specs.Compile("using Hybrid;\nnamespace Functions;\n" + source);
        Assert.Empty(Specs.Analyze(compilation));
        return new AssemblyLoadContext("functions", isCollectible: true)
            .LoadFromStream(new MemoryStream(Specs.Emit(Specs.Generate(compilation).Compilation)));
    });

    public static TheoryData<string> Situations => [.. _cases.Select(of => of.Spec)];

    [Theory]
    [MemberData(nameof(Situations))]
    public void AnOperation_IsLibtorchs(string spec)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        manual_seed(8);
        var n = Array.FindIndex(_cases, of => of.Spec == spec);
        Tensor x = randn(3, 4, 5, ScalarType.Float64), p = rand(3, 4, 5, ScalarType.Float64) + 0.5, m = rand(3, 4, 5).gt(0.4);
        var whole = randint(0, 4, [3, 4, 5], dtype: ScalarType.Int64);
        var inputs = new Dictionary<string, Tensor> { ["x"] = x, ["p"] = p, ["n"] = whole, ["m"] = m };
        var type = _compiled.Value.GetType($"Functions.Case{n}", throwOnError: true)!;
        var module = (nn.Module)Activator.CreateInstance(type, null, ScalarType.Float64)!;
        var given = Named(_cases[n]).Select(input => inputs[input.Name]).ToArray();
        var actual = (Tensor)RunningNetwork.Invoke(
            () => type.GetMethod("forward", [.. given.Select(_ => typeof(Tensor))])!.Invoke(module, [.. given]))!;
        var expected = _cases[n].Expected(x, p, whole, m);
        Assert.Equal(expected.shape, actual.shape);
        // A network without weights and inputs of real numbers has no type: real numbers come in the default one.
        if (given.Any(input => input.is_floating_point())) Assert.Equal(expected.dtype, actual.dtype);
        else Assert.Equal(expected.is_floating_point(), actual.is_floating_point());
        Assert.True(
            actual.to(ScalarType.Float64).allclose(expected.to(ScalarType.Float64), rtol: 1e-13, atol: 1e-13),
            $"{spec} differs by {(actual.to(ScalarType.Float64) - expected.to(ScalarType.Float64)).abs().max().ToDouble()}");
    }

    /// <summary>The value stays to the last bit; autograd and the tangent program turn the derivative round.</summary>
    [Fact]
    public void ReverseGradient_TurnsTheDerivativeRound()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var compilation = Specs.Compile("""
            using Hybrid;
            namespace Reversed;
            [Network(Dims = "B")]
            [Derive(Variant.Functional, Variant.Tangent)]
            public partial class Adversary
            {
                [Spec] internal static Sym Forward([Shape("B, 3")] Sym x) => x.Sin().ReverseGradient(0.25);
            }
            """);
        var type = new AssemblyLoadContext("reversed", isCollectible: true)
            .LoadFromStream(new MemoryStream(Specs.Emit(Specs.Generate(compilation).Compilation)))
            .GetType("Reversed.Adversary", throwOnError: true)!;
        var graph = Reading.Evaluate(Reading.Models(compilation)["Reversed.Adversary"]).Graph!;
        var network = new RunningNetwork(type, graph, new Dictionary<string, int>(), ScalarType.Float64);
        Tensor x = randn(4, 3, ScalarType.Float64).requires_grad_(), direction = randn(1, 4, 3, ScalarType.Float64);
        var y = network.Forward([x])[0];
        Assert.True(y.eq(x.sin()).all().ToBoolean(), "the value is another");
        var gradient = autograd.grad([y.sum()], [x])[0];
        Assert.True(gradient.allclose(-0.25 * x.cos(), 1e-12, 1e-12), "the gradient is not −0.25 cos x");
        var (_, tangent) = network.Tangent([x.detach()], [direction]);
        Assert.True(tangent[0].allclose(-0.25 * x.detach().cos() * direction, 1e-12, 1e-12), "the tangent is not that of the gradient");
    }

    /// <summary>
    /// Examples of different lengths in one batch, from given states, are those examples one by one, cut to their length, by TorchSharp's
    /// own layers.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LengthsAndStates_AreThoseOfEachExample(bool isLstm)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        manual_seed(9);
        var source = $$"""
            using Hybrid;
            namespace Lengths;
            [Network(Dims = "B, T")]
            public partial class Reader
            {
                [Spec] static (Sym, Sym) Forward([Shape("B, T, 3")] Sym x, [Shape("B"), Int64] Sym lengths, [Shape("4, B, 5")] Sym state)
                {
                    var y = x.{{(isLstm ? "Lstm" : "Gru")}}(
                        5, layers: 2, bidirectional: true, state: state, {{(isLstm ? "cell: state, " : "")}}lengths: lengths, key: "rnn");
                    return (y.sequence, y.last);
                }
            }
            """;
        var type = new AssemblyLoadContext("lengths", isCollectible: true)
            .LoadFromStream(new MemoryStream(Specs.Emit(Specs.Generate(Specs.Compile(source)).Compilation)))
            .GetType("Lengths.Reader", throwOnError: true)!;
        var module = (nn.Module<Tensor, Tensor, Tensor, (Tensor, Tensor)>)Activator.CreateInstance(type, [null, ScalarType.Float64])!;
        Tensor x = randn(4, 6, 3, ScalarType.Float64), state = randn(4, 4, 5, ScalarType.Float64);
        long[] lengths = [6, 1, 4, 2];
        var (sequence, last) = module.forward(x, tensor(lengths), state);
        var own = isLstm
            ? (nn.Module)nn.LSTM(3, 5, numLayers: 2, bidirectional: true, batchFirst: true, dtype: ScalarType.Float64)
            : nn.GRU(3, 5, numLayers: 2, bidirectional: true, batchFirst: true, dtype: ScalarType.Float64);
        foreach (var (key, weight) in module.state_dict()) own.state_dict()[key["rnn.".Length..]].copy_(weight);
        for (var b = 0; b < 4; b++)
        {
            var (alone, start) = (x.narrow(0, b, 1).narrow(1, 0, lengths[b]), state.narrow(1, b, 1).contiguous());
            Tensor expected, end;
            if (own is TorchSharp.Modules.LSTM lstm) (expected, end, _) = lstm.forward(alone, (start, start));
            else (expected, end) = ((TorchSharp.Modules.GRU)own).forward(alone, start);
            Assert.True(sequence[b].narrow(0, 0, lengths[b]).allclose(expected[0], 1e-12, 1e-12), $"example {b}: the sequence");
            Assert.True(sequence[b].narrow(0, lengths[b], 6 - lengths[b]).eq(0).all().ToBoolean(), $"example {b}: zeros after its end");
            Assert.True(last.select(1, b).allclose(end.select(1, 0), 1e-12, 1e-12), $"example {b}: the last state");
        }
    }

    /// <summary>Draws from N(0, 1) that a seed repeats, in training; nothing in evaluation.</summary>
    [Fact]
    public void Normal_DrawsInTraining()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var network = new Zoo.Layers.Drawn(dtype: ScalarType.Float64);
        var x = randn(20_000, 5, ScalarType.Float64);
        network.eval();
        Assert.True(network.forward(x).restored.eq(network.forward(x).restored).all().ToBoolean(), "evaluation draws");
        network.train();
        manual_seed(4);
        var first = network.forward(x).restored;
        Assert.False(first.allclose(network.forward(x).restored), "training draws nothing");
        manual_seed(4);
        Assert.True(first.eq(network.forward(x).restored).all().ToBoolean(), "a seed does not repeat the draw");
        // z = μ + σ ε, read back through the map that follows it: five numbers for two of z.
        manual_seed(4);
        var (restored, mean, variance) = network.forward(x);
        var (weight, bias) = (network.state_dict()["linear_1.weight"], network.state_dict()["linear_1.bias"]);
        if (weight.shape[1] != 2) (weight, bias) = (network.state_dict()["linear_2.weight"], network.state_dict()["linear_2.bias"]);
        var z = linalg.lstsq(weight, (restored.atanh() - bias).transpose(0, 1)).Solution.transpose(0, 1);
        var noise = (z - mean) / variance.sqrt();
        Assert.True(Math.Abs(noise.mean().ToDouble()) < 0.03, $"the mean of the noise is {noise.mean().ToDouble()}");
        Assert.True(Math.Abs(noise.std().ToDouble() - 1) < 0.03, $"the deviation of the noise is {noise.std().ToDouble()}");
    }

    [Theory]
    [InlineData("x.Gather(n)", "Case{0}: Gather expects indices in [0, 5), got 0 to 5.")]
    [InlineData("x.Max(0).Lookup(n)", "Case{0}: Lookup expects indices in [0, 4), got 0 to 5.")]
    [InlineData("n.OneHot(4)", "Case{0}: OneHot expects indices in [0, 4), got 0 to 5.")]
    public void AnIndexOutOfRange_IsNamed(string spec, string message)
    {
        using var scope = NewDisposeScope();
        var n = Array.FindIndex(_cases, of => of.Spec == spec);
        var type = _compiled.Value.GetType($"Functions.Case{n}", throwOnError: true)!;
        var module = (nn.Module)Activator.CreateInstance(type, [null, null])!;
        var indices = zeros([3, 4, 5], dtype: ScalarType.Int64);
        indices[1, 2, 3] = 5;
        object[] given = spec.StartsWith('x') ? [zeros(3, 4, 5), indices] : [indices];
        var thrown = Assert.Throws<ArgumentException>(
            () => RunningNetwork.Invoke(() => type.GetMethod("forward", [.. given.Select(_ => typeof(Tensor))])!.Invoke(module, given)));
        Assert.StartsWith(string.Format(CultureInfo.InvariantCulture, message, n), thrown.Message);
    }
}
