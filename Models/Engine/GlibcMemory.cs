using System;
using System.Runtime.InteropServices;

namespace Hybrid.Models.Engine;

/// <summary>
/// glibc hands large freed blocks back to the system and asks for them again, zeroed page by page, a moment later: a training step frees
/// and allocates the same activations each time, and spends up to half of its time on page faults. With the setting to keep them
/// (<c>mallopt</c>: blocks of up to 1 GiB come from the heap, the heap is not trimmed, grows by 64 MiB at a time, and is one arena for
/// all threads), it reuses them.
/// <para>The price: memory that was in use at once stays with the process.</para>
/// </summary>
internal static class GlibcMemory
{
    // malloc.h
    private const int TrimThreshold = -1, TopPad = -2, MmapThreshold = -3, ArenaMax = -8;

    public static (bool Done, string Explanation) Keep()
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess) return (false, "Memory: not Linux, left as it is.");
        try
        {
            // Under musl the symbol gnu_get_libc_version is missing, and mallopt either is too or does nothing.
            _ = GnuLibcVersion();
            var done = MallOpt(MmapThreshold, 1 << 30) != 0;
            done &= MallOpt(TrimThreshold, int.MaxValue) != 0;
            done &= MallOpt(TopPad, 64 << 20) != 0;
            done &= MallOpt(ArenaMax, 1) != 0;
            return (done, done ? "Memory: glibc keeps freed blocks." : "Memory: glibc did not take all settings.");
        }
        catch (Exception failure) when (failure is DllNotFoundException or EntryPointNotFoundException)
        {
            return (false, "Memory: the C library is not glibc, left as it is.");
        }
    }

    [DllImport("libc", EntryPoint = "mallopt")]
    private static extern int MallOpt(int parameter, int value);

    [DllImport("libc", EntryPoint = "gnu_get_libc_version")]
    private static extern nint GnuLibcVersion();
}
