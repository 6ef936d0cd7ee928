using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Hybrid.Generators.Evaluation;
using Hybrid.Generators.Model;
using Hybrid.Graphs;
using Hybrid.Programs;

namespace Hybrid.Generators;

/// <summary>One generated file.</summary>
internal sealed record GeneratedFile(string Name, string Text);

/// <summary>
/// The files of one spec: a slot for each program that the language can write, null where it does not apply.
/// </summary>
/// <param name="Files">By position in <see cref="ProgramStage.Names"/>.</param>
/// <param name="Failure">Why the generator could not finish (HYB9001), else null.</param>
internal sealed record WrittenPrograms(EquatableArray<GeneratedFile?> Files, Failure? Failure)
{
    /// <summary>Of a spec with choices: the networks of those that are not the defaults, and the method that chooses.</summary>
    public EquatableArray<GeneratedFile> Choices { get; init; } = EquatableArray<GeneratedFile>.Empty;
}

/// <summary>Why a spec's programs were not written, and where the spec is.</summary>
internal sealed record Failure(string Reason, ClassPlace Place);

/// <summary>Evaluates a spec and writes its programs: the stage after the transform, which runs only for a model that changed.</summary>
internal static class ProgramStage
{
    /// <summary>The programs by name, one output each. The last slot is the contract, or what stands in for a spec with errors.</summary>
    public static readonly IReadOnlyList<string> Names = ProgramWriter.All.Select(w => w.GetType().Name).Append("Contract").ToList();

    public static WrittenPrograms Write(ReadSpec read, CancellationToken cancellation)
    {
        if (read.Model is not { } model)
        {
            return new WrittenPrograms(
                Empty().ToEquatable(), read.Failure is null ? null : new Failure(Failed(read.Name, read.Failure), read.Place));
        }
        try
        {
            var evaluated = SpecEvaluator.Evaluate(model, cancellation);
            cancellation.ThrowIfCancellationRequested();
            return evaluated.Graph is { } graph
                ? new WrittenPrograms(Write(model, graph, Header(model), model.FileName, cancellation).ToEquatable(), null)
                {
                    Choices = Choices(model, graph, cancellation).ToEquatable(),
                }
                : new WrittenPrograms(
                    (evaluated.Faults.Any(fault => fault.Id == "HYB4014")
                        ? Empty()
                        : StandIn(model, "The spec has errors: see the diagnostics on its class.")).ToEquatable(),
                    null);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return new WrittenPrograms(
                StandIn(model, exception.Message).ToEquatable(),
                new Failure(Failed(model.Name, $"{exception.GetType().Name}: {exception.Message}"), read.Place));
        }
    }

    /// <summary>The variants that <c>[Derive]</c> asks for, in the order of the enum.</summary>
    public static IReadOnlyList<Variant> Derived(IEnumerable<AttributeModel> attributes)
        => PlacesOf(attributes).Select(asked => asked.Variant).Distinct().OrderBy(variant => variant).ToList();

    /// <summary>Each variant that <c>[Derive]</c> asks for, with the place where it says so.</summary>
    public static IEnumerable<(Variant Variant, int Place)> PlacesOf(IEnumerable<AttributeModel> attributes)
    {
        foreach (var attribute in attributes.Where(a => a.Name == "Derive"))
            foreach (var argument in attribute.Arguments)
                if (argument.Value is StaticMemberExpression { Type: nameof(Variant) } member
                    && Enum.TryParse<Variant>(member.Member, out var variant))
                    yield return (variant, argument.Value.Id);
    }

    private static GeneratedFile?[] Write(
        SpecModel model, Graph graph, TypeHeader header, string fileName, CancellationToken cancellation)
    {
        var files = Empty();
        var writers = ProgramWriter.All;
        var wanted = ProgramWriter.For(graph.Kind, Derived(model.Attributes)).ToList();
        for (var i = 0; i < writers.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var writer = writers[i];
            // What keeps one program from being written is the analyzer's to report; the others are written.
            if (!wanted.Contains(writer) || writer.Check(graph).Any(f => f.Severity == FaultSeverity.Error)) continue;
            files[i] = new GeneratedFile(fileName + writer.Suffix + ".g.cs", writer.Write(graph, header));
        }
        return files;
    }

    private static IEnumerable<GeneratedFile> Choices(SpecModel model, Graph ofDefaults, CancellationToken cancellation)
    {
        var others = SpecChoices.Others(model);
        if (others.Count == 0) yield break;
        var header = Header(model);
        var written = new List<SpecChoice>();
        foreach (var choice in others)
        {
            // What is wrong with it is the analyzer's to report.
            if (SpecEvaluator.Evaluate(model, cancellation, choice.Values).Graph is not { } graph) continue;
            written.Add(choice);
            var inside = header with
            {
                Name = choice.Name, Nesting = header.Nesting.Append($"partial class {header.Name}").ToEquatable(),
            };
            foreach (var file in Write(model, graph, inside, $"{model.FileName}.{choice.Name}", cancellation))
                if (file is not null) yield return file;
        }
        yield return new GeneratedFile(
            model.FileName + ".Choices.g.cs",
            ChoicesProgram.Write(
                ofDefaults, header, SpecChoices.Parameters(model), [.. written.Select(choice => SpecChoices.Chosen(model, choice))]));
    }

    private static GeneratedFile?[] StandIn(SpecModel model, string reason)
    {
        var files = Empty();
        // A class that cannot hold what is generated cannot hold what stands in for it either.
        if (model.Problems.Count == 0 && StandInWriter.Write(model, Header(model), reason) is { } text)
            files[files.Length - 1] = new GeneratedFile(model.FileName + ".g.cs", text);
        return files;
    }

    private static TypeHeader Header(SpecModel model) =>
        new(model.Namespace, model.ContainingTypes.Select(t => $"partial {t.Keyword} {t.Name}").ToEquatable(), model.Name)
        {
            Spec = model.Spec is { } spec ? $"{model.Name}.{spec.Name}({string.Join(", ", spec.Parameters.Select(TypeOf))})" : null,
        };

    private static string TypeOf(ParameterModel parameter)
        => parameter.Enum is { } named ? named.FullName
            : parameter.Type.EndsWith(nameof(Sym), StringComparison.Ordinal) ? "global::Hybrid.Sym"
            : parameter.Type;

    private static GeneratedFile?[] Empty() => new GeneratedFile?[Names.Count];

    private static string Failed(string name, string reason) =>
        $"HYB failed on '{name}': {reason.TrimEnd('.')}. No code was generated; errors about missing members below follow from this.";
}
