using System;
using System.IO;
using System.Linq;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Packaging;

/// <summary>
/// The build step that lets TorchSharp's native bridge load on older Linux (Dsl/Packaging/Hybrid.Dsl.targets), on bridges made up here: the
/// real one is what every test that uses a tensor runs on.
/// </summary>
public sealed class BridgeTests : IDisposable
{
    // The request for GLIBCXX_3.4.32 in an ELF file's table of needed versions: hash of the name, flags, index.
    private static readonly byte[] _request = [0x42, 0xF8, 0x97, 0x02, 0x00, 0x00, 0x2A, 0x00];
    private readonly string _folder = Directory.CreateTempSubdirectory("hybrid-bridge-").FullName;

    [Fact]
    public void Request_IsMarkedWeakInACopyAndNothingElseChanges()
    {
        var bridge = Bridge([.. "before\n"u8, .. _request, .. "between GLIBCXX_3.4.32 \n after"u8]);
        var (exitCode, output, mended) = Mend();
        Assert.True(exitCode == 0, output);
        var differences = bridge.Zip(mended!)
            .Select((pair, at) => (At: at, pair.First, pair.Second))
            .Where(pair => pair.First != pair.Second)
            .ToList();
        var (place, was, now) = Assert.Single(differences);
        Assert.Equal((7 + 4, (byte)0, (byte)2, bridge.Length), (place, was, now, mended!.Length));
        Assert.Equal(bridge, File.ReadAllBytes(Source));
    }

    [Fact]
    public void BridgeThatDoesNotAsk_IsCopiedAsItIs()
    {
        var bridge = Bridge("a bridge that was built with an older compiler, \0\u0001\u0002"u8.ToArray());
        var (exitCode, output, mended) = Mend();
        Assert.True(exitCode == 0, output);
        Assert.Equal(bridge, mended);
    }

    [Fact]
    public void UnexpectedBridge_FailsTheBuildByName()
    {
        _ = Bridge("GLIBCXX_3.4.32 is named, and no request for it has the known form"u8.ToArray());
        var (exitCode, output, mended) = Mend();
        Assert.NotEqual(0, exitCode);
        Assert.Contains($"error HYBTORCH1: {Source}: expected one request for GLIBCXX_3.4.32 to mark as weak", output);
        Assert.Null(mended);
    }

    [Fact]
    public void TwoRequests_FailTheBuild()
    {
        _ = Bridge([.. _request, .. "GLIBCXX_3.4.32\n"u8, .. _request]);
        Assert.NotEqual(0, Mend().ExitCode);
    }

    [Fact]
    public void Mending_CanBeSwitchedOff()
    {
        _ = Bridge([.. _request, .. "GLIBCXX_3.4.32"u8]);
        var (exitCode, output, mended) = Mend("-p:MendTorchSharpBridge=false");
        Assert.True(exitCode == 0, output);
        Assert.Null(mended);
    }

    private string Source => Path.Combine(_folder, "package", "libLibTorchSharp.so");

    private byte[] Bridge(byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Source)!);
        File.WriteAllBytes(Source, content);
        return content;
    }

    /// <summary>Runs the step as a project would that has the bridge among its native libraries.</summary>
    private (int ExitCode, string Output, byte[]? Mended) Mend(params string[] options)
    {
        File.WriteAllText(Path.Combine(_folder, "Bridge.proj"), $"""
            <Project DefaultTargets="MendTorchSharpBridge">
              <PropertyGroup><IntermediateOutputPath>obj/</IntermediateOutputPath></PropertyGroup>
              <ItemGroup><NativeCopyLocalItems Include="{Source}" /></ItemGroup>
              <Target Name="ResolvePackageAssets" />
              <Target Name="MendTorchSharpBridge" Condition="'$(MendTorchSharpBridge)' == 'false'" />
              <Import Project="{Repository.Path("Dsl", "Packaging", "Hybrid.Dsl.targets")}"
                      Condition="'$(MendTorchSharpBridge)' != 'false'" />
            </Project>
            """);
        var (exitCode, output) = PackageFolder.Dotnet(_folder, ["msbuild", Path.Combine(_folder, "Bridge.proj"), "-nologo", .. options]);
        var mended = Path.Combine(_folder, "obj", "torchsharp", "libLibTorchSharp.so");
        return (exitCode, output, File.Exists(mended) ? File.ReadAllBytes(mended) : null);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
