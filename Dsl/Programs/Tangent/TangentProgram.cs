using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid.Programs;

/// <summary>
/// Forward-mode differentiation written out layer by layer: value and derivative along K directions of the inputs in one pass, the
/// directions on a leading axis so that each layer is one call for all of them. Differentiable again by autograd.
/// </summary>
public sealed class TangentProgram() : DerivedProgram(Hybrid.Variant.Tangent)
{
    public override bool Fits(GraphKind kind) => true;

    public override IEnumerable<Fault> Check(Graph graph)
    {
        var unknown = RefuseParts(graph).ToList();
        if (unknown.Count > 0)
        {
            foreach (var fault in unknown) yield return fault;
            yield break;
        }
        if (!Active(graph).Any())
            yield return new Fault(
                "HYB5003",
                $"'{graph.ClassName}' has no input of real numbers, so there is no tangent. Leave Tangent out of [Derive].",
                Origin.None);
        var names = new Names();
        var locals = new Locals(graph, names, reuse: false);
        foreach (var node in Body(
            new List<(string, string)>(), graph, locals, names, null, new SizeNames(graph, locals, names, name => name)).Refused)
        {
            yield return new Fault(
                "HYB5003",
                $"Op '{node.Operation}' has no forward-mode rule, which Variant.Tangent needs. Leave Tangent out of [Derive], or use an "
                    + "operation that has one.",
                node.Origin);
        }
    }

    private protected override void WriteMembers(CSharpText text, Graph graph, TypeHeader type)
    {
        var names = graph.Kind == GraphKind.Network ? new Names() : SpecParameters.Reserved(graph);
        var locals = new Locals(graph, names, reuse: false);
        var weights = graph.Kind == GraphKind.Network ? new WeightNames(graph) : null;
        string Parameter(string name) => weights is null ? Names.Identifier(name) : "w." + weights.SizeProperty(name);
        var symbols = new SizeNames(graph, locals, names, Parameter);
        var lines = new List<(string Line, string Shape)>();
        var (tangents, _) = Body(lines, graph, locals, names, weights, symbols);

        var result = ProgramFile.ResultType(graph);
        var function = graph.Method + "Tangent";
        text.Summary(
            $"{ProgramFile.Mapping(graph)} with its derivative along K directions.",
            $"Tangents: {string.Join(", ", Active(graph).Select(input => $"{tangents[input.Id]} {ProgramFile.Round("K", input.Shape)}"))} "
                + $"→ {string.Join(", ", graph.Results.Select(value => ProgramFile.Round("K", value.Shape)))}.");
        if (graph.Kind == GraphKind.Network) text.Line(ProgramFile.InheritedParameters(graph, type));
        var inputTangents = Active(graph).Select(input => $"Tensor {tangents[input.Id]}").ToList();
        var parameters = Steps.Parameters(graph, locals, inputTangents);
        text.Block($"public static ({result} Value, {result} Tangent) {function}({parameters})", () =>
        {
            if (graph.Kind == GraphKind.Loss) SpecParameters.WriteChecks(text, graph, symbols.Size);
            text.Line("using var scope = torch.NewDisposeScope();");
            text.Line(new InputChecks(graph).Call(function, locals, symbols.Used, Parameter, (layer, name) => weights![layer, name]));
            foreach (var input in Active(graph))
                text.Line(
                    $"CheckTangent(\"{function}\", {CSharpText.Literal($"{tangents[input.Id]} {ProgramFile.Round("K", input.Shape)}")}, "
                        + $"{tangents[input.Id]}, {locals[input.Id]});");
            text.Lines(lines);
            var values = graph.Outputs.Select((output, i) => Out(graph, i, locals[output])).ToList();
            var first = Active(graph).Select(input => tangents[input.Id]).First();
            var derivatives = graph.Outputs.Select((output, i) => tangents.TryGetValue(output, out var tangent)
                ? Out(graph, i, tangent)
                : TangentCode.Still(locals[output], graph.Values[output].Shape.Rank, first) + ".MoveToOuterDisposeScope()").ToList();
            text.Line($"return ({Tuple(values)}, {Tuple(derivatives)});");
        });
        SupportMethods.Write(text, graph, Hybrid.Variant.Tangent);
        text.Line();
        text.Block("private static void CheckTangent(string caller, string expected, Tensor tangent, Tensor value)", () =>
        {
            text.Line("long[] sizes = value.shape, met = tangent.shape;");
            text.Line("var fits = met.Length == sizes.Length + 1;");
            text.Line("for (var axis = 0; fits && axis < sizes.Length; axis++) fits = met[axis + 1] == sizes[axis];");
            text.Line(
                $"if (!fits) throw new ArgumentException($\"{type.Name}.{{caller}}: expected {{expected}} with a leading axis of "
                    + $"directions before ({{string.Join(\", \", sizes)}}), got ({{string.Join(\", \", met)}}).\");");
        });
    }

