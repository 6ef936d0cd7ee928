using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor squeeze(Tensor input, long? dim = null) => input.squeeze(dim);

    public static Tensor squeeze_(Tensor input, long? dim = null) => input.squeeze_(dim);

    public static Tensor roll(Tensor input, long shifts, long? dims = null) => input.roll(shifts, dims);

    public static Tensor rot90(Tensor input, long k = 1, (long, long)? dims = null) => input.rot90(k, dims);

    public static Tensor unflatten(Tensor input, long dim, Size sizes) => input.unflatten(dim, sizes);

    public static Tensor take_along_dim(Tensor input, IEnumerable<long> indices, long dim = 0) => input.take_along_dim(indices, dim);

    public static Tensor tensordot(Tensor a, Tensor b, long dims = 2) => a.tensordot(b, dims);

    public static Tensor tensordot(Tensor a, Tensor b, (long, long)[] dims) => a.tensordot(b, dims);

    public static IEnumerable<Tensor> atleast_1d(params Tensor[] input) => input.Select(t => t.atleast_1d());

    public static IEnumerable<Tensor> atleast_2d(params Tensor[] input) => input.Select(t => t.atleast_2d());

    public static IEnumerable<Tensor> atleast_3d(params Tensor[] input) => input.Select(t => t.atleast_3d());

    public static Tensor[] dsplit(Tensor input, Tensor indices_or_sections) => input.dsplit(indices_or_sections);

    public static Tensor[] hsplit(Tensor input, Tensor indices_or_sections) => input.hsplit(indices_or_sections);

    /// <summary>The shape that all of the given ones broadcast to.</summary>
    public static Size broadcast_shapes(params long[][] shapes)
    {
        var rank = shapes.Length == 0 ? 0 : shapes.Max(s => s.Length);
        var result = Enumerable.Repeat(1L, rank).ToArray();
        foreach (var shape in shapes)
        {
            for (var i = 0; i < shape.Length; i++)
            {
                var at = rank - shape.Length + i;
                if (shape[i] != 1 && result[at] != 1 && result[at] != shape[i])
                {
                    throw new ArgumentException($"broadcast_shapes: the shapes {string.Join(", ", shapes.Select(s => $"[{string.Join(", ", s)}]"))} do not broadcast: {result[at]} and {shape[i]} meet.", nameof(shapes));
                }

                result[at] = shape[i] == 1 ? result[at] : shape[i];
            }
        }

        return new Size(result);
    }

    // Forms of shaping operations that TorchSharp adds to libtorch's.
    public partial class Tensor
    {
        /// <summary>The matrix transpose of a tensor of two dimensions; all dimensions reversed otherwise.</summary>
        public Tensor T => RawOperations.numpy_T(this);

        public Tensor H => RawOperations.matrix_H(this);

        public Tensor mT => RawOperations.mT(this);

        public Tensor mH => RawOperations.mH(this);

        public Tensor real => RawOperations.real(this);

        public Tensor imag => RawOperations.imag(this);

        public Tensor squeeze(long? dim = null) => dim is { } d ? RawOperations.squeeze(this, d) : RawOperations.squeeze(this);

        public Tensor squeeze_(long? dim = null) => dim is { } d ? RawOperations.squeeze_(this, d) : RawOperations.squeeze_(this);

        public Tensor permute(IEnumerable<long> permutation) => permute(permutation.ToArray());

        public Tensor expand(Size sizes, bool isImplicit = false) => expand(sizes.Shape, isImplicit);

        public Tensor unflatten(long dim, Size sizes) => unflatten(dim, sizes.Shape);

        public Tensor roll(long shifts, long? dims = null) => RawOperations.roll(this, [shifts], dims is { } d ? [d] : []);

        public Tensor rot90(long k = 1, (long, long)? dims = null) => RawOperations.rot90(this, k, dims is { } d ? [d.Item1, d.Item2] : [0, 1]);

        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) => sum([dim0, dim1], keepdim, type);

        public Tensor sum(long dim0, long dim1, long dim2, bool keepdim = false, ScalarType? type = null) => sum([dim0, dim1, dim2], keepdim, type);

        public Tensor norm(int dim, bool keepdim = false, float p = 2) => RawOperations.norm(this, p, [dim], keepdim);

        public Tensor take_along_dim(IEnumerable<long> indices)
        {
            using var chosen = tensor(indices.ToArray(), device: device);
            return take_along_dim(chosen);
        }

        public Tensor take_along_dim(IEnumerable<long> indices, long dim)
        {
            using var chosen = tensor(indices.ToArray(), device: device);
            return take_along_dim(chosen, dim);
        }

        /// <summary>Contracts the last dims dimensions of this with the first of b.</summary>
        public Tensor tensordot(Tensor b, long dims = 2)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dims);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(dims, Math.Min(ndim, b.ndim));
            return RawOperations.tensordot(this, b, Enumerable.Range(0, (int)dims).Select(i => ndim - dims + i).ToArray(), Enumerable.Range(0, (int)dims).Select(i => (long)i).ToArray());
        }

        public Tensor tensordot(Tensor b, (long, long)[] dims) =>
            RawOperations.tensordot(this, b, Array.ConvertAll(dims, d => d.Item1), Array.ConvertAll(dims, d => d.Item2));

        public Tensor[] dsplit(Tensor indices) => dsplit(Indices(indices));

        public Tensor[] hsplit(Tensor indices) => hsplit(Indices(indices));

        public Tensor[] vsplit(Tensor indices) => vsplit(Indices(indices));

        private static long[] Indices(Tensor indices)
        {
            using var whole = indices.to_type(ScalarType.Int64);
            return whole.data<long>().ToArray();
        }
    }
}
