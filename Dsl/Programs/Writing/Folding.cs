using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Programs;

/// <summary>
/// Breaks lines of generated C# that are wider than a screen, as a person would: a body under its <c>if</c>, an operand or a call of a
/// chain on a line of its own, arguments under their call, a message at a space. A line that has no such place stays as it is.
/// </summary>
internal static class Folding
{
    public const int Widest = 140;

    private const int Step = 4;

    private static readonly string[] _heads = ["if (", "else if (", "foreach (", "for (", "while ("];

    /// <summary>What an expression is broken before, weakest first.</summary>
    private static readonly string[][] _operators =
        [[" ? ", " : "], [" ?? "], [" || "], [" && "], [" + ", " - "], [" * ", " / "]];

    /// <summary>The line's parts, each with its indentation.</summary>
    public static IReadOnlyList<(int Indent, string Text)> Fold(string line, int indent)
    {
        var text = line.TrimStart(' ');
        indent += line.Length - text.Length;
        if (indent + text.Length <= Widest || text[0] == '#') return [(indent, text)];
        if (text.StartsWith("//", StringComparison.Ordinal)) return Comment(text, indent);
        if (Depths(text, out var end) is null) return [(indent, text)];
        var code = text.Substring(0, end).TrimEnd(' ');
        var comment = text.Substring(end);
        // A shape stands at the end of its line, a sentence above it.
        if (comment.Length > Widest / 2) return [.. Comment(comment, indent), .. Lines(code, indent, "")];
        return Lines(code, indent, comment.Length > 0 ? " " + comment : "");
    }

    private static IReadOnlyList<(int Indent, string Text)> Lines(string text, int indent, string tail)
        => indent + text.Length + tail.Length > Widest && Depths(text, out var end) is { } depths && end == text.Length
            ? Attributed(text, depths, indent, tail)
                ?? Statement(text, depths, indent, tail)
                ?? Member(text, depths, indent, tail)
                ?? Operands(text, depths, indent, tail)
                ?? Chain(text, depths, indent, tail)
                ?? Items(text, depths, indent, tail)
                ?? Message(text, depths, indent, tail)
                ?? [(indent, text + tail)]
            : [(indent, text + tail)];

    /// <summary>An attribute above what it is on.</summary>
    private static IReadOnlyList<(int, string)>? Attributed(string text, int[] depths, int indent, string tail)
    {
        if (text[0] != '[') return null;
        var close = Close(depths, 0);
        if (close + 1 < text.Length && text[close + 1] == ' ')
            return [.. Lines(text.Substring(0, close + 1), indent, ""), .. Lines(text.Substring(close + 2), indent, tail)];
        var open = text.IndexOf('(');
        return close + 1 == text.Length && text.StartsWith("[global::", StringComparison.Ordinal) && open >= 0
            ? Items(text, depths, open, indent, tail)
            : null;
    }

    /// <summary>A body under its head, in braces where it takes several lines.</summary>
    private static IReadOnlyList<(int, string)>? Statement(string text, int[] depths, int indent, string tail)
    {
        if (_heads.FirstOrDefault(head => text.StartsWith(head, StringComparison.Ordinal)) is not { } start) return null;
        var close = Close(depths, start.Length - 1);
        if (close + 2 >= text.Length || text[close + 2] == '{' || Find(text, depths, " else ", close) >= 0) return null;
        var head = Lines(text.Substring(0, close + 1), indent, "");
        var body = Lines(text.Substring(close + 2), indent + Step, tail);
        return head.Count == 1 && body.Count == 1 ? [.. head, .. body] : [.. head, (indent, "{"), .. body, (indent, "}")];
    }

    /// <summary>A member's expression, or a constructor's call of another, under its header.</summary>
    private static IReadOnlyList<(int, string)>? Member(string text, int[] depths, int indent, string tail)
    {
        var at = new[] { " : base(", " : this(", " => " }.Select(mark => Find(text, depths, mark, 0)).FirstOrDefault(found => found >= 0);
        return at <= 0 ? null : Split(text, [at], indent, tail);
    }

    private static IReadOnlyList<(int, string)>? Operands(string text, int[] depths, int indent, string tail)
    {
        foreach (var group in _operators)
        {
            var places = group.SelectMany(mark => All(text, depths, mark)).OrderBy(at => at).ToList();
            if (places.Count > 0) return Split(text, places, indent, tail);
        }
        return null;
    }

    /// <summary>Calls on what a call returned.</summary>
    private static IReadOnlyList<(int, string)>? Chain(string text, int[] depths, int indent, string tail)
    {
        var places = Enumerable.Range(1, Math.Max(text.Length - 2, 0))
            .Where(i => text[i] == '.' && depths[i] == 0 && text[i - 1] is ')' or ']' or '}' && IsCall(text, i + 1))
            .ToList();
        return places.Count == 0 ? null : Split(text, places, indent, tail);
    }

