using System;
using System.Collections.Generic;
using System.Composition;
using System.Linq;
using Hybrid.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Generators.CodeFixes;

/// <summary>HYB1018: promises the shapes that the spec returns.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ChangePromise))]
[Shared]
public sealed class ChangePromise() : SpecFix("HYB1018")
{
    private protected override IEnumerable<Repair> Repairs(SyntaxNode root, Diagnostic diagnostic)
    {
        if (!diagnostic.Properties.TryGetValue(FaultReporter.Returned, out var returned) || returned is null) yield break;
        var promise = root.FindNode(diagnostic.Location.SourceSpan).FirstAncestorOrSelf<MethodDeclarationSyntax>()?
            .AttributeLists.Where(l => l.Target?.Identifier.IsKind(SyntaxKind.ReturnKeyword) == true)
            .SelectMany(l => l.Attributes).FirstOrDefault(a => a.Name.ToString() == "Shape");
        if (promise is null) yield break;
        var shapes = string.Join(", ", returned.Split(new[] { ';' }, StringSplitOptions.None).Select(s => $"\"{s}\""));
        var changed = promise.WithArgumentList(SyntaxFactory.ParseAttributeArgumentList($"({shapes})"));
        yield return new Repair($"Promise [return: Shape({shapes})]", root.ReplaceNode(promise, changed));
    }
}
