using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Activations. In place, the result is an alias: disposing it leaves the input alive.
        public static partial class functional
        {
            public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_().alias() : x.relu();

            public static Tensor relu6(Tensor x, bool inplace = false) => inplace ? x.relu6_().alias() : x.relu6();

            public static Tensor elu(Tensor x, double alpha, bool inplace = false) => inplace ? RawFunctional.elu_(x, alpha).alias() : RawFunctional.elu(x, alpha);

            public static Tensor celu(Tensor x, double alpha, bool inplace = false) => inplace ? RawFunctional.celu_(x, alpha).alias() : RawFunctional.celu(x, alpha);

            public static Tensor selu(Tensor x, bool inplace = false) => inplace ? x.selu_().alias() : x.selu();

            public static Tensor gelu(Tensor x, bool inplace) => inplace ? RawOperations.gelu_(x, "none").alias() : RawOperations.gelu(x, "none");

            public static Tensor gelu(Tensor x, Modules.GELU.Approximate approximate, bool inplace = false)
            {
                var name = approximate == Modules.GELU.Approximate.tanh ? "tanh" : "none";
                return inplace ? RawOperations.gelu_(x, name).alias() : RawOperations.gelu(x, name);
            }

            public static Tensor silu(Tensor x, bool inplace = false) => inplace ? x.silu_().alias() : x.silu();

            public static Tensor SiLU(Tensor x, bool inplace = false) => silu(x, inplace);

            public static Tensor mish(Tensor x, bool inplace = false) => inplace ? RawFunctional.mish_(x).alias() : RawFunctional.mish(x);

            public static Tensor Mish(Tensor x) => mish(x);

            public static Tensor sigmoid(Tensor x, bool inplace) => inplace ? x.sigmoid_().alias() : x.sigmoid();

            public static Tensor tanh(Tensor x, bool inplace = false) => inplace ? x.tanh_().alias() : x.tanh();

            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) =>
                inplace ? RawFunctional.leaky_relu_(input, negative_slope).alias() : RawFunctional.leaky_relu(input, negative_slope);

            /// <summary>With the mean slope of [lower, upper]: TorchSharp's function has no training flag either.</summary>
            public static Tensor rrelu(Tensor x, double lower = 0.125, double upper = 0.3333333333333333, bool inplace = false) =>
                inplace ? RawFunctional.rrelu_(x, lower, upper, false).alias() : RawFunctional.rrelu(x, lower, upper, false);

            public static Tensor hardtanh(Tensor x, double min_val = -1, double max_val = 1, bool inplace = false) =>
                inplace ? RawFunctional.hardtanh_(x, min_val, max_val).alias() : RawFunctional.hardtanh(x, min_val, max_val);

            public static Tensor Hardtanh(Tensor x, double min_val = -1, double max_val = 1, bool inplace = false) => hardtanh(x, min_val, max_val, inplace);

            public static Tensor hardsigmoid(Tensor input, bool inplace = false) => inplace ? input.hardsigmoid_().alias() : input.hardsigmoid();

            public static Tensor hardswish(Tensor input, bool inplace = false) => inplace ? input.hardswish_().alias() : input.hardswish();

            public static Tensor Hardshrink(Tensor x, double lambda = 0.5) => hardshrink(x, lambda);

            public static Tensor Softshrink(Tensor x, double lambda = 0.5) => softshrink(x, lambda);

            public static Tensor threshold(Tensor x, double threshold, double value, bool inplace = false) =>
                inplace ? RawFunctional.threshold_(x, threshold, value).alias() : RawFunctional.threshold(x, threshold, value);

            public static Tensor Threshold(Tensor x, double threshold, double value, bool inplace = false) => functional.threshold(x, threshold, value, inplace);

            /// <summary>x / (1 + |x|)</summary>
            public static Tensor softsign(Tensor x, bool inplace = false)
            {
                using var magnitude = x.abs();
                using var below = RawOperations.add(magnitude, 1L);
                return inplace ? x.div_(below).alias() : x.div(below);
            }

            public static Tensor Softsign(Tensor x) => softsign(x);

            /// <summary>x − tanh x</summary>
            public static Tensor tanhshrink(Tensor x, bool inplace = false)
            {
                using var squashed = x.tanh();
                return inplace ? x.sub_(squashed).alias() : x.sub(squashed);
            }

            public static Tensor Tanhshrink(Tensor x) => tanhshrink(x);

            public static Tensor logsigmoid(Tensor x) => RawFunctional.log_sigmoid(x);

            /// <summary>Softmax over the channels of (N, C, H, W) or (C, H, W).</summary>
            public static Tensor softmax2d(Tensor x) => RawFunctional.softmax(x, -3, null);

            public static Tensor softmin(Tensor x, long dim)
            {
                using var negative = x.neg();
                return RawFunctional.softmax(negative, dim, null);
            }
        }
    }
}
