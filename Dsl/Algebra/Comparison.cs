using System;
using Hybrid.Graphs;

namespace Hybrid.Algebra;

public enum Relation
{
    Equal,
    NotEqual,
    AtLeast,
    Greater,
    AtMost,
    Less,
}

/// <summary>One fact: <c>H % 4 == 0</c>, with the text the user wrote.</summary>
public sealed record Comparison(Dim Left, Relation Relation, Dim Right, string Text)
{
    /// <summary>The modulus when the left side was written <c>e % m</c>: Left is then e − m·(e//m).</summary>
    public (Dim Value, Dim Modulus)? Remainder { get; init; }

    public bool? Holds(Func<string, long> point)
        => Left.Evaluate(point) is { } left && Right.Evaluate(point) is { } right ? Holds(left, Relation, right) : null;

    public static bool Holds(long left, Relation relation, long right) => relation switch
    {
        Relation.Equal => left == right,
        Relation.NotEqual => left != right,
        Relation.AtLeast => left >= right,
        Relation.Greater => left > right,
        Relation.AtMost => left <= right,
        _ => left < right,
    };

    public override string ToString() => Text;

    /// <summary>The relation that holds exactly where this one does not.</summary>
    public static Relation Opposite(Relation relation) => relation switch
    {
        Relation.Equal => Relation.NotEqual,
        Relation.NotEqual => Relation.Equal,
        Relation.AtLeast => Relation.Less,
        Relation.Greater => Relation.AtMost,
        Relation.AtMost => Relation.Greater,
        _ => Relation.AtLeast,
    };

    public static string Sign(Relation relation) => relation switch
    {
        Relation.Equal => "==",
        Relation.NotEqual => "!=",
        Relation.AtLeast => ">=",
        Relation.Greater => ">",
        Relation.AtMost => "<=",
        _ => "<",
    };
}
