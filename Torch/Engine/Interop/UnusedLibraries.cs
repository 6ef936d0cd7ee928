using System;
using System.IO;
using System.Runtime.InteropServices;

namespace Hybrid.Torch;

/// <summary>
/// Empty libraries in the place of those that Debian's libtorch names without using (OpenCV, FFmpeg and what they bring: 220 libraries, half of the time
/// that libtorch takes to load). The build makes them where it finds that libtorch needs no symbol of theirs: Torch/Native/unused-libraries.sh.
/// </summary>
/// <remarks>A process that wants Debian's OpenCV or FFmpeg for itself sets <c>HYBRID_LIBRARIES=all</c> and gets the real ones.</remarks>
internal static class UnusedLibraries
{
    private static nint _standIns;

    /// <summary>Loads the empty libraries, so that the loader finds their names taken. Nothing happens where the build made none.</summary>
    public static void StandIn(string folder)
    {
        if (Environment.GetEnvironmentVariable("HYBRID_LIBRARIES") == "all")
        {
            return;
        }

        // A program published for one system has the native parts of packages in one folder.
        foreach (var all in (string[])[Path.Combine(folder, "unused", "libhybridunused.so"), Path.Combine(folder, "libhybridunused.so")])
        {
            if (File.Exists(all) && NativeLibrary.TryLoad(all, out _standIns))
            {
                return;
            }
        }
    }

    /// <summary>Gives the names free again; false when none were taken.</summary>
    public static bool Withdraw()
    {
        if (_standIns == 0)
        {
            return false;
        }

        NativeLibrary.Free(_standIns);
        _standIns = 0;
        return true;
    }
}
