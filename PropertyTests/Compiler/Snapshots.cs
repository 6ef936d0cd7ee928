using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.Loader;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Hybrid.PropertyTests.Compiler.Running;
using TorchSharp;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>
/// Whole generated files, compared with the ones in the folder Snapshots, then compiled and run: what is compared is what works.
/// HYBRID_UPDATE_SNAPSHOTS=1 rewrites them; read the difference before committing it.
/// </summary>
[Collection(nameof(Tensors))]
public sealed class Snapshots
{
    /// <summary>Each reference of generated documentation leads to something, the parameters of spec methods among them.</summary>
    [Fact]
    public void References_OfTheDocumentationAreFound()
    {
        var documented = Specs.Parsing.WithDocumentationMode(Microsoft.CodeAnalysis.DocumentationMode.Diagnose);
        var (generated, _) = Specs.Generate(Specs.Compile(Source));
        var trees = generated.SyntaxTrees.Select(tree => Microsoft.CodeAnalysis.CSharp.CSharpSyntaxTree.ParseText(
            tree.GetText(TestContext.Current.CancellationToken), documented, tree.FilePath, TestContext.Current.CancellationToken));
        using var documentation = new MemoryStream();
        Assert.True(
            generated.RemoveAllSyntaxTrees()
                .AddSyntaxTrees(trees)
                .Emit(
                    new MemoryStream(),
                    xmlDocumentationStream: documentation,
                    cancellationToken: TestContext.Current.CancellationToken).Success);
        var text = System.Text.Encoding.UTF8.GetString(documentation.ToArray());
        Assert.Contains("<inheritdoc cref=\"M:Snapshot.Example.Forward(Hybrid.Sym,Hybrid.Sym,System.Int32)\" path=\"/param\"/>", text);
        Assert.DoesNotContain("cref=\"!:", text);
    }

    private const string Source = """
        using Hybrid;

        namespace Snapshot;

        /// <summary>Has one of each: a [Param], a block, a shared layer, a constant, symbolic sizes, two results.</summary>
        [Network(Dims = "B, H", Where = "B >= 2, H % 2 == 0, H >= 8")]
        [Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
        public partial class Example
        {
            private const int Bands = 3;

            [Spec]
            [return: Shape("B, H", "B, 2")]
            internal static (Sym profile, Sym classes) Forward(
                [Shape("B, Bands, H, H")] Sym image, [Shape("B, 4")] Sym catalogue, [Param] int hidden = 16)
            {
                var stem = image.Conv2d(4, k: 3, pad: 1).BatchNorm().LeakyRelu();
                for (var i = 0; i < 2; i++) stem = Narrow(stem, 4 << i);
                var profile = stem.Mean((1, 3)).Is("B, H");
                var shared = Layer.Linear(4, bias: false, key: "shared");
                var pooled = stem.MaxPool2d(2).MeanPool2d().Cat(shared.On(shared.On(catalogue)));
                return (profile, pooled.Linear(hidden, weightInit: Init.KaimingNormal).Gelu().Dropout(0.1).Linear(2).Softmax());
            }

            [Block]
            private static Sym Narrow(Sym x, int channels) => x.Conv2d(channels, k: (1, 3), pad: (0, 1)).Relu();
        }

        /// <summary>Weights that are drawn, beside a normalisation whose are not.</summary>
        [Network(Dims = "B", Where = "B >= 2")]
        [Derive(Variant.Flipout)]
        public partial class ExampleDrawn
        {
            [Spec]
            [return: Shape("B, 2")]
            internal static Sym Forward([Shape("B, 3, 8, 8")] Sym image)
                => image.Conv2d(4, k: 3, stride: 2, bias: false).BatchNorm().Relu().Flatten().Linear(2);
        }

        /// <summary>−2 ln p(y | x) of a Gaussian, up to a constant.</summary>
        [Loss(Dims = "B")]
        [Derive(Variant.Ensemble)]
        public partial class ExampleLoss
        {
            [Spec]
            internal static Sym Value([Shape("B")] Sym mean, [Shape("B"), Positive] Sym variance, [Shape("B")] Sym target)
                => (variance.Log() + (target - mean).Square() / variance).Mean();
        }
        """;

    [Fact]
    public void GeneratedFiles_AreTheSnapshots_AndRun()
    {
        var compilation = Specs.Compile(Source);
        Assert.Empty(Specs.Analyze(compilation));
        var (generated, result) = Specs.Generate(compilation);
        var files = Specs.Files(result);
        Assert.Equal(
            [
                "Snapshot.Example.Ensemble.g.cs", "Snapshot.Example.Functional.g.cs", "Snapshot.Example.Tangent.g.cs",
                "Snapshot.Example.g.cs", "Snapshot.ExampleDrawn.Flipout.g.cs", "Snapshot.ExampleDrawn.g.cs",
                "Snapshot.ExampleLoss.Ensemble.g.cs", "Snapshot.ExampleLoss.g.cs",
            ],
            files.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, text) in files)
        {
            var path = Repository.Path("PropertyTests", "Compiler", "Snapshots", name + ".txt");
            if (Repository.Update)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllText(path, text);
            }
            Assert.True(File.Exists(path), $"{path} is missing; HYBRID_UPDATE_SNAPSHOTS=1 writes it");
            Assert.Equal(File.ReadAllText(path), text);
        }

        // No warning either: a generated file must not be what breaks a user's build.
        Assert.Empty(
            generated.GetDiagnostics(TestContext.Current.CancellationToken)
                .Where(d => d.Severity >= Microsoft.CodeAnalysis.DiagnosticSeverity.Warning));
        var assembly = new AssemblyLoadContext("snapshot", isCollectible: true).LoadFromStream(new MemoryStream(Specs.Emit(generated)));
        // What ran before must not choose the weights.
        torch.manual_seed(1);
        var sizes = new Dictionary<string, int> { ["hidden"] = 5 };
        var graph = Reading.Evaluate(Reading.Models(compilation)["Snapshot.Example"], sizes).Graph!;
        ProgramLaws.Hold(
            new RunningNetwork(assembly.GetType("Snapshot.Example", throwOnError: true)!, graph, sizes, torch.ScalarType.Float64),
            new Random(1));
    }
}
