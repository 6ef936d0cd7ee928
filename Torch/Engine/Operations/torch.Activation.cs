using Hybrid.Torch;

namespace TorchSharp;

// One line an operation: activation functions.
public static partial class torch
{
    [Aten("softmax.int")] public static partial Tensor softmax(Tensor input, int dim, ScalarType? dtype = null);
}
