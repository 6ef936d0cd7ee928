using System;
using System.Collections.Generic;
using System.IO;
using Hybrid.PropertyTests.Compiler.Roslyn;

namespace Hybrid.PropertyTests.Compiler.Packaging;

/// <summary>
/// The project's packages in a folder outside the repository, the only source of what is restored below it; made once for the tests of the
/// class.
/// </summary>
public sealed class PackageFolder : IDisposable
{
    public PackageFolder()
    {
        Root = Directory.CreateTempSubdirectory("hybrid-packages-").FullName;
        var packages = Path.Combine(Root, "source");
        // What was built is packed: the tests run in Release.
        Packing = Run(
            Repository.Path(), "pack",
            Repository.Path("Hybrid.sln"),
            "--configuration", "Release", "--no-build", "--nologo", "--output", packages);
        File.WriteAllText(Path.Combine(Root, "nuget.config"), $"""
            <configuration>
              <packageSources><clear /><add key="hybrid" value="{packages}" /></packageSources>
              <fallbackPackageFolders><clear /><add key="restored" value="{Restored}" /></fallbackPackageFolders>
            </configuration>
            """);
    }

    /// <summary>Packages of others (FSharp.Core, …), which were restored when this repository was built.</summary>
    public static string Restored { get; } = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named
        ? named
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    public string Root { get; }

    public string Source => Path.Combine(Root, "source");

    /// <summary>How packing went.</summary>
    public (int ExitCode, string Output) Packing { get; }

    /// <summary>Runs dotnet in a folder and waits for its end.</summary>
    public (int ExitCode, string Output) Run(string folder, params string[] arguments)
    {
        // Nothing of these packages reaches the user's own folder of packages.
        return Dotnet(folder, arguments, ("NUGET_PACKAGES", Path.Combine(Root, "restored")));
    }

    /// <summary>The same with the user's own packages, and variables set.</summary>
    public static (int ExitCode, string Output) Dotnet(string folder, string[] arguments, params (string Name, string Value)[] environment)
    {
        var (code, output, errors) = DotnetProcess.Run(folder, arguments, environment);
        return (code, output + errors);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
