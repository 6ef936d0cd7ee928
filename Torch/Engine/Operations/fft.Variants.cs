using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    // Fourier transforms; a missing length is the input's.
    public static partial class fft
    {
        public static Tensor fft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            RawOperations.fft_fft2(input, s, dim, Name(norm));

        public static Tensor fft_(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
            RawOperations.fft_fft(input, n < 0 ? null : n, dim, Name(norm));

        public static Tensor fftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            RawOperations.fft_fftn(input, s, dim, Name(norm));

        public static Tensor hfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
            RawOperations.fft_hfft(input, n < 0 ? null : n, dim, Name(norm));

        public static Tensor hfft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            RawOperations.fft_hfft2(input, s, dim, Name(norm));

        public static Tensor hfftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            RawOperations.fft_hfftn(input, s, dim, Name(norm));

        public static Tensor ifft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
            RawOperations.fft_ifft(input, n < 0 ? null : n, dim, Name(norm));

        public static Tensor ifft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            RawOperations.fft_ifft2(input, s, dim, Name(norm));

        public static Tensor ifftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            RawOperations.fft_ifftn(input, s, dim, Name(norm));

        public static Tensor ihfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
            RawOperations.fft_ihfft(input, n < 0 ? null : n, dim, Name(norm));

        public static Tensor ihfft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            RawOperations.fft_ihfft2(input, s, dim, Name(norm));

        public static Tensor ihfftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            RawOperations.fft_ihfftn(input, s, dim, Name(norm));

        public static Tensor irfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
            RawOperations.fft_irfft(input, n < 0 ? null : n, dim, Name(norm));

        public static Tensor irfft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            RawOperations.fft_irfft2(input, s, dim, Name(norm));

        public static Tensor irfftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            RawOperations.fft_irfftn(input, s, dim, Name(norm));

        public static Tensor rfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
            RawOperations.fft_rfft(input, n < 0 ? null : n, dim, Name(norm));

        public static Tensor rfft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            RawOperations.fft_rfft2(input, s, dim, Name(norm));

        public static Tensor rfftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            RawOperations.fft_rfftn(input, s, dim, Name(norm));

        public static Tensor fftfreq(long n, double d = 1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Creation.Finish(RawOperations.fft_fftfreq(n, d, Creation.Floating(dtype), null, InitializeDevice(device)), requires_grad, null);

        public static Tensor rfftfreq(long n, double d = 1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Creation.Finish(RawOperations.fft_rfftfreq(n, d, Creation.Floating(dtype), null, InitializeDevice(device)), requires_grad, null);

        private static string Name(FFTNormType norm) => norm switch { FFTNormType.Forward => "forward", FFTNormType.Ortho => "ortho", _ => "backward" };
    }
}
