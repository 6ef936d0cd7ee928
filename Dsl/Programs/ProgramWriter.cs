using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid.Programs;

/// <summary>The partial class that a program completes.</summary>
/// <param name="Namespace">Empty for the global namespace.</param>
/// <param name="Nesting">Headers of the enclosing types, outermost first: <c>partial class Outer</c>.</param>
/// <param name="Name">The class's name.</param>
public sealed record TypeHeader(string Namespace, EquatableArray<string> Nesting, string Name);

/// <summary>Writes one program of a graph as a C# file. One class per program; <see cref="All"/> lists them.</summary>
public abstract class ProgramWriter
{
    public static IReadOnlyList<ProgramWriter> All { get; } = [new ModuleProgram(), new LossProgram(), new FunctionalProgram(), new TangentProgram(), new EnsembleProgram(), new FlipoutProgram(), new CardProgram()];

    /// <summary>The variant that asks for it; null for what every network or loss gets.</summary>
    public abstract Variant? Variant { get; }

    /// <summary>Before <c>.g.cs</c> in the file's name: empty, or <c>.Functional</c>.</summary>
    public virtual string Suffix => Variant is null ? "" : "." + Variant;

    /// <summary>Whether the program exists for this kind of spec.</summary>
    public abstract bool Fits(GraphKind kind);

    /// <summary>What keeps the program from being written (HYB5xxx), placed at the operation.</summary>
    public virtual IEnumerable<Fault> Check(Graph graph) => [];

    /// <summary>HYB5005 for each part whose weights this program would have to name.</summary>
    private protected IEnumerable<Fault> RefuseUnknownWeights(Graph graph)
        => graph.Nodes.Where(node => RuleTable.Get(node.Operation).HoldsUnknownWeights).Select(node => new Fault(
            "HYB5005",
            FaultSeverity.Error,
            $"{Variant}: {node.Operation} '{graph.Layers[node.Layer].Key}' holds weights that are not this network's to name. Leave {Variant} out of [Derive], or write the part as a [Block].",
            node.Origin));

    /// <summary>The whole file. The graph has no errors.</summary>
    public abstract string Write(Graph graph, TypeHeader type);

    /// <summary>The programs of a spec: its own, then those it derives. A variant that is not written yet gives none.</summary>
    public static IEnumerable<ProgramWriter> For(GraphKind kind, IEnumerable<Variant> derived)
    {
        var wanted = derived.ToList();
        // The tangent program takes the functional program's weights.
        if (wanted.Contains(Hybrid.Variant.Tangent)) wanted.Add(Hybrid.Variant.Functional);
        return All.Where(program => program.Fits(kind) && (program.Variant is null || wanted.Contains(program.Variant.Value)));
    }
}
