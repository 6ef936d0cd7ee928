using System;
using System.Linq;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Resampling of images and volumes; one-hot codes; attention.
        public static partial class functional
        {
            /// <summary>Resizes (N, C, …) to a size, or by factors, one or one a spatial dimension.</summary>
            public static Tensor interpolate(
                Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null,
                bool recompute_scale_factor = false, bool antialias = false)
            {
                var spatial = (int)x.ndim - 2;
                if (size is null == scale_factor is null)
                {
                    throw new ArgumentException($"interpolate: expected either size or scale_factor, got {(size is null ? "neither" : "both")}.");
                }

                size = size is { Length: 1 } ? Enumerable.Repeat(size[0], spatial).ToArray() : size;
                scale_factor = scale_factor is { Length: 1 } ? Enumerable.Repeat(scale_factor[0], spatial).ToArray() : scale_factor;
                if ((size?.Length ?? scale_factor!.Length) != spatial)
                {
                    throw new ArgumentException(
                        $"interpolate: expected {spatial} sizes or factors for an input of shape [{string.Join(", ", x.shape)}], got {size?.Length ?? scale_factor!.Length}.");
                }

                if (recompute_scale_factor && scale_factor is not null)
                {
                    var shape = x.shape;
                    size = scale_factor.Select((f, d) => (long)Math.Floor(shape[d + 2] * f)).ToArray();
                    scale_factor = null;
                }

                var nearest = mode is InterpolationMode.Nearest or InterpolationMode.NearestExact or InterpolationMode.Area;
                if (align_corners is not null && nearest)
                {
                    throw new ArgumentException($"interpolate: align_corners can only be given for linear, bilinear, bicubic and trilinear, not for {mode}.", nameof(align_corners));
                }

                if (antialias && !(mode is InterpolationMode.Bilinear or InterpolationMode.Bicubic && spatial == 2))
                {
                    throw new ArgumentException($"interpolate: antialias works for bilinear and bicubic on (N, C, H, W), got {mode} on shape [{string.Join(", ", x.shape)}].", nameof(antialias));
                }

                var align = align_corners ?? false;
                return (mode, spatial) switch
                {
                    (InterpolationMode.Nearest, 1) => RawFunctional.upsample_nearest1d(x, size, scale_factor),
                    (InterpolationMode.Nearest, 2) => RawFunctional.upsample_nearest2d(x, size, scale_factor),
                    (InterpolationMode.Nearest, 3) => RawFunctional.upsample_nearest3d(x, size, scale_factor),
                    (InterpolationMode.NearestExact, 1) => RawFunctional.upsample_nearest_exact1d(x, size, scale_factor),
                    (InterpolationMode.NearestExact, 2) => RawFunctional.upsample_nearest_exact2d(x, size, scale_factor),
                    (InterpolationMode.NearestExact, 3) => RawFunctional.upsample_nearest_exact3d(x, size, scale_factor),
                    (InterpolationMode.Linear, 1) => RawFunctional.upsample_linear1d(x, size, align, scale_factor),
                    (InterpolationMode.Bilinear, 2) => antialias
                        ? RawFunctional.upsample_bilinear2d_aa(x, size, align, scale_factor)
                        : RawFunctional.upsample_bilinear2d(x, size, align, scale_factor),
                    (InterpolationMode.Bicubic, 2) => antialias
                        ? RawFunctional.upsample_bicubic2d_aa(x, size, align, scale_factor)
                        : RawFunctional.upsample_bicubic2d(x, size, align, scale_factor),
                    (InterpolationMode.Trilinear, 3) => RawFunctional.upsample_trilinear3d(x, size, align, scale_factor),
                    (InterpolationMode.Area, 1) => adaptive_avg_pool1d(x, Target(x, size, scale_factor)[0]),
                    (InterpolationMode.Area, 2) => adaptive_avg_pool2d(x, Target(x, size, scale_factor)),
                    (InterpolationMode.Area, 3) => adaptive_avg_pool3d(x, Target(x, size, scale_factor)),
                    _ => throw new ArgumentException($"interpolate: {mode} does not fit an input with {spatial} spatial dimensions, shape [{string.Join(", ", x.shape)}].", nameof(mode)),
                };
            }

            public static Tensor upsample(Tensor input, long[]? size = null, double[]? scale_factor = null, UpsampleMode mode = UpsampleMode.Nearest, bool align_corners = false) =>
                interpolate(input, size, scale_factor, (InterpolationMode)mode, mode == UpsampleMode.Nearest ? null : align_corners);

            public static Tensor upsample_nearest(Tensor x, long[]? size = null, double[]? scale_factor = null, bool align_corners = false) =>
                interpolate(x, size, scale_factor);

            public static Tensor upsample_bilinear(Tensor x, long[]? size = null, double[]? scale_factor = null, bool align_corners = false) =>
                interpolate(x, size, scale_factor, InterpolationMode.Bilinear, align_corners);

            public static Tensor upsample_nearest1d(Tensor input, long? outputSize, double? scaleFactor) =>
                RawFunctional.upsample_nearest1d(input, outputSize is { } s ? [s] : null, scaleFactor is { } f ? [f] : null);

            public static Tensor upsample_nearest1d_backward(Tensor grad_output, long? outputSize, long inputSize, double? scaleFactor) =>
                RawFunctional.upsample_nearest1d_backward(grad_output, [outputSize ?? grad_output.shape[^1]], [grad_output.shape[0], grad_output.shape[1], inputSize], scaleFactor);

            /// <summary>Samples (N, C, H, W) at the points of a grid (N, H', W', 2) whose coordinates run from −1 to 1.</summary>
            public static Tensor grid_sample(
                Tensor input, Tensor grid, GridSampleMode mode = GridSampleMode.Bilinear, GridSamplePaddingMode padding_mode = GridSamplePaddingMode.Zeros, bool? align_corners = null) =>
                RawFunctional.grid_sampler(
                    input, grid, mode == GridSampleMode.Nearest ? 1 : 0,
                    padding_mode switch { GridSamplePaddingMode.Border => 1, GridSamplePaddingMode.Reflection => 2, _ => 0 }, align_corners ?? false);

            /// <summary>The grid that <see cref="grid_sample"/> takes, from affine matrices (N, 2, 3) or (N, 3, 4).</summary>
            public static Tensor affine_grid(Tensor theta, long[]? size = null, bool align_corners = false)
            {
                ArgumentNullException.ThrowIfNull(size);
                return RawFunctional.affine_grid_generator(theta, size, align_corners);
            }

            public static Tensor one_hot(Tensor x, long num_classes = -1) => RawFunctional.one_hot(x, num_classes);

            /// <summary>softmax(Q Kᵀ / √d + mask) V. Vaswani et al. 2017, eq. 1</summary>
            /// <param name="attn_mask">Added to the scores, or, of booleans, true where attention is allowed.</param>
            public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0, bool is_casual = false)
            {
                if (is_casual && attn_mask is not null)
                {
                    throw new ArgumentException("scaled_dot_product_attention: expected either attn_mask or is_casual, got both.", nameof(attn_mask));
                }

                using var scope = NewDisposeScope();
                var scores = RawOperations.mul(query, 1 / Math.Sqrt(query.shape[^1])).matmul(key.transpose(-2, -1)); // (…, L, S)
                if (is_casual)
                {
                    var allowed = Creation.Ones([query.shape[^2], key.shape[^2]], ScalarType.Bool, query.device, false, null).tril();
                    scores = scores.masked_fill(allowed.logical_not(), double.NegativeInfinity);
                }
                else if (attn_mask is not null)
                {
                    scores = attn_mask.dtype == ScalarType.Bool ? scores.masked_fill(attn_mask.logical_not(), double.NegativeInfinity) : scores.add(attn_mask);
                }

                var weights = RawFunctional.softmax(scores, -1, null);
                if (p > 0)
                {
                    weights = RawFunctional.dropout(weights, p, true);
                }

                return weights.matmul(value).MoveToOuterDisposeScope();
            }

            private static long[] Target(Tensor x, long[]? size, double[]? factors)
            {
                var shape = x.shape;
                return size ?? factors!.Select((f, d) => (long)Math.Floor(shape[d + 2] * f)).ToArray();
            }
        }
    }
}
