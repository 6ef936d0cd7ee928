using System.Collections.Generic;
using System.Linq;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Corpus;

/// <summary>Every faulty spec is caught: the right id, at the right place, and nothing else.</summary>
public sealed class FaultyCorpus
{
    public static TheoryData<string> Situations => [.. FaultySpecs.All.Select(spec => spec.Situation)];

    [Theory]
    [MemberData(nameof(Situations))]
    public void Fault_IsCaughtWhereItIs(string situation)
    {
        var spec = FaultySpecs.All.Single(candidate => candidate.Situation == situation);
        var found = Marked.Assert(spec.Source);
        Assert.NotEmpty(found);
        Assert.All(found, d => Assert.Matches("[.?]$", d.GetMessage()));
        Assert.All(found, d => Assert.DoesNotContain('\n', d.GetMessage()));
    }

    [Fact]
    public void Corpus_IsLargeAndOverTheWholeCatalogue()
    {
        Assert.True(FaultySpecs.All.Count >= 100, $"{FaultySpecs.All.Count} faulty specs; at least 100 are kept");
        Assert.Equal(FaultySpecs.All.Count, FaultySpecs.All.Select(spec => spec.Situation).Distinct().Count());
        var caught = FaultySpecs.All.SelectMany(spec => Marked.Parse(spec.Source).Expected).Select(expected => expected.Id).Distinct().ToHashSet();
        var missing = _families.Where(id => !caught.Contains(id)).ToList();
        Assert.True(missing.Count == 0, $"no faulty spec for {string.Join(", ", missing)}");
    }

    /// <summary>
    /// The ids of shapes, facts, losses and language that the corpus answers for. Derived programs, calls of generated code, hand-written modules and lock
    /// files have tests of their own.
    /// </summary>
    private static readonly HashSet<string> _families =
    [
        "HYB1001", "HYB1002", "HYB1003", "HYB1004", "HYB1005", "HYB1006", "HYB1007", "HYB1008", "HYB1009", "HYB1010", "HYB1011", "HYB1014", "HYB1015", "HYB1016", "HYB1017", "HYB1018",
        "HYB1019", "HYB1020", "HYB1021", "HYB1090", "HYB2001", "HYB2002", "HYB2003", "HYB2004", "HYB3001", "HYB3002", "HYB3003", "HYB3004", "HYB3005", "HYB3007", "HYB4001", "HYB4003",
        "HYB4004", "HYB4005", "HYB4007", "HYB4008", "HYB4009", "HYB4010", "HYB4012",
    ];
}
