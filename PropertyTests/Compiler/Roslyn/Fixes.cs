using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;

namespace Hybrid.PropertyTests.Compiler.Roslyn;

/// <summary>
/// Applies code fixes as an editor does, where no text is expected: the testing package (<see cref="FixTest{TFix}"/>) compares with one,
/// and what the corpus asks is only that each offer clears its fault.
/// </summary>
internal static class Fixes
{
    /// <summary>
    /// The source after the first fix that <paramref name="provider"/> offers for the first diagnostic of this id, or null when it offers
    /// none.
    /// </summary>
    public static string? Apply(CodeFixProvider provider, string id, string source)
    {
        using var workspace = new AdhocWorkspace();
        var project = workspace.AddProject(ProjectInfo.Create(
            ProjectId.CreateNewId(), VersionStamp.Default, "Specs", "Specs", LanguageNames.CSharp,
            compilationOptions: new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary), parseOptions: Specs.Parsing, metadataReferences: References.All));
        var document = project.AddDocument("0.cs", source);
        var compilation = Wait(document.Project.GetCompilationAsync())!;
        var diagnostic = Specs.Analyze(compilation).First(d => d.Id == id);
        Xunit.Assert.Contains(id, provider.FixableDiagnosticIds);

        var actions = new List<CodeAction>();
        Wait(provider.RegisterCodeFixesAsync(
            new CodeFixContext(document, diagnostic, (action, _) => actions.Add(action), CancellationToken.None)));
        if (actions.Count == 0) return null;
        var operations = Wait(actions[0].GetOperationsAsync(CancellationToken.None));
        var changed = operations.OfType<ApplyChangesOperation>().Single().ChangedSolution.GetDocument(document.Id)!;
        return Wait(changed.GetTextAsync()).ToString();
    }

    private static T Wait<T>(System.Threading.Tasks.Task<T> task) => task.GetAwaiter().GetResult();

    private static void Wait(System.Threading.Tasks.Task task) => task.GetAwaiter().GetResult();
}
