using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid.Programs;

/// <summary>What is known of a tensor that ordinary code hands from one generated program to another.</summary>
/// <param name="Shape">Its sizes, over symbols of the calls that it comes from.</param>
/// <param name="Facts">What holds of these symbols.</param>
/// <param name="IsTyped">Whether the element type is known too.</param>
public sealed record KnownTensor(Shape Shape, Facts Facts, bool IsTyped = true)
{
    /// <summary>Whether a linear map gave it: its values have no bounds.</summary>
    public bool AreLogits { get; init; }
}

/// <summary>An argument that no call of the network accepts.</summary>
/// <param name="Input">Which input, by position.</param>
/// <param name="Message">What is wrong with it.</param>
public sealed record RefusedArgument(int Input, string Message)
{
    /// <summary>What kind of fault it is: another shape or element type, or values that the input does not take.</summary>
    public string Id { get; init; } = "HYB1030";
}

/// <summary>
/// Calls of generated programs outside of specs, by their contracts. Sizes that come from outside are free symbols here, of which nothing
/// is known: only what is wrong for all of them is refused, and the rest passes in silence.
/// </summary>
public static class ContractCalls
{
    /// <summary>What a call takes and gives.</summary>
    /// <param name="contract">The program's contract.</param>
    /// <param name="arguments">What is known of each input; null where nothing is.</param>
    /// <param name="call">A number of its own for each call: its unknown sizes are its own.</param>
    /// <param name="refused">The arguments that it cannot take.</param>
    /// <returns>What is known of the results.</returns>
    public static IReadOnlyList<KnownTensor> Results(
        Contract contract,
        IReadOnlyList<KnownTensor?> arguments,
        int call,
        out IReadOnlyList<RefusedArgument> refused)
    {
        var wrong = new List<RefusedArgument>();
        refused = wrong;
        var sizes = new ContractSizes();
        for (var n = 0; n < arguments.Count; n++)
        {
            if (arguments[n] is not { } known) continue;
            var (expected, actual) = (contract.Inputs[n].Shape, known.Shape);
            if (expected.Rank != actual.Rank) wrong.Add(new RefusedArgument(n, $"the rank must be {expected.Rank}, not {actual.Rank}"));
            else if (known.IsTyped && expected.Element != actual.Element)
                wrong.Add(new RefusedArgument(n, $"its elements must be {expected.Element}, not {actual.Element}"));
            else if (OfValues(contract.Inputs[n], known) is var (id, message)) wrong.Add(new RefusedArgument(n, message) { Id = id });
            else
                for (var axis = 0; axis < expected.Rank; axis++)
                    if (expected[axis].AsSymbol is { } symbol && !sizes.IsBound(symbol)) sizes.Bind(symbol, actual[axis]);
        }
        var symbols = contract.Facts.Symbols
            .Concat(contract.Parameters.Where(parameter => !parameter.IsReal).Select(parameter => parameter.Name))
            .Distinct().ToList();
        // The contract's facts hold when the call returns, and then they hold of what it was given.
        var given = arguments.OfType<KnownTensor>().Select(known => known.Facts).ToList();
        var facts = Together(given, symbols.Select(symbol => Fresh(symbol, call)), []);
        Solve();
        foreach (var symbol in symbols)
            if (!sizes.IsBound(symbol)) sizes.Bind(symbol, Dim.Symbol(Fresh(symbol, call)));
        Dim? Bound(string name) => sizes.Of(name);

        for (var n = 0; n < arguments.Count; n++)
        {
            if (arguments[n] is not { } known || wrong.Any(argument => argument.Input == n)) continue;
            var (expected, actual) = (contract.Inputs[n].Shape, known.Shape);
            for (var axis = 0; axis < expected.Rank; axis++)
            {
                var size = expected[axis].Substitute(Bound);
                if (!NeverEqual(facts, size, actual[axis])) continue;
                wrong.Add(new RefusedArgument(n, $"axis {axis} must be {Text(size)}, not {Text(actual[axis])}"));
                break;
            }
        }
        foreach (var fact in contract.Facts.Declared.Where(fact => Never(facts, fact, Bound)))
        {
            var about = fact.Left.Symbols.Concat(fact.Right.Symbols).ToList();
            for (var n = 0; n < arguments.Count; n++)
            {
                if (arguments[n] is null
                    || wrong.Any(argument => argument.Input == n)
                    || !contract.Inputs[n].Shape.Sizes.Any(size => size.Symbols.Any(about.Contains)))
                {
                    continue;
                }
                var met = string.Join(", ", about.Distinct().Select(symbol => $"{symbol} = {Text(Bound(symbol)!)}"));
                wrong.Add(new RefusedArgument(n, $"{fact.Text} must hold, and {met}"));
                break;
            }
        }
        var after = Together(
            given,
            symbols.Select(symbol => Fresh(symbol, call)),
            wrong.Count > 0 ? [] : contract.Facts.Declared.Select(fact => Replaced(fact, Bound)));
        return contract.Outputs
            .Select(output => new KnownTensor(output.Shape.Substitute(Bound), after) { AreLogits = output.AreLogits })
            .ToList();

        // Symbols in sizes a·s + b; what is known to be no such size for any s ≥ 1 is refused.
        void Solve()
        {
            for (var progress = true; progress;)
            {
                progress = false;
                for (var n = 0; n < arguments.Count; n++)
                {
                    if (arguments[n] is not { } known || wrong.Any(argument => argument.Input == n)) continue;
                    var (expected, actual) = (contract.Inputs[n].Shape, known.Shape);
                    for (var axis = 0; axis < expected.Rank; axis++)
                    {
                        if (sizes.Solve(expected[axis], actual[axis]) is not { } solved) continue;
                        if (NeverEqual(facts, solved.Size, actual[axis])
                            || (!facts.AreContradictory && facts.IsAtLeast(-solved.Value, 0).IsProved))
                        {
                            wrong.Add(new RefusedArgument(
                                n,
                                $"axis {axis} must be {Text(expected[axis])} for a whole {solved.Symbol} ≥ 1, not {Text(actual[axis])}"));
                            break;
                        }
                        if (!facts.AreEqual(solved.Size, actual[axis]).IsProved) continue;
                        sizes.Bind(solved.Symbol, solved.Value);
                        progress = true;
                    }
                }
            }
        }
    }

