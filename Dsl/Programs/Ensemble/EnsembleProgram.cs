using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid.Programs;

/// <summary>
/// Many networks of one spec as one batched program: every weight and every value has a leading axis of members, and each layer is one call
/// for all of them. Equal to a loop over the members. A loss becomes a function of members' tensors that gives each member's loss.
/// </summary>
public sealed class EnsembleProgram() : DerivedProgram(Hybrid.Variant.Ensemble)
{
    private const string Members = "Members";

    public override bool Fits(GraphKind kind) => true;

    public override IEnumerable<Fault> Check(Graph graph)
    {
        var refused = RefuseParts(graph).ToList();
        foreach (var fault in refused) yield return fault;
        // The module says what the operations need themselves; the axis of members needs more.
        var open = new InputChecks(graph).Open;
        if (open.Count == 0 || refused.Count > 0 || RefuseOpenSizes(graph).Any()) yield break;
        var names = new Names(Members, "members");
        var locals = new Locals(graph, names, reuse: true);
        var symbols = new SizeNames(graph, locals, names, SpecParameters.Field);
        Body(graph, locals, names, symbols, graph.Kind == GraphKind.Network ? new EnsembleTree(graph, graph.ClassName) : null, Members, "");
        foreach (var symbol in open.Where(symbol => symbols.Used(symbol) is not null))
        {
            yield return new Fault(
                "HYB4013",
                $"The ensemble needs the size '{symbol}', which the shapes of the inputs do not give: "
                    + $"{string.Join(", ", graph.Inputs.Select(input => $"{input.Name} {input.Shape}"))}. Let an input have an axis of "
                    + "that size, or leave Ensemble out of [Derive].",
                Origin.None);
        }
    }

    private protected override void WriteMembers(CSharpText text, Graph graph, TypeHeader type)
    {
        if (graph.Kind == GraphKind.Network) Network(text, graph, type);
        else Loss(text, graph);
    }

    private static void Network(CSharpText text, Graph graph, TypeHeader type)
    {
        text.Summary(
            $"M networks {type.Name} in one: {Mapping(graph)}.",
            "An input may also be (B, …) as one network takes it; all members then share it. Equal to a loop over the members, whose "
                + "checkpoint keys it has, each tensor with a leading axis of members; dropout draws for each member by itself unless "
                + "Noise says otherwise.");
        text.Block($"public sealed partial class Ensemble : {ProgramFile.ModuleType(graph)}", () =>
        {
            var tree = new EnsembleTree(graph, type.Name);
            tree.WriteFields(text);
            SpecParameters.WriteFields(text, graph);
            if (graph.Layers.Count + graph.Parameters.Count > 0) text.Line();
            Constructors(text, graph, type, tree);
            text.Line();
            Member(text, graph, type, tree);
            text.Line();
            Forward(text, graph, tree);
            tree.WriteClasses(text);
        });
    }

    private static void Constructors(CSharpText text, Graph graph, TypeHeader type, EnsembleTree tree)
    {
        var parameters = SpecParameters.Declared(graph);
        var sizes = SpecParameters.Passed(graph);
        text.Summary($"Networks drawn one after another, as a loop of new {type.Name}(…) draws them.");
        var count = new Names(graph.Parameters.Select(parameter => Names.Identifier(parameter.Name)).ToArray()).Take("members");
        text.Line($"/// <param name=\"{count}\">How many, at least 1.</param>");
        text.Line($"public Ensemble(int {count}, {parameters}torch.Device? device = null, torch.ScalarType? dtype = null)");
        text.Indented(() => text.Line($": this(Draw({count}, () => new {type.Name}({sizes}device, dtype)), isOwner: true)"));
        text.Line("{").Line("}").Line();

        text.Summary("Copies of networks, stacked. They have the same sizes, types and devices.");
        text.Line($"public static Ensemble Of(IReadOnlyList<{type.Name}> members) => new(members, isOwner: false);");
        text.Line();

        text.Block($"private Ensemble(IReadOnlyList<{type.Name}> members, bool isOwner) : base(\"Ensemble\")", () =>
        {
            text.Line(
                $"if (members.Count < 1) throw new ArgumentException(\"{type.Name}.Ensemble: expected at least 1 member, got none\", "
                    + "nameof(members));");
            foreach (var parameter in graph.Parameters)
            {
                var field = SpecParameters.Field(parameter.Name);
                text.Line($"{field} = members[0].{field};");
                text.Line(
                    $"foreach (var member in members) if (member.{field} != {field}) throw new ArgumentException($\"{type.Name}.Ensemble: "
                        + $"members differ in {parameter.Name}: {{{field}}} and {{member.{field}}}\", nameof(members));");
            }
            text.Line($"{Members} = members.Count;");
            tree.WriteConstruction(text);
            text.Line("RegisterComponents();");
            text.Line("train(members[0].training);");
            text.Line("if (isOwner) foreach (var member in members) member.Dispose();");
        });
        text.Line();
        text.Block($"private static {type.Name}[] Draw(int members, Func<{type.Name}> draw)", () =>
        {
            text.Line(
                $"if (members < 1) throw new ArgumentOutOfRangeException(nameof(members), members, \"{type.Name}.Ensemble: expected at "
                    + "least 1 member\");");
            text.Line($"var drawn = new {type.Name}[members];");
            text.Line("for (var i = 0; i < members; i++) drawn[i] = draw();");
            text.Line("return drawn;");
        });
        if (tree.Inner.Any())
        {
            text.Line();
            text.Block($"private static T[] Parts<T>(IReadOnlyList<{type.Name}> members, Func<{type.Name}, T> part)", () =>
            {
                text.Line("var parts = new T[members.Count];");
                text.Line("for (var i = 0; i < parts.Length; i++) parts[i] = part(members[i]);");
                text.Line("return parts;");
            });
        }
        if (!tree.Tensors.Any()) return;
        text.Line();
        text.Block($"private static Tensor Stack(IReadOnlyList<{type.Name}> members, Func<{type.Name}, Tensor> tensor)", () =>
        {
            text.Line("using var still = torch.no_grad();");
            text.Line("var tensors = new Tensor[members.Count];");
            text.Line("for (var i = 0; i < tensors.Length; i++) tensors[i] = tensor(members[i]);");
            text.Line("return torch.stack(tensors).DetachFromDisposeScope();");
        });
    }

