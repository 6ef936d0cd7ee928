using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Generators.Reading;

/// <summary>
/// Looks names up as they are seen from inside one class declaration: constants, blocks and types of any file.
/// It looks names up and never binds a body, which is what makes a transform over syntax cheap.
/// </summary>
internal sealed class NameResolver
{
    private readonly SemanticModel _semantic;
    private readonly int _position;
    private readonly Dictionary<string, ISymbol?> _found = new();

    public NameResolver(SemanticModel semantic, TypeDeclarationSyntax declaration)
    {
        _semantic = semantic;
        _position = declaration.OpenBraceToken.Span.End;
    }

    public Compilation Compilation => _semantic.Compilation;

    /// <summary>The resolver for another declaration, which may be in another file.</summary>
    public NameResolver For(TypeDeclarationSyntax declaration)
    {
        var semantic = declaration.SyntaxTree == _semantic.SyntaxTree ? _semantic : Compilation.GetSemanticModel(declaration.SyntaxTree);
        return new NameResolver(semantic, declaration);
    }

    /// <summary>A field, property, type or namespace of that name, or null. Methods: <see cref="Methods"/>.</summary>
    public ISymbol? Symbol(string name)
    {
        if (!_found.TryGetValue(name, out var symbol))
        {
            var all = _semantic.LookupSymbols(_position, name: name);
            symbol = all.FirstOrDefault(s => s is IFieldSymbol or IPropertySymbol) ?? all.FirstOrDefault(s => s is INamespaceOrTypeSymbol)
                ?? all.OfType<IAliasSymbol>().FirstOrDefault()?.Target;
            _found.Add(name, symbol);
        }
        return symbol;
    }

    public IEnumerable<IMethodSymbol> Methods(string name) =>
        _semantic.LookupSymbols(_position, name: name).OfType<IMethodSymbol>();

    /// <summary>Extension methods of that name that a value of <paramref name="receiver"/> can be given to.</summary>
    public IEnumerable<IMethodSymbol> ExtensionMethods(ITypeSymbol receiver, string name) =>
        _semantic.LookupSymbols(_position, receiver, name, includeReducedExtensionMethods: true)
            .OfType<IMethodSymbol>().Where(m => m.ReducedFrom is not null).Select(m => m.ReducedFrom!);

    /// <summary>What <c>A.B.C</c> names when A is not a local: a member, type or namespace.</summary>
    public ISymbol? Path(ExpressionSyntax expression) => expression switch
    {
        IdentifierNameSyntax name => Symbol(name.Identifier.ValueText),
        AliasQualifiedNameSyntax { Alias.Identifier: var alias } aliased when alias.IsKind(SyntaxKind.GlobalKeyword) =>
            Compilation.GlobalNamespace.GetMembers(aliased.Name.Identifier.ValueText).FirstOrDefault(),
        AliasQualifiedNameSyntax aliased => Member(Symbol(aliased.Alias.Identifier.ValueText), aliased.Name.Identifier.ValueText),
        PredefinedTypeSyntax or GenericNameSyntax => Type((TypeSyntax)expression),
        MemberAccessExpressionSyntax { Name: IdentifierNameSyntax } access => Member(
            Path(access.Expression), access.Name.Identifier.ValueText),
        // After "is", A.B is written as a type is.
        QualifiedNameSyntax { Right: IdentifierNameSyntax right } qualified => Member(Path(qualified.Left), right.Identifier.ValueText),
        _ => null,
    };

    /// <summary>The type that a type expression names, or null.</summary>
    public ITypeSymbol? Type(TypeSyntax syntax)
    {
        var type = _semantic.GetSpeculativeTypeInfo(_position, syntax, SpeculativeBindingOption.BindAsTypeOrNamespace).Type;
        return type is null or IErrorTypeSymbol ? null : type;
    }

    /// <summary>
    /// The language's attribute that a name stands for, without its suffix: its own name, or an alias of it. What it is called otherwise is
    /// an attribute of someone else.
    /// </summary>
    public string Attribute(NameSyntax name)
    {
        var simple = MethodReader.SimpleName(name);
        if (Vocabulary.Attributes.Contains(simple)) return simple;
        var type = Type(name) ?? (Symbol(simple) as ITypeSymbol);
        return type is not null && SpecReader.IsVocabulary(type) && type.Name.EndsWith("Attribute", System.StringComparison.Ordinal)
            ? type.Name.Substring(0, type.Name.Length - 9)
            : simple;
    }

    private static ISymbol? Member(ISymbol? container, string name)
    {
        if (container is not INamespaceOrTypeSymbol scope) return null;
        for (INamespaceOrTypeSymbol? at = scope; at is not null; at = (at as INamedTypeSymbol)?.BaseType)
        {
            var members = at.GetMembers(name);
            var found = members.FirstOrDefault(s => s is IFieldSymbol or IPropertySymbol or INamespaceOrTypeSymbol);
            if (found is not null) return found;
        }
        return null;
    }
}