    private static string Tuple(IReadOnlyList<string> parts) => parts.Count == 1 ? parts[0] : $"({string.Join(", ", parts)})";

    private static string Out(Graph graph, int position, string local)
    {
        var output = graph.Outputs[position];
        var shared = output < graph.InputCount || graph.Outputs.Take(position).Contains(output);
        return shared ? $"{local}.alias().MoveToOuterDisposeScope()" : $"{local}.MoveToOuterDisposeScope()";
    }

    /// <summary>What is differentiated: the inputs with real numbers.</summary>
    private static IEnumerable<Value> Active(Graph graph) => graph.Inputs.Where(input => input.Shape.Element == ElementType.Real);

    private static (Dictionary<int, string> Tangents, List<Node> Refused) Body(
        List<(string, string)> lines, Graph graph, Locals locals, Names names, WeightNames? weights, SizeNames symbols)
    {
        var tangents = Active(graph).ToDictionary(input => input.Id, input => names.Take(Name(locals[input.Id])));
        var refused = new List<Node>();
        foreach (var node in graph.Nodes)
        {
            var rule = RuleTable.Get(node.Operation);
            var own = new List<(string, string)>();
            var code = new TangentCode(
                graph, node, value => locals[value], name => weights is null ? name : weights[node.Layer, name], symbols.Size, "training",
                value => tangents.TryGetValue(value, out var tangent) ? tangent : null,
                (line, shape) => own.Add((line, shape)),
                names.Take)
            { Outs = node.Outputs.Select(output => locals[output]).ToList() };
            var isActive = node.Inputs.Any(tangents.ContainsKey);
            if (isActive && !rule.Tangent(code))
            {
                refused.Add(node);
                continue;
            }
            var value = Steps.Assign(
                graph, locals, node, code.Value ?? rule.Functional(code), weights is null ? null : (layer, name) => weights[layer, name]);
            // A rule that replaces the value needs its locals before; others may read the value.
            if (code.Value is not null) lines.AddRange(own);
            lines.Add((value.Line, value.Shape!));
            if (code.Value is null) lines.AddRange(own);
            if (weights is not null && rule.Upkeep(code) is { } upkeep) lines.Add((upkeep, ""));
            if (!isActive) continue;
            for (var n = 0; n < code.Tangents.Count; n++)
            {
                var output = node.Outputs[n];
                tangents[output] = names.Take(Name(locals[output]));
                lines.Add(($"var {tangents[output]} = {code.Tangents[n]};", ProgramFile.Round("K", graph.Values[output].Shape)));
            }
        }
        return (tangents, refused);
    }

    /// <summary><c>x2</c> has the tangent <c>dx2</c>, <c>data</c> has <c>dData</c>.</summary>
    private static string Name(string local)
        => local.Length == 1 || !char.IsLetter(local[1]) ? "d" + local : "d" + char.ToUpperInvariant(local[0]) + local.Substring(1);
}
