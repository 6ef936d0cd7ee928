using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Algebra;

/// <summary>
/// A size: a polynomial with integer coefficients over symbols and floor divisions, in canonical form. Two sizes that are the
/// same form are equal; unequal forms may still be equal as functions, which <see cref="Facts.AreEqual"/> decides.
/// </summary>
/// <remarks>
/// Floor divisions are simplified by identities of the integers: (m·q + r)//m = q + r//m, (g·e + r)//(g·m) = (e + r//g)//m and (e//a +
/// s)//b = (e + a·s)//(a·b). Arithmetic is checked: a size beyond 63 bits throws <see cref="OverflowException"/>, one of too many terms a
/// <see cref="DimTooLargeException"/>.
/// </remarks>
public sealed class Dim : IEquatable<Dim>, IComparable<Dim>
{
    /// <summary>More terms than any real network's size has; beyond it arithmetic would only burn time.</summary>
    private const int MaxTerms = 256;

    /// <summary>
    /// Symbols and divisions, those inside of divisions too: repeated squaring and nested symbolic divisions double it at each step.
    /// </summary>
    private const int MaxSize = 4096;

    private readonly Term[] _terms;
    private int _hash;

    private Dim(Term[] terms)
    {
        _terms = terms;
        foreach (var term in terms)
        {
            Size++;
            foreach (var atom in term.Atoms) Size += atom.Size;
            if (Size > MaxSize) throw new DimTooLargeException($"a size has more than {MaxSize} symbols and divisions");
        }
    }

    public static Dim Zero { get; } = new([]);

    public static Dim One { get; } = Constant(1);

    public static Dim Constant(long value) => value == 0 ? Zero ?? new Dim([]) : new Dim([new Term(value, [])]);

    public static Dim Symbol(string name) => new([new Term(1, [new SymbolAtom(name)])]);

    public static implicit operator Dim(long value) => Constant(value);

    internal IReadOnlyList<Term> Terms => _terms;

    /// <summary>How many terms, symbols and divisions it takes to write it.</summary>
    internal int Size { get; }

    /// <summary>How deep floor divisions are nested.</summary>
    internal int Depth => _terms.Length == 0 ? 0 : _terms.Max(term => term.Atoms.Length == 0 ? 0 : term.Atoms.Max(atom => atom.Depth));

    public bool IsConstant => _terms.Length == 0 || (_terms.Length == 1 && _terms[0].IsConstant);

    public bool TryConstant(out long value)
    {
        value = ConstantPart;
        return IsConstant;
    }

    internal long ConstantPart => _terms.Length > 0 && _terms[_terms.Length - 1].IsConstant ? _terms[_terms.Length - 1].Coefficient : 0;

    /// <summary>The name, when this is a symbol alone.</summary>
    internal string? AsSymbol
        => _terms.Length == 1 && _terms[0].Coefficient == 1 && _terms[0].Atoms.Length == 1 && _terms[0].Atoms[0] is SymbolAtom symbol
            ? symbol.Name
            : null;

    /// <summary>Of a size a·N + b of one symbol, a ≠ 0: both numbers; null for others. The size gives the symbol then.</summary>
    internal (long Slope, long Offset)? Affine
        => Symbols.Count == 1
            && TryLinear(Symbols.First(), out var slope, out var offset)
            && slope.TryConstant(out var a)
            && offset.TryConstant(out var b)
            && a != 0
            ? (a, b)
            : null;

    /// <summary>Writes the size as slope·symbol + offset, neither of which holds the symbol; false where it has no such form.</summary>
    internal bool TryLinear(string symbol, out Dim slope, out Dim offset)
    {
        (slope, offset) = (Zero, Zero);
        foreach (var term in _terms)
        {
            var own = Array.FindAll(term.Atoms, atom => atom is SymbolAtom known && known.Name == symbol);
            var rest = new Dim([new Term(term.Coefficient, Array.FindAll(term.Atoms, atom => Array.IndexOf(own, atom) < 0))]);
            if (own.Length > 1 || rest.Symbols.Contains(symbol)) return false;
            if (own.Length == 1) slope += rest;
            else offset += rest;
        }
        return true;
    }

