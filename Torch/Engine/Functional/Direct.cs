using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Functions that are one operation of libtorch with the same parameters.
        public static partial class functional
        {
            [Aten("max_pool2d_with_indices")] public static partial (Tensor, Tensor) max_pool2d_with_indices(Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false);
            [Aten("max_pool3d_with_indices")] public static partial (Tensor, Tensor) max_pool3d_with_indices(Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false);
            [Aten("adaptive_avg_pool1d")] public static partial Tensor adaptive_avg_pool1d(Tensor input, long output_size);
            [Aten("adaptive_avg_pool2d")] public static partial Tensor adaptive_avg_pool2d(Tensor input, (long,long) output_size);
            [Aten("adaptive_avg_pool2d")] public static partial Tensor adaptive_avg_pool2d(Tensor input, long output_size);
            [Aten("adaptive_avg_pool2d")] public static partial Tensor adaptive_avg_pool2d(Tensor input, long[] output_size);
            [Aten("adaptive_avg_pool3d")] public static partial Tensor adaptive_avg_pool3d(Tensor input, (long,long,long) output_size);
            [Aten("adaptive_avg_pool3d")] public static partial Tensor adaptive_avg_pool3d(Tensor input, long output_size);
            [Aten("adaptive_avg_pool3d")] public static partial Tensor adaptive_avg_pool3d(Tensor input, long[] output_size);
            [Aten("adaptive_avg_pool3d_backward.grad_input")] public static partial Tensor adaptive_avg_pool3d_backward(Tensor gradInput, Tensor gradOutput, Tensor originalInput);
            [Aten("avg_pool2d")] public static partial Tensor avg_pool2d(Tensor input, long[] kernel_size, long[]? stride = null, long[]? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null);
            [Aten("avg_pool2d_backward")] public static partial Tensor avg_pool2d_backward(Tensor input, Tensor originalInput, long[] kernel_sizes, long[]? strides = null, long[]? paddings = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null);
            [Aten("avg_pool3d")] public static partial Tensor avg_pool3d(Tensor input, long[] kernel_size, long[]? stride = null, long[]? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null);
            [Aten("avg_pool3d_backward")] public static partial Tensor avg_pool3d_backward(Tensor input, Tensor originalInput, long[] kernel_sizes, long[]? strides = null, long[]? paddings = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null);
            [Aten("bilinear")] public static partial Tensor bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias = null);
            [Aten("binary_cross_entropy")] public static partial Tensor binary_cross_entropy(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean);
            [Aten("conv2d")] public static partial Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1);
            [Aten("conv3d")] public static partial Tensor conv3d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1);
            [Aten("cosine_embedding_loss")] public static partial Tensor cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, double margin = 0, Reduction reduction = Reduction.Mean);
            [Aten("cosine_similarity")] public static partial Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1E-08);
            [Aten("gelu")] public static partial Tensor gelu(Tensor x);
            [Aten("glu")] public static partial Tensor glu(Tensor input, long dim = -1);
            [Aten("group_norm")] public static partial Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1E-05);
            [Aten("hardshrink")] public static partial Tensor hardshrink(Tensor x, double lambda = 0.5);
            [Aten("hinge_embedding_loss")] public static partial Tensor hinge_embedding_loss(Tensor input, Tensor target, double margin = 0, Reduction reduction = Reduction.Mean);
            [Aten("l1_loss")] public static partial Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean);
            [Aten("layer_norm")] public static partial Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1E-05);
            [Aten("linear")] public static partial Tensor linear(Tensor input, Tensor weights, Tensor? bias = null);
            [Aten("log_softmax.int")] public static partial Tensor log_softmax(Tensor x, long dim);
            [Aten("margin_ranking_loss")] public static partial Tensor margin_ranking_loss(Tensor input1, Tensor input2, Tensor target, double margin = 0, Reduction reduction = Reduction.Mean);
            [Aten("max_pool2d")] public static partial Tensor max_pool2d(Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false);
            [Aten("max_pool3d")] public static partial Tensor max_pool3d(Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false);
            [Aten("mse_loss")] public static partial Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean);
            [Aten("nll_loss_nd")] public static partial Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean);
            [Aten("pairwise_distance")] public static partial Tensor pairwise_distance(Tensor input1, Tensor input2, double p = 2, double eps = 1E-06, bool keepdim = false);
            [Aten("pixel_shuffle")] public static partial Tensor pixel_shuffle(Tensor input, long upscale_factor);
            [Aten("pixel_unshuffle")] public static partial Tensor pixel_unshuffle(Tensor input, long downscale_factor);
            [Aten("poisson_nll_loss")] public static partial Tensor poisson_nll_loss(Tensor input, Tensor target, bool log_input = true, bool full = false, float eps = 1E-08f, Reduction reduction = Reduction.Mean);
            [Aten("prelu")] public static partial Tensor prelu(Tensor input, Tensor weight);
            [Aten("sigmoid")] public static partial Tensor sigmoid(Tensor x);
            [Aten("smooth_l1_loss")] public static partial Tensor smooth_l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1);
            [Aten("soft_margin_loss")] public static partial Tensor soft_margin_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean);
            [Aten("softmax.int")] public static partial Tensor softmax(Tensor input, long dim, ScalarType? dtype = null);
            [Aten("softplus")] public static partial Tensor softplus(Tensor x, double beta = 1, double threshold = 20);
            [Aten("softshrink")] public static partial Tensor softshrink(Tensor x, double lambda = 0.5);
            [Aten("upsample_nearest2d.vec")] public static partial Tensor upsample_nearest2d(Tensor input, long[]? outputSizes = null, double[]? scaleFactors = null);
            [Aten("upsample_nearest2d_backward.vec")] public static partial Tensor upsample_nearest2d_backward(Tensor grad_output, long[] inputSizes, long[]? outputSizes = null, double[]? scaleFactors = null);
            [Aten("upsample_nearest3d.vec")] public static partial Tensor upsample_nearest3d(Tensor input, long[]? outputSizes = null, double[]? scaleFactors = null);
            [Aten("upsample_nearest3d_backward.vec")] public static partial Tensor upsample_nearest3d_backward(Tensor grad_output, long[] inputSizes, long[]? outputSizes = null, double[]? scaleFactors = null);
        }
    }
}
