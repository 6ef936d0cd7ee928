using System;
using System.Linq;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Normalisation by statistics of a batch, an instance, neighbouring channels, or by a norm.
        public static partial class functional
        {
            public static Tensor batch_norm(
                Tensor input, Tensor running_mean, Tensor running_var, Tensor? weight = null, Tensor? bias = null, bool training = false, double momentum = 0.1, double eps = 1E-05)
            {
                if (training)
                {
                    RequireSeveralValues(input);
                }

                return RawFunctional.batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, true);
            }

            public static Tensor instance_norm(
                Tensor input, Tensor? running_mean = null, Tensor? running_var = null, Tensor? weight = null, Tensor? bias = null, bool use_input_stats = true, double momentum = 0.1, double eps = 1E-05) =>
                RawFunctional.instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, true);

            /// <summary>x / (k + α · mean of x² over size neighbouring channels)^β. Krizhevsky et al. 2012, section 3.3</summary>
            public static Tensor local_response_norm(Tensor input, long size, double alpha = 0.0001, double beta = 0.75, double k = 1)
            {
                var dim = input.ndim;
                if (dim < 3)
                {
                    throw new ArgumentException($"local_response_norm: expected an input of 3 or more dimensions, (N, C, …), got shape [{string.Join(", ", input.shape)}].", nameof(input));
                }

                if (input.numel() == 0)
                {
                    return input.alias();
                }

                using var scope = NewDisposeScope();
                var squares = input.mul(input).unsqueeze(1);
                Tensor mean;
                if (dim == 3)
                {
                    var padded = pad(squares, [0, 0, size / 2, (size - 1) / 2]);
                    mean = avg_pool2d(padded, [size, 1], stride: [1]).squeeze(1);
                }
                else
                {
                    var shape = input.shape;
                    var flat = squares.view(shape[0], 1, shape[1], shape[2], -1);
                    var padded = pad(flat, [0, 0, 0, 0, size / 2, (size - 1) / 2]);
                    mean = avg_pool3d(padded, [size, 1, 1], stride: [1]).squeeze(1).view(shape);
                }

                return input.div(RawOperations.add(RawOperations.mul(mean, alpha), k).pow(beta)).MoveToOuterDisposeScope();
            }

            /// <summary>Divides by the p-norm along a dimension, taken to be at least eps.</summary>
            public static Tensor normalize(Tensor input, double p = 2, long dim = 1, double eps = 1E-12)
            {
                using var norm = RawOperations.norm(input, p, [dim], true);
                using var bounded = norm.clamp_min(eps);
                using var expanded = bounded.expand_as(input);
                return input.div(expanded);
            }

            private static void RequireSeveralValues(Tensor input)
            {
                var shape = input.shape;
                if (shape.Length >= 2 && shape[0] * shape.Skip(2).Aggregate(1L, (a, b) => a * b) == 1)
                {
                    throw new ArgumentException($"Expected more than 1 value per channel when training, got input size [{string.Join(", ", shape)}]", nameof(input));
                }
            }
        }
    }
}
