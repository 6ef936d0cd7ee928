using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Generators.Model;
using Hybrid.Graphs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Generators.Reading;

/// <summary>
/// What of a class stands in the way of the members that are generated for it (HYB4014), and the members that it has: the names that these
/// may not take.
/// </summary>
internal sealed class ClassReader(INamedTypeSymbol type, ClassDeclarationSyntax declaration, NameResolver names, Places places)
{
    /// <summary>
    /// The types that generated code calls by their own names. One of the same name that is nearer, in the class or a namespace around it,
    /// would be meant instead.
    /// </summary>
    internal static readonly IReadOnlyList<string> Used =
    [
        "torch", "nn", "functional", "init", "Modules", "Tensor", "ComponentName", "Array", "ArgumentException",
        "ArgumentOutOfRangeException", "Func", "IReadOnlyList", "InvalidOperationException", "List", "Math",
    ];

    private static readonly HashSet<string> _real = new(
        new[]
        {
            "TorchSharp.torch", "TorchSharp.torch.nn", "TorchSharp.torch.nn.functional", "TorchSharp.torch.nn.init", "TorchSharp.Modules",
            "TorchSharp.torch.Tensor", "System.Array", "System.ArgumentException", "System.ArgumentOutOfRangeException", "System.Func",
            "System.Collections.Generic.IReadOnlyList", "System.InvalidOperationException", "System.Collections.Generic.List",
            "System.Math",
        });

    private readonly List<ClassProblem> _problems = new();

    public ClassContent Read(SpecKind kind)
    {
        var kindName = kind.ToString();
        var place = places.Add(declaration.Identifier);
        if (IsWord(type.Name)) Refuse(place, $"'{type.Name}' is a keyword of C#, which generated code cannot call a class. Rename it.");
        for (var outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
            if (IsWord(outer.Name)) Refuse(place, $"'{outer.Name}', around '{type.Name}', is a keyword of C#. Rename it.");
        if (type.TypeParameters.Length > 0)
            Refuse(place, $"'{type.Name}' is generic, and a {kindName.ToLowerInvariant()} is one class. Take its type parameters out.");
        if (IsFileLocal(type)) Refuse(place, $"'{type.Name}' is local to its file, and generated code is in another one. Make it "
            + "internal.");
        if (kind == SpecKind.Network)
        {
            if (type.IsStatic) Refuse(place, $"'{type.Name}' is static, and a network is made and holds weights. Make the class "
                + "non-static.");
            else if (type.IsAbstract) Refuse(place, $"'{type.Name}' is abstract, and a network is sealed. Make the class non-abstract.");
        }
        foreach (var part in Own(type.DeclaringSyntaxReferences).OfType<TypeDeclarationSyntax>())
        {
            if (kind == SpecKind.Network && part.ParameterList is { } primary)
                Refuse(
                    Placed(primary),
                    $"'{type.Name}' has a primary constructor, and its constructor is generated. Declare [Param] sizes in the spec "
                        + "instead.");
            var reader = names.For(part);
            foreach (var parent in part.BaseList?.Types.Select(parent => parent.Type) ?? Array.Empty<TypeSyntax>())
                if (kind == SpecKind.Network
                    && reader.Type(parent) is INamedTypeSymbol { TypeKind: TypeKind.Class } named
                    && named.OriginalDefinition.ToDisplayString() is var full
                    && !full.StartsWith("TorchSharp.torch.nn.Module<", StringComparison.Ordinal))
                {
                    Refuse(
                        Placed(parent),
                        $"'{type.Name}' derives from {named.Name}, and a network derives from torch.nn.Module. Hold what it needs in a "
                            + "class of its own.");
                }
        }
        Shadows(place);
        // What all generated code starts with.
        foreach (var root in new[] { "System", "TorchSharp", "Hybrid" })
            if (names.Compilation.GlobalNamespace.GetTypeMembers(root).Any())
                Refuse(place, $"the class '{root}' has the name of a namespace that generated code uses. Rename it.");
        return new ClassContent(_problems.ToEquatable(), Members());
    }

    private void Refuse(int place, string text) => _problems.Add(new ClassProblem(place, text));

    /// <summary>Types, and members of the class, with the name of one that generated code uses.</summary>
    private void Shadows(int place)
    {
        foreach (var name in Used)
        {
            var found = InClasses(name) ?? InNamespaces(name);
            if (found is null) continue;
            var where = found is INamespaceSymbol ? "the namespace" : found is ITypeSymbol ? "the class" : "the member";
            Refuse(
                place,
                $"{where} '{found.ToDisplayString()}' has the name of a type that the code of '{type.Name}' uses. Rename it, or move "
                    + $"'{type.Name}' to a namespace where it is not seen.");
        }
    }

    /// <summary>Generic types are called with their arguments: nothing without any is meant instead.</summary>
    private static bool IsMeant(string name, ISymbol symbol)
        => name is "Func" or "IReadOnlyList" or "List"
            ? symbol is INamedTypeSymbol { Arity: > 0 }
            : symbol is not INamedTypeSymbol { Arity: > 0 };

    private ISymbol? InClasses(string name)
    {
        for (INamedTypeSymbol? at = type; at is not null; at = at.ContainingType)
        {
            if (at.Name == name && IsMeant(name, at)) return at;
            if (at.GetMembers(name).FirstOrDefault(member => member.Kind != SymbolKind.Method && IsMeant(name, member)
                && IsOwn(member)) is { } found) return found;
        }
        return null;
    }

    private ISymbol? InNamespaces(string name)
    {
        for (var at = type.ContainingNamespace; at is not null; at = at.ContainingNamespace)
            if (at.GetMembers(name)
                .FirstOrDefault(
                    member => IsMeant(name, member) && !_real.Contains(member.ToDisplayString(_plain))
                        && (member is INamespaceSymbol
                        || member is INamedTypeSymbol { DeclaredAccessibility: not Accessibility.Private })) is { } found)
                return found;
        return null;
    }

    private static readonly SymbolDisplayFormat _plain = SymbolDisplayFormat.CSharpErrorMessageFormat
        .WithGenericsOptions(SymbolDisplayGenericsOptions.None);

    /// <summary>The members that people wrote, with the number of their parameters where they are methods.</summary>
    private EquatableArray<MemberModel> Members()
    {
        var members = new List<MemberModel>();
        foreach (var member in type.GetMembers().Where(member => !member.IsImplicitlyDeclared && IsOwn(member)))
        {
            if (member is IMethodSymbol { MethodKind: not MethodKind.Ordinary }) continue;
            var syntax = Own(member.DeclaringSyntaxReferences).FirstOrDefault();
            // What stands in another file is reported at the class.
            var place = syntax is not null
                && syntax.SyntaxTree == declaration.SyntaxTree ? Placed(syntax) : places.Add(declaration.Identifier);
            members.Add(new MemberModel(
                place,
                member.Name,
                member is IMethodSymbol method
                    ? string.Join(",", method.Parameters.Select(parameter => Simple(parameter.Type.ToDisplayString(_short))))
                    : null,
                member is IFieldSymbol { IsConst: true }));
        }
        return members.ToEquatable();
    }

    private static readonly SymbolDisplayFormat _short = SymbolDisplayFormat.MinimallyQualifiedFormat
        .WithMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.UseSpecialTypes);

