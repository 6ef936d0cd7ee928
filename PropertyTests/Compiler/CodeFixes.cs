using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Hybrid.Generators.CodeFixes;
using Hybrid.Graphs;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>A fix compiles, clears its diagnostic, brings no other, and changes nothing else.</summary>
public sealed partial class CodeFixes
{
    [Fact]
    public Task RemovePin_FromLinear() => FixTest<RemovePin>.Replaces(
        Marked.Network("""[Spec] static Sym Forward([Shape("B, 4")] Sym x) => x.Linear(3, inputs: {|HYB1001:5|}, key: "head");"""),
        """x.Linear(3, inputs: 5, key: "head")""", """x.Linear(3, key: "head")""");

    [Fact]
    public Task RemovePin_FromConvolution() => FixTest<RemovePin>.Replaces(
        Marked.Network("""[Spec] static Sym Forward([Shape("B, 4, 8, 8")] Sym x) => x.Conv2d(3, k: 3, inputs: {|HYB1002:1|});"""),
        "x.Conv2d(3, k: 3, inputs: 1)", "x.Conv2d(3, k: 3)");

    [Fact]
    public Task RemovePin_FromNormalisation() => FixTest<RemovePin>.Replaces(
        Marked.Network("""[Spec] static Sym Forward([Shape("B, 4")] Sym x) => x.BatchNorm(features: {|HYB1016:5|});"""),
        "x.BatchNorm(features: 5)", "x.BatchNorm()");

    [Fact]
    public Task ChangePromise_ToWhatIsReturned() => FixTest<ChangePromise>.Replaces(
        Marked.Network("""[Spec] [return: Shape("B, 3")] static Sym Forward([Shape("B, 4")] Sym x) => x.{|HYB1018:Linear(5)|};"""),
        """[return: Shape("B, 3")]""", """[return: Shape("B, 5")]""");

    [Fact]
    public Task ChangePromise_OfATuple() => FixTest<ChangePromise>.Replaces(
        Marked.Network(
            """
            [Spec] [return: Shape("B, 3", "B")] static (Sym, Sym) Forward([Shape("B, 4")] Sym x)
                => (x.Linear(3), x.{|HYB1018:Relu()|});
            """),
        """[return: Shape("B, 3", "B")]""", """[return: Shape("B, 3", "B, 4")]""");

    [Fact]
    public Task AddFact_ThatHalvesAndDoublesAgree() => FixTest<AddFact>.Replaces(
        Marked.Network(
            """[Spec] [return: Shape("B, C, H/2*2, 8")] static Sym Forward([Shape("B, C, H, 8")] Sym x) => x.{|HYB1018:Relu()|};""",
            "B, C, H"),
        "Where = \"\"", "Where = \"H % 2 == 0\"");

    [Fact]
    public Task MakeConst_OfTheFieldOfALoopBound() => FixTest<MakeConst>.Replaces(
        Marked.Network(
            """
            private static readonly int Depth = 1 + 2;
                [Spec] static Sym Forward([Shape("B, 4")] Sym x)
                {
                    for (var i = 0; i < {|HYB4005:Depth|}; i++) x = x.Relu();
                    return x;
                }
            """),
        "private static readonly int Depth = 1 + 2;", "private const int Depth = 1 + 2;");

    [Fact]
    public Task MakeConst_IsNotOfferedForAComputedValue() => FixTest<MakeConst>.RunWithoutOffer(Marked.Network(
        """
        static readonly int W = System.Environment.ProcessorCount;
        [Spec] static Sym Forward([Shape("B, 4")] Sym x) => x.Linear({|HYB4005:W|});
        """));

    [Theory]
    [MemberData(nameof(Edits))]
    public Task OfferedEdit(int which, string dims, string where, string members, string was, string becomes)
        => FixTest<ApplyEdit>.Replaces(Marked.Network(members, dims, where), was, becomes, which);

    [Theory]
    [MemberData(nameof(LossEdits))]
    public Task OfferedEdit_OfALoss(int which, string members, string was, string becomes)
        => FixTest<ApplyEdit>.Replaces(Marked.Loss(members), was, becomes, which);

