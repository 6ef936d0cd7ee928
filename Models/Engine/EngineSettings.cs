using System;

namespace Hybrid.Models.Engine;

/// <summary>
/// Two settings of libtorch's surroundings that a program makes before its first tensor operation, which together make training two to
/// three times as fast on the machines they are for: <see cref="MklFastPath"/> on AMD processors, <see cref="GlibcMemory"/> under Linux.
/// <c>Trainer</c>, the IMNN and the samples make them; used as a library without them, everything works, slower. <c>HYBRID_ENGINE=as-is</c>
/// in the environment leaves everything as it is.
/// </summary>
/// <param name="FastProducts">Whether MKL was put on its fast path; false where that was not needed or not possible.</param>
/// <param name="KeptMemory">Whether the C library keeps freed memory.</param>
/// <param name="Explanation">One line that says what was done, or why not.</param>
public sealed record EngineSettings(bool FastProducts, bool KeptMemory, string Explanation)
{
    /// <summary>The environment variable that switches the settings off, and the value that does.</summary>
    public const string Switch = "HYBRID_ENGINE", AsIs = "as-is";

    private static readonly Lazy<EngineSettings> _applied = new(Make);

    /// <summary>Makes the settings, once in a process; later calls return what the first one did. Never throws.</summary>
    public static EngineSettings Apply() => _applied.Value;

    private static EngineSettings Make()
    {
        if (Environment.GetEnvironmentVariable(Switch) == AsIs)
            return new EngineSettings(false, false, $"{Switch}={AsIs}: the engine is as it comes.");
        var (memory, aboutMemory) = GlibcMemory.Keep();
        var (products, aboutProducts) = MklFastPath.Take();
        return new EngineSettings(products, memory, $"{aboutProducts} {aboutMemory}");
    }
}
