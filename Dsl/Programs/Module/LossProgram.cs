using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid.Programs;

/// <summary>A loss as a static function of tensors.</summary>
public sealed class LossProgram : ProgramWriter
{
    public override Variant? Variant => null;

    public override bool Fits(GraphKind kind) => kind == GraphKind.Loss;

    public override IEnumerable<Fault> Check(Graph graph) => RefuseOpenSizes(graph);

    public override string Write(Graph graph, TypeHeader type)
        => ProgramFile.Write(type, text => Members(text, graph), $"partial class {type.Name}",
            $"[global::Hybrid.NetworkContract({CSharpText.Literal(Contract.Of(graph).ToString())})]", ProgramFile.Attribute);

    private static void Members(CSharpText text, Graph graph)
    {
        var names = SpecParameters.Reserved(graph);
        var locals = new Locals(graph, names, reuse: true);
        text.Summary(ProgramFile.Mapping(graph));
        text.Block($"public static {ProgramFile.ResultType(graph)} {graph.Method}({Steps.Parameters(graph, locals)})", () =>
        {
            var symbols = new SizeNames(graph, locals, names, Names.Identifier);
            var lines = graph.Nodes.Select(node =>
            {
                var code = new NodeCode(graph, node, value => locals[value], _ => "", symbols.Size, "training");
                return Steps.Assign(graph, locals, node, RuleTable.Get(node.Operation).Functional(code));
            }).ToList();
            SpecParameters.WriteChecks(text, graph, symbols.Size);
            text.Line("using var scope = torch.NewDisposeScope();");
            text.Line(new InputChecks(graph).Call(graph.Method, locals, symbols.Used, Names.Identifier));
            text.Lines(lines);
            text.Line(Steps.Return(graph, locals));
        });
        SupportMethods.Write(text, graph, null);
        text.Line();
        new InputChecks(graph).Write(text);
    }
}
