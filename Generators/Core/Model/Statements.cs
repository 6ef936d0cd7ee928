using Hybrid.Graphs;

namespace Hybrid.Generators.Model;

/// <summary>A statement of the closed subset; <paramref name="Id"/> as for <see cref="Expression"/>.</summary>
public abstract record Statement(int Id);

/// <summary><c>var x = e;</c> or <c>var (a, b) = e;</c>.</summary>
public sealed record DeclareStatement(int Id, EquatableArray<LocalName> Names, Expression Value) : Statement(Id);

/// <summary><c>x = e;</c>, <c>(a, b) = e;</c>; <c>x += e</c> and <c>i++</c> arrive as <c>x = x + e</c>.</summary>
public sealed record AssignStatement(int Id, EquatableArray<LocalName> Names, Expression Value) : Statement(Id);

/// <summary>A call for its effect: <c>x.Is("B, 4");</c>.</summary>
public sealed record CallStatement(int Id, Expression Call) : Statement(Id);

/// <summary><c>if</c> on a compile-time condition.</summary>
public sealed record IfStatement(
    int Id,
    Expression Condition,
    EquatableArray<Statement> Then,
    EquatableArray<Statement> Else) : Statement(Id);

/// <summary>A <c>for</c> that is unrolled.</summary>
public sealed record ForStatement(
    int Id, EquatableArray<Statement> Initializers, Expression? Condition, EquatableArray<Statement> Steps, EquatableArray<Statement> Body)
    : Statement(Id);

/// <summary>A <c>foreach</c> over a list that is known when compiling; several names take its tuples apart.</summary>
public sealed record ForEachStatement(int Id, EquatableArray<LocalName> Names, Expression List, EquatableArray<Statement> Body)
    : Statement(Id);

/// <summary><c>{ … }</c>: a scope.</summary>
public sealed record BlockStatement(int Id, EquatableArray<Statement> Statements) : Statement(Id);

/// <summary><c>return e;</c> or the expression body.</summary>
public sealed record ReturnStatement(int Id, Expression Value) : Statement(Id);

/// <summary>What the subset does not have.</summary>
public sealed record UnsupportedStatement(int Id, string Text, UnsupportedReason Reason) : Statement(Id);

/// <summary>Carries a compiler error. What it would have assigned is unknown from here on.</summary>
public sealed record BrokenStatement(int Id, EquatableArray<LocalName> Names) : Statement(Id);

/// <summary>A declared or assigned local, with its place. <c>_</c> discards.</summary>
public sealed record LocalName(int Id, string Name);
