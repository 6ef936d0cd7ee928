using System.Collections.Immutable;
using System.Composition;
using System.Threading.Tasks;
using Hybrid.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Generators.CodeFixes;

/// <summary>HYB1001, HYB1002, HYB1016: drops the pinned size, so that the shapes determine it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RemovePin))]
[Shared]
public sealed class RemovePin : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds { get; } =
        ImmutableArray.Create(Catalogue.LinearInputs.Id, Catalogue.ConvolutionChannels.Id, Catalogue.NormFeatures.Id);

    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        foreach (var diagnostic in context.Diagnostics)
        {
            var argument = root?.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true).FirstAncestorOrSelf<ArgumentSyntax>();
            // A positional argument cannot go without moving the ones after it.
            if (argument is not { NameColon: { } name } || root is null) continue;
            context.RegisterCodeFix(
                CodeAction.Create(
                    $"Remove '{name.Name.Identifier.ValueText}: {argument.Expression}' and infer it",
                    _ => Task.FromResult(context.Document.WithSyntaxRoot(root.RemoveNode(argument, SyntaxRemoveOptions.KeepNoTrivia)!)),
                    equivalenceKey: nameof(RemovePin)),
                diagnostic);
        }
    }
}
