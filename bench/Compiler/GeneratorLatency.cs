using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Bench.Harness;
using Hybrid.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Dim = Hybrid.Algebra.Dim;
using DimParser = Hybrid.Algebra.DimParser;
using Facts = Hybrid.Algebra.Facts;

namespace Hybrid.Bench.Compiler;

/// <summary>
/// What a keystroke costs in a project of many specs: the generator after an edit, and the analyzer on the edited document.
/// </summary>
public sealed class GeneratorLatency : Benchmark
{
    private static readonly CSharpParseOptions _parsing = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest);

    public override string Name => "generator";

    public override string Description => "generator and analyzer after an edit, by number of specs in the project (95th percentile)";

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        var edits = Math.Max(20, 4 * options.Rounds);
        var cold = new Project(specs: 20, layers: 10);
        yield return Row("first run in a process, 20 specs", [cold.Generate()], null);
        yield return Row("first analysis in a process, one document", [cold.Analyze(1)], null);
        foreach (var (specs, target) in new[] { (1, (double?)null), (20, 50e-3), (200, null) })
        {
            var project = new Project(specs, layers: 10);
            yield return Row($"edit of an unrelated file, {specs} specs", Repeated(edits, i => project.EditUnrelated(i)), target);
        }
        var twenty = new Project(specs: 20, layers: 10);
        yield return Row("edit of one spec of 20, its programs written again", Repeated(edits, i => twenty.EditSpec(i)), null);
        var deep = new Project(specs: 1, layers: 50);
        yield return Row("edit of a spec of 50 layers", Repeated(edits, i => deep.EditSpec(i)), null);
        yield return Row("analyzer on the edited document, 20 specs", Repeated(edits, twenty.Analyze), 100e-3);
        foreach (var (where, left, right) in _identities)
            yield return Row(
                $"algebra: {left} = {right}{(where.Length == 0 ? "" : $" where {where}")}",
                Repeated(10 * edits, _ => Decide(where, left, right)), 1e-3);
    }

    /// <summary>
    /// What strides, pools, flattening and heads ask of the algebra, each from its text on: facts are solved again, nothing is remembered.
    /// </summary>
    private static readonly (string Where, string Left, string Right)[] _identities =
    [
        ("", "(H-2)/2+1", "H/2"),
        ("", "(((H-1)/2+1)-1)/2+1", "(H-1)/4+1"),
        ("H % 2 == 0", "((H-2)/2+1)*2", "H"),
        ("", "((H-2)/2+1)*2", "H"),
        ("D % N == 0", "N*(D/N)", "D"),
        ("", "C*(H/2)*(W/2)", "(W/2)*C*(H/2)"),
        ("", "(H+1)/900", "H/900"),
        ("", "(H+1)/4096", "H/4096"),
        ("", "(H+W)/40", "H/40+W/40"),
        ("", "H/1024+(H+512)/1024", "H/512"),
    ];

    private static double Decide(string where, string left, string right)
    {
        string[] symbols = ["C", "D", "H", "N", "W"];
        Dim? Named(string name) => symbols.Contains(name) ? Dim.Symbol(name) : null;
        var start = Stopwatch.GetTimestamp();
        var facts = Facts.Over(symbols, [.. DimParser.ParseFacts(where, Named)]);
        var verdict = facts.AreEqual(DimParser.ParseDim(left, Named), DimParser.ParseDim(right, Named));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return verdict.IsProved || verdict.IsRefuted
            ? seconds
            : throw new InvalidOperationException($"generator bench: {left} = {right} is not decided");
    }

    /// <summary>Times of many edits; the first five warm up.</summary>
    private static double[] Repeated(int edits, Func<int, double> edit)
    {
        for (var i = 0; i < 5; i++) edit(i);
        return [.. Enumerable.Range(5, edits).Select(edit)];
    }

    private static Measurement Row(string name, double[] seconds, double? target)
    {
        var sorted = seconds.Order().ToArray();
        var high = sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(0.95 * sorted.Length) - 1)];
        var ours = sorted.Length == 1
            ? Comparison.Time(high)
            : $"{Comparison.Time(high)} (median {Comparison.Time(Comparison.Median(sorted))}, {sorted.Length} edits)";
        return new Measurement(
            name, ours, "", double.NaN, "", target is { } t ? $"≤ {Comparison.Time(t)}" : "", target is { } limit ? high <= limit : null);
    }

    /// <summary>A compilation of specs and one file that has none, with a generator driver that follows its edits.</summary>
    private sealed class Project
    {
        private static readonly IReadOnlyList<MetadataReference> _references =
        [
            .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
                .Where(path => Path.GetFileNameWithoutExtension(path) is var name
                    && (name.StartsWith("System.", StringComparison.Ordinal)
                        || name is "mscorlib" or "netstandard" or "System" or "Hybrid.Dsl" or "TorchSharp"))
                .Select(path => MetadataReference.CreateFromFile(path)),
        ];

        private readonly int _layers;
        private Compilation _compilation;
        private GeneratorDriver _driver;

        public Project(int specs, int layers)
        {
            _layers = layers;
            var trees = Enumerable.Range(0, specs).Select(i => Tree(Spec(i, 0), $"Spec{i}.cs")).Append(Tree(Unrelated(0), "Unrelated.cs"));
            _compilation = CSharpCompilation.Create(
                "Bench", trees, _references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
            _driver = CSharpGeneratorDriver.Create([new ProgramGenerator().AsSourceGenerator()], parseOptions: _parsing);
        }

        public double Generate()
        {
            var start = Stopwatch.GetTimestamp();
            _driver = _driver.RunGenerators(_compilation);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        public double EditUnrelated(int edit)
        {
            Replace("Unrelated.cs", Unrelated(edit));
            return Generate();
        }

        public double EditSpec(int edit)
        {
            Replace("Spec0.cs", Spec(0, edit));
            return Generate();
        }

        /// <summary>Edits one spec and analyses its document, as an editor does between two keystrokes.</summary>
        public double Analyze(int edit)
        {
            var tree = Replace("Spec0.cs", Spec(0, edit));
            var start = Stopwatch.GetTimestamp();
            var analysis = _compilation.WithAnalyzers([new SpecAnalyzer()]);
            var found = analysis.GetAnalyzerSemanticDiagnosticsAsync(
                _compilation.GetSemanticModel(tree), null, CancellationToken.None).GetAwaiter().GetResult();
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (found.Length > 0) throw new InvalidOperationException($"generator bench: the spec has faults: {found[0]}");
            return seconds;
        }

        private SyntaxTree Replace(string file, string source)
        {
            var tree = Tree(source, file);
            _compilation = _compilation.ReplaceSyntaxTree(_compilation.SyntaxTrees.Single(t => t.FilePath == file), tree);
            return tree;
        }

        private static SyntaxTree Tree(string source, string file) => CSharpSyntaxTree.ParseText(source, _parsing, file);

        private static string Unrelated(int edit)
            => $"namespace Bench; internal static class Unrelated {{ public static int Edit() => {edit}; }}";

        private string Spec(int number, int edit) => $$"""
            using Hybrid;
            namespace Bench;
            [Network(Dims = "B, H, W", Where = "H % 4 == 0, W % 4 == 0, H >= 32, W >= 32")]
            [Derive(Variant.Functional, Variant.Tangent)]
            public partial class Net{{number}}
            {
                [Spec] [return: Shape("B, 10")]
                internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
                {
                    var x = image.Conv2d(16, k: 7, stride: 2, pad: 3).BatchNorm().Relu().MaxPool2d(2);
                    for (var i = 0; i < {{_layers / 5}}; i++) x = Residual(x, {{16 + edit % 7}});
                    return x.MeanPool2d().Linear(10);
                }

                [Block]
                private static Sym Residual(Sym x, int channels)
                {
                    var y = x.Conv2d(channels, k: 3, pad: 1).BatchNorm().Relu().Conv2d(channels, k: 3, pad: 1).BatchNorm();
                    return (y + x.Conv2d(channels, k: 1)).Relu();
                }
            }
            """;
    }
}
