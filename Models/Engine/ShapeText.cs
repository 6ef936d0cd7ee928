using TorchSharp;

namespace Hybrid.Models.Engine;

/// <summary>Shapes as messages print them: (1000, 2, 10).</summary>
internal static class ShapeText
{
    public static string Of(torch.Tensor tensor) => Of(tensor.shape);

    public static string Of(params long[] shape) => $"({string.Join(", ", shape)})";
}
