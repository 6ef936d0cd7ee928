using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Algebra;

public enum Outcome
{
    /// <summary>True at every admissible point.</summary>
    Proved,

    /// <summary>False at the witness, which is admissible.</summary>
    Refuted,

    /// <summary>Neither shown.</summary>
    Unknown,
}

/// <summary>A value for each symbol.</summary>
public sealed record Witness(EquatableArray<(string Symbol, long Value)> Values)
{
    /// <summary><c>H = 33, W = 7</c></summary>
    public override string ToString() => string.Join(", ", Values.Select(value => $"{value.Symbol} = {value.Value}"));

    public long? Evaluate(Dim dim)
    {
        var point = Values.ToDictionary(value => value.Symbol, value => value.Value);
        return dim.Evaluate(name => point.TryGetValue(name, out var value) ? value : 1);
    }
}

/// <summary>The answer to "does this relation hold for all admissible sizes?".</summary>
/// <param name="Outcome">Proved, refuted, or neither.</param>
/// <param name="Witness">Where the relation fails, restricted to the symbols it mentions; only when refuted.</param>
/// <param name="Missing">A fact that would make it hold, such as <c>H % 2 == 0</c>, when one was found.</param>
public sealed record Verdict(Outcome Outcome, Witness? Witness = null, string? Missing = null)
{
    public bool IsProved => Outcome == Outcome.Proved;

    public bool IsRefuted => Outcome == Outcome.Refuted;

    public static Verdict Proved { get; } = new(Outcome.Proved);

    public static Verdict Unknown { get; } = new(Outcome.Unknown);
}
