using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid.Programs;

/// <summary>A static method that the code of an operation calls: what takes several statements, or a loop.</summary>
/// <param name="Program">The program whose file holds it: null for the module's, which every network has.</param>
/// <param name="Text">The method with its documentation, lines divided by <c>\n</c>, unindented.</param>
public sealed record SupportMethod(Variant? Program, string Text);

/// <summary>Writes the methods that the operations of a graph need, each once, in the order of the spec.</summary>
internal static class SupportMethods
{
    public static void Write(CSharpText text, Graph graph, Variant? program)
    {
        var written = new HashSet<string>();
        foreach (var node in graph.Nodes)
        {
            var code = new NodeCode(graph, node, _ => "", _ => "", dim => dim.ToString(), "training");
            var methods = RuleTable.Get(node.Operation).Support(code);
            foreach (var method in methods.Where(method => method.Program == program && written.Add(method.Text)))
            {
                text.Line();
                foreach (var line in method.Text.TrimEnd('\n').Split('\n')) text.Line(line.TrimEnd('\r'));
            }
        }
    }
}