    /// <summary>A type's name without what contains it: <c>torch.Tensor</c> is <c>Tensor</c>.</summary>
    public static string Simple(string written)
    {
        var start = written.LastIndexOf('.', Math.Max(0, (written.IndexOf('<') is >= 0 and var open ? open : written.Length) - 1));
        return written.Substring(start + 1).TrimEnd('?');
    }

    private int Placed(SyntaxNode node) => places.Add(node switch
    {
        MethodDeclarationSyntax method => method.Identifier,
        PropertyDeclarationSyntax property => property.Identifier,
        EventDeclarationSyntax @event => @event.Identifier,
        VariableDeclaratorSyntax variable => variable.Identifier,
        BaseTypeDeclarationSyntax inner => inner.Identifier,
        DelegateDeclarationSyntax @delegate => @delegate.Identifier,
        _ => (SyntaxNodeOrToken)node,
    });

    private static bool IsOwn(ISymbol symbol) => symbol.DeclaringSyntaxReferences.Any(reference => !IsGenerated(reference.SyntaxTree));

    private static IEnumerable<SyntaxNode> Own(IEnumerable<SyntaxReference> references)
        => references.Where(reference => !IsGenerated(reference.SyntaxTree)).Select(reference => reference.GetSyntax());

    private static bool IsGenerated(SyntaxTree tree) => tree.FilePath.EndsWith(".g.cs", StringComparison.Ordinal);

    /// <summary>A name that must be written with an @.</summary>
    public static bool IsKeyword(string name) => SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None;

    /// <summary>A word that C# reads as another thing where a class is named, <c>record</c> or <c>_</c> among them.</summary>
    private static bool IsWord(string name) => IsKeyword(name) || SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None
        || name == "_";

    private static bool IsFileLocal(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? at = type; at is not null; at = at.ContainingType) if (at.IsFileLocal) return true;
        return false;
    }
}

/// <summary>What the class itself brings.</summary>
internal sealed record ClassContent(EquatableArray<ClassProblem> Problems, EquatableArray<MemberModel> Members);
