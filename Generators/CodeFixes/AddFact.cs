using System.Collections.Generic;
using System.Composition;
using Hybrid.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Hybrid.Generators.CodeFixes;

/// <summary>Adds the missing fact about the sizes to <c>Where</c>, for every fault that names one.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(AddFact))]
[Shared]
public sealed class AddFact() : SpecFix(
    "HYB1005", "HYB1006", "HYB1007", "HYB1009",
    "HYB1015", "HYB1018", "HYB1019", "HYB1090", "HYB2001", "HYB2003")
{
    private protected override IEnumerable<Repair> Repairs(SyntaxNode root, Diagnostic diagnostic)
    {
        if (!diagnostic.Properties.TryGetValue(FaultReporter.Fix, out var fact) || fact is null) yield break;
        if (SpecAttributes.Of(root.FindNode(diagnostic.Location.SourceSpan)) is not { } spec
            || SpecAttributes.Extended(spec, "Where", fact) is not { } extended)
        {
            yield break;
        }
        yield return new Repair($"Add the fact '{fact}' to Where", root.ReplaceNode(spec, extended));
    }
}
