using System.Collections.Generic;
using System.Linq;
using Hybrid.Generators.CodeFixes;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Microsoft.CodeAnalysis.CodeFixes;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Corpus;

/// <summary>
/// What the editor offers for a fault of the corpus compiles, and the fault is gone: of its id there is one less, and nothing is broken
/// that was not.
/// </summary>
public sealed class CorpusFixes
{
    public static TheoryData<string> Situations => [.. FaultySpecs.All.Select(spec => spec.Situation)];

    [Theory]
    [MemberData(nameof(Situations))]
    public void FirstOfferOfEachKind_ClearsTheFault(string situation)
    {
        var spec = Marked.Parse(FaultySpecs.All.Single(candidate => candidate.Situation == situation).Source);
        foreach (var id in spec.Expected.Select(expected => expected.Id).Distinct())
        {
            var before = spec.Expected.Count(expected => expected.Id == id);
            foreach (var provider in Providers().Where(provider => provider.FixableDiagnosticIds.Contains(id)))
            {
                if (Fixes.Apply(provider, id, spec.Source) is not { } repaired) continue;
                var compilation = Specs.Compile(repaired);
                Assert.True(
                    Specs.Errors(compilation).Count == 0,
                    $"{provider.GetType().Name}: {string.Join("\n", Specs.Errors(compilation))}\nin\n{repaired}");
                var found = Specs.Analyze(compilation);
                Assert.True(
                    found.Count(d => d.Id == id) < before, $"{provider.GetType().Name} leaves {string.Join("\n", found)}\nin\n{repaired}");
            }
        }
    }

    private static IEnumerable<CodeFixProvider> Providers()
        => [new ApplyEdit(), new AddFact(), new RemovePin(), new ChangePromise(), new MakeConst()];
}
