namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.IO
open System.Runtime.InteropServices
open System.Text

/// What a feature of an Example holds.
type TfFeatureKind =
    | Empty = 0
    | Bytes = 1
    | Floats = 2
    | Integers = 3

/// One feature: a list of byte strings, of floats or of 64-bit integers.
[<Sealed>]
type TfFeature private (kind: TfFeatureKind, bytes: byte[][], floats: float32[], integers: int64[]) =
    static let require (name: string) (wanted: TfFeatureKind) (kind: TfFeatureKind) =
        if kind <> wanted then
            raise (InvalidOperationException $"{name}: the feature holds {kind}, not {wanted}.")

    member _.Kind = kind

    member _.Bytes =
        require "Bytes" TfFeatureKind.Bytes kind
        bytes

    member _.Floats =
        require "Floats" TfFeatureKind.Floats kind
        floats

    member _.Integers =
        require "Integers" TfFeatureKind.Integers kind
        integers

    static member OfBytes([<ParamArray>] values: byte[][]) = TfFeature(TfFeatureKind.Bytes, values, [||], [||])
    static member OfFloats([<ParamArray>] values: float32[]) = TfFeature(TfFeatureKind.Floats, [||], values, [||])
    static member OfIntegers([<ParamArray>] values: int64[]) = TfFeature(TfFeatureKind.Integers, [||], [||], values)
    static member Empty = TfFeature(TfFeatureKind.Empty, [||], [||], [||])

    /// An array's bytes as they lie in memory, as numpy's tobytes gives them.
    static member OfSingles(values: ReadOnlySpan<float32>) =
        TfFeature.OfBytes [| MemoryMarshal.AsBytes(values).ToArray() |]

