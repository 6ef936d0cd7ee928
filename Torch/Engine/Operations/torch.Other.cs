using Hybrid.Torch;

namespace TorchSharp;

// One line an operation: the rest.
public static partial class torch
{
    [Aten("dequantize.self")] public static partial Tensor dequantize(Tensor input);
    [Aten("divide_.Scalar")] public static partial Tensor divide_(Tensor left, Scalar right);
    [Aten("fake_quantize_per_channel_affine")] public static partial Tensor fake_quantize_per_channel_affine(Tensor input, Tensor scale, Tensor zero_point, int axis, long quant_min, long quant_max);
    [Aten("fake_quantize_per_tensor_affine.tensor_qparams")] public static partial Tensor fake_quantize_per_tensor_affine(Tensor input, Tensor scale, Tensor zero_point, long quant_min, long quant_max);
    [Aten("quantize_per_channel")] public static partial Tensor quantize_per_channel(Tensor input, Tensor scales, Tensor zero_points, long axis, ScalarType dtype);
    [Aten("quantize_per_tensor")] public static partial Tensor quantize_per_tensor(Tensor input, double scale, long zero_point, ScalarType dtype);
    [Aten("quantized_batch_norm")] public static partial Tensor quantized_batch_norm(Tensor input, Tensor weight, Tensor bias, Tensor mean, Tensor var, double eps, double output_scale, long output_zero_point);
    [Aten("quantized_max_pool1d")] public static partial Tensor quantized_max_pool1d(Tensor input, long[] kernel_size, long[] stride, long[] padding, long dilation = 1, bool ceil_mode = false);
    [Aten("quantized_max_pool2d")] public static partial Tensor quantized_max_pool2d(Tensor input, long[] kernel_size, long[] stride, long[] padding, long dilation = 1, bool ceil_mode = false);
    [Aten("can_cast")] public static partial bool can_cast(ScalarType from, ScalarType to);
    [Aten("is_conj")] public static partial bool is_conj(Tensor input);
    [Aten("is_nonzero")] public static partial bool is_nonzero(Tensor input);
}
