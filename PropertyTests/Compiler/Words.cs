using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>Messages, comments and pages say what an English-speaking colleague would, on lines that fit a screen.</summary>
public sealed partial class Words
{
    private const int Widest = 140;

    /// <summary>This file, which holds the phrases.</summary>
    private const string Own = "PropertyTests/Compiler/Words.cs";

    /// <summary>Specs as users write them, on lines that the right answers count.</summary>
    private const string Corpus = "PropertyTests/Compiler/Corpus/";

    private static IEnumerable<string> Code => Repository.Files.Where(file => Path.GetExtension(file) is ".cs" or ".fs");

    private static IEnumerable<string> Pages
        => Repository.Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal));

    private static IEnumerable<string> Programs => Repository.Files.Where(file => Path.GetExtension(file) is ".py");

    private static IEnumerable<string> Shell => Repository.Files.Where(file => file is "hybrid" or ".ci/run" or "bench/gpu-check");

    private static IEnumerable<(int Number, string Text)> Lines(string file)
        => File.ReadLines(Repository.Path(file)).Select((text, index) => (index + 1, text));

    [Fact]
    public void PhrasesThatReadTranslated_AreNotUsed()
    {
        var found =
            from file in Code.Concat(Pages).Concat(Programs).Concat(Shell)
            where file != Own
            from line in Lines(file)
            from phrase in Translated().Matches(line.Text)
            select $"{file}, line {line.Number}: '{phrase.Value}'";
        Assert.Empty(found);
    }

    /// <summary>What is looked for is found where it stands, and what only looks like it is not.</summary>
    [Theory]
    [InlineData("The user is told the size.", "is told")]
    [InlineData("Training goes on after it.", "goes on")]
    [InlineData("The one behind it is read.", "behind")]
    [InlineData("as libtorch has it", "as libtorch has it")]
    [InlineData("expected 1 arguments, got 2", "1 arguments")]
    [InlineData("1 axes", "1 axes")]
    [InlineData("N is no symbol.", "is no symbol")]
    [InlineData("texts, which are no tensor", "are no tensor")]
    [InlineData("Exchange them.", "Exchange")]
    [InlineData("They are told apart by their shapes.", null)]
    [InlineData("A real galaxy behind the lens.", null)]
    [InlineData("``a step leaves no tensor behind``", null)]
    [InlineData("Array.zeroCreate<int64> (max 1 axes)", null)]
    [InlineData("expected 11 arguments, got 2.1 keys", null)]
    [InlineData("There is no symbol N; there are no others.", null)]
    [InlineData("A slot is no longer the consumer's.", null)]
    [InlineData("Interlocked.Exchange(ref _it, null)", null)]
    public void Translated_IsWhatReadsTranslated(string text, string? phrase)
        => Assert.Equal(phrase, Translated().Match(text) is { Success: true } found ? found.Value : null);

    [Fact]
    public void LinesOfCode_FitAScreen()
    {
        var files = Code.Concat(Programs).ToList();
        Assert.True(files.Count > 400, $"expected the project's code, got {files.Count} files");
        var found =
            from file in files
            where !file.StartsWith(Corpus, StringComparison.Ordinal)
            from line in Lines(file)
            where line.Text.Length > Widest && !Reference().IsMatch(line.Text)
            select $"{file}, line {line.Number}: {line.Text.Length} columns";
        Assert.Empty(found);
    }

    /// <summary>Sentences of pages; messages, tables and listings stand as they are printed.</summary>
    [Fact]
    public void ProseOfPages_FitsAScreen()
    {
        foreach (var page in Pages)
        {
            var isListing = false;
            foreach (var (number, line) in Lines(page))
            {
                if (line.StartsWith("```", StringComparison.Ordinal)) isListing = !isListing;
                else if (!isListing && line.Length > 0 && line[0] is not ('|' or ' ' or '<'))
                    Assert.True(line.Length <= Widest, $"{page}, line {number}: {line.Length} columns: {line}");
            }
        }
    }

    /// <summary>
    /// "Behind" is right of what light passes, and in the idiom for what stays; "told" in "told apart"; "no" in "there is no" and "no
    /// longer". Code may say 1 and then a name (max 1 axes), and exchange a value in one step.
    /// </summary>
    [GeneratedRegex(
        @"\b(is|are|was|were) told\b(?! apart)"
            + @"|\b(go|goes|going|gone|went) on\b|\banew\b|\bhas it that\b|\bas \w+ has it\b|\bsays no\b|\bnobody\b|\bwhere it is meant\b"
            + @"|(?<!\b(galaxy|galaxies|source|light|index 1|leaves? no tensor) )\bbehind\b"
            + @"|(?<!\bInterlocked\.)\bexchange[sd]?\b"
            + @"|(?<!\bmax )(?<![\d.,])\b1 (arguments|axes|inputs|elements|layers|keys)\b"
            + @"|(?<!\bthere )\b(is|are) no (?!longer\b|more\b|less\b)[a-z]+\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex Translated();

    /// <summary>A line that is one reference of a documentation comment, which has no place to break.</summary>
    [GeneratedRegex(@"^\s*/// <\w+ cref=""[^""]+""(/>)?$")]
    private static partial Regex Reference();
}
