using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using Hybrid.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Testing;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Testing;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Roslyn;

/// <summary>
/// A fix as an editor applies it: exactly the marked diagnostics are reported before, the source becomes exactly the expected one, and that
/// compiles and has no diagnostic left.
/// </summary>
internal sealed class FixTest<TFix> : CSharpCodeFixTest<SpecAnalyzer, TFix, DefaultVerifier>
    where TFix : CodeFixProvider, new()
{
    // No package of reference assemblies: what is compiled against is what the suite compiles against everywhere.
    private static readonly ReferenceAssemblies _none = new("net10.0");

    private FixTest()
    {
        ReferenceAssemblies = _none;
        // Two analyzers report HYB4002, so an id alone may stand for two descriptors.
        MarkupOptions = MarkupOptions.UseFirstDescriptor;
        TestState.AdditionalReferences.AddRange(References.All);
    }

    /// <summary>Applies the fix, the first that is offered unless told otherwise.</summary>
    /// <param name="marked">The source with its diagnostics marked: <c>{|HYB1001:inputs: 5|}</c>.</param>
    /// <param name="repaired">The source afterwards.</param>
    /// <param name="which">Which of the offers.</param>
    /// <param name="files">Further files of the project, by name.</param>
    public static Task Run(string marked, string repaired, int which = 0, params (string Name, string Text)[] files)
    {
        var test = new FixTest<TFix> { TestCode = marked, FixedCode = repaired, CodeActionIndex = which };
        test.FixedState.InheritanceMode = StateInheritanceMode.Explicit;
        test.FixedState.AdditionalReferences.AddRange(References.All);
        foreach (var (name, text) in files)
        {
            test.TestState.AdditionalFiles.Add((name, text));
            test.FixedState.AdditionalFiles.Add((name, text));
        }
        return test.RunAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Applies the fix, which changes one place of the source.</summary>
    /// <param name="marked">The source with its diagnostics marked.</param>
    /// <param name="was">What stands there once, without the marks.</param>
    /// <param name="becomes">What stands there afterwards.</param>
    /// <param name="which">Which of the offers.</param>
    /// <param name="files">Further files of the project, by name.</param>
    public static Task Replaces(string marked, string was, string becomes, int which = 0, params (string Name, string Text)[] files)
    {
        var source = Marked.Parse(marked).Source;
        Assert.True(source.Split(was).Length == 2, $"expected '{was}' once in\n{source}");
        return Run(marked, source.Replace(was, becomes, StringComparison.Ordinal), which, files);
    }

    /// <summary>No fix is offered for what is marked.</summary>
    public static Task RunWithoutOffer(string marked) =>
        new FixTest<TFix> { TestCode = marked, FixedCode = marked }.RunAsync(TestContext.Current.CancellationToken);

    protected override IEnumerable<DiagnosticAnalyzer> GetDiagnosticAnalyzers() =>
        [new SpecAnalyzer(), new GeneratedCallAnalyzer(), new UnregisteredModules()];

    protected override ParseOptions CreateParseOptions() => Specs.Parsing;
}
