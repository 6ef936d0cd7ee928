using Hybrid.Graphs;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>Matrix products in generated code.</summary>
internal static class Products
{
    /// <summary>
    /// <c>matmul</c> that compares sizes, types and devices first. The checker proves them for what enters a program through its inputs;
    /// weights that a user hands to a functional form are known at run time only, and TorchSharp 0.107 ends the process where libtorch
    /// refuses a matmul.
    /// </summary>
    public static SupportMethod Method { get; } = new(null, """
        /// <summary>
        /// The product over the last two axes, sizes compared first: TorchSharp 0.107 ends the process where libtorch refuses a matmul.
        /// </summary>
        private static Tensor Product(Tensor left, Tensor right)
        {
            long[] a = left.shape, b = right.shape;
            var fits = a.Length > 0 && b.Length > 0 && a[a.Length - 1] == b[b.Length == 1 ? 0 : b.Length - 2];
            for (int i = a.Length - 3, j = b.Length - 3; i >= 0 && j >= 0; i--, j--) fits &= a[i] == b[j] || a[i] == 1 || b[j] == 1;
            if (!fits)
            {
                throw new ArgumentException(
                    $"matmul: expected matrices that fit, got ({string.Join(", ", a)}) and ({string.Join(", ", b)}). "
                        + "Check the weights' shapes.");
            }
            if (left.dtype != right.dtype)
            {
                throw new ArgumentException(
                    $"matmul: expected one element type, got {left.dtype} and {right.dtype}. Convert one with to_type.");
            }
            if (left.device_type != right.device_type)
            {
                throw new ArgumentException(
                    $"matmul: expected one device, got {left.device} and {right.device}. Move one with to.");
            }
            return left.matmul(right);
        }
        """);

    /// <summary>The product of two values of these ranks, as an expression; two matrices need no guard.</summary>
    public static string Of(string left, string right, int leftRank, int rightRank)
        => leftRank == 2 && rightRank == 2 ? $"{left}.mm({right})" : $"Product({left}, {right})";
}
