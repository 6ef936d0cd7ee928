using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Rules;

/// <summary>All operations, by the name that a spec calls them.</summary>
public static class RuleTable
{
    private static readonly Dictionary<string, Rule> _rules = typeof(Rule).Assembly.GetTypes()
        .Where(type => !type.IsAbstract && typeof(Rule).IsAssignableFrom(type))
        .Select(type => (Rule)Activator.CreateInstance(type, nonPublic: true)!)
        .ToDictionary(rule => rule.Name, StringComparer.Ordinal);

    /// <summary>Ordinal order.</summary>
    public static IEnumerable<Rule> All => _rules.Values.OrderBy(rule => rule.Name, StringComparer.Ordinal);

    /// <summary>The operation of a method name (<c>Conv2d</c>), an operator's sign (<c>+</c>), or null.</summary>
    public static Rule? Find(string name) => _rules.TryGetValue(name, out var rule) ? rule : null;

    internal static Rule Get(string name)
        => Find(name) ?? throw new ArgumentException($"there is no operation '{name}'; the nearest is {Nearest(name)}", nameof(name));

    /// <summary>The operation whose name is most like this one, for "did you mean".</summary>
    public static string Nearest(string name)
        => _rules.Keys.Where(candidate => candidate.All(char.IsLetterOrDigit))
            .OrderBy(candidate => Distance(candidate, name))
            .ThenBy(candidate => candidate, StringComparer.Ordinal)
            .First();

    /// <summary>Edit distance, letter case aside.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + cost));
            }
        }
        return row[b.Length];
    }
}
