using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Generators.CodeFixes;

/// <summary>[Network] and [Loss], whose texts several fixes add to.</summary>
internal static class SpecAttributes
{
    /// <summary>The attribute of the spec around a node.</summary>
    public static AttributeSyntax? Of(SyntaxNode node) => node.FirstAncestorOrSelf<ClassDeclarationSyntax>()?
        .AttributeLists.SelectMany(l => l.Attributes).FirstOrDefault(a => a.Name.ToString() is "Network" or "Loss");

    /// <summary>The attribute with a fact more in one of its texts, or null when that is not a plain string.</summary>
    public static AttributeSyntax? Extended(AttributeSyntax spec, string property, string fact)
    {
        var present = spec.ArgumentList?.Arguments.FirstOrDefault(a => a.NameEquals?.Name.Identifier.ValueText == property);
        if (present is null)
        {
            var lead = spec.ArgumentList is { Arguments.Count: > 0 } ? " " : "";
            return spec.AddArgumentListArguments(
                SyntaxFactory.ParseAttributeArgumentList($"({lead}{property} = \"{fact}\")")!.Arguments[0]);
        }
        if (present.Expression is not LiteralExpressionSyntax { Token.Value: string text } literal) return null;
        var joined = text.Trim().Length == 0 ? fact : $"{text}, {fact}";
        return spec.ReplaceNode(
            literal,
            SyntaxFactory.LiteralExpression(SyntaxKind.StringLiteralExpression, SyntaxFactory.Literal(joined)).WithTriviaFrom(literal));
    }
}
