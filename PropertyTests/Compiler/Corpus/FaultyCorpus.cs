using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Microsoft.CodeAnalysis;
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

    /// <summary>
    /// Where a shape is at fault, the diagnostic leads to where it comes from; what is refused is an error, what is legal but suspect a
    /// warning.
    /// </summary>
    [Fact]
    public void Faults_LeadToWhereShapesComeFrom()
    {
        var missing = new List<string>();
        foreach (var spec in FaultySpecs.All)
        {
            foreach (var found in Marked.Assert(spec.Source))
            {
                var severity = found.Id is "HYB1008" or "HYB1010" or "HYB1025" or "HYB1028" or "HYB1029" or "HYB1031" or "HYB1032"
                        or "HYB2002" or "HYB3003" or "HYB3008" or "HYB4015" or "HYB4016"
                    ? DiagnosticSeverity.Warning
                    : found.Id == "HYB1090"
                    ? DiagnosticSeverity.Info
                    : DiagnosticSeverity.Error;
                Assert.Equal(severity, found.Severity);
                var isOfShapes = found.Id.StartsWith("HYB1", StringComparison.Ordinal)
                    || found.Id.StartsWith("HYB3", StringComparison.Ordinal);
                if (isOfShapes && found.AdditionalLocations.Count == 0) missing.Add($"{found.Id} {spec.Situation}: {found.GetMessage()}");
            }
        }
        // An argument that is wrong whatever the shapes are.
        missing.RemoveAll(
            text => text.Contains(" must be at least ", StringComparison.Ordinal)
                || text.Contains("at most half", StringComparison.Ordinal)
                || text.Contains(" must be in [", StringComparison.Ordinal)
                || text.Contains("must be smaller than", StringComparison.Ordinal));
        Assert.True(missing.Count == 0, string.Join("\n", missing));
    }

    [Fact]
    public void Corpus_IsLargeAndOverTheWholeCatalogue()
    {
        Assert.True(FaultySpecs.All.Count >= 200, $"{FaultySpecs.All.Count} faulty specs; at least 200 are kept");
        Assert.Equal(FaultySpecs.All.Count, FaultySpecs.All.Select(spec => spec.Situation).Distinct().Count());
        var caught = FaultySpecs.All.SelectMany(spec => Marked.Parse(spec.Source).Expected)
            .Select(expected => expected.Id)
            .Distinct()
            .ToHashSet();
        var missing = _families.Where(id => !caught.Contains(id)).ToList();
        Assert.True(missing.Count == 0, $"no faulty spec for {string.Join(", ", missing)}");
    }

    /// <summary>
    /// The ids of shapes, facts, losses and language that the corpus answers for. Derived programs, calls of generated code, hand-written
    /// modules and lock files have tests of their own.
    /// </summary>
    private static readonly HashSet<string> _families =
    [
        "HYB1001",
        "HYB1002",
        "HYB1003",
        "HYB1004",
        "HYB1005",
        "HYB1006",
        "HYB1007",
        "HYB1008",
        "HYB1009",
        "HYB1010",
        "HYB1011",
        "HYB1012",
        "HYB1013",
        "HYB1014",
        "HYB1015",
        "HYB1016",
        "HYB1017",
        "HYB1018",
        "HYB1019",
        "HYB1020",
        "HYB1021",
        "HYB1022",
        "HYB1023",
        "HYB1024",
        "HYB1025",
        "HYB1026",
        "HYB1027",
        "HYB1028",
        "HYB1029",
        "HYB1031",
        "HYB1032",
        "HYB1090",
        "HYB2001",
        "HYB2002",
        "HYB2003",
        "HYB2004",
        "HYB3001",
        "HYB3002",
        "HYB3003",
        "HYB3004",
        "HYB3005",
        "HYB3007",
        "HYB3008",
        "HYB4001",
        "HYB4003",
        "HYB4004", "HYB4005", "HYB4007", "HYB4008", "HYB4009", "HYB4010", "HYB4011", "HYB4012", "HYB4013", "HYB4015", "HYB4016",
    ];
}
