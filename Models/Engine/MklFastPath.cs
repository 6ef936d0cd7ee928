using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using TorchSharp;

namespace Hybrid.Models.Engine;

/// <summary>
/// Intel's MKL, with which libtorch multiplies matrices, takes its kernels for the instruction set at hand (AVX2, AVX-512) on Intel's
/// processors alone; on AMD's it falls back to much slower ones (110 instead of 260 GFLOP/s a core on Zen 5). It asks
/// <c>mkl_serv_intel_cpu_true</c>, which remembers its answer in an integer, −1 before the first question. Here that integer is set to 1
/// before the first product.
/// <para>
/// It is written only where the processor is AMD's with AVX2 and FMA, the system is Linux on x64, libtorch exports the function, the
/// function's first instructions are the known ones, and the integer they read lies in writable memory of the process and holds −1. The
/// kernels then chosen depend on the processor's own feature bits, so none is used that it lacks.
/// </para>
/// </summary>
internal static class MklFastPath
{
    private const string Function = "mkl_serv_intel_cpu_true", Library = "libtorch_cpu.so";

    public static (bool Done, string Explanation) Take()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return (false, "Products: not Linux on x64, left as they are.");
        if (Vendor() is var vendor && vendor != "AuthenticAMD") return (false, $"Products: a processor of {vendor}, left as they are.");
        if (!Avx2.IsSupported || !Fma.IsSupported) return (false, "Products: no AVX2, left as they are.");
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU); // loads libtorch the way TorchSharp does
            if (!NativeLibrary.TryLoad(Library, typeof(torch).Assembly, null, out var library))
                return (false, $"Products: {Library} was not found by that name, left as they are.");
            if (!NativeLibrary.TryGetExport(library, Function, out var function))
                return (false, $"Products: this libtorch has no {Function}, left as they are.");
            if (Answer(function) is not { } answer) return (false, $"Products: {Function} is not as expected, left as they are.");
            if (Marshal.ReadInt32(answer) is var was && was != -1)
                return (
                    false,
                    was == 1 ? "Products: on MKL's fast path already." : "Products: MKL has chosen its kernels already, left as they are.");
            Marshal.WriteInt32(answer, 1);
            return (true, "Products: MKL's fast path on an AMD processor.");
        }
        catch (Exception failure)
            when (failure is NotSupportedException or DllNotFoundException or IOException
                or TypeInitializationException or UnauthorizedAccessException)
        {
            return (false, $"Products: left as they are ({failure.Message.Split('\n')[0]}).");
        }
    }

    /// <summary>
    /// Where the function keeps its answer: <c>mov eax, [rip + d]; test eax, eax; js +1; ret; push rbx</c> are its first 12 bytes, and d
    /// leads there. Null where the bytes are others or the place is not writable memory.
    /// </summary>
    private static nint? Answer(nint function)
    {
        Span<byte> code = stackalloc byte[12];
        for (var i = 0; i < code.Length; i++) code[i] = Marshal.ReadByte(function, i);
        if (!code[..2].SequenceEqual((ReadOnlySpan<byte>)[0x8B, 0x05])
            || !code[6..].SequenceEqual((ReadOnlySpan<byte>)[0x85, 0xC0, 0x78, 0x01, 0xC3, 0x53]))
            return null;
        var answer = function + 6 + BitConverter.ToInt32(code[2..6]);
        return answer % sizeof(int) == 0 && IsWritable(answer) ? answer : null;
    }

    private static bool IsWritable(nint address) => File.ReadLines("/proc/self/maps").Any(line =>
    {
        // 7f05b378b000-7f05b378c000 rw-p …
        var range = line.Split(' ', 3);
        var ends = range[0].Split('-');
        return range[1].StartsWith("rw", StringComparison.Ordinal)
            && address >= nint.Parse(ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            && address + sizeof(int) <= nint.Parse(ends[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    });

    private static string Vendor()
    {
        if (!X86Base.IsSupported) return "another make";
        var (_, ebx, ecx, edx) = X86Base.CpuId(0, 0);
        return Encoding.ASCII.GetString([.. BitConverter.GetBytes(ebx), .. BitConverter.GetBytes(edx), .. BitConverter.GetBytes(ecx)]);
    }
}
