using System.Collections.Immutable;
using System.Composition;
using System.Linq;
using System.Threading.Tasks;
using Hybrid.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Generators.CodeFixes;

/// <summary>HYB4005: makes the field a const, where its initial value is one.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MakeConst))]
[Shared]
public sealed class MakeConst : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(Catalogue.NotConstant.Id);

    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var semantic = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || semantic is null) return;
        foreach (var diagnostic in context.Diagnostics)
        {
            var node = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
            if (semantic.GetSymbolInfo(node, context.CancellationToken).Symbol is not IFieldSymbol { DeclaringSyntaxReferences: { Length: 1 } places }) continue;
            if (await places[0].GetSyntaxAsync(context.CancellationToken).ConfigureAwait(false) is not VariableDeclaratorSyntax
                { Initializer: { } initializer, Parent.Parent: FieldDeclarationSyntax { Declaration.Variables.Count: 1 } field }) continue;
            if (field.SyntaxTree != root.SyntaxTree || !semantic.GetConstantValue(initializer.Value, context.CancellationToken).HasValue) continue;
            var kept = field.Modifiers.Where(m => !m.IsKind(SyntaxKind.StaticKeyword) && !m.IsKind(SyntaxKind.ReadOnlyKeyword));
            var constant = field
                .WithModifiers(SyntaxFactory.TokenList(kept.Append(SyntaxFactory.Token(SyntaxKind.ConstKeyword).WithTrailingTrivia(SyntaxFactory.Space))))
                .WithTriviaFrom(field);
            context.RegisterCodeFix(
                CodeAction.Create(
                    $"Make '{field.Declaration.Variables[0].Identifier.ValueText}' a const",
                    _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(field, constant))),
                    equivalenceKey: nameof(MakeConst)),
                diagnostic);
        }
    }
}
