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

/// <summary>Adds the missing fact about the sizes to <c>Where</c>, for every fault that names one.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(AddFact))]
[Shared]
public sealed class AddFact : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(
        Catalogue.EmptySize.Id, Catalogue.JoinedSizes.Id, Catalogue.ElementwiseShapes.Id, Catalogue.ReshapeElements.Id,
        Catalogue.NotRestored.Id, Catalogue.BrokenPromise.Id, Catalogue.AssertedShape.Id, Catalogue.NotProvable.Id, Catalogue.SingleValue.Id, Catalogue.ForcedSize.Id);

    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        foreach (var diagnostic in context.Diagnostics)
        {
            if (!diagnostic.Properties.TryGetValue(FaultReporter.Fix, out var fact) || fact is null || root is null) continue;
            if (SpecAttributes.Of(root.FindNode(diagnostic.Location.SourceSpan)) is not { } spec || SpecAttributes.Extended(spec, "Where", fact) is not { } extended) continue;
            context.RegisterCodeFix(
                CodeAction.Create(
                    $"Add the fact '{fact}' to Where",
                    _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(spec, extended))),
                    equivalenceKey: nameof(AddFact)),
                diagnostic);
        }
    }
}
