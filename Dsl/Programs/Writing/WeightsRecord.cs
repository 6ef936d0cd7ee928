using System;
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
        text.Summary($"The tensors of {type.Name} by name. Parameters are what training moves; buffers are kept beside them.");
        text.Block("public sealed record Weights", () =>
        {
            foreach (var parameter in graph.Parameters)
            {
                text.Summary($"[Param] {parameter.Name}");
                text.Line($"public required {parameter.Type} {weights.SizeProperty(parameter.Name)} {{ get; init; }}");
                text.Line();
            }
            foreach (var entry in weights.All)
            {
                text.Summary(
                    entry.Weight is { } weight ? $"{entry.Key} {ProgramFile.Round(weight.Shape)}" : $"The tensors below {entry.Key}.");
                text.Line($"public required {entry.Inner ?? "Tensor"} {entry.Property} {{ get; init; }}");
                text.Line();
            }
            Lists(text, weights, WeightRole.Parameter);
            Lists(text, weights, WeightRole.Buffer);
            Whole(text, weights.With(WeightRole.Parameter).ToList());
            Module(text, graph, type, tree, weights);
        });
    }

    private static void Lists(CSharpText text, WeightNames weights, WeightRole role)
    {
        var entries = weights.With(role).ToList();
        var isNested = entries.Any(entry => entry.Inner is not null);
        string Names(WeightEntry entry) => entry.Inner is null ? CSharpText.Literal(entry.Key)
            : $".. global::System.Linq.Enumerable.Select({entry.Inner}.{role}Names, name => {CSharpText.Literal(entry.Key + ".")} + name)";
        text.Summary($"Checkpoint keys of {role}s, in its order.");
        text.Line($"public static IReadOnlyList<string> {role}Names {{ get; }} = {Array("string", entries.Select(Names), isNested)};");
        text.Line();
        var tensors = entries.Select(entry => entry.Inner is null ? entry.Property : $".. {entry.Property}.{role}s");
        text.Line($"public IReadOnlyList<Tensor> {role}s => {Array("Tensor", tensors, isNested)};");
        text.Line();
    }

    private static string Array(string type, IEnumerable<string> items, bool isNested)
        => isNested ? $"[{string.Join(", ", items)}]" : $"new {type}[] {{ {string.Join(", ", items)} }}";

    private static void Whole(CSharpText text, List<WeightEntry> parameters)
    {
        var isEmpty = parameters.Count == 0;
        string Mapped(WeightEntry entry) => entry.Inner is null ? $"function({entry.Property})" : $"{entry.Property}.Map(function)";
        text.Summary("The same buffers with other parameters, in the order of ParameterNames.");
        text.Block("public Weights WithParameters(IReadOnlyList<Tensor> parameters)", () =>
        {
            text.Line(
                "if (parameters.Count != ParameterNames.Count) throw new ArgumentException($\"expected {ParameterNames.Count} parameters, "
                    + "got {parameters.Count}\", nameof(parameters));");
            text.Line("var next = 0;");
            text.Line("return Map(_ => parameters[next++]);");
        });
        text.Line();
        text.Summary("Applies a function to each parameter, in the order of ParameterNames; buffers are shared.");
        text.Line("public Weights Map(Func<Tensor, Tensor> function)");
        text.Indented(() => text.Line(
            isEmpty
                ? "=> this;"
                : $"=> this with {{ {string.Join(", ", parameters.Select(entry => $"{entry.Property} = {Mapped(entry)}"))} }};"));
        text.Line();
        text.Summary("Applies a function to each parameter and its partner, such as its gradient; buffers are shared.");
        text.Block("public Weights Zip(IReadOnlyList<Tensor> partners, Func<Tensor, Tensor, Tensor> function)", () =>
        {
            text.Line(
                "if (partners.Count != ParameterNames.Count) throw new ArgumentException($\"expected {ParameterNames.Count} partners, one "
                    + "for each parameter, got {partners.Count}\", nameof(partners));");
            text.Line("var next = 0;");
            text.Line("return Map(parameter => function(parameter, partners[next++]));");
        });
        text.Line();
        text.Summary("Applies a function to each parameter and its partner in other weights; buffers are shared.");
        text.Line("public Weights Zip(Weights other, Func<Tensor, Tensor, Tensor> function) => Zip(other.Parameters, function);");
        text.Line();
        text.Summary("All parameters in one vector, in the order of ParameterNames.");
        text.Block("public Tensor ToVector()", () =>
        {
            text.Line("if (ParameterNames.Count == 0) return torch.empty(0L);");
            text.Line("using var scope = torch.NewDisposeScope();");
            text.Line("var parts = new List<Tensor>();");
            text.Line("foreach (var parameter in Parameters) parts.Add(parameter.reshape(-1));");
            text.Line("return torch.cat(parts).MoveToOuterDisposeScope();");
        });
        text.Line();
        text.Summary("The parameters as views of one vector that holds them in the order of ParameterNames.");
        text.Block("public Weights FromVector(Tensor vector)", () =>
        {
            text.Line("var (expected, taken) = (0L, 0L);");
            text.Line("foreach (var parameter in Parameters) expected += parameter.numel();");
            text.Line(
                "if (vector.dim() != 1 || vector.numel() != expected) throw new ArgumentException($\"expected a vector of {expected} "
                    + "numbers, got ({string.Join(\", \", vector.shape)})\", nameof(vector));");
            text.Block(
                "return Map(parameter =>",
                () =>
                {
                    text.Line("var view = vector.narrow(0, taken, parameter.numel()).view(parameter.shape);");
                    text.Line("taken += parameter.numel();");
                    text.Line("return view;");
                },
                "});");
        });
        text.Line();
    }

    private static void Module(CSharpText text, Graph graph, TypeHeader type, LayerTree tree, WeightNames weights)
    {
        string InModule(WeightEntry entry)
            => entry.Weight is { } weight ? tree.PathOf(entry.Layer, weight.Name) : tree.PathOf(entry.Layer)!;
        string Copied(WeightEntry entry) => entry.Weight is { } weight
            ? $"{entry.Property}.detach().clone(){(weight.Role == WeightRole.Parameter ? ".requires_grad_(true)" : "")}"
            : $"{entry.Property}.Copy()";
        text.Summary("Copies of all tensors, cut from any gradient; parameters require gradients.");
        text.Line("public Weights Copy()");
        text.Indented(() => text.Line(
            weights.All.Count == 0
                ? "=> this;"
                : $"=> this with {{ {string.Join(", ", weights.All.Select(entry => $"{entry.Property} = {Copied(entry)}"))} }};"));
        text.Line();
        text.Summary("The tensors of a module themselves, not copies.");
        text.Block($"public static Weights Of({type.Name} module) => new()", () =>
        {
            foreach (var parameter in graph.Parameters)
                text.Line($"{weights.SizeProperty(parameter.Name)} = module._{Names.Identifier(parameter.Name)},");
            foreach (var entry in weights.All)
            {
                text.Line(
                    $"{entry.Property} = "
                        + $"{(entry.Inner is null ? $"module.{InModule(entry)}" : $"{entry.Inner}.Of(module.{InModule(entry)})")},");
            }
        }, "};");
        text.Line();
        text.Summary("Writes the numbers into a module.");
        text.Block($"public void CopyTo({type.Name} module)", () =>
        {
            text.Line("using var still = torch.no_grad();");
            text.Line("using var scope = torch.NewDisposeScope();");
            foreach (var entry in weights.All)
            {
                text.Line(
                    entry.Inner is null
                        ? $"module.{InModule(entry)}.copy_({entry.Property});"
                        : $"{entry.Property}.CopyTo(module.{InModule(entry)});");
            }
        });
        text.Line();
        text.Line(
            $"public override string ToString() => $\"{type.Name}.Weights of {{ParameterNames.Count + BufferNames.Count}} tensors\";");
    }
}
