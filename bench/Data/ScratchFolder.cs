using System;
using System.IO;

namespace Hybrid.Bench.Data;

/// <summary>A folder of its own for the files of one benchmark, deleted with them.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("hybrid-bench-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, true);
}
