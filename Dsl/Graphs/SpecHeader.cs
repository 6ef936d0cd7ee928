using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;

namespace Hybrid.Graphs;

/// <summary>
/// What a spec declares before its body: symbols with roles, facts, constants, [Param] sizes. Reading syntax and tracing both start here.
/// </summary>
/// <param name="Name">Full class name.</param>
/// <param name="Kind">Network or loss.</param>
/// <param name="Method">The spec method's name.</param>
/// <param name="Dims">The text of <c>Dims</c>.</param>
/// <param name="Where">The text of <c>Where</c>.</param>
/// <param name="Constants"><c>const int</c> members of the class, by name.</param>
/// <param name="Parameters">[Param]s with their defaults.</param>
public sealed record SpecHeader(
    string Name,
    GraphKind Kind,
    string Method,
    string Dims,
    string Where,
    EquatableArray<(string Name, long Value)> Constants,
    EquatableArray<SpecParameter> Parameters)
{
    /// <summary>The text of <c>Training</c>.</summary>
    public string Training { get; init; } = "";

    private static readonly Dictionary<string, AxisRole> _roles = Enum.GetValues(typeof(AxisRole)).Cast<AxisRole>()
        .Where(role => role != AxisRole.None)
            .ToDictionary(role => role.ToString().ToLowerInvariant(), role => role, StringComparer.Ordinal);

    /// <summary>A builder with the declared facts. What cannot be read is reported to it (HYB4009) and left out.</summary>
    /// <param name="dims">Where the text of Dims stands.</param>
    /// <param name="where">Where the text of Where stands.</param>
    /// <param name="training">Where the text of Training stands.</param>
    public GraphBuilder Open(Origin dims = default, Origin where = default, Origin training = default)
    {
        var symbols = new List<string>();
        var roles = new Dictionary<string, AxisRole>(StringComparer.Ordinal);
        var faults = new List<Fault>();
        foreach (var part in Dims.Split(',').Select(part => part.Trim()).Where(part => part.Length > 0))
        {
            var colon = part.IndexOf(':');
            var symbol = colon < 0 ? part : part.Substring(0, colon).Trim();
            if (!IsName(symbol))
                faults.Add(Unreadable($"Dims: '{part}' is not a symbol; write names separated by commas, such as \"B, H:spatial\"", dims));
            else if (symbols.Contains(symbol)) faults.Add(Unreadable($"Dims: '{symbol}' is declared twice", dims));
            else if (Constants.Any(constant => constant.Name == symbol))
            {
                faults.Add(
                    Unreadable($"Dims: '{symbol}' is a constant of the class; a symbol stands for any size. Rename one of them", dims));
            }
            else
            {
                symbols.Add(symbol);
                if (colon < 0) continue;
                var role = part.Substring(colon + 1).Trim();
                if (_roles.TryGetValue(role, out var known)) roles[symbol] = known;
                else faults.Add(Unreadable($"Dims: '{role}' is not an axis role; the roles are {string.Join(", ", _roles.Keys)}", dims));
            }
        }

        var constants = Constants.ToDictionary(constant => constant.Name, constant => constant.Value, StringComparer.Ordinal);
        Dim? Resolve(string name)
            => symbols.Contains(name) || Parameters.Any(parameter => parameter.Name == name && !parameter.IsReal) ? Dim.Symbol(name)
                : constants.TryGetValue(name, out var value) ? value
                : null;
        var facts = Facts.Over(symbols);
        try
        {
            facts = facts.With(DimParser.ParseFacts(Where, Resolve).ToArray());
        }
        catch (DimSyntaxException exception)
        {
            faults.Add(Unreadable($"Where: {exception.Message}", where));
        }
        if (facts.Contradiction is { } fact)
            faults.Add(new Fault(
                "HYB2004",
                $"Where: no sizes satisfy '{facts}'; with the facts before it, '{fact}' cannot hold. Remove one of them.",
                where));

        var builder = new GraphBuilder(Name, Kind, Method, facts) { Constants = constants, Roles = roles };
        foreach (var parameter in Parameters) builder.Parameter(parameter);
        try
        {
            builder.InTraining(DimParser.ParseFacts(Training, Resolve));
            if (!facts.AreContradictory && builder.TrainingFacts.Contradiction is { } never)
                faults.Add(new Fault(
                    "HYB2004",
                    $"Training: no sizes satisfy '{builder.TrainingFacts}'; with the facts before it, '{never}' cannot hold. Remove one "
                        + "of them.",
                    training));
        }
        catch (DimSyntaxException exception)
        {
            faults.Add(Unreadable($"Training: {exception.Message}", training));
        }
        foreach (var fault in faults) builder.Report(fault);
        return builder;
    }

    /// <summary>A size of a shape without the role that it may carry, <c>44:spatial</c>; the role, or null, is added to the list.</summary>
    /// <exception cref="Algebra.DimSyntaxException">There is no such role.</exception>
    internal static string WithoutRole(string size, ICollection<AxisRole?> roles)
    {
        var colon = size.IndexOf(':');
        if (colon < 0)
        {
            roles.Add(null);
            return size;
        }
        var role = size.Substring(colon + 1).Trim();
        if (!_roles.TryGetValue(role, out var known))
            throw new DimSyntaxException($"'{role}' is not an axis role; the roles are {string.Join(", ", _roles.Keys)}");
        roles.Add(known);
        return size.Substring(0, colon);
    }

    internal static Fault Unreadable(string text, Origin origin) => new("HYB4009", text + ".", origin);

    private static bool IsName(string text)
        => text.Length > 0 && !char.IsDigit(text[0]) && text.All(c => char.IsLetterOrDigit(c) || c == '_');
}
