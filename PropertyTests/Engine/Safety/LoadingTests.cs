using System;
using System.IO;
using System.Linq;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Engine.Safety;

/// <summary>What the process loads with libtorch.</summary>
public sealed class LoadingTests
{
    [Fact]
    public void LibrariesThatLibtorchNamesAndDoesNotUse_StayOut()
    {
        using var x = ones(2); // libtorch is loaded
        var folder = Path.Combine(AppContext.BaseDirectory, "unused");
        var standIns = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.so*").Select(path => Path.GetFileName(path)).ToHashSet() : [];
        var mapped = File.ReadLines("/proc/self/maps").Select(line => line.Split(' ')[^1]).Where(path => path.StartsWith('/')).Distinct().ToList();
        var real = mapped.Where(path => standIns.Any(name => Path.GetFileName(path).StartsWith(name, StringComparison.Ordinal)) && Path.GetDirectoryName(path) != folder).ToList();

        Assert.True(real.Count == 0, $"loaded although libtorch uses no symbol of theirs: {string.Join(", ", real)}");
        Assert.Equal(standIns.Count, mapped.Count(path => Path.GetDirectoryName(path) == folder));
    }
}
