using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Hybrid.Data.Cache;
using Hybrid.Models.Training;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Hybrid.PropertyTests.Compiler.Running;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>
/// The C# that README and the pages print compiles as it stands there, with the usings it shows and nothing else, without a report of the
/// checker; and its programs say what the page says they do. The pages of diagnostics have a test of their own, and docs/packages.md's
/// program is run from the packages.
/// </summary>
[Collection(nameof(Tensors))]
public sealed class PrintedCode
{
    private static readonly MetadataReference[] _libraries =
        [.. new[] { typeof(TrainingResult), typeof(Cache) }.Select(type => MetadataReference.CreateFromFile(type.Assembly.Location))];

    public static TheoryData<string> Pages()
        => [.. Directory.GetFiles(Repository.Path("docs"), "*.md")
            .Concat(Directory.GetFiles(Repository.Path("docs", "systems"), "*.md"))
            .Select(path => Path.GetRelativePath(Repository.Path(), path))
            .Where(page => page is not "docs/packages.md" && Blocks(page).Length > 0)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Blocks_Compile(string page)
    {
        var blocks = Blocks(page);
        var programs = blocks.Where(IsProgram).ToList();
        foreach (var program in programs) Compile(program);
        if (programs.Count < blocks.Length) Compile([.. blocks.Except(programs)]);
    }

    /// <summary>
    /// README's first example is the fault that the language is there to catch: its message, and that nothing else is wrong.
    /// </summary>
    [Fact]
    public void ExampleOfTheReadme_HasTheFaultThatIsShown()
    {
        var example = Assert.Single(Blocks("README.md"));
        var reported = Assert.Single(Specs.Analyze(Specs.Compile(example)));
        var shown = Regex.Match(File.ReadAllText(Repository.Path("README.md")), @"^error (HYB\d+): (.*)$", RegexOptions.Multiline);
        Assert.Equal((shown.Groups[1].Value, shown.Groups[2].Value), (reported.Id, reported.GetMessage()));
        Compile(example.Replace(", inputs: 9216", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("docs/data.md", 0, @"^64 images, the first is row \d+\n64 images, .*\n64 images, .*\n8 images, .*\n$")]
    [InlineData("docs/data.md", 1, @"^([2-9]|[1-3]\d)\.\d times the source's own light\n$")]
    [InlineData("docs/systems/imnn.md", 0, @"^\d+ draws, median 0\.\d, 68 % above the density 0\.[123]\n$")]
    [InlineData("docs/systems/imnn.md", 2, @"^\|F\| \d+\.\d\n$")]
    [InlineData("docs/systems/imnn.md", 1, @"^\|F\| (2\d|3\d|4\d)\.\d after 200 iterations\nmean -?0\.\d\d, variance \d\.\d\d\n$")]
    [InlineData("docs/systems/lens-finding.md", 0, @"^100 steps\n$")]
    [InlineData("docs/systems/cygno.md", 0, @"^AUC (0|1)\.\d{4} \(0\.\d{4} to [01]\.\d{4}\), MAE \d+\.\d\d keV on 80 unseen images\n$")]
    public void Program_PrintsWhatItIsFor(string page, int number, string expected)
    {
        var folder = Directory.CreateTempSubdirectory("hybrid-page-");
        try
        {
            Assert.Matches(expected, Run(Programs(page)[number], folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void ProgramOfReleasedWeights_LoadsThemAll()
    {
        var weights = Repository.Path("..", "shared", "data", "blase", "models.pth");
        Assert.SkipUnless(File.Exists(weights), $"{weights} is not there");
        Assert.Equal("30 tensors loaded\n", Run(Programs("docs/training.md")[0], weights));
    }

    private static string[] Programs(string page) => [.. Blocks(page).Where(IsProgram)];

    private static string[] Blocks(string page) => PageBlocks.Of(File.ReadAllText(Repository.Path(page)), "csharp");

    private static bool IsProgram(string block)
        => Specs.Tree(block, 0).GetCompilationUnitRoot().Members.Any(member => member is GlobalStatementSyntax);

    private static Compilation Compile(params string[] blocks)
    {
        var kind = blocks.Any(IsProgram) ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary;
        var compilation = Specs.Compile(blocks);
        compilation = compilation.WithOptions(compilation.Options.WithOutputKind(kind)).AddReferences(_libraries);
        Assert.Empty(Specs.Analyze(compilation));
        var (generated, _) = Specs.Generate(compilation);
        Assert.Empty(generated.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning));
        return generated;
    }

    private static string Run(string program, params string[] arguments)
    {
        var assembly = new AssemblyLoadContext("page", isCollectible: true).LoadFromStream(new MemoryStream(Specs.Emit(Compile(program))));
        var (shown, printed) = (Console.Out, new StringWriter { NewLine = "\n" });
        try
        {
            Console.SetOut(printed);
            (assembly.EntryPoint!.Invoke(null, [arguments]) as Task)?.GetAwaiter().GetResult();
        }
        finally
        {
            Console.SetOut(shown);
        }
        return printed.ToString();
    }
}
