using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Hybrid.Programs;

/// <summary>
/// C# with braces indented by four spaces, <c>\n</c> line ends and lines that fit a screen, the same on every machine.
/// </summary>
public sealed class CSharpText
{
    private readonly StringBuilder _text = new();
    private int _depth;

    public CSharpText Line(string line = "")
    {
        if (line.Length > 0)
        {
            foreach (var (indent, text) in Folding.Fold(line, 4 * _depth)) _text.Append(' ', indent).Append(text).Append('\n');
        }
        else _text.Append('\n');
        return this;
    }

    /// <summary>A line with a comment at its end.</summary>
    public CSharpText Line(string line, string comment) => Line($"{line} // {comment}");

    /// <summary>Lines, each with its comment where it has one.</summary>
    public CSharpText Lines(IEnumerable<(string Line, string Comment)> lines)
    {
        foreach (var (line, comment) in lines)
        {
            if (comment.Length > 0) Line(line, comment);
            else Line(line);
        }
        return this;
    }

    public CSharpText Summary(params string[] lines)
    {
        if (lines.Length == 1) return Line($"/// <summary>{Escape(lines[0])}</summary>");
        Line("/// <summary>");
        foreach (var line in lines) Line($"/// {Escape(line)}");
        return Line("/// </summary>");
    }

    /// <summary>A header with its body in braces.</summary>
    public CSharpText Block(string header, Action body, string end = "}")
    {
        Line(header).Line("{");
        _depth++;
        body();
        _depth--;
        return Line(end);
    }

    public CSharpText Indented(Action body)
    {
        _depth++;
        body();
        _depth--;
        return this;
    }

    public override string ToString() => _text.ToString();

    public static string Escape(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");

    public static string Literal(string text)
        => "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n").Replace("\r", "\\r") + "\"";

    /// <summary>A double that reads back as the same number: <c>0.01</c>, <c>1d</c>.</summary>
    public static string Literal(double value)
    {
        if (double.IsNaN(value)) return "double.NaN";
        if (double.IsInfinity(value)) return value > 0 ? "double.PositiveInfinity" : "double.NegativeInfinity";
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.All(c => char.IsDigit(c) || c == '-') ? text + "d" : text;
    }

    public static string Literal(bool value) => value ? "true" : "false";
}
