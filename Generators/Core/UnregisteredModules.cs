using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Hybrid.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Hybrid.Generators;

/// <summary>
/// HYB4002: a hand-written module that keeps its parts in an array, list or dictionary. <c>RegisterComponents()</c> finds fields that are
/// modules, not fields that hold some: their parameters are neither trained, moved nor saved, and nothing says so.
/// </summary>
/// <remarks>
/// Silent where the class registers modules itself, or where all that the field holds are other fields or comes from outside.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnregisteredModules : DiagnosticAnalyzer
{
    /// <summary>The property that carries the elements' type to the code fix.</summary>
    public const string Element = "Element";

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(Descriptors.Of("HYB4002"));

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName("TorchSharp.torch+nn+Module") is { } module)
                start.RegisterSyntaxNodeAction(node => Analyze(node, module), SyntaxKind.ClassDeclaration);
        });
    }

    private static void Analyze(SyntaxNodeAnalysisContext context, INamedTypeSymbol module)
    {
        var declaration = (ClassDeclarationSyntax)context.Node;
        if (declaration.BaseList is null
            || context.SemanticModel.GetDeclaredSymbol(declaration, context.CancellationToken) is not { } type
            || !IsModule(type, module))
        {
            return;
        }
        var calls = declaration.DescendantNodes().OfType<InvocationExpressionSyntax>();
        if (calls.Any(call => Name(call.Expression) is "register_module" or "add_module")) return;
        foreach (var (name, held, place) in Held(declaration, context.SemanticModel, context.CancellationToken))
        {
            if (ElementOf(held, module) is not { } element
                || !IsMadeHere(declaration, name, context.SemanticModel, module, context.CancellationToken))
            {
                continue;
            }
            var kind = held is IArrayTypeSymbol ? "an array" : $"a {held.Name}";
            var list = held is INamedTypeSymbol { TypeArguments.Length: > 1 } ? "ModuleDict" : "ModuleList";
            var shown = element.ToMinimalDisplayString(context.SemanticModel, place.SourceSpan.Start);
            context.ReportDiagnostic(Diagnostic.Create(
                Descriptors.Of("HYB4002"),
                place,
                ImmutableDictionary<string, string?>.Empty.Add(Element, shown),
                $"{type.Name} '{name}': {kind} of modules is not registered, so their parameters are not trained, moved or saved. Use "
                    + $"{list}<{shown}>."));
        }
    }

    /// <summary>The instance fields and automatic properties of a class, with their types.</summary>
    private static IEnumerable<(string Name, ITypeSymbol Type, Location Place)> Held(
        ClassDeclarationSyntax declaration,
        SemanticModel semantic,
        CancellationToken cancellation)
    {
        foreach (var member in declaration.Members)
        {
            if (member.Modifiers.Any(SyntaxKind.StaticKeyword)) continue;
            if (member is FieldDeclarationSyntax field)
            {
                foreach (var variable in field.Declaration.Variables)
                    if (semantic.GetDeclaredSymbol(variable, cancellation) is IFieldSymbol symbol)
                        yield return (symbol.Name, symbol.Type, variable.Identifier.GetLocation());
            }
            else if (member is PropertyDeclarationSyntax { AccessorList: { } accessors } property
                && accessors.Accessors.All(accessor => accessor.Body is null && accessor.ExpressionBody is null)
                && semantic.GetDeclaredSymbol(property, cancellation) is { } symbol)
            {
                yield return (symbol.Name, symbol.Type, property.Identifier.GetLocation());
            }
        }
    }

    private static bool IsModule(ITypeSymbol? type, INamedTypeSymbol module)
    {
        for (; type is not null; type = type.BaseType)
            if (SymbolEqualityComparer.Default.Equals(type, module)) return true;
        return false;
    }

    /// <summary>
    /// The modules' type, where a type is an array or a collection of modules; null where it is a module itself, or holds none.
    /// </summary>
    private static ITypeSymbol? ElementOf(ITypeSymbol held, INamedTypeSymbol module)
    {
        if (held is IArrayTypeSymbol { Rank: 1 } array) return IsModule(array.ElementType, module) ? array.ElementType : null;
        if (held is not INamedTypeSymbol { IsTupleType: false } named
            || IsModule(named, module)
            || named.ContainingNamespace.ToDisplayString() != "System.Collections.Generic")
        {
            return null;
        }
        return named.TypeArguments.LastOrDefault(argument => IsModule(argument, module));
    }

    /// <summary>Whether the class makes a module and puts it into the field: then nothing else holds it.</summary>
    private static bool IsMadeHere(
        ClassDeclarationSyntax declaration,
        string name,
        SemanticModel semantic,
        INamedTypeSymbol module,
        CancellationToken cancellation)
    {
        var written = new List<SyntaxNode>();
        foreach (var node in declaration.DescendantNodes())
        {
            switch (node)
            {
                case VariableDeclaratorSyntax
                {
                    Initializer: { } initializer, Parent.Parent: FieldDeclarationSyntax,
                } field when field.Identifier.ValueText == name:
                    written.Add(initializer.Value);
                    break;
                case PropertyDeclarationSyntax { Initializer: { } initializer } property when property.Identifier.ValueText == name:
                    written.Add(initializer.Value);
                    break;
                case AssignmentExpressionSyntax assignment when Name(
                    assignment.Left is ElementAccessExpressionSyntax element ? element.Expression : assignment.Left) == name:
                    written.Add(assignment.Right);
                    break;
                case InvocationExpressionSyntax
                {
                    Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Add" or "AddRange" or "Insert" } access,
                } call when Name(access.Expression) == name:
                    written.Add(call.ArgumentList);
                    break;
            }
        }
        return written.SelectMany(value => value.DescendantNodesAndSelf())
            .Any(
                node => node is InvocationExpressionSyntax or BaseObjectCreationExpressionSyntax
                    && IsModule(semantic.GetTypeInfo(node, cancellation).Type, module));
    }

    private static string? Name(ExpressionSyntax expression) => expression switch
    {
        IdentifierNameSyntax name => name.Identifier.ValueText,
        MemberAccessExpressionSyntax access => access.Name.Identifier.ValueText,
        _ => null,
    };
}
