using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Hybrid.Generators.CodeFixes;

/// <summary>A repair of one document.</summary>
/// <param name="Title">What the editor's menu says.</param>
/// <param name="Root">The repaired document.</param>
/// <param name="Key">Tells it from other repairs of the same provider; null for the only one.</param>
internal sealed record Repair(string Title, SyntaxNode Root, string? Key = null);

/// <summary>What all fixes share: each reads a diagnostic and gives repairs of its document.</summary>
public abstract class SpecFix : CodeFixProvider
{
    private protected SpecFix(params string[] repaired) => FixableDiagnosticIds = ImmutableArray.Create(repaired);

    public sealed override ImmutableArray<string> FixableDiagnosticIds { get; }

    public override FixAllProvider? GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is not { } root) return;
        foreach (var diagnostic in context.Diagnostics)
        {
            foreach (
                var (title, repaired, key) in await RepairsAsync(context.Document, root, diagnostic, context.CancellationToken)
                    .ConfigureAwait(false))
            {
                var name = key is null ? GetType().Name : $"{GetType().Name} {key}";
                context.RegisterCodeFix(
                    CodeAction.Create(title, _ => Task.FromResult(context.Document.WithSyntaxRoot(repaired)), equivalenceKey: name),
                    diagnostic);
            }
        }
    }

    /// <summary>
    /// The repairs of a diagnostic, the likeliest first; for a fix that reads syntax only, those of <see cref="Repairs"/>.
    /// </summary>
    private protected virtual Task<IEnumerable<Repair>> RepairsAsync(
        Document document,
        SyntaxNode root,
        Diagnostic diagnostic,
        CancellationToken cancellation)
        => Task.FromResult(Repairs(root, diagnostic));

    private protected virtual IEnumerable<Repair> Repairs(SyntaxNode root, Diagnostic diagnostic) => Enumerable.Empty<Repair>();
}
