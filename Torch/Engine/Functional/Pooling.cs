using System;
using System.Linq;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Pools whose parameters differ from libtorch's in form.
        public static partial class functional
        {
            public static Tensor avg_pool1d(Tensor input, long kernel_size, long? stride = null, long? padding = null, bool ceil_mode = false, bool count_include_pad = true) =>
                RawFunctional.avg_pool1d(input, [kernel_size], Optional(stride), [padding ?? 0], ceil_mode, count_include_pad);

            public static Tensor avg_pool2d(
                Tensor input, long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                avg_pool2d(input, [kernel_size], Optional(stride), [padding], ceil_mode, count_include_pad, divisor_override);

            public static Tensor avg_pool2d(
                Tensor input, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                avg_pool2d(input, Pair(kernel_size), Optional(stride), Pair(padding ?? (0, 0)), ceil_mode, count_include_pad, divisor_override);

            public static Tensor max_pool1d(Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                RawFunctional.max_pool1d(input, [kernel_size], Optional(stride), [padding ?? 0], [dilation ?? 1], ceil_mode);

            public static (Tensor output, Tensor indices) max_pool1d_with_indices(
                Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                RawFunctional.max_pool1d_with_indices(input, [kernel_size], Optional(stride), [padding ?? 0], [dilation ?? 1], ceil_mode);

            public static Tensor max_pool2d(Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                max_pool2d(input, [kernel_size], Optional(stride), [padding ?? 0], [dilation ?? 1], ceil_mode);

            public static Tensor max_pool2d(
                Tensor input, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null, bool ceil_mode = false) =>
                max_pool2d(input, Pair(kernel_size), Optional(stride), Pair(padding ?? (0, 0)), Pair(dilation ?? (1, 1)), ceil_mode);

            public static Tensor adaptive_max_pool1d(Tensor input, long output_size) => First(RawFunctional.adaptive_max_pool1d(input, output_size));

            public static Tensor adaptive_max_pool2d(Tensor input, long[] output_size) => First(RawFunctional.adaptive_max_pool2d(input, output_size));

            public static Tensor adaptive_max_pool3d(Tensor input, long[] output_size) => First(RawFunctional.adaptive_max_pool3d(input, output_size));

            public static (Tensor Values, Tensor Indices) adaptive_max_pool1d_with_indices(Tensor input, long output_size) =>
                RawFunctional.adaptive_max_pool1d(input, output_size);

            public static (Tensor Values, Tensor Indices) adaptive_max_pool2d_with_indices(Tensor input, long[] output_size) =>
                RawFunctional.adaptive_max_pool2d(input, output_size);

            public static (Tensor Values, Tensor Indices) adaptive_max_pool3d_with_indices(Tensor input, long[] output_size) =>
                RawFunctional.adaptive_max_pool3d(input, output_size);

            /// <summary>(Σ |x|^p)^(1/p) over windows.</summary>
            public static Tensor lp_pool1d(Tensor input, double norm_type, long kernel_size, long? stride = null, bool ceil_mode = false) =>
                PowerMean(input, norm_type, kernel_size, powers => avg_pool1d(powers, kernel_size, stride, 0, ceil_mode));

            public static Tensor lp_pool2d(Tensor input, double norm_type, long kernel_size, long? stride = null, bool ceil_mode = false) =>
                PowerMean(input, norm_type, kernel_size * kernel_size, powers => avg_pool2d(powers, kernel_size, stride, 0, ceil_mode));

            public static Tensor lp_pool2d(Tensor input, double norm_type, long[] kernel_size, long[]? stride = null, bool ceil_mode = false) =>
                PowerMean(input, norm_type, kernel_size[0] * kernel_size[^1], powers => avg_pool2d(powers, kernel_size, stride, [0], ceil_mode));

            public static Tensor max_unpool1d(Tensor input, Tensor indices, long kernel_size, long? stride = null, long? padding = null, long[]? output_size = null)
            {
                var length = output_size?[^1] ?? Unpooled(input.shape[^1], kernel_size, stride ?? kernel_size, padding ?? 0);
                using var plane = input.unsqueeze(-2);
                using var chosen = indices.unsqueeze(-2);
                using var unpooled = RawFunctional.max_unpool2d(plane, chosen, [1, length]);
                return unpooled.squeeze(-2);
            }

            public static Tensor max_unpool2d(Tensor input, Tensor indices, long[] kernel_size, long[]? stride = null, long[]? padding = null, long[]? output_size = null) =>
                RawFunctional.max_unpool2d(input, indices, Unpooled(input, 2, kernel_size, stride, padding, output_size));

            public static Tensor max_unpool3d(Tensor input, Tensor indices, long[] kernel_size, long[]? stride = null, long[]? padding = null, long[]? output_size = null) =>
                RawFunctional.max_unpool3d(
                    input, indices, Unpooled(input, 3, kernel_size, stride, padding, output_size), Spread(stride ?? kernel_size, 3), Spread(padding ?? [0], 3));

            public static Tensor fractional_max_pool2d(Tensor input, long kernel_size, long? output_size = null, double? output_ratio = null) =>
                First(fractional_max_pool2d_with_indices(input, kernel_size, output_size, output_ratio));

            public static Tensor fractional_max_pool2d(Tensor input, (long, long) kernel_size, (long, long)? output_size = null, (double, double)? output_ratio = null) =>
                First(fractional_max_pool2d_with_indices(input, kernel_size, output_size, output_ratio));

            public static Tensor fractional_max_pool2d(Tensor input, long[] kernel_size, long[]? output_size = null, double[]? output_ratio = null) =>
                First(fractional_max_pool2d_with_indices(input, kernel_size, output_size, output_ratio));

            public static (Tensor Values, Tensor Indices) fractional_max_pool2d_with_indices(Tensor input, long kernel_size, long? output_size = null, double? output_ratio = null) =>
                fractional_max_pool2d_with_indices(input, [kernel_size, kernel_size], output_size is { } s ? [s, s] : null, output_ratio is { } r ? [r, r] : null);

            public static (Tensor Values, Tensor Indices) fractional_max_pool2d_with_indices(
                Tensor input, (long, long) kernel_size, (long, long)? output_size = null, (double, double)? output_ratio = null) =>
                fractional_max_pool2d_with_indices(input, Pair(kernel_size), output_size is { } s ? Pair(s) : null, output_ratio is { } r ? [r.Item1, r.Item2] : null);

            public static (Tensor Values, Tensor Indices) fractional_max_pool2d_with_indices(Tensor input, long[] kernel_size, long[]? output_size = null, double[]? output_ratio = null)
            {
                using var samples = Samples(input, 2);
                return RawFunctional.fractional_max_pool2d(input, kernel_size, Fraction(input, 2, output_size, output_ratio), samples);
            }

            public static Tensor fractional_max_pool3d(Tensor input, long kernel_size, long? output_size = null, double? output_ratio = null) =>
                First(fractional_max_pool3d_with_indices(input, kernel_size, output_size, output_ratio));

            public static Tensor fractional_max_pool3d(
                Tensor input, (long, long, long) kernel_size, (long, long, long)? output_size = null, (double, double, double)? output_ratio = null) =>
                First(fractional_max_pool3d_with_indices(input, kernel_size, output_size, output_ratio));

            public static Tensor fractional_max_pool3d(Tensor input, long[] kernel_size, long[]? output_size = null, double[]? output_ratio = null) =>
                First(fractional_max_pool3d_with_indices(input, kernel_size, output_size, output_ratio));

            public static (Tensor Values, Tensor Indices) fractional_max_pool3d_with_indices(Tensor input, long kernel_size, long? output_size = null, double? output_ratio = null) =>
                fractional_max_pool3d_with_indices(input, [kernel_size, kernel_size, kernel_size], output_size is { } s ? [s, s, s] : null, output_ratio is { } r ? [r, r, r] : null);

            public static (Tensor Values, Tensor Indices) fractional_max_pool3d_with_indices(
                Tensor input, (long, long, long) kernel_size, (long, long, long)? output_size = null, (double, double, double)? output_ratio = null) =>
                fractional_max_pool3d_with_indices(
                    input, [kernel_size.Item1, kernel_size.Item2, kernel_size.Item3], output_size is { } s ? [s.Item1, s.Item2, s.Item3] : null,
                    output_ratio is { } r ? [r.Item1, r.Item2, r.Item3] : null);

            public static (Tensor Values, Tensor Indices) fractional_max_pool3d_with_indices(Tensor input, long[] kernel_size, long[]? output_size = null, double[]? output_ratio = null)
            {
                using var samples = Samples(input, 3);
                return RawFunctional.fractional_max_pool3d(input, kernel_size, Fraction(input, 3, output_size, output_ratio), samples);
            }

            // libtorch reads an empty stride as the kernel's size.
            private static long[] Optional(long? value) => value is { } v ? [v] : [];

            private static long[] Optional((long, long)? value) => value is { } v ? Pair(v) : [];

            private static Tensor First((Tensor Values, Tensor Indices) results)
            {
                results.Indices.Dispose();
                return results.Values;
            }

            private static Tensor PowerMean(Tensor input, double p, long window, Func<Tensor, Tensor> average)
            {
                using var powers = input.pow(p);
                using var mean = average(powers);
                using var sign = mean.sign();
                using var magnitude = mean.abs();
                using var bounded = magnitude.relu();
                using var signed = sign.mul(bounded);
                using var total = RawOperations.mul(signed, window);
                return total.pow(1 / p);
            }

            private static long Unpooled(long length, long kernel, long stride, long padding) => ((length - 1) * stride) - (2 * padding) + kernel;

            private static long[] Unpooled(Tensor input, int dims, long[] kernel, long[]? stride, long[]? padding, long[]? outputSize)
            {
                if (outputSize is not null)
                {
                    return outputSize[^dims..];
                }

                var (k, s, p) = (Spread(kernel, dims), Spread(stride ?? kernel, dims), Spread(padding ?? [0], dims));
                var shape = input.shape;
                return Enumerable.Range(0, dims).Select(d => Unpooled(shape[shape.Length - dims + d], k[d], s[d], p[d])).ToArray();
            }

            private static long[] Spread(long[] values, int dims) => values.Length == 1 ? Enumerable.Repeat(values[0], dims).ToArray() : values;

            private static Tensor Samples(Tensor input, int dims)
            {
                var shape = input.shape;
                var batch = shape.Length == dims + 1 ? 1 : shape[0];
                return Creation.Rand([batch, shape[shape.Length - dims - 1], dims], input.dtype, input.device, false, null, null);
            }

            private static long[] Fraction(Tensor input, int dims, long[]? outputSize, double[]? outputRatio)
            {
                if (outputSize is null == outputRatio is null)
                {
                    throw new ArgumentException($"fractional_max_pool{dims}d: expected either output_size or output_ratio, got {(outputSize is null ? "neither" : "both")}.");
                }

                var shape = input.shape;
                return outputSize ?? Enumerable.Range(0, dims).Select(d => (long)(shape[shape.Length - dims + d] * outputRatio![Math.Min(d, outputRatio.Length - 1)])).ToArray();
            }
        }
    }
}
