using System.Linq;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Corpus;

/// <summary>Correct specs: the checker proves all of them, and what is generated compiles.</summary>
public sealed class CorrectCorpus
{
    public static TheoryData<string> Situations => [.. CorrectSpecs.All.Select(spec => spec.Situation)];

    [Theory]
    [MemberData(nameof(Situations))]
    public void NothingIsReported_AndItCompiles(string situation)
    {
        var source = CorrectSpecs.All.Single(spec => spec.Situation == situation).Source;
        Marked.Assert(source);
        var (compilation, result) = Specs.Generate(Specs.Compile(source));
        Assert.Empty(Specs.Errors(compilation));
        Assert.NotEmpty(Specs.Files(result));
    }

    [Fact]
    public void Corpus_IsLarge()
    {
        Assert.True(CorrectSpecs.All.Count >= 40, $"{CorrectSpecs.All.Count} correct specs; at least 40 are kept");
        Assert.Equal(CorrectSpecs.All.Count, CorrectSpecs.All.Select(spec => spec.Situation).Distinct().Count());
    }
}
