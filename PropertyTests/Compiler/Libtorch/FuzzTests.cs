using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Hybrid.PropertyTests.Compiler.Running;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Libtorch;

/// <summary>
/// No argument of a public method ends the process: every program of the zoo's networks and losses, and the public methods of Hybrid.Models
/// that take tensors, are called with tensors of random shapes, types and numbers. A child notes each call before it makes it; where it
/// dies, the note names the call and another child continues after it. 20,000 calls, a million with <c>--all</c>.
/// </summary>
public sealed class FuzzTests
{
    private const string Seed = "HYBRID_FUZZ_SEED", First = "HYBRID_FUZZ_FIRST", Calls = "HYBRID_FUZZ_CALLS", Note = "HYBRID_FUZZ_NOTE";

    [Fact]
    public async Task RandomTensors_NeverEndTheProcess()
    {
        var seed = Environment.GetEnvironmentVariable("HYBRID_SEED")?.Split(',')[0] is { Length: > 0 } given
            ? (int)(ulong.Parse(given, CultureInfo.InvariantCulture) % int.MaxValue)
            : 20261130;
        var calls = Environment.GetEnvironmentVariable("HYBRID_TEST_ALL") is { Length: > 0 } ? 1_000_000 : 20_000;
        var note = Path.Combine(Path.GetTempPath(), $"hybrid-fuzz-{Environment.ProcessId}.txt");
        var deaths = new List<string>();
        var first = 0;
        try
        {
            while (true)
            {
                var (exitCode, output) = await Child.Run(
                    nameof(CallEverything), null, (Seed, $"{seed}"), (First, $"{first}"), (Calls, $"{calls}"), (Note, note));
                if (exitCode == 0) break;
                var last = File.Exists(note) ? File.ReadAllText(note) : "";
                Assert.True(last.Length > 0 && exitCode != 1, $"the child ended with {exitCode} without a death; seed {seed}:\n{output}");
                deaths.Add(last);
                first = int.Parse(last.Split(' ')[0], CultureInfo.InvariantCulture) + 1;
                Assert.True(deaths.Count < 50, $"more than 50 calls ended the process; seed {seed}:\n{string.Join("\n", deaths)}");
            }
        }
        finally
        {
            File.Delete(note);
        }
        Assert.True(
            deaths.Count == 0,
            $"{deaths.Count} calls ended the process; seed {seed} (HYBRID_SEED repeats it):\n{string.Join("\n", deaths)}");
    }

    /// <summary>What the child runs.</summary>
    internal static void CallEverything()
    {
        static int Number(string name) => int.Parse(Environment.GetEnvironmentVariable(name)!, CultureInfo.InvariantCulture);
        var (seed, first, calls) = (Number(Seed), Number(First), Number(Calls));
        set_num_threads(1);
        var targets = Targets();
        Assert.True(targets.Count > 120, $"expected more than 120 methods, found {targets.Count}");
        using var stream = new FileStream(
            Environment.GetEnvironmentVariable(Note)!, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, 1);
        using var writer = new StreamWriter(stream) { AutoFlush = true };
        var (answered, refused) = (0, 0);
        for (var call = first; call < calls; call++)
        {
            using var scope = NewDisposeScope();
            var (instance, method, network) = targets[call % targets.Count];
            var random = new Random(unchecked(seed + (call * 7919)));
            var made = new RandomTensors(random);
            // Arguments that fit but for a change or two get past the checks at the entry.
            var arguments = network is not null && random.Next(4) > 0
                ? made.Near(network, method)
                : [.. method.GetParameters().Select(made.Of)];
            stream.SetLength(0);
            stream.Position = 0;
            writer.Write(
                $"{call} {method.DeclaringType!.FullName}.{method.Name}({string.Join("; ", arguments.Select(RandomTensors.Describe))})");
            try
            {
                method.Invoke(instance, arguments);
                answered++;
            }
            catch (TargetInvocationException failure) when (
                failure.InnerException is not (NullReferenceException or AccessViolationException))
            {
                refused++;
            }
        }
        // Both must happen often, or the arguments test nothing.
        Assert.True(calls - first < 5000 || (answered > 1000 && refused > 1000), $"{answered} calls were answered, {refused} refused");
    }

    /// <summary>
    /// Methods whose every parameter can be made up: forward of modules and ensembles, functional forms, tangents, losses, and
    /// Hybrid.Models' own.
    /// </summary>
    private static List<(object? Instance, MethodInfo Method, RunningNetwork? Network)> Targets()
    {
        manual_seed(1);
        var targets = new List<(object?, MethodInfo, RunningNetwork?)>();
        var sizes = new Dictionary<string, int> { ["width"] = 4, ["parts"] = 3, ["hidden"] = 4 };
        foreach (
            var type in typeof(Zoo.LeNet).Assembly.GetExportedTypes()
                .Concat(typeof(Hybrid.Models.Training.Trainer).Assembly.GetExportedTypes())
                .OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            if (type.IsGenericTypeDefinition || type.IsEnum || type.IsInterface) continue;
            object? instance = null;
            if (type.IsSubclassOf(typeof(nn.Module)))
            {
                // Published networks of millions of weights would take all of the time.
                if (PublishedNetworks.All.ContainsKey(type.Name) && !PublishedNetworks.Small.Contains(type.Name)) continue;
                if (type.GetConstructors() is not [var constructor]) continue;
                try
                {
                    instance = constructor.Invoke(
                        [
                            .. constructor.GetParameters()
                                .Select(
                                    p => p.ParameterType == typeof(long) || p.ParameterType == typeof(int)
                                        ? Convert.ChangeType(4, p.ParameterType, CultureInfo.InvariantCulture)
                                        : null),
                        ]);
                }
                catch (Exception failure) when (failure is TargetInvocationException or ArgumentException)
                {
                    continue; // an ensemble's Of wants modules
                }
                ((nn.Module)instance).eval();
            }
            RunningNetwork? network = null;
            if (ZooNetworks.Models.Value.TryGetValue(type.FullName!, out var model)
                && instance is not null
                && Reading.Evaluate(model, sizes).Graph is { } graph)
                network = new RunningNetwork(type, graph, sizes, ScalarType.Float32);
            foreach (
                var method in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                    .OrderBy(m => m.ToString(), StringComparer.Ordinal))
            {
                if (!method.IsStatic && (instance is null || method.Name != "forward")) continue;
                if (method.IsGenericMethodDefinition
                    || method.GetParameters().All(p => p.ParameterType != typeof(Tensor))
                    || !method.GetParameters().All(RandomTensors.Knows))
                {
                    continue;
                }
                targets.Add((method.IsStatic ? null : instance, method, network));
            }
        }
        return targets;
    }
}
