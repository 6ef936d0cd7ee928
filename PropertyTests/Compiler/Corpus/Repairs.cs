using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Generators.CodeFixes;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Microsoft.CodeAnalysis.CodeFixes;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Corpus;

/// <summary>
/// What the editor offers makes the program that an expert would write: what is generated from the repaired spec and from the right one is
/// the same, to the letter. And what would only cement a mistake is not offered: no fact ties the number of examples.
/// </summary>
public sealed class Repairs
{
    private static readonly (string Situation, string Dims, string Faulty, string Right)[] _repaired =
    [
        ("attention pooling over the axis of the score", "B, T",
            "[Spec] static Sym Forward([Shape(\"B, T, 16\")] Sym x) => (x.Linear(1).Softmax() * x).Sum(1);",
            "[Spec] static Sym Forward([Shape(\"B, T, 16\")] Sym x) => (x.Linear(1).Softmax(1) * x).Sum(1);"),
        ("one score for each example", "B",
            "[Spec] static Sym Forward([Shape(\"B, 16\")] Sym x) => x.Linear(1).Softmax(1);",
            "[Spec] static Sym Forward([Shape(\"B, 16\")] Sym x) => x.Linear(1).Sigmoid();"),
        ("class probabilities of a map", "B, H, W",
            "[Spec] static Sym Forward([Shape(\"B, 3, H, W\")] Sym x) => x.Conv2d(10, k: 1).Softmax();",
            "[Spec] static Sym Forward([Shape(\"B, 3, H, W\")] Sym x) => x.Conv2d(10, k: 1).Softmax(1);"),
        ("layer normalisation of the channels of a map", "B",
            "[Spec] static Sym Forward([Shape(\"B, 3, 8, 8\")] Sym x) => x.Conv2d(10, k: 1).LayerNorm();",
            "[Spec] static Sym Forward([Shape(\"B, 3, 8, 8\")] Sym x) => x.Conv2d(10, k: 1).Permute(0, 2, 3, 1).LayerNorm().Permute(0, 3, 1, 2);"),
        ("layer normalisation of the channels of a series", "B",
            "[Spec] static Sym Forward([Shape(\"B, 3, 8\")] Sym x) => x.Conv1d(10, k: 1).LayerNorm();",
            "[Spec] static Sym Forward([Shape(\"B, 3, 8\")] Sym x) => x.Conv1d(10, k: 1).Transpose().LayerNorm().Transpose();"),
        ("a row for each example times its matrix", "B",
            "[Spec] static Sym Forward([Shape(\"B, 16\")] Sym x, [Shape(\"B, 16, 8\")] Sym m) => x.MatMul(m);",
            "[Spec] static Sym Forward([Shape(\"B, 16\")] Sym x, [Shape(\"B, 16, 8\")] Sym m) => x.Unsqueeze(1).MatMul(m).Squeeze(1);"),
        ("a bias of the channels", "B",
            "[Spec] static Sym Forward([Shape(\"B, 3, 8, 8\")] Sym x) { var b = Sym.Parameter(\"8\"); return x.Conv2d(8, k: 1) + b; }",
            "[Spec] static Sym Forward([Shape(\"B, 3, 8, 8\")] Sym x) { var b = Sym.Parameter(\"8\"); return x.Conv2d(8, k: 1) + b.Unsqueeze(-1).Unsqueeze(-1); }"),
        ("features of the time for the channels", "B",
            "[Spec] static Sym Forward([Shape(\"B, 3, 8\")] Sym x, [Shape(\"B, 5\")] Sym t) => x.Conv1d(8, k: 1) + t.Linear(8).Unsqueeze(1);",
            "[Spec] static Sym Forward([Shape(\"B, 3, 8\")] Sym x, [Shape(\"B, 5\")] Sym t) => x.Conv1d(8, k: 1) + t.Linear(8).Unsqueeze(-1);"),
        ("a channels-last image of numbers", "B",
            "[Spec] static Sym Forward([Shape(\"B, 44, 44, 4\")] Sym x) => x.Conv2d(8, k: 3);",
            "[Spec] static Sym Forward([Shape(\"B, 44, 44, 4\")] Sym x) => x.ToChannelsFirst().Conv2d(8, k: 3);"),
        ("a channels-last volume", "B, D, H, W",
            "[Spec] static Sym Forward([Shape(\"B, D, H, W, 2\")] Sym x) => x.Conv3d(8, k: 3, pad: 1);",
            "[Spec] static Sym Forward([Shape(\"B, D, H, W, 2\")] Sym x) => x.ToChannelsFirst().Conv3d(8, k: 3, pad: 1);"),
        ("a masked mean over the times", "B, T",
            "[Spec] static Sym Forward([Shape(\"B, T, 8\")] Sym x, [Shape(\"B, T\"), Bool] Sym mask) => x.MaskedMean(mask, 1);",
            "[Spec] static Sym Forward([Shape(\"B, T, 8\")] Sym x, [Shape(\"B, T\"), Bool] Sym mask) => x.MaskedMean(mask.Unsqueeze(-1), 1);"),
        ("a joined batch, time-major", "B, N, T",
            "[Spec] static Sym Forward([Shape(\"B, N, T, 8\")] Sym x) => x.Reshape(\"B*N, T, 8\").Gru(4, batchFirst: false).sequence;",
            "[Spec] static Sym Forward([Shape(\"B, N, T, 8\")] Sym x) => x.Reshape(\"B*N, T, 8\").Gru(4).sequence;"),
        ("weights over the queries", "B, T",
            "[Spec] static Sym Forward([Shape(\"B, T, 8\")] Sym x) => x.Linear(8).MatMul(x.Linear(8).Transpose()).Softmax(1).MatMul(x);",
            "[Spec] static Sym Forward([Shape(\"B, T, 8\")] Sym x) => x.Linear(8).MatMul(x.Linear(8).Transpose()).Softmax().MatMul(x);"),
        ("halves of a gate, taken along the time", "B",
            "[Spec] static Sym Forward([Shape(\"B, 16, 8\")] Sym x) { var (a, b) = x.Linear(8).Chunk(2); return a * b.Sigmoid(); }",
            "[Spec] static Sym Forward([Shape(\"B, 16, 8\")] Sym x) { var (a, b) = x.Linear(8).Chunk(2, axis: -1); return a * b.Sigmoid(); }"),
        ("columns divided by the sums of rows", "N",
            "[Spec] static Sym Forward([Shape(\"N, N\")] Sym x) => x / x.Sum(1);",
            "[Spec] static Sym Forward([Shape(\"N, N\")] Sym x) => x / x.Sum(1, keep: true);"),
        ("tokens of a map that were not turned", "B",
            "[Spec] static Sym Forward([Shape(\"B, 3, 16, 16\")] Sym x) => x.Conv2d(64, k: 2, stride: 2).Flatten(2).Attention(4);",
            "[Spec] static Sym Forward([Shape(\"B, 3, 16, 16\")] Sym x) => x.Conv2d(64, k: 2, stride: 2).Flatten(2).Transpose().Attention(4);"),
        ("a mask of padding", "B, T",
            "[Spec] static Sym Forward([Shape(\"B, T, 8\")] Sym x, [Shape(\"B, T\"), Bool] Sym isPadding) => x.Attention(2, mask: isPadding);",
            "[Spec] static Sym Forward([Shape(\"B, T, 8\")] Sym x, [Shape(\"B, T\"), Bool] Sym isPadding) => x.Attention(2, mask: !isPadding);"),
        ("a softmax of a softmax", "B",
            "[Spec] static Sym Forward([Shape(\"B, 8\")] Sym x) => x.Linear(4).Softmax().Softmax();",
            "[Spec] static Sym Forward([Shape(\"B, 8\")] Sym x) => x.Linear(4).Softmax();"),
        ("words for channels", "B",
            "[Spec] static Sym Forward([Shape(\"B, 40\"), Int64] Sym x) => x.Embedding(90, 8).Conv1d(4, k: 3).Max(2);",
            "[Spec] static Sym Forward([Shape(\"B, 40\"), Int64] Sym x) => x.Embedding(90, 8).Transpose().Conv1d(4, k: 3).Max(2);"),
        ("batch statistics of each place", "B",
            "[Spec] static Sym Forward([Shape(\"B, 50, 8\")] Sym x) => x.Linear(4).BatchNorm().Mean(1);",
            "[Spec] static Sym Forward([Shape(\"B, 50, 8\")] Sym x) => x.Linear(4).Transpose().BatchNorm().Transpose().Mean(1);"),
        ("frames for channels", "B",
            "[Spec] static Sym Forward([Shape(\"B, 16, 3, 32, 32\")] Sym x) => x.Conv3d(4, k: 3);",
            "[Spec] static Sym Forward([Shape(\"B, 16, 3, 32, 32\")] Sym x) => x.Transpose(1, 2).Conv3d(4, k: 3);"),
        ("a row of pixels for the means of channels", "B",
            "[Spec] static Sym Forward([Shape(\"B, 3, 8, 8\")] Sym x) => x.Conv2d(4, k: 3).Mean((1, 2));",
            "[Spec] static Sym Forward([Shape(\"B, 3, 8, 8\")] Sym x) => x.Conv2d(4, k: 3).Mean((2, 3));"),
        ("a sum over all examples for each", "B",
            "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x) => x.Square().Sum(1) + x.Linear(2).Sum();",
            "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x) => x.Square().Sum(1) + x.Linear(2).Sum(1);"),
        ("weights that add up to 1 over the heads", "B, T",
            "[Spec] static Sym Forward([Shape(\"B, 4, T, 8\")] Sym x) => x.MatMul(x.Transpose()).Softmax(1).MatMul(x);",
            "[Spec] static Sym Forward([Shape(\"B, 4, T, 8\")] Sym x) => x.MatMul(x.Transpose()).Softmax(-1).MatMul(x);"),
        ("a set pooled over the batch", "B, N",
            "[Spec] static Sym Forward([Shape(\"B, N, 8\")] Sym x) => x.Linear(4).Mean(0);",
            "[Spec] static Sym Forward([Shape(\"B, N, 8\")] Sym x) => x.Linear(4).Mean(1);"),
    ];

