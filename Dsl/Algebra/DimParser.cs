using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Hybrid.Algebra;

/// <summary>What a name in a shape string or a fact stands for; null when the name is not declared.</summary>
public delegate Dim? DimNames(string name);

/// <summary>Text that is not a size or a fact; the message says what was expected where.</summary>
public sealed class DimSyntaxException(string message) : Exception(message);

/// <summary>
/// Reads sizes and facts: integers, names, <c>+ - * / % ( )</c> with C#'s precedence (<c>/</c> floors) and comparisons
/// <c>== != &gt;= &gt; &lt;= &lt;</c>, which may be chained: <c>16 &lt;= H &lt;= 512</c>.
/// </summary>
public sealed class DimParser
{
    private readonly string _text;
    private readonly DimNames _names;
    private int _at;
    private (Dim Value, Dim Modulus)? _lastRemainder;

    private DimParser(string text, DimNames names) => (_text, _names) = (text, names);

    /// <summary>One size, such as <c>2*H/3+1</c>.</summary>
    public static Dim ParseDim(string text, DimNames names)
    {
        var parser = new DimParser(text, names);
        var dim = parser.Guarded(parser.Sum);
        parser.ExpectEnd();
        return dim;
    }

    /// <summary>The sizes of a shape string, such as <c>B, 3, H/2</c>; an empty string is a scalar's.</summary>
    public static IReadOnlyList<Dim> ParseShape(string text, DimNames names)
    {
        if (string.IsNullOrWhiteSpace(text)) return [];
        var parser = new DimParser(text, names);
        var dims = new List<Dim> { parser.Guarded(parser.Sum) };
        while (parser.Take(",")) dims.Add(parser.Guarded(parser.Sum));
        parser.ExpectEnd();
        return dims;
    }

    /// <summary>Comma-separated facts.</summary>
    public static IReadOnlyList<Comparison> ParseFacts(string text, DimNames names)
    {
        var facts = new List<Comparison>();
        if (string.IsNullOrWhiteSpace(text)) return facts;
        var parser = new DimParser(text, names);
        do parser.Guarded(() => parser.Chain(facts));
        while (parser.Take(","));
        parser.ExpectEnd();
        return facts;
    }

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (OverflowException)
        {
            throw new DimSyntaxException($"'{_text}' holds a number beyond 63 bits");
        }
    }

    private int Chain(List<Comparison> facts)
    {
        var start = SkipSpace();
        var (left, remainder) = Side();
        var count = 0;
        while (TakeRelation() is { } relation)
        {
            var (right, rightRemainder) = Side();
            var text = _text.Substring(start, _at - start).Trim();
            if (count > 0) text = $"{left} {Comparison.Sign(relation)} {right}";
            facts.Add(remainder is null && rightRemainder is not null && relation is Relation.Equal
                ? new Comparison(right, relation, left, text) { Remainder = rightRemainder }
                : new Comparison(left, relation, right, text) { Remainder = remainder });
            (left, remainder) = (right, rightRemainder);
            count++;
        }
        if (count == 0) throw Expected("a comparison such as H % 4 == 0 or H >= 16");
        // A chain reads as its links: 16 <= H <= 512 is 16 <= H and H <= 512.
        if (count > 1)
        {
            var first = facts[facts.Count - count];
            facts[facts.Count - count] = first with { Text = $"{first.Left} {Comparison.Sign(first.Relation)} {first.Right}" };
        }
        return count;
    }

    private (Dim, (Dim, Dim)?) Side()
    {
        _lastRemainder = null;
        var side = Sum();
        var remainder = _lastRemainder is { } last && side.Equals(last.Value.Mod(last.Modulus)) ? _lastRemainder : null;
        return (side, remainder);
    }

    private Relation? TakeRelation()
        => Take("==") ? Relation.Equal
            : Take("!=") ? Relation.NotEqual
            : Take(">=") ? Relation.AtLeast
            : Take("<=") ? Relation.AtMost
            : Take(">") ? Relation.Greater
            : Take("<") ? Relation.Less
            : null;

    private Dim Sum()
    {
        var sum = Product();
        while (true)
        {
            if (Take("+")) sum += Product();
            else if (Take("-")) sum -= Product();
            else return sum;
        }
    }

    private Dim Product()
    {
        var product = Factor();
        while (true)
        {
            if (Take("*") || Take("·")) product *= Factor();
            else if (Take("/")) product = product.FloorDiv(Divisor("/"));
            else if (Take("%"))
            {
                var modulus = Divisor("%");
                _lastRemainder = (product, modulus);
                product = product.Mod(modulus);
            }
            else return product;
        }
    }

    private Dim Divisor(string sign)
    {
        var divisor = Factor();
        return divisor.TryConstant(out var value) && value <= 0
            ? throw new DimSyntaxException($"'{_text}' divides by {value}; right of '{sign}' a size of at least 1 is needed")
            : divisor;
    }

    private Dim Factor()
    {
        if (Take("-")) return -Factor();
        if (Take("("))
        {
            var inner = Sum();
            return Take(")") ? inner : throw Expected("')'");
        }
        var start = SkipSpace();
        while (_at < _text.Length && char.IsDigit(_text[_at])) _at++;
        if (_at > start)
        {
            return long.TryParse(
                _text.Substring(start, _at - start).Replace("_", ""), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new OverflowException();
        }
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] == '_')) _at++;
        if (_at == start) throw Expected("a size");
        var name = _text.Substring(start, _at - start);
        return _names(name)
            ?? throw new DimSyntaxException($"'{name}' in '{_text}' is neither declared in Dims nor a constant or [Param] of the spec");
    }

    private bool Take(string sign)
    {
        SkipSpace();
        if (string.CompareOrdinal(_text, _at, sign, 0, sign.Length) != 0) return false;
        _at += sign.Length;
        return true;
    }

    private int SkipSpace()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at])) _at++;
        return _at;
    }

    private void ExpectEnd()
    {
        if (SkipSpace() < _text.Length) throw Expected("the end");
    }

    private DimSyntaxException Expected(string what)
        => new($"'{_text}': expected {what} {(_at < _text.Length ? $"at '{_text.Substring(_at)}'" : "at the end")}");
}
