using System;
using System.Diagnostics;
using System.Linq;
using Hybrid.Generators;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>Code is half-typed most of the time: nothing that stands in a file makes the generator or the analyzer fail or hang.</summary>
public sealed class MalformedCode
{
    /// <summary>
    /// A fixed share of all prefixes, so that the suite stays short; the offset moves through the files. HYBRID_TEST_ALL=1 takes every
    /// prefix.
    /// </summary>
    private static readonly int _everyCharacters = Environment.GetEnvironmentVariable("HYBRID_TEST_ALL") == "1" ? 1 : 97;

    /// <summary>Longer than any reading takes on a busy machine, and far shorter than a person waits for a hang to end.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(20);

    public static TheoryData<string> Files => [.. ZooSources.All.Keys];

    /// <summary>File by file, so that all prefixes, twenty minutes' work on one core, can be read in pieces.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void EveryPrefixOfEveryZooSpec(string file)
    {
        var (text, position) = (ZooSources.All[file], ZooSources.All.Keys.ToList().IndexOf(file));
        for (var length = 1 + (position * 7 % _everyCharacters); length < text.Length; length += _everyCharacters)
        {
            var took = Reads(text[..length]);
            // What takes long once was kept waiting by the machine; what does again, hangs.
            if (took >= _longest) took = Reads(text[..length]);
            Assert.True(took < _longest, $"the first {length} characters of {file} took {took.TotalSeconds:0.0} s");
        }
    }

