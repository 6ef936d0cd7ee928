namespace Hybrid.Data.Cache

open System
open System.Collections.Generic
open System.IO
open System.Runtime.InteropServices
open Hybrid.Data.Formats

#nowarn "9" // native pointers

/// Parquet files that other tools wrote: numbers, booleans, text, and lists of numbers of one length, which become tensors.
[<AbstractClass; Sealed>]
type ParquetFile =
    static member private Column(path: string, name: string, kind: int, element: int, result: DuckResult, index: int, pieces: DuckChunk list, rows: int64) : CacheValues =
        let count = pieces |> List.sumBy _.Count

        let fail (row: int) (why: string) =
            raise (InvalidDataException $"{path}, row {rows + int64 row}, column '{name}': {why}")

        let each (action: DuckChunk -> int -> unit) =
            let mutable at = 0

            for chunk in pieces do
                action chunk at
                at <- at + chunk.Count

        let requireValid () =
            each (fun chunk at ->
                let validity = chunk.Validity index

                if validity <> 0n then
                    for i in 0 .. chunk.Count - 1 do
                        if not (DuckValues.isValid validity i) then
                            fail (at + i) "expected a value, got null: leave such rows out with a condition")

        match kind with
        | DuckType.Float
        | DuckType.Double ->
            let values = Array.zeroCreate<float> count

            each (fun chunk at ->
                DuckValues.tryConvert kind (chunk.Data index) 0 chunk.Count values at |> ignore
                let validity = chunk.Validity index

                if validity <> 0n then
                    for i in 0 .. chunk.Count - 1 do
                        if not (DuckValues.isValid validity i) then
                            values[at + i] <- Double.NaN)

            CacheValues.Reals(name, values)
        | DuckType.Boolean ->
            requireValid ()
            let values = Array.zeroCreate<bool> count

            each (fun chunk at ->
                let flags = DuckValues.fixedSpan<byte> (chunk.Data index) chunk.Count

                for i in 0 .. chunk.Count - 1 do
                    values[at + i] <- flags[i] <> 0uy)

            CacheValues.Logicals(name, values)
        | DuckType.Varchar ->
            requireValid ()
            let values = Array.create count ""

            each (fun chunk at ->
                for i in 0 .. chunk.Count - 1 do
                    values[at + i] <- DuckValues.text (chunk.Data index) i)

            CacheValues.Texts(name, values)
        | DuckType.List
        | DuckType.Array ->
            requireValid ()
            let struct (_, fixedLength) = result.ElementType index

            // Lists: (offset, length) pairs into the child vector; arrays lie one after another.
            let extent (chunk: DuckChunk) (row: int) : struct (int * int) =
                if kind = DuckType.Array then
                    struct (row * fixedLength, fixedLength)
                else
                    let entry = chunk.Data index + nativeint (row * 16)
                    struct (int (Marshal.ReadInt64 entry), int (Marshal.ReadInt64(entry, 8)))

            let length =
                let struct (_, n) = extent pieces.Head 0
                n

            let read (values: 'R[]) : NdArray =
                each (fun chunk at ->
                    let vector = chunk.Vector index

                    let child =
                        if kind = DuckType.Array then
                            DuckDbNative.duckdb_array_vector_get_child vector
                        else
                            DuckDbNative.duckdb_list_vector_get_child vector

                    let data = DuckDbNative.duckdb_vector_get_data child
                    let validity = DuckDbNative.duckdb_vector_get_validity child

                    for i in 0 .. chunk.Count - 1 do
                        let struct (offset, n) = extent chunk i

                        if n <> length then
                            fail (at + i) $"expected {length} values as in the rows before, got {n}: a tensor has one shape"

                        for j in offset .. offset + n - 1 do
                            if not (DuckValues.isValid validity j) then
                                fail (at + i) $"value {j - offset} of the list is null"

                        if not (DuckValues.tryConvert element data offset n values ((at + i) * length)) then
                            fail (at + i) "expected a list of numbers")

                NdArray<'R>([| count; length |], values)

            CacheValues.Tensor(
                name,
                (match element with
                 | DuckType.Float -> read (Array.zeroCreate<float32> (count * length))
                 | DuckType.Double -> read (Array.zeroCreate<float> (count * length))
                 | _ -> read (Array.zeroCreate<int64> (count * length)))
            )
        | _ ->
            requireValid ()
            let values = Array.zeroCreate<int64> count

            each (fun chunk at ->
                DuckValues.tryConvert kind (chunk.Data index) 0 chunk.Count values at |> ignore)

            CacheValues.Integers(name, values)

    /// The rows of a file in pieces of about `pieceRows`, as a cache is built from. `condition` is an SQL condition over the
    /// columns, or null for all rows. Decimals and 128-bit numbers become doubles; a null number becomes NaN; a null of
    /// another type is an error. Throws InvalidDataException with path, row and column.
    static member ReadPieces
        (
            path: string,
            [<Optional; DefaultParameterValue(null: string | null)>] condition: string | null,
            [<Optional; DefaultParameterValue(8192)>] pieceRows: int
        ) : IEnumerable<CacheRows> =
        if not (File.Exists path) then
            raise (FileNotFoundException($"{path}: no such file.", path))

        seq {
            use connection = Duck.connect ()

            let read (sql: string) =
                try
                    connection.Query sql
                with :? DuckDbException as e ->
                    raise (InvalidDataException($"{path}: {e.Message}", e))

            let columns =
                use shape = read $"SELECT * FROM read_parquet({DuckText.quote path}) LIMIT 0"

                [| for c in 0 .. shape.ColumnCount - 1 do
                       let name = shape.ColumnName c
                       let kind = shape.ColumnType c

                       match kind with
                       | DuckType.List
                       | DuckType.Array
                       | DuckType.Varchar
                       | DuckType.Boolean -> name, DuckText.name name
                       | DuckType.UBigInt
                       | DuckType.HugeInt
                       | DuckType.Decimal -> name, $"CAST({DuckText.name name} AS DOUBLE)"
                       | _ when kind >= DuckType.TinyInt && kind <= DuckType.Double -> name, DuckText.name name
                       | _ ->
                           raise (
                               InvalidDataException
                                   $"{path}, column '{name}': expected numbers, booleans, text or lists of numbers, got DuckDB's type {kind}"
                           ) |]

            let list = String.Join(", ", columns |> Array.map snd)
            let where = match condition with null -> "" | text -> $" WHERE ({text}\n)"
            use result = read $"SELECT {list} FROM read_parquet({DuckText.quote path}){where}"

            let kinds =
                columns
                |> Array.mapi (fun c _ ->
                    let kind = result.ColumnType c

                    if kind = DuckType.List || kind = DuckType.Array then
                        let struct (element, _) = result.ElementType c
                        struct (kind, element)
                    else
                        struct (kind, 0))

            let pieces = ResizeArray<DuckChunk>()
            let mutable rows = 0L
            let mutable more = true

            while more do
                match result.Next() with
                | null -> more <- false
                | chunk -> pieces.Add chunk

                let count = pieces |> Seq.sumBy _.Count

                if count > 0 && (not more || count >= pieceRows) then
                    let held = List.ofSeq pieces
                    pieces.Clear()

                    let made =
                        try
                            CacheRows
                                [| for c in 0 .. columns.Length - 1 do
                                       let struct (kind, element) = kinds[c]
                                       ParquetFile.Column(path, fst columns[c], kind, element, result, c, held, rows) |]
                        finally
                            for chunk in held do
                                (chunk :> IDisposable).Dispose()

                    rows <- rows + int64 count
                    yield made
        }
