using System;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace Hybrid.Torch;

/// <summary>Takes ownership of what a boxed call returned.</summary>
internal static unsafe class Results
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Tensor Tensor(ref Value value) =>
        value.Tag == ValueTag.Tensor ? new Tensor(value.Pointer, value.Bytes) : null!;

    public static Tensor[] Tensors(ref Value value)
    {
        if (value.Tag != ValueTag.Tensors)
        {
            return [];
        }

        var tensors = new Tensor[value.Count];
        var handles = (nint*)value.Pointer;
        for (var i = 0; i < tensors.Length; i++)
        {
            tensors[i] = handles[i] == 0 ? null! : new Tensor(handles[i], 0);
        }

        Native.hybrid_free(value.Pointer);
        return tensors;
    }

    /// <summary>Drops a result that the caller does not hand on: an in-place operation returns its own first argument again.</summary>
    public static void Release(ref Value value)
    {
        if (value.Tag == ValueTag.Tensor)
        {
            Native.hybrid_release(value.Pointer);
        }
    }
}