    /// <summary>The names of all symbols, ordinal order.</summary>
    public IReadOnlyCollection<string> Symbols
    {
        get
        {
            var names = new SortedSet<string>(StringComparer.Ordinal);
            Collect(names);
            return names;
        }
    }

    private void Collect(SortedSet<string> names)
    {
        foreach (var term in _terms)
            foreach (var atom in term.Atoms)
                switch (atom)
                {
                    case SymbolAtom symbol: names.Add(symbol.Name); break;
                    case FloorAtom floor: floor.Numerator.Collect(names); floor.Divisor.Collect(names); break;
                }
    }

    public static Dim operator +(Dim left, Dim right) => Sum(left, right, 1);

    public static Dim operator -(Dim left, Dim right) => Sum(left, right, -1);

    public static Dim operator -(Dim value) => Zero - value;

    private static Dim Sum(Dim left, Dim right, long sign)
    {
        var terms = new List<Term>(left._terms.Length + right._terms.Length);
        int i = 0, j = 0;
        while (i < left._terms.Length || j < right._terms.Length)
        {
            var order = i == left._terms.Length ? 1 : j == right._terms.Length ? -1
                : Term.CompareMonomials(left._terms[i].Atoms, right._terms[j].Atoms);
            if (order < 0) terms.Add(left._terms[i++]);
            else if (order > 0) terms.Add(new Term(checked(sign * right._terms[j].Coefficient), right._terms[j++].Atoms));
            else
            {
                var coefficient = checked(left._terms[i].Coefficient + (sign * right._terms[j].Coefficient));
                if (coefficient != 0) terms.Add(new Term(coefficient, left._terms[i].Atoms));
                i++;
                j++;
            }
        }
        return Bounded(terms);
    }

    public static Dim operator *(Dim left, Dim right)
    {
        if (left.TryConstant(out var factor)) return right.Scale(factor);
        if (right.TryConstant(out factor)) return left.Scale(factor);
        var result = Zero;
        foreach (var a in left._terms)
        {
            var row = right._terms.Select(b => new Term(checked(a.Coefficient * b.Coefficient), Term.Multiply(a.Atoms, b.Atoms))).ToList();
            row.Sort((x, y) => Term.CompareMonomials(x.Atoms, y.Atoms));
            result += Bounded(row);
        }
        return result;
    }

    private Dim Scale(long factor)
        => factor == 0 ? Zero : factor == 1 ? this
            : new Dim(Array.ConvertAll(_terms, term => new Term(checked(term.Coefficient * factor), term.Atoms)));

    private static Dim Bounded(List<Term> terms)
        => terms.Count <= MaxTerms ? new Dim(terms.ToArray()) : throw new DimTooLargeException($"a size has more than {MaxTerms} terms");

    /// <summary>⌊this / divisor⌋, rounding towards −∞; the divisor must be positive wherever it is evaluated.</summary>
    public Dim FloorDiv(Dim divisor)
    {
        if (divisor.TryConstant(out var m))
        {
            if (m <= 0) throw new ArgumentOutOfRangeException(nameof(divisor), $"a size is divided by {m}; a divisor must be at least 1");
            return FloorDiv(m);
        }
        if (_terms.Length == 0) return Zero;
        // (D·q + r)//D = q + r//D, with the quotient and remainder of long division.
        var (quotient, remainder) = Divided(divisor);
        return remainder._terms.Length == 0 ? quotient : quotient + new Dim([new Term(1, [new FloorAtom(remainder, divisor)])]);
    }

