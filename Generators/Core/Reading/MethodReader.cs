using System.Collections.Generic;
using System.Linq;
using Hybrid.Generators.Model;
using Hybrid.Graphs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Generators.Reading;

/// <summary>Reads one <c>[Spec]</c> or <c>[Block]</c> method: its signature here, its body in the other parts.</summary>
internal sealed partial class MethodReader
{
    /// <summary>Nesting that the reader follows: far above any network, far below what the stack bears.</summary>
    private const int DeepestNesting = 400;

    private readonly SpecReader _spec;
    private readonly NameResolver _names;
    private readonly HashSet<string> _locals = new();
    private readonly HashSet<string> _texts = new();
    private int _depth;

    private MethodReader(SpecReader spec, NameResolver names)
    {
        _spec = spec;
        _names = names;
    }

    public static MethodModel Read(SpecReader spec, NameResolver names, MethodDeclarationSyntax method, string key) =>
        new MethodReader(spec, names).Read(method, key);

    /// <summary>The method without its body: what a user of the network sees.</summary>
    public static MethodModel Signature(SpecReader spec, NameResolver names, MethodDeclarationSyntax method) =>
        new MethodReader(spec, names).Read(method, method.Identifier.ValueText, withBody: false);

    private MethodModel Read(MethodDeclarationSyntax method, string key, bool withBody = true)
    {
        _spec.Broken.Scan(method);
        var id = Place(method.Identifier);
        var attributes = Attributes(method.AttributeLists, forReturn: false);
        var returnAttributes = Attributes(method.AttributeLists, forReturn: true);
        foreach (var parameter in method.ParameterList.Parameters) _locals.Add(parameter.Identifier.ValueText);
        var parameters = method.ParameterList.Parameters.Select(Parameter).ToEquatable();
        var body = withBody ? Body(method) : EquatableArray<Statement>.Empty;
        return new MethodModel(
            id, key, method.Identifier.ValueText, ReturnNames(method.ReturnType), attributes, returnAttributes, parameters, body, Sizes())
        {
            Problem = attributes.Any(attribute => attribute.Name == "Spec") ? ProblemOf(method) : null,
        };
    }

    private EquatableArray<Statement> Body(MethodDeclarationSyntax method)
    {
        if (_spec.Broken.Contains(method))
            return EquatableArray.Of<Statement>(new BrokenStatement(Place(method.Identifier), EquatableArray<LocalName>.Empty));
        if (method.ExpressionBody is { } arrow)
            return EquatableArray.Of<Statement>(new ReturnStatement(Place(arrow.Expression), Expression(arrow.Expression)));
        return method.Body is { } body ? Statements(body.Statements) : EquatableArray<Statement>.Empty;
    }

    private ParameterModel Parameter(ParameterSyntax parameter) => new(
        Place(parameter.Identifier),
        parameter.Identifier.ValueText,
        parameter.Type is null ? "" : TypeOf(parameter.Type),
        parameter.Default is { } value ? Expression(value.Value) : null,
        Attributes(parameter.AttributeLists, forReturn: false)) { Enum = EnumOf(parameter.Type) };

    private EnumModel? EnumOf(TypeSyntax? syntax)
        => syntax is not null && _names.Type(syntax) is INamedTypeSymbol { TypeKind: TypeKind.Enum } type && !SpecReader.IsVocabulary(type)
            ? new EnumModel(
                type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
                type.GetMembers().OfType<IFieldSymbol>().Where(field => field.HasConstantValue)
                    .Select(field => new NamedConstant(field.Name, Constant.From(field.ConstantValue)!)).ToEquatable())
            : null;

    /// <summary>A type as the language calls it, also under an alias; as written where it is none of the language's.</summary>
    private string TypeOf(TypeSyntax syntax)
    {
        var written = Shortened(syntax);
        if (written is "Sym" or "int") return written;
        var type = _names.Type(syntax is NullableTypeSyntax { ElementType: var inner } ? inner : syntax);
        if (syntax is not NullableTypeSyntax && type is { SpecialType: SpecialType.System_Double }) return "double";
        if (syntax is not NullableTypeSyntax && type is { SpecialType: SpecialType.System_Boolean }) return "bool";
        return type is { SpecialType: SpecialType.System_Int32 } && syntax is not NullableTypeSyntax ? "int"
            : type is { Name: nameof(Sym) } && SpecReader.IsVocabulary(type) ? "Sym"
            : written;
    }

