using System;
using System.Linq;
using Hybrid.Generators.CodeFixes;
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

    private static void Clears(CodeFixProvider provider, string id, string members, string expected, string dims = "B")
    {
        var source = Marked.Network(members, dims);
        var repaired = Fixes.Apply(provider, id, source);
        Assert.True(repaired is not null, $"{provider.GetType().Name} offers nothing for {id}");
        Assert.Contains(expected, repaired, StringComparison.Ordinal);
        var compilation = Specs.Compile(repaired!);
        Assert.Empty(Specs.Errors(compilation));
        Assert.True(Specs.Analyze(compilation).IsEmpty, $"{string.Join("\n", Specs.Analyze(compilation))}\nin\n{repaired}");
    }
}
