using System;
using System.Linq;
using System.Text;
using System.Threading;
using Hybrid.Generators.Diagnostics;
using Hybrid.Generators.Model;
using Hybrid.Generators.Reading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Hybrid.Generators;

/// <summary>
/// Writes the programs of every <c>[Network]</c> and <c>[Loss]</c>, one file each. Three stages: the transform extracts an
/// equatable model from syntax and reruns at every change; checking and writing run only for a model that differs; a file is
/// added again only when its own text differs.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class ProgramGenerator : IIncrementalGenerator
{
    /// <summary>Names of the tracked steps: the model, the written programs, and one text step per program.</summary>
    public const string ReadStep = "Hybrid.Read";

    public const string WriteStep = "Hybrid.Write";

    public const string TextStep = "Hybrid.Text.";

    private static readonly Encoding _utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        Register(context, "Hybrid.NetworkAttribute", SpecKind.Network);
        Register(context, "Hybrid.LossAttribute", SpecKind.Loss);
    }

    private static void Register(IncrementalGeneratorInitializationContext context, string attribute, SpecKind kind)
    {
        var written = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                attribute, static (node, _) => node is ClassDeclarationSyntax, (found, cancellation) => Read(kind, found, cancellation))
            .WithTrackingName(ReadStep)
            .Select(static (model, cancellation) => ProgramStage.Write(model, cancellation))
            .WithTrackingName(WriteStep);

        // One output a program: its file is replaced when its own text changed, so a new variant touches no other file.
        for (var i = 0; i < ProgramStage.Names.Count; i++)
        {
            var slot = i;
            var file = written.Select((programs, _) => programs.Files[slot]).WithTrackingName(TextStep + ProgramStage.Names[slot]);
            context.RegisterSourceOutput(file, static (output, file) =>
            {
                if (file is not null) output.AddSource(file.Name, SourceText.From(file.Text, _utf8));
            });
        }
        context.RegisterSourceOutput(
            written.Select((programs, _) => programs.Choices).WithTrackingName(TextStep + "Choices"),
            static (output, files) =>
            {
                foreach (var file in files) output.AddSource(file.Name, SourceText.From(file.Text, _utf8));
            });
        context.RegisterSourceOutput(written.Select(static (programs, _) => programs.Failure), static (output, failure) =>
        {
            if (failure is not null) output.ReportDiagnostic(NotFinished(failure));
        });
    }

    private static ClassPlace PlaceOf(ClassDeclarationSyntax declaration)
    {
        var location = declaration.Identifier.GetLocation();
        var start = location.GetLineSpan().StartLinePosition;
        return new ClassPlace(
            declaration.SyntaxTree.FilePath, location.SourceSpan.Start, location.SourceSpan.Length, start.Line, start.Character);
    }

    /// <summary>HYB9001 at the spec's class.</summary>
    internal static Diagnostic NotFinished(Failure failure)
    {
        var (path, start, length, line, column) = failure.Place;
        var place = Location.Create(
            path,
            new TextSpan(start, length),
            new LinePositionSpan(new LinePosition(line, column), new LinePosition(line, column + length)));
        return Diagnostic.Create(Descriptors.Of("HYB9001"), place, failure.Reason);
    }

    private static bool IsFirst(SpecKind kind, GeneratorAttributeSyntaxContext found)
    {
        var first = found.TargetSymbol.GetAttributes().FirstOrDefault(attribute => attribute.AttributeClass is
        {
            Name: "NetworkAttribute" or "LossAttribute", ContainingNamespace:
            {
                Name: "Hybrid", ContainingNamespace.IsGlobalNamespace: true,
            },
        });
        return first?.ApplicationSyntaxReference is not { } place
            || (first.AttributeClass!.Name == kind + "Attribute"
                && place.SyntaxTree == found.TargetNode.SyntaxTree
                && found.TargetNode.Span.Contains(place.Span));
    }

    private static ReadSpec Read(SpecKind kind, GeneratorAttributeSyntaxContext found, CancellationToken cancellation)
    {
        // Of a class that is marked twice, by both attributes or on two parts, as a half-typed name can make it, the first mark counts.
        if (!IsFirst(kind, found))
            return new ReadSpec(found.TargetSymbol.Name, null, null, PlaceOf((ClassDeclarationSyntax)found.TargetNode));
        try
        {
            var model = SpecReader.Read(
                kind, (ClassDeclarationSyntax)found.TargetNode, (INamedTypeSymbol)found.TargetSymbol, found.SemanticModel,
                Places.Counted(), BrokenCode.Syntactic(), cancellation);
            return new ReadSpec(model.FullName, model, null, PlaceOf((ClassDeclarationSyntax)found.TargetNode));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return new ReadSpec(
                found.TargetSymbol.Name, null,
                $"{exception.GetType().Name}: {exception.Message}",
                PlaceOf((ClassDeclarationSyntax)found.TargetNode));
        }
    }
}
