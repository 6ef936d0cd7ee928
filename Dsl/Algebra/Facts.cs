using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Algebra;

/// <summary>
/// What is known of the size symbols: each is ≥ 1, and the declared and inferred facts hold. Decides relations between sizes.
/// </summary>
/// <remarks>
/// Facts become substitutions where they can (<c>H % 4 == 0</c>: H := 4·h) and ranges, which only ever serve proofs.
/// A refutation is a point at which every fact, evaluated as it was written, holds and the relation does not.
/// </remarks>
public sealed partial class Facts : IEquatable<Facts>
{
    private readonly Solution _solution;

    private Facts(
        EquatableArray<string> symbols,
        EquatableArray<Comparison> declared,
        EquatableArray<Comparison> inferred,
        EquatableArray<string> open = default,
        EquatableArray<string> batches = default)
    {
        (Symbols, Declared, Inferred, Open, Batches) = (symbols, declared, inferred, open, batches);
        _solution = Solution.Of(symbols, declared.Concat(inferred));
    }

    public static Facts None { get; } = Over([]);

    /// <summary>The declared symbols, in the order of declaration.</summary>
    public EquatableArray<string> Symbols { get; }

    /// <summary>What the user wrote in <c>Where</c>.</summary>
    public EquatableArray<Comparison> Declared { get; }

    /// <summary>Least sizes that the operations need of symbols whose least size the user left open.</summary>
    public EquatableArray<Comparison> Inferred { get; }

    /// <summary>
    /// The symbols that no suggested fact ties: the number of examples, which a network that is right for one batch only would cement. What
    /// is proved and refuted does not depend on it.
    /// </summary>
    internal EquatableArray<string> Open { get; }

    /// <summary>The same facts, suggesting none about these symbols.</summary>
    internal Facts LeavingOpen(IEnumerable<string> symbols, IEnumerable<string> batches)
        => (symbols.ToEquatable(), batches.ToEquatable()) is var (open, counted) && open == Open && counted == Batches
            ? this
            : new(Symbols, Declared, Inferred, open, counted);

    /// <summary>Those of them that are a batch by role or name: what divides them is not suggested either.</summary>
    internal EquatableArray<string> Batches { get; }

    /// <summary>True when no sizes satisfy the facts, as far as substitution and ranges show.</summary>
    public bool AreContradictory => _solution.Contradiction is not null;

    /// <summary>The fact at which the contradiction showed.</summary>
    public Comparison? Contradiction => _solution.Contradiction;

    public static Facts Over(IEnumerable<string> symbols, params Comparison[] declared)
        => new(symbols.ToEquatable(), declared.ToEquatable(), EquatableArray<Comparison>.Empty);

    public Facts With(params Comparison[] declared) => new(Symbols, Declared.Concat(declared).ToEquatable(), Inferred, Open, Batches);

    public Facts WithSymbols(params string[] symbols)
        => new(Symbols.Concat(symbols).Distinct().ToEquatable(), Declared, Inferred, Open, Batches);

    internal Facts Inferring(Comparison fact)
        => new(Symbols, Declared, Inferred.Where(other => !Supersedes(fact, other)).Append(fact).ToEquatable(), Open, Batches);

    private static bool Supersedes(Comparison fact, Comparison other)
        => fact.Relation == Relation.AtLeast && other.Relation == Relation.AtLeast && fact.Left.Equals(other.Left);

    /// <summary>The same facts with some symbols replaced by sizes; a replaced symbol is no longer declared.</summary>
    public Facts Substitute(IReadOnlyDictionary<string, Dim> values)
    {
        Comparison Replace(Comparison fact)
        {
            Dim? Value(string name) => values.TryGetValue(name, out var value) ? value : null;
            var replaced = fact with { Left = fact.Left.Substitute(Value), Right = fact.Right.Substitute(Value) };
            return fact.Remainder is { } remainder
                ? replaced with { Remainder = (remainder.Value.Substitute(Value), remainder.Modulus.Substitute(Value)) }
                : replaced;
        }
        return new Facts(
            Symbols.Where(symbol => !values.ContainsKey(symbol)).ToEquatable(),
            Declared.Select(Replace).ToEquatable(),
            Inferred.Select(Replace).ToEquatable());
    }

