using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>Identifiers that are free in one scope of generated code.</summary>
internal sealed class Names(params string[] taken)
{
    private static readonly HashSet<string> _keywords = new(
        ("abstract as base bool break byte case catch char checked class const continue decimal default delegate do double else enum "
            + "event explicit extern false finally "
        + "fixed float for foreach goto if implicit in int interface internal is lock long namespace new null object operator out "
        + "override params private protected public readonly "
        + "ref return sbyte sealed short sizeof stackalloc static string struct switch this throw true try typeof uint ulong unchecked "
        + "unsafe ushort using virtual void volatile while "
        + "var nameof await yield nn torch functional init Modules Tensor Weights training device dtype scope w").Split(' '),
        StringComparer.Ordinal);

    private readonly HashSet<string> _taken = new(taken, StringComparer.Ordinal);

    /// <summary>The wish itself if it is free, else with a number.</summary>
    public string Take(string wish)
    {
        var name = Identifier(wish);
        if (!_keywords.Contains(name) && _taken.Add(name)) return name;
        for (var i = 2; ; i++)
            if (_taken.Add($"{name}{(char.IsDigit(name[name.Length - 1]) ? "_" : "")}{i}"))
                return $"{name}{(char.IsDigit(name[name.Length - 1]) ? "_" : "")}{i}";
    }

    /// <summary>A name that must stay as it is: a keyword gets its @.</summary>
    public static string Escaped(string name) => _keywords.Contains(name) ? "@" + name : name;

    public static string Identifier(string text)
    {
        var name = new StringBuilder();
        foreach (var c in text) name.Append(char.IsLetterOrDigit(c) || c == '_' ? c : '_');
        if (name.Length == 0 || char.IsDigit(name[0])) name.Insert(0, '_');
        return name.ToString();
    }

    /// <summary><c>block_1.stem</c> + <c>running_mean</c> is <c>Block1StemRunningMean</c>.</summary>
    public static string Pascal(string key)
    {
        var name = new StringBuilder();
        var upper = true;
        foreach (var c in key)
        {
            if (!char.IsLetterOrDigit(c)) upper = true;
            else
            {
                name.Append(upper ? char.ToUpperInvariant(c) : c);
                upper = false;
            }
        }
        return Identifier(name.ToString());
    }
}

/// <summary>The locals of one program: the user's names, an unnamed step named for the local that it flows into.</summary>
internal sealed class Locals
{
    private readonly Dictionary<int, string> _names = [];
    private readonly HashSet<int> _reassigned = [];

    /// <param name="graph">The graph.</param>
    /// <param name="names">What is taken already; inputs are added here.</param>
    /// <param name="reuse">Whether a step may be assigned to the local it replaces, as in the user's <c>x = x.Relu()</c>.</param>
    public Locals(Graph graph, Names names, bool reuse)
    {
        foreach (var input in graph.Inputs) _names[input.Id] = names.Take(input.Name ?? "x");
        var lastUse = LastUses(graph);
        var wishes = Wishes(graph);
        var holders = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var n = 0; n < graph.Nodes.Count; n++)
            foreach (var output in graph.Nodes[n].Outputs)
            {
                var wish = wishes[output];
                // A local whose value is not read after this step can take the next value.
                if (reuse && graph.Nodes[n].Outputs.Count == 1 && holders.TryGetValue(wish, out var holder) && lastUse[holder] <= n
                    && graph.Nodes[n].Inputs.Contains(holder))
                {
                    _names[output] = _names[holder];
                    _reassigned.Add(output);
                }
                else _names[output] = names.Take(wish);
                holders[wish] = output;
            }
    }

    public string this[int value] => _names[value];

    /// <summary>True when the value is assigned to a local that exists already.</summary>
    public bool IsReassigned(int value) => _reassigned.Contains(value);

    /// <summary>A value's own name; else, when one step alone uses it, the name of that step's result.</summary>
    private static string[] Wishes(Graph graph)
    {
        var users = new List<Node>[graph.Values.Count];
        foreach (var node in graph.Nodes)
            foreach (var input in node.Inputs.Where(input => input >= 0).Distinct()) (users[input] ??= []).Add(node);
        var wishes = new string[graph.Values.Count];
        for (var value = graph.Values.Count - 1; value >= 0; value--)
        {
            wishes[value] = graph.Values[value].Name is { } name ? Names.Identifier(name)
                : graph.Outputs.Contains(value) ? (graph.Kind == GraphKind.Loss ? "loss" : "y")
                : users[value] is { Count: 1 } user && user[0].Outputs.Count == 1 ? wishes[user[0].Outputs[0]]
                : "x";
        }
        return wishes;
    }

    private static int[] LastUses(Graph graph)
    {
        var last = new int[graph.Values.Count];
        for (var n = 0; n < graph.Nodes.Count; n++)
            foreach (var input in graph.Nodes[n].Inputs) if (input >= 0) last[input] = n;
        foreach (var output in graph.Outputs) last[output] = int.MaxValue;
        return last;
    }
}