    /// <summary>Why a method cannot be a spec; null when it can.</summary>
    private string? ProblemOf(MethodDeclarationSyntax method)
    {
        var name = method.Identifier.ValueText;
        if (ClassReader.IsKeyword(name)) return $"'{name}' is a keyword of C#, which generated code cannot call a method. Rename it";
        if (method.TypeParameterList is not null) return $"'{name}' is generic; a spec is one method. Take its type parameters out";
        if (method.Modifiers.Any(modifier => modifier.IsKind(SyntaxKind.AsyncKeyword))) return $"'{name}' is async; a spec is read, "
            + "not run. Take async out";
        if (!method.Modifiers.Any(modifier => modifier.IsKind(SyntaxKind.StaticKeyword)))
            return $"'{name}' is not static; a spec is read before there is a network. Make it static";
        if (method.Body is null && method.ExpressionBody is null)
            return $"'{name}' has no body here, from which the network would be read. Write it at the method that is marked [Spec]";
        if (method.ParameterList.Parameters.FirstOrDefault(
            parameter => parameter.Modifiers.Any(
                modifier => modifier.Kind() is SyntaxKind.OutKeyword or SyntaxKind.RefKeyword or SyntaxKind.InKeyword)) is { } passed)
        {
            return $"'{passed.Identifier.ValueText}' is passed by reference; a spec takes tensors and returns what it computes. "
                + $"Remove the word {passed.Modifiers.First(modifier => !modifier.IsKind(SyntaxKind.ThisKeyword))}";
        }
        if (method.ParameterList.Parameters.FirstOrDefault(
            parameter => ClassReader.IsKeyword(parameter.Identifier.ValueText) && parameter.AttributeLists.Count > 0
                && parameter.AttributeLists.SelectMany(list => list.Attributes).Any(attribute
                => _names.Attribute(attribute.Name) == "Param")) is { } size)
        {
            return $"[Param] '{size.Identifier.ValueText}' is a keyword of C#, which generated code cannot call a parameter. Rename it";
        }
        return ReturnsSyms(method.ReturnType)
            ? null
            : $"'{name}' returns {Shortened(method.ReturnType)}; a spec returns Sym, or a tuple of them";
    }

    private bool ReturnsSyms(TypeSyntax type)
        => type is TupleTypeSyntax tuple
            ? tuple.Elements.All(element => TypeOf(element.Type) == "Sym" || element.Type is TupleTypeSyntax)
            : TypeOf(type) == "Sym"
                // Half-typed, or a name that the compiler reports.
                || type.IsMissing
                || _names.Type(type) is null
                || _names.Type(type) is INamedTypeSymbol { IsTupleType: true };

    /// <summary>The element names of a returned tuple: "" where it has none.</summary>
    private static EquatableArray<string> ReturnNames(TypeSyntax type) => type is TupleTypeSyntax tuple
        ? tuple.Elements.Select(e => e.Identifier.ValueText).ToEquatable()
        : EquatableArray<string>.Empty;

    private EquatableArray<AttributeModel> Attributes(SyntaxList<AttributeListSyntax> lists, bool forReturn)
    {
        var read = new List<AttributeModel>();
        foreach (var list in lists)
        {
            if (list.Target?.Identifier.IsKind(SyntaxKind.ReturnKeyword) == true != forReturn) continue;
            foreach (var attribute in list.Attributes)
            {
                var simple = _names.Attribute(attribute.Name);
                if (!Vocabulary.Attributes.Contains(simple)) continue;
                var arguments = attribute.ArgumentList?.Arguments ?? default;
                read.Add(new AttributeModel(
                    Place(attribute),
                    simple,
                    arguments.Select(
                        a => new ArgumentModel((a.NameEquals?.Name ?? a.NameColon?.Name)?.Identifier.ValueText, Expression(a.Expression)))
                    .ToEquatable()));
            }
        }
        return read.ToEquatable();
    }

    /// <summary>The attributes of a class, whose arguments see the class's own constants.</summary>
    public static (EquatableArray<AttributeModel> Attributes, EquatableArray<NamedConstant> Sizes) ClassAttributes(
        SpecReader spec, NameResolver names, TypeDeclarationSyntax declaration)
    {
        var reader = new MethodReader(spec, names);
        var attributes = reader.Attributes(declaration.AttributeLists, forReturn: false);
        return (attributes, reader.Sizes());
    }

    /// <summary>The integer constants among the names in the method's strings: a shape may name them.</summary>
    private EquatableArray<NamedConstant> Sizes()
    {
        var sizes = new List<NamedConstant>();
        foreach (var name in _texts.SelectMany(Identifiers).Distinct().OrderBy(n => n, System.StringComparer.Ordinal))
        {
            if (_names.Symbol(name) is IFieldSymbol { HasConstantValue: true } field
                && Constant.From(field.ConstantValue) is { Kind: ConstantKind.Integer or ConstantKind.Long } value)
                sizes.Add(new NamedConstant(name, value));
        }
        return sizes.ToEquatable();
    }

    private static IEnumerable<string> Identifiers(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!SyntaxFacts.IsIdentifierStartCharacter(text[i])) continue;
            var start = i;
            while (i < text.Length && SyntaxFacts.IsIdentifierPartCharacter(text[i])) i++;
            yield return text.Substring(start, i - start);
        }
    }

    /// <summary><c>Hybrid.ShapeAttribute</c> is <c>Shape</c>.</summary>
    public static string SimpleName(NameSyntax name)
    {
        var text = name switch
        {
            QualifiedNameSyntax qualified => qualified.Right.Identifier.ValueText,
            AliasQualifiedNameSyntax aliased => aliased.Name.Identifier.ValueText,
            SimpleNameSyntax simple => simple.Identifier.ValueText,
            _ => name.ToString(),
        };
        return text.Length > 9 && text.EndsWith("Attribute", System.StringComparison.Ordinal) ? text.Substring(0, text.Length - 9) : text;
    }

    private int Place(SyntaxNodeOrToken syntax) => _spec.Places.Add(syntax);

    /// <summary>The source on one line, no longer than a message bears.</summary>
    private static string Shortened(SyntaxNode node)
    {
        var text = string.Join(" ", node.ToString().Split((char[]?)null, System.StringSplitOptions.RemoveEmptyEntries));
        return text.Length <= 60 ? text : text.Substring(0, 57) + "...";
    }
}
