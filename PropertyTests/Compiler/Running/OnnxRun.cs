using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Hybrid.Models.Export;
using Hybrid.PropertyTests.Compiler.Roslyn;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>A folder of exported networks and what their modules gave, compared with onnxruntime (its WebAssembly build) in one process of Node.</summary>
internal sealed class OnnxRun : IDisposable
{
    private static readonly Dictionary<ScalarType, string> _types = new() { [ScalarType.Float32] = "float32", [ScalarType.Int64] = "int64", [ScalarType.Bool] = "bool" };

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hybrid-onnx-");
    private readonly List<Job> _jobs = [];
    private readonly List<Expected> _expected = [];
    private readonly Random _random = new(4);

    private sealed record Port(string Name, string Type, long[] Dims, string File);

    private sealed record Job(string Model, Port[] Inputs);

    /// <summary>What a module gave; of each result what one element may differ by.</summary>
    private sealed record Expected(string Name, float[][] Values, double[] Bounds, long[][] Shapes);

    private sealed record Outcome(Port[]? Outputs, string? Error);

    private sealed record Results(Outcome[] Jobs, Dictionary<string, Signature> Models);

    /// <summary>An input or output as onnxruntime reads it: a size is a number or a name.</summary>
    public sealed record Tensor(string Name, string Type, JsonElement[] Shape)
    {
        public override string ToString() => $"{Name}: {Type} [{string.Join(", ", Shape)}]";
    }

    public sealed record Signature(Tensor[] Inputs, Tensor[] Outputs);

    /// <summary>What onnxruntime read of each file; after <see cref="Compare"/>.</summary>
    public IReadOnlyDictionary<string, Signature> Signatures { get; private set; } = new Dictionary<string, Signature>();

    /// <summary>The files of the models.</summary>
    public IReadOnlyList<string> Models => [.. _folder.GetFiles("*.onnx").Select(file => file.FullName).Order(StringComparer.Ordinal)];

    /// <summary>Exports a network and computes it at several sizes, drawn where none are given.</summary>
    /// <param name="network">In float32.</param>
    /// <param name="isExact">Whether the module is computed in float64, too, which it is in afterwards: where its own float32 is far from that (a normalisation of differences of
    /// nothing), onnxruntime's may be as well.</param>
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
        var runs = new List<(string Name, torch.Tensor[] Inputs, torch.Tensor[] Results)>();
        foreach (var sizes in at.Length > 0 ? at : [network.Sizes(_random), network.Sizes(_random)])
        {
            var inputs = network.Inputs(sizes, ScalarType.Float32);
            _jobs.Add(new Job(model, [.. network.Graph.Inputs.Zip(inputs, (input, tensor) => Write(input.Name!, tensor))]));
            runs.Add((network.Graph.ClassName + " at " + string.Join(", ", sizes.Select(pair => $"{pair.Key} = {pair.Value}")), inputs, network.Forward(inputs)));
        }
        if (isExact) network.Module.to(ScalarType.Float64);
        foreach (var (name, inputs, results) in runs)
        {
            var exact = isExact ? network.Forward([.. inputs.Select(input => input.dtype == ScalarType.Float32 ? input.to(ScalarType.Float64) : input)]) : results;
            // 1e-5 of the largest result, at least of 1: what is summed is as large.
            var bounds = results.Zip(exact, (single, full) => (1e-5 * Math.Max(1, Largest(single))) + (4 * Largest(single.to(ScalarType.Float64) - full.to(ScalarType.Float64))));
            _expected.Add(new Expected(name, [.. results.Select(r => r.to(ScalarType.Float32).contiguous().data<float>().ToArray())], [.. bounds], [.. results.Select(r => r.shape)]));
        }
    }

    private static double Largest(torch.Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.numel() == 0 ? 0 : tensor.to(ScalarType.Float64).abs().nan_to_num(0, 0, 0).max().ToDouble();
    }

    private Port Write(string name, torch.Tensor tensor)
    {
        var file = $"{_jobs.Count}-in-{name}.bin";
        File.WriteAllBytes(Path.Combine(_folder.FullName, file), tensor.contiguous().bytes.ToArray());
        return new Port(name, _types[tensor.dtype], tensor.shape, file);
    }

    /// <summary>What onnxruntime computes otherwise than the modules.</summary>
    public IReadOnlyList<string> Compare()
    {
        Assert.True(Directory.Exists(Repository.Path("tools", "node_modules", "onnxruntime-web")), "onnxruntime-web is not in tools/node_modules. Run ./hybrid setup, or npm ci in tools/.");
        File.WriteAllText(Path.Combine(_folder.FullName, "jobs.json"), JsonSerializer.Serialize(_jobs, _json));
        var (code, output) = Run("node", Repository.Path("tools", "onnx", "run.mjs"), _folder.FullName);
        Assert.True(code == 0, output);
        var results = JsonSerializer.Deserialize<Results>(File.ReadAllText(Path.Combine(_folder.FullName, "results.json")), _json)!;
        Signatures = results.Models;
        Assert.Equal(_expected.Count, results.Jobs.Length);
        return [.. _expected.Zip(results.Jobs, (expected, outcome) => Difference(expected, outcome) is { } difference ? $"{expected.Name}: {difference}" : null).OfType<string>()];
    }

    /// <summary>Whether ONNX's own checker is asked: where it is installed, and always by <c>./hybrid test --all</c>, which installs it.</summary>
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

    /// <summary>What stands in a file, read without its writer: metadata, and the names of the tensors that have checkpoint keys or values of the module.</summary>
    public (Dictionary<string, string> Metadata, IReadOnlyList<string> Tensors) Read(string model)
    {
        var file = File.ReadAllBytes(Path.Combine(_folder.FullName, model));
        var metadata = Fields(file, 14).Select(entry => (Key: Text(entry, 1), Value: Text(entry, 2))).ToDictionary(entry => entry.Key, entry => entry.Value);
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
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    private string? Difference(Expected expected, Outcome outcome)
    {
        if (outcome.Outputs is null) return outcome.Error;
        if (outcome.Outputs.Length != expected.Values.Length) return $"{outcome.Outputs.Length} results, {expected.Values.Length} expected";
        for (var n = 0; n < expected.Values.Length; n++)
        {
            var (port, wanted, bound) = (outcome.Outputs[n], expected.Values[n], expected.Bounds[n]);
            if (!port.Dims.SequenceEqual(expected.Shapes[n])) return $"{port.Name} is ({string.Join(", ", port.Dims)}), the module's ({string.Join(", ", expected.Shapes[n])})";
            var bytes = File.ReadAllBytes(Path.Combine(_folder.FullName, port.File));
            float[] values = port.Type switch
            {
                "float32" => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
                "int64" => [.. MemoryMarshal.Cast<byte, long>(bytes).ToArray().Select(value => (float)value)],
                _ => [.. bytes.Select(value => (float)value)],
            };
            for (var i = 0; i < values.Length; i++)
            {
                if (values[i].Equals(wanted[i]) || Math.Abs(values[i] - wanted[i]) <= bound) continue;
                return $"{port.Name}[{i}] is {values[i]}, the module's {wanted[i]} (they may differ by {bound})";
            }
        }
        return null;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
