using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Packaging;

/// <summary>
/// The packages for GPUs are gigabytes and not on every feed: which of them is chosen is asked of the build, and a stand-in is restored and
/// compiled against.
/// </summary>
public sealed class CudaTests(PackageFolder packages) : IClassFixture<PackageFolder>
{
    [Theory]
    [InlineData("cpu", "libtorch-cpu-linux-x64")]
    [InlineData("cuda", "TorchSharp-cuda-linux")]
    public void Backend_ChoosesPackagesOnly(string backend, string expected)
    {
        if (!System.OperatingSystem.IsLinux()) Assert.Skip("names Linux's packages");
        Assert.Equal(["TorchSharp", expected], Referenced("samples/Imnn/Imnn.csproj", backend));
        // a library leaves the native package to the program
        Assert.Equal(["TorchSharp"], Referenced("Models/Hybrid.Models.csproj", backend));
    }

    [Fact]
    public void OtherBackend_IsRefusedByName()
    {
        var (exitCode, output) = Ask(
            "msbuild", Repository.Path("Models/Hybrid.Models.csproj"), "-nologo", "-t:CheckTorchBackend", "-p:TorchBackend=rocm");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("TorchBackend: expected cpu or cuda, got 'rocm'.", output);
    }

    [Fact]
    public void Project_ThatNamesTheCudaPackage_IsRestoredAndCompiled()
    {
        Assert.True(packages.Packing.ExitCode == 0, packages.Packing.Output);
        Stub("TorchSharp-cuda-linux");
        var folder = Path.Combine(packages.Root, "Gpu");
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(Repository.Path("samples/Templates/hybrid-network")))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        var project = Path.Combine(folder, "HybridNetwork1.csproj");
        // What docs/packages.md says: one package instead of those for processors.
        var text = Regex.Replace(File.ReadAllText(project), @"\s*<PackageReference Include=""libtorch-cpu-[^>]*/>", "");
        Assert.DoesNotContain("libtorch-cpu", Regex.Replace(text, "<!--.*?-->", "", RegexOptions.Singleline));
        File.WriteAllText(
            project,
            text.Replace("</ItemGroup>", "  <PackageReference Include=\"TorchSharp-cuda-linux\" Version=\"0.107.0\" />\n  </ItemGroup>"));
        var built = packages.Run(packages.Root, "build", folder, "--nologo");
        Assert.True(built.ExitCode == 0, built.Output);
        Assert.Contains("TorchSharp-cuda-linux/0.107.0", File.ReadAllText(Path.Combine(folder, "obj", "project.assets.json")));
        Assert.True(File.Exists(Directory.GetFiles(folder, "HybridNetwork1.dll", SearchOption.AllDirectories).First()));
    }

    private static string[] Referenced(string project, string backend)
    {
        var (exitCode, output) = Ask(
            "msbuild", Repository.Path(project), "-nologo", $"-p:TorchBackend={backend}", "-getItem:PackageReference");
        Assert.True(exitCode == 0, output);
        return [.. JsonDocument.Parse(output).RootElement.GetProperty("Items").GetProperty("PackageReference").EnumerateArray()
            .Select(item => item.GetProperty("Identity").GetString()!)
                .Where(name => name.Contains("torch", System.StringComparison.OrdinalIgnoreCase))];
    }

    private static (int ExitCode, string Output) Ask(params string[] arguments) => PackageFolder.Dotnet(Repository.Path(), arguments);

    /// <summary>A package of that name with TorchSharp as its only dependency.</summary>
    private void Stub(string name)
    {
        using var archive = ZipFile.Open(Path.Combine(packages.Source, $"{name}.0.107.0.nupkg"), ZipArchiveMode.Create);
        using var writer = new StreamWriter(archive.CreateEntry($"{name}.nuspec").Open());
        writer.Write($"""
            <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
              <metadata>
                <id>{name}</id><version>0.107.0</version><authors>stand-in</authors>
                <description>Stands for the real package in a test.</description>
                <dependencies><dependency id="TorchSharp" version="0.107.0" /></dependencies>
              </metadata>
            </package>
            """);
    }
}
