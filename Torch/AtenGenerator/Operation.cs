using System;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Hybrid.Torch.AtenGenerator;

/// <summary>A place in a file that does not keep its syntax tree alive.</summary>
internal sealed record Place(string Path, TextSpan Span, LinePositionSpan Lines)
{
    public Location ToLocation() => Location.Create(Path, Span, Lines);
}

internal sealed record OperationParameter(string Name, string Type, Marshalling Marshalling);

/// <summary>One [Aten] method, as strings only, so that the incremental pipeline can compare it.</summary>
internal sealed record Operation(
    string Container, string Aten, string? Out, string Signature, bool IsStatic, string ReturnType, EquatableList<OperationParameter> Parameters, Place Location, string? Problem)
{
    public string Base => Aten.Split('.')[0];
    public string Overload => Aten.Contains('.') ? Aten.Substring(Aten.IndexOf('.') + 1) : "";
    public bool InPlace => Base.EndsWith("_", StringComparison.Ordinal) && !Base.EndsWith("__", StringComparison.Ordinal);

    public static Operation From(GeneratorAttributeSyntaxContext match)
    {
        var method = (IMethodSymbol)match.TargetSymbol;
        var syntax = (MethodDeclarationSyntax)match.TargetNode;
        var attribute = match.Attributes[0];
        var aten = attribute.ConstructorArguments.Length == 1 ? attribute.ConstructorArguments[0].Value as string ?? "" : "";
        var outOverload = attribute.NamedArguments.Where(a => a.Key == "Out").Select(a => a.Value.Value as string).FirstOrDefault();
        string? problem = null;
        if (!syntax.Modifiers.Any(SyntaxKind.PartialKeyword))
        {
            problem = $"{method.Name}: an [Aten] method must be partial";
        }

        var parameters = ImmutableArray.CreateBuilder<OperationParameter>();
        foreach (var parameter in method.Parameters)
        {
            var type = parameter.Type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier));
            var marshalling = MarshallingOf.Type(parameter.Type);
            if (marshalling == Marshalling.Unknown)
            {
                problem ??= $"{method.Name}: no marshalling for parameter '{parameter.Name}' of type {type}";
            }

            parameters.Add(new OperationParameter(EscapeName(parameter.Name), type, marshalling));
        }

        var returnType = method.ReturnType.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier));
        if (Writer.Returning(returnType) is null)
        {
            problem ??= $"{method.Name}: no form for a result of type {returnType}";
        }

        var chain = "";
        for (var type = method.ContainingType; type is not null; type = type.ContainingType)
        {
            var keyword = (type.IsStatic ? "static " : "") + "partial " + (type.TypeKind == TypeKind.Struct ? "struct " : "class ") + type.Name;
            chain = chain.Length == 0 ? keyword : keyword + "|" + chain;
        }

        var container = method.ContainingNamespace.ToDisplayString() + "|" + chain;
        // Modifiers must repeat the declaration's; defaults must not be repeated.
        var modifiers = string.Join(" ", syntax.Modifiers.Select(m => m.Text));
        var parameterText = string.Join(", ", method.Parameters.Select((p, i) => (p.IsParams ? "params " : "") + parameters[i].Type + " " + parameters[i].Name));
        var signature = $"{modifiers} {returnType} {EscapeName(method.Name)}({parameterText})";
        var span = syntax.Identifier.GetLocation();
        return new Operation(
            container, aten, outOverload, signature, method.IsStatic, returnType, new EquatableList<OperationParameter>(parameters.ToImmutable()),
            new Place(span.SourceTree?.FilePath ?? "", span.SourceSpan, span.GetLineSpan().Span), problem);
    }

    private static string EscapeName(string name) =>
        SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None ? "@" + name : name;
}

/// <summary>An immutable list that compares by content.</summary>
internal readonly struct EquatableList<T>(ImmutableArray<T> items) : IEquatable<EquatableList<T>>
{
    public ImmutableArray<T> Items { get; } = items;

    public bool Equals(EquatableList<T> other) => Items.SequenceEqual(other.Items);

    public override bool Equals(object? obj) => obj is EquatableList<T> other && Equals(other);

    public override int GetHashCode() => Items.Length;
}
