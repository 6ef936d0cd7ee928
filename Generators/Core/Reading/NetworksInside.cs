using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Generators.Reading;

/// <summary>
/// Whether a network contains another through those inside it, by <c>Layer.Of</c> in their specs and in the blocks that these call. A
/// network that contains itself has no end: its constructor would call itself.
/// </summary>
internal sealed class NetworksInside
{
    private readonly INamedTypeSymbol _sought;
    private readonly CancellationToken _cancellation;
    private readonly HashSet<ISymbol> _seen = new(SymbolEqualityComparer.Default);

    private NetworksInside(INamedTypeSymbol sought, CancellationToken cancellation) => (_sought, _cancellation) = (sought, cancellation);

    /// <summary>
    /// The networks from one to the sought one, both among them: <c>Decoder → Encoder</c>; null where it does not contain it.
    /// </summary>
    public static string? Path(INamedTypeSymbol from, INamedTypeSymbol sought, NameResolver names, CancellationToken cancellation)
        => new NetworksInside(sought, cancellation).Through(from, names) is { } path ? string.Join(" → ", path) : null;

    private IEnumerable<string>? Through(INamedTypeSymbol network, NameResolver names)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (!_seen.Add(network)) return null;
        foreach (var part in network.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax(_cancellation)))
            if (part is ClassDeclarationSyntax declaration && Through(declaration, names.For(declaration)) is { } rest)
                return new[] { network.Name }.Concat(rest);
        return null;
    }

    private IEnumerable<string>? Through(SyntaxNode code, NameResolver names)
    {
        foreach (var call in code.DescendantNodes().OfType<InvocationExpressionSyntax>())
        {
            if (Inside(call, names) is not { } inside) continue;
            if (SymbolEqualityComparer.Default.Equals(inside, _sought)) return new[] { inside.Name };
            if (Through(inside, names) is { } rest) return rest;
        }
        // What blocks of other classes contain, this contains.
        foreach (var call in code.DescendantNodes().OfType<InvocationExpressionSyntax>())
            foreach (var block in Blocks(call, names))
                if (_seen.Add(block)
                    && block.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(_cancellation)
                        is MethodDeclarationSyntax { Parent: TypeDeclarationSyntax home } method
                    && Through(method, names.For(home)) is { } rest)
                {
                    return rest;
                }
        return null;
    }

    /// <summary>The network of <c>Layer.Of(Encoder.Forward)</c>; null for any other call.</summary>
    private static INamedTypeSymbol? Inside(InvocationExpressionSyntax call, NameResolver names)
    {
        var method = call.Expression switch
        {
            MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Of" } access
                when names.Path(access.Expression) is ITypeSymbol { Name: nameof(Layer) } type && SpecReader.IsVocabulary(type) => true,
            IdentifierNameSyntax { Identifier.ValueText: "Of" } => true,
            _ => false,
        };
        if (!method) return null;
        foreach (var argument in call.ArgumentList.Arguments.Select(argument => argument.Expression))
        {
            var network = argument switch
            {
                MemberAccessExpressionSyntax access => names.Path(access.Expression) as INamedTypeSymbol,
                IdentifierNameSyntax name => names.Methods(name.Identifier.ValueText).FirstOrDefault()?.ContainingType,
                _ => null,
            };
            if (network is { TypeKind: TypeKind.Class } && !SpecReader.IsVocabulary(network)) return network;
        }
        return null;
    }

    private static IEnumerable<IMethodSymbol> Blocks(InvocationExpressionSyntax call, NameResolver names)
    {
        var methods = call.Expression switch
        {
            IdentifierNameSyntax name => names.Methods(name.Identifier.ValueText),
            MemberAccessExpressionSyntax access when names.Path(access.Expression) is ITypeSymbol type
                => type.GetMembers(access.Name.Identifier.ValueText).OfType<IMethodSymbol>(),
            _ => Array.Empty<IMethodSymbol>(),
        };
        return methods.Where(method => !SpecReader.IsVocabulary(method.ContainingType) && SpecReader.IsBlock(method));
    }
}
