using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.Loader;
using FsCheck;
using FsCheck.Fluent;
using Hybrid.Graphs;
using Hybrid.PropertyTests.Compiler.Roslyn;
using TorchSharp;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>Random specs over the vocabulary, written as C#, compiled with the generator, loaded and run.</summary>
[Collection(nameof(Tensors))]
public sealed class RandomNetworks
{
    private static readonly Gen<(int, int, int)> _choice =
        from local in Gen.Choose(0, 1000)
        from operation in Gen.Choose(0, 1000)
        from argument in Gen.Choose(0, 1000)
        select (local, operation, argument);

    private static readonly Gen<(int, int, int)[]> _spec = Gen.Choose(1, 9)
        .SelectMany(count => _choice.ListOf(count).Select(choices => choices.ToArray()));

    /// <summary>
    /// Predicted shapes are libtorch's, read = traced, functional = module, tangent = finite difference = double backward, weights
    /// round-trip. Several specs share one compilation, which is what takes the time.
    /// </summary>
    [SeededProperty(MaxTest = 5)]
    public Property LawsHold()
    {
        var batches = Arb.From(_spec.ListOf(6).Select(batch => batch.ToArray()), Shrink);
        return Prop.ForAll(batches, Run);
    }

    /// <summary>One spec of the batch, then that spec with a choice less.</summary>
    private static IEnumerable<(int, int, int)[][]> Shrink((int, int, int)[][] batch) => batch.Length > 1
        ? batch.Select(spec => new[] { spec })
        : Enumerable.Range(0, batch[0].Length)
            .Where(_ => batch[0].Length > 1)
            .Select(i => new[] { batch[0].Where((_, j) => j != i).ToArray() });

    private static void Run((int, int, int)[][] batch)
    {
        var source = "using Hybrid;\nnamespace Random;\n"
            + string.Concat(batch.Select((choices, i) => RandomSpecs.Write(choices, $"Net{i}")));
        try
        {
            var compilation = Specs.Compile(source);
            var models = Reading.Models(compilation);
            var (generated, _) = Specs.Generate(compilation);
            var assembly = new AssemblyLoadContext("random", isCollectible: true).LoadFromStream(new MemoryStream(Specs.Emit(generated)));
            var random = new Random(batch.Length);
            foreach (var (name, model) in models)
            {
                var evaluated = Reading.Evaluate(model);
                Assert.True(evaluated.Graph is not null, $"{name}: {string.Join("; ", evaluated.Faults)}");
                var type = assembly.GetType(name, throwOnError: true)!;
                Assert.True(
                    evaluated.Graph!.DifferenceFrom(Trace.Of(type)) is not { } difference,
                    $"{name}, read against traced: {evaluated.Graph.DifferenceFrom(Trace.Of(type))}");
                ProgramLaws.Hold(
                    new RunningNetwork(type, evaluated.Graph, new Dictionary<string, int>(), torch.ScalarType.Float64), random);
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw new InvalidOperationException($"{exception.Message}\nin\n{source}", exception);
        }
    }
}
