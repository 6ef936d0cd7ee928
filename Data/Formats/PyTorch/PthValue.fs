namespace Hybrid.Data.Formats

open System
open System.Collections.Generic

/// Element type of a PyTorch storage.
type PthElement =
    | Float64 = 0
    | Float32 = 1
    | Float16 = 2
    | BFloat16 = 3
    | Int64 = 4
    | Int32 = 5
    | Int16 = 6
    | Int8 = 7
    | UInt8 = 8
    | Bool = 9
    | ComplexFloat32 = 10
    | ComplexFloat64 = 11

/// Memory that tensors of a file view, one entry of its zip.
[<Sealed>]
type PthStorage internal (key: string, element: PthElement, count: int64) =
    /// The entry's name below data/.
    member _.Key = key
    member _.Element = element
    /// Number of elements.
    member _.Count = count
    /// Bytes of an element.
    member _.ElementSize = PthStorage.SizeOf element

    static member internal SizeOf(element: PthElement) =
        match element with
        | PthElement.ComplexFloat64 -> 16
        | PthElement.Float64
        | PthElement.Int64
        | PthElement.ComplexFloat32 -> 8
        | PthElement.Float32
        | PthElement.Int32 -> 4
        | PthElement.Float16
        | PthElement.BFloat16
        | PthElement.Int16 -> 2
        | _ -> 1

/// A strided view of a storage: element (i, j, …) is at Offset + i·Strides[0] + j·Strides[1] + …, which is inside it.
[<Sealed>]
type PthTensor internal (storage: PthStorage, offset: int64, shape: int64[], strides: int64[], requiresGrad: bool) =
    member _.Storage = storage
    /// In elements, as are the strides.
    member _.Offset = offset
    member _.Shape = shape
    member _.Strides = strides
    member _.RequiresGrad = requiresGrad

/// A list or a tuple.
[<Sealed>]
type PthList internal (isTuple: bool) =
    let items = List<obj | null>()
    member _.IsTuple = isTuple
    member internal _.Add(item: obj | null) = items.Add item
    /// Null (None), bool, int64, BigInteger, double, string, byte[], PthTensor, PthList or PthDictionary.
    member _.Items: IReadOnlyList<obj | null> = items

/// Equal as .NET has it. A whole number's own hash code is its two halves' exclusive or, for which a file could choose a million keys of
/// one code.
[<Sealed>]
type private PthKeys() =
    static member val Instance = PthKeys()

    interface IEqualityComparer<obj> with
        member _.Equals(a: obj, b: obj) = Object.Equals(a, b)

        member _.GetHashCode(key: obj) =
            let mixed (bits: int64) = HashCode.Combine(int bits, int (bits >>> 32))

            match key with
            | :? int64 as number -> mixed number
            | :? double as number when number <> 0.0 && not (Double.IsNaN number) -> mixed (BitConverter.DoubleToInt64Bits number)
            | other -> other.GetHashCode()

/// A dict or an OrderedDict, in the file's order. Keys are null (None), bool, int64, double or string.
[<Sealed>]
type PthDictionary internal () =
    let entries = List<KeyValuePair<obj, obj | null>>()
    let places = Dictionary<obj, int>(PthKeys.Instance)

    // As in Python a later value for a key replaces the earlier one at its place.
    member internal _.Set(key: obj, value: obj | null) =
        match places.TryGetValue key with
        | true, place -> entries[place] <- KeyValuePair(key, value)
        | _ ->
            places.Add(key, entries.Count)
            entries.Add(KeyValuePair(key, value))

    /// Values of the kinds that PthList.Items has.
    member _.Entries: IReadOnlyList<KeyValuePair<obj, obj | null>> = entries
