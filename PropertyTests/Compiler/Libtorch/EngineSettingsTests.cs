using System;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Hybrid.Models.Engine;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Libtorch;

/// <summary>The engine's settings change speed, and results by rounding at most; the switch leaves everything as it is.</summary>
public sealed class EngineSettingsTests
{
    [Fact]
    public async Task Results_AgreeWithAndWithoutTheSettings()
    {
        var with = await Child.Run(nameof(PrintProducts), null, (EngineSettings.Switch, ""));
        var without = await Child.Run(nameof(PrintProducts), null, (EngineSettings.Switch, EngineSettings.AsIs));
        Assert.True(with.ExitCode == 0, with.Output);
        Assert.True(without.ExitCode == 0, without.Output);
        Assert.Contains($"said {EngineSettings.Switch}={EngineSettings.AsIs}: the engine is as it comes.", without.Output);
        Assert.Contains("products False, memory False", without.Output);
        Assert.Contains($"memory {OperatingSystem.IsLinux()}", with.Output);
        var (a, b) = (Numbers(with.Output), Numbers(without.Output));
        Assert.Equal(a.Length, b.Length);
        Assert.True(a.Length >= 12);
        foreach (var (x, y) in a.Zip(b))
            Assert.True(Math.Abs(x - y) <= 1e-4 * Math.Max(1, Math.Abs(y)), $"{x} with the settings, {y} without");
    }

    [Fact]
    public void Settings_AreMadeOnce() => Assert.Same(EngineSettings.Apply(), EngineSettings.Apply());

    private static double[] Numbers(string output)
        => [.. Regex.Matches(output, @"number (\S+)").Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];

    /// <summary>What the child runs: products of several shapes and types, and a factorisation.</summary>
    internal static void PrintProducts()
    {
        var settings = EngineSettings.Apply();
        Console.WriteLine($"said {settings.Explanation}");
        Console.WriteLine($"products {settings.FastProducts}, memory {settings.KeptMemory}");
        manual_seed(3);
        foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
        {
            foreach (var (n, k, m) in ((long, long, long)[])[(1, 1, 1), (64, 64, 64), (1000, 10, 128), (7, 333, 5)])
            {
                var (a, b) = (randn(n, k, dtype: type), randn(k, m, dtype: type));
                Print(a.mm(b).sum());
            }
            var x = randn(40, 40, dtype: type);
            Print(linalg.slogdet(x.mm(x.t()) + eye(40, dtype: type)).Item2);
            Print(nn.functional.conv2d(randn(2, 3, 16, 16, dtype: type), randn(4, 3, 3, 3, dtype: type)).square().sum());
        }

        static void Print(Tensor value) => Console.WriteLine(FormattableString.Invariant($"number {value.ToDouble():R}"));
    }
}
