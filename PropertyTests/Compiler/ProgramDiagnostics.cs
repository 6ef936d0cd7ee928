using System;
using System.Linq;
using System.Threading.Tasks;
using Hybrid.Generators.CodeFixes;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>
/// HYB5xxx: programs that cannot be written, said where [Derive] asks for them, with the operation as a further place, and what the editor
/// offers.
/// </summary>
public sealed class ProgramDiagnostics
{
    private static string Nets(string inner, string outer, string body = "Layer.Of(Encoder.Encode, key: \"encoder\").On(x)") => $$"""
        using Hybrid;
        namespace Net;

        /// <summary>Documented.</summary>
        [Network(Dims = "B")]{{inner}}
        public partial class Encoder
        {
            [Spec] [return: Shape("B, 4")] internal static Sym Encode([Shape("B, 4")] Sym x) => x.Linear(4);
        }

        public sealed class Halver { }

        [Network(Dims = "B")]{{outer}}
        public partial class Example
        {
            [Spec] static Sym Forward([Shape("B, 4")] Sym x) => {{body}};
        }
        """;

    [Fact]
    public void ANetworkInside_WithoutTheProgram_IsNamedAtDerive()
    {
        var found = Marked.Assert(
            Nets(
                " [Derive(Variant.Functional)]",
                " [Derive(Variant.Functional, {|HYB5006:Variant.Ensemble|}, {|HYB5006:Variant.Tangent|}, {|HYB5006:Variant.Flipout|})]"),
            [.. new[] { "Ensemble", "Tangent", "Flipout" }.Select(variant =>
                $"{variant}: Net.Encoder, the network of 'encoder' (line 16), does not derive {variant}. Add Variant.{variant} to the "
                    + $"[Derive] of Net.Encoder, or leave {variant} out of this one.")]);
        Assert.All(
            found, diagnostic => Assert.Equal(15, Assert.Single(diagnostic.AdditionalLocations).GetLineSpan().StartLinePosition.Line));
        Marked.Assert(Nets(
            " [Derive(Variant.Tangent, Variant.Ensemble, Variant.Flipout)]",
            " [Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble, Variant.Flipout, Variant.Card)]"));
    }

    /// <summary>What Tangent needs of Functional is Tangent's to say, once.</summary>
    [Fact]
    public void AProgramThatAnotherNeeds_IsNotNamed() => Marked.Assert(
        Nets("", " [Derive({|HYB5005:Variant.Tangent|})]", "Layer.Module<Halver>(\"B, N -> B, N/2\", key: \"halver\").On(x)"),
        "Tangent: Module 'halver' holds weights that are not this network's to name. Leave Tangent out of [Derive], or write the part as "
            + "a [Block].");

    [Fact]
    public void EveryPartIsNamed_ThoughThePlaceIsTheSame() => Marked.Assert(
        Nets(
            "",
            " [Derive({|HYB5005:{|HYB5005:Variant.Ensemble|}|})]",
            "Layer.Module<Halver>(\"B, N -> B, N/2\", key: \"b\").On(Layer.Module<Halver>(\"B, N -> B, N\", key: \"a\").On(x))"));

    [Fact]
    public void ASharedNetwork_CannotBeDrawn() => Marked.Assert(
        Nets(
            " [Derive(Variant.Flipout)]",
            " [Derive({|HYB5004:Variant.Flipout|})]",
            "Twice(x, Layer.Of(Encoder.Encode, key: \"encoder\"))").Replace(
            "[Spec] static",
            "[Block] static Sym Twice(Sym x, NetworkLayer<Sym> encoder) => encoder.On(encoder.On(x));\n    [Spec] static",
            StringComparison.Ordinal));

    [Theory]
    [InlineData("", "\n[Derive(Variant.Ensemble)]")]
    [InlineData(" [Derive(Variant.Card)]", " [Derive(Variant.Card, Variant.Ensemble)]")]
    [InlineData("\n[Derive(Variant.Card)]", "\n[Derive(Variant.Card, Variant.Ensemble)]")]
    public Task TheEditor_DerivesItInside(string inner, string becomes) => FixTest<ChangeVariants>.Run(
        Nets(inner, " [Derive({|HYB5006:Variant.Ensemble|})]"), Nets(becomes, " [Derive(Variant.Ensemble)]"));

    [Theory]
    [InlineData(" [Derive({|HYB5006:Variant.Ensemble|})]", "", 1, "Layer.Of(Encoder.Encode).On(x)")]
    [InlineData("\n[Derive({|HYB5006:Variant.Ensemble|})]", "", 1, "Layer.Of(Encoder.Encode).On(x)")]
    [InlineData(" [Derive(Variant.Card, {|HYB5006:Variant.Ensemble|})]", " [Derive(Variant.Card)]", 1, "Layer.Of(Encoder.Encode).On(x)")]
    [InlineData(
        " [Derive({|HYB5005:Variant.Ensemble|}, Variant.Card)]",
        " [Derive(Variant.Card)]",
        0,
        "Layer.Module<Halver>(\"B, N -> B, N/2\").On(x)")]
    [InlineData(" [Derive({|HYB5004:Variant.Flipout|})]", "", 0, "x.Relu()")]
    public Task TheEditor_LeavesItOut(string derive, string left, int which, string body)
        => FixTest<ChangeVariants>.Run(Nets("", derive, body), Nets("", left, body), which);

    /// <summary>An operation without a forward-mode rule is hard to find: an input without real numbers serves.</summary>
    [Fact]
    public Task TheEditor_LeavesOutATangent()
    {
        static string Indexed(string derive) => Nets("", derive, "x.Embedding(10, 1)").Replace(
            "static Sym Forward([Shape(\"B, 4\")]", "static Sym Forward([Shape(\"B, 4\"), Int64]", StringComparison.Ordinal);
        return FixTest<ChangeVariants>.Run(Indexed(" [Derive({|HYB5003:Variant.Tangent|})]"), Indexed(""));
    }
}
