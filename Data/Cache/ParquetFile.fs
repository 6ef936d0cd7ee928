namespace Hybrid.Data.Cache

open System
open System.Collections.Generic
open System.IO
open System.Runtime.InteropServices

/// Parquet files that other tools wrote: numbers, booleans, text, and lists of numbers of one length, which become tensors.
[<AbstractClass; Sealed>]
type ParquetFile =
    /// The rows of a file in pieces of at most `pieceRows`, as a cache is built from. `condition` is an SQL condition over the
    /// columns, or null for all rows. Unsigned 64-bit and decimal numbers become doubles; a null of these and of floats becomes
    /// NaN; a null of another type is an error. One row group of the file is in memory at a time. Throws InvalidDataException
    /// with path, row (from 0) and column.
    static member ReadPieces
        (
            path: string,
            [<Optional; DefaultParameterValue(null: string | null)>] condition: string | null,
            [<Optional; DefaultParameterValue(8192)>] pieceRows: int
        ) : IEnumerable<CacheRows> =
        if not (File.Exists path) then
            raise (FileNotFoundException($"{path}: no such file.", path))

        if pieceRows < 1 then
            raise (ArgumentOutOfRangeException(nameof pieceRows, $"expected at least 1, got {pieceRows}."))

        seq {
            use handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read)
            let file = ParquetInput(path, handle)
            let columns = [| for field in file.Fields -> ForeignColumn(file, field) |]

            let wanted =
                match condition with
                | null -> ValueNone
                | text ->
                    try
                        ValueSome(CacheSql.rowsOfFile path text)
                    with :? DuckDbException as e ->
                        raise (InvalidDataException($"{path}: {e.Message}", e))

            let mutable first = 0L
            // The next row of `wanted`.
            let mutable next = 0

            for group in 0 .. file.GroupCount - 1 do
                let rows = file.Rows group

                let chosen =
                    match wanted with
                    | ValueNone -> Array.init rows id
                    | ValueSome all ->
                        let from = next

                        while next < all.Count && all[next] < first + int64 rows do
                            next <- next + 1

                        Array.init (next - from) (fun i -> int (all[from + i] - first))

                if chosen.Length > 0 then
                    let read = columns |> Array.map (fun column -> column.Read(group, first))

                    for piece in Array.chunkBySize pieceRows chosen do
                        yield CacheRows [| for column in read -> column.Invoke piece |]

                first <- first + int64 rows
        }
