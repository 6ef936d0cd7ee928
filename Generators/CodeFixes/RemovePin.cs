using System.Collections.Generic;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Generators.CodeFixes;

/// <summary>HYB1001, HYB1002, HYB1016: drops the pinned size, so that the shapes determine it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RemovePin))]
[Shared]
public sealed class RemovePin() : SpecFix("HYB1001", "HYB1002", "HYB1016")
{
    private protected override IEnumerable<Repair> Repairs(SyntaxNode root, Diagnostic diagnostic)
    {
        var argument = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true).FirstAncestorOrSelf<ArgumentSyntax>();
        // A positional argument cannot go without moving the ones after it.
        if (argument is not { NameColon: { } name }) yield break;
        yield return new Repair(
            $"Remove '{name.Name.Identifier.ValueText}: {argument.Expression}' and infer it", root.RemoveNode(
                argument, SyntaxRemoveOptions.KeepNoTrivia)!);
    }
}
