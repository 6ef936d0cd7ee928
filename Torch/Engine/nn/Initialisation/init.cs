using System;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Fills tensors with initial values, in place and unseen by autograd. All return the tensor.</summary>
        public static partial class init
        {
            public static Tensor constant_(Tensor tensor, Scalar val)
            {
                using var _ = no_grad();
                tensor.fill_(val);
                return tensor;
            }

            public static Tensor zeros_(Tensor tensor) => constant_(tensor, 0);

            public static Tensor ones_(Tensor tensor) => constant_(tensor, 1);

            /// <summary>Uniform in [low, high).</summary>
            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator? generator = null)
            {
                using var _ = no_grad();
                tensor.uniform_(low, high, generator);
                return tensor;
            }

            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator? generator = null)
            {
                using var _ = no_grad();
                tensor.normal_(mean, std, generator);
                return tensor;
            }

            /// <summary>Normal, cut to [a, b] by inversion of its distribution function.</summary>
            public static Tensor trunc_normal_(Tensor tensor, double mean = 0, double std = 1, double a = -2, double b = 2, Generator? generator = null)
            {
                using var _ = no_grad();
                using var scope = NewDisposeScope();
                double Erf(double x) => torch.tensor((x - mean) / std / Math.Sqrt(2), dtype: ScalarType.Float64).erf().item<double>();
                tensor.uniform_(Erf(a), Erf(b), generator);
                tensor.erfinv_();
                tensor.mul_(std * Math.Sqrt(2));
                tensor.add_(mean);
                tensor.clamp_(a, b);
                return tensor;
            }

            /// <summary>The identity matrix, for a tensor with two axes.</summary>
            public static Tensor eye_(Tensor tensor)
            {
                RequireRank(tensor, nameof(eye_), rank => rank == 2, "2 axes");
                using var _ = no_grad();
                using var scope = NewDisposeScope();
                tensor.copy_(torch.eye(tensor.shape[0], tensor.shape[1], dtype: tensor.dtype, device: tensor.device));
                return tensor;
            }

            /// <summary>A convolution weight that passes its input channels on: the Dirac delta in the middle of the kernel.</summary>
            public static Tensor dirac_(Tensor tensor)
            {
                RequireRank(tensor, nameof(dirac_), rank => rank is 3 or 4 or 5, "3, 4 or 5 axes");
                using var _ = no_grad();
                using var scope = NewDisposeScope();
                tensor.zero_();
                var centre = tensor;
                for (var axis = (int)tensor.dim() - 1; axis >= 2; axis--) centre = centre.select(axis, tensor.shape[axis] / 2);
                centre.diagonal(0, 0, 1).fill_(1);
                return tensor;
            }

            /// <summary>A (semi-)orthogonal matrix times the gain, axes after the first taken together (Saxe et al. 2013).</summary>
            public static Tensor orthogonal_(Tensor tensor, double gain = 1)
            {
                RequireRank(tensor, nameof(orthogonal_), rank => rank >= 2, "at least 2 axes");
                if (tensor.numel() == 0) return tensor;
                using var _ = no_grad();
                using var scope = NewDisposeScope();
                var (rows, columns) = (tensor.shape[0], tensor.numel() / tensor.shape[0]);
                var random = empty([rows, columns], tensor.dtype, tensor.device).normal_(0, 1);
                if (rows < columns) random = random.t();
                var (q, r) = InitialisationOperations.qr(random, "reduced");
                q = q * r.diagonal(0, 0, 1).sign(); // a unique decomposition, hence a uniform distribution
                if (rows < columns) q = q.t();
                tensor.copy_(q.reshape(tensor.shape));
                tensor.mul_(gain);
                return tensor;
            }

            /// <summary>Normal with the given deviation, in each column that share of elements set to zero (Martens 2010).</summary>
            public static Tensor sparse_(Tensor tensor, double sparsity, double std = 0.01)
            {
                RequireRank(tensor, nameof(sparse_), rank => rank == 2, "2 axes");
                using var _ = no_grad();
                using var scope = NewDisposeScope();
                var zeros = (long)Math.Ceiling(sparsity * tensor.shape[0]);
                tensor.normal_(0, std);
                for (var column = 0L; column < tensor.shape[1]; column++)
                {
                    var rows = randperm(tensor.shape[0], device: tensor.device).narrow(0, 0, zeros);
                    tensor.select(1, column).index_fill_(0, rows, 0);
                }
                return tensor;
            }

            private static void RequireRank(Tensor tensor, string method, Func<long, bool> fits, string expected)
            {
                if (!fits(tensor.dim()))
                    throw new ArgumentException($"init.{method}: expected a tensor with {expected}, got ({string.Join(", ", tensor.shape)}).", nameof(tensor));
            }
        }
    }
}

internal static partial class InitialisationOperations
{
    [Aten("linalg_qr")] public static partial (torch.Tensor, torch.Tensor) qr(torch.Tensor A, string mode);
}
