using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Generators.CodeFixes;
using Hybrid.Generators.Diagnostics;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Microsoft.CodeAnalysis.CodeFixes;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>A fix compiles, clears its diagnostic, and brings no other.</summary>
public sealed class CodeFixes
{
    [Fact]
    public void RemovePin_FromLinear() => Clears(
        new RemovePin(), "HYB1001", """[Spec] static Sym Forward([Shape("B, 4")] Sym x) => x.Linear(3, inputs: 5, key: "head");""", """x.Linear(3, key: "head")""");

    [Fact]
    public void RemovePin_FromConvolution() => Clears(
        new RemovePin(), "HYB1002", """[Spec] static Sym Forward([Shape("B, 4, 8, 8")] Sym x) => x.Conv2d(3, k: 3, inputs: 1);""", "x.Conv2d(3, k: 3)");

    [Fact]
    public void ChangePromise_ToWhatIsReturned() => Clears(
        new ChangePromise(), "HYB1018", """[Spec] [return: Shape("B, 3")] static Sym Forward([Shape("B, 4")] Sym x) => x.Linear(5);""", """[return: Shape("B, 5")]""");

    [Fact]
    public void ChangePromise_OfATuple() => Clears(
        new ChangePromise(), "HYB1018", """[Spec] [return: Shape("B, 3", "B")] static (Sym, Sym) Forward([Shape("B, 4")] Sym x) => (x.Linear(3), x.Relu());""", """[return: Shape("B, 3", "B, 4")]""");

    [Fact]
    public void AddFact_ThatHalvesAndDoublesAgree() => Clears(
        new AddFact(), "HYB1018", """[Spec] [return: Shape("B, C, H/2*2, 8")] static Sym Forward([Shape("B, C, H, 8")] Sym x) => x.Relu();""", "H % 2 == 0", dims: "B, C, H");

    [Fact]
    public void MakeConst_OfTheFieldOfALoopBound() => Clears(
        new MakeConst(),
        "HYB4005",
        """
        private static readonly int Depth = 1 + 2;
            [Spec] static Sym Forward([Shape("B, 4")] Sym x)
            {
                for (var i = 0; i < Depth; i++) x = x.Relu();
                return x;
            }
        """,
        "private const int Depth = 1 + 2;");

    [Fact]
    public void MakeConst_IsNotOfferedForAComputedValue() => Assert.Null(Fixes.Apply(
        new MakeConst(), "HYB4005", Marked.Network("""static readonly int W = System.Environment.ProcessorCount; [Spec] static Sym Forward([Shape("B, 4")] Sym x) => x.Linear(W);""")));