    private static void Member(CSharpText text, Graph graph, TypeHeader type, EnsembleTree tree)
    {
        text.Summary("How many networks these are.");
        text.Line($"public int {Members} {{ get; }}");
        text.Line();
        text.Summary(
            "Whether each member draws noise of its own in training (dropout, stochastic depth), or all have that of one network.");
        if (!tree.Inner.Any()) text.Line("public global::Hybrid.MemberNoise Noise { get; set; } = global::Hybrid.MemberNoise.PerMember;");
        else
        {
            text.Block("public global::Hybrid.MemberNoise Noise", () =>
            {
                text.Line($"get => {tree.Inner.First().Path}.Noise;");
                text.Line($"set => {string.Join(" = ", tree.Inner.Select(inner => inner.Path + ".Noise"))} = value;");
            });
        }
        text.Line();
        text.Summary("One of the networks as a module of its own, with copies of its weights and buffers.");
        text.Block($"public {type.Name} Member(int i)", () =>
        {
            tree.WriteEmpty(text, "member", SpecParameters.Kept(graph));
            text.Line("CopyTo(i, member);");
            text.Line("member.train(training);");
            text.Line("return member;");
        });
        text.Line();
        text.Summary("Writes the weights and buffers of one of the networks into another.");
        text.Block($"public void CopyTo(int i, {type.Name} member)", () =>
        {
            text.Line(
                $"if (i < 0 || i >= {Members}) throw new ArgumentOutOfRangeException(nameof(i), i, $\"{type.Name}.Ensemble has the "
                    + $"members 0 to {{{Members} - 1}}\");");
            var tensors = tree.Tensors.ToList();
            if (tensors.Count > 0)
            {
                text.Line("using var still = torch.no_grad();");
                text.Line("using var scope = torch.NewDisposeScope();");
            }
            foreach (var tensor in tensors) text.Line($"member.{tensor.Single}.copy_({tensor.Path}.select(0, i));");
            foreach (var inner in tree.Inner) text.Line($"{inner.Path}.CopyTo(i, member.{inner.Single});");
        });
    }

    private static void Forward(CSharpText text, Graph graph, EnsembleTree tree)
    {
        var names = new Names(Members, "Noise");
        var locals = new Locals(graph, names, reuse: true);
        var symbols = new SizeNames(graph, locals, names, SpecParameters.Field);
        var body = Body(graph, locals, names, symbols, tree, Members, "");
        text.Summary(Mapping(graph));
        foreach (var input in graph.Inputs)
            text.Line(
                $"/// <param name=\"{locals[input.Id]}\">{ProgramFile.Round(input.Shape)} for all members, or "
                    + $"{Stacked(input.Shape)}.</param>");
        text.Block($"public override {ProgramFile.ResultType(graph)} forward({ProgramFile.Inputs(graph, locals)})", () =>
        {
            text.Line("using var scope = torch.NewDisposeScope();");
            text.Line(new InputChecks(graph).Call("Ensemble.forward", locals, symbols.Used, SpecParameters.Field, tree.PathOf, Members));
            text.Lines(body.Lines);
            text.Line(Steps.Return(graph, locals));
        });
        text.Line();
        new InputChecks(graph).WriteOfMembers(text, isCountKnown: true);
        Helpers(text, body.Loops, isStatic: false);
        Support(text, graph);
    }

