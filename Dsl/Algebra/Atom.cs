using System;

namespace Hybrid.Algebra;

/// <summary>What a monomial is made of: a symbol, or a floor division that does not simplify.</summary>
internal abstract class Atom : IComparable<Atom>
{
    public abstract int CompareTo(Atom other);

    /// <summary>⌊…⌋ nested how deep; 0 for a symbol.</summary>
    public abstract int Depth { get; }

    /// <summary>How many symbols and divisions it takes to write it.</summary>
    public abstract int Size { get; }
}

internal sealed class SymbolAtom(string name) : Atom
{
    public string Name { get; } = name;

    public override int Depth => 0;

    public override int Size => 1;

    public override int CompareTo(Atom other)
        => other is SymbolAtom symbol ? string.CompareOrdinal(Name, symbol.Name) : -1;
}

/// <summary>⌊Numerator / Divisor⌋; the divisor is a constant ≥ 2 or holds a symbol.</summary>
internal sealed class FloorAtom(Dim numerator, Dim divisor) : Atom
{
    public Dim Numerator { get; } = numerator;

    public Dim Divisor { get; } = divisor;

    public override int Depth { get; } = 1 + Math.Max(numerator.Depth, divisor.Depth);

    public override int Size { get; } = 1 + numerator.Size + divisor.Size;

    public override int CompareTo(Atom other)
    {
        if (other is not FloorAtom floor) return 1;
        if (ReferenceEquals(this, floor)) return 0;
        var byNumerator = Numerator.CompareTo(floor.Numerator);
        return byNumerator != 0 ? byNumerator : Divisor.CompareTo(floor.Divisor);
    }
}
