using System.Collections.Generic;
using System.Linq;
using Hybrid.Generators.Model;
using Hybrid.Graphs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Generators.Reading;

internal sealed partial class MethodReader
{
    private Expression Expression(ExpressionSyntax syntax)
    {
        while (syntax is ParenthesizedExpressionSyntax inner) syntax = inner.Expression;
        if (_spec.Broken.Contains(syntax)) return new BrokenExpression(Place(syntax));
        if (++_depth > DeepestNesting)
        {
            _depth--;
            return Unsupported(syntax, UnsupportedReason.TooDeep);
        }
        try
        {
            return Readable(syntax);
        }
        finally
        {
            _depth--;
        }
    }

    private Expression Readable(ExpressionSyntax syntax)
    {
        switch (syntax)
        {
            case LiteralExpressionSyntax literal:
                if (literal.Token.Value is string text) _texts.Add(text);
                return Constant.From(literal.Token.Value) is { } value && !literal.IsKind(SyntaxKind.DefaultLiteralExpression)
                    ? new ConstantExpression(Place(literal), value, null)
                    : Unsupported(literal);
            case IdentifierNameSyntax name:
                return Name(name);
            case InvocationExpressionSyntax call:
                return Call(call);
            case MemberAccessExpressionSyntax { RawKind: (int)SyntaxKind.SimpleMemberAccessExpression } access:
                return Member(access);
            case BinaryExpressionSyntax binary when Operator(binary.Kind()) is { } op:
                return new BinaryExpression(Place(binary), op, Expression(binary.Left), Expression(binary.Right));
            case PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.UnaryMinusExpression } minus:
                return new UnaryExpression(Place(minus), "-", Expression(minus.Operand));
            case PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.UnaryPlusExpression } plus:
                return new UnaryExpression(Place(plus), "+", Expression(plus.Operand));
            case PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression } not:
                return new UnaryExpression(Place(not), "!", Expression(not.Operand));
            case PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.IndexExpression } fromEnd:
                return new UnaryExpression(Place(fromEnd), "^", Expression(fromEnd.Operand));
            case RangeExpressionSyntax range:
                return new RangeExpression(
                    Place(range),
                    range.LeftOperand is { } start ? Expression(start) : null,
                    range.RightOperand is { } end ? Expression(end) : null);
            case ConditionalExpressionSyntax conditional:
                return new ConditionalExpression(
                    Place(conditional),
                    Expression(conditional.Condition),
                    Expression(conditional.WhenTrue),
                    Expression(conditional.WhenFalse));
            case SwitchExpressionSyntax choice:
                return Switch(choice);
            case BinaryExpressionSyntax { RawKind: (int)SyntaxKind.IsExpression } named
                when _names.Path(named.Right) is IFieldSymbol { HasConstantValue: true } constant:
                return new BinaryExpression(Place(named), "==", Expression(named.Left), Constantly(named.Right, constant));
            case IsPatternExpressionSyntax test:
                return Matches(test.Expression, test.Pattern) ?? Unsupported(test);
            case CastExpressionSyntax { Type: PredefinedTypeSyntax type } cast
                when type.Keyword.Text is "int" or "long" or "double" or "float":
                return new CastExpression(Place(cast), type.Keyword.Text, Expression(cast.Expression));
            case TupleExpressionSyntax tuple:
                return new TupleExpression(Place(tuple), Expressions(tuple.Arguments.Select(a => a.Expression)));
            case CollectionExpressionSyntax collection when collection.Elements.All(e => e is ExpressionElementSyntax):
                return new ListExpression(
                    Place(collection), Expressions(collection.Elements.Cast<ExpressionElementSyntax>().Select(e => e.Expression)));
            case ImplicitArrayCreationExpressionSyntax { Initializer: var items }:
                return new ListExpression(Place(syntax), Expressions(items.Expressions));
            case ArrayCreationExpressionSyntax { Initializer: { } items }:
                return new ListExpression(Place(syntax), Expressions(items.Expressions));
            case ObjectCreationExpressionSyntax { ArgumentList: null or { Arguments.Count: 0 } } list
                when IsList(list.Type) && list.Initializer is null or { RawKind: (int)SyntaxKind.CollectionInitializerExpression }:
                return new ListExpression(
                    Place(list), Expressions(list.Initializer?.Expressions ?? Enumerable.Empty<ExpressionSyntax>()));
            case InterpolatedStringExpressionSyntax interpolated:
                return Interpolated(interpolated);
            case ElementAccessExpressionSyntax access:
                return new IndexExpression(
                    Place(access), Expression(access.Expression), Expressions(access.ArgumentList.Arguments.Select(a => a.Expression)));
            case PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression } suppressed:
                return Expression(suppressed.Operand);
            default:
                return Unsupported(syntax);
        }
    }

    /// <summary>A switch as what it is for constants: one condition after the other.</summary>
    private Expression Switch(SwitchExpressionSyntax choice)
    {
        if (choice.Arms.Count == 0 || choice.Arms.Any(arm => arm.WhenClause is not null)) return Unsupported(choice);
        // Where no arm is for all the rest, the last one is: C# would throw there, and the compiler warns.
        var result = Expression(choice.Arms[choice.Arms.Count - 1].Expression);
        for (var n = choice.Arms.Count - 2; n >= 0; n--)
        {
            if (Matches(choice.GoverningExpression, choice.Arms[n].Pattern) is not { } condition) return Unsupported(choice);
            result = new ConditionalExpression(Place(choice), condition, Expression(choice.Arms[n].Expression), result);
        }
        return result;
    }

    /// <summary>Whether a constant is as a pattern says; null for a pattern that is none of constants.</summary>
    private Expression? Matches(ExpressionSyntax value, PatternSyntax pattern)
    {
        switch (pattern)
        {
            case ConstantPatternSyntax constant:
                return new BinaryExpression(Place(pattern), "==", Expression(value), Expression(constant.Expression));
            case RelationalPatternSyntax relation:
                return new BinaryExpression(
                    Place(pattern), relation.OperatorToken.Text, Expression(value), Expression(relation.Expression));
            case ParenthesizedPatternSyntax { Pattern: var inner }:
                return Matches(value, inner);
            case DiscardPatternSyntax:
                return new ConstantExpression(Place(pattern), Constant.From(true)!, null);
            case UnaryPatternSyntax { Pattern: var inner } when Matches(value, inner) is { } operand:
                return new UnaryExpression(Place(pattern), "!", operand);
            case BinaryPatternSyntax both when Matches(value, both.Left) is { } left && Matches(value, both.Right) is { } right:
                return new BinaryExpression(Place(pattern), both.IsKind(SyntaxKind.OrPattern) ? "||" : "&&", left, right);
            default:
                return null;
        }
    }

    private EquatableArray<Expression> Expressions(IEnumerable<ExpressionSyntax> expressions)
        => expressions.Select(Expression).ToEquatable();

    private UnsupportedExpression Unsupported(ExpressionSyntax syntax, UnsupportedReason reason = UnsupportedReason.Construct) =>
        new(Place(syntax), Shortened(syntax), reason);

    private Expression Name(IdentifierNameSyntax name)
    {
        var text = name.Identifier.ValueText;
        if (_locals.Contains(text)) return new NameExpression(Place(name), text);
        return _names.Symbol(text) is { } symbol ? Constantly(name, symbol) : new NameExpression(Place(name), text);
    }

    private Expression Member(MemberAccessExpressionSyntax access)
    {
        if (!IsValue(access.Expression) && _names.Path(access) is { } symbol) return Constantly(access, symbol);
        var target = Expression(access.Expression);
        return new MemberExpression(Place(access.Name), target, access.Name.Identifier.ValueText);
    }

    /// <summary>A name that stands for a const, an enum member, or something whose value is only known at run time.</summary>
    private Expression Constantly(ExpressionSyntax syntax, ISymbol symbol) => symbol switch
    {
        IFieldSymbol { HasConstantValue: true, ContainingType.TypeKind: TypeKind.Enum } member
            when SpecReader.IsVocabulary(member.ContainingType) =>
            new StaticMemberExpression(Place(syntax), member.ContainingType.Name, member.Name),
        IFieldSymbol
        {
            HasConstantValue: true, Type: INamedTypeSymbol { TypeKind: TypeKind.Enum } type,
        } constant when SpecReader.IsVocabulary(type)
            && Member(type, constant.ConstantValue) is { } name =>
            new StaticMemberExpression(Place(syntax), type.Name, name),
        IFieldSymbol { HasConstantValue: true } field when Constant.From(field.ConstantValue) is { } value => NamedValue(syntax, value),
        IFieldSymbol or IPropertySymbol when SpecReader.IsVocabulary(symbol.ContainingType) =>
            new StaticMemberExpression(Place(syntax), symbol.ContainingType.Name, symbol.Name),
        IFieldSymbol { IsStatic: true, IsReadOnly: true, Type: IArrayTypeSymbol } array when Items(array) is { } items => items,
        IFieldSymbol or IPropertySymbol => Unsupported(syntax, UnsupportedReason.NotConstant),
        _ => Unsupported(syntax),
    };

    /// <summary>The elements of a static readonly array, from its declaration; null where that is in another assembly.</summary>
    private Expression? Items(IFieldSymbol array)
    {
        if (array.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(_spec.Cancellation)
                is not VariableDeclaratorSyntax { Initializer.Value: { } value } declarator
            || declarator.FirstAncestorOrSelf<TypeDeclarationSyntax>() is not { } type
            || value is not (CollectionExpressionSyntax or ImplicitArrayCreationExpressionSyntax or ArrayCreationExpressionSyntax
                or InitializerExpressionSyntax))
        {
            return null;
        }
        var reader = new MethodReader(_spec, _names.For(type)) { _depth = _depth };
        return value is InitializerExpressionSyntax items
            ? new ListExpression(Place(items), reader.Expressions(items.Expressions))
            : reader.Expression(value);
    }

    /// <summary>Whether a type is the framework's list.</summary>
    private bool IsList(TypeSyntax type)
        => type is GenericNameSyntax or QualifiedNameSyntax or AliasQualifiedNameSyntax
            && _names.Type(type) is { Name: "List" } list
            && list.ContainingNamespace.ToDisplayString() == "System.Collections.Generic";

    /// <summary>The member of an enum with this value.</summary>
    private static string? Member(INamedTypeSymbol type, object? value)
        => type.GetMembers()
            .OfType<IFieldSymbol>()
            .FirstOrDefault(member => member.HasConstantValue && Equals(member.ConstantValue, value))?.Name;

    private ConstantExpression NamedValue(ExpressionSyntax syntax, Constant value)
    {
        if (value.Text is { } text) _texts.Add(text);
        return new ConstantExpression(Place(syntax), value, Shortened(syntax));
    }

    private Expression Interpolated(InterpolatedStringExpressionSyntax interpolated)
    {
        var id = Place(interpolated);
        var parts = new List<Expression>();
        foreach (var content in interpolated.Contents)
        {
            if (content is InterpolatedStringTextSyntax text)
                parts.Add(new ConstantExpression(Place(text), Constant.From(text.TextToken.ValueText)!, null));
            else if (content is InterpolationSyntax { AlignmentClause: null, FormatClause: null } hole)
                parts.Add(Expression(hole.Expression));
            else
                return new UnsupportedExpression(id, Shortened(interpolated), UnsupportedReason.Construct);
        }
        return new InterpolatedExpression(id, parts.ToEquatable());
    }

    /// <summary>True when the left of a dot is a value (a local, a call, an operator), not a type or namespace.</summary>
    private bool IsValue(ExpressionSyntax syntax) => syntax switch
    {
        IdentifierNameSyntax name => _locals.Contains(name.Identifier.ValueText),
        MemberAccessExpressionSyntax access => IsValue(access.Expression),
        AliasQualifiedNameSyntax or PredefinedTypeSyntax or GenericNameSyntax => false,
        _ => true,
    };

    private static string? Operator(SyntaxKind kind) => kind switch
    {
        SyntaxKind.AddExpression => "+",
        SyntaxKind.SubtractExpression => "-",
        SyntaxKind.MultiplyExpression => "*",
        SyntaxKind.DivideExpression => "/",
        SyntaxKind.ModuloExpression => "%",
        SyntaxKind.LeftShiftExpression => "<<",
        SyntaxKind.RightShiftExpression => ">>",
        SyntaxKind.EqualsExpression => "==",
        SyntaxKind.NotEqualsExpression => "!=",
        SyntaxKind.LessThanExpression => "<",
        SyntaxKind.LessThanOrEqualExpression => "<=",
        SyntaxKind.GreaterThanExpression => ">",
        SyntaxKind.GreaterThanOrEqualExpression => ">=",
        SyntaxKind.LogicalAndExpression => "&&",
        SyntaxKind.LogicalOrExpression => "||",
        SyntaxKind.BitwiseAndExpression => "&",
        SyntaxKind.BitwiseOrExpression => "|",
        SyntaxKind.ExclusiveOrExpression => "^",
        _ => null,
    };
}
