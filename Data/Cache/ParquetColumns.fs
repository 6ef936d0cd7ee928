namespace Hybrid.Data.Cache

open System
open System.Buffers.Binary
open System.IO
open System.Numerics
open System.Text
open Hybrid.Data.Formats
open Parquet.Meta
open Parquet.Schema
open Hybrid.Data

/// One column of a row group of a foreign file: gives the values of chosen rows. Rows are numbers within the group.
type internal ForeignGroup = delegate of rows: int[] -> CacheValues

/// A column of a foreign file, as what a cache holds: numbers, flags, text, or lists of numbers of one length as tensors.
[<Sealed>]
type internal ForeignColumn(file: ParquetInput, field: Field) =
    let name = field.Name

    let unsupported (got: string) =
        raise (InvalidDataException $"{file.Path}, column '{name}': expected numbers, booleans, text or lists of numbers, got {got}")

    do
        if CacheRows.IsReserved name then
            raise (InvalidDataException $"{file.Path}, column '{name}': expected another name, row_index is the cache's own")

    let isList, data =
        match field with
        | :? DataField as data -> data.IsArray, data
        | :? ListField as list ->
            match list.Item with
            | :? DataField as item when item.MaxRepetitionLevel = 1 && not item.IsArray -> true, item
            | other -> unsupported $"a list of {other.SchemaType}"
        | other -> unsupported (string other.SchemaType)

    let leaf = file.Leaf data

    do
        match leaf.Kind with
        | LeafKind.Other kind -> unsupported (if isList then $"a list of {kind}" else kind)
        | LeafKind.Bytes -> unsupported (if isList then "a list of bytes" else "bytes")
        | LeafKind.Bool
        | LeafKind.Text when isList -> unsupported $"a list of {leaf.Kind}"
        | _ -> ()

    /// Length of the lists, from the first of them on.
    let mutable length = -1

    let utf8 = UTF8Encoding(false, true)

    let fail (row: int64) (why: string) =
        raise (InvalidDataException $"{file.Path}, row {row}, column '{name}': {why}")

    let noNull = "expected a value, got null: leave such rows out with a condition"

    /// The stored values as whole numbers, where they are.
    let wholes (group: int) : int64[] * LeafValues<int64> =
        let signed bits value = if bits >= 64 then value else value <<< (64 - bits) >>> (64 - bits)
        let unsigned bits value = if bits >= 64 then value else value &&& ((1L <<< bits) - 1L)

        match leaf.Kind with
        | LeafKind.Int(bits, isSigned, true) ->
            let read = file.Read<int64>(leaf, group)
            (if bits = 64 then read.Values else read.Values |> Array.map (if isSigned then signed bits else unsigned bits)), read
        | LeafKind.Int(bits, isSigned, false) ->
            let read = file.Read<int>(leaf, group)
            let values = read.Values |> Array.map (fun v -> if isSigned then signed bits (int64 v) else unsigned bits (int64 v))

            values,
            { Values = [||]
              Defined = read.Defined
              Definitions = read.Definitions
              Repetitions = read.Repetitions }
        | other -> invalidOp $"{other} are not whole numbers"

    /// The stored values as doubles, whatever numbers they are, with their levels.
    let reals (group: int) : float[] * int[] * int[] * int =
        let parts (values: float[]) (read: LeafValues<'T>) = values, read.Definitions, read.Repetitions, read.Defined

        match leaf.Kind with
        | LeafKind.Double ->
            let read = file.Read<float>(leaf, group)
            parts read.Values read
        | LeafKind.Single ->
            let read = file.Read<float32>(leaf, group)
            parts (read.Values |> Array.map float) read
        | LeafKind.Half ->
            let read = file.Read<ReadOnlyMemory<byte>>(leaf, group)
            // Only the first values are there; the rest of the array is empty.
            let half (v: ReadOnlyMemory<byte>) = if v.Length = 2 then float (BinaryPrimitives.ReadHalfLittleEndian v.Span) else 0.0
            parts (read.Values |> Array.map half) read
        | LeafKind.Decimal(scale, physical) ->
            // The quotient is rounded once: powers of ten up to 22 are doubles, and more digits than a double has are rare.
            let power = Math.Pow(10.0, float (abs scale))
            let divide (unscaled: float) = if scale >= 0 then unscaled / power else unscaled * power

            match physical with
            | Type.INT32 ->
                let read = file.Read<int>(leaf, group)
                parts (read.Values |> Array.map (fun v -> divide (float v))) read
            | Type.INT64 ->
                let read = file.Read<int64>(leaf, group)
                parts (read.Values |> Array.map (fun v -> divide (float v))) read
            | Type.BYTE_ARRAY
            | Type.FIXED_LEN_BYTE_ARRAY ->
                let read = file.Read<ReadOnlyMemory<byte>>(leaf, group)
                parts (read.Values |> Array.map (fun v -> divide (float (BigInteger(v.Span, false, true))))) read
            | other -> unsupported $"decimals stored as {other}"
        | LeafKind.Int(64, false, _) ->
            let values, read = wholes group
            parts (values |> Array.map (fun v -> float (uint64 v))) read
        | _ ->
            let values, read = wholes group
            parts (values |> Array.map float) read

    /// For each row of the group the place of its value, −1 for null.
    let places (definitions: int[]) (rows: int) : int[] =
        if definitions.Length = 0 then
            Array.init rows id
        else
            let mutable next = 0

            definitions
            |> Array.map (fun level ->
                if level = data.MaxDefinitionLevel then
                    next <- next + 1
                    next - 1
                else
                    -1)

    /// For each row of the group the first of its list's values and their number. A null list is −1 long, one with a null in it −2 − the
    /// place of that.
    let extents (definitions: int[]) (repetitions: int[]) (rows: int) (first: int64) : struct (int * int)[] =
        let most = data.MaxDefinitionLevel
        // At and above this level there is an element, which may be null.
        let present = if data.IsNullable && not data.IsArray then most - 1 else most
        // Below this level the list itself is null.
        let list = present - 1
        let found = Array.create rows (struct (0, 0))
        let mutable row = -1
        let mutable next = 0
        let mutable nulls = false

        for i in 0 .. repetitions.Length - 1 do
            if repetitions[i] = 0 then
                row <- row + 1
                nulls <- false

                if row >= rows then
                    fail first $"expected {rows} list{Plural.s rows} in its row group, got more: the file is damaged"

                found[row] <- struct (next, 0)

            if row < 0 then
                fail first "expected a list's beginning: the file is damaged"

            let struct (start, count) = found[row]

            if definitions[i] = most then
                next <- next + 1
                if not nulls then found[row] <- struct (start, count + 1)
            elif definitions[i] >= present then
                if not nulls then found[row] <- struct (start, -2 - count)
                nulls <- true
            elif definitions[i] < list then
                found[row] <- struct (start, -1)

        if row <> rows - 1 then
            fail first $"expected {rows} list{Plural.s rows} in its row group, got {row + 1}: the file is damaged"

        found

    let take (values: 'T[]) (places: int[]) (whenNull: int -> 'T) (rows: int[]) : 'T[] =
        rows |> Array.map (fun row -> if places[row] < 0 then whenNull row else values[places[row]])

    let tensors (values: 'T[]) (lists: struct (int * int)[]) (first: int64) (rows: int[]) : CacheValues =
        let required row =
            let struct (start, count) = lists[row]

            if count = -1 then
                fail (first + int64 row) noNull

            if count < -1 then
                fail (first + int64 row) $"value {-2 - count} of the list is null"

            if length < 0 then
                length <- count

            if count <> length then
                let noun = if length = 1 then "value" else "values"
                fail (first + int64 row) $"expected {length} {noun} as in the rows before, got {count}: a tensor has one shape"

            start

        let starts = rows |> Array.map required
        let all = Array.zeroCreate<'T> (starts.Length * max 0 length)
        starts |> Array.iteri (fun i start -> Array.Copy(values, start, all, i * length, length))
        CacheValues.Tensor(name, NdArray<'T>([| starts.Length; max 0 length |], all))

    /// Whether whole numbers or flags of the file are null somewhere: then the column is one of doubles, NaN where they are. The whole file
    /// decides, so that all its rows have one type.
    let hasNulls =
        lazy
            (match file.StatesNulls data with
             | ValueSome stated -> stated
             | ValueNone ->
                 Seq.init file.GroupCount id
                 |> Seq.exists (fun group ->
                     let defined =
                         match leaf.Kind with
                         | LeafKind.Bool -> (file.Read<bool>(leaf, group)).Defined
                         | _ -> (snd (wholes group)).Defined

                     defined < file.Rows group))

    /// A whole number as a double, which must hold it.
    let exact (row: int64) (value: int64) : float =
        let real = float value

        if value = Int64.MaxValue || int64 real <> value then
            fail row $"expected whole numbers up to 2⁵³ beside nulls, which make them doubles, got {value}"

        real

    /// The group's values, from which rows are then chosen. `first` is the group's first row in the file.
    member _.Read(group: int, first: int64) : ForeignGroup =
        let rows = file.Rows group

        if isList then
            match leaf.Kind with
            | LeafKind.Int _ ->
                let values, read = wholes group
                let lists = extents read.Definitions read.Repetitions rows first

                match leaf.Kind with
                | LeafKind.Int(64, false, _) when values |> Array.exists (fun v -> v < 0L) ->
                    fail first $"expected whole numbers up to {Int64.MaxValue} in its row group, got larger ones"
                | _ -> ()

                ForeignGroup(tensors values lists first)
            | LeafKind.Single
            | LeafKind.Half ->
                let values, definitions, repetitions, _ = reals group
                ForeignGroup(tensors (values |> Array.map float32) (extents definitions repetitions rows first) first)
            | _ ->
                let values, definitions, repetitions, _ = reals group
                ForeignGroup(tensors values (extents definitions repetitions rows first) first)
        else
            let nullAt row = fail (first + int64 row) noNull

            match leaf.Kind with
            | LeafKind.Bool when hasNulls.Value ->
                let read = file.Read<bool>(leaf, group)
                let places = places read.Definitions rows
                let real row = if places[row] < 0 then nan elif read.Values[places[row]] then 1.0 else 0.0
                ForeignGroup(fun chosen -> CacheValues.Reals(name, chosen |> Array.map real))
            | LeafKind.Int(bits, isSigned, _) when (bits < 64 || isSigned) && hasNulls.Value ->
                let values, read = wholes group
                let places = places read.Definitions rows
                let real row = if places[row] < 0 then nan else exact (first + int64 row) values[places[row]]
                ForeignGroup(fun chosen -> CacheValues.Reals(name, chosen |> Array.map real))
            | LeafKind.Bool ->
                let read = file.Read<bool>(leaf, group)
                let places = places read.Definitions rows
                ForeignGroup(fun chosen -> CacheValues.Logicals(name, take read.Values places nullAt chosen))
            | LeafKind.Text ->
                let read = file.Read<ReadOnlyMemory<byte>>(leaf, group)
                let places = places read.Definitions rows

                let text row =
                    if places[row] < 0 then
                        nullAt row
                    else
                        try
                            utf8.GetString read.Values[places[row]].Span
                        with :? DecoderFallbackException as e ->
                            fail (first + int64 row) $"expected UTF-8 text: {e.Message}"

                ForeignGroup(fun chosen -> CacheValues.Texts(name, chosen |> Array.map text))
            | LeafKind.Int(bits, isSigned, _) when bits < 64 || isSigned ->
                let values, read = wholes group
                let places = places read.Definitions rows
                ForeignGroup(fun chosen -> CacheValues.Integers(name, take values places nullAt chosen))
            | _ ->
                let values, definitions, _, _ = reals group
                let places = places definitions rows
                ForeignGroup(fun chosen -> CacheValues.Reals(name, take values places (fun _ -> Double.NaN) chosen))
