using System;
using System.IO;
using System.Numerics;
using Hybrid.Torch;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    // Elements out of and into a tensor.
    public partial class Tensor
    {
        /// <summary>The elements, read and written in place where the tensor is on the CPU, copied there otherwise.</summary>
        /// <exception cref="ArgumentException">T is not the element type.</exception>
        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            ValidateType(typeof(T));
            return new TensorAccessor<T>(device_type == DeviceType.CPU ? this : cpu());
        }

        /// <summary>The only element.</summary>
        public unsafe T item<T>() where T : unmanaged
        {
            var count = NumberOfElements;
            if (count != 1)
            {
                throw new ArgumentException($"Number of elements in the tensor must be 1, got {count}: the shape is [{string.Join(", ", shape)}].");
            }

            ValidateType(typeof(T));
            if (device_type != DeviceType.CPU)
            {
                using var here = cpu();
                return here.item<T>();
            }

            var value = *(T*)DataPointer();
            GC.KeepAlive(this);
            return value;
        }

        /// <summary>The only element as a number of any type.</summary>
        public Scalar ToScalar()
        {
            var type = dtype;
            return type switch
            {
                ScalarType.Byte => item<byte>(),
                ScalarType.Int8 => item<sbyte>(),
                ScalarType.Int16 => item<short>(),
                ScalarType.Int32 => item<int>(),
                ScalarType.Int64 => item<long>(),
                ScalarType.Float16 => item<Half>(),
                ScalarType.Float32 => item<float>(),
                ScalarType.Float64 => item<double>(),
                ScalarType.Bool => item<bool>(),
                ScalarType.BFloat16 => item<BFloat16>(),
                ScalarType.ComplexFloat32 => item<(float, float)>(),
                ScalarType.ComplexFloat64 => item<Complex>(),
                _ => throw new NotSupportedException($"ToScalar: no .NET number for elements of type {type}."),
            };
        }

        /// <summary>The memory of a contiguous CPU tensor. Valid while the tensor lives.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                var total = CheckedBytes("bytes");
                return new Span<byte>((void*)DataPointer(), checked((int)total));
            }

            set
            {
                var total = CheckedBytes("bytes");
                if (total != value.Length)
                {
                    throw new ArgumentException($"bytes: expected {total} bytes for shape [{string.Join(", ", shape)}] of {dtype}, got {value.Length}.");
                }

                value.CopyTo(new Span<byte>((void*)DataPointer(), value.Length));
                GC.KeepAlive(this);
            }
        }

        public unsafe void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            var total = CheckedBytes("WriteBytesToStream", spanned: false);
            var at = (byte*)DataPointer();
            // The memory itself is written: pieces are only there because a span is at most 2 GiB.
            for (var done = 0L; done < total;)
            {
                var piece = (int)Math.Min(total - done, 1 << 30);
                stream.Write(new ReadOnlySpan<byte>(at + done, piece));
                done += piece;
            }

            GC.KeepAlive(this);
        }

        public unsafe void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
        {
            var total = CheckedBytes("ReadBytesFromStream", spanned: false);
            var at = (byte*)DataPointer();
            for (var done = 0L; done < total;)
            {
                var piece = (int)Math.Min(total - done, 1 << 30);
                stream.ReadExactly(new Span<byte>(at + done, piece));
                done += piece;
            }

            GC.KeepAlive(this);
        }

        public T ReadCpuValue<T>(long i) where T : unmanaged => TensorAccessor<T>.ReadAt(this, i);

        public double ReadCpuDouble(long i) => TensorAccessor<double>.ReadAt(this, i);

        public float ReadCpuSingle(long i) => TensorAccessor<float>.ReadAt(this, i);

        public int ReadCpuInt32(long i) => TensorAccessor<int>.ReadAt(this, i);

        public long ReadCpuInt64(long i) => TensorAccessor<long>.ReadAt(this, i);

        public byte ReadCpuByte(long i) => TensorAccessor<byte>.ReadAt(this, i);

        public sbyte ReadCpuSByte(long i) => TensorAccessor<sbyte>.ReadAt(this, i);

        public short ReadCpuInt16(long i) => TensorAccessor<short>.ReadAt(this, i);

        public bool ReadCpuBool(long i) => TensorAccessor<bool>.ReadAt(this, i);

        public float ReadCpuFloat16(long i) => (float)TensorAccessor<Half>.ReadAt(this, i);

        public float ReadCpuBFloat16(long i) => TensorAccessor<BFloat16>.ReadAt(this, i).ToSingle();

        internal nint DataPointer()
        {
            var data = Native.hybrid_data(Handle);
            if (data == 0 && NumberOfElements > 0)
            {
                NativeFailure.Throw();
            }

            return data;
        }

        internal void ValidateType(Type type)
        {
            var actual = dtype;
            if (Creation.DTypeOf(type) != actual)
            {
                throw new ArgumentException($"{type.Name} is not compatible with {actual}: the tensor's elements are {actual}; read them as that type or convert with to_type.");
            }
        }

        private long CheckedBytes(string member, bool spanned = true)
        {
            if (device_type != DeviceType.CPU)
            {
                throw new InvalidOperationException($"{member}: reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
            }

            if (!is_contiguous())
            {
                throw new InvalidOperationException($"{member}: called on a non-contiguous tensor of strides [{string.Join(", ", stride())}]; take contiguous() first.");
            }

            var total = NumberOfElements * ElementSize;
            return spanned && total > int.MaxValue
                ? throw new ArgumentException($"{member}: a span holds at most {int.MaxValue} bytes, the tensor has {total}; use WriteBytesToStream or ReadBytesFromStream.")
                : total;
        }
    }
}
