using System.Collections.Generic;
using System.Composition;
using System.Linq;
using Hybrid.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Generators.CodeFixes;

/// <summary>HYB5003, HYB5004: leaves the program that the network cannot have out of <c>[Derive]</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(LeaveOutVariant))]
[Shared]
public sealed class LeaveOutVariant() : SpecFix(Catalogue.NoTangent, Catalogue.NoFlipout)
{
    private protected override IEnumerable<Repair> Repairs(SyntaxNode root, Diagnostic diagnostic)
    {
        var variant = diagnostic.Id == Catalogue.NoTangent.Id ? nameof(Variant.Tangent) : nameof(Variant.Flipout);
        var named = root.FindNode(diagnostic.Location.SourceSpan).AncestorsAndSelf().OfType<ClassDeclarationSyntax>()
            .SelectMany(c => c.AttributeLists).SelectMany(l => l.Attributes).Where(a => a.Name.ToString() is "Derive" or "DeriveAttribute")
            .SelectMany(a => a.ArgumentList?.Arguments ?? default)
            .FirstOrDefault(argument => argument.Expression is MemberAccessExpressionSyntax member && member.Name.Identifier.ValueText == variant);
        if (named is not { Parent: AttributeArgumentListSyntax { Parent: AttributeSyntax { Parent: AttributeListSyntax list } derive } arguments }) yield break;
        SyntaxNode leaving = arguments.Arguments.Count > 1 ? named : list.Attributes.Count > 1 ? derive : list;
        // What stands above the attributes, a comment of the class perhaps, stays.
        var kept = leaving == list ? SyntaxRemoveOptions.KeepLeadingTrivia : SyntaxRemoveOptions.KeepNoTrivia;
        yield return new Repair($"Leave {variant} out of [Derive]", root.RemoveNode(leaving, kept)!);
    }
}
