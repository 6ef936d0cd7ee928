using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Hybrid.PropertyTests.Compiler.Roslyn;

/// <summary>Compiles sources with the generator and the analyzer, in memory.</summary>
internal static class Specs
{
    public static readonly CSharpParseOptions Parsing = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest);

    private static readonly CSharpCompilationOptions _options = new(
        OutputKind.DynamicallyLinkedLibrary,
        optimizationLevel: OptimizationLevel.Release,
        nullableContextOptions: NullableContextOptions.Enable,
        // What every project of the SDK has: TorchSharp is built against an older framework's assemblies.
        specificDiagnosticOptions: [new("CS1701", ReportDiagnostic.Suppress), new("CS1702", ReportDiagnostic.Suppress)]);

    /// <summary>A compilation of files named <c>0.cs</c>, <c>1.cs</c>, … in order.</summary>
    public static CSharpCompilation Compile(params string[] sources) =>
        CSharpCompilation.Create("Specs", sources.Select(Tree), References.All, _options);

    public static SyntaxTree Tree(string source, int index) => CSharpSyntaxTree.ParseText(source, Parsing, path: $"{index}.cs");

    /// <summary>A driver that records what each step of the generator did.</summary>
    public static GeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new ProgramGenerator().AsSourceGenerator()],
        parseOptions: Parsing,
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>Runs the generator once; the compilation that comes back holds the generated files.</summary>
    public static (Compilation Compilation, GeneratorDriverRunResult Result) Generate(Compilation compilation)
    {
        var driver = Driver().RunGeneratorsAndUpdateCompilation(compilation, out var updated, out _);
        return (updated, driver.GetRunResult());
    }

    /// <summary>The generated files by name.</summary>
    public static IReadOnlyDictionary<string, string> Files(GeneratorDriverRunResult result) =>
        result.Results.SelectMany(r => r.GeneratedSources).ToDictionary(s => s.HintName, s => s.SourceText.ToString());

    /// <summary>What the analyzer reports, in the order of the source.</summary>
    public static ImmutableArray<Diagnostic> Analyze(Compilation compilation, IEnumerable<AdditionalText>? files = null)
    {
        var analysis = new CompilationWithAnalyzers(
            compilation,
            [new SpecAnalyzer(), new GeneratedCallAnalyzer(), new UnregisteredModules()],
            new CompilationWithAnalyzersOptions(
            new AnalyzerOptions([.. files ?? []]), onAnalyzerException: null, concurrentAnalysis: false, logAnalyzerExecutionTime: false));
        return
        [
            .. analysis.GetAnalyzerDiagnosticsAsync(CancellationToken.None)
                .GetAwaiter()
                .GetResult()
                .OrderBy(d => d.Location.SourceTree?.FilePath, StringComparer.Ordinal)
                .ThenBy(d => d.Location.SourceSpan.Start),
        ];
    }

    /// <summary>The compiler's errors.</summary>
    public static IReadOnlyList<Diagnostic> Errors(Compilation compilation) =>
        [.. compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error)];

    /// <summary>The bytes of the assembly; fails with the compiler's errors.</summary>
    public static byte[] Emit(Compilation compilation)
    {
        using var stream = new MemoryStream();
        var result = compilation.Emit(stream);
        if (!result.Success)
            throw new InvalidOperationException(
                "does not compile:\n" + string.Join("\n", result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(20)));
        return stream.ToArray();
    }
}