/// tensorflow.Example (tensorflow/core/example/example.proto): named features, in protocol-buffer encoding.
[<Sealed>]
type TfExample(features: IReadOnlyList<KeyValuePair<string, TfFeature>>) =
    static let fail (at: int) (message: string) =
        raise (InvalidDataException $"Example, byte {at}: {message}")

    static let varint (data: byte[]) (limit: int) (at: byref<int>) : uint64 =
        let start = at
        let mutable value = 0UL
        let mutable shift = 0
        let mutable more = true

        while more do
            if at >= limit then
                fail start "a number runs past the end"

            if shift > 63 then
                fail start "a number has more than 64 bits"

            let b = data[at]
            at <- at + 1
            value <- value ||| (uint64 (b &&& 0x7Fuy) <<< shift)
            shift <- shift + 7
            more <- b &&& 0x80uy <> 0uy

        value

    /// A length-delimited field: its end; `at` moves to its beginning.
    static let delimited (data: byte[]) (limit: int) (at: byref<int>) : int =
        let start = at
        let length = varint data limit &at

        if length > uint64 (limit - at) then
            fail start $"a field of {length} bytes, and {limit - at} are left"

        at + int length

    /// Passes over a field that is not known here.
    static let skip (data: byte[]) (limit: int) (wire: int) (at: byref<int>) =
        let start = at

        match wire with
        | 0 -> varint data limit &at |> ignore
        | 1 -> at <- at + 8
        | 2 ->
            let next = delimited data limit &at
            at <- next
        | 5 -> at <- at + 4
        | _ -> fail start $"wire type {wire} is not known"

        if at > limit then
            fail start "a field runs past the end"

    static let floats (data: byte[]) (start: int) (limit: int) : float32[] =
        let values = ResizeArray<float32>()
        let mutable at = start

        while at < limit do
            let tag = varint data limit &at

            match tag with
            | 0x0AUL -> // packed
                let finish = delimited data limit &at

                if (finish - at) % 4 <> 0 then
                    fail at $"a list of floats has {finish - at} bytes"

                values.AddRange(MemoryMarshal.Cast<byte, float32>(ReadOnlySpan(data, at, finish - at)).ToArray())
                at <- finish
            | 0x0DUL ->
                if limit - at < 4 then
                    fail at "a float runs past the end"

                values.Add(BitConverter.ToSingle(data, at))
                at <- at + 4
            | _ -> skip data limit (int tag &&& 7) &at

        values.ToArray()

    static let integers (data: byte[]) (start: int) (limit: int) : int64[] =
        let values = ResizeArray<int64>()
        let mutable at = start

        while at < limit do
            let tag = varint data limit &at

            match tag with
            | 0x0AUL ->
                let finish = delimited data limit &at

                while at < finish do
                    values.Add(int64 (varint data finish &at))
            | 0x08UL -> values.Add(int64 (varint data limit &at))
            | _ -> skip data limit (int tag &&& 7) &at

        values.ToArray()

    static let byteStrings (data: byte[]) (start: int) (limit: int) : byte[][] =
        let values = ResizeArray<byte[]>()
        let mutable at = start

        while at < limit do
            let tag = varint data limit &at

            match tag with
            | 0x0AUL ->
                let finish = delimited data limit &at
                values.Add(data[at .. finish - 1])
                at <- finish
            | _ -> skip data limit (int tag &&& 7) &at

        values.ToArray()

    static let feature (data: byte[]) (start: int) (limit: int) : TfFeature =
        let mutable at = start
        let mutable result = TfFeature.Empty

        while at < limit do
            let tag = varint data limit &at

            match tag with
            | 0x0AUL
            | 0x12UL
            | 0x1AUL ->
                let finish = delimited data limit &at

                result <-
                    match tag with
                    | 0x0AUL -> TfFeature.OfBytes(byteStrings data at finish)
                    | 0x12UL -> TfFeature.OfFloats(floats data at finish)
                    | _ -> TfFeature.OfIntegers(integers data at finish)

                at <- finish
            | _ -> skip data limit (int tag &&& 7) &at

        result

    static let entry (data: byte[]) (start: int) (limit: int) : KeyValuePair<string, TfFeature> =
        let mutable at = start
        let mutable name = ""
        let mutable value = TfFeature.Empty

        while at < limit do
            let tag = varint data limit &at

            match tag with
            | 0x0AUL ->
                let finish = delimited data limit &at
                name <- Encoding.UTF8.GetString(data, at, finish - at)
                at <- finish
            | 0x12UL ->
                let finish = delimited data limit &at
                value <- feature data at finish
                at <- finish
            | _ -> skip data limit (int tag &&& 7) &at

        KeyValuePair(name, value)

    static let encode (feature: TfFeature) : ProtobufMessage =
        let message = ProtobufMessage()
        let list = ProtobufMessage()

        match feature.Kind with
        | TfFeatureKind.Bytes ->
            for value in feature.Bytes do
                list.Bytes(1, ReadOnlySpan value)

            message.Message(1, list)
        | TfFeatureKind.Floats ->
            if feature.Floats.Length > 0 then
                list.Singles(1, ReadOnlySpan feature.Floats)

            message.Message(2, list)
        | TfFeatureKind.Integers ->
            if feature.Integers.Length > 0 then
                list.Integers(1, ReadOnlySpan feature.Integers)

            message.Message(3, list)
        | _ -> ()

        message

    /// The features in the order of the message.
    member _.Features = features

    /// The feature of that name; KeyNotFoundException lists the names there are.
    member _.Item
        with get (name: string): TfFeature =
            // Of a key that occurs twice the last counts, as in protocol buffers.
            match features |> Seq.tryFindBack (fun f -> f.Key = name) with
            | Some found -> found.Value
            | None ->
                let names = String.Join(", ", features |> Seq.map (fun f -> $"'{f.Key}'"))
                raise (KeyNotFoundException $"the Example has no feature '{name}'; it has {names}.")

    /// A feature of raw bytes as floats, as numpy's frombuffer gives them, or of a list of floats.
    member this.Singles(name: string) : float32[] =
        let feature = this[name]

        match feature.Kind with
        | TfFeatureKind.Floats -> feature.Floats
        | TfFeatureKind.Bytes ->
            match feature.Bytes with
            | [| one |] when one.Length % 4 = 0 -> MemoryMarshal.Cast<byte, float32>(ReadOnlySpan one).ToArray()
            | [| one |] ->
                raise (InvalidDataException $"feature '{name}': expected a whole number of 4-byte floats, got {one.Length} bytes")
            | many -> raise (InvalidDataException $"feature '{name}': expected one byte string, got {many.Length}")
        | other -> raise (InvalidDataException $"feature '{name}': expected bytes or floats, got {other}")

    /// Decodes a message. Throws InvalidDataException with the byte offset within it.
    static member Parse(payload: byte[]) : TfExample =
        let found = ResizeArray<KeyValuePair<string, TfFeature>>()
        let mutable at = 0

        while at < payload.Length do
            let tag = varint payload payload.Length &at

            match tag with
            | 0x0AUL ->
                let limit = delimited payload payload.Length &at

                while at < limit do
                    let inner = varint payload limit &at

                    match inner with
                    | 0x0AUL ->
                        let finish = delimited payload limit &at
                        found.Add(entry payload at finish)
                        at <- finish
                    | _ -> skip payload limit (int inner &&& 7) &at
            | _ -> skip payload payload.Length (int tag &&& 7) &at

        TfExample(found)

    /// Encodes the message.
    member _.ToBytes() : byte[] =
        let map = ProtobufMessage()

        for KeyValue(name, value) in features do
            let entry = ProtobufMessage()
            entry.Text(1, name)
            entry.Message(2, encode value)
            map.Message(1, entry)

        let example = ProtobufMessage()
        example.Message(1, map)
        example.ToArray()