    private static readonly (string Situation, string Dims, string Where, string Faulty)[] _notRepaired =
    [
        ("a batch against a number", "B", "", "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x, [Shape(\"128, 4\")] Sym y) => x + y;"),
        ("two batches added", "B, M", "", "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x, [Shape(\"M, 4\")] Sym y) => x + y;"),
        ("two batches side by side", "B, M", "", "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x, [Shape(\"M, 4\")] Sym y) => x.Cat(y);"),
        ("a batch appended to itself", "B", "", "[Spec] [return: Shape(\"B, 8\")] static Sym Forward([Shape(\"B, 4\")] Sym x) => x.Cat(x, axis: 0);"),
        ("a batch that is averaged", "B, T", "", "[Spec] [return: Shape(\"B, 8\")] static Sym Forward([Shape(\"B, T, 8\")] Sym x) => x.Mean(0);"),
        ("a batch multiplied with features", "B", "", "[Spec] static Sym Forward([Shape(\"B, 16, 8\")] Sym x, [Shape(\"B, 8\")] Sym y) => x.MatMul(y);"),
        ("a softmax over the batch, one score left", "B", "", "[Spec] static Sym Forward([Shape(\"B, 8\")] Sym x) => x.Linear(1).Softmax(0);"),
        ("a pixel shuffle without its axes", "B, H, W", "", "[Spec] static Sym Forward([Shape(\"B, 12, H, W\")] Sym x) => x.Reshape(\"B, 3, 2*H, 2*W\");"),
        ("batch statistics of a batch of one", "B", "B == 1", "[Spec] static Sym Forward([Shape(\"B, 8\")] Sym x) => x.BatchNorm();"),
        ("a batch that a reshape forces", "B", "", "[Spec] static Sym Forward([Shape(\"B, 8\")] Sym x) => x.Reshape(\"1024\");"),
    ];

