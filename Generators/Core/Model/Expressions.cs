using Hybrid.Graphs;
using System.Globalization;

namespace Hybrid.Generators.Model;

/// <summary>
/// An expression of the closed subset, as written: nothing is bound, folded or checked here.
/// <paramref name="Id"/> numbers the places of one spec in reading order; the analyzer keeps a table from it to the syntax,
/// the generator keeps none, so that moving a line changes no model.
/// </summary>
public abstract record Expression(int Id);

/// <summary>A local, a parameter, or a name that is not one of these and that the evaluator reports.</summary>
public sealed record NameExpression(int Id, string Name) : Expression(Id);

/// <summary>A literal or a <c>const</c> of any type of the compilation; <paramref name="Name"/> is the const's name as written.</summary>
public sealed record ConstantExpression(int Id, Constant Value, string? Name) : Expression(Id);

/// <summary>A member of an enum or a value of the vocabulary: <c>Reduction.Mean</c>, <c>Init.GlorotNormal</c>.</summary>
public sealed record StaticMemberExpression(int Id, string Type, string Member) : Expression(Id);

/// <summary><c>-x</c>, <c>+x</c>, <c>!x</c>, and in an index <c>^1</c>.</summary>
public sealed record UnaryExpression(int Id, string Operator, Expression Operand) : Expression(Id);

/// <summary>Arithmetic, comparison, shifts and logic.</summary>
public sealed record BinaryExpression(int Id, string Operator, Expression Left, Expression Right) : Expression(Id);

/// <summary><c>c ? a : b</c>.</summary>
public sealed record ConditionalExpression(int Id, Expression Condition, Expression WhenTrue, Expression WhenFalse) : Expression(Id);

/// <summary><c>(int)x</c>, <c>(double)x</c>.</summary>
public sealed record CastExpression(int Id, string Type, Expression Operand) : Expression(Id);

/// <summary><c>(a, b)</c>.</summary>
public sealed record TupleExpression(int Id, EquatableArray<Expression> Items) : Expression(Id);

/// <summary>
/// <c>[a, b]</c>, <c>new[] { a, b }</c> or <c>new List&lt;Sym&gt;()</c>; also what a static readonly array holds.
/// </summary>
public sealed record ListExpression(int Id, EquatableArray<Expression> Items) : Expression(Id);

/// <summary><c>$"stage{i}"</c>: text pieces are constants.</summary>
public sealed record InterpolatedExpression(int Id, EquatableArray<Expression> Parts) : Expression(Id);

/// <summary><c>x.Item1</c>, <c>pair.mean</c>.</summary>
public sealed record MemberExpression(int Id, Expression Target, string Name) : Expression(Id);

/// <summary><c>a..b</c> in an index; a side that is not written is null.</summary>
public sealed record RangeExpression(int Id, Expression? Start, Expression? End) : Expression(Id);

/// <summary><c>xs[i]</c> with compile-time indices.</summary>
public sealed record IndexExpression(int Id, Expression Target, EquatableArray<Expression> Indices) : Expression(Id);

/// <summary>
/// A call of the vocabulary: on a value (<c>x.Relu()</c>, <c>layer.On(x)</c>) or on a vocabulary type
/// (<c>Layer.Linear(16)</c>), in which case <paramref name="Target"/> is null and <paramref name="Type"/> names it.
/// </summary>
public sealed record CallExpression(
    int Id, Expression? Target, string? Type, string Name, EquatableArray<string> TypeArguments, EquatableArray<ArgumentModel> Arguments)
    : Expression(Id);

/// <summary>A call of a <c>[Block]</c>; <paramref name="Block"/> is the key of a method of the model.</summary>
public sealed record BlockCallExpression(int Id, string Block, EquatableArray<ArgumentModel> Arguments) : Expression(Id);

/// <summary><c>Layer.Of(Encoder.Forward)</c>: the contract of another network.</summary>
public sealed record NetworkExpression(int Id, NetworkReference Network) : Expression(Id);

/// <summary>What the subset does not have; <paramref name="Text"/> is the source, shortened.</summary>
public sealed record UnsupportedExpression(int Id, string Text, UnsupportedReason Reason) : Expression(Id);

/// <summary>Carries a compiler error: nothing is said of it nor of what depends on it.</summary>
public sealed record BrokenExpression(int Id) : Expression(Id);

/// <summary>One argument of a call; <paramref name="Name"/> when it is named.</summary>
public sealed record ArgumentModel(string? Name, Expression Value);

/// <summary>Why an expression or statement is outside of the subset; each has its own sentence.</summary>
public enum UnsupportedReason
{
    /// <summary>The construct has no meaning in a spec.</summary>
    Construct,

    /// <summary>A field, property or variable whose value the compiler does not know.</summary>
    NotConstant,

    /// <summary>A <c>[Block]</c> whose source is in another assembly.</summary>
    ForeignBlock,

    /// <summary>A method of the compilation without <c>[Block]</c>.</summary>
    NotABlock,

    /// <summary>Several blocks of that name and number of arguments.</summary>
    AmbiguousBlock,

    /// <summary>A method group that is not a network's spec.</summary>
    NotANetwork,

    /// <summary>Named like an operation, but bound to a method of someone else.</summary>
    Stranger,

    /// <summary>Nested deeper than the reader follows.</summary>
    TooDeep,
}

/// <summary>A compile-time value: one of int, long, double, bool, string, or null.</summary>
public sealed record Constant(ConstantKind Kind, long Integer, double Real, string? Text)
{
    public static readonly Constant Null = new(ConstantKind.Null, 0, 0, null);

    /// <summary>The constant of a C# value, or null when the subset has no such type.</summary>
    public static Constant? From(object? value) => value switch
    {
        null => Null,
        bool b => new(ConstantKind.Boolean, b ? 1 : 0, 0, null),
        int i => new(ConstantKind.Integer, i, 0, null),
        short s => new(ConstantKind.Integer, s, 0, null),
        byte b => new(ConstantKind.Integer, b, 0, null),
        sbyte b => new(ConstantKind.Integer, b, 0, null),
        ushort s => new(ConstantKind.Integer, s, 0, null),
        uint u => new(ConstantKind.Long, u, 0, null),
        long l => new(ConstantKind.Long, l, 0, null),
        float f => new(ConstantKind.Real, 0, f, null),
        double d => new(ConstantKind.Real, 0, d, null),
        string s => new(ConstantKind.Text, 0, 0, s),
        _ => null,
    };

    public object? Value => Kind switch
    {
        ConstantKind.Null => null,
        ConstantKind.Boolean => Integer != 0,
        ConstantKind.Integer => (int)Integer,
        ConstantKind.Long => Integer,
        ConstantKind.Real => Real,
        _ => Text,
    };

    public override string ToString() => System.Convert.ToString(Value, CultureInfo.InvariantCulture) ?? "null";
}

public enum ConstantKind
{
    Null,
    Boolean,
    Integer,
    Long,
    Real,
    Text,
}
