using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Hybrid.Torch;

/// <summary>The generic call of a libtorch operation.</summary>
internal static unsafe class Dispatch
{
    /// <summary>Calls the operation; <paramref name="handle"/> is looked up on first use.</summary>
    /// <returns>The number of results written.</returns>
    /// <exception cref="ExternalException">libtorch refused; the message is libtorch's.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Call(ref nint handle, string name, string overload, Value* arguments, int count, Value* results, int capacity)
    {
        var operation = handle;
        if (operation == 0)
        {
            operation = Resolve(ref handle, name, overload);
        }

        var produced = Native.hybrid_call(operation, arguments, count, results, capacity);
        if (produced < 0)
        {
            NativeFailure.Throw();
        }

        for (var i = produced; i < capacity; i++)
        {
            results[i] = default;
        }

        return produced;
    }

    /// <summary>The operator handle of one schema.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static nint Resolve(ref nint handle, string name, string overload)
    {
        fixed (byte* n = Encoding.UTF8.GetBytes(name + "\0"), o = Encoding.UTF8.GetBytes(overload + "\0"))
        {
            var found = Native.hybrid_operator(n, o);
            if (found == 0)
            {
                NativeFailure.Throw();
            }

            handle = found;
            return found;
        }
    }
}

/// <summary>Turns the native side's last error on this thread into an exception.</summary>
internal static unsafe class NativeFailure
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Throw() => throw new ExternalException(Message());

    public static void ThrowIf(bool failed)
    {
        if (failed)
        {
            Throw();
        }
    }

    /// <summary>Passes the pointer on, or throws when it is null.</summary>
    public static nint Check(nint pointer)
    {
        if (pointer == 0)
        {
            Throw();
        }

        return pointer;
    }

    private static string Message()
    {
        var length = Native.hybrid_error_message(null, 0);
        var bytes = new byte[length];
        fixed (byte* p = bytes)
        {
            Native.hybrid_error_message(p, length);
        }

        return Encoding.UTF8.GetString(bytes);
    }
}
