using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Hybrid.PropertyTests.Compiler.Roslyn;

/// <summary>The repository that the tests were built in.</summary>
internal static class Repository
{
    /// <summary>Set to rewrite what tests compare with: snapshots, messages in pages.</summary>
    public static bool Update => Environment.GetEnvironmentVariable("HYBRID_UPDATE_SNAPSHOTS") == "1";

    private static readonly Lazy<IReadOnlyList<string>> _files = new(
        () => [.. Below(Path()).Select(file => System.IO.Path.GetRelativePath(Path(), file).Replace('\\', '/'))]);

    /// <summary>Paths from the root, with '/', of the project's own files: not what is built, installed or written by runs.</summary>
    public static IReadOnlyList<string> Files => _files.Value;

    public static string Path(params string[] parts)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Hybrid.sln")))
                return System.IO.Path.Combine([folder.FullName, .. parts]);
        throw new DirectoryNotFoundException(
            $"no Hybrid.sln above {AppContext.BaseDirectory}: run the tests from the repository's artifacts folder");
    }

    private static IEnumerable<string> Below(string root)
        => Directory.EnumerateDirectories(root)
            .Where(folder => System.IO.Path.GetFileName(folder)
                is not ("artifacts" or "node_modules" or "runs" or ".git" or "obj" or "bin" or "__pycache__"))
            .SelectMany(Below)
            .Concat(Directory.EnumerateFiles(root));
}
