using System;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Torch;

/// <summary>Network operations with libtorch's own parameters, where TorchSharp's function has others or where a module calls them.</summary>
internal static partial class RawFunctional
{
    [Aten("batch_norm")] public static partial Tensor batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, double momentum, double eps, bool cudnn_enabled);
    [Aten("instance_norm")] public static partial Tensor instance_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool use_input_stats, double momentum, double eps, bool cudnn_enabled);
    [Aten("_weight_norm")] public static partial Tensor weight_norm(Tensor v, Tensor g, long dim);

    [Aten("dropout")] public static partial Tensor dropout(Tensor input, double p, bool train);
    [Aten("dropout_")] public static partial Tensor dropout_(Tensor self, double p, bool train);
    [Aten("alpha_dropout")] public static partial Tensor alpha_dropout(Tensor input, double p, bool train);
    [Aten("alpha_dropout_")] public static partial Tensor alpha_dropout_(Tensor self, double p, bool train);
    [Aten("feature_dropout")] public static partial Tensor feature_dropout(Tensor input, double p, bool train);
    [Aten("feature_dropout_")] public static partial Tensor feature_dropout_(Tensor self, double p, bool train);
    [Aten("feature_alpha_dropout")] public static partial Tensor feature_alpha_dropout(Tensor input, double p, bool train);
    [Aten("feature_alpha_dropout_")] public static partial Tensor feature_alpha_dropout_(Tensor self, double p, bool train);

    [Aten("rrelu")] public static partial Tensor rrelu(Tensor self, double lower, double upper, bool training);
    [Aten("rrelu_")] public static partial Tensor rrelu_(Tensor self, double lower, double upper, bool training);
    [Aten("elu")] public static partial Tensor elu(Tensor self, double alpha);
    [Aten("elu_")] public static partial Tensor elu_(Tensor self, double alpha);
    [Aten("celu")] public static partial Tensor celu(Tensor self, double alpha);
    [Aten("celu_")] public static partial Tensor celu_(Tensor self, double alpha);
    [Aten("hardtanh")] public static partial Tensor hardtanh(Tensor self, double min_val, double max_val);
    [Aten("hardtanh_")] public static partial Tensor hardtanh_(Tensor self, double min_val, double max_val);
    [Aten("leaky_relu")] public static partial Tensor leaky_relu(Tensor self, double negative_slope);
    [Aten("leaky_relu_")] public static partial Tensor leaky_relu_(Tensor self, double negative_slope);
    [Aten("threshold")] public static partial Tensor threshold(Tensor self, double threshold, double value);
    [Aten("threshold_")] public static partial Tensor threshold_(Tensor self, double threshold, double value);
    [Aten("mish_")] public static partial Tensor mish_(Tensor self);
    [Aten("mish")] public static partial Tensor mish(Tensor self);
    [Aten("log_sigmoid")] public static partial Tensor log_sigmoid(Tensor self);
    [Aten("softmax.int")] public static partial Tensor softmax(Tensor self, long dim, ScalarType? dtype);

    [Aten("conv1d")] public static partial Tensor conv1d(Tensor input, Tensor weight, Tensor? bias, long stride, long padding, long dilation, long groups);
    [Aten("conv1d.padding")] public static partial Tensor conv1d_padding(Tensor input, Tensor weight, Tensor? bias, long stride, string padding, long dilation, long groups);
    [Aten("conv2d.padding")] public static partial Tensor conv2d_padding(Tensor input, Tensor weight, Tensor? bias, long[]? stride, string padding, long[]? dilation, long groups);
    [Aten("conv3d.padding")] public static partial Tensor conv3d_padding(Tensor input, Tensor weight, Tensor? bias, long[]? stride, string padding, long[]? dilation, long groups);
    [Aten("conv_transpose1d")] public static partial Tensor conv_transpose1d(Tensor input, Tensor weight, Tensor? bias, long stride, long padding, long output_padding, long groups, long dilation);
    [Aten("conv_transpose2d.input")] public static partial Tensor conv_transpose2d(Tensor input, Tensor weight, Tensor? bias, long[]? stride, long[]? padding, long[]? output_padding, long groups, long[]? dilation);
    [Aten("conv_transpose3d.input")] public static partial Tensor conv_transpose3d(Tensor input, Tensor weight, Tensor? bias, long[]? stride, long[]? padding, long[]? output_padding, long groups, long[]? dilation);
    [Aten("im2col")] public static partial Tensor im2col(Tensor self, long[] kernel_size, long[] dilation, long[] padding, long[] stride);
    [Aten("col2im")] public static partial Tensor col2im(Tensor self, long[] output_size, long[] kernel_size, long[] dilation, long[] padding, long[] stride);

    [Aten("avg_pool1d")] public static partial Tensor avg_pool1d(Tensor self, long[] kernel_size, long[] stride, long[] padding, bool ceil_mode, bool count_include_pad);
    [Aten("max_pool1d")] public static partial Tensor max_pool1d(Tensor self, long[] kernel_size, long[] stride, long[] padding, long[] dilation, bool ceil_mode);
    [Aten("max_pool1d_with_indices")] public static partial (Tensor, Tensor) max_pool1d_with_indices(Tensor self, long[] kernel_size, long[] stride, long[] padding, long[] dilation, bool ceil_mode);
    [Aten("adaptive_max_pool1d")] public static partial (Tensor, Tensor) adaptive_max_pool1d(Tensor self, long output_size);
    [Aten("adaptive_max_pool2d")] public static partial (Tensor, Tensor) adaptive_max_pool2d(Tensor self, long[] output_size);
    [Aten("adaptive_max_pool3d")] public static partial (Tensor, Tensor) adaptive_max_pool3d(Tensor self, long[] output_size);
    [Aten("fractional_max_pool2d")] public static partial (Tensor, Tensor) fractional_max_pool2d(Tensor self, long[] kernel_size, long[] output_size, Tensor random_samples);
    [Aten("fractional_max_pool3d")] public static partial (Tensor, Tensor) fractional_max_pool3d(Tensor self, long[] kernel_size, long[] output_size, Tensor random_samples);
    [Aten("max_unpool2d")] public static partial Tensor max_unpool2d(Tensor self, Tensor indices, long[] output_size);
    [Aten("max_unpool3d")] public static partial Tensor max_unpool3d(Tensor self, Tensor indices, long[] output_size, long[] stride, long[] padding);

    [Aten("pad")] public static partial Tensor pad(Tensor self, ReadOnlySpan<long> pad, string mode, double? value);
    [Aten("grid_sampler")] public static partial Tensor grid_sampler(Tensor input, Tensor grid, long interpolation_mode, long padding_mode, bool align_corners);
    [Aten("affine_grid_generator")] public static partial Tensor affine_grid_generator(Tensor theta, long[] size, bool align_corners);
    [Aten("upsample_nearest1d.vec")] public static partial Tensor upsample_nearest1d(Tensor input, long[]? output_size, double[]? scale_factors);
    [Aten("upsample_nearest2d.vec")] public static partial Tensor upsample_nearest2d(Tensor input, long[]? output_size, double[]? scale_factors);
    [Aten("upsample_nearest3d.vec")] public static partial Tensor upsample_nearest3d(Tensor input, long[]? output_size, double[]? scale_factors);
    [Aten("_upsample_nearest_exact1d.vec")] public static partial Tensor upsample_nearest_exact1d(Tensor input, long[]? output_size, double[]? scale_factors);
    [Aten("_upsample_nearest_exact2d.vec")] public static partial Tensor upsample_nearest_exact2d(Tensor input, long[]? output_size, double[]? scale_factors);
    [Aten("_upsample_nearest_exact3d.vec")] public static partial Tensor upsample_nearest_exact3d(Tensor input, long[]? output_size, double[]? scale_factors);
    [Aten("upsample_linear1d.vec")] public static partial Tensor upsample_linear1d(Tensor input, long[]? output_size, bool align_corners, double[]? scale_factors);
    [Aten("upsample_bilinear2d.vec")] public static partial Tensor upsample_bilinear2d(Tensor input, long[]? output_size, bool align_corners, double[]? scale_factors);
    [Aten("_upsample_bilinear2d_aa.vec")] public static partial Tensor upsample_bilinear2d_aa(Tensor input, long[]? output_size, bool align_corners, double[]? scale_factors);
    [Aten("upsample_bicubic2d.vec")] public static partial Tensor upsample_bicubic2d(Tensor input, long[]? output_size, bool align_corners, double[]? scale_factors);
    [Aten("_upsample_bicubic2d_aa.vec")] public static partial Tensor upsample_bicubic2d_aa(Tensor input, long[]? output_size, bool align_corners, double[]? scale_factors);
    [Aten("upsample_trilinear3d.vec")] public static partial Tensor upsample_trilinear3d(Tensor input, long[]? output_size, bool align_corners, double[]? scale_factors);
    [Aten("upsample_nearest1d_backward")] public static partial Tensor upsample_nearest1d_backward(Tensor grad_output, long[] output_size, long[] input_size, double? scales);

    [Aten("cross_entropy_loss")] public static partial Tensor cross_entropy_loss(Tensor self, Tensor target, Tensor? weight, nn.Reduction reduction, long ignore_index, double label_smoothing);
    [Aten("nll_loss_nd")] public static partial Tensor nll_loss_nd(Tensor self, Tensor target, Tensor? weight, nn.Reduction reduction, long ignore_index);
    [Aten("binary_cross_entropy_with_logits")] public static partial Tensor binary_cross_entropy_with_logits(Tensor self, Tensor target, Tensor? weight, Tensor? pos_weight, nn.Reduction reduction);
    [Aten("ctc_loss.Tensor")] public static partial Tensor ctc_loss(Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths, long blank, nn.Reduction reduction, bool zero_infinity);
    [Aten("huber_loss")] public static partial Tensor huber_loss(Tensor self, Tensor target, nn.Reduction reduction, double delta);
    [Aten("kl_div")] public static partial Tensor kl_div(Tensor self, Tensor target, nn.Reduction reduction, bool log_target);
    [Aten("multi_margin_loss")] public static partial Tensor multi_margin_loss(Tensor self, Tensor target, long p, double margin, Tensor? weight, nn.Reduction reduction);
    [Aten("multilabel_margin_loss")] public static partial Tensor multilabel_margin_loss(Tensor self, Tensor target, nn.Reduction reduction);
    [Aten("triplet_margin_loss")] public static partial Tensor triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, double margin, double p, double eps, bool swap, nn.Reduction reduction);

    [Aten("one_hot")] public static partial Tensor one_hot(Tensor self, long num_classes);
    [Aten("embedding")] public static partial Tensor embedding(Tensor weight, Tensor indices, long padding_idx, bool scale_grad_by_freq, bool sparse);
    [Aten("embedding_renorm_")] public static partial Tensor embedding_renorm_(Tensor self, Tensor indices, double max_norm, double norm_type);
    [Aten("embedding_bag")] public static partial (Tensor, Tensor, Tensor, Tensor) embedding_bag(Tensor weight, Tensor indices, Tensor offsets, bool scale_grad_by_freq, long mode, bool sparse, Tensor? per_sample_weights, bool include_last_offset);

    [Aten("lstm.input")] public static partial (Tensor, Tensor, Tensor) lstm(Tensor input, Tensor[] hx, Tensor[] @params, bool has_biases, long num_layers, double dropout, bool train, bool bidirectional, bool batch_first);
    [Aten("gru.input")] public static partial (Tensor, Tensor) gru(Tensor input, Tensor hx, Tensor[] @params, bool has_biases, long num_layers, double dropout, bool train, bool bidirectional, bool batch_first);
    [Aten("rnn_tanh.input")] public static partial (Tensor, Tensor) rnn_tanh(Tensor input, Tensor hx, Tensor[] @params, bool has_biases, long num_layers, double dropout, bool train, bool bidirectional, bool batch_first);
    [Aten("rnn_relu.input")] public static partial (Tensor, Tensor) rnn_relu(Tensor input, Tensor hx, Tensor[] @params, bool has_biases, long num_layers, double dropout, bool train, bool bidirectional, bool batch_first);
    [Aten("lstm.data")] public static partial (Tensor, Tensor, Tensor) lstm_packed(Tensor data, Tensor batch_sizes, Tensor[] hx, Tensor[] @params, bool has_biases, long num_layers, double dropout, bool train, bool bidirectional);
    [Aten("gru.data")] public static partial (Tensor, Tensor) gru_packed(Tensor data, Tensor batch_sizes, Tensor hx, Tensor[] @params, bool has_biases, long num_layers, double dropout, bool train, bool bidirectional);
    [Aten("rnn_tanh.data")] public static partial (Tensor, Tensor) rnn_tanh_packed(Tensor data, Tensor batch_sizes, Tensor hx, Tensor[] @params, bool has_biases, long num_layers, double dropout, bool train, bool bidirectional);
    [Aten("rnn_relu.data")] public static partial (Tensor, Tensor) rnn_relu_packed(Tensor data, Tensor batch_sizes, Tensor hx, Tensor[] @params, bool has_biases, long num_layers, double dropout, bool train, bool bidirectional);
    [Aten("lstm_cell")] public static partial (Tensor, Tensor) lstm_cell(Tensor input, Tensor[] hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih, Tensor? b_hh);
    [Aten("gru_cell")] public static partial Tensor gru_cell(Tensor input, Tensor hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih, Tensor? b_hh);
    [Aten("rnn_tanh_cell")] public static partial Tensor rnn_tanh_cell(Tensor input, Tensor hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih, Tensor? b_hh);
    [Aten("rnn_relu_cell")] public static partial Tensor rnn_relu_cell(Tensor input, Tensor hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih, Tensor? b_hh);
}
