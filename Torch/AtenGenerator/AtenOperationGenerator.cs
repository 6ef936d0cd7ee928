using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hybrid.Torch.AtenGenerator;

/// <summary>
/// Writes the body of every <c>[Aten("name.overload")] partial</c> method: marshal the arguments into values on the stack, one boxed call, take
/// the results. Parameters map to the schema's in order (an instance method's <c>this</c> first); trailing ones that the method leaves out
/// take the schema's defaults.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class AtenOperationGenerator : IIncrementalGenerator
{
    private const string AttributeName = "Hybrid.Torch.AtenAttribute";

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var operations = context.SyntaxProvider.ForAttributeWithMetadataName(
            AttributeName,
            static (node, _) => node is MethodDeclarationSyntax,
            static (match, _) => Operation.From(match));

        context.RegisterSourceOutput(operations.Collect(), static (output, found) =>
        {
            foreach (var problem in found.Where(o => o.Problem is not null))
            {
                output.ReportDiagnostic(Diagnostic.Create(Unsupported, problem.Location.ToLocation(), problem.Problem));
            }

            foreach (var file in found.Where(o => o.Problem is null).GroupBy(o => o.Container))
            {
                output.AddSource(file.Key.Replace('|', '.').Replace(" ", "") + ".Aten.g.cs", Writer.File(file.Key, file.ToImmutableArray()));
            }

            output.AddSource("AtenOperators.g.cs", Writer.Handles(found.Where(o => o.Problem is null)));
        });
    }

    private static readonly DiagnosticDescriptor Unsupported = new(
        "ATEN001", "An [Aten] method cannot be expanded", "{0}", "Hybrid.Torch", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
