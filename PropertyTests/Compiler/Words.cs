using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>Messages, comments and pages of the language say what an English-speaking colleague would, on lines that fit a screen.</summary>
public sealed partial class Words
{
    private const int Widest = 140;

    private static IEnumerable<string> Sources
        => new[] { "Dsl", "Generators" }.SelectMany(folder => Directory.GetFiles(Repository.Path(folder), "*.cs", SearchOption.AllDirectories));

    private static IEnumerable<string> Pages
        => Directory.GetFiles(Repository.Path("docs", "diagnostics"), "*.md")
            .Concat(new[] { "language.md", "algebra.md", "cards.md", "onnx.md" }.Select(page => Repository.Path("docs", page)));

    [Fact]
    public void PhrasesThatReadTranslated_AreNotUsed()
    {
        var found =
            from path in Sources.Concat(Pages)
            from line in File.ReadLines(path).Select((text, n) => (Text: text, Number: n + 1))
            where Translated().IsMatch(line.Text)
            select $"{Path.GetRelativePath(Repository.Path(), path)}, line {line.Number}: '{Translated().Match(line.Text).Value}'";
        Assert.Empty(found);
    }

    /// <summary>Sentences of pages; messages, tables and listings stand as they are printed.</summary>
    [Fact]
    public void ProseOfPages_FitsAScreen()
    {
        foreach (var page in Pages)
        {
            var isListing = false;
            foreach (var line in File.ReadLines(page))
            {
                if (line.StartsWith("```", StringComparison.Ordinal)) isListing = !isListing;
                else if (!isListing && line.Length > 0 && line[0] is not ('|' or ' ' or '<'))
                    Assert.True(line.Length <= Widest, $"{Path.GetFileName(page)} has a line of {line.Length}: {line}");
            }
        }
    }

    [GeneratedRegex(
        @"\b(is told|are told|goes on|go on with|anew|behind|has it that|as \w+ has it|says no|exchange[sd]?|nobody|where it is meant)\b"
            + @"|[^\d.,]1 (arguments|axes|inputs|elements|layers|keys)\b"
            + @"|(?<!\bthere )\bis no (symbol|operation|argument|const|block|number|network)\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex Translated();
}
