using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid.Programs;

/// <summary>The network as an <c>nn.Module</c>.</summary>
public sealed class ModuleProgram : ProgramWriter
{
    public override Variant? Variant => null;

    public override bool Fits(GraphKind kind) => kind == GraphKind.Network;

    // TorchSharp's nn.Module<T1, …, TResult> ends at six inputs.
    private const int MostInputs = 6;

    public override IEnumerable<Fault> Check(Graph graph)
    {
        foreach (var fault in RefuseOpenSizes(graph)) yield return fault;
        if (graph.InputCount <= MostInputs) yield break;
        yield return new Fault(
            "HYB4011",
            $"'{graph.ClassName}' takes {graph.InputCount} tensors; a module takes at most {MostInputs}. Join some with Cat before, or "
                + "split the network.",
            graph.Values[MostInputs].Origin);
    }

    public override string Write(Graph graph, TypeHeader type)
    {
        var tree = new LayerTree(graph);
        var keys = graph.Layers.Count == 0
            ? ""
            : $", Keys = {CSharpText.Literal(string.Join(" ", graph.Layers.Select(layer => layer.Key)))}";
        return ProgramFile.Write(
            type,
            text => Members(text, graph, type, tree),
            $"sealed partial class {type.Name} : {ProgramFile.ModuleType(graph)}",
            $"[global::Hybrid.NetworkContract({CSharpText.Literal(Contract.Of(graph).ToString())}{keys})]",
            ProgramFile.Attribute);
    }

    private static void Members(CSharpText text, Graph graph, TypeHeader type, LayerTree tree)
    {
        tree.WriteFields(text, tree.Root, "internal");
        SpecParameters.WriteFields(text, graph);
        if (graph.Layers.Count + graph.Parameters.Count > 0) text.Line();

        var parameters = SpecParameters.Declared(graph);
        var required = SpecParameters.Required(graph);
        var sizes = SpecParameters.Passed(graph);
        text.Summary(ProgramFile.Mapping(graph));
        text.Block($"public {type.Name}({parameters}torch.Device? device = null, torch.ScalarType? dtype = null) : "
            + $"base({CSharpText.Literal(type.Name)})", () =>
        {
            SpecParameters.WriteChecks(text, graph, size => DimText.CSharp(size, "FloorDiv", Names.Identifier));
            foreach (var parameter in graph.Parameters)
                text.Line($"{SpecParameters.Field(parameter.Name)} = {Names.Identifier(parameter.Name)};");
            tree.WriteConstruction(text, tree.Root, sizes);
            text.Line("RegisterComponents();");
        });

        text.Line();
        text.Summary(ProgramFile.Mapping(graph));
        var names = new Names();
        var locals = new Locals(graph, names, reuse: true);
        text.Line(ProgramFile.InheritedParameters(graph, type));
        text.Block($"public override {ProgramFile.ResultType(graph)} forward({ProgramFile.Inputs(graph, locals)})", () =>
        {
            var symbols = new SizeNames(graph, locals, names, SpecParameters.Field);
            var lines = new List<(string, string)>();
            foreach (var node in graph.Nodes) Step(lines, graph, tree, locals, symbols, node);
            var checks = new InputChecks(graph);
            text.Line("using var scope = torch.NewDisposeScope();");
            text.Line(checks.Call("forward", locals, symbols.Used, SpecParameters.Field, tree.PathOf));
            text.Lines(lines);
            text.Line(Steps.Return(graph, locals));
        });
        text.Line();
        new InputChecks(graph).Write(text);
        if (graph.Nodes.Any(node => RuleTable.Get(node.Operation).HoldsUnknownWeights)) WritePromise(text, type);
        SupportMethods.Write(text, graph, null);
        tree.WriteContainers(text, tree.Root, required, sizes);
    }

    private static void Step(List<(string, string)> lines, Graph graph, LayerTree tree, Locals locals, SizeNames symbols, Node node)
    {
        var code = new NodeCode(graph, node, value => locals[value], name => tree.PathOf(node.Layer, name), symbols.Size, "training");
        var expression = tree.PathOf(node.Layer) is { } layer
            ? RuleTable.Get(node.Operation).Forward(code, layer)
            : RuleTable.Get(node.Operation).Functional(code);
        lines.Add(Steps.Assign(graph, locals, node, expression, tree.PathOf));
        if (RuleTable.Get(node.Operation).Promise(code) is { } promise)
            lines.Add((promise.Replace("{0}", locals[node.Outputs[0]]), "as promised"));
    }

    /// <summary>A hand-written module is taken at its word until it runs.</summary>
    private static void WritePromise(CSharpText text, TypeHeader type)
    {
        text.Line();
        text.Block("private static void CheckPromise(string module, string promise, Tensor actual, params long[] sizes)", () =>
        {
            text.Line("var met = actual.shape;");
            text.Line("var fits = met.Length == sizes.Length;");
            text.Line("for (var axis = 0; fits && axis < sizes.Length; axis++) fits = met[axis] == sizes[axis];");
            text.Line(
                $"if (!fits) throw new InvalidOperationException($\"{type.Name}: {{module}} promised {{promise}} = ({{string.Join(\", \", "
                    + $"sizes)}}) but gave ({{string.Join(\", \", met)}}). Correct its promise or its forward.\");");
        });
    }
}
