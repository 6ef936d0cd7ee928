using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Hybrid.Algebra;

namespace Hybrid.PropertyTests.Compiler.Dsl.Algebra;

/// <summary>A size as it is written, evaluated plainly: the oracle of the canonical form.</summary>
public abstract record Expression
{
    public static readonly string[] Symbols = ["H", "W", "N"];

    public sealed record Number(int Value) : Expression;

    public sealed record Symbol(string Name) : Expression;

    public sealed record Binary(char Sign, Expression Left, Expression Right) : Expression;

    /// <summary>⌊Inner / By⌋ or the remainder, as Sign says.</summary>
    public sealed record Divide(char Sign, Expression Inner, int By) : Expression;

    public Dim ToDim() => this switch
    {
        Number number => number.Value,
        Symbol symbol => Dim.Symbol(symbol.Name),
        Binary { Sign: '+' } sum => sum.Left.ToDim() + sum.Right.ToDim(),
        Binary { Sign: '-' } difference => difference.Left.ToDim() - difference.Right.ToDim(),
        Binary product => product.Left.ToDim() * product.Right.ToDim(),
        Divide { Sign: '/' } division => division.Inner.ToDim().FloorDiv(division.By),
        Divide remainder => remainder.Inner.ToDim().Mod(remainder.By),
        _ => throw new InvalidOperationException(),
    };

    public long Evaluate(IReadOnlyDictionary<string, long> point) => this switch
    {
        Number number => number.Value,
        Symbol symbol => point[symbol.Name],
        Binary { Sign: '+' } sum => sum.Left.Evaluate(point) + sum.Right.Evaluate(point),
        Binary { Sign: '-' } difference => difference.Left.Evaluate(point) - difference.Right.Evaluate(point),
        Binary product => product.Left.Evaluate(point) * product.Right.Evaluate(point),
        Divide { Sign: '/' } division => (long)Math.Floor((decimal)division.Inner.Evaluate(point) / division.By),
        Divide remainder => remainder.Inner.Evaluate(point) - (
            remainder.By * (long)Math.Floor((decimal)remainder.Inner.Evaluate(point) / remainder.By)),
        _ => throw new InvalidOperationException(),
    };

    public sealed override string ToString() => this switch
    {
        Number number => number.Value < 0 ? $"(0 - {-number.Value})" : $"{number.Value}",
        Symbol symbol => symbol.Name,
        Binary binary => $"({binary.Left} {binary.Sign} {binary.Right})",
        Divide divide => $"({divide.Inner} {divide.Sign} {divide.By})",
        _ => "",
    };

    public static Gen<Expression> Generator(int depth)
        => depth == 0
            ? Gen.OneOf(
                Gen.Choose(-5, 9).Select(n => (Expression)new Number(n)),
                Gen.Elements(Symbols).Select(name => (Expression)new Symbol(name)))
            : Gen.Frequency(
                (2, Generator(0)),
                (
                    4,
                    from sign in Gen.Elements('+', '-')
                    from left in Generator(depth - 1)
                    from right in Generator(depth - 1)
                    select (Expression)new Binary(sign, left, right)),
                (1, from left in Generator(depth - 1) from right in Generator(0) select (Expression)new Binary('*', left, right)),
                (
                    4,
                    from sign in Gen.Frequency((3, Gen.Constant('/')), (1, Gen.Constant('%')))
                    from inner in Generator(depth - 1)
                    from divisor in Gen.Choose(1, 5)
                    select (Expression)new Divide(sign, inner, divisor)));

    /// <summary>An expression that is the same function, written otherwise; or, half of the time, one that is slightly off.</summary>
    public static Gen<Expression> Variation(Expression expression)
        => Gen.OneOf(
            Gen.Choose(1, 4).Select(m => (Expression)new Divide('/', new Binary('*', expression, new Number(m)), m)),
            Gen.Choose(2, 4)
                .Select(m => (Expression)new Binary(
                    '+', new Binary('*', new Number(m), new Divide('/', expression, m)), new Divide('%', expression, m))),
            Gen.Choose(1, 4).Select(m => (Expression)new Binary(
                '-', new Divide('/', new Binary('+', expression, new Number(3 * m)), m), new Binary('-', new Number(3), new Number(0)))),
            Gen.Choose(2, 4).Select(m => (Expression)new Binary('*', new Number(m), new Divide('/', expression, m))),
            Gen.Elements(-1, 0, 1).Select(n => (Expression)new Binary('+', expression, new Number(n))));

    /// <summary>All points of a box.</summary>
    public static IEnumerable<Dictionary<string, long>> Points(int side)
        => from h in Enumerable.Range(1, side)
           from w in Enumerable.Range(1, Math.Min(side, 9))
           from n in Enumerable.Range(1, Math.Min(side, 7))
           select new Dictionary<string, long> { ["H"] = h, ["W"] = w, ["N"] = n };
}
