using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            /// <summary>Scales all gradients down together when their common norm is above <paramref name="max_norm"/>.</summary>
            /// <param name="tensors">Parameters; those without a gradient count for nothing.</param>
            /// <param name="max_norm">The norm to keep to.</param>
            /// <param name="norm_type">The p of the norm; infinity for the largest absolute value.</param>
            /// <returns>The norm before scaling.</returns>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                using var _ = no_grad();
                using var scope = NewDisposeScope();
                var gradients = Gradients(tensors);
                if (gradients.Length == 0) return 0;
                var norms = stack(gradients.Select(g => Norm(g, norm_type)).ToArray());
                var total = double.IsPositiveInfinity(norm_type) ? norms.max().ToDouble() : Norm(norms, norm_type).ToDouble();
                var factor = max_norm / (total + 1e-6);
                if (factor < 1)
                {
                    foreach (var gradient in gradients) gradient.mul_(factor);
                }
                return total;
            }

            private static Tensor Norm(Tensor tensor, double p) => double.IsPositiveInfinity(p) ? tensor.abs().max() : linalg.vector_norm(tensor, p);

            /// <summary>Clamps every element of every gradient to ±<paramref name="clip_value"/>.</summary>
            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using var _ = no_grad();
                using var scope = NewDisposeScope();
                foreach (var gradient in Gradients(tensors)) gradient.clamp_(-clip_value, clip_value);
            }

            private static Tensor[] Gradients(IEnumerable<Parameter> tensors) => tensors.Select(p => p.grad!).Where(g => g is not null).ToArray();

            /// <summary>All parameters' elements in one vector, in order; gradients flow back.</summary>
            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                return cat(tensors.Select(p => p.view(-1)).ToArray(), 0).MoveToOuterDisposeScope();
            }

            /// <summary>Copies consecutive parts of the vector into the parameters.</summary>
            /// <exception cref="ArgumentException">The vector has more or fewer elements than the parameters together; nothing was copied.</exception>
            public static void vector_to_parameters(Tensor vec, IEnumerable<Parameter> tensors)
            {
                var parameters = tensors.ToArray();
                var elements = parameters.Sum(p => p.numel());
                if (vec.dim() != 1 || vec.numel() != elements)
                    throw new ArgumentException($"vector_to_parameters: expected a vector of {elements} elements, got ({string.Join(", ", vec.shape)}).", nameof(vec));
                using var _ = no_grad();
                using var scope = NewDisposeScope();
                long start = 0;
                foreach (var parameter in parameters)
                {
                    var count = parameter.numel();
                    parameter.copy_(vec.narrow(0, start, count).view(parameter.shape));
                    start += count;
                }
            }
        }
    }
}