    public static TheoryData<string> Repaired => [.. _repaired.Select(repair => repair.Situation)];

    public static TheoryData<string> NotRepaired => [.. _notRepaired.Select(repair => repair.Situation)];

    [Theory]
    [MemberData(nameof(Repaired))]
    public void FirstOffer_MakesTheRightProgram(string situation)
    {
        var (_, dims, faulty, right) = _repaired.Single(repair => repair.Situation == situation);
        var source = Marked.Network(faulty, dims);
        var fault = Assert.Single(Specs.Analyze(Specs.Compile(source)));
        var repaired = Fixes.Apply(new ApplyEdit(), fault.Id, source);
        Assert.NotNull(repaired);
        Assert.Empty(Specs.Analyze(Specs.Compile(repaired)));
        Assert.Equal(Programs(Marked.Network(right, dims)), Programs(repaired));
    }

    /// <summary>The explicit words that a thing is meant are offered always; besides them, nothing here.</summary>
    [Theory]
    [MemberData(nameof(NotRepaired))]
    public void WhatCementsAMistake_IsNotOffered(string situation)
    {
        var (_, dims, where, faulty) = _notRepaired.Single(repair => repair.Situation == situation);
        var source = Marked.Network(faulty, dims, where);
        var found = Specs.Analyze(Specs.Compile(source));
        Assert.NotEmpty(found);
        foreach (var fault in found)
        {
            Assert.DoesNotMatch(@"\b[BM] == |== [BM]\b|\b[BM] % ", fault.GetMessage().Replace("Where = \"B == 1\"", "", StringComparison.Ordinal));
            foreach (var provider in new CodeFixProvider[] { new ApplyEdit(), new AddFact(), new ChangePromise() })
            {
                if (!provider.FixableDiagnosticIds.Contains(fault.Id)) continue;
                var repaired = Fixes.Apply(provider, fault.Id, source);
                Assert.True(
                    repaired is null
                        || repaired.Contains(".ReinterpretUnsafe()", StringComparison.Ordinal)
                        || repaired.Contains(".Unsqueeze(-1)", StringComparison.Ordinal),
                    $"{provider.GetType().Name} offers\n{repaired}");
            }
        }
    }

