using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>A [Param] that chooses among networks.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its C# type.</param>
/// <param name="Default">The value that the class itself stands for, as C# writes it.</param>
/// <param name="Values">All its values, in order.</param>
public sealed record ChoiceParameter(string Name, string Type, string Default, EquatableArray<string> Values);

/// <summary>The network of one choice, a class inside that of the defaults.</summary>
/// <param name="Name">Its class.</param>
/// <param name="Description">What differs from the defaults: <c>depth is 3</c>.</param>
/// <param name="Values">The value of each parameter, as C# writes it.</param>
public sealed record ChosenNetwork(string Name, string Description, EquatableArray<string> Values);

/// <summary>
/// Of a network with choices: the classes of those that are not the defaults, and <c>Of</c>, which makes the network of any.
/// </summary>
public static class ChoicesProgram
{
    /// <summary>The file.</summary>
    /// <param name="graph">The network of the defaults.</param>
    /// <param name="type">Its class.</param>
    /// <param name="choices">What is chosen.</param>
    /// <param name="others">The networks besides that of the defaults.</param>
    public static string Write(
        Graph graph, TypeHeader type, IReadOnlyList<ChoiceParameter> choices, IReadOnlyList<ChosenNetwork> others)
        => ProgramFile.Write(type, text => Members(text, graph, type, choices, others), $"partial class {type.Name}");

    private static void Members(
        CSharpText text, Graph graph, TypeHeader type, IReadOnlyList<ChoiceParameter> choices, IReadOnlyList<ChosenNetwork> others)
    {
        text.Summary(
            $"The network of any choice of {string.Join(", ", choices.Select(choice => choice.Name))}: {ProgramFile.Mapping(graph)}.");
        text.Line(ProgramFile.InheritedParameters(graph, type));
        text.Line("/// <exception cref=\"ArgumentOutOfRangeException\">There is no such choice.</exception>");
        var chosen = string.Concat(choices.Select(choice => $"{choice.Type} {Names.Identifier(choice.Name)} = {choice.Default}, "));
        var passed = SpecParameters.Passed(graph);
        text.Line(
            $"public static {ProgramFile.ModuleType(graph)} Of({chosen}{SpecParameters.Declared(graph)}torch.Device? device = null, "
                + "torch.ScalarType? dtype = null)");
        text.Indented(() => text.Block($"=> {Tuple(choices.Select(choice => Names.Identifier(choice.Name)))} switch", () =>
        {
            text.Line($"{Tuple(choices.Select(choice => choice.Default))} => new {type.Name}({passed}device, dtype),");
            foreach (var other in others) text.Line($"{Tuple(other.Values)} => new {other.Name}({passed}device, dtype),");
            // C# sees that bools have no other values.
            if (choices.All(choice => choice.Type == "bool")) return;
            var got = string.Join(", ", choices.Select(choice => $"{choice.Name} {{{Names.Identifier(choice.Name)}}}"));
            text.Line(
                $"_ => throw new ArgumentOutOfRangeException(null, $\"{type.Name}.Of: expected {Expected(choices)}, got {got}.\"),");
        }, "};"));
        foreach (var other in others)
        {
            text.Line();
            text.Summary($"{type.Name} where {other.Description}.");
            var values = choices.Zip(other.Values, (choice, value) => $"{CSharpText.Literal(choice.Name)}, {value}");
            text.Line($"[global::Hybrid.NetworkChoices({string.Join(", ", values)})]");
            text.Line($"public sealed partial class {other.Name};");
        }
    }

    private static string Expected(IReadOnlyList<ChoiceParameter> choices) => string.Join(", ", choices.Select(choice =>
    {
        var values = choice.Values.Select(value => value.Split('.').Last()).ToList();
        return choice.Type == "int"
            ? $"{choice.Name} from {values[0]} to {values[values.Count - 1]}"
            : $"{choice.Name} among {string.Join(", ", values)}";
    }));

    private static string Tuple(IEnumerable<string> parts)
        => parts.ToList() is { Count: 1 } only ? only[0] : $"({string.Join(", ", parts)})";
}