    private static bool IsCall(string text, int name)
    {
        while (name < text.Length && (char.IsLetterOrDigit(text[name]) || text[name] == '_')) name++;
        return name < text.Length && text[name] == '(';
    }

    /// <summary>What stands in brackets under what opens them: a declaration's parameters, otherwise the most.</summary>
    private static IReadOnlyList<(int, string)>? Items(string text, int[] depths, int indent, string tail)
    {
        var open = Enumerable.Range(0, text.Length)
            .Where(i => depths[i] == 0 && text[i] is '(' or '[' or '{' && Close(depths, i) > i + 1)
            .ToList();
        if (open.Count == 0) return null;
        var isDeclaration = text.StartsWith("public ", StringComparison.Ordinal) || text.StartsWith("private ", StringComparison.Ordinal)
            || text.StartsWith("internal ", StringComparison.Ordinal);
        var parameters = open.Where(i => isDeclaration && text[i] == '(').ToList();
        var chosen = parameters.Count > 0 ? parameters.Last() : open.OrderByDescending(i => Close(depths, i) - i).First();
        return Items(text, depths, chosen, indent, tail);
    }

    private static IReadOnlyList<(int, string)>? Items(string text, int[] depths, int open, int indent, string tail)
    {
        var close = Close(depths, open);
        var (before, after) = (text.Substring(0, open + 1), text.Substring(close) + tail);
        var inside = depths[open] + 1;
        var (items, start) = (new List<string>(), open + 1);
        for (var i = start; i <= close; i++)
        {
            if (i < close && text[i] == ';' && depths[i] == inside) return null;
            if (i < close && !(text[i] == ',' && depths[i] == inside)) continue;
            items.Add(text.Substring(start, i - start).Trim(' '));
            start = i + 1;
        }
        // A list may end in a comma.
        if (items[items.Count - 1].Length == 0) items.RemoveAt(items.Count - 1);
        var lines = new List<(int, string)>();
        if (text[open] == '(')
        {
            lines.Add((indent, before));
            var whole = string.Join(", ", items);
            if (items.Count > 1 && indent + Step + whole.Length + after.Length <= Widest) lines.Add((indent + Step, whole + after));
            else
                for (var i = 0; i < items.Count; i++) lines.AddRange(Lines(items[i], indent + Step, i < items.Count - 1 ? "," : after));
            return lines;
        }
        // A list's brackets stand alone, as many items on a line as fit.
        var isInitialiser = text[open] == '{';
        if (!isInitialiser) lines.Add((indent, before));
        else
        {
            if (open > 0) lines.Add((indent, before.Substring(0, open).TrimEnd(' ')));
            lines.Add((indent, "{"));
        }
        var filled = "";
        foreach (var item in items)
        {
            if (filled.Length > 0 && indent + Step + filled.Length + item.Length + 2 > Widest)
            {
                lines.AddRange(Lines(filled, indent + Step, ","));
                filled = "";
            }
            filled += filled.Length > 0 ? ", " + item : item;
        }
        lines.AddRange(Lines(filled, indent + Step, isInitialiser ? "," : ""));
        lines.Add((indent, after));
        return lines;
    }

    /// <summary>A text as a sum of two, parted after a space.</summary>
    private static IReadOnlyList<(int, string)>? Message(string text, int[] depths, int indent, string tail)
    {
        for (var start = 0; start < text.Length; start++)
        {
            if (depths[start] != -1 || text[start] is not ('"' or '$')) continue;
            var spaces = new List<int>();
            var end = EndOfText(text, start, spaces);
            var at = spaces.LastOrDefault(space => indent + space + 2 <= Widest);
            if (at > 0)
            {
                var (quote, isFirst) = (text.IndexOf('"', start), !text.StartsWith("+ ", StringComparison.Ordinal));
                string Quoted(int from, int to) => (text[start] == '$' && text.IndexOfAny(['{', '}'], from, to - from) >= 0 ? "$\"" : "\"")
                    + text.Substring(from, to - from) + "\"";
                return
                [
                    (indent, text.Substring(0, start) + Quoted(quote + 1, at + 1)),
                    .. Lines("+ " + Quoted(at + 1, end) + text.Substring(end + 1), indent + (isFirst ? Step : 0), tail),
                ];
            }
            start = end;
        }
        return null;
    }

    /// <summary>Each part but the first on a line of its own, one step further in.</summary>
    private static IReadOnlyList<(int, string)> Split(string text, IReadOnlyList<int> places, int indent, string tail)
    {
        var lines = new List<(int, string)>(Lines(text.Substring(0, places[0]), indent, ""));
        for (var i = 0; i < places.Count; i++)
        {
            var isLast = i == places.Count - 1;
            var part = text.Substring(places[i], (isLast ? text.Length : places[i + 1]) - places[i]).Trim(' ');
            lines.AddRange(Lines(part, indent + Step, isLast ? tail : ""));
        }
        return lines;
    }

