using System.Collections.Generic;
using System.Linq;
using Hybrid.Generators.Model;
using Hybrid.Graphs;
using Hybrid.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Generators.Reading;

internal sealed partial class MethodReader
{
    private Expression Call(InvocationExpressionSyntax call)
    {
        switch (call.Expression)
        {
            case IdentifierNameSyntax { Identifier.ValueText: "nameof" } when call.ArgumentList.Arguments.Count == 1:
                return NameOf(call);
            case IdentifierNameSyntax name:
                return OfMethods(call, _names.Methods(name.Identifier.ValueText), receiver: null);
            case MemberAccessExpressionSyntax { RawKind: (int)SyntaxKind.SimpleMemberAccessExpression } access
                when IsValue(access.Expression):
                return OnValue(call, access);
            case MemberAccessExpressionSyntax { RawKind: (int)SyntaxKind.SimpleMemberAccessExpression } access:
                return OnType(call, access);
            default:
                return Unsupported(call);
        }
    }

    /// <summary><c>x.Relu()</c>, or a block written as an extension method: <c>x.Residual(64)</c>.</summary>
    private Expression OnValue(InvocationExpressionSyntax call, MemberAccessExpressionSyntax access)
    {
        var name = access.Name.Identifier.ValueText;
        if (name != "On" && RuleTable.Find(name) is null && _spec.SymType is { } sym)
        {
            var extensions = _names.ExtensionMethods(sym, name).Where(m => !SpecReader.IsVocabulary(m.ContainingType)).ToList();
            if (extensions.Count > 0) return OfMethods(call, extensions, access.Expression);
        }
        var target = Expression(access.Expression);
        var id = _spec.Places.AddCallOnValue(call);
        if (_spec.Broken.Stranger(call) is { } stranger)
            return new UnsupportedExpression(
                id, $"{stranger.ContainingType.ToDisplayString()}.{stranger.Name}", UnsupportedReason.Stranger);
        return new CallExpression(id, target, null, name, TypeArguments(access.Name), Arguments(call));
    }

    /// <summary><c>Layer.Linear(16)</c>, <c>Blocks.Residual(x, 64)</c>.</summary>
    private Expression OnType(InvocationExpressionSyntax call, MemberAccessExpressionSyntax access)
    {
        var name = access.Name.Identifier.ValueText;
        if (_names.Path(access.Expression) is not ITypeSymbol type)
        {
            // Unknown to the compilation: the compiler says so, and the evaluator knows no such operation either.
            return Unsupported(call);
        }
        if (SpecReader.IsVocabulary(type) || type is { Name: "Math", ContainingNamespace: { Name: "System" } system }
            && system.ContainingNamespace.IsGlobalNamespace)
        {
            var id = Place(call);
            return new CallExpression(id, null, type.Name, name, TypeArguments(access.Name), Arguments(call));
        }
        var methods = new List<IMethodSymbol>();
        for (var at = type; at is not null; at = at.BaseType) methods.AddRange(at.GetMembers(name).OfType<IMethodSymbol>());
        return OfMethods(call, methods, receiver: null);
    }

    /// <summary>A call of one of some methods of the compilation: a block, or nothing that a spec may call.</summary>
    private Expression OfMethods(InvocationExpressionSyntax call, IEnumerable<IMethodSymbol> methods, ExpressionSyntax? receiver)
    {
        var all = methods.ToList();
        if (all.Count == 0) return Unsupported(call, UnsupportedReason.NotABlock);
        if (all.Find(m => SpecReader.IsVocabulary(m.ContainingType)) is { } operation)
        {
            var at = Place(call);
            var generic = call.Expression as SimpleNameSyntax ?? (call.Expression as MemberAccessExpressionSyntax)?.Name;
            return new CallExpression(at, null, operation.ContainingType.Name, operation.Name, TypeArguments(generic), Arguments(call));
        }
        var given = call.ArgumentList.Arguments.Count + (receiver is null ? 0 : 1);
        var blocks = all.FindAll(SpecReader.IsBlock);
        if (blocks.Count == 0) return Unsupported(call, UnsupportedReason.NotABlock);
        if (blocks.Count > 1) blocks = blocks.FindAll(b => b.Parameters.Length >= given && b.Parameters.Count(p => !p.IsOptional) <= given);
        if (blocks.Count != 1) return Unsupported(call, UnsupportedReason.AmbiguousBlock);
        if (_spec.BlockKey(blocks[0], _names) is not { } key) return Unsupported(call, UnsupportedReason.ForeignBlock);

        var arguments = new List<ArgumentModel>();
        if (receiver is not null) arguments.Add(new ArgumentModel(null, Expression(receiver)));
        var id = receiver is null ? Place(call) : _spec.Places.AddCallOnValue(call);
        arguments.AddRange(Arguments(call));
        return new BlockCallExpression(id, key, arguments.ToEquatable());
    }

    private EquatableArray<ArgumentModel> Arguments(InvocationExpressionSyntax call) => call.ArgumentList.Arguments
        .Select(a => new ArgumentModel(
            a.NameColon?.Name.Identifier.ValueText,
            a.RefKindKeyword.IsKind(SyntaxKind.None) ? ArgumentValue(a.Expression) : Unsupported(a.Expression)))
        .ToEquatable();

    /// <summary>An argument may also be a method group: the spec of another network.</summary>
    private Expression ArgumentValue(ExpressionSyntax syntax)
    {
        if (_spec.Broken.Contains(syntax)) return Expression(syntax);
        var methods = syntax switch
        {
            IdentifierNameSyntax name when !_locals.Contains(name.Identifier.ValueText)
                && _names.Symbol(name.Identifier.ValueText) is null =>
                _names.Methods(name.Identifier.ValueText),
            MemberAccessExpressionSyntax { Name: IdentifierNameSyntax name } access when !IsValue(access.Expression)
                && _names.Path(access.Expression) is ITypeSymbol type =>
                type.GetMembers(name.Identifier.ValueText).OfType<IMethodSymbol>(),
            _ => Enumerable.Empty<IMethodSymbol>(),
        };
        return methods.FirstOrDefault() is { } method ? Network(syntax, method) : Expression(syntax);
    }

    private Expression Network(ExpressionSyntax syntax, IMethodSymbol method) => _spec.Network(method, _names) is { } network
        ? new NetworkExpression(Place(syntax), network)
        : Unsupported(syntax, UnsupportedReason.NotANetwork);

    private EquatableArray<string> TypeArguments(SimpleNameSyntax? name) => name is GenericNameSyntax generic
        ? generic.TypeArgumentList.Arguments
            .Select(t => _names.Type(t)?.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat) ?? "")
            .ToEquatable()
        : EquatableArray<string>.Empty;

    private Expression NameOf(InvocationExpressionSyntax call)
    {
        var name = call.ArgumentList.Arguments[0].Expression switch
        {
            SimpleNameSyntax simple => simple.Identifier.ValueText,
            MemberAccessExpressionSyntax access => access.Name.Identifier.ValueText,
            _ => null,
        };
        return name is null ? Unsupported(call) : new ConstantExpression(Place(call), Constant.From(name)!, null);
    }
}
