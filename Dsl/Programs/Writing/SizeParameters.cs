using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>
/// The [Param] sizes of a network in generated code: parameters of constructors, and fields that keep them. Each list ends with a comma.
/// </summary>
internal static class SizeParameters
{
    /// <summary><c>long width = 64, long depth, </c></summary>
    public static string Declared(Graph graph)
        => Listed(graph, parameter => $"long {Names.Identifier(parameter.Name)}{(parameter.Default is { } value ? $" = {value}" : "")}");

    /// <summary>The same without defaults.</summary>
    public static string Required(Graph graph) => Listed(graph, parameter => $"long {Names.Identifier(parameter.Name)}");

    /// <summary>As arguments, where they are parameters.</summary>
    public static string Passed(Graph graph) => Listed(graph, parameter => Names.Identifier(parameter.Name));

    /// <summary>As arguments, where they are fields.</summary>
    public static string Kept(Graph graph) => Listed(graph, parameter => Field(parameter.Name));

    /// <summary>The field of a size.</summary>
    public static string Field(string parameter) => "_" + Names.Identifier(parameter);

    public static void WriteFields(CSharpText text, Graph graph)
    {
        foreach (var parameter in graph.Parameters) text.Line($"private readonly long {Field(parameter.Name)};");
    }

    private static string Listed(Graph graph, System.Func<SizeParameter, string> write)
        => string.Concat(graph.Parameters.Select(parameter => write(parameter) + ", "));
}
