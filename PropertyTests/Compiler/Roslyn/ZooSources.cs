using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;

namespace Hybrid.PropertyTests.Compiler.Roslyn;

/// <summary>The specs of PropertyTests/Zoo as text, by file name.</summary>
internal static class ZooSources
{
    public static readonly IReadOnlyDictionary<string, string> All = Read();

    private static SortedDictionary<string, string> Read()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var sources = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".cs", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            sources.Add(name, reader.ReadToEnd());
        }
        return sources;
    }
}
