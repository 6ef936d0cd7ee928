using System;
using System.Collections.Generic;
using System.Composition;
using System.Globalization;
using System.Linq;
using Hybrid.Generators.Diagnostics;
using Hybrid.Graphs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Hybrid.Generators.CodeFixes;

/// <summary>
/// Makes the repairs that a fault offers (<see cref="Fault.Edits"/>): the rule that found it knows them, this only writes them.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ApplyEdit))]
[Shared]
public sealed class ApplyEdit() : SpecFix([.. Catalogue.All.Select(kind => kind.Id)])
{
    private protected override IEnumerable<Repair> Repairs(SyntaxNode root, Diagnostic diagnostic)
    {
        for (var n = 0; diagnostic.Properties.TryGetValue(FaultReporter.Edit + n, out var written) && written is not null; n++)
            if (TryRead(written, root, out var kind, out var text, out var node)
                && Repaired(root, kind, text, node) is var (title, repaired))
                yield return new Repair(title, repaired, $"{kind} {text}");
    }

    private static bool TryRead(string written, SyntaxNode root, out EditKind kind, out string text, out SyntaxNode node)
    {
        (kind, text, node) = (default, "", root);
        var parts = written.Split(new[] { '|' }, 4);
        if (parts.Length != 4 || !Enum.TryParse(parts[0], out kind)) return false;
        var span = new TextSpan(int.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[2], CultureInfo.InvariantCulture));
        if (span.End > root.FullSpan.End) return false;
        (text, node) = (parts[3], root.FindNode(span, getInnermostNodeForTie: true));
        return true;
    }

    private static (string Title, SyntaxNode Root)? Repaired(SyntaxNode root, EditKind kind, string text, SyntaxNode node)
    {
        switch (kind)
        {
            case EditKind.Append when node is ExpressionSyntax expression:
                return ($"Append {text}", root.ReplaceNode(expression, Parsed($"{Primary(expression)}{text}", expression)));
            case EditKind.Replace when node is ExpressionSyntax expression:
                return ($"Change to {text}", root.ReplaceNode(expression, Parsed(text, expression)));
            case EditKind.Rename when text.EndsWith(")", System.StringComparison.Ordinal) && Called(node) is { Parent: { } whole } call:
                return ($"Call {text}", root.ReplaceNode(whole, Parsed($"{call.Expression}.{text}", (ExpressionSyntax)whole)));
            case EditKind.Rename when Called(node) is { } call:
                return (
                    $"Call {text}",
                    root.ReplaceNode(
                        call.Name, call.Name.WithIdentifier(SyntaxFactory.Identifier(text).WithTriviaFrom(call.Name.Identifier))));
            case EditKind.Argument when node.FirstAncestorOrSelf<InvocationExpressionSyntax>() is { } call:
                return ($"Give {text}", root.ReplaceNode(call, With(call, text)));
            case EditKind.Around when Called(node) is { Parent: InvocationExpressionSyntax whole } call 
                && text.IndexOf('¦') is >= 0 and var bar
                && (text.Substring(0, bar), text.Substring(bar + 1)) is var (before, after):
                return (
                    $"Write {before}.{call.Name}(…){after}",
                    root.ReplaceNode(
                        whole,
                        Parsed($"{Primary(call.Expression)}{before}.{call.Name}{whole.ArgumentList.WithoutTrivia()}{after}", whole)));
            case EditKind.Unwrap when Unwrapped(node) is var (wrapped, inner):
                return ($"Feed {inner}", root.ReplaceNode(wrapped, inner.WithTriviaFrom(wrapped)));
            case EditKind.Attribute when node.FirstAncestorOrSelf<ParameterSyntax>() is { } parameter:
                return ($"Mark '{parameter.Identifier.ValueText}' [{text}]", root.ReplaceNode(parameter, Marked(parameter, text)));
            case EditKind.TrainingFact when SpecAttributes.Of(node) is { } spec
                && SpecAttributes.Extended(spec, "Training", text) is { } extended:
                return ($"Add the fact '{text}' to Training", root.ReplaceNode(spec, extended));
            default:
                return null;
        }
    }

    private static ExpressionSyntax Parsed(string text, ExpressionSyntax old) => SyntaxFactory.ParseExpression(text).WithTriviaFrom(old);

    /// <summary>The text of an expression to which <c>.Member</c> may be added.</summary>
    private static string Primary(ExpressionSyntax expression) => expression.WithoutTrivia() switch
    {
        IdentifierNameSyntax or MemberAccessExpressionSyntax or InvocationExpressionSyntax or ElementAccessExpressionSyntax
            or ParenthesizedExpressionSyntax or LiteralExpressionSyntax => expression.WithoutTrivia().ToString(),
        var other => $"({other})",
    };

    private static MemberAccessExpressionSyntax? Called(SyntaxNode node)
        => node.FirstAncestorOrSelf<InvocationExpressionSyntax>()?.Expression as MemberAccessExpressionSyntax;

    /// <summary>
    /// The call with an argument more, or with another value for it; <paramref name="text"/> without a name is the only argument.
    /// </summary>
    private static InvocationExpressionSyntax With(InvocationExpressionSyntax call, string text)
    {
        var given = SyntaxFactory.ParseArgumentList($"({text})").Arguments[0];
        var name = given.NameColon?.Name.Identifier.ValueText;
        var arguments = call.ArgumentList.Arguments;
        if (arguments.FirstOrDefault(a => name is not null && a.NameColon?.Name.Identifier.ValueText == name) is { } present)
            return call.ReplaceNode(present, given.WithTriviaFrom(present));
        if (arguments.Count > 0) given = given.WithLeadingTrivia(SyntaxFactory.Space);
        return call.WithArgumentList(call.ArgumentList.WithArguments(arguments.Add(given)));
    }

    /// <summary>
    /// What goes and what stands instead: for a call, its receiver. For a local that is used here only, the same of the call that it holds;
    /// for one that is used elsewhere, the name that the call was applied to.
    /// </summary>
    private static (ExpressionSyntax Old, ExpressionSyntax New)? Unwrapped(SyntaxNode node)
    {
        if (node is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax call } whole) return (whole, call.Expression);
        if (node is not IdentifierNameSyntax local || node.FirstAncestorOrSelf<MethodDeclarationSyntax>() is not { } method) return null;
        var held = method.DescendantNodes()
            .OfType<VariableDeclaratorSyntax>()
            .Where(d => d.Identifier.ValueText == local.Identifier.ValueText)
            .ToList();
        if (held.Count != 1
            || held[0].Initializer?.Value is not InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax operation } value)
        {
            return null;
        }
        var uses = method.DescendantNodes().OfType<IdentifierNameSyntax>().Count(n => n.Identifier.ValueText == local.Identifier.ValueText);
        return uses == 1 ? (value, operation.Expression) : operation.Expression is IdentifierNameSyntax logits ? (local, logits) : null;
    }

    private static ParameterSyntax Marked(ParameterSyntax parameter, string attribute)
    {
        var mark = SyntaxFactory.Attribute(SyntaxFactory.ParseName(attribute));
        if (parameter.AttributeLists.Count == 0)
            return parameter.WithAttributeLists(SyntaxFactory.SingletonList(
                SyntaxFactory.AttributeList(SyntaxFactory.SingletonSeparatedList(mark)).WithTrailingTrivia(SyntaxFactory.Space)));
        var list = parameter.AttributeLists[0];
        var last = list.Attributes.Count > 0 ? SyntaxFactory.Space : default;
        return parameter.ReplaceNode(list, list.WithAttributes(list.Attributes.Add(mark.WithLeadingTrivia(last))));
    }
}
