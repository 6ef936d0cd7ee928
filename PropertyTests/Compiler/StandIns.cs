using System.Linq;
using Hybrid.Generators;
using Hybrid.Generators.Model;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>
/// A spec with errors still gets its class, so that the user's other code compiles and the one message that matters is not buried.
/// </summary>
public sealed class StandIns
{
    private const string Users = """

        public static class User
        {
            public static (TorchSharp.torch.Tensor, TorchSharp.torch.Tensor) Use(TorchSharp.torch.Tensor x)
                => new Net.Example(hidden: 3, dtype: TorchSharp.torch.ScalarType.Float64).forward(x, x);
        }
        """;

    private const string Members = """
        [Spec] static (Sym mean, Sym spread) Forward([Shape("B, 4")] Sym a, [Shape("B, 4")] Sym b, [Param] int hidden = 8)
            => (a.Linear(hidden, inputs: PIN), b);
        """;

    [Theory]
    [InlineData("4")]
    [InlineData("5")]
    public void CodeThatUsesTheNetwork_CompilesWithAndWithoutErrorsInTheSpec(string pin)
    {
        var compilation = Specs.Compile(Marked.Network(Members.Replace("PIN", pin, System.StringComparison.Ordinal)) + Users);
        Assert.Equal(pin == "4" ? [] : ["HYB1001"], Specs.Analyze(compilation).Select(d => d.Id));
        var (generated, result) = Specs.Generate(compilation);
        Assert.Empty(Specs.Errors(generated));
        Assert.Equal(["Net.Example.g.cs"], Specs.Files(result).Keys);
        Assert.Equal(
            pin == "5",
            Specs.Files(result)["Net.Example.g.cs"]
                .Contains("throw new global::System.InvalidOperationException", System.StringComparison.Ordinal));
    }

    [Fact]
    public void Loss_KeepsItsFunction()
    {
        var compilation = Specs.Compile(Marked.Loss("""[Spec] internal static Sym Value([Shape("B, 4")] Sym x) => x.Linear(3).Mean();""")
            + "\npublic static class User { "
            + "public static TorchSharp.torch.Tensor Use(TorchSharp.torch.Tensor x) => Net.Example.Value(x); }");
        Assert.Equal("HYB4010", Assert.Single(Specs.Analyze(compilation)).Id);
        Assert.Empty(Specs.Errors(Specs.Generate(compilation).Compilation));
    }

    [Fact]
    public void FailureOfTheGenerator_SaysWhatFollows()
    {
        var written = ProgramStage.Write(
            new ReadSpec("Net.Example", null, "InvalidOperationException: the reason.", new ClassPlace("Net.cs", 70, 7, 4, 21)),
            TestContext.Current.CancellationToken);
        Assert.Equal(
            "HYB failed on 'Net.Example': InvalidOperationException: the reason. No code was generated; errors about missing members "
                + "below follow from this.",
            written.Failure!.Reason);
        Assert.Equal("Net.cs: (4,21)-(4,28)", ProgramGenerator.NotFinished(written.Failure).Location.GetLineSpan().ToString());
        Assert.All(written.Files, Assert.Null);
    }

    [Fact]
    public void PlaceOfTheClass_IsReadAndNoPartOfTheModel()
    {
        var source = Marked.Network(Members.Replace("PIN", "4", System.StringComparison.Ordinal));
        var (before, after) = (Place(source), Place("// moved\n" + source));
        Assert.Equal(("0.cs", "Example".Length), (before.Path, before.Length));
        Assert.Equal("Example", source.Substring(before.Start, before.Length));
        Assert.Equal(before.Line + 1, after.Line);
        Assert.Equal(before, after);

        static ClassPlace Place(string source)
            => ((ReadSpec)Specs.Driver().RunGenerators(Specs.Compile(source)).GetRunResult().Results[0]
                .TrackedSteps[ProgramGenerator.ReadStep].SelectMany(s => s.Outputs).Single().Value).Place;
    }
}
