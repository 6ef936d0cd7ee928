using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid.Programs;

/// <summary>The partial class that a program completes.</summary>
/// <param name="Namespace">Empty for the global namespace.</param>
/// <param name="Nesting">Headers of the enclosing types, outermost first: <c>partial class Outer</c>.</param>
/// <param name="Name">The class's name.</param>
public sealed record TypeHeader(string Namespace, EquatableArray<string> Nesting, string Name)
{
    /// <summary>The spec method as documentation refers to it, <c>Net.Forward(global::Hybrid.Sym, int)</c>; null: by its graph.</summary>
    public string? Spec { get; init; }
}

/// <summary>Writes one program of a graph as a C# file. One class per program; <see cref="All"/> lists them.</summary>
public abstract class ProgramWriter
{
    public static IReadOnlyList<ProgramWriter> All { get; } =
    [
        new ModuleProgram(), new LossProgram(), new FunctionalProgram(), new TangentProgram(), new EnsembleProgram(), new FlipoutProgram(),
        new CardProgram(),
    ];

    /// <summary>The variant that asks for it; null for what every network or loss gets.</summary>
    public abstract Variant? Variant { get; }

    /// <summary>Before <c>.g.cs</c> in the file's name: empty, or <c>.Functional</c>.</summary>
    public virtual string Suffix => Variant is null ? "" : "." + Variant;

    /// <summary>Whether the program exists for this kind of spec.</summary>
    public abstract bool Fits(GraphKind kind);

    /// <summary>What keeps the program from being written (HYB5xxx), placed at the operation.</summary>
    public virtual IEnumerable<Fault> Check(Graph graph) => [];

    /// <summary>
    /// HYB5005 for each hand-written module, whose weights this program would have to name; HYB5006 for each network inside that has no
    /// such program.
    /// </summary>
    private protected IEnumerable<Fault> RefuseParts(Graph graph)
    {
        foreach (var node in graph.Nodes.Where(node => RuleTable.Get(node.Operation).HoldsUnknownWeights))
        {
            yield return new Fault(
                "HYB5005",
                $"{Variant}: {node.Operation} '{graph.Layers[node.Layer].Key}' holds weights that are not this network's to name. Leave "
                    + $"{Variant} out of [Derive], or write the part as a [Block].",
                node.Origin);
        }
        var without = graph.Nodes.Where(
            node => InnerNetwork.Of(graph, node.Layer) is { } inner && !inner.Contract.Derives.Contains(Variant!.Value));
        foreach (var uses in without.GroupBy(node => InnerNetwork.Of(graph, node.Layer)!.Name))
        {
            var keys = string.Join(", ", uses.Select(node => $"'{graph.Layers[node.Layer].Key}'").Distinct());
            yield return new Fault(
                "HYB5006",
                $"{Variant}: {uses.Key}, the network of {keys}{Fault.Place(uses.First().Origin)}, does not derive {Variant}. Add "
                    + $"Variant.{Variant} to the [Derive] of {uses.Key}, or leave {Variant} out of this one.",
                uses.First().Origin,
                Fix: uses.Key);
        }
    }

    /// <summary>HYB4013 for each operation whose code needs a size that the inputs do not give.</summary>
    private protected static IEnumerable<Fault> RefuseOpenSizes(Graph graph)
    {
        var open = new OpenSizes(graph);
        if (open.Symbols.Count == 0) yield break;
        foreach (var node in graph.Nodes)
        {
            var rule = RuleTable.Get(node.Operation);
            var needed = new SortedSet<string>(System.StringComparer.Ordinal);
            string Size(Algebra.Dim dim)
            {
                needed.UnionWith(open.Missing(dim));
                return "1";
            }
            var code = new NodeCode(graph, node, value => $"v{value}", name => name, Size, "training");
            // What holds a layer of its own hands its inputs on; a promise is compared with its sizes.
            if (!rule.HoldsLayer) rule.Functional(code);
            rule.Promise(code);
            if (needed.Count == 0) continue;
            var names = string.Join(" and ", needed.Select(name => $"'{name}'"));
            yield return new Fault(
                "HYB4013",
                $"{node.Operation} needs the {(needed.Count == 1 ? "size" : "sizes")} {names}, which the shapes of the inputs do not "
                    + $"give: {string.Join(", ", graph.Inputs.Select(input => $"{input.Name} {input.Shape}"))}. "
                    + $"Let an input have an axis of {(needed.Count == 1 ? "that size, or make it" : "each, or make it")} a const or a "
                    + "[Param] of the spec.",
                node.Origin,
                graph.Inputs.Select(input => input.Origin).Where(origin => origin.IsKnown).ToEquatable());
        }
    }

    /// <summary>The whole file. The graph has no errors.</summary>
    public abstract string Write(Graph graph, TypeHeader type);

    /// <summary>The programs of a spec: its own, then those it derives. A variant that is not written yet gives none.</summary>
    public static IEnumerable<ProgramWriter> For(GraphKind kind, IEnumerable<Variant> derived)
    {
        var wanted = Complete(derived);
        return All.Where(program => program.Fits(kind) && (program.Variant is null || wanted.Contains(program.Variant.Value)));
    }

    /// <summary>The variants asked for and those that they need, in the order of the enum.</summary>
    public static IReadOnlyCollection<Variant> Complete(IEnumerable<Variant> derived)
    {
        var wanted = new SortedSet<Variant>(derived);
        // The tangent program takes the functional program's weights.
        if (wanted.Contains(Hybrid.Variant.Tangent)) wanted.Add(Hybrid.Variant.Functional);
        return wanted;
    }
}
