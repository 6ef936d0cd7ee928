using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor stft(
        Tensor input, long n_fft, long hop_length = -1, long win_length = -1, Tensor? window = null, bool center = true, PaddingModes pad_mode = PaddingModes.Reflect,
        bool normalized = false, bool? onesided = null, bool? return_complex = null) =>
        input.stft(n_fft, hop_length, win_length, window, center, pad_mode, normalized, onesided, return_complex);

    public static Tensor istft(
        Tensor input, long n_fft, long hop_length = -1, long win_length = -1, Tensor? window = null, bool center = true, bool normalized = false, bool? onesided = null,
        long length = -1, bool return_complex = false) =>
        input.istft(n_fft, hop_length, win_length, window, center, normalized, onesided, length, return_complex);

    public static (Tensor hist, Tensor bin_edges) histogram(Tensor input, Tensor bins, Tensor? weight = null, bool density = false) =>
        RawOperations.histogram(input, bins, weight, density);

    public static (Tensor hist, Tensor bin_edges) histogram(Tensor input, long bins, (double, double)? range = null, Tensor? weight = null, bool density = false) =>
        RawOperations.histogram(input, bins, range is { } r ? [r.Item1, r.Item2] : null, weight, density);

    /// <summary>Joins elements of source into rows of the input that index names, by product, mean, largest or smallest.</summary>
    public static Tensor index_reduce(Tensor input, long dim, Tensor index, Tensor source, Reduce reduce, bool include_self = true) =>
        RawOperations.index_reduce(input, dim, index, source, reduce.ToString(), include_self);

    // Short-time Fourier transforms.
    public partial class Tensor
    {
        public Tensor stft(
            long n_fft, long hop_length = -1, long win_length = -1, Tensor? window = null, bool center = true, PaddingModes pad_mode = PaddingModes.Reflect,
            bool normalized = false, bool? onesided = null, bool? return_complex = null) =>
            RawOperations.stft(
                this, n_fft, Given(hop_length), Given(win_length), window, center,
                pad_mode switch { PaddingModes.Reflect => "reflect", PaddingModes.Replicate => "replicate", PaddingModes.Circular => "circular", _ => "constant" },
                normalized, onesided, return_complex);

        public Tensor istft(
            long n_fft, long hop_length = -1, long win_length = -1, Tensor? window = null, bool center = true, bool normalized = false, bool? onesided = null, long length = -1,
            bool return_complex = false) =>
            RawOperations.istft(this, n_fft, Given(hop_length), Given(win_length), window, center, normalized, onesided, Given(length), return_complex);

        private static long? Given(long value) => value < 0 ? null : value;
    }
}
