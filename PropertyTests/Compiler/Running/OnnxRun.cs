using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using Hybrid.Models.Weights;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>A folder of exported networks and what their modules gave, compared with onnxruntime.</summary>
internal sealed class OnnxRun : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hybrid-onnx-");
    private readonly List<Job> _jobs = [];
    private readonly List<Expected> _expected = [];
    private readonly Dictionary<string, Signature> _signatures = [];
    private readonly Random _random = new(4);

    private sealed record Job(string Model, string[] Names, OrtValue[] Inputs);

    /// <summary>What a module gave; of each result what one element may differ by.</summary>
    private sealed record Expected(string Name, float[][] Values, double[] Bounds, long[][] Shapes);

    /// <summary>An input or output as onnxruntime reads it: a size is a number or a name.</summary>
    public sealed record Port(string Name, string Type, string[] Shape)
    {
        public override string ToString() => $"{Name}: {Type} [{string.Join(", ", Shape)}]";
    }

    public sealed record Signature(Port[] Inputs, Port[] Outputs);

    /// <summary>What onnxruntime read of each file; after <see cref="Compare"/>.</summary>
    public IReadOnlyDictionary<string, Signature> Signatures => _signatures;

    /// <summary>The files of the models.</summary>
    public IReadOnlyList<string> Models => [.. _folder.GetFiles("*.onnx").Select(file => file.FullName).Order(StringComparer.Ordinal)];

    /// <summary>Exports a network and computes it at several sizes, drawn where none are given.</summary>
    /// <param name="network">In float32.</param>
    /// <param name="isExact">Whether the module is computed in float64, too, which it is in afterwards: where its own float32 is far from
    /// that (a normalisation of differences of nothing), onnxruntime's may be as well.</param>
    /// <param name="at">The sizes.</param>
    public void Add(RunningNetwork network, bool isExact, params Dictionary<string, long>[] at)
    {
        using var _ = no_grad();
        var model = $"{network.Graph.Name}.onnx";
        manual_seed(5);
        // Statistics as training leaves them, not as they start.
        foreach (var (name, buffer) in network.Module.named_buffers())
        {
            if (name.EndsWith("running_mean", StringComparison.Ordinal)) buffer.normal_(0, 0.5);
            else if (name.EndsWith("running_var", StringComparison.Ordinal)) buffer.uniform_(0.5, 2);
        }
        network.Module.eval();
        OnnxFile.Save(Path.Combine(_folder.FullName, model), network.Module);
        var runs = new List<(string Name, Tensor[] Inputs, Tensor[] Results)>();
        foreach (var sizes in at.Length > 0 ? at : [network.Sizes(_random), network.Sizes(_random)])
        {
            var inputs = network.Inputs(sizes, ScalarType.Float32);
            _jobs.Add(new Job(model, [.. network.Graph.Inputs.Select(input => input.Name!)], [.. inputs.Select(Value)]));
            runs.Add((
                network.Graph.ClassName + " at " + string.Join(", ", sizes.Select(pair => $"{pair.Key} = {pair.Value}")),
                inputs, network.Forward(inputs)));
        }
        if (isExact) network.Module.to(ScalarType.Float64);
        foreach (var (name, inputs, results) in runs)
        {
            var exact = isExact
                ? network.Forward([.. inputs.Select(input => input.dtype == ScalarType.Float32 ? input.to(ScalarType.Float64) : input)])
                : results;
            // 1e-5 of the largest result, at least of 1: what is summed is as large.
            var bounds = results.Zip(
                exact,
                (single, full) => (1e-5 * Math.Max(1, Largest(single)))
                    + (4 * Largest(single.to(ScalarType.Float64) - full.to(ScalarType.Float64))));
            _expected.Add(new Expected(
                name,
                [.. results.Select(r => r.to(ScalarType.Float32).contiguous().data<float>().ToArray())],
                [.. bounds],
                [.. results.Select(r => r.shape)]));
        }
    }

    private static double Largest(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.numel() == 0 ? 0 : tensor.to(ScalarType.Float64).abs().nan_to_num(0, 0, 0).max().ToDouble();
    }

    private static OrtValue Value(Tensor tensor)
    {
        var contiguous = tensor.contiguous();
        return tensor.dtype switch
        {
            ScalarType.Float32 => OrtValue.CreateTensorValueFromMemory(contiguous.data<float>().ToArray(), tensor.shape),
            ScalarType.Int64 => OrtValue.CreateTensorValueFromMemory(contiguous.data<long>().ToArray(), tensor.shape),
            ScalarType.Bool => OrtValue.CreateTensorValueFromMemory(contiguous.data<bool>().ToArray(), tensor.shape),
            var other => throw new NotSupportedException($"An input of an exported network: expected Float32, Int64 or Bool, got {other}."),
        };
    }

    /// <summary>What onnxruntime computes otherwise than the modules.</summary>
    public IReadOnlyList<string> Compare()
    {
        var differences = new List<string>();
        foreach (var jobs in _jobs.Zip(_expected).GroupBy(pair => pair.First.Model))
        {
            InferenceSession? session = null;
            foreach (var (job, expected) in jobs)
            {
                string? difference;
                try
                {
                    session ??= Open(job.Model);
                    difference = Difference(session, job, expected);
                }
                catch (OnnxRuntimeException exception)
                {
                    difference = exception.Message;
                }
                if (difference is not null) differences.Add($"{expected.Name}: {difference}");
            }
            session?.Dispose();
        }
        return differences;
    }

    private InferenceSession Open(string model)
    {
        // One thread: sums are then in the same order in each run. Errors only: ONNX's own inference of a pool's size with ceil is warned
        // about.
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        var session = new InferenceSession(Path.Combine(_folder.FullName, model), options);
        _signatures[model] = new Signature(
            Ports(session.InputNames, session.InputMetadata), Ports(session.OutputNames, session.OutputMetadata));
        return session;
    }

    private static Port[] Ports(IReadOnlyList<string> names, IReadOnlyDictionary<string, NodeMetadata> metadata) =>
        [
            .. names.Select(name => new Port(
                name,
                Named(metadata[name].ElementDataType),
                [.. metadata[name].Dimensions.Zip(metadata[name].SymbolicDimensions, (size, symbol) => size < 0 ? symbol : $"{size}")])),
        ];

    private static string Named(TensorElementType type)
        => type switch
        {
            TensorElementType.Float => "float32", TensorElementType.Int64 => "int64", TensorElementType.Bool => "bool", _ => $"{type}",
        };

    /// <summary>
    /// Whether ONNX's own checker is asked: where it is installed, and always by <c>./hybrid test --all</c>, which installs it.
    /// </summary>
    public static bool HasChecker => All || File.Exists("/usr/lib/python3/dist-packages/onnx/__init__.py");

    /// <summary>HYBRID_TEST_ALL=1.</summary>
    public static bool All => Environment.GetEnvironmentVariable("HYBRID_TEST_ALL") == "1";

    /// <summary>What ONNX's checker, Debian's python3-onnx, says against the files, inferred types and shapes included.</summary>
    public IReadOnlyList<string> Check()
    {
        const string check = """
            import sys, onnx
            for path in sys.argv[1:]:
                try: onnx.checker.check_model(onnx.load(path), full_check=True)
                except Exception as problem: print(path, problem)
            print("checked", len(sys.argv) - 1)
            """;
        var (code, output) = Run("/usr/bin/python3", ["-c", check, .. Models]);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return code == 0 && lines is [.. var problems, var last] && last == $"checked {Models.Count}" ? problems : [output];
    }

    /// <summary>
    /// What stands in a file, read without its writer: metadata, and the names of the tensors that have checkpoint keys or values of the
    /// module.
    /// </summary>
    public (Dictionary<string, string> Metadata, IReadOnlyList<string> Tensors) Read(string model)
    {
        var file = File.ReadAllBytes(Path.Combine(_folder.FullName, model));
        var metadata = Fields(file, 14)
            .Select(entry => (Key: Text(entry, 1), Value: Text(entry, 2)))
            .ToDictionary(entry => entry.Key, entry => entry.Value);
        return (metadata, [.. Fields(Fields(file, 7).Single(), 5).Select(tensor => Text(tensor, 8))]);

        static string Text(byte[] message, int field) => Encoding.UTF8.GetString(Fields(message, field).Single());
    }

    /// <summary>The contents of one field of a protobuf message that are messages, texts or bytes.</summary>
    private static List<byte[]> Fields(byte[] message, int field)
    {
        var found = new List<byte[]>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Number(ref at);
            switch (tag & 7)
            {
                case 0: Number(ref at); break;
                case 1: at += 8; break;
                case 5: at += 4; break;
                default:
                    var length = (int)Number(ref at);
                    if (tag >> 3 == field) found.Add(message[at..(at + length)]);
                    at += length;
                    break;
            }
        }
        return found;

        long Number(ref int at) // LEB128
        {
            var (number, shift) = (0L, 0);
            for (; ; shift += 7)
            {
                number |= (long)(message[at] & 0x7f) << shift;
                if ((message[at++] & 0x80) == 0) return number;
            }
        }
    }

    private static (int Code, string Output) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    private static string? Difference(InferenceSession session, Job job, Expected expected)
    {
        using var options = new RunOptions();
        using var outputs = session.Run(options, job.Names, job.Inputs, session.OutputNames);
        if (outputs.Count != expected.Values.Length) return $"{outputs.Count} results, {expected.Values.Length} expected";
        for (var n = 0; n < expected.Values.Length; n++)
        {
            var (name, output, wanted, bound) = (session.OutputNames[n], outputs[n], expected.Values[n], expected.Bounds[n]);
            var described = output.GetTensorTypeAndShape();
            if (!described.Shape.SequenceEqual(expected.Shapes[n]))
                return $"{name} is ({string.Join(", ", described.Shape)}), the module's ({string.Join(", ", expected.Shapes[n])})";
            float[] values = described.ElementDataType switch
            {
                TensorElementType.Float => output.GetTensorDataAsSpan<float>().ToArray(),
                TensorElementType.Int64 => [.. output.GetTensorDataAsSpan<long>().ToArray().Select(value => (float)value)],
                _ => [.. output.GetTensorDataAsSpan<bool>().ToArray().Select(value => value ? 1f : 0f)],
            };
            for (var i = 0; i < values.Length; i++)
            {
                if (values[i].Equals(wanted[i]) || Math.Abs(values[i] - wanted[i]) <= bound) continue;
                return $"{name}[{i}] is {values[i]}, the module's {wanted[i]} (they may differ by {bound})";
            }
        }
        return null;
    }

    public void Dispose()
    {
        foreach (var input in _jobs.SelectMany(job => job.Inputs)) input.Dispose();
        _folder.Delete(recursive: true);
    }
}
