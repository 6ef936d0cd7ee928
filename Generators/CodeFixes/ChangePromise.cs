using System;
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

/// <summary>HYB1018: promises the shapes that the spec returns.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ChangePromise))]
[Shared]
public sealed class ChangePromise : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(Catalogue.BrokenPromise.Id);

    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        foreach (var diagnostic in context.Diagnostics)
        {
            if (!diagnostic.Properties.TryGetValue(FaultReporter.Returned, out var returned) || returned is null || root is null) continue;
            var promise = root.FindNode(diagnostic.Location.SourceSpan).FirstAncestorOrSelf<MethodDeclarationSyntax>()?
                .AttributeLists.Where(l => l.Target?.Identifier.IsKind(SyntaxKind.ReturnKeyword) == true)
                .SelectMany(l => l.Attributes).FirstOrDefault(a => a.Name.ToString() == "Shape");
            if (promise is null) continue;
            var shapes = string.Join(", ", returned.Split(new[] { ';' }, StringSplitOptions.None).Select(s => $"\"{s}\""));
            var changed = promise.WithArgumentList(SyntaxFactory.ParseAttributeArgumentList($"({shapes})"));
            context.RegisterCodeFix(
                CodeAction.Create(
                    $"Promise [return: Shape({shapes})]",
                    _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(promise, changed))),
                    equivalenceKey: nameof(ChangePromise)),
                diagnostic);
        }
    }
}
