using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>Size symbols as locals of a program; only those that it uses are declared.</summary>
internal sealed class SizeNames(Graph graph, Locals locals, Names names, Func<string, string> parameter)
{
    private readonly Lazy<OpenSizes> _open = new(() => new OpenSizes(graph));

    private readonly Dictionary<string, string> _used = new(StringComparer.Ordinal);

    /// <summary>A size as a long expression.</summary>
    public string Size(Dim dim)
        => _open.Value.Axis(dim) is var (input, back) ? $"{locals[input]}.shape[^{back}]" : DimText.CSharp(dim, "FloorDiv", Name);

    public string? Used(string symbol) => _used.TryGetValue(symbol, out var name) ? name : null;

    private string Name(string symbol)
        => graph.Parameters.Any(candidate => candidate.Name == symbol) ? parameter(symbol)
            : _used.TryGetValue(symbol, out var name) ? name
            : _used[symbol] = names.Take(symbol);
}
