namespace Hybrid.Data.Cache

open System
open System.Collections.Generic
open System.IO
open System.Numerics
open System.Numerics.Tensors
open System.Runtime.InteropServices
open System.Text
open Hybrid.Data.Formats

#nowarn "9" // native pointers

/// Reads values out of the vectors of a chunk.
[<RequireQualifiedAccess>]
module internal DuckValues =
    /// Whether a row is not null.
    let isValid (validity: nativeint) (row: int) =
        validity = 0n
        || (Marshal.ReadInt64(validity, row / 64 * 8) >>> (row % 64)) &&& 1L <> 0L

    /// The bytes of a string or blob: inline up to 12 of them, else behind a pointer.
    let bytes (data: nativeint) (row: int) : struct (nativeint * int) =
        let entry = data + nativeint (row * 16)
        let length = Marshal.ReadInt32 entry
        if length <= 12 then struct (entry + 4n, length) else struct (Marshal.ReadIntPtr(entry + 8n), length)

    let text (data: nativeint) (row: int) : string =
        let struct (start, length) = bytes data row
        Encoding.UTF8.GetString(Span<byte>(start.ToPointer(), length))

    let fixedSpan<'T when 'T: unmanaged> (data: nativeint) (count: int) : ReadOnlySpan<'T> =
        ReadOnlySpan<'T>(data.ToPointer(), count)

    let private widen<'F, 'R when 'F: unmanaged and 'F :> INumberBase<'F> and 'R :> INumberBase<'R>>
        (data: nativeint)
        (from: int)
        (count: int)
        (target: 'R[])
        (at: int)
        =
        TensorPrimitives.ConvertTruncating<'F, 'R>((fixedSpan<'F> data (from + count)).Slice from, target.AsSpan(at, count))

    /// Converts `count` numbers of a DuckDB type, from value `from` on, to another type; false for a type that is no number.
    let tryConvert<'R when 'R :> INumberBase<'R>> (kind: int) (data: nativeint) (from: int) (count: int) (target: 'R[]) (at: int) : bool =
        match kind with
        | DuckType.TinyInt -> widen<sbyte, 'R> data from count target at
        | DuckType.SmallInt -> widen<int16, 'R> data from count target at
        | DuckType.Integer -> widen<int32, 'R> data from count target at
        | DuckType.BigInt -> widen<int64, 'R> data from count target at
        | DuckType.UTinyInt -> widen<byte, 'R> data from count target at
        | DuckType.USmallInt -> widen<uint16, 'R> data from count target at
        | DuckType.UInteger -> widen<uint32, 'R> data from count target at
        | DuckType.UBigInt -> widen<uint64, 'R> data from count target at
        | DuckType.Float -> widen<float32, 'R> data from count target at
        | DuckType.Double -> widen<float, 'R> data from count target at
        | _ -> ()

        kind >= DuckType.TinyInt && kind <= DuckType.Double

    /// Whether every value of a type is a 64-bit signed integer.
    let isInteger (kind: int) =
        kind >= DuckType.TinyInt && kind <= DuckType.UInteger