    /// <summary>
    /// Long division by a polynomial. The order of monomials is graded, so a product's first term is the product of the first terms: where
    /// the divisor's first coefficient is 1, D·q + r and r leave the same remainder, and an exact quotient is always found.
    /// </summary>
    private (Dim Quotient, Dim Remainder) Divided(Dim divisor)
    {
        var lead = new Dim([divisor._terms[0]]);
        Dim quotient = Zero, remainder = Zero, rest = this;
        for (var steps = 0; rest._terms.Length > 0; steps++)
        {
            var first = new Dim([rest._terms[0]]);
            if (steps < MaxTerms && first.TryDivideExactly(lead, out var part))
            {
                quotient += part;
                rest -= part * divisor;
            }
            else
            {
                remainder += first;
                rest -= first;
            }
        }
        return (quotient, remainder);
    }

    private Dim FloorDiv(long m)
    {
        if (m == 1 || _terms.Length == 0) return this;
        // (m·q + r)//m = q + r//m with the coefficients of r in [0, m).
        var whole = new List<Term>();
        var rest = new List<Term>();
        foreach (var term in _terms)
        {
            var q = FloorQuotient(term.Coefficient, m);
            var r = term.Coefficient - (q * m);
            if (q != 0) whole.Add(new Term(q, term.Atoms));
            if (r != 0) rest.Add(new Term(r, term.Atoms));
        }
        var quotient = new Dim(whole.ToArray());
        if (rest.All(term => term.IsConstant)) return quotient;

        // (g·e + r)//(g·m) = (e + r//g)//m.
        var g = m;
        foreach (var term in rest) if (!term.IsConstant) g = Gcd(g, term.Coefficient);
        if (g > 1)
        {
            var reduced = rest.Select(term => new Term(FloorQuotient(term.Coefficient, g), term.Atoms))
                .Where(term => term.Coefficient != 0);
            return quotient + new Dim(reduced.ToArray()).FloorDiv(m / g);
        }

        // (e//a + s)//b = (e + a·s)//(a·b), for the deepest division that stands alone with coefficient 1.
        var remainder = new Dim(rest.ToArray());
        foreach (var term in rest)
        {
            if (term.Coefficient != 1 || term.Atoms.Length != 1 || term.Atoms[0] is not FloorAtom floor) continue;
            if (!floor.Divisor.TryConstant(out var a)) continue;
            var others = remainder - new Dim([term]);
            return quotient + (floor.Numerator + (others * a)).FloorDiv(checked(a * m));
        }
        return quotient + new Dim([new Term(1, [new FloorAtom(remainder, m)])]);
    }

    /// <summary>this − divisor·⌊this / divisor⌋, in [0, divisor).</summary>
    public Dim Mod(Dim divisor) => this - (divisor * FloorDiv(divisor));

    /// <summary>⌈this / divisor⌉.</summary>
    public Dim CeilDiv(Dim divisor) => (this + divisor - 1).FloorDiv(divisor);

    /// <summary>The polynomial quotient, when there is one with whole coefficients.</summary>
    internal bool TryDivideExactly(Dim divisor, out Dim quotient)
    {
        quotient = Zero;
        if (divisor._terms.Length == 0) return false;
        if (divisor._terms.Length > 1)
        {
            (quotient, var remainder) = Divided(divisor);
            return remainder._terms.Length == 0;
        }
        var lead = divisor._terms[0];
        var terms = new List<Term>();
        foreach (var term in _terms)
        {
            if (term.Coefficient % lead.Coefficient != 0) return false;
            var atoms = new List<Atom>(term.Atoms);
            foreach (var atom in lead.Atoms)
            {
                var index = atoms.FindIndex(candidate => candidate.CompareTo(atom) == 0);
                if (index < 0) return false;
                atoms.RemoveAt(index);
            }
            terms.Add(new Term(term.Coefficient / lead.Coefficient, atoms.ToArray()));
        }
        terms.Sort((x, y) => Term.CompareMonomials(x.Atoms, y.Atoms));
        quotient = new Dim(terms.ToArray());
        return true;
    }

