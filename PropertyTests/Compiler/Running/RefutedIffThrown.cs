using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>
/// Random chains of operations with arguments of all kinds, most of them wrong: the checker refutes a step exactly where libtorch throws,
/// and where neither does, the shapes are the same.
/// </summary>
[Collection(nameof(Tensors))]
public sealed class RefutedIffThrown
{
    private static readonly string[] _operations =
        [
            "conv", "transposed", "max", "avg", "linear", "relu", "flatten", "reshape", "open", "transpose", "unsqueeze", "cat", "add",
            "matmul", "sum", "softmax", "permute",
        ];

    private sealed record Step(string Operation, int On, int Other, int A, int B, int C, int D);

    private static readonly Gen<Step> _step =
        from operation in Gen.Elements(_operations) from first in Gen.Choose(0, 9) from other in Gen.Choose(0, 9)
        from a in Gen.Choose(1, 4) from b in Gen.Choose(1, 4) from c in Gen.Choose(0, 3) from d in Gen.Choose(1, 3)
        select new Step(operation, first, other, a, b, c, d);

    private static readonly Gen<(int Channels, int Size, Step[] Steps)> _chain =
        from channels in Gen.Elements(2, 3, 4)
        from size in Gen.Choose(3, 6)
        from count in Gen.Choose(1, 6)
        from steps in _step.ListOf(count)
        select (
            channels, size, steps.ToArray());

    private static Sym Symbolic(Step s, Sym x, Sym y) => s.Operation switch
    {
        "conv" => x.Conv2d(s.A, k: s.B, stride: s.D, pad: s.C, groups: s.D, inputs: s.D * (1 + (s.C / 2))),
        "transposed" => x.ConvTranspose2d(s.A, k: s.B, stride: s.D, pad: s.C, inputs: s.A + s.C),
        "max" => x.MaxPool2d(s.B, stride: s.D, pad: s.C),
        "avg" => x.AvgPool2d(s.B, stride: s.D, pad: s.C),
        "linear" => x.Linear(s.A, inputs: s.B + s.C),
        "relu" => x.Relu(),
        "flatten" => x.Flatten(s.C),
        "reshape" => x.Reshape($"{s.A}, {s.B}, {s.C + 1}"),
        "open" => x.Reshape($"{s.A}, -1, {s.D}"),
        "transpose" => x.Transpose(s.A - 2, s.C),
        "unsqueeze" => x.Unsqueeze(s.C),
        "cat" => x.Cat(y, axis: s.C),
        "add" => x + y,
        "matmul" => x.MatMul(y),
        "sum" => x.Sum(s.C, keep: s.D == 1),
        "softmax" => x.Softmax(s.C),
        _ => x.Permute(0, s.D, s.A - 1),
    };

    private static Tensor Real(Step s, Tensor x, Tensor y) => s.Operation switch
    {
        "conv" => F.conv2d(x, zeros(s.A, 1 + (s.C / 2), s.B, s.B), strides: [s.D, s.D], padding: [s.C, s.C], groups: s.D),
        "transposed" => Transposed(s, x),
        "max" => F.max_pool2d(x, [s.B, s.B], strides: [s.D, s.D], padding: [s.C, s.C]),
        "avg" => F.avg_pool2d(x, (s.B, s.B), stride: (s.D, s.D), padding: (s.C, s.C)),
        "linear" => F.linear(x, zeros(s.A, s.B + s.C)),
        "relu" => x.relu(),
        "flatten" => x.flatten(s.C),
        "reshape" => x.reshape(s.A, s.B, s.C + 1),
        "open" => x.reshape(s.A, -1, s.D),
        "transpose" => x.transpose(s.A - 2, s.C),
        "unsqueeze" => x.unsqueeze(s.C),
        "cat" => cat([x, y], s.C),
        "add" => x + y,
        "matmul" => ScriptedProduct.Of(x, y),
        "sum" => x.sum([s.C], keepdim: s.D == 1),
        "softmax" => x.softmax(s.C),
        _ => x.permute(0, s.D, s.A - 1),
    };

