using System;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>One entry of an indexing expression: a number, a slice, an ellipsis, a new axis, a boolean or a tensor of indices.</summary>
    public struct TensorIndex
    {
        public static readonly TensorIndex Ellipsis = new() { _kind = IndexKind.Ellipsis };
        public static readonly TensorIndex None = new() { _kind = IndexKind.None };
        public static readonly TensorIndex Null = new() { _kind = IndexKind.None };
        public static readonly TensorIndex Colon = new() { _kind = IndexKind.Slice };

        private IndexKind _kind;
        private long? _start;
        private long? _stop;
        private long? _step;
        private Tensor? _tensor;

        internal enum IndexKind
        {
            None,
            Single,
            Bool,
            Slice,
            Ellipsis,
            Tensor,
        }

        internal readonly IndexKind Kind => _kind;

        internal readonly long At => _start!.Value;

        internal readonly long? Start => _start;

        internal readonly long? Stop => _stop;

        internal readonly long Step => _step ?? 1;

        internal readonly Tensor Indices => _tensor!;

        /// <summary>Elements start, start + step, … before stop; null leaves an end open. Negative numbers count from the end.</summary>
        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new() { _kind = IndexKind.Slice, _start = start, _stop = stop, _step = step };

        public static TensorIndex Slice((int? start, int? end) range) => Slice(range.start, range.end);

        public static TensorIndex Slice(Range range) => Slice(FromStart(range.Start), FromEnd(range.End));

        public static TensorIndex Bool(bool value) => new() { _kind = IndexKind.Bool, _start = value ? 1 : 0 };

        public static TensorIndex Single(long? index) => index is null ? None : new() { _kind = IndexKind.Single, _start = index };

        public static TensorIndex Tensor(Tensor tensor)
        {
            ArgumentNullException.ThrowIfNull(tensor);
            return new() { _kind = IndexKind.Tensor, _tensor = tensor };
        }

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range);

        public static implicit operator TensorIndex(Range range) => Slice(range);

        public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);

        // Without this the compiler would prefer the tensor overload of the indexer for the constants above.
        public static implicit operator Tensor(TensorIndex value) => value._kind switch
        {
            IndexKind.Single => tensor(value.At),
            IndexKind.Bool => tensor(value.At != 0),
            IndexKind.Tensor => value._tensor!,
            _ => throw new InvalidCastException($"A {value._kind} index has no tensor; expected a number, a boolean or a tensor."),
        };

        private static long? FromStart(Index index) => index.IsFromEnd ? -index.Value : index.Value;

        // ^0 is the end itself: an open slice.
        private static long? FromEnd(Index index) => index.IsFromEnd ? (index.Value == 0 ? null : -index.Value) : index.Value;
    }
}
