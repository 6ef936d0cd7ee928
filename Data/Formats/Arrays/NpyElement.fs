namespace Hybrid.Data.Formats

open System
open System.Buffers.Binary
open System.Numerics
open System.Numerics.Tensors
open System.Runtime.InteropServices

/// One dtype of the npy format: its code without the byte order ("f4"), the .NET type, and the bytes of a value and of
/// the parts that a change of byte order reverses (a complex value has two).
[<NoComparison>]
type internal NpyElement =
    { Code: string
      Type: Type
      Size: int
      Part: int
      /// Makes an array of `length` values, uninitialised.
      Allocate: int -> Array
      /// Wraps shape and values.
      Wrap: int[] -> Array -> NdArray
      /// Values stored first axis fastest, put into C order.
      FromFortran: int[] -> Array -> Array }

[<RequireQualifiedAccess>]
module internal NpyElement =
    /// The first axis is fastest in `values`; the result has the last one fastest.
    let private transpose<'T> (shape: int[]) (values: 'T[]) : 'T[] =
        let result = Array.zeroCreate<'T> values.Length
        let rank = shape.Length
        let strides = Array.zeroCreate<int> rank
        let mutable stride = 1

        for axis in 0 .. rank - 1 do
            strides[axis] <- stride
            stride <- stride * shape[axis]

        let index = Array.zeroCreate<int> rank
        let mutable source = 0

        for target in 0 .. result.Length - 1 do
            result[target] <- values[source]
            let mutable axis = rank - 1
            let mutable carry = axis >= 0

            while carry do
                index[axis] <- index[axis] + 1
                source <- source + strides[axis]

                if index[axis] = shape[axis] then
                    source <- source - shape[axis] * strides[axis]
                    index[axis] <- 0
                    axis <- axis - 1
                    carry <- axis >= 0
                else
                    carry <- false

        result

    let private element<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType> code size part =
        { Code = code
          Type = typeof<'T>
          Size = size
          Part = part
          Allocate = fun length -> GC.AllocateUninitializedArray<'T> length
          Wrap = fun shape values -> NdArray<'T>(shape, unbox<'T[]> values)
          FromFortran = fun shape values -> transpose<'T> shape (unbox<'T[]> values) }

    /// Code, type, and the element: each is made when it is first asked for, since code for a type's arrays costs a program's start and
    /// most read one or two.
    let private known: (string * Type * Lazy<NpyElement>) list =
        [ "b1", typeof<bool>, lazy element<bool> "b1" 1 1
          "i1", typeof<sbyte>, lazy element<sbyte> "i1" 1 1
          "u1", typeof<byte>, lazy element<byte> "u1" 1 1
          "i2", typeof<int16>, lazy element<int16> "i2" 2 2
          "u2", typeof<uint16>, lazy element<uint16> "u2" 2 2
          "i4", typeof<int32>, lazy element<int32> "i4" 4 4
          "u4", typeof<uint32>, lazy element<uint32> "u4" 4 4
          "i8", typeof<int64>, lazy element<int64> "i8" 8 8
          "u8", typeof<uint64>, lazy element<uint64> "u8" 8 8
          "f2", typeof<Half>, lazy element<Half> "f2" 2 2
          "f4", typeof<float32>, lazy element<float32> "f4" 4 4
          "f8", typeof<float>, lazy element<float> "f8" 8 8
          "c8", typeof<ComplexSingle>, lazy element<ComplexSingle> "c8" 8 4
          "c16", typeof<Complex>, lazy element<Complex> "c16" 16 8 ]

    let codes = known |> List.map (fun (code, _, _) -> code)

    let tryCode (code: string) : NpyElement voption =
        match known |> List.tryFind (fun (c, _, _) -> c = code) with
        | Some(_, _, element) -> ValueSome element.Value
        | None -> ValueNone

    /// Other names of the same types that numpy understands: of its scalars, and the letters of C's types of one size everywhere.
    let private otherNames =
        dict
            [ "bool", "b1"
              "?", "b1"
              "int8", "i1"
              "b", "i1"
              "uint8", "u1"
              "B", "u1"
              "int16", "i2"
              "h", "i2"
              "uint16", "u2"
              "H", "u2"
              "int32", "i4"
              "i", "i4"
              "uint32", "u4"
              "I", "u4"
              "int64", "i8"
              "q", "i8"
              "uint64", "u8"
              "Q", "u8"
              "float16", "f2"
              "e", "f2"
              "float32", "f4"
              "f", "f4"
              "float64", "f8"
              "d", "f8"
              "complex64", "c8"
              "F", "c8"
              "complex128", "c16"
              "D", "c16" ]

    /// The element of a code or of another name for it.
    let tryName (name: string) : NpyElement voption =
        match otherNames.TryGetValue name with
        | true, code -> tryCode code
        | _ -> tryCode name

    let ofType (t: Type) : NpyElement =
        let _, _, element = known |> List.find (fun (_, other, _) -> other = t)
        element.Value

    /// Reverses the bytes of every part in place; vectorised.
    let reverse (element: NpyElement) (bytes: Span<byte>) =
        match element.Part with
        | 2 ->
            let parts = MemoryMarshal.Cast<byte, uint16> bytes
            BinaryPrimitives.ReverseEndianness(Span.op_Implicit parts, parts)
        | 4 ->
            let parts = MemoryMarshal.Cast<byte, uint32> bytes
            BinaryPrimitives.ReverseEndianness(Span.op_Implicit parts, parts)
        | 8 ->
            let parts = MemoryMarshal.Cast<byte, uint64> bytes
            BinaryPrimitives.ReverseEndianness(Span.op_Implicit parts, parts)
        | _ -> ()

    /// Converts stored values to floats, rounding to nearest; booleans become 0 and 1. Complex values are refused.
    let toSingles (element: NpyElement) (bytes: ReadOnlySpan<byte>) (target: Span<float32>) : unit =
        match element.Code with
        | "f4" -> MemoryMarshal.Cast<byte, float32>(bytes).CopyTo target
        | "f8" -> TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, float> bytes, target)
        | "f2" -> TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, Half> bytes, target)
        | "u1" -> TensorPrimitives.ConvertTruncating(bytes, target)
        | "i1" -> TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, sbyte> bytes, target)
        | "u2" -> TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, uint16> bytes, target)
        | "i2" -> TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, int16> bytes, target)
        | "u4" -> TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, uint32> bytes, target)
        | "i4" -> TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, int32> bytes, target)
        | "u8" -> TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, uint64> bytes, target)
        | "i8" -> TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, int64> bytes, target)
        | "b1" ->
            for i in 0 .. bytes.Length - 1 do
                target[i] <- if bytes[i] <> 0uy then 1f else 0f
        | code -> raise (InvalidCastException $"values of dtype '{code}' are not real numbers.")
