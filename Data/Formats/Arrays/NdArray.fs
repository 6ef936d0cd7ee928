namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.Numerics
open System.Numerics.Tensors
open System.Runtime.InteropServices
open Hybrid.Data

/// A complex number of two 32-bit floats, as numpy's complex64 stores it.
[<Struct; StructLayout(LayoutKind.Sequential)>]
type ComplexSingle =
    { Real: float32
      Imaginary: float32 }

    /// The same number as a pair of doubles; exact.
    member this.ToComplex() =
        Complex(float this.Real, float this.Imaginary)

[<RequireQualifiedAccess>]
module internal Shape =
    /// A shape as Python writes it: (), (10,), (3, 64, 64).
    let describe (shape: seq<'n>) =
        match Seq.toArray shape with
        | [| one |] -> $"({one},)"
        | many -> "(" + String.Join(", ", many) + ")"

    /// The product of the lengths, or Int64.MaxValue where it does not fit.
    let count (lengths: seq<int64>) =
        let mutable product = 1L
        let mutable zero = false

        for n in lengths do
            zero <- zero || n = 0L

            if n > 0L && not zero then
                product <- if product > Int64.MaxValue / n then Int64.MaxValue else product * n

        if zero then 0L else product

[<RequireQualifiedAccess>]
module internal Conversion =
    let private from<'F, 'R when 'F :> INumberBase<'F> and 'R :> INumberBase<'R>> (values: 'F[]) : 'R[] =
        let result = Array.zeroCreate values.Length
        TensorPrimitives.ConvertTruncating<'F, 'R>(ReadOnlySpan values, result.AsSpan())
        result

    /// Rounds to nearest where R is narrower; a boolean becomes 0 or 1.
    let toReal<'R when 'R :> INumberBase<'R>> (elementType: Type) (values: Array) : 'R[] =
        // A type test takes sbyte[] for byte[] and int[] for uint[], as the runtime does: the element type decides.
        let is t = elementType = t
        let cast () = unbox<'a[]> (box values)

        if is typeof<'R> then cast ()
        elif is typeof<float32> then from<float32, 'R> (cast ())
        elif is typeof<float> then from<float, 'R> (cast ())
        elif is typeof<Half> then from<Half, 'R> (cast ())
        elif is typeof<byte> then from<byte, 'R> (cast ())
        elif is typeof<sbyte> then from<sbyte, 'R> (cast ())
        elif is typeof<int16> then from<int16, 'R> (cast ())
        elif is typeof<uint16> then from<uint16, 'R> (cast ())
        elif is typeof<int32> then from<int32, 'R> (cast ())
        elif is typeof<uint32> then from<uint32, 'R> (cast ())
        elif is typeof<int64> then from<int64, 'R> (cast ())
        elif is typeof<uint64> then from<uint64, 'R> (cast ())
        elif is typeof<bool> then
            (cast (): bool[]) |> Array.map (fun b -> if b then 'R.One else 'R.Zero)
        else
            raise (
                InvalidCastException
                    $"values of type {elementType.Name} are not real numbers: As<{elementType.Name}>() gives them as they are."
            )

/// A numeric or boolean array of any rank as a file holds it: its shape and its values in C order (last axis fastest).
/// A scalar has an empty shape and one value.
[<AbstractClass>]
type NdArray internal (shape: int[], values: Array, elementType: Type) =
    /// Lengths of the axes, slowest first.
    member _.Shape: IReadOnlyList<int> = shape
    member _.Rank = shape.Length
    /// Number of values: the product of the shape.
    member _.Length = values.Length
    /// The values as an untyped one-dimensional array; NdArray<T>.Values is the typed one.
    member _.RawValues = values
    /// .NET type of one value: bool, (s)byte, (u)short, (u)int, (u)long, Half, float, double, ComplexSingle or Complex.
    member _.ElementType = elementType

    /// The values as 32-bit floats, rounded to nearest where the file holds more; a fresh array unless they are floats already.
    /// Throws InvalidCastException for complex values.
    member _.ToSingles() : float32[] = Conversion.toReal<float32> elementType values

    /// The values as doubles, rounded to nearest for integers beyond 2⁵³; a fresh array unless they are doubles already.
    /// Throws InvalidCastException for complex values.
    member _.ToDoubles() : float[] = Conversion.toReal<float> elementType values

    /// The array as NdArray<T>; nothing is converted.
    /// Throws InvalidCastException naming both types when the values have another one: ToSingles and ToDoubles convert.
    member this.As<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType>() : NdArray<'T> =
        match this with
        | :? NdArray<'T> as typed -> typed
        | _ ->
            raise (
                InvalidCastException
                    $"array of shape {Shape.describe shape}: expected values of type {typeof<'T>.Name}, got {this.ElementType.Name}. \
                        ToSingles() and ToDoubles() convert."
            )

/// An array of values of type T in C order.
and [<Sealed>] NdArray<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType>(shape: int[], values: 'T[]) =
    inherit NdArray(shape, values, typeof<'T>)

    do
        ArgumentNullException.ThrowIfNull shape
        ArgumentNullException.ThrowIfNull values

        if shape |> Array.exists (fun n -> n < 0) then
            raise (ArgumentException($"expected axis lengths >= 0, got {Shape.describe shape}.", nameof shape))

        let needed = Shape.count (Seq.map int64 shape)

        if needed <> int64 values.Length then
            raise (
                ArgumentException(
                    $"shape {Shape.describe shape} needs {needed} value{Plural.s needed}, got {values.Length}.",
                    nameof values
                )
            )

    /// The values, C order.
    member _.Values = values
    member _.Span = values.AsSpan()

    /// One value by its indices, one an axis.
    member _.Item
        with get ([<ParamArray>] indices: int[]) =
            if indices.Length <> shape.Length then
                raise (
                    ArgumentException(
                        $"shape {Shape.describe shape} takes an index for each of its {shape.Length} axes, got {indices.Length}.",
                        nameof indices
                    )
                )

            let mutable flat = 0

            for axis in 0 .. shape.Length - 1 do
                if uint32 indices[axis] >= uint32 shape[axis] then
                    raise (
                        ArgumentOutOfRangeException(
                            nameof indices,
                            $"index {indices[axis]} on axis {axis} of shape {Shape.describe shape}."
                        )
                    )

                flat <- flat * shape[axis] + indices[axis]

            values[flat]
