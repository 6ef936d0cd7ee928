using Hybrid.Graphs;

namespace Hybrid.Generators.Model;

/// <summary>
/// One spec as it is written: the class, its attributes, its spec method and every block and constant that this reaches,
/// wherever in the compilation they stand. Equal models give equal programs.
/// </summary>
/// <remarks>
/// <c>FileName</c> is what its programs' files are called for: no other class's, also not where upper and lower case are one.
/// </remarks>
public sealed record SpecModel(
    SpecKind Kind,
    string Namespace,
    EquatableArray<ContainingType> ContainingTypes,
    int Id,
    string Name,
    string FileName,
    EquatableArray<AttributeModel> Attributes,
    MethodModel? Spec,
    EquatableArray<int> OtherSpecs,
    EquatableArray<MethodModel> Blocks,
    EquatableArray<NamedConstant> Sizes)
{
    /// <summary>What of the class stands in the way of generated code (HYB4014).</summary>
    public EquatableArray<ClassProblem> Problems { get; init; }

    /// <summary>The members that people wrote.</summary>
    public EquatableArray<MemberModel> Members { get; init; }

    /// <summary>Namespace, containing types and name, joined by dots: unique in the compilation.</summary>
    public string FullName
    {
        get
        {
            var name = Namespace.Length == 0 ? "" : Namespace + ".";
            foreach (var type in ContainingTypes) name += type.Name + ".";
            return name + Name;
        }
    }
}

/// <summary>What the transform gives: a model, or why reading it failed; neither where another part of the class is read.</summary>
/// <param name="Name">The spec's full name.</param>
/// <param name="Model">What was read.</param>
/// <param name="Failure">Why nothing could be read.</param>
/// <param name="Place">Where the class's name stands, for HYB9001.</param>
public sealed record ReadSpec(string Name, SpecModel? Model, string? Failure, ClassPlace Place);

/// <summary>
/// Where a class's name stands in its file. Not part of what a spec is: moving a spec gives an equal model, and nothing is written again. A
/// failure that is kept from before such a move is shown where the class stood then.
/// </summary>
public sealed record ClassPlace(string Path, int Start, int Length, int Line, int Column)
{
    public bool Equals(ClassPlace? other) => other is not null;

    public override int GetHashCode() => 0;
}

public enum SpecKind
{
    Network,
    Loss,
}

/// <summary>Why nothing can be generated for a class, and where that shows.</summary>
public sealed record ClassProblem(int Id, string Text);

/// <summary>A member of the class.</summary>
/// <param name="Id">Its place.</param>
/// <param name="Name">Its name.</param>
/// <param name="Signature">The types of a method's parameters, joined by commas; null for any other member.</param>
/// <param name="IsConst">Whether it is a constant.</param>
public sealed record MemberModel(int Id, string Name, string? Signature, bool IsConst);

/// <summary>A partial type around the spec's class: <c>public static partial class Zoo</c>.</summary>
public sealed record ContainingType(string Keyword, string Name);

/// <summary>An attribute: its name without namespace and suffix, and its arguments as written.</summary>
public sealed record AttributeModel(int Id, string Name, EquatableArray<ArgumentModel> Arguments);

/// <summary>A <c>[Spec]</c> or <c>[Block]</c> method.</summary>
public sealed record MethodModel(
    int Id,
    string Key,
    string Name,
    EquatableArray<string> ReturnNames,
    EquatableArray<AttributeModel> Attributes,
    EquatableArray<AttributeModel> ReturnAttributes,
    EquatableArray<ParameterModel> Parameters,
    EquatableArray<Statement> Body,
    EquatableArray<NamedConstant> Sizes)
{
    /// <summary>Why its signature is none of a spec or block; null when it is one.</summary>
    public string? Problem { get; init; }
}

/// <summary>A parameter; <paramref name="Type"/> is its type as written.</summary>
public sealed record ParameterModel(
    int Id, string Name, string Type, Expression? Default, EquatableArray<AttributeModel> Attributes)
{
    /// <summary>The enum that it is of; null for another type.</summary>
    public EnumModel? Enum { get; init; }
}

/// <summary>An enum of the project.</summary>
/// <param name="FullName">With <c>global::</c>.</param>
/// <param name="Members">Its members with their values.</param>
public sealed record EnumModel(string FullName, EquatableArray<NamedConstant> Members);

/// <summary>A <c>const</c> that a shape string names.</summary>
public sealed record NamedConstant(string Name, Constant Value);

/// <summary>Another network, by the attributes of its class: its own body is not part of the model.</summary>
public sealed record NetworkReference(
    string FullName,
    string? Contract,
    EquatableArray<AttributeModel> Attributes,
    MethodModel? Spec,
    EquatableArray<NamedConstant> Sizes)
{
    /// <summary>The networks by which it contains the one that is read, <c>Decoder → Encoder</c>; null where it does not.</summary>
    public string? Back { get; init; }
}
