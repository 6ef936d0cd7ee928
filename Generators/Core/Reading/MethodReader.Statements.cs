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
    private EquatableArray<Statement> Statements(IEnumerable<StatementSyntax> statements) =>
        statements.SelectMany(Statement).ToEquatable();

    /// <summary>A statement is several when it declares several locals, and none when it is empty.</summary>
    private IEnumerable<Statement> Statement(StatementSyntax statement)
    {
        _spec.Cancellation.ThrowIfCancellationRequested();
        if (++_depth > DeepestNesting)
        {
            _depth--;
            return One(new UnsupportedStatement(Place(statement), Shortened(statement), UnsupportedReason.TooDeep));
        }
        try
        {
            return Readable(statement);
        }
        finally
        {
            _depth--;
        }
    }

    private IEnumerable<Statement> Readable(StatementSyntax statement)
    {
        if (_spec.Broken.Contains(statement)) return One(new BrokenStatement(Place(statement), Assigned(statement)));
        switch (statement)
        {
            case EmptyStatementSyntax:
                return Enumerable.Empty<Statement>();
            case LocalDeclarationStatementSyntax { UsingKeyword.RawKind: 0 } local:
                return Declarations(local.Declaration);
            case ExpressionStatementSyntax expression:
                return One(Effect(expression.Expression));
            case ReturnStatementSyntax { Expression: { } value }:
                return One(new ReturnStatement(Place(statement), Expression(value)));
            case BlockSyntax block:
                return One(new BlockStatement(Place(block.OpenBraceToken), Statements(block.Statements)));
            case IfStatementSyntax branch:
                return One(new IfStatement(
                    Place(branch.IfKeyword),
                    Expression(branch.Condition),
                    Statement(branch.Statement).ToEquatable(),
                    branch.Else is { } otherwise ? Statement(otherwise.Statement).ToEquatable() : EquatableArray<Statement>.Empty));
            case ForStatementSyntax loop:
                return One(Loop(loop));
            case ForEachStatementSyntax { AwaitKeyword.RawKind: 0 } each:
                var (at, list) = (Place(each.ForEachKeyword), Expression(each.Expression));
                var name = EquatableArray.Of(Declare(each.Identifier));
                return One(new ForEachStatement(at, name, list, Statement(each.Statement).ToEquatable()));
            case ForEachVariableStatementSyntax { AwaitKeyword.RawKind: 0 } each:
                var (place, tuples) = (Place(each.ForEachKeyword), Expression(each.Expression));
                return One(Targets(each.Variable) is { } names
                    ? new ForEachStatement(place, names, tuples, Statement(each.Statement).ToEquatable())
                    : new UnsupportedStatement(place, Shortened(each.Variable), UnsupportedReason.Construct));
            default:
                return One(new UnsupportedStatement(Place(statement), Shortened(statement), UnsupportedReason.Construct));
        }
    }

    private ForStatement Loop(ForStatementSyntax loop)
    {
        var id = Place(loop.ForKeyword);
        var initializers = loop.Declaration is { } declaration
            ? Declarations(declaration).ToEquatable()
            : loop.Initializers.Select(Effect).ToEquatable();
        var condition = loop.Condition is { } c ? Expression(c) : null;
        var steps = loop.Incrementors.Select(Effect).ToEquatable();
        return new ForStatement(id, initializers, condition, steps, Statement(loop.Statement).ToEquatable());
    }

    private List<Statement> Declarations(VariableDeclarationSyntax declaration)
    {
        var read = new List<Statement>();
        foreach (var variable in declaration.Variables)
        {
            var id = Place(variable);
            if (variable.Initializer is not { } initializer)
            {
                // `Sym x;` declares a name and gives it no value: a later assignment does.
                Declare(variable.Identifier);
                continue;
            }
            // `List<Sym> skips = new();` says the type on the left.
            var value = initializer.Value
                is ImplicitObjectCreationExpressionSyntax { ArgumentList.Arguments.Count: 0, Initializer: null } list
                && IsList(declaration.Type)
                ? new ListExpression(Place(list), EquatableArray<Expression>.Empty)
                : Expression(initializer.Value);
            // `double p = 1;` makes 1 a double, which its divisions show.
            if (declaration.Type is PredefinedTypeSyntax { Keyword.Text: "double" or "float" or "long" } type
                && value is not BrokenExpression)
                value = new CastExpression(Place(initializer.Value), type.Keyword.Text, value);
            read.Add(new DeclareStatement(id, EquatableArray.Of(Declare(variable.Identifier)), value));
        }
        return read;
    }

    private LocalName Declare(SyntaxToken identifier)
    {
        _locals.Add(identifier.ValueText);
        return new LocalName(Place(identifier), identifier.ValueText);
    }

    /// <summary>An expression that stands as a statement: an assignment, a step, or a call.</summary>
    private Statement Effect(ExpressionSyntax expression)
    {
        var id = Place(expression);
        switch (expression)
        {
            case AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression } assignment:
                var value = Expression(assignment.Right);
                var declares = assignment.Left is DeclarationExpressionSyntax
                    || (assignment.Left is TupleExpressionSyntax tuple
                        && tuple.Arguments.Any(a => a.Expression is DeclarationExpressionSyntax));
                return Targets(assignment.Left) is { } targets
                    ? declares ? new DeclareStatement(id, targets, value) : new AssignStatement(id, targets, value)
                    : Unsupported();
            case AssignmentExpressionSyntax { Left: IdentifierNameSyntax name } compound when Compound(compound.Kind()) is { } op:
                return Update(name, op, Expression(compound.Right));
            case PostfixUnaryExpressionSyntax { Operand: IdentifierNameSyntax name } postfix when Step(postfix.Kind()) is { } op:
                return Update(name, op, new ConstantExpression(id, Constant.From(1)!, null));
            case PrefixUnaryExpressionSyntax { Operand: IdentifierNameSyntax name } prefix when Step(prefix.Kind()) is { } op:
                return Update(name, op, new ConstantExpression(id, Constant.From(1)!, null));
            case InvocationExpressionSyntax:
                return new CallStatement(id, Expression(expression));
            default:
                return Unsupported();
        }

        Statement Update(IdentifierNameSyntax name, string op, Expression right) => new AssignStatement(
            id,
            EquatableArray.Of(new LocalName(Place(name), name.Identifier.ValueText)),
            new BinaryExpression(id, op, Expression(name), right));

        Statement Unsupported() => _spec.Broken.Contains(expression)
            ? new BrokenStatement(id, EquatableArray<LocalName>.Empty)
            : new UnsupportedStatement(id, Shortened(expression), UnsupportedReason.Construct);
    }

    /// <summary>The locals on the left of an assignment, or null when something else stands there.</summary>
    private EquatableArray<LocalName>? Targets(ExpressionSyntax left)
    {
        switch (left)
        {
            case IdentifierNameSyntax name when _locals.Contains(name.Identifier.ValueText) || name.Identifier.ValueText == "_":
                return EquatableArray.Of(new LocalName(Place(name), name.Identifier.ValueText));
            case DeclarationExpressionSyntax { Designation: SingleVariableDesignationSyntax single }:
                return EquatableArray.Of(Declare(single.Identifier));
            case DeclarationExpressionSyntax { Designation: ParenthesizedVariableDesignationSyntax several }:
                var declared = new List<LocalName>();
                foreach (var variable in several.Variables)
                {
                    if (variable is SingleVariableDesignationSyntax one) declared.Add(Declare(one.Identifier));
                    else if (variable is DiscardDesignationSyntax discard) declared.Add(new LocalName(Place(discard), "_"));
                    else return null;
                }
                return declared.ToEquatable();
            case TupleExpressionSyntax tuple:
                var items = tuple.Arguments.Select(a => Targets(a.Expression)).ToList();
                return items.All(i => i is { Count: 1 }) ? items.Select(i => i!.Value[0]).ToEquatable() : null;
            default:
                return null;
        }
    }

    /// <summary>The locals that a statement with a compiler error would have given a value.</summary>
    private EquatableArray<LocalName> Assigned(StatementSyntax statement)
    {
        var names = new List<SyntaxToken>();
        foreach (var node in statement.DescendantNodesAndSelf())
        {
            if (node is VariableDeclaratorSyntax variable) names.Add(variable.Identifier);
            else if (node is SingleVariableDesignationSyntax designation) names.Add(designation.Identifier);
            else if (node is AssignmentExpressionSyntax { Left: IdentifierNameSyntax target }) names.Add(target.Identifier);
        }
        return names.Select(Declare).ToEquatable();
    }

    private static IEnumerable<Statement> One(Statement statement) => new[] { statement };

    private static string? Compound(SyntaxKind kind) => kind switch
    {
        SyntaxKind.AddAssignmentExpression => "+",
        SyntaxKind.SubtractAssignmentExpression => "-",
        SyntaxKind.MultiplyAssignmentExpression => "*",
        SyntaxKind.DivideAssignmentExpression => "/",
        SyntaxKind.ModuloAssignmentExpression => "%",
        SyntaxKind.LeftShiftAssignmentExpression => "<<",
        SyntaxKind.RightShiftAssignmentExpression => ">>",
        SyntaxKind.AndAssignmentExpression => "&",
        SyntaxKind.OrAssignmentExpression => "|",
        SyntaxKind.ExclusiveOrAssignmentExpression => "^",
        _ => null,
    };

    private static string? Step(SyntaxKind kind) => kind switch
    {
        SyntaxKind.PostIncrementExpression or SyntaxKind.PreIncrementExpression => "+",
        SyntaxKind.PostDecrementExpression or SyntaxKind.PreDecrementExpression => "-",
        _ => null,
    };
}
