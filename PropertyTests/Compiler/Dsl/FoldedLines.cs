using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Hybrid.Programs;
using Hybrid.PropertyTests.Compiler.Corpus;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Dsl;

/// <summary>Generated lines that are wider than a screen are broken as a person would, and say what they said.</summary>
public sealed partial class FoldedLines
{
    private const string Long = "functional.layer_norm(anInputWithALongName, new long[] { 512 }, theWeights.OfALongName)";

    [Theory]
    [InlineData("var y = functional.relu(x); // (B, 4)", "var y = functional.relu(x); // (B, 4)")]
    [InlineData(
        "if (sizes.Length != 4) throw new ArgumentException($\"Net.{caller}: expected {expected}, got {sizes.Length} axes\", "
            + "nameof(members));",
        """
        if (sizes.Length != 4)
            throw new ArgumentException($"Net.{caller}: expected {expected}, got {sizes.Length} axes", nameof(members));
        """)]
    [InlineData(
        $"var y = {Long}.unflatten(0, new long[] {{ Members, -1 }}).transpose(0, 1); // (M, B, 4)",
        $$"""
        var y = {{Long}}
            .unflatten(0, new long[] { Members, -1 })
            .transpose(0, 1); // (M, B, 4)
        """)]
    [InlineData(
        $"var y = training ? {Long} : w.RunningMean.view(new long[] {{ -1, 1, 1 }}); // (B, 4)",
        $$"""
        var y = training
            ? {{Long}}
            : w.RunningMean.view(new long[] { -1, 1, 1 }); // (B, 4)
        """)]
    [InlineData(
        $"y = functional.batch_norm({Long}, mean); // (B, 4)",
        $$"""
        y = functional.batch_norm(
            {{Long}}, mean); // (B, 4)
        """)]
    [InlineData(
        $"return new Stack(Stacked({Long}), Stacked({Long}));",
        $$"""
        return new Stack(
            Stacked({{Long}}),
            Stacked({{Long}}));
        """)]
    [InlineData(
        "public static Flipout From(Network module, double sigma = 0.05, Layers layers = Layers.All) "
            + "=> new(module, sigma, layers, isOwner: false);",
        """
        public static Flipout From(Network module, double sigma = 0.05, Layers layers = Layers.All)
            => new(module, sigma, layers, isOwner: false);
        """)]
    [InlineData(
        "throw new ArgumentException($\"Net.{caller}: expected as many members as the weights have, {w.Members}, got {members} of them. "
            + "Take Of(members) again.\");",
        """
        throw new ArgumentException(
            $"Net.{caller}: expected as many members as the weights have, {w.Members}, got {members} of them. Take Of(members) "
                + "again.");
        """)]
    [InlineData(
        "public IReadOnlyList<Tensor> Parameters "
            + "=> new Tensor[] { Conv2d1Weight, Conv2d1Bias, BatchNorm1Weight, BatchNorm1Bias, Linear1Weight };",
        """
        public IReadOnlyList<Tensor> Parameters
            => new Tensor[] { Conv2d1Weight, Conv2d1Bias, BatchNorm1Weight, BatchNorm1Bias, Linear1Weight };
        """)]
    [InlineData(
        "/// <summary>Whether each member draws noise of its own in training (dropout, stochastic depth), or all have the noise of one."
            + "</summary>",
        """
        /// <summary>
        /// Whether each member draws noise of its own in training (dropout, stochastic depth), or all have the noise of one.
        /// </summary>
        """)]
    public void Line_IsBrokenWhereAPersonWould(string line, string expected)
        => Assert.Equal(expected, Folded(line, 120, 0));

    /// <summary>Every statement and member that is generated for the corpus, from one line each, at each width.</summary>
    [Fact]
    public void FoldedCode_HasTheTokensOfTheLine()
    {
        var folded = 0;
        foreach (var node in Generated().SelectMany(file => Nodes(file.Text)))
        {
            var line = string.Join(" ", Regex.Split(node.ToString(), @"\s*\n\s*"));
            foreach (var width in new[] { 60, 100, Folding.Widest })
            {
                var text = Folded(line, width, 4);
                Assert.Equal(Tokens(line), Tokens(text));
                if (text.Contains('\n')) folded++;
            }
        }
        Assert.True(folded > 1000, $"expected more than 1000 folded lines, got {folded}");
    }

    [Fact]
    public void GeneratedCode_FitsAScreen()
    {
        var wide = Generated()
            .SelectMany(file => file.Text.Split('\n').Select((line, n) => (file.Name, Number: n + 1, Line: line)))
            .Where(found => found.Line.Length > Folding.Widest && !Unbreakable().IsMatch(found.Line));
        Assert.Empty(wide.Select(found => $"{found.Name}, line {found.Number}: {found.Line.Length} columns: {found.Line}"));
    }

    /// <summary>One reference of a documentation comment.</summary>
    [GeneratedRegex(@"^\s*/// <inheritdoc cref=""[^""]*"" path=""/param""/>$")]
    private static partial Regex Unbreakable();

    private static string Folded(string line, int width, int indent)
        => string.Join("\n", Folding.Fold(line, indent + Folding.Widest - width)
            .Select(part => new string(' ', part.Indent - indent - Folding.Widest + width) + part.Text));

    private static IEnumerable<(string Name, string Text)> Generated()
        => CorrectSpecs.All.SelectMany(spec => Specs.Files(Specs.Generate(Specs.Compile(spec.Source)).Result))
            .Select(file => (file.Key, file.Value));

    private static IEnumerable<SyntaxNode> Nodes(string file)
        => CSharpSyntaxTree.ParseText(file, Specs.Parsing)
            .GetRoot(TestContext.Current.CancellationToken)
            .DescendantNodes()
            .Where(node => node is StatementSyntax and not BlockSyntax or FieldDeclarationSyntax or PropertyDeclarationSyntax)
            .Where(node => !node.DescendantTrivia().Any(trivia => trivia.IsKind(SyntaxKind.SingleLineCommentTrivia)));

    /// <summary>Braces of bodies, commas at the end of lists and sums of texts are the folding's to write.</summary>
    private static string Tokens(string code)
    {
        var tokens = SyntaxFactory.ParseTokens(code, options: Specs.Parsing).ToList();
        var kept = tokens.Where((token, n) => !token.IsKind(SyntaxKind.OpenBraceToken)
            && !token.IsKind(SyntaxKind.CloseBraceToken)
            && !(token.IsKind(SyntaxKind.CommaToken) && tokens[n + 1].IsKind(SyntaxKind.CloseBraceToken)));
        return Regex.Replace(string.Join(" ", kept.Select(token => token.ToString())), @"("" \+ \$?"")|\$(?="")", "");
    }
}
