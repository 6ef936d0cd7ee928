using System;
using System.Collections.Generic;
using System.IO;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>A sample's program in an empty folder of its own.</summary>
/// <param name="program">Its assembly, beside the tests.</param>
internal sealed class SampleFolder(string program) : IDisposable
{
    private readonly string _program = System.IO.Path.Combine(AppContext.BaseDirectory, program);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hybrid-sample-");

    public string Path => _folder.FullName;

    public string At(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    public (int Code, string Output, string Errors) Run(params IEnumerable<string> arguments)
        => DotnetProcess.Run(Path, [_program, .. arguments]);

    /// <summary>Runs what must succeed; returns its output.</summary>
    public string Ok(params IEnumerable<string> arguments)
    {
        var (code, output, errors) = Run(arguments);
        Assert.True(code == 0, output + errors);
        return output;
    }

    /// <summary>Runs what must be refused by one line, with nothing written.</summary>
    public void Refuses(string message, IEnumerable<string> arguments)
    {
        var (code, _, errors) = Run(arguments);
        Assert.Equal((1, message + "\n"), (code, errors));
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
