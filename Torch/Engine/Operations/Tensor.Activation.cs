using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    // One line an operation: activation functions.
    public partial class Tensor
    {
        [Aten("celu")] public partial Tensor celu();
        [Aten("celu")] public partial Tensor celu(Scalar alpha);
        [Aten("celu_")] public partial Tensor celu_();
        [Aten("celu_")] public partial Tensor celu_(Scalar alpha);
        [Aten("elu")] public partial Tensor elu(Scalar alpha, Scalar scale, Scalar input_scale);
        [Aten("elu")] public partial Tensor elu(double alpha = 1);
        [Aten("elu_")] public partial Tensor elu_(Scalar alpha, Scalar scale, Scalar input_scale);
        [Aten("elu_")] public partial Tensor elu_(double alpha = 1);
        [Aten("gelu")] public partial Tensor gelu();
        [Aten("gelu_")] public partial Tensor gelu_();
        [Aten("glu")] public partial Tensor glu(long dim = -1);
        [Aten("hardsigmoid")] public partial Tensor hardsigmoid();
        [Aten("hardsigmoid_")] public partial Tensor hardsigmoid_();
        [Aten("hardswish")] public partial Tensor hardswish();
        [Aten("hardswish_")] public partial Tensor hardswish_();
        [Aten("hardtanh")] public partial Tensor hardtanh(Scalar min, Scalar max);
        [Aten("hardtanh_")] public partial Tensor hardtanh_(Scalar min, Scalar max);
        [Aten("leaky_relu")] public partial Tensor leaky_relu(Scalar negative_slope);
        [Aten("leaky_relu_")] public partial Tensor leaky_relu_(Scalar negative_slope);
        [Aten("log_sigmoid")] public partial Tensor log_sigmoid();
        [Aten("log_softmax.int")] public partial Tensor log_softmax(long dim, ScalarType? dtype = null);
        [Aten("prelu")] public partial Tensor prelu(Tensor target);
        [Aten("relu")] public partial Tensor relu();
        [Aten("relu6")] public partial Tensor relu6();
        [Aten("relu6_")] public partial Tensor relu6_();
        [Aten("relu_")] public partial Tensor relu_();
        [Aten("selu")] public partial Tensor selu();
        [Aten("selu_")] public partial Tensor selu_();
        [Aten("silu")] public partial Tensor silu();
        [Aten("silu_")] public partial Tensor silu_();
        [Aten("softmax.int")] public partial Tensor softmax(long dim, ScalarType? dtype = null);
        [Aten("softplus")] public partial Tensor softplus(double beta = 1, double threshold = 20);
        [Aten("threshold")] public partial Tensor threshold(Scalar threshold, Scalar value);
        [Aten("threshold_")] public partial Tensor threshold_(Scalar threshold, Scalar value);
    }
}