    /// <summary>The repairs that faults offer, by id: the spec's members, and what the repaired text holds.</summary>
    public static TheoryData<string, int, string, string, string, string> Edits => new()
    {
        { "HYB1003", 0, "B, H:spatial, W:spatial", "", """[Spec] static Sym Forward([Shape("B, H, W, 3")] Sym x) => x.Conv2d(8, k: 1);""", "x.ToChannelsFirst().Conv2d(8, k: 1)" },
        { "HYB1003", 0, "B, H, W", "", """[Spec] static Sym Forward([Shape("B, H, W, 3")] Sym x) => x.Relu().Conv2d(8, k: 1);""", "x.Relu().ToChannelsFirst().Conv2d(8, k: 1)" },
        { "HYB1003", 0, "B", "", """[Spec] static Sym Forward([Shape("B, 8, 8, 8")] Sym x) { var y = x.Conv2d(8, k: 1); return y + y.Permute(0, 2, 3, 1).Relu(); }""", "y.Permute(0, 2, 3, 1).Relu().ReinterpretUnsafe()" },
        { "HYB1004", 0, "B", "", """[Spec] static Sym Forward([Shape("B, 8, 8")] Sym x) => x.Conv2d(4, k: 3);""", "x.Unsqueeze(1).Conv2d(4, k: 3)" },
        { "HYB1006", 0, "B, H", "H >= 2", """[Spec] static Sym Forward([Shape("B, 4, H, 8")] Sym x) { var up = x.MaxPool2d((2, 1)).Upsample((2, 1)); return up.Cat(x); }""", "up.Cat(x.CropTo(up))" },
        { "HYB1007", 0, "B, H, W", "", """[Spec] static Sym Forward([Shape("B, 16, H, W")] Sym x) { var y = x.Conv2d(32, k: 3, stride: 2, pad: 1); return y + x; }""", "y + x.Conv2d(32, k: 1, stride: 2)" },
        { "HYB1008", 0, "B", "", """[Spec] static Sym Forward([Shape("B, 1")] Sym q, [Shape("B")] Sym t) => q - t;""", "q - t.Unsqueeze(1)" },
        { "HYB1008", 1, "B", "", """[Spec] static Sym Forward([Shape("B, 1")] Sym q, [Shape("B")] Sym t) => q - t;""", "q - t.Broadcast()" },
        { "HYB1009", 0, "B", "", """[Spec] static Sym Forward([Shape("B, 6")] Sym x) => x.Reshape("B, 2, 4");""", """x.Reshape("B, 2, -1")""" },
        { "HYB1010", 0, "B, T", "", """[Spec] static Sym Forward([Shape("B, T, 8")] Sym x) => x.Reshape("B, 8, T");""", "x.Permute(0, 2, 1).Reshape" },
        { "HYB1010", 1, "B, T", "", """[Spec] static Sym Forward([Shape("B, T, 8")] Sym x) => x.Reshape("B, 8, T");""", "x.ReinterpretUnsafe().Reshape" },
        { "HYB1011", 0, "B", "", """[Spec] static Sym Forward([Shape("B, 1, 4")] Sym x) => x.Squeeze();""", "x.Squeeze(1)" },
        { "HYB1011", 0, "B", "", """[Spec] static Sym Forward([Shape("B, 1, 4")] Sym x) => x.Squeeze(2);""", "x.Squeeze(1)" },
        { "HYB1012", 0, "B, T", "", """[Spec] static Sym Forward([Shape("B, T, 1600")] Sym x) => x.Attention(heads: 48);""", "heads: 40" },
        { "HYB1012", 1, "B, T", "", """[Spec] static Sym Forward([Shape("B, T, 1600")] Sym x) => x.Attention(48, causal: true);""", "x.Attention(50, causal: true)" },
        { "HYB1013", 0, "B:batch, T:time", "", """[Spec] static Sym Forward([Shape("B, T, 8")] Sym x) => x.Attention(4, batchFirst: false);""", "batchFirst: true" },
        { "HYB1013", 0, "B:batch, T:time", "", """[Spec] static Sym Forward([Shape("T, B, 8")] Sym x) => x.Gru(4).sequence;""", "x.Gru(4, batchFirst: false)" },
        { "HYB1023", 0, "B, T", "", """[Spec] static Sym Forward([Shape("B, T")] Sym x) => x.Embedding(10, 4);""", "Int64" },
        { "HYB1014", 0, "B", "", """[Spec] static Sym Forward([Shape("B, 64, 8, 8")] Sym x) => x.Conv2d(96, k: 1, groups: 3);""", "groups: 2" },
        { "HYB1014", 0, "B", "", """[Spec] static Sym Forward([Shape("B, 64, 8, 8")] Sym x) => x.GroupNorm(12);""", "GroupNorm(8)" },
        { "HYB1015", 0, "B, H, W", "H % 2 == 0, W % 2 == 0", """[Spec] static Sym Forward([Shape("B, 3, H, W")] Sym x) => x.Conv2d(8, k: 3, stride: 2, pad: 1).ConvTranspose2d(3, k: 3, stride: 2, pad: 1).Relu().Cat(x);""", "pad: 1, outputPad: 1)" },
        { "HYB1015", 0, "B", "", """[Spec] static Sym Forward([Shape("B, 3, 9, 8")] Sym x) => x.Conv2d(3, k: 3, stride: 2, pad: 1).ConvTranspose2d(3, k: 3, stride: 2, pad: 1, outputPad: 1) + x;""", "outputPad: (0, 1)" },
        { "HYB1017", 0, "B", "", """[Spec] static Sym Forward([Shape("2, 3")] Sym x, [Shape("5, 3")] Sym y) => x.MatMul(y);""", "x.MatMul(y.Transpose())" },
        { "HYB1017", 0, "B", "", """[Spec] static Sym Forward([Shape("2, 3")] Sym x, [Shape("2, 4")] Sym y) => x.MatMul(y);""", "x.Transpose().MatMul(y)" },
        { "HYB1019", 0, "B", "", """[Spec] static Sym Forward([Shape("B, 64, 14, 14")] Sym x) => x.Is("B, 64, 28, 28").Relu();""", """x.Is("B, 64, 14, 14")""" },
        { "HYB2001", 0, "B", "B >= 1", """[Spec] static Sym Forward([Shape("B, 4")] Sym x) => x.Linear(8).BatchNorm();""", """Training = "B >= 2")""" },
        { "HYB1004", 0, "B", "", """[Spec] static Sym Forward([Shape("B, 100")] Sym z) => z.ConvTranspose2d(8, k: 4);""", "z.Unsqueeze(-1).Unsqueeze(-1).ConvTranspose2d" },
        { "HYB1006", 0, "B", "B >= 2", """[Spec] static Sym Forward([Shape("B, 9, 8")] Sym x, [Shape("1, 1, 8")] Sym token) => token.Cat(x);""", """token.Expand("B, 1, 8").Cat(x)""" },
        { "HYB1007", 0, "B", "", """[Spec] static Sym Forward([Shape("B, 8")] Sym x) => x / x.Square().Sum(1);""", "x / x.Square().Sum(1).Unsqueeze(-1)" },
        { "HYB1007", 0, "B, H", "", """[Spec] static Sym Forward([Shape("B, 8, H, 4")] Sym x, [Shape("B, 3")] Sym c) => x * c.Linear(8);""", "x * c.Linear(8).Unsqueeze(-1).Unsqueeze(-1)" },
        { "HYB3007", 0, "B", "", """[Spec] static Sym Forward([Shape("B, 8")] Sym x) => x.Linear(1).Log();""", "x.Linear(1).Softplus().Log()" },
        { "HYB1025", 0, "B", "", """[Spec] static Sym Forward([Shape("B, 8")] Sym x) => x.Linear(4).Softmax(0);""", "x.Linear(4).Softmax(-1)" },
        { "HYB1025", 0, "B:batch", "", """[Spec] static Sym Forward([Shape("B, 8")] Sym x) => x.LogSoftmax(axis: -2);""", "x.LogSoftmax(axis: -1)" },
        { "HYB2002", 0, "B", "", """[Spec] static Sym Forward([Shape("B, 2, 3")] Sym x) => x.Reshape("64, 6").Linear(2);""", """x.Reshape("B, 6")""" },
        { "HYB2002", 0, "B", "", """[Spec] static Sym Forward([Shape("B, 5, 3")] Sym x) => x.Reshape("64, -1").Linear(2);""", """x.Reshape("B, -1")""" },
    };