    private static TimeSpan Reads(string source)
    {
        var start = Stopwatch.GetTimestamp();
        Survives(source);
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>
    /// The compiler takes generated files whose names differ in case alone for one, and throws all of a generator's files away then.
    /// </summary>
    [Theory]
    [InlineData("[Network(Dims = \"B\")] public partial class Net { BODY }", "[Network(Dims = \"B\")] public partial class Net { BODY }")]
    [InlineData("[Network(Dims = \"B\"), Loss(Dims = \"B\")] public partial class Net { BODY }", "")]
    [InlineData("[Loss(Dims = \"B\")] public partial class Net { BODY }", "[Network(Dims = \"B\")] public partial class Net { }")]
    [InlineData("[Network(Dims = \"B\")] public partial class Net { BODY }", "[Network(Dims = \"B\")] public partial class NET { BODY }")]
    [InlineData(
        "[Network(Dims = \"B\")] public partial class Net { BODY }",
        "[Network(Dims = \"B\")] public partial class Net<T> { BODY }")]
    [InlineData(
        "[Network(Dims = \"B\"), Derive(Variant.Functional)] public partial class Net { BODY [Network(Dims = \"B\")] public partial class "
            + "Functional { BODY } }",
        "")]
    public void ClassesOfOneName(string first, string second)
        => Survives(
            "using Hybrid;\nnamespace Nets;\n"
                + (first + "\n" + second)
                    .Replace("BODY", "[Spec] static Sym Forward([Shape(\"B\")] Sym x) => x.Relu().Mean();", StringComparison.Ordinal));

    [Fact]
    public void RandomlyDamagedSpecs()
    {
        var random = new Random(20260729);
        var all = ZooSources.All.Values.ToArray();
        const string Noise = "(){}[];,.=<>\"$'+-*/?:0x \n";
        for (var round = 0; round < 60; round++)
        {
            var text = all[random.Next(all.Length)].ToCharArray().ToList();
            for (var edits = random.Next(1, 6); edits > 0; edits--)
            {
                var at = random.Next(text.Count);
                switch (random.Next(3))
                {
                    case 0: text.RemoveRange(at, Math.Min(random.Next(1, 12), text.Count - at)); break;
                    case 1: text.Insert(at, Noise[random.Next(Noise.Length)]); break;
                    default: text.InsertRange(at, text.Skip(random.Next(text.Count)).Take(random.Next(1, 20)).ToList()); break;
                }
            }
            Survives(new string([.. text]));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("[Spec]")]
    [InlineData("[Spec] static Sym Forward() => null;")]
    [InlineData("[Spec] static Sym Forward(Sym x) => x;")]
    [InlineData("[Spec] static Sym Forward([Shape] Sym x) => x;")]
    [InlineData("[Spec] static Sym Forward([Shape(null)] Sym x) => x;")]
    [InlineData("[Spec] static Sym Forward([Shape(\"B,,\")] Sym x) => x;")]
    [InlineData("[Spec] static Sym Forward([Shape(\"B\")] Sym x) => throw null;")]
    [InlineData("[Spec] static Sym Forward([Shape(\"B\")] Sym x) { }")]
    [InlineData("[Spec] static void Forward([Shape(\"B\")] Sym x) { return; }")]
    [InlineData("[Spec] static Sym Forward<T>([Shape(\"B\")] Sym x) => x;")]
    [InlineData("[Spec] Sym Forward([Shape(\"B\")] params Sym[] x) => x[0];")]
    [InlineData("[Spec] static Sym Forward([Shape(\"B\")] Sym x) => x.Linear(int.MaxValue).Linear(int.MaxValue * 2L);")]
    [InlineData("[Spec] static Sym Forward([Shape(\"B\")] Sym x) => x.Linear(1 / 0).Linear(int.MinValue / -1);")]
    [InlineData("[Spec] static Sym Forward([Shape(\"B, 9999999999999999999999\")] Sym x) => x;")]
    [InlineData("[Spec] static Sym Forward([Shape(\"B\"), Shape(\"B\")] Sym x, [Param] Sym y, [Param] int x) => x + y;")]
    [InlineData("const int A = B, B = A; [Spec] static Sym Forward([Shape(\"A\")] Sym x) => x.Linear(A);")]
    [InlineData("[Spec, Spec] static Sym Forward([Shape(\"B\")] Sym x) => Forward(x);")]
    [InlineData("[Spec] static Sym Forward([Shape(\"B\")] Sym x) { for (;;) { for (;;) x = x; } }")]
    [InlineData("[Spec] static Sym Forward([Shape(\"B\")] Sym x) { goto there; there: return x; }")]
    [InlineData("[Spec] static Sym Forward([Shape(\"B\")] Sym x) => Layer.Linear(3).On().On(x, x);")]
    [InlineData("[Spec] static Sym Forward([Shape(\"B\")] Sym x) => Layer.Of(Forward).On(x);")]
    public void OddMembers(string members) => Survives(Marked.Network(members));

    [Fact]
    public void DeepNesting_StopsWithADiagnostic()
    {
        var deep = string.Concat(Enumerable.Repeat(".Relu()", 3000));
        var sum = "x" + string.Concat(Enumerable.Repeat(" + x", 3000));
        foreach (var body in new[] { "x" + deep, sum })
        {
            var compilation = Specs.Compile(Marked.Network($"[Spec] static Sym Forward([Shape(\"B\")] Sym x) => {body};"));
            Assert.Contains(
                Specs.Analyze(compilation), d => d.Id == "HYB4004" && d.GetMessage().Contains("nested deeper", StringComparison.Ordinal));
        }
    }

    private static void Survives(string source)
    {
        var compilation = Specs.Compile(source, ZooSources.All["Zoo/Residual.cs"]);
        var result = Specs.Driver().RunGenerators(compilation).GetRunResult();
        Assert.All(result.Results, r => Assert.True(r.Exception is null, $"{r.Exception}\nin\n{source}"));
        Assert.True(result.Diagnostics.IsEmpty, $"{string.Join("\n", result.Diagnostics)}\nin\n{source}");
        var found = Specs.Analyze(compilation);
        Assert.True(found.All(d => d.Id.StartsWith("HYB", StringComparison.Ordinal)), $"{string.Join("\n", found)}\nin\n{source}");
    }
}
