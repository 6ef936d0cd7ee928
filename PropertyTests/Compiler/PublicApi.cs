using System;
using System.CodeDom.Compiler;
using System.IO;
using System.Linq;
using System.Reflection;
using Hybrid.PropertyTests.Compiler.Roslyn;
using PublicApiGenerator;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>
/// What each library offers is what its file in the folder PublicApi says: a change of it is seen in review. Programs that the generator
/// writes are left out. HYBRID_UPDATE_SNAPSHOTS=1 rewrites the files; an entry in CHANGELOG.md goes with each removal.
/// </summary>
public sealed class PublicApi
{
    [Theory]
    [InlineData("Hybrid.Dsl")]
    [InlineData("Hybrid.Data")]
    [InlineData("Hybrid.Models")]
    public void Library_OffersWhatIsApproved(string library)
    {
        var assembly = Assembly.Load(library);
        var options = new ApiGeneratorOptions
        {
            IncludeTypes = assembly.GetExportedTypes().Where(type => !IsGenerated(type)).ToArray(),
            IncludeAssemblyAttributes = false,
            ExcludeAttributes =
            [
                "System.Runtime.CompilerServices.NullableAttribute", "System.Runtime.CompilerServices.NullableContextAttribute",
                "Microsoft.FSharp.Core.CompilationMappingAttribute", "Microsoft.FSharp.Core.CompilationSourceNameAttribute",
                "Microsoft.FSharp.Core.CompilationArgumentCountsAttribute", "Microsoft.FSharp.Core.CompilationRepresentationAttribute",
                "System.Diagnostics.DebuggerDisplayAttribute", "System.SerializableAttribute",
            ],
        };
        var offered = assembly.GeneratePublicApi(options).ReplaceLineEndings("\n") + "\n";
        var path = Repository.Path("PropertyTests", "Compiler", "PublicApi", library + ".txt");
        if (Repository.Update)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, offered);
        }
        Assert.True(File.Exists(path), $"{path} is missing; HYBRID_UPDATE_SNAPSHOTS=1 writes it.");
        var (approved, now) = (File.ReadAllLines(path), offered.TrimEnd('\n').Split('\n'));
        var (gone, added) = (approved.Except(now).ToList(), now.Except(approved).ToList());
        Assert.True(
            approved.SequenceEqual(now),
            $"{library} offers something else than {path} says; HYBRID_UPDATE_SNAPSHOTS=1 rewrites it."
            + $"\nGone:\n{Lines(gone)}\nNew:\n{Lines(added)}");

        static string Lines(System.Collections.Generic.List<string> lines) => string.Join('\n', lines.Select(line => line.Trim()).Take(40));
    }

    private static bool IsGenerated(Type type)
        => type.GetCustomAttribute<GeneratedCodeAttribute>() is { Tool: "Hybrid.Generators" }
            || type.DeclaringType is { } outer && IsGenerated(outer);
}
