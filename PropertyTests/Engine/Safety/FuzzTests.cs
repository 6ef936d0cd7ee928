using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;
using Hybrid.PropertyTests.Engine.Schema;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Engine.Safety;

/// <summary>
/// No argument ends the process. A child process, this program again with only one test, calls every operation with random arguments and notes each
/// call before it makes it; where it dies, the note names the call and another child goes on behind it.
/// </summary>
public sealed class FuzzTests
{
    private const string SeedVariable = "HYBRID_FUZZ_SEED";
    private const string FirstVariable = "HYBRID_FUZZ_FIRST";
    private const string LastVariable = "HYBRID_FUZZ_ROUNDS";
    private const string NoteVariable = "HYBRID_FUZZ_NOTE";
    private const int Rounds = 3;

    [Fact]
    public async Task RandomArguments_NeverEndTheProcess()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("HYBRID_SEED")?.Split(',')[0], out var given) ? given : 20260705;
        var rounds = int.TryParse(Environment.GetEnvironmentVariable(LastVariable), out var asked) ? asked : Rounds;
        var note = Path.Combine(Path.GetTempPath(), $"hybrid-fuzz-{Environment.ProcessId}.txt");
        var deaths = new List<string>();
        var first = 0;
        try
        {
            while (true)
            {
                var (finished, output) = await Child(seed, first, rounds, note);
                if (finished)
                {
                    break;
                }

                var last = File.Exists(note) ? File.ReadAllText(note) : "";
                Assert.True(last.Length > 0, $"the child died before its first call; seed {seed}:\n{output}");
                deaths.Add(last);
                first = int.Parse(last.Split(' ')[0], CultureInfo.InvariantCulture) + 1;
                Assert.True(deaths.Count < 200, $"more than 200 calls ended the process; seed {seed}:\n{string.Join("\n", deaths)}");
            }
        }
        finally
        {
            File.Delete(note);
        }

        Assert.True(deaths.Count == 0, $"{deaths.Count} calls ended the process; seed {seed} (HYBRID_SEED repeats it):\n{string.Join("\n", deaths)}");
    }

    /// <summary>What the child runs; by itself it is skipped.</summary>
    [Fact]
    public void Child_CallsEveryOperation()
    {
        if (Environment.GetEnvironmentVariable(NoteVariable) is not { Length: > 0 } note)
        {
            Assert.Skip($"runs in the child process of {nameof(RandomArguments_NeverEndTheProcess)} only");
            return;
        }

        set_num_threads(1);
        var seed = int.Parse(Environment.GetEnvironmentVariable(SeedVariable)!, CultureInfo.InvariantCulture);
        var first = int.Parse(Environment.GetEnvironmentVariable(FirstVariable)!, CultureInfo.InvariantCulture);
        var rounds = int.Parse(Environment.GetEnvironmentVariable(LastVariable)!, CultureInfo.InvariantCulture);
        var operations = AtenSchemaTests.Operations().Select(o => o.Method)
            .Where(m => m.GetParameters().All(p => !p.ParameterType.IsByRefLike))
            .OrderBy(m => m.DeclaringType!.FullName + m, StringComparer.Ordinal).ToArray();
        Assert.True(operations.Length > 800, $"expected more than 800 operations, found {operations.Length}");
        using var stream = new FileStream(note, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, 1);
        using var writer = new StreamWriter(stream) { AutoFlush = true };
        var succeeded = 0;
        for (var call = first; call < operations.Length * rounds; call++)
        {
            var method = operations[call % operations.Length];
            using var scope = NewDisposeScope();
            var arguments = new RandomArguments(unchecked(seed + (call * 7919)));
            arguments.Renew();
            try
            {
                var self = method.IsStatic ? null : arguments.Of(typeof(Tensor), false);
                var values = method.GetParameters().Select(p => arguments.Of(p.ParameterType, p.HasDefaultValue && p.DefaultValue is null)).ToArray();
                stream.SetLength(0);
                stream.Position = 0;
                writer.Write($"{call} {method.DeclaringType!.Name}.{method.Name} {string.Join(" | ", values.Prepend(self).Select(Describe))}");
                method.Invoke(self, values);
                succeeded++;
            }
            catch (TargetInvocationException)
            {
                // Refused with a message: what is asked for.
            }
        }

        Assert.True(succeeded > 0 || first > 0, "every single call was refused: the arguments are no test");
        Console.WriteLine($"fuzz: {succeeded} calls succeeded");
    }

    private static string Describe(object? value) => value switch
    {
        null => "null",
        Tensor t => t.ToString(),
        Tensor[] all => "{" + string.Join("; ", all.Select(t => t.ToString())) + "}",
        long[] numbers => $"[{string.Join(", ", numbers)}]",
        double[] numbers => $"[{string.Join(", ", numbers)}]",
        Scalar s => $"Scalar {s.Type} {s.ToDouble():R}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static async Task<(bool Finished, string Output)> Child(int seed, int first, int rounds, string note)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(FuzzTests).Assembly.Location);
        start.ArgumentList.Add("-method");
        start.ArgumentList.Add($"*.{nameof(Child_CallsEveryOperation)}");
        start.Environment[SeedVariable] = seed.ToString(CultureInfo.InvariantCulture);
        start.Environment[FirstVariable] = first.ToString(CultureInfo.InvariantCulture);
        start.Environment[LastVariable] = rounds.ToString(CultureInfo.InvariantCulture);
        start.Environment[NoteVariable] = note;
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEndAsync();
        var errors = child.StandardError.ReadToEndAsync();
        await child.WaitForExitAsync();
        return (child.ExitCode == 0, await output + await errors);
    }
}