    /// <summary>Replaces symbols; a null keeps the symbol.</summary>
    public Dim Substitute(Func<string, Dim?> replacement)
    {
        if (IsConstant) return this;
        var result = Zero;
        var changed = false;
        foreach (var term in _terms)
        {
            var product = Constant(term.Coefficient);
            var touched = false;
            foreach (var atom in term.Atoms)
            {
                var factor = Replace(atom, replacement);
                touched |= factor is not null;
                product *= factor ?? new Dim([new Term(1, [atom])]);
            }
            changed |= touched;
            result += touched ? product : new Dim([term]);
        }
        return changed ? result : this;
    }

    private static Dim? Replace(Atom atom, Func<string, Dim?> replacement)
    {
        if (atom is SymbolAtom symbol) return replacement(symbol.Name);
        var floor = (FloorAtom)atom;
        var numerator = floor.Numerator.Substitute(replacement);
        var divisor = floor.Divisor.Substitute(replacement);
        return ReferenceEquals(numerator, floor.Numerator) && ReferenceEquals(divisor, floor.Divisor) ? null : numerator.FloorDiv(divisor);
    }

    /// <summary>The value at a point. Null where a divisor is not positive there. Overflow throws.</summary>
    public long? Evaluate(Func<string, long> point)
    {
        long sum = 0;
        foreach (var term in _terms)
        {
            var product = term.Coefficient;
            foreach (var atom in term.Atoms)
            {
                long value;
                if (atom is SymbolAtom symbol) value = point(symbol.Name);
                else
                {
                    var floor = (FloorAtom)atom;
                    if (floor.Numerator.Evaluate(point) is not { } numerator
                        || floor.Divisor.Evaluate(point) is not { } divisor
                        || divisor <= 0)
                    {
                        return null;
                    }
                    value = FloorQuotient(numerator, divisor);
                }
                product = checked(product * value);
            }
            sum = checked(sum + product);
        }
        return sum;
    }

    internal static long FloorQuotient(long numerator, long divisor)
    {
        var quotient = numerator / divisor;
        return numerator % divisor != 0 && (numerator < 0) != (divisor < 0) ? quotient - 1 : quotient;
    }

    internal static long Gcd(long a, long b)
    {
        (a, b) = (Math.Abs(a), Math.Abs(b));
        while (b != 0) (a, b) = (b, a % b);
        return a;
    }

    public int CompareTo(Dim? other)
    {
        if (other is null) return 1;
        for (var i = 0; i < Math.Min(_terms.Length, other._terms.Length); i++)
        {
            var order = Term.CompareMonomials(_terms[i].Atoms, other._terms[i].Atoms);
            if (order == 0) order = _terms[i].Coefficient.CompareTo(other._terms[i].Coefficient);
            if (order != 0) return order;
        }
        return _terms.Length.CompareTo(other._terms.Length);
    }

    public bool Equals(Dim? other) => other is not null && (ReferenceEquals(this, other) || CompareTo(other) == 0);

    public override bool Equals(object? obj) => obj is Dim other && Equals(other);

    public override int GetHashCode()
    {
        if (_hash != 0) return _hash;
        var hash = 17;
        foreach (var term in _terms)
        {
            hash = unchecked((hash * 31) + term.Coefficient.GetHashCode());
            foreach (var atom in term.Atoms)
                hash = unchecked(
                    (hash * 31) + (atom is SymbolAtom symbol ? symbol.Name.GetHashCode() : ((FloorAtom)atom).Numerator.GetHashCode()));
        }
        return _hash = hash == 0 ? 1 : hash;
    }

    /// <summary>As a reader would write it: <c>(H-1)/2+1</c>, <c>64·H·W</c>; <c>/</c> floors.</summary>
    public override string ToString() => DimText.Of(this);
}
