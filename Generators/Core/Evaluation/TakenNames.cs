using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Generators.Model;
using Hybrid.Generators.Reading;
using Hybrid.Graphs;
using Hybrid.Programs;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Generators.Evaluation;

/// <summary>
/// HYB4014: members of the class that have the name of a generated one. Which names those are depends on the network, so its programs are
/// written and their members compared, where there is something to compare: most classes have a spec, blocks and numbers, and no more.
/// </summary>
internal static class TakenNames
{
    /// <summary>The first member whose name is taken; null when there is none.</summary>
    public static Fault? Find(SpecModel model, Graph graph, Sites sites)
    {
        var candidates = model.Members.Where(member => MayCollide(member, graph)).ToList();
        var isName = Fixed.Contains(model.Name) || model.Name.Length == 0;
        if (candidates.Count == 0 && !isName) return null;
        foreach (var (name, signature) in Generated(model, graph))
        {
            if (name == model.Name)
            {
                return new Fault(
                    "HYB4014",
                    $"'{model.Name}' would get a member '{name}', which C# does not let have the name of its class. Rename the class.",
                    sites.At(model.Id));
            }
            // Methods of one name live side by side as long as their parameters differ.
            if (candidates.Find(m => m.Name == name && (m.Signature is null || signature is null || m.Signature == signature)) is { } taken)
            {
                return new Fault(
                    "HYB4014",
                    $"'{model.Name}' has a member '{name}', and one of this name is generated for it. Rename it.",
                    sites.At(taken.Id));
            }
        }
        return null;
    }

    /// <summary>
    /// A name that could be a generated one. The spec and its blocks take and give Syms, which no generated method does: as overloads they
    /// are in the way of none, unless a type or a property has their name.
    /// </summary>
    private static bool MayCollide(MemberModel member, Graph graph)
        => (member.Signature is null || !member.Signature.StartsWith(nameof(Sym), StringComparison.Ordinal) || Fixed.Contains(member.Name))
            && (!member.IsConst
                || member.Name.StartsWith("_", StringComparison.Ordinal)
                || member.Name.EndsWith("Layers", StringComparison.Ordinal)
                || member.Name.StartsWith(graph.Method, StringComparison.Ordinal)
                || Fixed.Contains(member.Name));

    /// <summary>Types and properties that programs add whatever the network is.</summary>
    private static readonly HashSet<string> Fixed = new(StringComparer.Ordinal)
    {
        "Weights", "Ensemble", "Flipout", "ModelCard", "forward", "CheckInputs", "CheckTangent", "CheckMembers", "Unexpected",
        "Forward", "Value",
    };

    private static IEnumerable<(string Name, string? Signature)> Generated(SpecModel model, Graph graph)
    {
        var header = new TypeHeader("", EquatableArray<string>.Empty, model.Name);
        var texts = ProgramWriter.For(graph.Kind, ProgramStage.Derived(model.Attributes))
            .Where(writer => !writer.Check(graph).Any(fault => fault.Severity == FaultSeverity.Error))
            .Select(writer => writer.Write(graph, header));
        if (SpecChoices.Others(model) is { Count: > 0 } others)
        {
            texts = texts.Append(ChoicesProgram.Write(
                graph, header, SpecChoices.Parameters(model), [.. others.Select(other => SpecChoices.Chosen(model, other))]));
        }
        foreach (var text in texts)
        {
            var root = CSharpSyntaxTree.ParseText(text).GetRoot();
            foreach (var member in root.ChildNodes().OfType<ClassDeclarationSyntax>().SelectMany(type => type.Members))
            {
                switch (member)
                {
                    case MethodDeclarationSyntax method:
                        yield return (
                            method.Identifier.ValueText,
                            string.Join(
                                ",", method.ParameterList.Parameters.Select(parameter => ClassReader.Simple(parameter.Type!.ToString()))));
                        break;
                    case PropertyDeclarationSyntax property:
                        yield return (property.Identifier.ValueText, null);
                        break;
                    case BaseTypeDeclarationSyntax inner:
                        yield return (inner.Identifier.ValueText, null);
                        break;
                    case FieldDeclarationSyntax field:
                        foreach (var variable in field.Declaration.Variables) yield return (variable.Identifier.ValueText, null);
                        break;
                }
            }
        }
    }
}
