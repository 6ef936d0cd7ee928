using System.Globalization;
using Hybrid.Algebra;

namespace Hybrid.Graphs;

/// <summary>A compile-time argument of an operation. Compares by value.</summary>
public abstract record Argument
{
    private Argument()
    {
    }

    /// <summary>Not given, and the parameter has no default of its own: the rule infers it.</summary>
    public sealed record Missing : Argument
    {
        public override string ToString() => "default";
    }

    /// <summary>An integer: a constant, or a size that holds a [Param].</summary>
    public sealed record Size(Dim Value) : Argument
    {
        public override string ToString() => Value.ToString();
    }

    public sealed record Real(double Value) : Argument
    {
        public override string ToString() => Value.ToString("R", CultureInfo.InvariantCulture);
    }

    /// <summary>A number that a [Param] decides when the network is made.</summary>
    public sealed record Varying(Quantity Of) : Argument
    {
        public override string ToString() => Of.ToString();
    }

    public sealed record Flag(bool Value) : Argument
    {
        public override string ToString() => Value ? "true" : "false";
    }

    public sealed record Text(string Value) : Argument
    {
        public override string ToString() => $"\"{Value}\"";
    }

    /// <summary>A pair along height and width.</summary>
    public sealed record Pair(int Height, int Width) : Argument
    {
        public override string ToString() => Height == Width ? Height.ToString(CultureInfo.InvariantCulture) : $"({Height}, {Width})";
    }

    /// <summary>Sizes along depth, height and width.</summary>
    public sealed record Triple(int Depth, int Height, int Width) : Argument
    {
        public override string ToString()
            => Depth == Height && Height == Width ? Height.ToString(CultureInfo.InvariantCulture) : $"({Depth}, {Height}, {Width})";
    }

    /// <summary>Several integers: axes, or a tuple as it is read; binding turns a tuple into a pair where one is taken.</summary>
    public sealed record Integers(EquatableArray<int> Values) : Argument
    {
        public override string ToString() => Values.ToString();
    }

    /// <summary>A member of an enum of the language.</summary>
    public sealed record Choice(string Enum, string Member) : Argument
    {
        public override string ToString() => $"{Enum}.{Member}";
    }

    public sealed record Initial(Init Value) : Argument
    {
        public override string ToString() => Value.ToString();
    }

    /// <summary>Sizes that came as a shape string.</summary>
    public sealed record Sizes(EquatableArray<Dim> Values) : Argument
    {
        public override string ToString() => Values.ToString();
    }

    public static Argument None { get; } = new Missing();

    /// <summary>
    /// The numbers along the spatial axes, first to last: one of an integer, two of a pair, three of a triple; none of anything else.
    /// </summary>
    public EquatableArray<int> Along => this switch
    {
        Pair pair => EquatableArray.Of(pair.Height, pair.Width),
        Triple triple => EquatableArray.Of(triple.Depth, triple.Height, triple.Width),
        Size size when size.Value.TryConstant(out var value) && value == (int)value => EquatableArray.Of((int)value),
        _ => EquatableArray<int>.Empty,
    };
}
