using System;
using System.Globalization;
using System.Linq;
using Hybrid.Algebra;

namespace Hybrid.Graphs;

/// <summary>
/// A number that is known only when a network is made: C#'s arithmetic over its [Param]s, such as <c>1 - dropout</c> or
/// <c>1 / Math.Sqrt(width)</c>. Compares by value.
/// </summary>
public abstract record Quantity
{
    private Quantity()
    {
    }

    /// <summary>A number of the source.</summary>
    public sealed record Number(double Value) : Quantity;

    /// <summary>A [Param] of type double.</summary>
    public sealed record Parameter(string Name) : Quantity;

    /// <summary>A size with [Param]s in it, as a double.</summary>
    public sealed record Size(Dim Value) : Quantity;

    public sealed record Negative(Quantity Of) : Quantity;

    /// <summary>Two numbers and <c>+ - * /</c> between them.</summary>
    public sealed record Pair(Quantity Left, string Operator, Quantity Right) : Quantity;

    /// <summary>A function of <see cref="Math"/>.</summary>
    public sealed record Function(string Name, EquatableArray<Quantity> Of) : Quantity;

    /// <summary>Its C# expression, in parentheses where it is more than a name or a call.</summary>
    /// <param name="size">How the program calls a size; a [Param] of type double is called as a size of its name is.</param>
    public string CSharp(Func<Dim, string> size) => this switch
    {
        Number number => Programs.CSharpText.Literal(number.Value),
        Parameter parameter => size(Dim.Symbol(parameter.Name)),
        Size { Value: var whole } => whole.AsSymbol is not null ? $"(double){size(whole)}" : $"(double)({size(whole)})",
        Negative negative => $"(-{negative.Of.CSharp(size)})",
        Pair pair => $"({pair.Left.CSharp(size)} {pair.Operator} {pair.Right.CSharp(size)})",
        Function function => $"Math.{function.Name}({string.Join(", ", function.Of.Select(part => part.CSharp(size)))})",
        _ => throw new InvalidOperationException($"{GetType().Name} is not a quantity"),
    };

    public sealed override string ToString() => this switch
    {
        Number { Value: var value } => value.ToString("R", CultureInfo.InvariantCulture),
        Size whole => whole.Value.ToString(),
        Negative { Of: var of } => $"-{of}",
        Function { Name: var name, Of: var parts } => $"Math.{name}({string.Join(", ", parts)})",
        Pair { Left: var left, Operator: var sign, Right: var right } => $"({left} {sign} {right})",
        _ => CSharp(dim => dim.ToString()),
    };
}

/// <summary>Where a number of an operation must lie; checked when the network is made.</summary>
/// <param name="Of">The number.</param>
/// <param name="Condition">What must hold, as C# with <c>{0}</c> for the number: <c>{0} >= 0 &amp;&amp; {0} &lt; 1</c>.</param>
/// <param name="Text">The operation, its parameter and the range, for the message: <c>Dropout: p must be in [0, 1)</c>.</param>
public sealed record NumberRange(Quantity Of, string Condition, string Text);
