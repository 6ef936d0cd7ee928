using System;
using System.Linq;
using Hybrid.PropertyTests.Compiler.Roslyn;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>
/// Whole numbers and truth values where an operation computes with real numbers: libtorch throws when it runs, HYB1023 says so before. A
/// number makes them real.
/// </summary>
[Collection(nameof(Tensors))]
public sealed class ElementTypes
{
    private static readonly (string Element, string Body, Func<Tensor, Tensor> Real)[] _refused =
    [
        ("Int64", "{|HYB1023:x|}.Linear(4)", x => F.linear(x, zeros(4, 8))),
        ("Int64", "{|HYB1023:x|}.Softmax()", x => x.softmax(-1)),
        ("Int64", "{|HYB1023:x|}.LogSoftmax()", x => x.log_softmax(-1)),
        ("Int64", "{|HYB1023:x|}.Mean(1)", x => x.mean([1])),
        ("Int64", "{|HYB1023:x|}.Gelu()", F.gelu),
        ("Int64", "{|HYB1023:x|}.MatMul(weight)", x => ScriptedProduct.Of(x, zeros(8, 3))),
        ("Bool", "{|HYB1023:x|}.Linear(4)", x => F.linear(x, zeros(4, 8))),
        ("Bool", "{|HYB1023:x|} - other", x => x - zeros(2, 8)),
        ("Bool", "1 - {|HYB1023:x|}", x => 1 - x),
        ("Bool", "-{|HYB1023:x|}", x => -x),
        ("Bool", "x.{|HYB1023:Unsqueeze(1)|}.Conv1d(2, k: 1)", x => F.conv1d(x.unsqueeze(1), zeros(2, 1, 1))),
    ];

    public static TheoryData<int> Refused => [.. Enumerable.Range(0, _refused.Length)];

    [Theory]
    [MemberData(nameof(Refused))]
    public void WhatLibtorchThrowsAt_IsRefused(int which)
    {
        var (element, body, real) = _refused[which];
        Marked.Assert(Source(element, body));
        using var scope = NewDisposeScope();
        var x = zeros([2, 8], dtype: element == "Bool" ? ScalarType.Bool : ScalarType.Int64);
        Assert.ThrowsAny<Exception>(() => real(x));
    }

    /// <summary>libtorch continues with whole numbers, and it is the next layer that refuses them.</summary>
    [Theory]
    [InlineData("Int64", "({|HYB1023:x + x|}).Linear(4)")]
    [InlineData("Int64", "x.{|HYB1023:Relu()|}.Softmax()")]
    [InlineData("Bool", "x.{|HYB1023:Sum(1, keep: true)|}.Mean()")]
    public void WhatTheNextLayerThrowsAt_IsRefusedThere(string element, string body) => Marked.Assert(Source(element, body));

    [Theory]
    [InlineData("Int64", "x + x")]
    [InlineData("Bool", "x * x")]
    [InlineData("Int64", "x.Relu().Abs().Square()")]
    [InlineData("Int64", "x.Sum(1)")]
    [InlineData("Bool", "x.Sum(1).Sqrt()")]
    [InlineData("Int64", "x.Exp().Linear(4)")]
    [InlineData("Int64", "(x / x).Linear(4)")]
    [InlineData("Int64", "x.MatMul(x.Transpose())")]
    [InlineData("Bool", "other * x")]
    [InlineData("Bool", "x * other")]
    [InlineData("Int64", "other - x")]
    [InlineData("Int64", "other / (other.Square() + x)")]
    [InlineData("Int64", "(x * 1).Linear(4)")]
    [InlineData("Bool", "(x * 1).Linear(4)")]
    [InlineData("Int64", "x.Embedding(10, 4)")]
    [InlineData("Int64", "x.Reshape(\"B, 2, 4\").Transpose().Embedding(10, 4)")]
    [InlineData("Int64", "x.Cat(x).Embedding(10, 4)")]
    [InlineData("Int64", "other.Cat(x)")]
    [InlineData("Int64", "x.Cat(other).Linear(4)")]
    [InlineData("Bool", "other.MaskedMean(x.Cat(x).Slice(1, 4, 8))")]
    public void WhatHasAMeaning_IsNot(string element, string body) => Marked.Assert(Source(element, body));

    private static string Source(string element, string body) => Marked.Network($$"""
        [Spec] static (Sym, Sym) Forward([Shape("B, 8"), {{element}}] Sym x, [Shape("B, 8")] Sym other, [Shape("8, 3")] Sym weight)
            => ({{body}}, other.MatMul(weight));
        """);
}
