using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid.Programs;

/// <summary>
/// The network with weights that are drawn: a Gaussian posterior for each, and for each example of a batch its own nearly independent draw
/// by random signs. Wen et al. 2018.
/// </summary>
public sealed class FlipoutProgram() : DerivedProgram(Hybrid.Variant.Flipout)
{
    public override bool Fits(GraphKind kind) => kind == GraphKind.Network;

    public override IEnumerable<Fault> Check(Graph graph)
    {
        var unknown = RefuseParts(graph).ToList();
        if (unknown.Count > 0) return unknown;
        var drawn = graph.Nodes.Where(
            node => PerturbedLayer.Of(graph, node) is not null || InnerNetwork.Of(graph, node.Layer) is not null).ToList();
        if (drawn.Count == 0)
            return
            [
                new Fault(
                    "HYB5004",
                    $"Flipout: '{graph.ClassName}' has no Linear or convolution whose weights could be drawn. Leave Flipout out of "
                        + "[Derive].",
                    Origin.None),
            ];
        return drawn.GroupBy(node => node.Layer).Where(calls => calls.Count() > 1).Select(calls => new Fault(
            "HYB5004",
            $"Flipout: {(calls.First().Operation == "Of" ? "network" : calls.First().Operation)} '{graph.Layers[calls.Key].Key}' is "
                + $"shared by {calls.Count()} calls, each of which would draw other weights and signs. Give each call a layer of its own, "
                + "or leave Flipout out of [Derive].",
            calls.ElementAt(1).Origin));
    }

    private protected override void WriteMembers(CSharpText text, Graph graph, TypeHeader type)
    {
        var tree = new FlipoutTree(graph, type.Name);
        text.Summary(
            $"{type.Name} with drawn weights: {ProgramFile.Mapping(graph)}.",
            "Each weight of a drawn layer has the posterior N(μ, softplus(ρ)²) and the prior N(0, 1); μ is found under the network's own "
                + "checkpoint key, ρ under the key followed by _rho. forward draws, in training and in evaluation alike, for each example "
                + "by signs of its own: op(x, μ) + r ⊙ op(s ⊙ x, σ ε). Wen et al. 2018, eq. 4.");
        text.Block($"public sealed partial class Flipout : {ProgramFile.ModuleType(graph)}", () =>
        {
            tree.WriteFields(text);
            SpecParameters.WriteFields(text, graph);
            text.Line();
            Constructors(text, graph, type, tree);
            text.Line();
            Forward(text, graph, type, tree);
            text.Line();
            Divergence(text, tree);
            text.Line();
            Prediction(text, graph, type);
            text.Line();
            Modules(text, graph, type, tree);
            Helpers(text, tree);
            SupportMethods.Write(text, graph, Hybrid.Variant.Flipout);
            SupportMethods.Write(text, graph, Hybrid.Variant.Functional);
            tree.WriteClasses(text);
        });
    }