    /// <summary>Words of a comment; a tag is one word, and a summary's tags stand alone.</summary>
    private static IReadOnlyList<(int, string)> Comment(string text, int indent)
    {
        const string open = "/// <summary>", close = "</summary>";
        if (text.StartsWith(open, StringComparison.Ordinal) && text.EndsWith(close, StringComparison.Ordinal))
        {
            var inner = text.Substring(open.Length, text.Length - open.Length - close.Length);
            return [(indent, open), .. Comment("/// " + inner, indent), (indent, "/// " + close)];
        }
        var mark = text.Substring(0, text.IndexOf(' ') + 1);
        var (lines, line, isTag) = (new List<(int, string)>(), mark, false);
        foreach (var word in text.Substring(mark.Length).Split(' '))
        {
            if (line.Length > mark.Length && !isTag && indent + line.Length + 1 + word.Length > Widest)
            {
                lines.Add((indent, line));
                line = mark;
            }
            line += line.Length > mark.Length ? " " + word : word;
            foreach (var c in word) isTag = c == '<' || (c != '>' && isTag);
        }
        lines.Add((indent, line));
        return lines;
    }

    /// <summary>
    /// How many brackets are open before each character, those of types among them; −1 − that in a text. Null where they do not match, or a
    /// text is of another kind than generated ones.
    /// </summary>
    /// <param name="text">A line.</param>
    /// <param name="end">Where a comment starts, or the line ends.</param>
    private static int[]? Depths(string text, out int end)
    {
        var depths = new int[text.Length];
        var open = new Stack<char>();
        for (end = 0; end < text.Length; end++)
        {
            var c = text[end];
            var next = end + 1 < text.Length ? text[end + 1] : ' ';
            if (c == '/' && next == '/') break;
            if (c == '@' && next == '"') return null;
            if (c is '"' or '\'' || (c == '$' && next == '"'))
            {
                var last = c == '\'' ? text.IndexOf('\'', next == '\\' ? end + 3 : end + 2) : EndOfText(text, end, null);
                if (last < 0) return null;
                for (; end <= last; end++) depths[end] = -1 - open.Count;
                end = last;
                continue;
            }
            depths[end] = open.Count;
            if (c is '(' or '[' or '{') open.Push(c);
            else if (c == '<' && end > 0 && IsOfName(text[end - 1]) && (IsOfName(next) || next == '(')) open.Push(c);
            else if (c is ')' or ']' or '}' || (c == '>' && open.Count > 0 && open.Peek() == '<' && text[end - 1] != '='))
            {
                if (open.Count == 0 || open.Pop() != (c == ')' ? '(' : c == ']' ? '[' : c == '}' ? '{' : '<')) return null;
                depths[end] = open.Count;
            }
        }
        return open.Count == 0 ? depths : null;
    }

    private static bool IsOfName(char c) => char.IsLetterOrDigit(c) || c == '_';

    /// <summary>The quote that ends a text; negative if there is none, or it is a raw text.</summary>
    /// <param name="text">A line.</param>
    /// <param name="start">Its <c>$</c> or quote.</param>
    /// <param name="spaces">Receives the places after which it may be parted: spaces outside of holes.</param>
    private static int EndOfText(string text, int start, List<int>? spaces)
    {
        var hasHoles = text[start] == '$';
        var first = start + (hasHoles ? 2 : 1);
        if (string.CompareOrdinal(text, first - 1, "\"\"\"", 0, 3) == 0) return -1;
        for (var (i, holes) = (first, 0); i < text.Length; i++)
        {
            var isDouble = i + 1 < text.Length && text[i + 1] == text[i];
            if (holes == 0 && text[i] == '\\') i++;
            else if (holes == 0 && text[i] == '"') return i;
            else if (holes == 0 && hasHoles && text[i] is '{' or '}' && isDouble) i++;
            else if (hasHoles && text[i] == '{') holes++;
            else if (hasHoles && text[i] == '}') holes--;
            else if (holes > 0 && (text[i] == '"' || (text[i] == '$' && i + 1 < text.Length && text[i + 1] == '"')))
            {
                i = EndOfText(text, i, null);
                if (i < 0) return -1;
            }
            else if (holes == 0 && text[i] == ' ') spaces?.Add(i);
        }
        return -1;
    }

    /// <summary>The bracket that closes the one here.</summary>
    private static int Close(int[] depths, int open)
    {
        var close = open + 1;
        while (depths[close] != depths[open]) close++;
        return close;
    }

    private static int Find(string text, int[] depths, string mark, int from)
    {
        var at = text.IndexOf(mark, from, StringComparison.Ordinal);
        while (at >= 0 && depths[at] != 0) at = text.IndexOf(mark, at + 1, StringComparison.Ordinal);
        return at;
    }

    private static IEnumerable<int> All(string text, int[] depths, string mark)
    {
        for (var at = Find(text, depths, mark, 1); at >= 0; at = Find(text, depths, mark, at + 1)) yield return at;
    }
}
