using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.Loader;
using System.Text.Json;
using Hybrid.Graphs;
using Hybrid.Models.Export;
using Hybrid.Onnx;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Hybrid.Rules;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>What is exported computes what the module computes: evaluated by onnxruntime (its WebAssembly build, through Node) at sizes drawn at random.</summary>
[Collection(nameof(Tensors))]
public sealed class OnnxTests
{
    private static readonly Dictionary<ScalarType, string> _types = new() { [ScalarType.Float32] = "float32", [ScalarType.Int64] = "int64", [ScalarType.Bool] = "bool" };

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web);

    private sealed record Port(string Name, string Type, long[] Dims, string File);

    private sealed record Job(string Model, Port[] Inputs);

    private sealed record Outcome(Port[]? Outputs, string? Error);

    /// <summary>Networks of the zoo whose operations ONNX does not have, with the one that is refused.</summary>
    private static readonly Dictionary<string, string> _refused = new()
    {
        ["Composed"] = "Module 'halver'", ["ElementwiseCrossEntropy"] = "CrossEntropy", ["EveryLoss"] = "CrossEntropy",
        ["Attentions"] = "Attention", ["CrossAttention"] = "Attention", ["SeriesTransformer"] = "Attention", ["SmallVisionTransformer"] = "Attention", ["TextClassifier"] = "Attention", ["Sized"] = "Attention",
        ["Recurrences"] = "Lstm", ["LstmClassifier"] = "Lstm", ["GruRegressor"] = "Gru",
        ["Equivariant"] = "LiftConv2d", ["Mirrors"] = "LiftConv2d", ["Turns"] = "LiftConv2d", ["TurnsAndMirrors"] = "LiftConv2d",
        ["Excited"] = "SqueezeExcite", ["TakenApart"] = "Unbind", ["Words"] = "MaskedMean",
    };

    /// <summary>What the zoo's networks leave out.</summary>
    private const string Cases = """
        using Hybrid;
        namespace Onnx;

        [Network(Dims = "B, H, W", Where = "H >= 9, W >= 9")]
        public partial class Windows
        {
            [Spec] static (Sym, Sym, Sym, Sym, Sym) Forward([Shape("B, 4, H, W")] Sym x) => (
                x.MaxPool2d(3, stride: 2, ceil: true),
                x.AvgPool2d((3, 2), stride: 2, ceil: true),
                x.AvgPool2d(3, stride: 2, pad: 1),
                x.Conv2d(6, k: (3, 2), stride: 2, dilation: (2, 1), same: true, groups: 2).PRelu(perChannel: true),
                x.Pad((2, 1)).CropTo(x).ReinterpretUnsafe().Broadcast());
        }

        [Network(Dims = "B")]
        public partial class FixedWindows
        {
            [Spec] static (Sym, Sym, Sym, Sym, Sym) Forward([Shape("B, 2, 8, 9")] Sym x) => (
                x.MaxPool2d(2, stride: 2, pad: 1, ceil: true),
                x.AvgPool2d(2, stride: 2, pad: 1, ceil: true),
                x.AdaptiveAvgPool2d((3, 4)),
                x.AdaptiveMaxPool2d((4, 3)) + x.AdaptiveAvgPool2d((4, 3)),
                x.AdaptiveMaxPool2d(1) * x.AdaptiveAvgPool2d(1));
        }

        [Network(Dims = "B")]
        public partial class Elements
        {
            [Spec] static (Sym, Sym, Sym, Sym, Sym) Forward([Shape("B, 5")] Sym x, [Shape("B, 5"), Positive] Sym y) => (
                x.Abs().Pow(1.5).Clamp(0.1, 3.0).Log() - y.Sqrt(),
                (-x).Elu(0.5).Softplus(2).LogSoftmax(0) / y,
                x.Clamp(min: -0.5).Exp() * x.Clamp(max: 0.5).Silu(),
                2 - x.PRelu().Gelu().LeakyRelu(0.2).Tanh(),
                x.Sigmoid().Linear(3, bias: false).LogSoftmax().Square().Dropout().Relu().Sum());
        }

        [Network(Dims = "B, N", Where = "N >= 2")]
        public partial class Matrices
        {
            [Spec] static (Sym, Sym, Sym, Sym, Sym) Forward([Shape("B, 3, 3")] Sym x, [Shape("N, 4")] Sym draws) => (
                x.AddDiagonal(6).LogDet() + x.Det() * 0.1 + x.Trace() + x.Frobenius(),
                draws.Cov(),
                x.MatMul(x.Transpose()).Mean((-1, 0), keep: true),
                draws.Sum(0).MatMul(draws.Mean(0)),
                x.Linear(2).Mean());
        }

        [Network(Dims = "B, T", Where = "T >= 2")]
        public partial class Shapes
        {
            [Spec] static (Sym, Sym, Sym, Sym, Sym) Forward([Shape("B, T, 6")] Sym x) => (
                x.Reshape("B, T, 2, 3").Permute(0, 2, 1, 3).Flatten(1),
                x.Reshape("B, 2, T, 3").Flatten(2).Is("B, 2, T * 3"),
                x.ToChannelsFirst().GroupNorm(2).Transpose(1, 2).LayerNorm(),
                x.Unsqueeze(-1).Squeeze(-1).Slice(1, 1, 1).Squeeze(1).Cat(x.Mean(1), axis: -1),
                x.Flatten(0).Unsqueeze(0));
        }

        [Network(Dims = "B, T")]
        public partial class Lookups
        {
            [Spec] static Sym Forward([Shape("B, T"), Int64] Sym words) => words.Embedding(11, 3).Mean(1);
        }

        """;

    [Fact]
    public void ExportedNetworks_ComputeWhatTheModulesCompute()
    {
        if (!Directory.Exists(Repository.Path("tools", "node_modules", "onnxruntime-web"))) Assert.Skip("onnxruntime-web is not in tools/node_modules: ./hybrid setup installs it");
        using var run = new OnnxRun();
        var networks = Networks(typeof(Zoo.LeNet)).Concat(Networks(typeof(Zoo.Layers.Series)))
            .Concat(Networks(typeof(Zoo.Published.Vgg16)).Where(type => ZooNetworks.SmallPublished.Any(row => row.Data == type.Name))).Concat(Compiled()).ToList();
        var exported = new HashSet<string>();
        var failures = new List<string>();
        foreach (var type in networks)
        {
            using var scope = NewDisposeScope();
            var graph = Trace.Of(type);
            try
            {
                run.Add(new RunningNetwork(type, graph, DefaultSizes(type), ScalarType.Float32));
                exported.UnionWith(graph.Nodes.Select(node => node.Operation));
                if (_refused.ContainsKey(type.Name)) failures.Add($"{type.Name} was to be refused");
            }
            catch (NotSupportedException refusal)
            {
                var expected = _refused.GetValueOrDefault(type.Name) ?? (type.Namespace != "Random" ? "\0" : refusal.Message.Contains("has no equivalent in ONNX") ? "" : "of maps of the open size");
                if (!refusal.Message.Contains(expected, StringComparison.Ordinal)) failures.Add(refusal.Message);
            }
        }
        failures.AddRange(run.Compare());
        failures.AddRange(OnnxOperations.All.Keys.Except(exported).Order(StringComparer.Ordinal).Select(name => $"{name} is in none of the networks"));
        Assert.True(failures.Count == 0, string.Join("\n", failures));
    }

    /// <summary>HYBRID_TEST_ALL=1: what ONNX's own checker, Debian's python3-onnx, says of the files, types and shapes included.</summary>
    [Fact]
    public void ExportedFiles_PassTheChecker()
    {
        if (Environment.GetEnvironmentVariable("HYBRID_TEST_ALL") != "1") return;
        using var run = new OnnxRun();
        foreach (var type in Networks(typeof(Zoo.LeNet)).Concat(Networks(typeof(Zoo.Layers.Series))).Concat(Compiled()).Where(type => !_refused.ContainsKey(type.Name) && type.Namespace != "Random"))
        {
            using var scope = NewDisposeScope();
            run.Add(new RunningNetwork(type, Trace.Of(type), DefaultSizes(type), ScalarType.Float32));
        }
        const string check = "import sys, onnx\nfor path in sys.argv[1:]: onnx.checker.check_model(onnx.load(path), full_check=True)\nprint(len(sys.argv) - 1)";
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", check, .. run.Models]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = python.StandardOutput.ReadToEnd();
        python.WaitForExit();
        Assert.Equal((0, $"{run.Models.Count()}\n"), (python.ExitCode, output + python.StandardError.ReadToEnd()));
    }

    // The cases above and thirty-six random specs, always the same, in one compilation.
    private static List<Type> Compiled()
    {
        var random = new Random(12);
        var specs = Enumerable.Range(0, 36).Select(n => RandomSpecs.Write([.. Enumerable.Range(0, 3 + (n % 6)).Select(_ => (random.Next(1000), random.Next(1000), random.Next(1000)))], $"Net{n}"));
        var compilation = Specs.Compile(Cases, "using Hybrid;\nnamespace Random;\n" + string.Concat(specs));
        Assert.Empty(Specs.Analyze(compilation).Where(d => d.Severity == Microsoft.CodeAnalysis.DiagnosticSeverity.Error));
        var assembly = new AssemblyLoadContext("onnx", isCollectible: true).LoadFromStream(new MemoryStream(Specs.Emit(Specs.Generate(compilation).Compilation)));
        return [.. assembly.GetExportedTypes().Where(type => !type.IsNested && type.IsSubclassOf(typeof(nn.Module))).OrderBy(type => type.FullName, StringComparer.Ordinal)];
    }

    [Fact]
    public void OperationsWithoutEquivalent_AreRefusedByName()
    {
        var graph = Trace.Of("Net", "B", "", [("x", "B, 3, 3")], x => [x[0].Inverse()]);
        var refusal = Assert.Throws<NotSupportedException>(() => OnnxExport.Of(graph, _ => throw new InvalidOperationException()));
        Assert.Equal("Net: Inverse has no equivalent in ONNX's operator set 17.", refusal.Message);

        graph = Trace.Of("Net", "B, H, W", "H >= 7, W >= 7", [("x", "B, 3, H, W")], x => [x[0].AdaptiveAvgPool2d(7)]);
        refusal = Assert.Throws<NotSupportedException>(() => OnnxExport.Of(graph, _ => throw new InvalidOperationException()));
        Assert.Equal("Net: AdaptiveAvgPool2d to 7×7 of maps of the open size H, which ONNX's operator set 17 does not express.", refusal.Message);
        Assert.Contains("has no method marked [Spec]", Assert.Throws<ArgumentException>(() => OnnxFile.Save("never.onnx", nn.Linear(2, 2))).Message, StringComparison.Ordinal);
        Assert.All(OnnxOperations.All.Keys, name => Assert.NotNull(RuleTable.Find(name)));
    }

    private static IEnumerable<Type> Networks(Type one) => one.Assembly.GetExportedTypes().Where(t => !t.IsNested && t.Namespace == one.Namespace && t.IsSubclassOf(typeof(nn.Module))).OrderBy(t => t.Name, StringComparer.Ordinal);

    private static Dictionary<string, int> DefaultSizes(Type type)
        => type.GetConstructors().Single().GetParameters().Where(p => p.ParameterType == typeof(long)).ToDictionary(p => p.Name!, p => (int)(long)p.DefaultValue!);

    /// <summary>A folder of exported networks and what they gave, compared in one process of Node.</summary>
    private sealed class OnnxRun : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hybrid-onnx-");
        private readonly List<Job> _jobs = [];
        private readonly List<(string Name, float[][] Values, long[][] Shapes)> _expected = [];
        private readonly Random _random = new(4);

        /// <summary>Exports a network and computes it at two sizes.</summary>
        public void Add(RunningNetwork network)
        {
            using var _ = no_grad();
            var model = $"{network.Graph.ClassName}.onnx";
            manual_seed(5);
            // Statistics as training leaves them, not as they start.
            foreach (var (name, buffer) in network.Module.named_buffers())
            {
                if (name.EndsWith("running_mean", StringComparison.Ordinal)) buffer.normal_(0, 0.5);
                else if (name.EndsWith("running_var", StringComparison.Ordinal)) buffer.uniform_(0.5, 2);
            }
            network.Module.eval();
            OnnxFile.Save(Path.Combine(_folder.FullName, model), network.Module);
            for (var size = 0; size < 2; size++)
            {
                var sizes = network.Sizes(_random);
                var inputs = network.Inputs(sizes, ScalarType.Float32);
                var ports = network.Graph.Inputs.Zip(inputs, (input, tensor) => Write(input.Name!, tensor)).ToArray();
                _jobs.Add(new Job(model, ports));
                var results = network.Forward(inputs);
                _expected.Add((network.Graph.ClassName + " at " + string.Join(", ", sizes.Select(pair => $"{pair.Key} = {pair.Value}")), [.. results.Select(r => r.to(ScalarType.Float32).contiguous().data<float>().ToArray())], [.. results.Select(r => r.shape)]));
            }
        }

        public IReadOnlyList<string> Compare()
        {
            File.WriteAllText(Path.Combine(_folder.FullName, "jobs.json"), JsonSerializer.Serialize(_jobs, _json));
            var start = new ProcessStartInfo("node", [Repository.Path("tools", "onnx", "run.mjs"), _folder.FullName]) { RedirectStandardError = true };
            using (var node = Process.Start(start)!)
            {
                var errors = node.StandardError.ReadToEnd();
                node.WaitForExit();
                Assert.True(node.ExitCode == 0, errors);
            }
            var outcomes = JsonSerializer.Deserialize<Outcome[]>(File.ReadAllText(Path.Combine(_folder.FullName, "results.json")), _json)!;
            var failures = _expected.Zip(outcomes, (expected, outcome) => Difference(expected.Values, expected.Shapes, outcome) is { } difference ? $"{expected.Name}: {difference}" : null).OfType<string>().ToList();
            Assert.Equal(_expected.Count, outcomes.Length);
            return failures;
        }

        private string? Difference(float[][] expected, long[][] shapes, Outcome outcome)
        {
            if (outcome.Outputs is null) return outcome.Error;
            if (outcome.Outputs.Length != expected.Length) return $"{outcome.Outputs.Length} results, {expected.Length} expected";
            for (var n = 0; n < expected.Length; n++)
            {
                var port = outcome.Outputs[n];
                if (!port.Dims.SequenceEqual(shapes[n])) return $"{port.Name} is ({string.Join(", ", port.Dims)}), the module's ({string.Join(", ", shapes[n])})";
                var bytes = File.ReadAllBytes(Path.Combine(_folder.FullName, port.File));
                var values = new float[bytes.Length / sizeof(float)];
                Buffer.BlockCopy(bytes, 0, values, 0, bytes.Length);
                // 1e-5 of the largest result, at least of 1: what is summed is as large.
                var scale = Math.Max(1, expected[n].Length == 0 ? 1 : expected[n].Max(Math.Abs));
                for (var i = 0; i < values.Length; i++)
                {
                    if (Math.Abs(values[i] - expected[n][i]) <= 1e-5 * scale) continue;
                    return $"{port.Name}[{i}] is {values[i]}, the module's {expected[n][i]} (largest {scale})";
                }
            }
            return null;
        }

        private Port Write(string name, Tensor tensor)
        {
            var file = $"{_jobs.Count}-in-{name}.bin";
            File.WriteAllBytes(Path.Combine(_folder.FullName, file), tensor.contiguous().bytes.ToArray());
            return new Port(name, _types[tensor.dtype], tensor.shape, file);
        }

        /// <summary>The files of the models, for other tools.</summary>
        public IEnumerable<string> Models => _folder.GetFiles("*.onnx").Select(file => file.FullName);

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