    private static void Constructors(CSharpText text, Graph graph, TypeHeader type, FlipoutTree tree)
    {
        var kinds = tree.Drawn.Select(drawn => tree.KindOf(drawn.Layer))
            .Distinct()
            .Select(kind => $"global::Hybrid.FlipoutLayers.{kind}")
            .Concat(tree.Inner.Select(inner => inner.Type + ".Kinds"));
        text.Summary("The kinds of layers that the network has.");
        text.Line($"public static global::Hybrid.FlipoutLayers Kinds {{ get; }} = {string.Join(" | ", kinds)};");
        text.Line();
        const string choices = "double initialSigma = 0.05, global::Hybrid.FlipoutLayers layers = global::Hybrid.FlipoutLayers.All";
        var parameters = SpecParameters.Declared(graph);
        var sizes = SpecParameters.Passed(graph);
        text.Summary($"Means as a new {type.Name} draws its weights.");
        Choices();
        text.Line($"public Flipout({parameters}{choices}, torch.Device? device = null, torch.ScalarType? dtype = null)");
        text.Indented(() => text.Line($": this(new {type.Name}({sizes}device, dtype), initialSigma, layers, isOwner: true)"));
        text.Line("{").Line("}").Line();
        text.Summary("A trained network as means: its weights are copied, the network stays as it is.");
        Choices();
        text.Line($"public static Flipout From({type.Name} module, {choices}) => new(module, initialSigma, layers, isOwner: false);");
        text.Line();
        text.Block($"private Flipout({type.Name} module, double initialSigma, global::Hybrid.FlipoutLayers layers, bool isOwner) : "
            + "base(\"Flipout\")", () =>
        {
            text.Line(
                "if (!(initialSigma > 0 && initialSigma < double.PositiveInfinity)) throw new "
                    + $"ArgumentOutOfRangeException(nameof(initialSigma), initialSigma, \"{type.Name}.Flipout: expected a standard "
                    + "deviation above 0\");");
            text.Line(
                "if (layers != global::Hybrid.FlipoutLayers.None && (layers & Kinds) == 0) throw new "
                    + $"ArgumentException($\"{type.Name}.Flipout: the network has no layer of the kinds {{layers}}; it has {{Kinds}}\", "
                    + "nameof(layers));");
            foreach (var parameter in graph.Parameters)
                text.Line($"{SpecParameters.Field(parameter.Name)} = module.{SpecParameters.Field(parameter.Name)};");
            tree.WriteConstruction(text);
            text.Line("RegisterComponents();");
            text.Line("train(module.training);");
            text.Line("if (isOwner) module.Dispose();");
        });

        void Choices()
        {
            text.Line("/// <param name=\"initialSigma\">The posterior's standard deviation at the start, of every drawn weight.</param>");
            text.Line(
                "/// <param name=\"layers\">The kinds of layers whose weights are drawn; the others are ordinary layers. None draws "
                    + "nothing.</param>");
        }
    }

    private static void Forward(CSharpText text, Graph graph, TypeHeader type, FlipoutTree tree)
    {
        var names = new Names("isDrawn");
        var locals = new Locals(graph, names, reuse: true);
        var symbols = new SizeNames(graph, locals, names, SpecParameters.Field);
        var lines = new List<(string Line, string Shape)>();
        foreach (var node in graph.Nodes)
        {
            var code = new FlipoutCode(
                graph, node, value => locals[value], name => tree.PathOf(node.Layer, name), symbols.Size, "training");
            var rule = RuleTable.Get(node.Operation);
            var expression = PerturbedLayer.Of(graph, node) is { } layer && rule.Flipout(code) is { } written
                ? $"Draw(isDrawn, {tree.PathOf(node.Layer)}, {locals[node.Inputs[0]]}, {layer.Axis}, (input, weight, bias) => "
                    + $"{written.Apply("input", "weight", "bias")})"
                : InnerNetwork.Of(graph, node.Layer) is not null ? $"{code.Inner}.Forward(isDrawn, {string.Join(", ", code.Inputs)})"
                : rule.Functional(code);
            lines.Add(Steps.Assign(graph, locals, node, expression, tree.PathOf));
            if (rule.Upkeep(code) is { } upkeep) lines.Add((upkeep, ""));
        }
        text.Summary("Whether forward draws weights (true) or computes with their means.");
        text.Line("public bool IsDrawn { get; set; } = true;");
        text.Line();
        text.Summary(ProgramFile.Mapping(graph) + ", by drawn weights unless IsDrawn is false.");
        text.Line(ProgramFile.InheritedParameters(graph, type));
        text.Line(
            $"public override {ProgramFile.ResultType(graph)} forward({ProgramFile.Inputs(graph, locals)}) => Forward(IsDrawn, "
                + $"{string.Join(", ", graph.Inputs.Select(input => locals[input.Id]))});");
        text.Line();
        text.Summary(ProgramFile.Mapping(graph) + ", by drawn weights or by their means, whatever IsDrawn says.");
        text.Block($"public {ProgramFile.ResultType(graph)} Forward(bool isDrawn, {ProgramFile.Inputs(graph, locals)})", () =>
        {
            text.Line("using var scope = torch.NewDisposeScope();");
            text.Line(new InputChecks(graph).Call("Flipout.forward", locals, symbols.Used, SpecParameters.Field, tree.PathOf));
            text.Lines(lines);
            text.Line(Steps.Return(graph, locals));
        });
    }

