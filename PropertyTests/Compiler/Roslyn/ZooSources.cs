using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;

namespace Hybrid.PropertyTests.Compiler.Roslyn;

/// <summary>The specs of PropertyTests/Zoo, Models/Networks and Models/Systems as text, by their path: "Zoo/Residual.cs".</summary>
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
            var source = reader.ReadToEnd();
            // A locked network is compiled with its lock file; CheckpointLocks tests those.
            if (!source.Contains("Lock = true", StringComparison.Ordinal)) sources.Add(name, source);
        }
        return sources;
    }
}
