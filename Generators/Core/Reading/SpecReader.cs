using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Hybrid.Generators.Model;
using Hybrid.Graphs;
using Hybrid.Programs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Generators.Reading;

/// <summary>
/// Reads one spec from its syntax: the class, its spec method, and every block and constant that it reaches in any file.
/// What it reads is only extracted; <see cref="Evaluation.SpecEvaluator"/> gives it meaning.
/// </summary>
internal sealed class SpecReader
{
    private readonly INamedTypeSymbol _type;
    private readonly List<MethodModel> _blocks = new();
    private readonly Dictionary<string, (MethodDeclarationSyntax Method, NameResolver Names)> _found = new(StringComparer.Ordinal);
    private readonly Queue<string> _unread = new();
    private INamedTypeSymbol? _sym;
    private bool _symLookedUp;

    private SpecReader(INamedTypeSymbol type, NameResolver names, Places places, BrokenCode broken, CancellationToken cancellation)
    {
        _type = type;
        Names = names;
        Places = places;
        Broken = broken;
        Cancellation = cancellation;
    }

    public Places Places { get; }

    public BrokenCode Broken { get; }

    public CancellationToken Cancellation { get; }

    private NameResolver Names { get; }

    /// <summary>The type <c>Hybrid.Sym</c>, looked up when a name outside of the vocabulary is called on a value.</summary>
    public ITypeSymbol? SymType
    {
        get
        {
            if (!_symLookedUp)
            {
                _sym = Names.Compilation.GetTypeByMetadataName("Hybrid.Sym");
                _symLookedUp = true;
            }
            return _sym;
        }
    }

    public static SpecModel Read(
        SpecKind kind, ClassDeclarationSyntax declaration, INamedTypeSymbol type, SemanticModel semantic,
        Places places, BrokenCode broken, CancellationToken cancellation)
    {
        var reader = new SpecReader(type, new NameResolver(semantic, declaration), places, broken, cancellation);
        return reader.Read(kind, declaration);
    }

    private SpecModel Read(SpecKind kind, ClassDeclarationSyntax declaration)
    {
        var id = Places.Add(declaration.Identifier);
        var attributes = new List<AttributeModel>();
        var sizes = new List<NamedConstant>();
        var specs = new List<(MethodDeclarationSyntax Method, NameResolver Names)>();
        foreach (var part in Parts(_type, declaration))
        {
            var names = part == declaration ? Names : Names.For(part);
            var (read, constants) = MethodReader.ClassAttributes(this, names, part);
            attributes.AddRange(read);
            sizes.AddRange(constants);
            specs.AddRange(part.Members.OfType<MethodDeclarationSyntax>().Where(m => Has(m, "Spec", names)).Select(m => (m, names)));
        }
        MethodModel? spec = specs.Count == 0
            ? null
            : MethodReader.Read(this, specs[0].Names, specs[0].Method, specs[0].Method.Identifier.ValueText);
        var others = specs.Skip(1).Select(s => Places.Add(s.Method.Identifier)).ToEquatable();
        while (_unread.Count > 0)
        {
            var key = _unread.Dequeue();
            var (method, names) = _found[key];
            _blocks.Add(MethodReader.Read(this, names, method, key));
        }
        var brought = new ClassReader(_type, declaration, Names, Places).Read(kind);
        return new SpecModel(
            kind, Namespace(_type), ContainingTypes(_type), id, declaration.Identifier.ValueText, FileName(_type),
            attributes.ToEquatable(), spec, others, _blocks.ToEquatable(), sizes.Distinct().ToEquatable())
        {
            Problems = brought.Problems, Members = brought.Members,
        };
    }

    /// <summary>The key of a block, which is read once; null when its source is in another assembly.</summary>
    public string? BlockKey(IMethodSymbol block, NameResolver from)
    {
        if (Syntax(block) is not { Parent: TypeDeclarationSyntax container } method) return null;
        var key = SymbolEqualityComparer.Default.Equals(block.ContainingType, _type)
            ? block.Name
            : QualifiedName(block.ContainingType) + "." + block.Name;
        // Overloads differ by their number of parameters (see MethodReader): the number tells them apart.
        if (_found.TryGetValue(key, out var known) && known.Method != method) key += "`" + block.Parameters.Length;
        if (!_found.ContainsKey(key))
        {
            _found.Add(key, (method, from.For(container)));
            _unread.Enqueue(key);
        }
        return key;
    }

    /// <summary>The network whose spec a method is, by its attributes alone; null when it is not a network's spec.</summary>
    public NetworkReference? Network(IMethodSymbol method, NameResolver from)
    {
        var type = method.ContainingType;
        var fullName = type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        if (Syntax(method) is { Parent: ClassDeclarationSyntax declaration } spec && Has(spec, "Spec", from.For(declaration)))
        {
            var names = from.For(declaration);
            var attributes = new List<AttributeModel>();
            var sizes = new List<NamedConstant>();
            // Places inside the other network are not this spec's: what is wrong there is reported there.
            var outside = new SpecReader(type, names, Places.Counted(), BrokenCode.Syntactic(), Cancellation);
            foreach (var part in Parts(type, declaration))
            {
                var (read, constants) = MethodReader.ClassAttributes(outside, names.For(part), part);
                attributes.AddRange(read);
                sizes.AddRange(constants);
            }
            return new NetworkReference(
                fullName, null, attributes.ToEquatable(), MethodReader.Signature(outside, names, spec), sizes.Distinct().ToEquatable())
            {
                Back = SymbolEqualityComparer.Default.Equals(type, _type) ? null : NetworksInside.Path(type, _type, names, Cancellation),
            };
        }
        foreach (var attribute in type.GetAttributes())
        {
            if (attribute.AttributeClass is { Name: "NetworkContractAttribute" } && attribute.ConstructorArguments.Length == 1)
                return new NetworkReference(
                    fullName,
                    attribute.ConstructorArguments[0].Value + Programs(type),
                    EquatableArray<AttributeModel>.Empty,
                    null,
                    EquatableArray<NamedConstant>.Empty);
        }
        return null;
    }

