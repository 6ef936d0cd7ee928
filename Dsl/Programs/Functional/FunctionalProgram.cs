using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid.Programs;

/// <summary>The network as a static function of its weights and inputs: what meta-learning and IMNN differentiate through.</summary>
public sealed class FunctionalProgram() : DerivedProgram(Hybrid.Variant.Functional)
{
    public override bool Fits(GraphKind kind) => kind == GraphKind.Network;

    public override IEnumerable<Fault> Check(Graph graph) => RefuseParts(graph);

    private protected override void WriteMembers(CSharpText text, Graph graph, TypeHeader type)
    {
        Function(text, graph, type);
        SupportMethods.Write(text, graph, Hybrid.Variant.Functional);
        text.Line();
        WeightsRecord.Write(text, graph, type);
    }

    private static void Function(CSharpText text, Graph graph, TypeHeader type)
    {
        var weights = new WeightNames(graph);
        var names = new Names();
        var locals = new Locals(graph, names, reuse: true);
        string Parameter(string name) => "w." + weights.SizeProperty(name);
        text.Summary(
            $"The network as a function of its weights: {ProgramFile.Mapping(graph)}. Equal to the module, "
                + $"{(HasRecurrence(graph) ? "to rounding" : "bit for bit")}.");
        text.Line(ProgramFile.InheritedParameters(graph, type));
        text.Line(Steps.DependsOnTraining(graph)
            ? "/// <param name=\"training\">As in training: dropout is drawn, batch statistics are used and the running ones in <paramref "
                + "name=\"w\"/> updated in place.</param>"
            : "/// <param name=\"training\">No operation of this network depends on it.</param>");
        text.Block($"public static {ProgramFile.ResultType(graph)} {graph.Method}({Steps.Parameters(graph, locals)})", () =>
        {
            var symbols = new SizeNames(graph, locals, names, Parameter);
            var lines = new List<(string Line, string Shape)>();
            foreach (var node in graph.Nodes)
            {
                var code = new NodeCode(graph, node, value => locals[value], name => weights[node.Layer, name], symbols.Size, "training");
                lines.Add(
                    Steps.Assign(
                        graph, locals, node, RuleTable.Get(node.Operation).Functional(code), (layer, name) => weights[layer, name]));
                if (RuleTable.Get(node.Operation).Upkeep(code) is { } upkeep) lines.Add((upkeep, ""));
            }
            text.Line("using var scope = torch.NewDisposeScope();");
            text.Line(new InputChecks(graph).Call(graph.Method, locals, symbols.Used, Parameter, (layer, name) => weights[layer, name]));
            text.Lines(lines);
            text.Line(Steps.Return(graph, locals));
        });
    }

    /// <summary>libtorch's recurrent layers add their two biases in another order than cells that are written out.</summary>
    private static bool HasRecurrence(Graph graph) => graph.Nodes.Any(node => node.Operation is "Lstm" or "Gru");
}
