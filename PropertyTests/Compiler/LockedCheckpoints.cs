using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hybrid.Generators.CodeFixes;
using Hybrid.Programs;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>HYB4006: [Network(Lock = true)] against a committed list of keys and shapes.</summary>
public sealed class LockedCheckpoints
{
    private const string Before = """
        using Hybrid;
        namespace Net;
        [Network(Dims = "B", Lock = true)]
        public partial class Example
        {
            [Spec] static Sym Forward([Shape("B, 1, 8, 8")] Sym image, [Param] int width = 5)
            {
                var stem = image.Conv2d(4, k: 3);
                var y = Block(stem).BatchNorm().MeanPool2d();
                var head = y.Linear(width);
                return head;
            }
            [Block] static Sym Block(Sym x)
            {
                var inner = x.Conv2d(4, k: 1, bias: false);
                return inner.Relu();
            }
        }
        """;

    private static readonly string _lock = Lock(Before);

    private static string Lock(string source)
        => CheckpointLock.Write(Reading.Evaluate(Reading.Models(Specs.Compile(source)).Values.Single()).Graph!)
        .Replace("(width, 4)", "(5, 4)", StringComparison.Ordinal).Replace("(width)", "(5)", StringComparison.Ordinal);

    private static IReadOnlyList<Diagnostic> Check(string source, string? text, string name = "Example.keys")
        => [.. Specs.Analyze(Specs.Compile(source), text is null ? [] : [new AdditionalFile(name, text)])];

    [Fact]
    public void Lock_ListsKeysAndShapes() => Assert.Equal(
        """
        # Checkpoint keys of Net.Example, held by [Network(Lock = true)]. Written by: hybrid card Example --lock
        stem.weight (4, 1, 3, 3)
        stem.bias (4)
        block_1.inner.weight (4, 4, 1, 1)
        y.weight (4)
        y.bias (4)
        y.running_mean (4)
        y.running_var (4)
        y.num_batches_tracked ()
        head.weight (5, 4)
        head.bias (5)

        """,
        _lock);

    [Theory]
    [InlineData("Example.keys")]
    [InlineData("somewhere/Net.Example.keys")]
    public void SameKeys_AreFine(string file) => Assert.Empty(Check(Before, _lock, file));

    [Fact]
    public void WithoutTheLock_NothingIsCompared() => Assert.Empty(Check(Before.Replace(", Lock = true", ""), "nothing"));

    [Fact]
    public void MissingFile_SaysHowToWriteIt() => Assert.Equal(
        "Example is locked, but there is no file Example.keys in its project. Write it with ./hybrid card Example --lock.",
        Check(Before, null).Single().GetMessage());

    [Fact]
    public void RenamedLocal_IsToldAtItsLayer()
    {
        var source = Before.Replace("var stem = ", "var trunk = ").Replace("Block(stem)", "Block(trunk)");
        var found = Check(source, _lock).Single();
        Assert.Equal("Conv2d 'trunk': renaming 'stem' changes 2 checkpoint keys (lock file). Keep with key: \"stem\".", found.GetMessage());
        Assert.Equal("Conv2d(4, k: 3)", source.Substring(found.Location.SourceSpan.Start, found.Location.SourceSpan.Length));
    }

    [Fact]
    public void ChangedShape_IsToldAtItsLayer() => Assert.Equal(
        "Linear 'head': 'head.weight' is (6, 4), the lock file has (5, 4). Keep the size, or write the lock again with ./hybrid card "
            + "Example --lock.",
        Check(Before.Replace("int width = 5", "int width = 6"), _lock)[0].GetMessage());

    [Fact]
    public void NewAndLostLayers_AreToldAtTheClass() => Assert.Equal(
        "Example: 'head' of the lock file is gone; 'linear_1', 'linear_2' are not in the lock file. If old checkpoints need not load, "
            + "write the lock again with ./hybrid card Example --lock.",
        Check(Before.Replace("var head = y.Linear(width);\n        return head;", "return y.Linear(width + 1).Linear(2);"), _lock)
            .Single()
            .GetMessage());

    /// <summary>A change of the locked network, its uses, and the call that is reported as it was and as it becomes.</summary>
    [Theory]
    [InlineData("var stem = ", "var trunk = ", "stem)", "trunk)", "Conv2d(4, k: 3)", "Conv2d(4, k: 3, key: \"stem\")")]
    [InlineData(
        "var inner = ", "var mixed = ", "inner.Relu", "mixed.Relu",
        "Conv2d(4, k: 1, bias: false)",
        "Conv2d(4, k: 1, bias: false, key: \"inner\")")]
    [InlineData("y.Linear(width)", "y.Linear(width, key: \"top\")", "", "", "Linear(width, key: \"top\")", "Linear(width, key: \"head\")")]
    public Task Fix_PinsTheOldKey(string from, string to, string use, string used, string was, string becomes)
    {
        var source = Before.Replace(from, to);
        if (use.Length > 0) source = source.Replace(use, used);
        return FixTest<ApplyEdit>.Run(
            source.Replace(was, $"{{|HYB4006:{was}|}}"), source.Replace(was, becomes), files: ("Example.keys", _lock));
    }

    /// <summary>The lock is read by the analyzer alone, so that nothing else can report a failure.</summary>
    [Fact]
    public void ALockThatCannotBeRead_IsReportedAndHidesNoOtherFault()
    {
        var source = Before.Replace("var head = y.Linear(width);", "var head = y.Softmax(0).Linear(width);", StringComparison.Ordinal);
        var found = Specs.Analyze(Specs.Compile(source), [new BrokenFile("Example.keys")]);
        Assert.Equal(["HYB1025", "HYB9001"], found.Select(diagnostic => diagnostic.Id).Order(StringComparer.Ordinal));
        Assert.Equal(
            "'Example' was not compared with its lock file: IOException: the disk is gone. Correct the file Example.keys.",
            found.Single(diagnostic => diagnostic.Id == "HYB9001").GetMessage());
    }

    private sealed class BrokenFile(string path) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => throw new IOException("the disk is gone");
    }
}