    /// <summary>Whether the user said how small the symbol may be: then a size too small is an error, else a requirement.</summary>
    internal bool BoundsSymbol(string symbol)
        => Declared.Any(
            fact => fact.Remainder is null
                && fact.Relation != Relation.NotEqual
                && (fact.Left.Symbols.Contains(symbol) || fact.Right.Symbols.Contains(symbol)));

    /// <summary>left = right at every admissible point?</summary>
    public Verdict AreEqual(Dim left, Dim right)
    {
        try
        {
            return Equality.Decide(this, _solution, left, right);
        }
        catch (OverflowException)
        {
            return Verdict.Unknown;
        }
    }

    /// <summary>value ≥ least at every admissible point?</summary>
    public Verdict IsAtLeast(Dim value, long least)
    {
        try
        {
            return LowerBound.Decide(_solution, value, least);
        }
        catch (OverflowException)
        {
            return Verdict.Unknown;
        }
    }

    /// <summary>
    /// The facts under which all of these sizes agree, separated by commas; null when they agree already or no facts of a usual form do it.
    /// </summary>
    internal string? MissingFor(IEnumerable<(Dim Left, Dim Right)> pairs)
    {
        var missing = new List<string>();
        foreach (var (left, right) in pairs)
        {
            var verdict = AreEqual(left, right);
            if (verdict.IsProved) continue;
            if (verdict.Missing is not { } facts) return null;
            missing.AddRange(facts.Split([", "], StringSplitOptions.None));
        }
        return missing.Count == 0 ? null : string.Join(", ", missing.Distinct());
    }

    /// <summary>The size over the symbols that the facts leave free: H/7 is h where H % 7 == 0.</summary>
    internal Dim Normalise(Dim size) => _solution.Normalise(size);

    /// <summary>divisor divides value at every admissible point?</summary>
    public Verdict Divides(Dim divisor, Dim value) => AreEqual(value.FloorDiv(divisor) * divisor, value);

    /// <summary>
    /// The smallest least size of one symbol from which on value ≥ least holds; null when no such bound is found.
    /// </summary>
    internal Comparison? LeastFor(Dim value, long least)
    {
        foreach (var symbol in value.Symbols)
        {
            if (!Symbols.Contains(symbol)) continue;
            long low = 1, high = 2;
            while (!Holds(high))
            {
                (low, high) = (high, high * 2);
                if (high > 1 << 20) break;
            }
            if (high > 1 << 20) continue;
            while (high - low > 1)
            {
                var middle = low + ((high - low) / 2);
                if (Holds(middle)) high = middle;
                else low = middle;
            }
            // Print a size that can occur: the next one that the facts admit.
            return Bound(symbol, _solution.NextAdmissible(symbol, high));

            bool Holds(long bound)
                => Inferring(Bound(symbol, bound))._solution is { Contradiction: null } solution
                    && LowerBound.Proves(solution, value, least);
        }
        return null;
    }

    /// <summary>The size, when the facts fix it.</summary>
    public Dim? ConstantOf(string symbol) => _solution.Normalise(Dim.Symbol(symbol)) is { IsConstant: true } value ? value : null;

    internal static Comparison Bound(string symbol, long least) => new(Dim.Symbol(symbol), Relation.AtLeast, least, $"{symbol} >= {least}");

    internal static Comparison Divisibility(string symbol, Dim modulus)
        => new(
            Dim.Symbol(symbol).Mod(modulus), Relation.Equal, 0, $"{symbol} % {modulus} == 0") { Remainder = (Dim.Symbol(symbol), modulus) };

    /// <summary>The smallest admissible size of a symbol as far as its own facts say.</summary>
    public long Least(string symbol) => _solution.Least(symbol);

    public bool Equals(Facts? other)
        => other is not null && Symbols == other.Symbols && Declared == other.Declared && Inferred == other.Inferred;

    public override bool Equals(object? obj) => obj is Facts other && Equals(other);

    public override int GetHashCode() => unchecked((Symbols.GetHashCode() * 31) + Declared.GetHashCode());

    public override string ToString() => string.Join(", ", Declared.Concat(Inferred).Select(fact => fact.Text));
}