    [Theory]
    [MemberData(nameof(Edits))]
    public void OfferedEdit(string id, int which, string dims, string where, string members, string expected) => Clears(new ApplyEdit(), id, members, expected, dims, where, which);

    public static TheoryData<string, int, string, string> LossEdits => new()
    {
        { "HYB3001", 0, """[Spec] static Sym Value([Shape("B, 7")] Sym x, [Shape("B, 1"), Int64] Sym t) => x.CrossEntropy(t);""", "x.CrossEntropy(t.Squeeze(1))" },
        { "HYB3001", 0, """[Spec] static Sym Value([Shape("B, 9, 7")] Sym x, [Shape("B, 9"), Int64] Sym t) => x.CrossEntropy(t);""", "x.ToChannelsFirst().CrossEntropy(t)" },
        { "HYB3005", 0, """[Spec] static Sym Value([Shape("B, 1, 1, 1")] Sym x, [Shape("B")] Sym t) => x.BceWithLogits(t);""", "x.Squeeze(3).Squeeze(2).Squeeze(1).BceWithLogits(t)" },
        { "HYB3005", 1, """[Spec] static Sym Value([Shape("B, 1, 1, 1")] Sym x, [Shape("B")] Sym t) => x.BceWithLogits(t);""", "t.Unsqueeze(1).Unsqueeze(2).Unsqueeze(3)" },
        { "HYB3002", 0, """[Spec] static Sym Value([Shape("B, 7")] Sym x, [Shape("B")] Sym t) => x.CrossEntropy(t);""", """[Shape("B"), Int64] Sym t""" },
        { "HYB3003", 0, """[Spec] static Sym Value([Shape("B, 7")] Sym x, [Shape("B"), Int64] Sym t) => x.Softmax().CrossEntropy(t);""", "=> x.CrossEntropy(t)" },
        { "HYB3003", 0, """[Spec] static Sym Value([Shape("B, 7")] Sym x, [Shape("B"), Int64] Sym t) { var p = x.Softmax(); return p.CrossEntropy(t); }""", "var p = x;" },
        { "HYB3004", 0, """[Spec] static Sym Value([Shape("B")] Sym x, [Shape("B")] Sym t) => x.Bce(t);""", "x.BceWithLogits(t)" },
        { "HYB3004", 1, """[Spec] static Sym Value([Shape("B")] Sym x, [Shape("B")] Sym t) => x.Bce(t);""", "x.Sigmoid().Bce(t)" },
        { "HYB3004", 0, """[Spec] static Sym Value([Shape("B")] Sym x, [Shape("B")] Sym t) => x.Sigmoid().BceWithLogits(t);""", "=> x.BceWithLogits(t)" },
        { "HYB3005", 0, """[Spec] static Sym Value([Shape("B, 1")] Sym x, [Shape("B")] Sym t) => x.Mse(t);""", "x.Squeeze(1).Mse(t)" },
        { "HYB3005", 1, """[Spec] static Sym Value([Shape("B, 1")] Sym x, [Shape("B")] Sym t) => x.Mse(t);""", "x.Mse(t.Unsqueeze(1))" },
        { "HYB3005", 0, """[Spec] static Sym Value([Shape("B, 1")] Sym x, [Shape("B")] Sym t) => (x - t).Square().Mean();""", "x - t.Unsqueeze(1)" },
        { "HYB3007", 0, """[Spec] static Sym Value([Shape("B")] Sym m, [Shape("B")] Sym v, [Shape("B")] Sym t) => m.GaussianNll(v, t);""", "m.GaussianNll(v.Softplus(), t)" },
        { "HYB3007", 0, """[Spec] static Sym Value([Shape("B")] Sym x) => x.Log().Mean();""", """[Shape("B"), Positive] Sym x""" },
        { "HYB3007", 1, """[Spec] static Sym Value([Shape("B")] Sym x) => x.Log().Mean();""", "x.Softplus().Log().Mean()" },
    };

