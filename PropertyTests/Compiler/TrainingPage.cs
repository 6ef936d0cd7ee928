using System;
using System.IO;
using System.Linq;
using System.Runtime.Loader;
using Hybrid.Models.Training;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Hybrid.PropertyTests.Compiler.Running;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>docs/training.md: its program is compiled with the generator, and trains.</summary>
[Collection(nameof(Tensors))]
public sealed class TrainingPage
{
    [Fact]
    public void Program_TrainsAndResumes()
    {
        var blocks = PageBlocks.Of(File.ReadAllText(Repository.Path("docs", "training.md")), "csharp");
        var models = new[] { typeof(TrainingResult).Assembly, typeof(Hybrid.Data.Cache.Cache).Assembly };
        var compilation = Specs.Compile(blocks[0], blocks[1])
            .AddReferences(models.Select(assembly => MetadataReference.CreateFromFile(assembly.Location)));
        Assert.Empty(Specs.Analyze(compilation));
        var assembly = new AssemblyLoadContext("docs", isCollectible: true)
            .LoadFromStream(new MemoryStream(Specs.Emit(Specs.Generate(compilation).Compilation)));
        var run = assembly.GetType("Program")!.GetMethod("Run")!;
        var folder = Directory.CreateTempSubdirectory("hybrid-docs-");
        var shown = Console.Error;
        try
        {
            Console.SetError(TextWriter.Null); // the program shows its progress
            var result = (TrainingResult)run.Invoke(null, [folder.FullName])!;
            Assert.True(
                result.History[^1].Metrics!["accuracy"] > 0.9,
                $"accuracy {result.History[^1].Metrics!["accuracy"]} after {result.Epochs} epochs");
            Assert.Equal(
                [
                    "checkpoint.previous.safetensors", "checkpoint.safetensors", "history.csv", "history.jsonl", "metrics.json",
                    "options.json", "weights.safetensors",
                ],
                Directory.GetFiles(Path.Combine(folder.FullName, "rings")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
            var again = (TrainingResult)run.Invoke(null, [folder.FullName])!;
            Assert.Equal(result.Best, again.Best);
        }
        finally
        {
            Console.SetError(shown);
            folder.Delete(recursive: true);
        }
    }
}
