using System.Collections.Immutable;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hybrid.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Generators.CodeFixes;

/// <summary>Where a derived program cannot be written: has the network inside derive it too, or leaves it out of <c>[Derive]</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ChangeVariants))]
[Shared]
public sealed class ChangeVariants : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds { get; } =
        ImmutableArray.Create("HYB5003", "HYB5004", "HYB5005", "HYB5006");

    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        foreach (var diagnostic in context.Diagnostics)
        {
            if (root?.FindNode(diagnostic.Location.SourceSpan).FirstAncestorOrSelf<AttributeArgumentSyntax>() is not { } asked) continue;
            if (diagnostic.Properties.TryGetValue(FaultReporter.Fix, out var inner) && inner is not null
                && await Declaration(context.Document.Project, inner, context.CancellationToken)
                    .ConfigureAwait(false) is var (document, network))
            {
                context.RegisterCodeFix(
                    CodeAction.Create(
                        $"Derive {asked} in {inner} too",
                        cancellation => Derived(document, network, asked.ToString(), cancellation),
                        equivalenceKey: nameof(Derived)), diagnostic);
            }
            context.RegisterCodeFix(
                CodeAction.Create(
                    $"Leave {asked} out of [Derive]",
                    _ => Task.FromResult(context.Document.WithSyntaxRoot(Without(root, asked))),
                    equivalenceKey: nameof(Without)), diagnostic);
        }
    }

    /// <summary>The part of a network's class that carries [Network]; null when it is of another project.</summary>
    private static async Task<(Document Document, ClassDeclarationSyntax Network)?> Declaration(
        Project project,
        string name,
        CancellationToken cancellation)
    {
        var compilation = await project.GetCompilationAsync(cancellation).ConfigureAwait(false);
        var type = compilation?.GetSymbolsWithName(name.Substring(name.LastIndexOf('.') + 1), SymbolFilter.Type, cancellation)
            .FirstOrDefault(found => found.ToDisplayString() == name);
        foreach (var reference in type?.DeclaringSyntaxReferences ?? [])
        {
            if (await reference.GetSyntaxAsync(cancellation).ConfigureAwait(false) is ClassDeclarationSyntax declaration
                && Attribute(declaration, "Network") is not null
                && project.GetDocument(reference.SyntaxTree) is { } document)
            {
                return (document, declaration);
            }
        }
        return null;
    }

    private static AttributeSyntax? Attribute(ClassDeclarationSyntax declaration, string name)
        => declaration.AttributeLists.SelectMany(list => list.Attributes).FirstOrDefault(attribute => attribute.Name.ToString() == name);

    private static async Task<Document> Derived(
        Document document,
        ClassDeclarationSyntax network,
        string variant,
        CancellationToken cancellation)
    {
        var root = (await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false))!;
        var written = SyntaxFactory.ParseAttributeArgumentList($"({variant})")!.Arguments[0];
        if (Attribute(network, "Derive") is { } derive)
        {
            var lead = derive.ArgumentList is { Arguments.Count: > 0 } ? SyntaxFactory.TriviaList(SyntaxFactory.Space) : default;
            return document.WithSyntaxRoot(root.ReplaceNode(derive, derive.AddArgumentListArguments(written.WithLeadingTrivia(lead))));
        }
        var list = Attribute(network, "Network")!.FirstAncestorOrSelf<AttributeListSyntax>()!;
        var added = SyntaxFactory.AttributeList(
            SyntaxFactory.SingletonSeparatedList(
                SyntaxFactory.Attribute(SyntaxFactory.ParseName("Derive")).AddArgumentListArguments(written)))
            .WithLeadingTrivia(list.GetLeadingTrivia().Where(trivia => trivia.IsKind(SyntaxKind.WhitespaceTrivia)))
                .WithTrailingTrivia(list.GetTrailingTrivia());
        return document.WithSyntaxRoot(root.InsertNodesAfter(list, [added]));
    }

    private static SyntaxNode Without(SyntaxNode root, AttributeArgumentSyntax asked)
    {
        var (attribute, list) = (asked.FirstAncestorOrSelf<AttributeSyntax>()!, asked.FirstAncestorOrSelf<AttributeListSyntax>()!);
        if (attribute.ArgumentList!.Arguments.Count > 1) return root.RemoveNode(asked, SyntaxRemoveOptions.KeepNoTrivia)!;
        if (list.Attributes.Count > 1) return root.RemoveNode(attribute, SyntaxRemoveOptions.KeepNoTrivia)!;
        if (list.Parent is ClassDeclarationSyntax { AttributeLists: var lists } network && lists.IndexOf(list) is > 0 and var at
            && !lists[at - 1].GetTrailingTrivia().Any(SyntaxKind.EndOfLineTrivia))
        {
            // Both stand on one line, whose end stays.
            var ended = lists[at - 1].WithTrailingTrivia(list.GetTrailingTrivia());
            return root.ReplaceNode(network, network.WithAttributeLists(lists.Replace(lists[at - 1], ended).RemoveAt(at)));
        }
        // The lines before it, which may document the class, stay.
        return root.RemoveNode(list, SyntaxRemoveOptions.KeepLeadingTrivia)!;
    }
}
