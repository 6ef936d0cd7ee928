using System.Collections.Generic;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Generators.CodeFixes;

/// <summary>HYB4005: makes the field a const, where its initial value is one.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MakeConst))]
[Shared]
public sealed class MakeConst() : SpecFix("HYB4005")
{
    private protected override async Task<IEnumerable<Repair>> RepairsAsync(
        Document document,
        SyntaxNode root,
        Diagnostic diagnostic,
        CancellationToken cancellation)
    {
        if (await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false) is not { } semantic) return [];
        var node = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
        if (semantic.GetSymbolInfo(node, cancellation).Symbol is not IFieldSymbol { DeclaringSyntaxReferences: { Length: 1 } places })
            return [];
        if (await places[0].GetSyntaxAsync(cancellation).ConfigureAwait(false) is not VariableDeclaratorSyntax
            { Initializer: { } initializer, Parent.Parent: FieldDeclarationSyntax { Declaration.Variables.Count: 1 } field }) return [];
        if (field.SyntaxTree != root.SyntaxTree || !semantic.GetConstantValue(initializer.Value, cancellation).HasValue) return [];
        var kept = field.Modifiers.Where(m => !m.IsKind(SyntaxKind.StaticKeyword) && !m.IsKind(SyntaxKind.ReadOnlyKeyword));
        var constant = field
            .WithModifiers(
                SyntaxFactory.TokenList(kept.Append(SyntaxFactory.Token(SyntaxKind.ConstKeyword).WithTrailingTrivia(SyntaxFactory.Space))))
            .WithTriviaFrom(field);
        return [new Repair($"Make '{field.Declaration.Variables[0].Identifier.ValueText}' a const", root.ReplaceNode(field, constant))];
    }
}