    private static void Loss(CSharpText text, Graph graph)
    {
        var names = SpecParameters.Reserved(graph, "members");
        var locals = new Locals(graph, names, reuse: true);
        var symbols = new SizeNames(graph, locals, names, Names.Identifier);
        var body = Body(graph, locals, names, symbols, null, "members", "members, ");
        var function = graph.Method + "Ensemble";
        text.Summary(
            $"The loss of each of M members: {Mapping(graph)}. Equal to a loop over the members.",
            "An input may also be as one member takes it; all members then share it. At least one has the axis of members.");
        text.Block($"public static {ProgramFile.ResultType(graph)} {function}({Steps.Parameters(graph, locals)})", () =>
        {
            SpecParameters.WriteChecks(text, graph, symbols.Size);
            text.Line("using var scope = torch.NewDisposeScope();");
            text.Line(new InputChecks(graph).Call(function, locals, symbols.Used, Names.Identifier, members: "out var members"));
            text.Lines(body.Lines);
            text.Line(Steps.Return(graph, locals));
        });
        text.Line();
        new InputChecks(graph).WriteOfMembers(text, isCountKnown: false);
        Helpers(text, body.Loops, isStatic: true);
        Support(text, graph);
    }

    private static (List<(string Line, string Shape)> Lines, bool Loops) Body(
        Graph graph, Locals locals, Names names, SizeNames symbols, EnsembleTree? tree, string members, string count)
    {
        var lines = new List<(string, string)>();
        var loops = false;
        foreach (var input in graph.Inputs)
            lines.Add(($"{locals[input.Id]} = OfEachMember({count}{locals[input.Id]}, {input.Shape.Rank});", Stacked(input.Shape)));
        foreach (var node in graph.Nodes)
        {
            var rule = RuleTable.Get(node.Operation);
            string Weight(string name) => tree!.PathOf(node.Layer, name);
            var code = new EnsembleCode(graph, node, value => locals[value], Weight, symbols.Size, "training", members);
            var expression = rule.Ensemble(code);
            if (expression is not null) lines.Add(Assign(node, expression));
            else
            {
                loops = true;
                var member = names.Take("member");
                var each = new EachMemberCode(
                    graph, node,
                    value => $"{locals[value]}.select(0, {member})",
                    name => $"{Weight(name)}.select(0, {member})",
                    symbols.Size, "training");
                var loop = $"EachMember({count}{member} => {rule.Functional(each)})";
                if (node.Outputs.Count == 1) lines.Add(Assign(node, $"torch.stack({loop})"));
                else
                {
                    var results = names.Take("results");
                    lines.Add(($"var {results} = {loop};", ""));
                    for (var i = 0; i < node.Outputs.Count; i++)
                        lines.Add((
                            $"var {locals[node.Outputs[i]]} = torch.stack(Array.ConvertAll({results}, result => result.Item{i + 1}));",
                            Stacked(graph.Values[node.Outputs[i]].Shape)));
                }
            }
            if (rule.Upkeep(code) is { } upkeep) lines.Add((upkeep, ""));
        }
        return (lines, loops);

        (string, string) Assign(Node node, string expression)
        {
            var (line, _) = Steps.Assign(graph, locals, node, expression, tree is null ? null : tree.PathOf);
            return (line, string.Join(", ", node.Outputs.Select(output => Stacked(graph.Values[output].Shape))));
        }
    }

    private static void Helpers(CSharpText text, bool loops, bool isStatic)
    {
        var (modifier, count, members) = isStatic ? ("static ", "long members, ", "members") : ("", "", Members);
        text.Line();
        text.Summary("(M, …) of each member's own, from that or from what all members share.");
        text.Block($"private {modifier}Tensor OfEachMember({count}Tensor tensor, int rank)", () =>
        {
            text.Line("if (tensor.dim() > rank) return tensor;");
            text.Line("var sizes = new long[rank + 1];");
            text.Line("Array.Fill(sizes, -1L);");
            text.Line($"sizes[0] = {members};");
            text.Line("return tensor.unsqueeze(0).expand(sizes);");
        });
        if (!loops) return;
        text.Line();
        text.Summary("What each member computes by itself.");
        text.Block($"private {modifier}T[] EachMember<T>({count}Func<long, T> compute)", () =>
        {
            text.Line($"var results = new T[{members}];");
            text.Line("for (var i = 0; i < results.Length; i++) results[i] = compute(i);");
            text.Line("return results;");
        });
    }

    /// <summary>What its own expressions call, and those that single members compute as the functional program does.</summary>
    private static void Support(CSharpText text, Graph graph)
    {
        SupportMethods.Write(text, graph, Hybrid.Variant.Ensemble);
        SupportMethods.Write(text, graph, Hybrid.Variant.Functional);
    }

    /// <summary><c>(M, B, 3, H, W)</c></summary>
    private static string Stacked(Shape shape) => ProgramFile.Round("M", shape);

    private static string Mapping(Graph graph)
        => string.Join(", ", graph.Inputs.Select(input => $"{input.Name} {Stacked(input.Shape)}"))
            + " → "
            + string.Join(", ", graph.Results.Select(result => Stacked(result.Shape)));
}