    private static void Divergence(CSharpText text, FlipoutTree tree)
    {
        text.Summary(
            "KL(posterior ‖ prior) = Σ ½ (σ² + μ² − 1 − ln σ²) over all drawn weights, divided by the number of training examples: what "
                + "is added to a loss that is a mean over examples. A scalar through which gradients flow.");
        text.Line("/// <param name=\"examples\">How many training examples there are.</param>");
        text.Block("public Tensor Kl(double examples = 1)", () =>
        {
            text.Line(
                "if (!(examples > 0)) throw new ArgumentOutOfRangeException(nameof(examples), examples, \"Kl: expected a number of "
                    + "training examples above 0\");");
            text.Line("using var scope = torch.NewDisposeScope();");
            text.Line("var parts = new List<Tensor>();");
            if (tree.Drawn.Any())
            {
                text.Block($"foreach (var layer in new[] {{ {string.Join(", ", tree.Drawn.Select(drawn => drawn.Path))} }})", () =>
                {
                    text.Line("if (layer.weight_rho is not null) parts.Add(Divergence(layer.weight, layer.weight_rho));");
                    text.Line("if (layer.bias_rho is not null) parts.Add(Divergence(layer.bias!, layer.bias_rho));");
                });
            }
            foreach (var inner in tree.Inner) text.Line($"parts.Add({inner.Path}.Kl());");
            var like = tree.Drawn.Select(drawn => drawn.Path + ".weight").FirstOrDefault()
                ?? "global::System.Linq.Enumerable.First(parameters())";
            text.Line(
                $"if (parts.Count == 0) return torch.zeros(new long[0], dtype: {like}.dtype, device: "
                    + $"{like}.device).MoveToOuterDisposeScope();");
            text.Line("return (torch.stack(parts).sum() / examples).MoveToOuterDisposeScope();");
        });
        if (!tree.Drawn.Any()) return;
        text.Line();
        text.Block("private static Tensor Divergence(Tensor mean, Tensor rho)", () =>
        {
            text.Line("var sigma = functional.softplus(rho);");
            text.Line("return ((sigma.square() + mean.square() - 1) / 2 - sigma.log()).sum();");
        });
    }

    private static void Prediction(CSharpText text, Graph graph, TypeHeader type)
    {
        var names = new Names("draws");
        var locals = new Locals(graph, names, reuse: true);
        var inputs = string.Join(", ", graph.Inputs.Select(input => locals[input.Id]));
        var count = graph.Outputs.Count;
        string Name(int i)
            => i < graph.OutputNames.Count && graph.OutputNames[i].Length > 0 ? " " + Names.Escaped(graph.OutputNames[i]) : "";
        var result = count == 1
            ? "(Tensor mean, Tensor std)"
            : "(" + string.Join(", ", Enumerable.Range(0, count).Select(i => "(Tensor mean, Tensor std)" + Name(i))) + ")";
        text.Summary(
            "Monte-Carlo prediction: mean and standard deviation (over draws − 1) of what networks drawn one after another say, without "
                + "gradients. Dropout and batch statistics are those of the mode the module is in: call eval() before.");
        text.Line(ProgramFile.InheritedParameters(graph, type));
        text.Line("/// <param name=\"draws\">How many, at least 2.</param>");
        text.Block($"public {result} Predict({ProgramFile.Inputs(graph, locals)}, int draws)", () =>
        {
            text.Line(
                "if (draws < 2) throw new ArgumentOutOfRangeException(nameof(draws), draws, \"Predict: expected at least 2 draws\");");
            text.Line("using var still = torch.no_grad();");
            text.Line("using var scope = torch.NewDisposeScope();");
            text.Line($"var results = new {ProgramFile.ResultType(graph)}[draws];");
            text.Line($"for (var draw = 0; draw < draws; draw++) results[draw] = Forward(true, {inputs});");
            var spreads = Enumerable.Range(1, count).Select(i => $"Spread(Array.ConvertAll(results, result => result.Item{i}))");
            text.Line(count == 1 ? "return Spread(results);" : $"return ({string.Join(", ", spreads)});");
        });
        text.Line();
        text.Block("private static (Tensor mean, Tensor std) Spread(Tensor[] draws)", () =>
        {
            text.Line("var all = torch.stack(draws);");
            text.Line("return (all.mean(new long[] { 0 }).MoveToOuterDisposeScope(), all.std(0L).MoveToOuterDisposeScope());");
        });
    }