    /// <summary>
    /// Where the padding takes the whole map away libtorch gives an empty one, and where it takes more, oneDNN's error ends the process.
    /// The language refuses both.
    /// </summary>
    private static Tensor Transposed(Step s, Tensor x)
    {
        if (x.dim() is 3 or 4 && x.shape[^2..].Any(size => ((size - 1) * s.D) - (2 * s.C) + s.B <= 0))
            throw new ArgumentException("conv_transpose2d: no map is left.");
        return F.conv_transpose2d(x, zeros(s.A + s.C, s.A, s.B, s.B), strides: [s.D, s.D], padding: [s.C, s.C]);
    }

    /// <summary>
    /// What the checker refuses and libtorch takes: one example without its batch axis, which convolutions and pools allow; axes that mean
    /// something else though their sizes agree; and the axis 0 of a scalar.
    /// </summary>
    private static bool IsStricter(string id, Step step, long rank)
        => id == "HYB1003"
            || (rank == 0 && id == "HYB1004")
            || (id == "HYB1004" && rank == 3 && step.Operation is "conv" or "transposed" or "max" or "avg");

    [Fact]
    public void TheCheckerRefutes_ExactlyWhereLibtorchThrows()
    {
        int refuted = 0, accepted = 0, stricter = 0;
        Check.One(Seeded.Cases(1500), Prop.ForAll(_chain.ToArbitrary(), c =>
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var tensors = new List<Tensor> { zeros(2, c.Channels, c.Size, c.Size), zeros(2, c.Channels) };
            foreach (var (step, n) in c.Steps.Select((step, n) => (step, n)))
            {
                var (x, y) = (tensors[step.On % tensors.Count], tensors[step.Other % tensors.Count]);
                Tensor? result = null;
                var thrown = "";
                try
                {
                    result = Real(step, x, y);
                }
                catch (Exception exception) when (exception is not OutOfMemoryException)
                {
                    thrown = exception.Message;
                }
                // The chain up to here was accepted by both, so what is refuted is this step.
                var (shape, fault) = Predict(c.Channels, c.Size, c.Steps[..(n + 1)]);
                var text = $"{step} on [{string.Join(", ", x.shape)}] and [{string.Join(", ", y.shape)}]";
                if (fault is not null && result is not null && IsStricter(fault.Value.Id, step, x.dim()))
                {
                    stricter++;
                    return;
                }
                Assert.True(
                    (fault is null) == (result is not null),
                    $"{text}: the checker "
                        + $"{(fault is null ? $"accepts it as [{string.Join(", ", shape!)}]" : $"says {fault.Value.Message}")}, libtorch "
                        + $"{(result is null ? "throws: " + thrown.Split('\n')[0] : $"gives [{string.Join(", ", result.shape)}]")}");
                if (result is null)
                {
                    refuted++;
                    return;
                }
                accepted++;
                Assert.True(
                    result.shape.SequenceEqual(shape!),
                    $"{text}: predicted [{string.Join(", ", shape!)}], libtorch gives [{string.Join(", ", result.shape)}]");
                tensors.Add(result);
            }
        }));
        Assert.True(
            refuted > 300 && accepted > 300,
            $"{refuted} steps were refuted, {accepted} accepted, {stricter} refused by the checker alone: too few of a kind");
    }

    private static (long[]? Shape, (string Id, string Message)? Fault) Predict(int channels, int size, Step[] steps)
    {
        try
        {
            var graph = Trace.Of("Chain", "", "", [("image", $"2, {channels}, {size}, {size}"), ("features", $"2, {channels}")], inputs =>
            {
                var symbols = inputs.ToList();
                foreach (var step in steps)
                    symbols.Add(Symbolic(step, symbols[step.On % symbols.Count], symbols[step.Other % symbols.Count]));
                return [.. symbols];
            });
            return ([.. graph.Results.Last().Shape.Sizes.Select(dim => dim.Evaluate(_ => 1)!.Value)], null);
        }
        catch (SpecException exception)
        {
            return (null, (exception.Fault.Id, exception.Message));
        }
    }
}
