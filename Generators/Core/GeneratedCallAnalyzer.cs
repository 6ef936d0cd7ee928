using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hybrid.Generators.Calls;
using Hybrid.Generators.Diagnostics;
using Hybrid.Graphs;
using Hybrid.Programs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hybrid.Generators;

/// <summary>
/// HYB1030: <c>classifier.forward(encoder.forward(x))</c> in ordinary code, where what one generated program gives is what another cannot
/// take; HYB3003, HYB3004 and HYB3007 where the shape is right and the values are not, as probabilities for a loss of logits; HYB1025 for a
/// softmax over the examples. Programs of other assemblies are known by their <c>[NetworkContract]</c>.
/// </summary>
/// <remarks>
/// Only what no size can make right is reported. A tensor whose shape is not known, because it comes from a file, a field or other code,
/// passes in silence, and so does a size that may be right: the generated program checks its inputs when it runs.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GeneratedCallAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        ImmutableArray.CreateRange(new[] { "HYB1025", "HYB1030", "HYB3003", "HYB3004", "HYB3007" }.Select(Descriptors.Of));

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName("Hybrid.NetworkContractAttribute") is not { } contract) return;
            var programs = new GeneratedPrograms(contract);
            start.RegisterOperationAction(operation => Analyze(operation, programs), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, GeneratedPrograms programs)
    {
        var call = (IInvocationOperation)context.Operation;
        if (programs.Find(call) is not { } program)
        {
            AnalyzeLoss(context, call, programs);
            return;
        }
        var shapes = new KnownShapes(programs, context.CancellationToken);
        var arguments = program.Tensors.Select(shapes.Of).ToList();
        if (arguments.All(known => known is null)) return;
        ContractCalls.Results(program.Contract, arguments, call: 0, out var refused);
        foreach (var refusal in refused)
        {
            var (input, message) = refusal;
            var (expected, argument) = (program.Contract.Inputs[input], program.Tensors[input]);
            var from = From(shapes, argument, out var places);
            context.ReportDiagnostic(Diagnostic.Create(
                Descriptors.Of(refusal.Id),
                argument.Syntax.GetLocation(),
                places,
                refusal.Id == "HYB1030"
                    ? $"{program.Name}: '{expected.Name ?? "input"}' is {expected.Shape}, but '{argument.Syntax}'{from} is "
                        + $"{ContractCalls.Text(arguments[input]!.Shape)}; {message}. Reshape it first, or call a network that takes it."
                    : $"{program.Name}: '{expected.Name ?? "input"}' is given '{OnOneLine(argument)}'{from}; {message}."));
        }
    }

    private static void AnalyzeLoss(OperationAnalysisContext context, IInvocationOperation call, GeneratedPrograms programs)
    {
        if (TorchLosses.Find(call) is not var (name, takes, prediction))
        {
            AnalyzeSoftmax(context, call, programs);
            return;
        }
        var shapes = new KnownShapes(programs, context.CancellationToken);
        if (shapes.Of(prediction) is not { } known) return;
        var areProbabilities = known.Shape.Domain is Domain.Probability or Domain.Distribution;
        var from = From(shapes, prediction, out var places);
        var message = takes switch
        {
            PredictionKind.Logits when areProbabilities
                => $"{name} takes logits and makes probabilities of them itself; '{OnOneLine(prediction)}'{from} holds probabilities "
                    + "already. "
                    + "Feed the logits.",
            PredictionKind.Probabilities when known.AreLogits
                => $"{name} needs probabilities; '{OnOneLine(prediction)}'{from} is what a linear map gives. Apply sigmoid before, or use "
                    + "binary_cross_entropy_with_logits.",
            PredictionKind.Logarithms when areProbabilities || known.AreLogits
                => $"{name} needs logarithms of probabilities; '{OnOneLine(prediction)}'{from} "
                    + $"{(areProbabilities ? "holds probabilities themselves. Use log_softmax in place of softmax"
                        : "is what a linear map gives. Use cross_entropy, or apply log_softmax before")}.",
            _ => null,
        };
        if (message is null) return;
        context.ReportDiagnostic(Diagnostic.Create(
            Descriptors.Of(takes == PredictionKind.Logits ? "HYB3003" : "HYB3004"), prediction.Syntax.GetLocation(), places, message));
    }

    /// <summary>HYB1025: a softmax over the examples of a batch, whose size is open and on no other axis.</summary>
    private static void AnalyzeSoftmax(OperationAnalysisContext context, IInvocationOperation call, GeneratedPrograms programs)
    {
        if (TorchLosses.Softmax(call) is not var (name, of, axis, along)) return;
        var shapes = new KnownShapes(programs, context.CancellationToken);
        if (shapes.Of(of) is not { Shape: { Rank: >= 2 } shape }
            || (along != 0 && along != -shape.Rank)
            || !ContractCalls.IsOfExamples(shape))
        {
            return;
        }
        var from = From(shapes, of, out var places);
        context.ReportDiagnostic(Diagnostic.Create(
            Descriptors.Of("HYB1025"), axis.Syntax.GetLocation(), places,
            $"{name}: axis {along} of '{OnOneLine(of)}'{from} {ContractCalls.Text(shape)} is the batch, so that each example's result "
                + "would "
                + "depend on the others. Use axis -1."));
    }

    private static string From(KnownShapes shapes, IOperation operation, out ImmutableArray<Location> places)
    {
        var source = shapes.Source(operation);
        places = source is null ? ImmutableArray<Location>.Empty : ImmutableArray.Create(source.Value.Place);
        return source is null ? "" : $" (from {source.Value.Name}{Line(source.Value.Place, operation)})";
    }

    private static string OnOneLine(IOperation argument)
        => string.Join(" ", argument.Syntax.ToString().Split((char[]?)null, System.StringSplitOptions.RemoveEmptyEntries));

    private static string Line(Location place, IOperation argument)
        => place.SourceTree == argument.Syntax.SyntaxTree ? $", line {place.GetLineSpan().StartLinePosition.Line + 1}" : "";
}
