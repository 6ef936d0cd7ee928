using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Hybrid.PropertyTests.Compiler.Roslyn;

/// <summary>A file that a project hands to its analyzers.</summary>
internal sealed class AdditionalFile(string path, string text) : AdditionalText
{
    public override string Path { get; } = path;

    public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
}
