using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    // Python's indexing: numbers select, ranges slice, null adds an axis, tensors gather or mask.
    public partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => RawOperations.select(this, 0, i1);
            set => Assign([i1], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => Chosen([i1, i2]);
            set => Assign([i1, i2], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => Chosen([i1, i2, i3]);
            set => Assign([i1, i2, i3], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => Chosen([i1, i2, i3, i4]);
            set => Assign([i1, i2, i3, i4], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4, long i5]
        {
            get => Chosen([i1, i2, i3, i4, i5]);
            set => Assign([i1, i2, i3, i4, i5], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4, long i5, long i6]
        {
            get => Chosen([i1, i2, i3, i4, i5, i6]);
            set => Assign([i1, i2, i3, i4, i5, i6], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params long[] indices]
        {
            get => Chosen(indices);
            set => Assign(indices, value);
        }

        public Tensor index(params TensorIndex[] indices)
        {
            var (view, tensors) = Applied(indices);
            if (tensors is null)
            {
                // x[...] is a view of its own, never x itself: disposing one leaves the other.
                return ReferenceEquals(view, this) ? alias() : view;
            }

            var gathered = RawOperations.index(view, tensors!);
            Drop(view);
            return gathered;
        }

        public Tensor index(params Tensor[] indices) => RawOperations.index(this, indices);

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            ArgumentNullException.ThrowIfNull(value);
            var (view, tensors) = Applied(indices);
            if (tensors is not null)
            {
                RawOperations.index_put_(view, tensors!, value, accumulate);
            }
            else if (accumulate)
            {
                view.add_(value);
            }
            else
            {
                Fill(view, value);
            }

            Drop(view);
            return this;
        }

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using var filled = RawOperations.full([], value, dtype, null, device);
            return index_put_(filled, indices, false);
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => RawOperations.index_put_(this, indices, value, false);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) => RawOperations.index_put_(this, indices, value, accumulate);

        public Tensor index_put_(Scalar value, params Tensor[] indices)
        {
            using var filled = RawOperations.full([], value, dtype, null, device);
            return RawOperations.index_put_(this, indices, filled, false);
        }

        private Tensor Chosen(ReadOnlySpan<long> indices)
        {
            var view = this;
            foreach (var i in indices)
            {
                view = Next(view, RawOperations.select(view, 0, i));
            }

            return ReferenceEquals(view, this) ? alias() : view;
        }

        private void Assign(ReadOnlySpan<long> indices, Tensor value)
        {
            ArgumentNullException.ThrowIfNull(value);
            using var view = Chosen(indices);
            Fill(view, value);
        }

        // A value may carry leading dimensions of size 1, as in Python.
        private static void Fill(Tensor view, Tensor value)
        {
            var extra = value.Dimensions - view.Dimensions;
            if (extra <= 0)
            {
                view.copy_(value);
                return;
            }

            var sizes = value.shape;
            if (sizes.Take((int)extra).Any(s => s != 1))
            {
                throw new ArgumentException($"shape mismatch: value of shape [{string.Join(", ", sizes)}] cannot be broadcast to the indexed shape [{string.Join(", ", view.shape)}].");
            }

            using var narrowed = value.view(sizes[(int)extra..]);
            view.copy_(narrowed);
        }

        // Numbers, slices, new axes and the ellipsis become views; tensors and booleans are left for one gather over the last view.
        private (Tensor View, Tensor?[]? Tensors) Applied(TensorIndex[] indices)
        {
            ArgumentNullException.ThrowIfNull(indices);
            var consumed = indices.Sum(Consumes);
            if (consumed > Dimensions)
            {
                throw new IndexOutOfRangeException($"too many indices for tensor of dimension {Dimensions}: {consumed} of them select or slice. Shape [{string.Join(", ", shape)}].");
            }

            if (indices.Count(i => i.Kind == TensorIndex.IndexKind.Ellipsis) > 1)
            {
                throw new ArgumentException("an index can only have a single ellipsis ('...')", nameof(indices));
            }

            var view = this;
            List<Tensor?>? tensors = null;
            var dim = 0;
            foreach (var entry in indices)
            {
                switch (entry.Kind)
                {
                    case TensorIndex.IndexKind.Single:
                        view = Next(view, RawOperations.select(view, dim, entry.At));
                        break;
                    case TensorIndex.IndexKind.Slice:
                        if (entry.Start is not null || entry.Stop is not null || entry.Step != 1)
                        {
                            view = Next(view, RawOperations.slice(view, dim, entry.Start, entry.Stop, entry.Step));
                        }

                        dim++;
                        break;
                    case TensorIndex.IndexKind.Ellipsis:
                        dim += (int)(Dimensions - consumed);
                        break;
                    case TensorIndex.IndexKind.None:
                        view = Next(view, RawOperations.unsqueeze(view, dim++));
                        break;
                    case TensorIndex.IndexKind.Bool:
                        view = Next(view, RawOperations.unsqueeze(view, dim));
                        Put(ref tensors, dim++, tensor(new[] { entry.At != 0 }, device: device));
                        break;
                    case TensorIndex.IndexKind.Tensor:
                        Put(ref tensors, dim, entry.Indices);
                        dim += entry.Indices.dtype is ScalarType.Bool or ScalarType.Byte ? (int)entry.Indices.Dimensions : 1;
                        break;
                }
            }

            return (view, tensors?.ToArray());
        }

        private static int Consumes(TensorIndex entry) => entry.Kind switch
        {
            TensorIndex.IndexKind.Single or TensorIndex.IndexKind.Slice => 1,
            TensorIndex.IndexKind.Tensor => entry.Indices.dtype is ScalarType.Bool or ScalarType.Byte ? (int)entry.Indices.Dimensions : 1,
            _ => 0,
        };

        private static void Put(ref List<Tensor?>? tensors, int dim, Tensor entry)
        {
            tensors ??= [];
            // A mask of several dimensions stands for all of them, so a place is counted by what came before in the gather's list.
            while (tensors.Count + tensors.Sum(t => t is not null && t.dtype is ScalarType.Bool or ScalarType.Byte ? Math.Max(0, (int)t!.Dimensions - 1) : 0) < dim)
            {
                tensors.Add(null);
            }

            tensors.Add(entry);
        }

        private Tensor Next(Tensor view, Tensor next)
        {
            Drop(view);
            return next;
        }

        private void Drop(Tensor view)
        {
            if (!ReferenceEquals(view, this))
            {
                view.Dispose();
            }
        }
    }
}