    [Theory]
    [MemberData(nameof(LossEdits))]
    public void OfferedEdit_OfALoss(string id, int which, string members, string expected) => Clears(new ApplyEdit(), id, Marked.Loss(members), expected, which);

    public static TheoryData<string, string, string, string, string> Facts => new()
    {
        { "HYB1005", "B, H", "H >= 2", """[Spec] static Sym Forward([Shape("B, 3, H, 8")] Sym x) => x.Conv2d(4, k: (5, 1));""", "H >= 2, H >= 5" },
        { "HYB1006", "B, H", "H >= 2", """[Spec] static Sym Forward([Shape("B, 4, H, 8")] Sym x) => x.MaxPool2d((2, 1)).Upsample((2, 1)).Cat(x);""", "H >= 2, H % 2 == 0" },
        { "HYB1009", "B", "", """[Spec] static Sym Forward([Shape("B, 8, 30, 30")] Sym x) => x.Reshape("-1, 115200");""", "B % 16 == 0" },
        { "HYB1015", "B, H", "H >= 2", """[Spec] static Sym Forward([Shape("B, 4, H, 8")] Sym x) => x.MaxPool2d((2, 1)).ConvTranspose2d(4, k: (2, 1), stride: (2, 1)).Cat(x);""", "H >= 2, H % 2 == 0" },
        { "HYB1090", "H, W", "H*W == 40000", """[Spec] [return: Shape("2*(H/2), W")] static Sym Forward([Shape("H, W")] Sym x) => x.Relu();""", "H*W == 40000, H % 2 == 0" },
        { "HYB1005", "B, H", "H >= 2", """[Spec] static Sym Forward([Shape("B, H/4, 8")] Sym x) => x.Reshape("B, H/4, 2, 4");""", "H >= 2, H >= 4" },
        { "HYB1007", "B, H, W", "H >= 2, W >= 2", """[Spec] static Sym Forward([Shape("B, 4, H, W")] Sym x) => x.MaxPool2d(2).Upsample(2) + x;""", "H >= 2, W >= 2, H % 2 == 0, W % 2 == 0" },
        { "HYB1015", "B, H, W", "H >= 4, W >= 4", """[Spec] static Sym Forward([Shape("B, 4, H, W")] Sym x) => x.MaxPool2d(2).ConvTranspose2d(4, k: 2, stride: 2).Cat(x);""", "H >= 4, W >= 4, H % 2 == 0, W % 2 == 0" },
        { "HYB1018", "B, H, W", "H >= 4, W >= 4", """[Spec] [return: Shape("B, 4, H, W")] static Sym Forward([Shape("B, 4, H, W")] Sym x) => x.MaxPool2d(2).Upsample(2);""", "H >= 4, W >= 4, H % 2 == 0, W % 2 == 0" },
        { "HYB2003", "B, T", "", """[Spec] static Sym Forward([Shape("B, T, 4")] Sym x) => x.Reshape("B, 24").Linear(2);""", "T == 6" },
    };