    /// <summary>Dims, Where before and after, and the members.</summary>
    public static TheoryData<string, string, string, string> Facts => new()
    {
        {
            "B, H", "H >= 2", "H >= 2, H >= 5",
            """[Spec] static Sym Forward([Shape("B, 3, H, 8")] Sym x) => x.Conv2d(4, k: {|HYB1005:(5, 1)|});"""
        },
        {
            "B, H", "H >= 2", "H >= 2, H % 2 == 0",
            """[Spec] static Sym Forward([Shape("B, 4, H, 8")] Sym x) => x.MaxPool2d((2, 1)).Upsample((2, 1)).Cat({|HYB1006:x|});"""
        },
        {
            "T:time", "", "T % 16 == 0",
            """[Spec] static Sym Forward([Shape("T, 8, 30, 30")] Sym x) => x.Reshape({|HYB1009:"-1, 115200"|});"""
        },
        {
            "B, H", "H >= 2", "H >= 2, H % 2 == 0",
            """
            [Spec] static Sym Forward([Shape("B, 4, H, 8")] Sym x)
                => x.MaxPool2d((2, 1)).{|HYB1015:ConvTranspose2d(4, k: (2, 1), stride: (2, 1))|}.Cat(x);
            """
        },
        {
            "H, W", "H*W == 40000", "H*W == 40000, H % 2 == 0",
            """[Spec] [return: Shape("2*(H/2), W")] static Sym Forward([Shape("H, W")] Sym x) => x.{|HYB1090:Relu()|};"""
        },
        {
            "B, H", "H >= 2", "H >= 2, H >= 4",
            """[Spec] static Sym Forward([Shape("B, H/4, 8")] Sym x) => x.Reshape({|HYB1005:"B, H/4, 2, 4"|});"""
        },
        {
            "B, H, W", "H >= 2, W >= 2", "H >= 2, W >= 2, H % 2 == 0, W % 2 == 0",
            """[Spec] static Sym Forward([Shape("B, 4, H, W")] Sym x) => x.MaxPool2d(2).Upsample(2) + {|HYB1007:x|};"""
        },
        {
            "B, H, W", "H >= 4, W >= 4", "H >= 4, W >= 4, H % 2 == 0, W % 2 == 0",
            """
            [Spec] static Sym Forward([Shape("B, 4, H, W")] Sym x)
                => x.MaxPool2d(2).{|HYB1015:ConvTranspose2d(4, k: 2, stride: 2)|}.Cat(x);
            """
        },
        {
            "B, H, W", "H >= 4, W >= 4", "H >= 4, W >= 4, H % 2 == 0, W % 2 == 0",
            """
            [Spec] [return: Shape("B, 4, H, W")] static Sym Forward([Shape("B, 4, H, W")] Sym x)
                => x.MaxPool2d(2).{|HYB1018:Upsample(2)|};
            """
        },
        { "B, T", "", "T == 6", """[Spec] static Sym Forward([Shape("B, T, 4")] Sym x) => x.Reshape({|HYB2003:"B, 24"|}).Linear(2);""" },
    };

    [Theory]
    [MemberData(nameof(Facts))]
    public Task AddedFact(string dims, string where, string completed, string members)
        => FixTest<AddFact>.Replaces(Marked.Network(members, dims, where), $"Where = \"{where}\"", $"Where = \"{completed}\"");

    /// <summary>[Derive] before and after, and the members.</summary>
    public static TheoryData<string, string, string> Variants => new()
    {
        {
            "[Derive({|HYB5003:Variant.Tangent|})]\n", "",
            """[Spec] static Sym Forward([Shape("B, 4"), Int64] Sym x) => x.Embedding(10, 1, key: "e");"""
        },
        {
            "[Derive(Variant.Functional, {|HYB5003:Variant.Tangent|})]\n", "[Derive(Variant.Functional)]\n",
            """[Spec] static Sym Forward([Shape("B, 4"), Int64] Sym x) => x.Embedding(10, 1, key: "e");"""
        },
        {
            "[Derive({|HYB5003:Variant.Tangent|}), Budget(Parameters = 100)]\n", "[Budget(Parameters = 100)]\n",
            """[Spec] static Sym Forward([Shape("B, 4"), Int64] Sym x) => x.Embedding(10, 1, key: "e");"""
        },
        {
            "[Derive({|HYB5004:Variant.Flipout|}, Variant.Functional)]\n", "[Derive(Variant.Functional)]\n",
            """[Spec] static Sym Forward([Shape("B, 4")] Sym x) => x.Relu();"""
        },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public Task ChangeVariants_LeavesOutWhatTheNetworkCannotHave(string derive, string left, string members)
    {
        string With(string attribute) => Marked.Network(members).Replace("[Network(", attribute + "[Network(", StringComparison.Ordinal);
        return FixTest<ChangeVariants>.Run(With(derive), With(left));
    }

    /// <summary>The rows of the catalogue's design that promise a fix.</summary>
    private static readonly string[] _promised =
    [
        "HYB1001", "HYB1002", "HYB1003", "HYB1004", "HYB1005", "HYB1006", "HYB1007", "HYB1008", "HYB1009", "HYB1010", "HYB1011", "HYB1012",
        "HYB1013", "HYB1014", "HYB1015", "HYB1016", "HYB1017", "HYB1018", "HYB1019", "HYB1090", "HYB2001", "HYB2002", "HYB2003", "HYB3001",
        "HYB3002", "HYB3003", "HYB3004", "HYB3005", "HYB3007", "HYB4002", "HYB4005", "HYB4006", "HYB5001", "HYB5002", "HYB5003",
    ];

    /// <summary>The ids whose fix is applied by a test of this class, or of the analyzers' own.</summary>
    private static IEnumerable<string> Fixed =>
        Edits.Select(row => row.Data.Item4).Concat(LossEdits.Select(row => row.Data.Item2)).Concat(Facts.Select(row => row.Data.Item4))
        .SelectMany(members => Marked.Parse(members).Expected.Select(expected => expected.Id))
        .Concat(["HYB1001", "HYB1002", "HYB1016", "HYB1018", "HYB4002", "HYB4005", "HYB4006", "HYB5003"]);

    [Fact]
    public void NineInTenOfThePromisedFixes_Exist()
    {
        var there = _promised.Where(id => Catalogue.Find(id) is not null).ToList();
        var missing = there.Except(Fixed).ToList();
        var without = string.Join(", ", missing);
        TestContext.Current.TestOutputHelper?.WriteLine($"{missing.Count} of {there.Count} promised fixes are missing: {without}");
        Assert.True(
            missing.Count * 10 <= there.Count, $"{missing.Count} of {there.Count} diagnostics that promise a fix have none: {without}");
    }
}
