using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>
/// A program that <c>[Derive]</c> asks for: further members of the class, in a file of their own that carries the variant's mark.
/// </summary>
public abstract class DerivedProgram : ProgramWriter
{
    private readonly Variant _variant;

    private protected DerivedProgram(Variant variant) => _variant = variant;

    public sealed override Variant? Variant => _variant;

    public sealed override string Write(Graph graph, TypeHeader type)
        => ProgramFile.Write(type, text => WriteMembers(text, graph, type), $"partial class {type.Name}", ProgramFile.Mark(graph, Variant));

    private protected abstract void WriteMembers(CSharpText text, Graph graph, TypeHeader type);
}
