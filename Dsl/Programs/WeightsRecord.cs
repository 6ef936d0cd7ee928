using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>Writes the <c>Weights</c> record of a network: its tensors by name, and what is done with all of them at once.</summary>
internal static class WeightsRecord
{
    public static void Write(CSharpText text, Graph graph, TypeHeader type)
    {
        var tree = new LayerTree(graph);
        var weights = new WeightNames(graph);
        var parameters = weights.With(WeightRole.Parameter).ToList();
        var buffers = weights.With(WeightRole.Buffer).ToList();
        text.Summary($"The tensors of {type.Name} by name. Parameters are what training moves; buffers are kept beside them.");
        text.Block("public sealed record Weights", () =>
        {
            foreach (var parameter in graph.Parameters)
            {
                text.Summary($"[Param] {parameter.Name}");
                text.Line($"public required long {weights.SizeProperty(parameter.Name)} {{ get; init; }}");
                text.Line();
            }
            foreach (var (_, weight, property, key) in weights.All)
            {
                text.Summary($"{key} {ProgramFile.Round(weight.Shape)}");
                text.Line($"public required Tensor {property} {{ get; init; }}");
                text.Line();
            }
            Lists(text, parameters, buffers);
            Whole(text, parameters);
            Module(text, graph, type, tree, weights);
        });
    }

    private static void Lists(CSharpText text, List<(int, Weight, string Property, string Key)> parameters, List<(int, Weight, string Property, string Key)> buffers)
    {
        foreach (var (what, entries) in new[] { ("Parameter", parameters), ("Buffer", buffers) })
        {
            text.Summary($"Checkpoint keys of {what}s, in its order.");
            text.Line($"public static IReadOnlyList<string> {what}Names {{ get; }} = new string[] {{ {string.Join(", ", entries.Select(entry => CSharpText.Literal(entry.Key)))} }};");
            text.Line();
            text.Line($"public IReadOnlyList<Tensor> {what}s => new Tensor[] {{ {string.Join(", ", entries.Select(entry => entry.Property))} }};");
            text.Line();
        }
    }

    private static void Whole(CSharpText text, List<(int, Weight, string Property, string Key)> parameters)
    {
        var count = parameters.Count;
        text.Summary("The same buffers with other parameters, in the order of ParameterNames.");
        text.Block("public Weights WithParameters(IReadOnlyList<Tensor> parameters)", () =>
        {
            text.Line($"if (parameters.Count != {count}) throw new ArgumentException($\"expected {count} parameters, got {{parameters.Count}}\", nameof(parameters));");
            if (count == 0) text.Line("return this;");
            else text.Line($"return this with {{ {string.Join(", ", parameters.Select((entry, i) => $"{entry.Property} = parameters[{i}]"))} }};");
        });
        text.Line();
        text.Summary("Applies a function to each parameter; buffers are shared.");
        text.Line("public Weights Map(Func<Tensor, Tensor> function)");
        text.Indented(() => text.Line(count == 0 ? "=> this;" : $"=> this with {{ {string.Join(", ", parameters.Select(entry => $"{entry.Property} = function({entry.Property})"))} }};"));
        text.Line();
        text.Summary("Applies a function to each parameter and its partner, such as its gradient; buffers are shared.");
        text.Block("public Weights Zip(IReadOnlyList<Tensor> partners, Func<Tensor, Tensor, Tensor> function)", () =>
        {
            text.Line($"if (partners.Count != {count}) throw new ArgumentException($\"expected {count} partners, one for each parameter, got {{partners.Count}}\", nameof(partners));");
            if (count == 0) text.Line("return this;");
            else text.Line($"return this with {{ {string.Join(", ", parameters.Select((entry, i) => $"{entry.Property} = function({entry.Property}, partners[{i}])"))} }};");
        });
        text.Line();
        text.Summary("Applies a function to each parameter and its partner in other weights; buffers are shared.");
        text.Line("public Weights Zip(Weights other, Func<Tensor, Tensor, Tensor> function) => Zip(other.Parameters, function);");
        text.Line();
        text.Summary("All parameters in one vector, in the order of ParameterNames.");
        text.Block("public Tensor ToVector()", () =>
        {
            if (count == 0)
            {
                text.Line("return torch.empty(0L);");
                return;
            }
            text.Line("using var scope = torch.NewDisposeScope();");
            text.Line($"return torch.cat(new[] {{ {string.Join(", ", parameters.Select(entry => $"{entry.Property}.reshape(-1)"))} }}).MoveToOuterDisposeScope();");
        });
        text.Line();
        text.Summary("The parameters as views of one vector that holds them in the order of ParameterNames.");
        text.Block("public Weights FromVector(Tensor vector)", () =>
        {
            if (count == 0)
            {
                text.Line("return this;");
                return;
            }
            text.Line("long taken = 0;");
            text.Line($"var weights = Map(parameter => {{ var view = vector.narrow(0, taken, parameter.numel()).view(parameter.shape); taken += parameter.numel(); return view; }});");
            text.Line("if (taken != vector.numel()) throw new ArgumentException($\"expected a vector of {taken} numbers, got {vector.numel()}\", nameof(vector));");
            text.Line("return weights;");
        });
        text.Line();
    }

    private static void Module(CSharpText text, Graph graph, TypeHeader type, LayerTree tree, WeightNames weights)
    {
        text.Summary("Copies of all tensors, cut from any gradient; parameters require gradients.");
        text.Line("public Weights Copy()");
        var copies = weights.All.Select(entry => $"{entry.Property} = {entry.Property}.detach().clone(){(entry.Weight.Role == WeightRole.Parameter ? ".requires_grad_(true)" : "")}").ToList();
        text.Indented(() => text.Line(copies.Count == 0 ? "=> this;" : $"=> this with {{ {string.Join(", ", copies)} }};"));
        text.Line();
        text.Summary("The tensors of a module themselves, not copies.");
        text.Block($"public static Weights Of({type.Name} module) => new()", () =>
        {
            foreach (var parameter in graph.Parameters) text.Line($"{weights.SizeProperty(parameter.Name)} = module._{Names.Identifier(parameter.Name)},");
            foreach (var (layer, weight, property, _) in weights.All) text.Line($"{property} = module.{tree.PathOf(layer, weight.Name)},");
        }, "};");
        text.Line();
        text.Summary("Writes the numbers into a module.");
        text.Block($"public void CopyTo({type.Name} module)", () =>
        {
            text.Line("using var still = torch.no_grad();");
            text.Line("using var scope = torch.NewDisposeScope();");
            foreach (var (layer, weight, property, _) in weights.All) text.Line($"module.{tree.PathOf(layer, weight.Name)}.copy_({property});");
        });
        text.Line();
        text.Line($"public override string ToString() => \"{type.Name}.Weights of {weights.All.Count} tensors\";");
    }
}