    [Theory]
    [MemberData(nameof(Facts))]
    public void AddedFact(string id, string dims, string where, string members, string expected) => Clears(new AddFact(), id, members, $"Where = \"{expected}\"", dims, where);

    [Fact]
    public void RemovePin_FromNormalisation() => Clears(
        new RemovePin(), "HYB1016", """[Spec] static Sym Forward([Shape("B, 4")] Sym x) => x.BatchNorm(features: 5);""", "x.BatchNorm()");

    public static TheoryData<string, string, string, string> Variants => new()
    {
        { "HYB5003", "[Derive(Variant.Tangent)]", "[Spec] static Sym Forward([Shape(\"B, 4\"), Int64] Sym x) => x.Embedding(10, 1, key: \"e\");", "namespace Net;\n[Network(" },
        { "HYB5003", "[Derive(Variant.Functional, Variant.Tangent)]", "[Spec] static Sym Forward([Shape(\"B, 4\"), Int64] Sym x) => x.Embedding(10, 1, key: \"e\");", "[Derive(Variant.Functional)]\n[Network(" },
        { "HYB5003", "[Derive(Variant.Tangent), Budget(Parameters = 100)]", "[Spec] static Sym Forward([Shape(\"B, 4\"), Int64] Sym x) => x.Embedding(10, 1, key: \"e\");", "[Budget(Parameters = 100)]\n[Network(" },
        { "HYB5004", "[Derive(Variant.Flipout, Variant.Functional)]", "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x) => x.Relu();", "[Derive(Variant.Functional)]\n[Network(" },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void ChangeVariants_LeavesOutWhatTheNetworkCannotHave(string id, string derive, string members, string expected) => Clears(
        new ChangeVariants(), id, Marked.Network(members).Replace("[Network(", derive + "\n[Network(", StringComparison.Ordinal), expected, 0);

    /// <summary>The rows of the catalogue's design that promise a fix.</summary>
    private static readonly string[] _promised =
    [
        "HYB1001", "HYB1002", "HYB1003", "HYB1004", "HYB1005", "HYB1006", "HYB1007", "HYB1008", "HYB1009", "HYB1010", "HYB1011", "HYB1012", "HYB1013", "HYB1014", "HYB1015",
        "HYB1016", "HYB1017", "HYB1018", "HYB1019", "HYB1090", "HYB2001", "HYB2002", "HYB2003", "HYB3001", "HYB3002", "HYB3003", "HYB3004", "HYB3005", "HYB3007", "HYB4002", "HYB4005",
        "HYB4006", "HYB5001", "HYB5002", "HYB5003",
    ];

    /// <summary>The ids whose fix is applied by a test of this class, or of the analyzers' own.</summary>
    private static IEnumerable<string> Fixed => Edits.Select(e => e.Data.Item1).Concat(LossEdits.Select(e => e.Data.Item1)).Concat(Facts.Select(f => f.Data.Item1))
        .Concat(["HYB1001", "HYB1002", "HYB1016", "HYB1018", "HYB4002", "HYB4005", "HYB4006", "HYB5003"]);

    [Fact]
    public void NineInTenOfThePromisedFixes_Exist()
    {
        var there = _promised.Where(id => Catalogue.Find(id) is not null).ToList();
        var missing = there.Except(Fixed).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine($"{there.Count - missing.Count} of {there.Count} promised fixes; without one: {string.Join(", ", missing)}");
        Assert.True(missing.Count * 10 <= there.Count, $"{missing.Count} of {there.Count} diagnostics that promise a fix have none: {string.Join(", ", missing)}");
    }

    private static void Clears(CodeFixProvider provider, string id, string members, string expected, string dims = "B", string where = "", int which = 0)
        => Clears(provider, id, Marked.Network(members, dims, where), expected, which);

    private static void Clears(CodeFixProvider provider, string id, string source, string expected, int which)
    {
        var repaired = Fixes.Apply(provider, id, source, which);
        Assert.True(repaired is not null, $"{provider.GetType().Name} offers nothing for {id} in\n{source}");
        Assert.Contains(expected, repaired, StringComparison.Ordinal);
        var compilation = Specs.Compile(repaired!);
        Assert.Empty(Specs.Errors(compilation));
        Assert.True(Specs.Analyze(compilation).IsEmpty, $"{string.Join("\n", Specs.Analyze(compilation))}\nin\n{repaired}");
    }
}
