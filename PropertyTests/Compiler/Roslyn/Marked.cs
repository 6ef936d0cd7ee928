using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Roslyn;

/// <summary>A source in which <c>{|HYB1001:9216|}</c> marks where which diagnostic is expected.</summary>
internal sealed record Marked(string Source, IReadOnlyList<(string Id, TextSpan Span)> Expected)
{
    public static Marked Parse(string text)
    {
        var source = new StringBuilder();
        var expected = new List<(string, TextSpan)>();
        var open = new Stack<(string Id, int Start)>();
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && text[i] == '{' && text[i + 1] == '|')
            {
                var colon = text.IndexOf(':', i);
                open.Push((text[(i + 2)..colon], source.Length));
                i = colon;
            }
            else if (i + 1 < text.Length && text[i] == '|' && text[i + 1] == '}')
            {
                var (id, start) = open.Pop();
                expected.Add((id, TextSpan.FromBounds(start, source.Length)));
                i++;
            }
            else source.Append(text[i]);
        }
        return new Marked(source.ToString(), [.. expected.OrderBy(e => e.Item2.Start).ThenBy(e => e.Item1, StringComparer.Ordinal)]);
    }

    /// <summary>A network around a spec method.</summary>
    public static string Network(string members, string dims = "B", string where = "") => $$"""
        using Hybrid;
        namespace Net;
        [Network(Dims = "{{dims}}", Where = "{{where}}")]
        public partial class Example
        {
        {{members}}
        }
        """;

    /// <summary>A loss around a spec method.</summary>
    public static string Loss(string members, string dims = "B")
        => Network(members, dims).Replace("[Network(", "[Loss(", StringComparison.Ordinal);

    /// <summary>
    /// Asserts that the analyzer reports exactly the marked ids at exactly the marked places, with these messages in order.
    /// </summary>
    public static IReadOnlyList<Diagnostic> Assert(string marked, params string[] messages)
    {
        var parsed = Parse(marked);
        var compilation = Specs.Compile(parsed.Source);
        var found = Specs.Analyze(compilation).OrderBy(d => d.Location.SourceSpan.Start).ThenBy(d => d.Id, StringComparer.Ordinal).ToList();
        string Place(Microsoft.CodeAnalysis.Text.TextSpan span) => parsed.Source.Substring(span.Start, span.Length);
        var expected = string.Join("\n", parsed.Expected.Select(e => $"{e.Id} at '{Place(e.Span)}'"));
        Xunit.Assert.True(
            parsed.Expected.SequenceEqual(found.Select(d => (d.Id, d.Location.SourceSpan))),
            $"expected:\n{expected}\nfound:\n"
                + string.Join("\n", found.Select(d => $"{d.Id} at '{Place(d.Location.SourceSpan)}': {d.GetMessage()}"))
                + "\nin\n"
                + parsed.Source);
        if (messages.Length > 0) Xunit.Assert.Equal(messages, found.Select(d => d.GetMessage()));
        return found;
    }
}
