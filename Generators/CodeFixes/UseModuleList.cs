using System;
using System.Collections.Generic;
using System.Composition;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Generators.CodeFixes;

/// <summary>
/// HYB4002: an array or list of modules becomes a ModuleList, which registers them; what is written to it and its length follow.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(UseModuleList))]
[Shared]
public sealed class UseModuleList() : SpecFix("HYB4002")
{
    public override FixAllProvider? GetFixAllProvider() => null;

    private protected override IEnumerable<Repair> Repairs(SyntaxNode root, Diagnostic diagnostic)
    {
        if (!diagnostic.Properties.TryGetValue(UnregisteredModules.Element, out var element) || element is null) yield break;
        var node = root.FindNode(diagnostic.Location.SourceSpan);
        if (node.FirstAncestorOrSelf<ClassDeclarationSyntax>() is not { } owner || Declared(node) is not var (name, type)) yield break;
        // A dictionary's modules have names of the user's own; an array filled by index has no list to follow it.
        if (type is GenericNameSyntax { TypeArgumentList.Arguments.Count: > 1 }) yield break;
        var prefix = root.DescendantNodes().OfType<UsingDirectiveSyntax>().Any(u => u.Name?.ToString() == "TorchSharp.Modules")
            ? ""
            : "global::TorchSharp.Modules.";
        if (Rewritten(owner, name, type, $"{prefix}ModuleList<{element}>") is { } rewritten)
            yield return new Repair($"Keep '{name}' in a ModuleList", root.ReplaceNode(owner, rewritten));
    }

    private static (string Name, TypeSyntax Type)? Declared(SyntaxNode node) => node.FirstAncestorOrSelf<MemberDeclarationSyntax>() switch
    {
        FieldDeclarationSyntax { Declaration: { Variables.Count: 1 } declaration } => (
            declaration.Variables[0].Identifier.ValueText, declaration.Type),
        PropertyDeclarationSyntax property => (property.Identifier.ValueText, property.Type),
        _ => null,
    };

    private static ClassDeclarationSyntax? Rewritten(ClassDeclarationSyntax owner, string name, TypeSyntax type, string list)
    {
        var changes = new Dictionary<SyntaxNode, SyntaxNode> { [type] = SyntaxFactory.ParseTypeName(list).WithTriviaFrom(type) };
        foreach (var node in owner.DescendantNodes())
        {
            switch (node)
            {
                case EqualsValueClauseSyntax
                {
                    Value: var value, Parent: VariableDeclaratorSyntax { Parent.Parent: FieldDeclarationSyntax } field,
                } when field.Identifier.ValueText == name:
                    if (!Replace(value)) return null;
                    break;
                case EqualsValueClauseSyntax
                {
                    Value: var value, Parent: PropertyDeclarationSyntax property,
                } when property.Identifier.ValueText == name:
                    if (!Replace(value)) return null;
                    break;
                case AssignmentExpressionSyntax { Left: var left, Right: var value } when Refers(left):
                    if (!Replace(value)) return null;
                    break;
                case AssignmentExpressionSyntax { Left: ElementAccessExpressionSyntax { Expression: var target } } when Refers(target):
                    return null;
                case MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Length" } length when Refers(length.Expression):
                    changes[length.Name] = SyntaxFactory.IdentifierName("Count").WithTriviaFrom(length.Name);
                    break;
                case MemberAccessExpressionSyntax { Name.Identifier.ValueText: "AddRange" } range when Refers(range.Expression):
                    changes[range.Name] = SyntaxFactory.IdentifierName("extend").WithTriviaFrom(range.Name);
                    break;
            }
        }
        return owner.ReplaceNodes(changes.Keys, (old, _) => changes[old]);

        bool Refers(ExpressionSyntax expression) => expression is IdentifierNameSyntax { Identifier.ValueText: var id } && id == name
            || expression is MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax, Name.Identifier.ValueText: var member }
                && member == name;

        bool Replace(ExpressionSyntax value)
        {
            string? arguments = value switch
            {
                ArrayCreationExpressionSyntax { Initializer: { } elements } => elements.Expressions.ToString(),
                ArrayCreationExpressionSyntax => null,
                ImplicitArrayCreationExpressionSyntax implicitly => implicitly.Initializer.Expressions.ToString(),
                InitializerExpressionSyntax elements => elements.Expressions.ToString(),
                BaseObjectCreationExpressionSyntax { Initializer: { } elements } => elements.Expressions.ToString(),
                BaseObjectCreationExpressionSyntax { ArgumentList.Arguments.Count: > 0 } => null,
                BaseObjectCreationExpressionSyntax => "",
                CollectionExpressionSyntax collection when collection.Elements.All(e => e is ExpressionElementSyntax) => string.Join(
                    ", ", collection.Elements.Select(e => e.ToString())),
                CollectionExpressionSyntax => null,
                _ => type is ArrayTypeSyntax ? value.WithoutTrivia().ToString() : $"({value.WithoutTrivia()}).ToArray()",
            };
            if (arguments is null) return false;
            changes[value] = SyntaxFactory.ParseExpression($"new {list}({arguments.TrimEnd(',', ' ')})").WithTriviaFrom(value);
            return true;
        }
    }
}