    /// <summary>A loss gives no place for another program's names: its whole text is compared.</summary>
    [Fact]
    public void TargetsOfAnotherRank_AreReshaped()
    {
        const string Faulty = "[Spec] static Sym Value([Shape(\"B*T\")] Sym x, [Shape(\"B, T\")] Sym t) => x.Mse(t);";
        var repaired = Fixes.Apply(new ApplyEdit(), "HYB3005", Loss(Faulty));
        Assert.NotNull(repaired);
        Assert.Equal(Programs(Loss(Faulty.Replace("Mse(t)", "Mse(t.Reshape(\"B*T\"))", StringComparison.Ordinal))), Programs(repaired));
        const string Classes = "[Spec] static Sym Value([Shape(\"B*T, 7\")] Sym x, [Shape(\"B, T\"), Int64] Sym t) => x.CrossEntropy(t);";
        repaired = Fixes.Apply(new ApplyEdit(), "HYB3001", Loss(Classes));
        Assert.NotNull(repaired);
        Assert.Equal(Programs(Loss(Classes.Replace("(t)", "(t.Reshape(\"B*T\"))", StringComparison.Ordinal))), Programs(repaired));

        static string Loss(string members) => Marked.Loss(members, "B, T");
    }

    /// <summary>A name of the caller's and a line of the block it called would send people to the wrong place.</summary>
    [Fact]
    public void ResultOfABlock_IsNamedWithItsOwnLine() => Marked.Assert(
        """
        using Hybrid;
        namespace Net;
        [Network(Dims = "B")]
        public partial class Example
        {
            [Spec] static Sym Forward([Shape("B, 4")] Sym x)
            {
                var features = Piece(x);
                return features.Linear(2, inputs: {|HYB1001:5|});
            }

            [Block] static Sym Piece(Sym x) => x.Linear(3).Relu();
        }
        """,
        "Linear is pinned to 5 inputs but receives 3 ('features' (line 8) is [B, 3]). Remove the pin to infer it.");

    private static string Programs(string source)
    {
        var (compilation, result) = Specs.Generate(Specs.Compile(source));
        Assert.Empty(Specs.Errors(compilation));
        return string.Join("\n", Specs.Files(result).OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => file.Value));
    }
}
