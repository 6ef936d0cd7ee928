using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using Hybrid.Generators.Diagnostics;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>
/// Each diagnostic has a page whose first example reports it, with the message it prints, and whose second does not.
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
        var code = Blocks("csharp", page);
        // A defect of the generator itself has no example to show.
        if (id == "HYB9001")
        {
            Assert.Empty(code);
            return;
        }
        Assert.Equal(2, code.Count);
        var found = Analyze(code[0]);
        Assert.True(found.Count == 1 && found[0].Id == id, $"the first example of {id} reports: {string.Join("\n", found)}");
        if (Repository.Update) File.WriteAllText(path, page.Replace(Blocks("text", page).Single(), found[0].GetMessage(), StringComparison.Ordinal));
        else Assert.Equal(found[0].GetMessage(), Blocks("text", page).Single());
        Assert.True(Analyze(code[1]).Count == 0, $"the second example of {id} reports: {string.Join("\n", Analyze(code[1]))}");
    }

    [Fact]
    public void EveryFaultOfTheLanguage_IsInTheCatalogue()
    {
        var ids = Strings(typeof(Sym).Assembly.Location).Concat(Strings(typeof(Catalogue).Assembly.Location))
            .Where(s => IdPattern().IsMatch(s)).Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.Contains("HYB1001", ids);
        Assert.Equal(Catalogue.All.Select(d => d.Id).Order(StringComparer.Ordinal), ids);
    }

    private static List<Diagnostic> Analyze(string code)
    {
        var compilation = Specs.Compile($"using Hybrid; namespace Docs; {code}");
        var isOrdinary = code.Contains(".forward(", StringComparison.Ordinal);
        // Ordinary code that calls a generated network needs it generated; a spec is read as it stands.
        if (isOrdinary) compilation = (Microsoft.CodeAnalysis.CSharp.CSharpCompilation)Specs.Generate(compilation).Compilation;
        Assert.Empty(Specs.Errors(compilation));
        // A lock file is an additional file of the project; the examples' is this one.
        return [.. Specs.Analyze(compilation, [new AdditionalFile("Net.keys", "stem.weight (4, 8)\nstem.bias (4)\n")])];
    }

    private static List<string> Blocks(string language, string page) =>
        [.. Regex.Matches(page, $"^```{language}\n(.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline).Select(m => m.Groups[1].Value)];

    /// <summary>The string literals of an assembly.</summary>
    private static List<string> Strings(string path)
    {
        using var file = File.OpenRead(path);
        using var portable = new PEReader(file);
        var reader = portable.GetMetadataReader();
        var strings = new List<string>();
        for (var handle = MetadataTokensOf(1); !handle.IsNil; handle = reader.GetNextHandle(handle)) strings.Add(reader.GetUserString(handle));
        return strings;

        static UserStringHandle MetadataTokensOf(int offset) => MetadataTokens.UserStringHandle(offset);
    }

    [GeneratedRegex("^HYB[0-9]{4}$")]
    private static partial Regex IdPattern();
}
