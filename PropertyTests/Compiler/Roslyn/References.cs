using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Hybrid.PropertyTests.Compiler.Roslyn;

/// <summary>
/// What specs under test are compiled against: one set of references for the whole suite, since reading them is what costs.
/// </summary>
internal static class References
{
    private static readonly Lazy<IReadOnlyList<MetadataReference>> _all = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(IsNeeded)
            .Select(path => (MetadataReference)MetadataReference.CreateFromFile(path)),
    ]);

    public static IReadOnlyList<MetadataReference> All => _all.Value;

    /// <summary>The framework, the language and the engine; not the test's own packages, which no spec sees.</summary>
    private static bool IsNeeded(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        return name.StartsWith("System.", StringComparison.Ordinal)
            || name is "mscorlib" or "netstandard" or "System" or "Hybrid.Dsl" or "TorchSharp";
    }
}
