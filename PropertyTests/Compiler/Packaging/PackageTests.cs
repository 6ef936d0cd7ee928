using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text.RegularExpressions;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Packaging;

/// <summary>The packages are used as a user would: from a folder, by projects that know nothing of this repository.</summary>
public sealed class PackageTests(PackageFolder packages) : IClassFixture<PackageFolder>
{
    [Theory]
    [InlineData(
        "Hybrid.Dsl",
        "lib/netstandard2.0/Hybrid.Dsl.dll",
        "analyzers/dotnet/cs/Hybrid.Dsl.dll",
        "analyzers/dotnet/cs/Hybrid.Generators.dll",
        "analyzers/dotnet/cs/Hybrid.Generators.CodeFixes.dll",
        "buildTransitive/Hybrid.Dsl.targets")]
    [InlineData("Hybrid.Data", "lib/net10.0/Hybrid.Data.dll")]
    [InlineData("Hybrid.Models", "lib/net10.0/Hybrid.Models.dll")]
    [InlineData("Hybrid.Templates", "content/hybrid-network/.template.config/template.json")]
    public void Pack_BringsWhatAPackageIsFor(string package, params string[] expected)
    {
        Assert.True(packages.Packing.ExitCode == 0, packages.Packing.Output);
        using var archive = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(packages.Source, package + ".0.2.0-dev.*.nupkg")));
        var entries = archive.Entries.Select(entry => entry.FullName).ToList();
        foreach (var path in expected) Assert.True(entries.Contains(path), $"{package} lacks {path}; it has {string.Join(", ", entries)}");
        Assert.DoesNotContain(entries, entry => entry.EndsWith(".pdb", System.StringComparison.Ordinal));
    }

    [Fact]
    public void Template_MakesAProjectThatTrainsAndWhoseFaultsFailTheBuild()
    {
        Assert.True(packages.Packing.ExitCode == 0, packages.Packing.Output);
        var printed = TrainMoons(packages.Root);
        var accuracy = double.Parse(
            Regex.Match(printed, @"accuracy on unseen points (\d\.\d+)").Groups[1].Value,
            System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(accuracy > 0.95, printed);
        Assert.True(
            File.Exists(Path.Combine(
                packages.Root, "Moons", "obj", "generated", "Hybrid.Generators",
                "Hybrid.Generators.ProgramGenerator",
                "Moons.Classifier.g.cs")),
            "the generated module is not there to read");

        // Published, with and without a runtime identifier, it starts too: libtorch's bridge is the mended one there.
        foreach (var identifier in (string[][])[[], ["--runtime", "linux-x64", "--self-contained", "false"]])
        {
            var published = Path.Combine(packages.Root, "published" + identifier.Length);
            var publishing = packages.Run(packages.Root, ["publish", "Moons", "--output", published, "--nologo", .. identifier]);
            Assert.True(publishing.ExitCode == 0, publishing.Output);
            var again = packages.Run(published, "Moons.dll");
            Assert.True(again.ExitCode == 0 && again.Output.Contains("accuracy on unseen points"), again.Output);
            Directory.Delete(published, recursive: true);
        }

        // What docs/packages.md says of a pinned size.
        var classifier = Path.Combine(packages.Root, "Moons", "Classifier.cs");
        File.WriteAllText(classifier, File.ReadAllText(classifier).Replace("return x.Linear(2)", "return x.Linear(2, inputs: 31)"));
        var faulty = packages.Run(packages.Root, "build", "Moons", "--nologo");
        Assert.NotEqual(0, faulty.ExitCode);
        var promised = Regex.Match(Page, @"error HYB1001: .*").Value;
        Assert.NotEmpty(promised);
        Assert.Contains(promised.TrimEnd(), faulty.Output);
    }

    [Fact]
    public void Program_InOneFileRunsAsThePageSays()
    {
        Assert.True(packages.Packing.ExitCode == 0, packages.Packing.Output);
        File.WriteAllText(
            Path.Combine(packages.Root, "line.cs"), PageBlocks.Of(Page, "csharp")[0]);
        var run = packages.Run(packages.Root, "run", "line.cs");
        Assert.True(run.ExitCode == 0, run.Output);
        foreach (Match printed in Regex.Matches(Page, @"`(line\.\w+ [\d.]+)`")) Assert.Contains(printed.Groups[1].Value, run.Output);
    }

    [Fact]
    public void Script_OfAnInteractiveSessionRunsAsThePageSays()
    {
        Assert.True(packages.Packing.ExitCode == 0, packages.Packing.Output);
        var folder = Directory.CreateDirectory(Path.Combine(packages.Root, "interactive")).FullName;
        TrainMoons(folder);
        var output = RunScript(folder, "interactive.md");
        Assert.Matches(@"libtorch 2\.10\.0 from ", output);
        Assert.InRange(int.Parse(Regex.Match(output, @"1681 points, (\d+) of the upper kind").Groups[1].Value), 400, 1300);
        Assert.Contains("<svg", File.ReadAllText(Path.Combine(folder, "boundary.svg")));
    }

    /// <summary>The page's script as a notebook's cells, by the kernel that notebooks use.</summary>
    [Fact]
    public void Notebook_RunsThePagesScript()
    {
        Assert.SkipUnless(
            System.Environment.GetEnvironmentVariable("HYBRID_TEST_ALL") is { Length: > 0 },
            "installs the kernel and restores packages for minutes: ./hybrid test --all");
        Assert.True(packages.Packing.ExitCode == 0, packages.Packing.Output);
        var folder = Directory.CreateDirectory(Path.Combine(packages.Root, "notebook")).FullName;
        TrainMoons(folder);
        var tool = PackageFolder.Dotnet(folder, ["tool", "install", "Microsoft.dotnet-interactive", "--tool-path", "tools"]);
        Assert.True(tool.ExitCode == 0, tool.Output);
        var script = string.Join('\n', PageBlocks.Of(File.ReadAllText(Repository.Path("docs", "interactive.md")), "fsharp"));
        var lines = script.Replace("PATH/TO/packages", packages.Source)
            .Replace("Moons/bin", Path.Combine(folder, "Moons", "bin")).Split('\n');
        using var kernel = NotebookKernel.Start(
            Path.Combine(folder, "tools", "dotnet-interactive"), folder,
            ("NUGET_PACKAGES", Path.Combine(packages.Root, "restored")),
            ("HYBRID_TOOLS", Repository.Path("tools")),
            ("XDG_DATA_HOME", Path.Combine(folder, "user")),
            ("NUGET_FALLBACK_PACKAGES", PackageFolder.Restored));
        kernel.Run("fsharp", string.Join('\n', lines.Where(line => line.StartsWith('#'))));
        var output = kernel.Run("fsharp", string.Join('\n', lines.Where(line => !line.StartsWith('#'))));
        Assert.Matches(@"libtorch 2\.10\.0 from ", output);
        Assert.Matches(@"1681 points, \d+ of the upper kind", output);
        Assert.Contains("<svg", File.ReadAllText(Path.Combine(folder, "boundary.svg")));
    }

    [Fact]
    public void Script_OfTheDataPageRuns()
    {
        Assert.True(packages.Packing.ExitCode == 0, packages.Packing.Output);
        var folder = Directory.CreateDirectory(Path.Combine(packages.Root, "data")).FullName;
        var lines = RunScript(folder, "data.md").Split('\n');
        Assert.Contains("90 s, 20 files, 0 left out", lines);
        Assert.Contains("20 images: replaceMarked(100, 0) → clipPercentiles([0.5], [99.6]) → minMaxPerImage()", lines);
        var rows = lines.Where(line => line.StartsWith("rows ", System.StringComparison.Ordinal)).Select(line => Regex.Count(line, @"\d+"));
        Assert.Equal([4, 4, 2], rows);
        Assert.Matches(@"\d lenses of 8, 4 substructures, 8 recoils, 10000 numbers", string.Join('\n', lines));
        foreach (var drawn in (string[])["pixels.svg", "report.html"])
            Assert.Contains("scaled flux", File.ReadAllText(Path.Combine(folder, "data-example", drawn)));
    }

    /// <summary>Installs the template, makes its project Moons in a folder and runs it; gives what it printed.</summary>
    private string TrainMoons(string folder)
    {
        var hive = Path.Combine(folder, "hive");
        var template = Assert.Single(Directory.GetFiles(packages.Source, "Hybrid.Templates.*.nupkg"));
        var output = "";
        foreach (var step in (string[][])[
            ["new", "install", template, "--debug:custom-hive", hive],
            ["new", "hybrid-network", "--name", "Moons", "--debug:custom-hive", hive],
            ["run", "--project", "Moons"]])
        {
            (var exitCode, output) = packages.Run(folder, step);
            Assert.True(exitCode == 0, output);
        }
        return output;
    }

    /// <summary>The F# that a page prints, as one script beside the packages; nothing but their folder is put in.</summary>
    private string RunScript(string folder, string page)
    {
        var script = string.Join('\n', PageBlocks.Of(File.ReadAllText(Repository.Path("docs", page)), "fsharp"));
        File.WriteAllText(Path.Combine(folder, "page.fsx"), script.Replace("PATH/TO/packages", packages.Source));
        // Figures are drawn by this repository's tools, and what is kept of a user is kept here.
        var run = PackageFolder.Dotnet(
            folder,
            ["fsi", "page.fsx"],
            ("NUGET_PACKAGES", Path.Combine(packages.Root, "restored")),
            ("HYBRID_TOOLS", Repository.Path("tools")),
            ("XDG_DATA_HOME", Path.Combine(folder, "user")),
            // fsi does not read nuget.config's folders.
            ("NUGET_FALLBACK_PACKAGES", PackageFolder.Restored));
        Assert.True(run.ExitCode == 0, run.Output);
        return run.Output;
    }

    private static string Page => File.ReadAllText(Repository.Path("docs", "packages.md"));
}
