using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Hybrid.Graphs;
using Hybrid.PropertyTests.Compiler.Roslyn;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>
/// Valid specs with one number changed: a channel, a kernel, a stride, an axis. Each is refuted, or flagged, or still a program that
/// libtorch runs with the shapes that are predicted.
/// </summary>
[Collection(nameof(Tensors))]
public sealed partial class MutatedNetworks
{
    private const int SpecsInOne = 10;

    private static readonly Gen<(int, int, int)> _choice =
        from local in Gen.Choose(0, 1000)
        from operation in Gen.Choose(0, 1000)
        from argument in Gen.Choose(0, 1000)
        select (local, operation, argument);

    [Fact]
    public void AChangedNumber_IsRefutedOrRuns()
    {
        int flagged = 0, run = 0;
        var specs = from choices in _choice.ListOf(6) from at in Gen.Choose(0, 1000) from change in Gen.Choose(0, 4) select (
            choices.ToArray(), at, change);
        Check.One(Seeded.Cases(4), Prop.ForAll(Arb.From(specs.ListOf(SpecsInOne).Select(list => list.ToArray())), batch =>
        {
            var source = "using Hybrid;\nnamespace Random;\n"
                + string.Concat(batch.Select((spec, i) => Mutated(RandomSpecs.Write(spec.Item1, $"Net{i}"), spec.at, spec.change)));
            var compilation = Specs.Compile(source);
            var models = Reading.Models(compilation);
            var assembly = new AssemblyLoadContext("mutated", isCollectible: true)
                .LoadFromStream(new MemoryStream(Specs.Emit(Specs.Generate(compilation).Compilation)));
            foreach (var (name, model) in models)
            {
                var evaluated = Reading.Evaluate(model);
                if (evaluated.Graph is not { } graph || evaluated.Faults.Any(fault => fault.Severity != FaultSeverity.Info))
                {
                    Assert.NotEmpty(evaluated.Faults);
                    flagged++;
                    continue;
                }
                // It asks for larger images than are drawn here, and says so: the mutation is noticed.
                if (graph.Facts.Symbols.Any(symbol => graph.Facts.Least(symbol) > 39))
                {
                    flagged++;
                    continue;
                }
                using var scope = NewDisposeScope();
                var network = new RunningNetwork(
                    assembly.GetType(name, throwOnError: true)!, graph, new Dictionary<string, int>(), ScalarType.Float32);
                network.Module.eval();
                var sizes = network.Sizes(new System.Random(batch.Length));
                Tensor[] outputs;
                try
                {
                    outputs = network.Forward(network.Inputs(sizes, ScalarType.Float32));
                }
                catch (Exception exception) when (exception is not OutOfMemoryException)
                {
                    throw new InvalidOperationException(
                        $"{name} was accepted and does not run: {exception.Message}\nin\n{source}", exception);
                }
                foreach (var (output, result) in outputs.Zip(graph.Results))
                    Assert.True(
                        output.shape.SequenceEqual(RunningNetwork.Shape(result.Shape, sizes)),
                        $"{name}: predicted {result.Shape}, got ({string.Join(", ", output.shape)})\nin\n{source}");
                run++;
            }
        }));
        Assert.True(flagged >= 4 && run >= 4, $"{flagged} mutations were flagged and {run} ran: too few of a kind");
    }

    /// <summary>The source with one of the body's numbers changed.</summary>
    private static string Mutated(string source, int at, int change)
    {
        var body = source.IndexOf("Forward(", StringComparison.Ordinal);
        var numbers = Number().Matches(source, source.IndexOf('{', body));
        if (numbers.Count == 0) return source;
        var number = numbers[at % numbers.Count];
        var value = int.Parse(number.Value, System.Globalization.CultureInfo.InvariantCulture);
        var other = change switch { 0 => value + 1, 1 => value - 1, 2 => 2 * value, 3 => 0, _ => 7 };
        return source[..number.Index]
            + other.ToString(System.Globalization.CultureInfo.InvariantCulture)
            + source[(number.Index + number.Length)..];
    }

    // Whole numbers that stand alone: no part of a name or of a decimal.
    [GeneratedRegex(@"(?<![\w.])\d+(?![\w.])")]
    private static partial Regex Number();
}
