using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>
/// The [Param]s of a network in generated code: parameters of constructors, and fields that keep them. Each list ends with a comma.
/// </summary>
internal static class SpecParameters
{
    /// <summary><c>long width = 64, double dropout = 0.1, </c></summary>
    public static string Declared(Graph graph) => Listed(graph, Declared);

    /// <summary><c>double dropout = 0.1</c></summary>
    public static string Declared(SpecParameter parameter)
        => $"{parameter.Type} {Names.Identifier(parameter.Name)}{(parameter.DefaultText is { } value ? $" = {value}" : "")}";

    /// <summary>The same without defaults.</summary>
    public static string Required(Graph graph) => Listed(graph, parameter => $"{parameter.Type} {Names.Identifier(parameter.Name)}");

    /// <summary>As arguments, where they are parameters.</summary>
    public static string Passed(Graph graph) => Listed(graph, parameter => Names.Identifier(parameter.Name));

    /// <summary>As arguments, where they are fields.</summary>
    public static string Kept(Graph graph) => Listed(graph, parameter => Field(parameter.Name));

    /// <summary>The names of a function that takes them: none of its locals is called like one.</summary>
    public static Names Reserved(Graph graph, params string[] more)
        => new([.. more, .. graph.Parameters.Select(parameter => Names.Identifier(parameter.Name))]);

    /// <summary>The field of a [Param].</summary>
    public static string Field(string parameter) => "_" + Names.Identifier(parameter);

    public static void WriteFields(CSharpText text, Graph graph)
    {
        foreach (var parameter in graph.Parameters) text.Line($"private readonly {parameter.Type} {Field(parameter.Name)};");
    }

    /// <summary>Refuses what a [Param] may not be, in a constructor or at the start of a function.</summary>
    /// <param name="text">Where it is written.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="size">How the program calls a size.</param>
    public static void WriteChecks(CSharpText text, Graph graph, System.Func<Algebra.Dim, string> size)
    {
        foreach (var parameter in graph.Sizes)
        {
            var name = Names.Identifier(parameter.Name);
            text.Line(
                $"if ({name} < 1) throw new ArgumentOutOfRangeException(nameof({name}), {name}, \"{graph.ClassName}: {name} must be at "
                    + "least 1\");");
        }
        foreach (var range in graph.Ranges)
        {
            var value = range.Of.CSharp(size);
            text.Line($"if (!({range.Condition.Replace("{0}", value)}))");
            text.Indented(() => text.Line(
                $"throw new ArgumentException(FormattableString.Invariant("
                    + $"$\"{graph.ClassName}: {range.Text}, {range.Of} is {{{value}}}.\"));"));
        }
    }

    private static string Listed(Graph graph, System.Func<SpecParameter, string> write)
        => string.Concat(graph.Parameters.Select(parameter => write(parameter) + ", "));
}
