using System;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor polygamma(Tensor input, long p) => input.polygamma(p);

    public static Tensor arctan(Tensor input, Tensor other) => input.arctan(other);

    public static Tensor arctan_(Tensor input, Tensor other) => input.arctan_(other);

    /// <summary>Elementwise equality, as in TorchSharp.</summary>
    public static Tensor equal(Tensor tensor, Tensor target) => tensor.equal(target);

    public static Tensor is_neg(Tensor input) => input.is_neg();

    public static bool is_tensor(object obj) => obj is Tensor;

    public static long numel(Tensor input) => input.numel();

    public static Tensor pinverse(Tensor input, double rcond = 1E-15, bool hermitian = false) => input.pinverse(rcond, hermitian);

    public static Tensor norm(Tensor input, int dimension, bool keepdim = false, float p = 2) => input.norm(dimension, keepdim, p);

    public static Tensor vander(Tensor x, long N = -1, bool increasing = false) => x.vander(N, increasing);

    // Forms of operations that TorchSharp adds to libtorch's.
    public partial class Tensor
    {
        public Tensor polygamma(long p) => RawOperations.polygamma(p, this);

        public Tensor arctan(Tensor other) => atan2(other);

        public Tensor arctan_(Tensor other) => atan2_(other);

        /// <summary>Elementwise equality, as in TorchSharp; <see cref="Equals(Tensor)"/> compares as a whole.</summary>
        public Tensor equal(Tensor target) => eq(target);

        /// <summary>Elements of this where the condition holds, of <paramref name="y"/> elsewhere.</summary>
        public Tensor where(Tensor condition, Tensor y) => RawOperations.where(condition, this, y);

        /// <summary>Powers of the elements as columns; as many as elements unless N says otherwise.</summary>
        public Tensor vander(long N = -1, bool increasing = false) => RawOperations.vander(this, N == -1 ? null : N, increasing);

        public Tensor pinverse(double rcond = 1E-15, bool hermitian = false) => RawOperations.linalg_pinv(this, rcond, hermitian);

        /// <summary>Integers from [from, to), as the tensor's type.</summary>
        public Tensor random_(double from, double to, Generator? generator = null) => RawOperations.random_(this, (long)from, (long)to, generator);
    }
}
