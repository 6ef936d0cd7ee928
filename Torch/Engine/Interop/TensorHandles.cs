using System;
using System.Collections.Generic;
using static TorchSharp.torch;

namespace Hybrid.Torch;

/// <summary>The native handles of a list of tensors; a null tensor is a zero handle. The caller keeps the tensors alive during the call.</summary>
internal static class TensorHandles
{
    public static nint[] Of(ReadOnlySpan<Tensor> tensors)
    {
        var handles = new nint[tensors.Length];
        for (var i = 0; i < handles.Length; i++)
        {
            handles[i] = tensors[i] is { } tensor ? tensor.Handle : 0;
        }

        return handles;
    }

    public static nint[] Of(Tensor[]? tensors) => tensors is null ? [] : Of((ReadOnlySpan<Tensor>)tensors);

    public static nint[] Of(IEnumerable<Tensor>? tensors)
    {
        switch (tensors)
        {
            case null:
                return [];
            case Tensor[] array:
                return Of(array);
            default:
                var handles = new List<nint>();
                foreach (var tensor in tensors)
                {
                    handles.Add(tensor is null ? 0 : tensor.Handle);
                }

                return handles.ToArray();
        }
    }
}
