using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.Loader;
using Hybrid.PropertyTests.Compiler.Roslyn;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>
/// What is asked of the sizes in training only, declared or needed by batch statistics, does not keep evaluation from one example.
/// </summary>
[Collection(nameof(Tensors))]
public sealed class FactsOfTraining
{
    [Theory]
    [InlineData("", "Example.forward: BatchNorm 'y' needs B >= 2 in training, got B = 1.")]
    [InlineData(", Where = \"B <= 64\", Training = \"B >= 2\"", "Example.forward: the spec needs B >= 2 in training, got B = 1.")]
    public void BatchOfOne_IsEvaluatedAndNotTrainedOn(string facts, string message)
    {
        var source = $$"""
            using Hybrid;
            namespace Net;
            [Network(Dims = "B"{{facts}})]
            [Derive(Variant.Functional, Variant.Tangent)]
            public partial class Example
            {
                [Spec] internal static Sym Forward([Shape("B, 3")] Sym x)
                {
                    var y = x.Linear(4).BatchNorm();
                    return y.Relu();
                }
            }
            """;
        var compilation = Specs.Compile(source);
        Assert.Empty(Specs.Analyze(compilation));
        var model = Reading.Models(compilation).Values.Single();
        var assembly = new AssemblyLoadContext(nameof(FactsOfTraining), isCollectible: true)
            .LoadFromStream(new MemoryStream(Specs.Emit(Specs.Generate(compilation).Compilation)));
        using var scope = NewDisposeScope();
        var network = new RunningNetwork(
            assembly.GetType("Net.Example", throwOnError: true)!,
            Reading.Evaluate(model).Graph!,
            new Dictionary<string, int>(),
            ScalarType.Float32);
        var one = randn(1, 3);
        network.Module.eval();
        Assert.Equal([1L, 4], network.Forward([one])[0].shape);
        Assert.Equal([1L, 4], network.Functional([one])[0].shape);
        network.Module.train();
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => network.Forward([one])).Message);
        Assert.Equal([2L, 4], network.Forward([randn(2, 3)])[0].shape);
    }
}
