using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Threads that one operation uses.</summary>
    public static int get_num_threads() => Native.hybrid_num_threads();

    public static void set_num_threads(int num)
    {
        System.ArgumentOutOfRangeException.ThrowIfLessThan(num, 1);
        NativeFailure.ThrowIf(Native.hybrid_set_num_threads(num) < 0);
    }

    /// <summary>Threads that run operations side by side.</summary>
    public static int get_num_interop_threads() => Native.hybrid_num_interop_threads();

    public static void set_num_interop_threads(int num)
    {
        System.ArgumentOutOfRangeException.ThrowIfLessThan(num, 1);
        NativeFailure.ThrowIf(Native.hybrid_set_num_interop_threads(num) < 0);
    }
}