    /// <summary>The programs of a network of another assembly, as its contract names them.</summary>
    private static string Programs(INamedTypeSymbol type)
    {
        var variants = type.GetAttributes()
            .Where(
                attribute => attribute.AttributeClass is { Name: "NetworkProgramAttribute" } && attribute.ConstructorArguments.Length == 1)
            .Select(attribute => attribute.ConstructorArguments[0].Value)
                .OfType<int>()
                .Select(value => (Variant)value)
                .OrderBy(variant => variant)
                .ToList();
        return Contract.DerivesSection(variants);
    }

    /// <summary>A <c>[Block]</c>, by its syntax where there is one.</summary>
    public static bool IsBlock(IMethodSymbol method) => Syntax(method) is { } syntax
        ? Has(syntax, "Block")
            // Under an alias, which only the compiler resolves.
            || (syntax.AttributeLists.Count > 0 && method.GetAttributes().Any(a => a.AttributeClass is { Name: "BlockAttribute" } block
            && IsVocabulary(block)))
        : method.GetAttributes().Any(a => a.AttributeClass is { Name: "BlockAttribute" });

    /// <summary>A type of the language itself.</summary>
    public static bool IsVocabulary(ITypeSymbol? type) =>
        type is { ContainingNamespace: { Name: "Hybrid", ContainingNamespace.IsGlobalNamespace: true } }
            && type.ContainingAssembly?.Name == Vocabulary.Assembly;

    private static bool Has(MethodDeclarationSyntax method, string attribute, NameResolver names) =>
        method.AttributeLists.Any(l => l.Attributes.Any(a => names.Attribute(a.Name) == attribute));

    private static bool Has(MethodDeclarationSyntax method, string attribute) =>
        method.AttributeLists.Any(l => l.Attributes.Any(a => MethodReader.SimpleName(a.Name) == attribute));

    private static MethodDeclarationSyntax? Syntax(IMethodSymbol method) =>
        method.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() as MethodDeclarationSyntax;

    /// <summary>The parts of a partial class, the one at hand first; generated parts carry nothing to read.</summary>
    private static IEnumerable<ClassDeclarationSyntax> Parts(INamedTypeSymbol type, ClassDeclarationSyntax first) =>
        new[] { first }.Concat(type.DeclaringSyntaxReferences
            .Where(r => r.SyntaxTree != first.SyntaxTree || r.Span != first.Span)
            .Select(r => r.GetSyntax())
            .OfType<ClassDeclarationSyntax>()
            .Where(c => c.AttributeLists.Count > 0 || c.Members.Any(m => m is MethodDeclarationSyntax method && Has(method, "Spec"))));

    private static string Namespace(INamedTypeSymbol type) =>
        type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString();

    private static string FileName(INamedTypeSymbol type)
    {
        var name = Distinct(type);
        for (var at = type.ContainingType; at is not null; at = at.ContainingType) name = $"{Distinct(at)}+{name}";
        return Plain(Namespace(type) is { Length: > 0 } space ? $"{space}.{name}" : name);

        // The compiler takes letters, digits and a few signs: no @ of a keyword's, no <file> of a class's that is local to it.
        static string Plain(string name)
            => string.Concat(name.Where(c => c != '@').Select(c => char.IsLetterOrDigit(c)
                || c is '.' or '_' or '-' or '+' or '`' ? c : '_'));

        // The compiler takes two generated files whose names differ in case alone for one.
        static string Distinct(INamedTypeSymbol type)
        {
            var others = type.ContainingType?.GetTypeMembers() ?? type.ContainingNamespace.GetTypeMembers();
            var before = others.Count(
                other => string.Equals(other.MetadataName, type.MetadataName, StringComparison.OrdinalIgnoreCase)
                    && string.CompareOrdinal(other.MetadataName, type.MetadataName) < 0);
            return before == 0 ? type.MetadataName : $"{type.MetadataName}-{before + 1}";
        }
    }

    private static EquatableArray<ContainingType> ContainingTypes(INamedTypeSymbol type)
    {
        var types = new List<ContainingType>();
        for (var at = type.ContainingType; at is not null; at = at.ContainingType)
        {
            var keyword = at switch
            {
                { IsRecord: true, TypeKind: TypeKind.Struct } => "record struct",
                { IsRecord: true } => "record",
                { TypeKind: TypeKind.Struct } => "struct",
                { TypeKind: TypeKind.Interface } => "interface",
                _ => "class",
            };
            types.Insert(
                0,
                new ContainingType(
                    keyword,
                    at.Name + (at.TypeParameters.Length == 0 ? "" : "<" + string.Join(", ", at.TypeParameters.Select(t => t.Name)) + ">")));
        }
        return types.ToEquatable();
    }

    private static string QualifiedName(INamedTypeSymbol type) => type.ToDisplayString();
}
