using System;
using System.IO;

namespace Hybrid.PropertyTests.Compiler.Roslyn;

/// <summary>The repository that the tests were built in.</summary>
internal static class Repository
{
    /// <summary>Set to rewrite what tests compare with: snapshots, messages in pages.</summary>
    public static bool Update => Environment.GetEnvironmentVariable("HYBRID_UPDATE_SNAPSHOTS") == "1";

    public static string Path(params string[] parts)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Hybrid.sln")))
                return System.IO.Path.Combine([folder.FullName, .. parts]);
        throw new DirectoryNotFoundException(
            $"no Hybrid.sln above {AppContext.BaseDirectory}: run the tests from the repository's artifacts folder");
    }
}
