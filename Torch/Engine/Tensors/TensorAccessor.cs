using System;
using System.Collections;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hybrid.Torch;

namespace TorchSharp.Utils;

/// <summary>Reads and writes the elements of a CPU tensor in place, in row-major order whatever its strides are.</summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private readonly torch.Tensor _tensor;
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly T* _data;
    private readonly bool _contiguous;

    internal TensorAccessor(torch.Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU)
        {
            throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
        }

        if (tensor.is_conj() || tensor.is_neg())
        {
            throw new InvalidOperationException("data: the tensor is a lazy conjugate or negative; take resolve_conj() or resolve_neg() first.");
        }

        _tensor = tensor;
        _data = (T*)tensor.DataPointer();
        _shape = tensor.shape;
        _strides = tensor.stride();
        _contiguous = tensor.is_contiguous();
        Count = tensor.NumberOfElements;
    }

    public long Count { get; }

    public bool IsReadOnly => false;

    /// <summary>The element at one index a dimension, or, for a single index, at that place in row-major order.</summary>
    public T this[params long[] indices]
    {
        get
        {
            var at = Locate(indices);
            Alive();
            return *at;
        }

        set
        {
            var at = Locate(indices);
            Alive();
            *at = value;
        }
    }

    public static bool operator ==(TensorAccessor<T>? left, TensorAccessor<T>? right) =>
        left is null ? right is null : left.Equals(right);

    public static bool operator !=(TensorAccessor<T>? left, TensorAccessor<T>? right) => !(left == right);

    public T[] ToArray()
    {
        var result = new T[Count];
        CopyTo(result.AsSpan());
        return result;
    }

    /// <summary>An array of the tensor's rank and shape; of rank 1 for a scalar.</summary>
    public Array ToNDArray()
    {
        if (_shape.Length <= 1)
        {
            return ToArray();
        }

        var result = Array.CreateInstance(typeof(T), _shape);
        if (result.Length > 0)
        {
            CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(result)), result.Length));
        }

        return result;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var count = Range(array.Length, arrayIndex, tensorIndex, mayExceed: false);
        if (_contiguous)
        {
            new ReadOnlySpan<T>(_data + tensorIndex, count).CopyTo(array[arrayIndex..]);
        }
        else
        {
            for (var i = 0; i < count; i++)
            {
                array[arrayIndex + i] = _data[Offset(tensorIndex + i)];
            }
        }

        GC.KeepAlive(_tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var count = Range(array.Length, arrayIndex, tensorIndex, mayExceed: true);
        if (_contiguous)
        {
            array.Slice(arrayIndex, count).CopyTo(new Span<T>(_data + tensorIndex, count));
        }
        else
        {
            for (var i = 0; i < count; i++)
            {
                _data[Offset(tensorIndex + i)] = array[arrayIndex + i];
            }
        }

        GC.KeepAlive(_tensor);
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0L; i < Count; i++)
        {
            yield return Read(i);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Nothing of its own to release: the tensor keeps its memory.</summary>
    public void Dispose()
    {
    }

    public override bool Equals(object? obj)
    {
        if (obj is not TensorAccessor<T> other || other.Count != Count)
        {
            return false;
        }

        for (var i = 0L; i < Count; i++)
        {
            if (!EqualityComparer<T>.Default.Equals(Read(i), other.Read(i)))
            {
                return false;
            }
        }

        return true;
    }

    public override int GetHashCode() => _tensor.GetHashCode();

    internal static T ReadAt(torch.Tensor tensor, long i)
    {
        var count = tensor.NumberOfElements;
        if (i < 0 || i >= count)
        {
            throw new IndexOutOfRangeException($"The index {i} is outside the tensor's {count} elements.");
        }

        tensor.ValidateType(typeof(T));
        return new TensorAccessor<T>(tensor).Read(i);
    }

    private T Read(long i)
    {
        Alive();
        var value = _data[_contiguous ? i : Offset(i)];
        GC.KeepAlive(_tensor);
        return value;
    }

    // The memory goes with the tensor: reading after its disposal would read someone else's.
    private void Alive() => _ = _tensor.Handle;

    private int Range(int length, int arrayIndex, long tensorIndex, bool mayExceed)
    {
        Alive();
        ArgumentOutOfRangeException.ThrowIfNegative(arrayIndex);
        ArgumentOutOfRangeException.ThrowIfNegative(tensorIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(arrayIndex, length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tensorIndex, Count);
        var available = Count - tensorIndex;
        var room = length - arrayIndex;
        if (mayExceed ? room > available : room < available)
        {
            throw new ArgumentException(mayExceed
                ? $"CopyFrom: {room} elements do not fit into the {available} of the tensor from index {tensorIndex}."
                : $"CopyTo: the array has room for {room} elements from index {arrayIndex}, the tensor has {available}.");
        }

        return (int)Math.Min(room, available);
    }

    private T* Locate(long[] indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        if (indices.Length == 1 && _shape.Length != 1)
        {
            return indices[0] >= 0 && indices[0] < Count
                ? _data + Offset(indices[0])
                : throw new IndexOutOfRangeException($"The index {indices[0]} is outside the tensor's {Count} elements.");
        }

        if (indices.Length != _shape.Length)
        {
            throw new ArgumentException($"Expected {_shape.Length} indices for shape [{string.Join(", ", _shape)}], got {indices.Length}.");
        }

        var offset = 0L;
        for (var d = 0; d < indices.Length; d++)
        {
            var i = indices[d] < 0 ? indices[d] + _shape[d] : indices[d];
            if (i < 0 || i >= _shape[d])
            {
                throw new IndexOutOfRangeException($"The index {indices[d]} is outside dimension {d} of shape [{string.Join(", ", _shape)}].");
            }

            offset += i * _strides[d];
        }

        return _data + offset;
    }

    private long Offset(long index)
    {
        var offset = 0L;
        for (var d = _shape.Length - 1; d >= 0; d--)
        {
            (index, var within) = Math.DivRem(index, _shape[d]);
            offset += within * _strides[d];
        }

        return offset;
    }
}
