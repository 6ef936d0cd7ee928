using System;
using System.Globalization;
using System.Text;
using Hybrid.Algebra;

namespace Hybrid.Graphs;

public enum FaultSeverity
{
    /// <summary>Refuted: it fails at run time or computes something else than meant.</summary>
    Error,

    /// <summary>Legal but suspect.</summary>
    Warning,

    /// <summary>Not provable; a run-time guard stands in.</summary>
    Info,
}

/// <summary>What is wrong, where, and what to do. Its text may name lines of the source, see <see cref="Message"/>.</summary>
/// <param name="Id">Catalogue number, <c>HYB1001</c>.</param>
/// <param name="Text">The message with places marked by <see cref="Place"/>.</param>
/// <param name="Origin">The exact argument.</param>
/// <param name="Related">Where the other shapes come from.</param>
/// <param name="Witness">Sizes at which it fails, when symbolic.</param>
/// <param name="Fix">A fact or a replacement that clears it, for a code fix; null when there is none.</param>
public sealed record Fault(
    string Id,
    string Text,
    Origin Origin,
    EquatableArray<Origin> Related = default,
    Witness? Witness = null,
    string? Fix = null)
{
    /// <summary>Repairs of the text, the likeliest first.</summary>
    public EquatableArray<Edit> Edits { get; init; }

    /// <summary>Whether what was promised is right, and what is returned is not to be promised instead.</summary>
    public bool KeepsPromise { get; init; }

    /// <summary>What the catalogue says of it.</summary>
    public FaultKind Kind => Catalogue.Get(Id);

    public FaultSeverity Severity => Kind.Severity;

    private const char Open = '\u27E8';
    private const char Close = '\u27E9';

    /// <summary>The mark of a place inside a message: " (line 9)" when printed, nothing when the line is not known.</summary>
    public static string Place(Origin origin)
        => origin.IsKnown ? Open + origin.Id.ToString(CultureInfo.InvariantCulture) + Close : "";

    /// <summary>The message as one line. Without lines, as in a trace, the places are left out.</summary>
    public string Message(Func<Origin, int?>? line = null)
    {
        var message = new StringBuilder();
        for (var i = 0; i < Text.Length; i++)
        {
            if (Text[i] != Open)
            {
                message.Append(Text[i]);
                continue;
            }
            var end = Text.IndexOf(Close, i);
            var origin = new Origin(int.Parse(Text.Substring(i + 1, end - i - 1), CultureInfo.InvariantCulture));
            if (line?.Invoke(origin) is { } number)
                message.Append(" (line ").Append(number.ToString(CultureInfo.InvariantCulture)).Append(')');
            i = end;
        }
        return message.ToString();
    }

    public override string ToString() => $"{Id}: {Message()}";
}
