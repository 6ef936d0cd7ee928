using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hybrid.PropertyTests.Compiler;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Systems.Cygno;

/// <summary>
/// Scores of the baselines that were stored, with their command, in baselines.json beside this: the same images give the same again.
/// </summary>
public sealed class CygnoBaselines
{
    [Fact]
    public void StoredBaselines_AreReproduced()
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("HYBRID_TEST_ALL") is { Length: > 0 },
            "trains three networks for a minute or more: ./hybrid test --all");
        using var sample = new SampleFolder("hybrid-cygno.dll");
        using var stored = JsonDocument.Parse(
            File.ReadAllText(Repository.Path("PropertyTests", "Systems", "Cygno", "baselines.json")));
        var command = stored.RootElement.GetProperty("command").GetString()!;
        sample.Ok([.. command.Split(' '), "--output", "again"]);
        using var made = JsonDocument.Parse(File.ReadAllText(sample.At("again", "baselines.json")));
        foreach (var name in (string[])["set", "images"])
            Assert.Equal(stored.RootElement.GetProperty(name).GetString(), made.RootElement.GetProperty(name).GetString());
        Assert.Equal(stored.RootElement.GetProperty("seed").GetInt64(), made.RootElement.GetProperty("seed").GetInt64());
        var (expected, got) = (Results(stored), Results(made));
        Assert.Equal(["exercise", "lophy95", "classical"], expected.Select(one => one.GetProperty("name").GetString()));
        Assert.Equal(expected.Length, got.Length);
        foreach (var (one, again) in expected.Zip(got))
        {
            var name = one.GetProperty("name").GetString();
            Assert.Equal(name, again.GetProperty("name").GetString());
            Near(one.GetProperty("area").GetProperty("auc"), again.GetProperty("area").GetProperty("auc"), 0.002, $"{name}, AUC");
            if (one.GetProperty("meanAbsoluteErrorKeV") is { ValueKind: JsonValueKind.Number } error)
                Near(error, again.GetProperty("meanAbsoluteErrorKeV"), 0.02, $"{name}, mean absolute error in keV");
        }

        static JsonElement[] Results(JsonDocument of) => [.. of.RootElement.GetProperty("results").EnumerateArray()];

        static void Near(JsonElement expected, JsonElement got, double most, string what)
            => Assert.True(
                Math.Abs(expected.GetDouble() - got.GetDouble()) <= most,
                $"{what}: expected {expected.GetDouble():0.0000} ± {most}, got {got.GetDouble():0.0000}");
    }
}
