using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Torch;

// Spectral operations and histograms with libtorch's own parameters.
internal static partial class RawOperations
{
    [Aten("fft_fft2")] public static partial Tensor fft_fft2(Tensor self, long[]? s, long[]? dim, string? norm);
    [Aten("fft_fft")] public static partial Tensor fft_fft(Tensor self, long? n, long dim, string? norm);
    [Aten("fft_fftn")] public static partial Tensor fft_fftn(Tensor self, long[]? s, long[]? dim, string? norm);
    [Aten("fft_hfft")] public static partial Tensor fft_hfft(Tensor self, long? n, long dim, string? norm);
    [Aten("fft_hfft2")] public static partial Tensor fft_hfft2(Tensor self, long[]? s, long[]? dim, string? norm);
    [Aten("fft_hfftn")] public static partial Tensor fft_hfftn(Tensor self, long[]? s, long[]? dim, string? norm);
    [Aten("fft_ifft")] public static partial Tensor fft_ifft(Tensor self, long? n, long dim, string? norm);
    [Aten("fft_ifft2")] public static partial Tensor fft_ifft2(Tensor self, long[]? s, long[]? dim, string? norm);
    [Aten("fft_ifftn")] public static partial Tensor fft_ifftn(Tensor self, long[]? s, long[]? dim, string? norm);
    [Aten("fft_ihfft")] public static partial Tensor fft_ihfft(Tensor self, long? n, long dim, string? norm);
    [Aten("fft_ihfft2")] public static partial Tensor fft_ihfft2(Tensor self, long[]? s, long[]? dim, string? norm);
    [Aten("fft_ihfftn")] public static partial Tensor fft_ihfftn(Tensor self, long[]? s, long[]? dim, string? norm);
    [Aten("fft_irfft")] public static partial Tensor fft_irfft(Tensor self, long? n, long dim, string? norm);
    [Aten("fft_irfft2")] public static partial Tensor fft_irfft2(Tensor self, long[]? s, long[]? dim, string? norm);
    [Aten("fft_irfftn")] public static partial Tensor fft_irfftn(Tensor self, long[]? s, long[]? dim, string? norm);
    [Aten("fft_rfft")] public static partial Tensor fft_rfft(Tensor self, long? n, long dim, string? norm);
    [Aten("fft_rfft2")] public static partial Tensor fft_rfft2(Tensor self, long[]? s, long[]? dim, string? norm);
    [Aten("fft_rfftn")] public static partial Tensor fft_rfftn(Tensor self, long[]? s, long[]? dim, string? norm);
    [Aten("stft.center")] public static partial Tensor stft(Tensor self, long n_fft, long? hop_length, long? win_length, Tensor? window, bool center, string pad_mode, bool normalized, bool? onesided, bool? return_complex);
    [Aten("istft")] public static partial Tensor istft(Tensor self, long n_fft, long? hop_length, long? win_length, Tensor? window, bool center, bool normalized, bool? onesided, long? length, bool return_complex);
    [Aten("histogram.bins_tensor")] public static partial (Tensor, Tensor) histogram(Tensor self, Tensor bins, Tensor? weight, bool density);
    [Aten("histogram.bin_ct")] public static partial (Tensor, Tensor) histogram(Tensor self, long bins, double[]? range, Tensor? weight, bool density);
    [Aten("index_reduce")] public static partial Tensor index_reduce(Tensor self, long dim, Tensor index, Tensor source, string reduce, bool include_self);
    [Aten("linalg_lu_factor_ex")] public static partial (Tensor, Tensor, Tensor) linalg_lu_factor_ex(Tensor self, bool pivot, bool check_errors);
}