    private static void Modules(CSharpText text, Graph graph, TypeHeader type, FlipoutTree tree)
    {
        var tensors = tree.Tensors.ToList();
        var drawn = tree.Drawn.SelectMany(
            entry => graph.Layers[entry.Layer].Weights.Select(weight => $"{entry.Path}.{weight.Name}")).ToList();
        text.Summary("The network of the posterior's means, as a module of its own.");
        text.Line($"public {type.Name} Mean() => Network(isDrawn: false);");
        text.Line();
        text.Summary("A network drawn from the posterior, as a module of its own.");
        text.Line($"public {type.Name} Sample() => Network(isDrawn: true);");
        text.Line();
        text.Block($"private {type.Name} Network(bool isDrawn)", () =>
        {
            tree.WriteEmpty(text, "network", SpecParameters.Kept(graph));
            text.Line("CopyTo(network, isDrawn);");
            text.Line("network.train(training);");
            text.Line("return network;");
        });
        text.Line();
        text.Summary("Writes drawn weights, or their means, and the buffers into a network.");
        text.Block($"public void CopyTo({type.Name} network, bool isDrawn)", () =>
        {
            text.Line("using var still = torch.no_grad();");
            text.Line("using var scope = torch.NewDisposeScope();");
            foreach (var (path, single, _) in tensors)
                text.Line(
                    drawn.Contains(path)
                        ? $"network.{single}.copy_(Value(isDrawn, {path}!, {path}_rho));"
                        : $"network.{single}.copy_({path});");
            foreach (var inner in tree.Inner) text.Line($"{inner.Path}.CopyTo(network.{inner.Single}, isDrawn);");
        });
        if (drawn.Count == 0) return;
        text.Line();
        text.Line(
            "private static Tensor Value(bool isDrawn, Tensor mean, Tensor? rho) => isDrawn && rho is not null ? mean + Deviation(rho) : "
                + "mean;");
    }

    private static void Helpers(CSharpText text, FlipoutTree tree)
    {
        if (tree.Drawn.Any()) Drawing(text, tree);
        if (!tree.Tensors.Any()) return;
        text.Line();
        text.Block("private static Tensor Copy(Tensor tensor)", () =>
        {
            text.Line("using var still = torch.no_grad();");
            text.Line("return tensor.clone().DetachFromDisposeScope();");
        });
    }

    private static void Drawing(CSharpText text, FlipoutTree tree)
    {
        text.Line();
        text.Summary("An operation that is linear in its weights, for each example with signs of its own: op(x, μ) + r ⊙ op(s ⊙ x, σ ε).");
        text.Line("/// <param name=\"axis\">Where x and the result have features or channels.</param>");
        text.Block($"private static Tensor Draw(bool isDrawn, {tree.Posterior} layer, Tensor x, int axis, Func<Tensor, Tensor, Tensor?, "
            + "Tensor> operation)", () =>
        {
            text.Line("var mean = operation(x, layer.weight, layer.bias);");
            text.Line("if (!isDrawn || layer.weight_rho is null) return mean;");
            text.Line(
                "var noise = operation(x * Signs(x, axis), Deviation(layer.weight_rho), layer.bias_rho is null ? null : "
                    + "Deviation(layer.bias_rho));");
            text.Line("return mean + noise * Signs(noise, axis);");
        });
        text.Line();
        text.Summary("−1 or 1 with equal chances, for each example (axis 0) and each place on an axis.");
        text.Block("private static Tensor Signs(Tensor x, int axis)", () =>
        {
            text.Line("var sizes = x.shape;");
            text.Line("var features = axis < 0 ? sizes.Length + axis : axis;");
            text.Line("for (var i = 1; i < sizes.Length; i++) if (i != features) sizes[i] = 1;");
            text.Line("return torch.randint(0L, 2L, sizes, dtype: x.dtype, device: x.device).mul_(2).sub_(1);");
        });
        text.Line();
        text.Summary("σ ε with σ = softplus(ρ) and ε ~ N(0, 1).");
        text.Line("private static Tensor Deviation(Tensor rho) => functional.softplus(rho) * torch.randn_like(rho);");
    }
}

/// <summary>One node of a Flipout network: nothing may be overwritten, since a drawn layer's result is a sum that autograd needs.</summary>
internal sealed class FlipoutCode(
    Graph graph,
    Node node,
    System.Func<int, string> value,
    System.Func<string, string> weight,
    System.Func<Algebra.Dim, string> size,
    string training)
    : NodeCode(graph, node, value, weight, size, training)
{
    public override bool MayOverwrite(string parameter = "x") => false;
}
