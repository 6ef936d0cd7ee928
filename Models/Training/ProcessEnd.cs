using System;
using System.Runtime.InteropServices;

namespace Hybrid.Models.Training;

/// <summary>The end of a program that has written all it wanted to write.</summary>
public static class ProcessEnd
{
    /// <summary>
    /// Flushes the console and, on Linux, ends the process without the destructors of its libraries: libtorch takes its thousands of operators out of their tables one by one,
    /// 40 to 70 ms for nothing. Elsewhere it returns, and the program ends as others do. Nothing that is left to
    /// <see cref="AppDomain.ProcessExit"/>, finalisers or <c>finally</c> blocks further up happens: files have to be closed before.
    /// </summary>
    /// <param name="exitCode">What the process returns, 0 to 255.</param>
    /// <returns><paramref name="exitCode"/>, where the call returns.</returns>
    public static int Now(int exitCode)
    {
        Console.Out.Flush();
        Console.Error.Flush();
        if (OperatingSystem.IsLinux()) Exit(exitCode);
        return exitCode;
    }

    [DllImport("libc", EntryPoint = "_exit")]
    private static extern void Exit(int exitCode);
}
