using System;
using System.Runtime.CompilerServices;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    // What a tensor says of itself.
    public partial class Tensor
    {
        // Questions of hybrid_is.
        private enum Question
        {
            RequiresGrad = 0,
            IsLeaf = 1,
            IsContiguous = 2,
            IsConjugated = 3,
            IsNegated = 4,
            IsPinned = 5,
            IsQuantized = 6,
            IsSparse = 7,
            HasNames = 8,
        }

        public ScalarType dtype
        {
            get
            {
                var type = (ScalarType)Native.hybrid_dtype(Handle);
                GC.KeepAlive(this);
                return type;
            }
        }

        public Device device
        {
            get
            {
                var type = device_type;
                return type == DeviceType.CPU ? CPU : new Device(type, device_index);
            }
        }

        public unsafe DeviceType device_type
        {
            get
            {
                int index;
                return (DeviceType)Take(Native.hybrid_device(Handle, &index));
            }
        }

        public unsafe int device_index
        {
            get
            {
                int index;
                Take(Native.hybrid_device(Handle, &index));
                return index;
            }
        }

        public long Dimensions => Take(Native.hybrid_dim(Handle));

        public long ndim => Dimensions;

        public long NumberOfElements => Take(Native.hybrid_numel(Handle));

        public long ElementSize => Take(Native.hybrid_element_size(Handle));

        public long dim() => Dimensions;

        public long numel() => NumberOfElements;

        public long element_size() => ElementSize;

        public unsafe long[] shape
        {
            get
            {
                var sizes = new long[Dimensions];
                fixed (long* p = sizes)
                {
                    Take(Native.hybrid_sizes(Handle, p));
                }

                return sizes;
            }
        }

        public long[] size() => shape;

        /// <summary>The size along a dimension; a negative one counts from the end.</summary>
        public long size(int dim) => shape[Wrap(dim)];

        public unsafe long[] stride()
        {
            var strides = new long[Dimensions];
            fixed (long* p = strides)
            {
                Take(Native.hybrid_strides(Handle, p));
            }

            return strides;
        }

        public long stride(int dim) => stride()[Wrap(dim)];

        public long storage_offset() => Take(Native.hybrid_storage_offset(Handle));

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_complex() => torch.is_complex(dtype);

        public bool is_quantized() => torch.is_quantized(dtype);

        public bool is_contiguous() => Is(Question.IsContiguous);

        public bool has_names() => Is(Question.HasNames);

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_meta => device_type == DeviceType.META;

        public bool is_sparse => Is(Question.IsSparse);

        public bool is_leaf => Is(Question.IsLeaf);

        /// <summary>Whether gradients of it are recorded. Can be switched off on leaves only.</summary>
        public bool requires_grad
        {
            get => Is(Question.RequiresGrad);
            set => requires_grad_(value);
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            NativeFailure.ThrowIf(Native.hybrid_set_requires_grad(Handle, requires_grad ? 1 : 0) < 0);
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        /// <summary>The accumulated gradient, null before the first backward pass. Each reading makes a handle of its own.</summary>
        public Tensor? grad
        {
            get
            {
                var handle = Native.hybrid_grad(Handle);
                GC.KeepAlive(this);
                return handle == 0 ? null : new Tensor(handle, 0);
            }

            set
            {
                NativeFailure.ThrowIf(Native.hybrid_set_grad(Handle, value is null ? 0 : value.Handle) < 0);
                GC.KeepAlive(this);
                GC.KeepAlive(value);
            }
        }

        private bool Is(Question question) => Take(Native.hybrid_is(Handle, (int)question)) != 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private int Take(int answer)
        {
            GC.KeepAlive(this);
            NativeFailure.ThrowIf(answer < 0);
            return answer;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private long Take(long answer)
        {
            GC.KeepAlive(this);
            NativeFailure.ThrowIf(answer < 0);
            return answer;
        }

        private int Wrap(int dim)
        {
            var n = (int)Dimensions;
            var wrapped = dim < 0 ? dim + n : dim;
            return wrapped >= 0 && wrapped < n
                ? wrapped
                : throw new IndexOutOfRangeException($"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})");
        }
    }
}
