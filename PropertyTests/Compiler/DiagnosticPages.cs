using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Hybrid.Graphs;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>
/// Each diagnostic has a page whose first example reports it, with the message it prints, and whose second does not.
/// The examples are compiled as they are printed, after the using that docs/diagnostics/README.md states for all of them.
/// HYBRID_UPDATE_SNAPSHOTS=1 rewrites the messages in the pages.
/// </summary>
public sealed partial class DiagnosticPages
{
    public static TheoryData<string> Ids => [.. Catalogue.All.Select(d => d.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Page_ShowsWhatIsReportedAndHowItIsFixed(string id)
    {
        var path = Repository.Path("docs", "diagnostics", id + ".md");
        Assert.True(File.Exists(path), $"docs/diagnostics/{id}.md is missing");
        var page = File.ReadAllText(path);
        Assert.StartsWith($"# {id}: {Catalogue.Find(id)!.Title}\n", page, StringComparison.Ordinal);
        var code = PageBlocks.Of(page, "csharp");
        // A defect of the generator itself has no example to show.
        if (id == "HYB9001")
        {
            Assert.Empty(code);
            return;
        }
        Assert.Equal(2, code.Length);
        var found = Analyze(code[0]);
        Assert.True(found.Count == 1 && found[0].Id == id, $"the first example of {id} reports: {string.Join("\n", found)}");
        if (Repository.Update)
            File.WriteAllText(path, page.Replace(PageBlocks.Of(page, "text").Single(), found[0].GetMessage(), StringComparison.Ordinal));
        else Assert.Equal(found[0].GetMessage(), PageBlocks.Of(page, "text").Single());
        Assert.True(Analyze(code[1]).Count == 0, $"the second example of {id} reports: {string.Join("\n", Analyze(code[1]))}");
    }

    /// <summary>A page of an id that is gone would stay.</summary>
    [Fact]
    public void Pages_AreOfTheCataloguesIds()
        => Assert.Equal(
            Catalogue.All.Select(kind => kind.Id),
            Directory.GetFiles(Repository.Path("docs", "diagnostics"), "HYB*.md")
                .Select(Path.GetFileNameWithoutExtension)
                .Order(StringComparer.Ordinal));

    /// <summary>An id that was given up is listed, and stays given up.</summary>
    [Fact]
    public void IdsThatAreNotRaised_AreNotInTheCatalogue()
    {
        var given = Regex.Matches(
            File.ReadAllText(Repository.Path("docs", "diagnostics", "README.md")), @"^\| (HYB\d{4}) \|", RegexOptions.Multiline);
        Assert.NotEmpty(given);
        Assert.All(given, row => Assert.Null(Catalogue.Find(row.Groups[1].Value)));
    }

    [Fact]
    public void Releases_AreTheCatalogue()
    {
        var rows = new[] { "AnalyzerReleases.Shipped.md", "AnalyzerReleases.Unshipped.md" }
            .SelectMany(name => File.ReadLines(Repository.Path("Generators", "Core", name)))
                .Where(line => line.StartsWith("HYB", StringComparison.Ordinal));
        Assert.Equal(
            Catalogue.All.Select(kind => $"{kind.Id} | {kind.Category} | {kind.Severity} | {kind.Title}, [documentation]({kind.Page})"),
            rows.Order(StringComparer.Ordinal));
    }

    /// <summary>Each id is raised somewhere, and nothing else is.</summary>
    [Fact]
    public void EveryFaultOfTheLanguage_IsInTheCatalogue()
        => Assert.Equal(
            Catalogue.All.Select(kind => kind.Id),
            Sources()
                .SelectMany(source => IdPattern().Matches(source))
                .Select(id => id.Groups[1].Value)
                .Distinct()
                .Order(StringComparer.Ordinal));

    /// <summary>The severity is the catalogue's; the verb at the raising place says the same.</summary>
    [Fact]
    public void Verbs_AgreeWithTheCatalogue()
    {
        var raised = Sources().SelectMany(source => VerbPattern().Matches(source)).ToList();
        Assert.True(raised.Count > 100, $"{raised.Count} places report by Error or Warn; the pattern finds too few");
        foreach (var place in raised)
        {
            var severity = place.Groups[1].Value == "Error" ? FaultSeverity.Error : FaultSeverity.Warning;
            Assert.True(
                Catalogue.Find(place.Groups[2].Value)!.Severity == severity,
                $"{place.Value}: the catalogue says {Catalogue.Find(place.Groups[2].Value)!.Severity}");
        }
    }

    /// <summary>What raises faults: the language and the generator, but for the catalogue itself.</summary>
    private static IEnumerable<string> Sources()
        => new[] { Repository.Path("Dsl"), Repository.Path("Generators", "Core") }
            .SelectMany(folder => Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.EndsWith($"{Path.DirectorySeparatorChar}Catalogue.cs", StringComparison.Ordinal)).Select(File.ReadAllText);

    private static List<Diagnostic> Analyze(string code)
    {
        var compilation = Specs.Compile($"using Hybrid; {code}");
        var isOrdinary = code.Contains(".forward(", StringComparison.Ordinal);
        // Ordinary code that calls a generated network needs it generated; a spec is read as it stands.
        if (isOrdinary) compilation = (Microsoft.CodeAnalysis.CSharp.CSharpCompilation)Specs.Generate(compilation).Compilation;
        Assert.Empty(Specs.Errors(compilation));
        // A lock file is an additional file of the project; the examples' is this one.
        return [.. Specs.Analyze(compilation, [new AdditionalFile("Net.keys", "stem.weight (4, 8)\nstem.bias (4)\n")])];
    }

    [GeneratedRegex("\"(HYB[0-9]{4})\"")]
    private static partial Regex IdPattern();

    [GeneratedRegex("\\bi\\.(Error|Warn)\\(\\s*\"(HYB[0-9]{4})\"")]
    private static partial Regex VerbPattern();
}
