using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Generators.Diagnostics;
using Hybrid.Generators.Evaluation;
using Hybrid.Generators.Model;
using Hybrid.Generators.Reading;
using Hybrid.Graphs;
using Hybrid.Programs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Hybrid.Generators;

/// <summary>
/// Reports what is wrong with a spec while it is typed: the faults of the language at the exact argument, and names that do not
/// bind to the language. It is silent on what the compiler already complains about and continues with the rest.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SpecAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => Descriptors.All;

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            var network = start.Compilation.GetTypeByMetadataName("Hybrid.NetworkAttribute");
            var loss = start.Compilation.GetTypeByMetadataName("Hybrid.LossAttribute");
            if (network is null || loss is null) return;
            start.RegisterSyntaxNodeAction(node => Analyze(node, network, loss), SyntaxKind.ClassDeclaration);
            start.RegisterSyntaxNodeAction(node => RefuseRecord(node, network, loss), SyntaxKind.RecordDeclaration);
        });
    }

    private static void Analyze(SyntaxNodeAnalysisContext context, INamedTypeSymbol network, INamedTypeSymbol loss)
    {
        var declaration = (ClassDeclarationSyntax)context.Node;
        if (declaration.AttributeLists.Count == 0) return;
        if (context.SemanticModel.GetDeclaredSymbol(declaration, context.CancellationToken) is not { } type) return;
        if (KindOf(type, declaration, network, loss) is not { } kind) return;

        var places = Places.Kept();
        SpecModel model;
        EvaluatedSpec spec;
        List<Fault> faults;
        List<(EvaluatedSpec Spec, IReadOnlyList<Fault> Faults)> all;
        try
        {
            var broken = BrokenCode.Bound(context.Compilation, context.CancellationToken);
            model = SpecReader.Read(kind, declaration, type, context.SemanticModel, places, broken, context.CancellationToken);
            spec = SpecEvaluator.Evaluate(model, context.CancellationToken);
            faults = spec.Faults.ToList();
            if (spec.Graph is { } graph) faults.AddRange(ProgramFaults(model, graph, spec.Sites));
            all = [.. SpecChoices.Faults(
                model, spec, faults,
                of => of.Graph is { } chosen ? ProgramFaults(model, chosen, of.Sites) : [],
                context.CancellationToken)];
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The generator meets the same exception and reports it (HYB9001).
            return;
        }
        try
        {
            if (spec.Graph is { } graph && IsLocked(model))
                all.Add((spec, [.. CheckpointLock.Check(graph, LockOf(model, context.Options, context.CancellationToken))]));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Only the analyzer reads the lock file.
            context.ReportDiagnostic(
                Diagnostic.Create(Descriptors.Of("HYB9001"), declaration.Identifier.GetLocation(), NotCompared(model, exception)));
        }
        foreach (var (of, found) in all)
            foreach (var diagnostic in new FaultReporter(declaration.SyntaxTree, places, of).Diagnostics(found))
                context.ReportDiagnostic(diagnostic);
    }

    /// <summary>C# lets the attributes stand on a record, which no generated class can be a part of.</summary>
    private static void RefuseRecord(SyntaxNodeAnalysisContext context, INamedTypeSymbol network, INamedTypeSymbol loss)
    {
        var declaration = (RecordDeclarationSyntax)context.Node;
        if (declaration.AttributeLists.Count == 0) return;
        if (context.SemanticModel.GetDeclaredSymbol(declaration, context.CancellationToken) is not { } type) return;
        if (KindOf(type, declaration, network, loss) is null) return;
        context.ReportDiagnostic(Diagnostic.Create(
            Descriptors.Of("HYB4014"),
            declaration.Identifier.GetLocation(),
            $"'{type.Name}' is a record, and what is generated is a class. Write class instead of record."));
    }

    private static string NotCompared(SpecModel model, Exception exception)
        => $"'{model.Name}' was not compared with its lock file: {exception.GetType().Name}: {exception.Message.TrimEnd('.')}. Correct "
            + $"the file {model.Name}{CheckpointLock.Suffix}.";

    /// <summary>
    /// What keeps derived programs from being written, said where [Derive] asks for them; the operations are further places.
    /// </summary>
    private static IEnumerable<Fault> ProgramFaults(SpecModel model, Graph graph, Sites sites)
    {
        var asked = ProgramStage.PlacesOf(model.Attributes).ToList();
        // What only another program needs is that one's to say.
        foreach (
            var program in ProgramWriter.For(graph.Kind, asked.Select(a => a.Variant))
                .Where(program => program.Variant is null || asked.Any(a => a.Variant == program.Variant)))
            foreach (var fault in program.Check(graph))
                yield return program.Variant is null ? fault
                    : fault with
                    {
                        Origin = sites.At(asked.First(a => a.Variant == program.Variant).Place),
                        Related = new[] { fault.Origin }.Concat(fault.Related).ToEquatable(),
                    };
    }

    private static bool IsLocked(SpecModel model) => model.Attributes.Any(a => a.Name == "Network"
        && a.Arguments.Any(
            argument => argument is { Name: nameof(NetworkAttribute.Lock), Value: ConstantExpression { Value.Value: true } }));

    /// <summary>The lock among the project's additional files; analyzers read no others.</summary>
    private static string? LockOf(SpecModel model, AnalyzerOptions options, CancellationToken cancellation)
        => options.AdditionalFiles.FirstOrDefault(
            file => Path.GetFileName(file.Path) is var name
                && (name == model.Name + CheckpointLock.Suffix || name == model.FullName + CheckpointLock.Suffix))?
            .GetText(cancellation)?.ToString();

    private static SpecKind? KindOf(
        INamedTypeSymbol type,
        TypeDeclarationSyntax declaration,
        INamedTypeSymbol network,
        INamedTypeSymbol loss)
    {
        foreach (var attribute in type.GetAttributes())
        {
            var isNetwork = SymbolEqualityComparer.Default.Equals(attribute.AttributeClass, network);
            if (!isNetwork && !SymbolEqualityComparer.Default.Equals(attribute.AttributeClass, loss)) continue;
            // A partial class is analysed at the part that carries the attribute.
            if (attribute.ApplicationSyntaxReference is { } place
                && place.SyntaxTree == declaration.SyntaxTree
                && declaration.Span.Contains(place.Span))
                return isNetwork ? SpecKind.Network : SpecKind.Loss;
        }
        return null;
    }
}