    /// <summary>What is wrong with the values of an argument; null where they may be right.</summary>
    private static (string Id, string Message)? OfValues(ContractTensor input, KnownTensor given)
    {
        if (input.AreLogits && given.Shape.Domain is Domain.Probability or Domain.Distribution)
            return ("HYB3003", "it takes logits and makes probabilities of them itself, and these are probabilities already. Feed the "
                + "logits");
        if (!given.AreLogits) return null;
        return input.Shape.Domain switch
        {
            Domain.Probability or Domain.Distribution
                => ("HYB3004", "its values must be probabilities, and a linear map gives any numbers. Apply sigmoid or softmax before"),
            Domain.Positive or Domain.NonNegative
                => ("HYB3007", "its values must be positive, and a linear map gives negative ones too. Apply softplus before"),
            _ => null,
        };
    }

    /// <summary>A shape for people: sizes that come from outside are question marks where they have no name of the user's.</summary>
    public static string Text(Shape shape) => "[" + string.Join(", ", shape.Sizes.Select(Text)) + "]";

    // A free size of a call is written as the contract's author called it.
    private static string Text(Dim size) => System.Text.RegularExpressions.Regex.Replace(size.ToString(), "`[0-9]+", "");

    /// <summary>
    /// Whether the first axis alone counts examples, however many there are, by the name that the contract's author gave its size.
    /// </summary>
    public static bool IsOfExamples(Shape shape)
        => shape.Rank > 0
            && shape[0].AsSymbol is { } symbol
            && Batches.IsName(symbol.Split('`')[0])
            && !shape.Sizes.Skip(1).Any(size => size.Symbols.Contains(symbol));

    // A back quote cannot be typed in Dims, so no declared symbol has this name.
    private static string Fresh(string symbol, int call) => $"{symbol}`{call}";

    private static Facts Together(IEnumerable<Facts> known, IEnumerable<string> symbols, IEnumerable<Comparison> more)
    {
        var all = known.ToList();
        return Facts.Over(
            all.SelectMany(facts => facts.Symbols).Concat(symbols).Distinct(),
            all.SelectMany(facts => facts.Declared).Concat(more).Distinct().ToArray());
    }

    private static Comparison Replaced(Comparison fact, Func<string, Dim?> bound)
    {
        var replaced = fact with { Left = fact.Left.Substitute(bound), Right = fact.Right.Substitute(bound) };
        return fact.Remainder is { } remainder
            ? replaced with { Remainder = (remainder.Value.Substitute(bound), remainder.Modulus.Substitute(bound)) }
            : replaced;
    }

    private static bool NeverEqual(Facts facts, Dim left, Dim right)
        => !left.Equals(right)
            && !facts.AreContradictory
            && (facts.IsAtLeast(left - right, 1).IsProved || facts.IsAtLeast(right - left, 1).IsProved);

    private static bool Never(Facts facts, Comparison fact, Func<string, Dim?> bound)
    {
        var (left, right) = (fact.Left.Substitute(bound), fact.Right.Substitute(bound));
        if (facts.AreContradictory) return false;
        return fact.Relation switch
        {
            Relation.Equal => NeverEqual(facts, left, right),
            Relation.NotEqual => left.Equals(right),
            Relation.AtLeast => facts.IsAtLeast(right - left, 1).IsProved,
            Relation.Greater => facts.IsAtLeast(right - left, 0).IsProved,
            Relation.AtMost => facts.IsAtLeast(left - right, 1).IsProved,
            _ => facts.IsAtLeast(left - right, 0).IsProved,
        };
    }
}
