using System.Collections.Generic;
using System.Linq;
using Hybrid.Generators;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>What the generator does again after an edit, by Roslyn's tracked steps.</summary>
public sealed class Caching
{
    private const string Encoder = """
        using Hybrid;
        namespace Net;
        [Network(Dims = "B")]
        [Derive(Variant.Functional)]
        public partial class Encoder
        {
            [Spec] [return: Shape("B, 4")]
            internal static Sym Forward([Shape("B, 8")] Sym x) => Blocks.Dense(x, 4);
        }
        """;

    private const string Decoder = """
        using Hybrid;
        namespace Net;
        [Network(Dims = "B")]
        public partial class Decoder
        {
            [Spec]
            internal static Sym Forward([Shape("B, 4")] Sym x) => x.Linear(Sizes.Width);
        }
        """;

    private const string Shared = """
        using Hybrid;
        namespace Net;
        internal static class Sizes { public const int Width = 8; }
        internal static class Blocks
        {
            [Block] public static Sym Dense(Sym x, int width) => x.Linear(width).Relu();
        }
        """;

    private static readonly string[] _sources = [Encoder, Decoder, Shared];

    [Fact]
    public void SameCompilation_IsCached()
    {
        var (before, after) = Run(file: 0, text => text);
        AssertReasons(after, IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged);
        Assert.Equal(before.Files, after.Files);
    }

    [Fact]
    public void AddedComment_DoesNotModifyOutput()
    {
        for (var file = 0; file < _sources.Length; file++)
        {
            var (before, after) = Run(file, text => "// a remark\n" + text.Replace("internal static", "/* moved */\n internal static"));
            AssertReasons(after, IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged);
            Assert.Equal(before.Files, after.Files);
        }
    }

    [Fact]
    public void UnrelatedClass_DoesNotModifyOutput()
    {
        var (before, after) = Run(file: 2, text => text + "\nclass Unrelated { int F() => 3; }");
        AssertReasons(after, IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged);
        Assert.Equal(before.Files, after.Files);
    }

    [Fact]
    public void EditedSpec_ModifiesOnlyItself()
    {
        var (before, after) = Run(file: 1, text => text.Replace("x.Linear(Sizes.Width)", "x.Linear(Sizes.Width).Relu()"));
        Assert.Equal(["Net.Decoder"], after.ModifiedSpecs);
        Assert.Equal(["Net.Decoder.g.cs"], Changed(before, after));
    }

    [Fact]
    public void EditedBlockInAnotherFile_ModifiesItsUsers()
    {
        var (before, after) = Run(file: 2, text => text.Replace("x.Linear(width).Relu()", "x.Linear(width)"));
        Assert.Equal(["Net.Encoder"], after.ModifiedSpecs);
        Assert.All(Changed(before, after), name => Assert.StartsWith("Net.Encoder.", name));
        Assert.NotEmpty(Changed(before, after));
    }

    [Fact]
    public void EditedConstantInAnotherFile_ModifiesItsUsers()
    {
        var (before, after) = Run(file: 2, text => text.Replace("Width = 8", "Width = 16"));
        Assert.Equal(["Net.Decoder"], after.ModifiedSpecs);
        Assert.Equal(["Net.Decoder.g.cs"], Changed(before, after));
    }

    [Fact]
    public void ChangedDerive_RewritesOneFile()
    {
        var (before, after) = Run(
            file: 0, text => text.Replace("[Derive(Variant.Functional)]", "[Derive(Variant.Functional, Variant.Tangent)]"));
        Assert.Equal(["Net.Encoder.Tangent.g.cs"], Changed(before, after));
        var modified = after.Steps.Where(
            s => s.Name.StartsWith(ProgramGenerator.TextStep, System.StringComparison.Ordinal)
                && s.Reason is not (IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged)).ToList();
        Assert.Single(modified);
    }

    [Fact]
    public void TwoRuns_WriteTheSameText()
    {
        var first = Specs.Files(Specs.Generate(Specs.Compile(_sources)).Result);
        var second = Specs.Files(Specs.Generate(Specs.Compile([.. _sources.Reverse()])).Result);
        Assert.Equal(first.OrderBy(f => f.Key, System.StringComparer.Ordinal), second.OrderBy(f => f.Key, System.StringComparer.Ordinal));
        Assert.All(first.Values, text => Assert.DoesNotContain("\r", text));
    }

    private sealed record Step(string Name, IncrementalStepRunReason Reason, object Value);

    private sealed record Outcome(IReadOnlyDictionary<string, string> Files, IReadOnlyList<Step> Steps)
    {
        /// <summary>The specs whose model differs from the last run's.</summary>
        public IEnumerable<string> ModifiedSpecs => Steps
            .Where(
                s => s.Name == ProgramGenerator.ReadStep && s.Reason is IncrementalStepRunReason.Modified or IncrementalStepRunReason.New)
            .Where(s => s.Name == ProgramGenerator.ReadStep)
            .Select(s => ((Generators.Model.ReadSpec)s.Value).Name);
    }

    /// <summary>Runs the generator, edits one file, and runs it again.</summary>
    private static (Outcome Before, Outcome After) Run(int file, System.Func<string, string> edit)
    {
        var compilation = Specs.Compile(_sources);
        var driver = Specs.Driver().RunGenerators(compilation);
        var before = Of(driver);
        Assert.NotEmpty(before.Files);
        var old = compilation.SyntaxTrees[file];
        return (before, Of(driver.RunGenerators(compilation.ReplaceSyntaxTree(old, Specs.Tree(edit(_sources[file]), file)))));
    }

    private static Outcome Of(GeneratorDriver driver)
    {
        var result = driver.GetRunResult();
        var steps = result.Results.Single().TrackedSteps
            .Where(s => s.Key.StartsWith("Hybrid.", System.StringComparison.Ordinal))
            .SelectMany(s => s.Value.SelectMany(run => run.Outputs.Select(output => new Step(s.Key, output.Reason, output.Value))))
            .ToList();
        return new Outcome(Specs.Files(result), steps);
    }

    private static IEnumerable<string> Changed(Outcome before, Outcome after) => after.Files
        .Where(f => !before.Files.TryGetValue(f.Key, out var text) || text != f.Value)
        .Select(f => f.Key)
        .Order(System.StringComparer.Ordinal);

    /// <summary>The transform always runs again and must find the same model; what follows must not run at all.</summary>
    private static void AssertReasons(Outcome after, params IncrementalStepRunReason[] allowed)
    {
        Assert.Contains(after.Steps, s => s.Name == ProgramGenerator.ReadStep);
        Assert.All(after.Steps, s => Assert.Contains(s.Reason, allowed));
        Assert.All(
            after.Steps.Where(s => s.Name != ProgramGenerator.ReadStep), s => Assert.Equal(IncrementalStepRunReason.Cached, s.Reason));
    }
}
