using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    // One line an operation: torch.fft.
    public static partial class fft
    {
        [Aten("fft_fftshift")] public static partial Tensor fftshift(Tensor input, long[]? dim = null);
        [Aten("fft_ifftshift")] public static partial Tensor ifftshift(Tensor input, long[]? dim = null);
    }
}
