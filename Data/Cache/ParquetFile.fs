namespace Hybrid.Data.Cache

open System
open System.Collections.Generic
open System.IO
open System.Runtime.InteropServices
open Hybrid.Data.Formats
open Parquet.Schema

/// Parquet files that other tools wrote: numbers, booleans, text, and lists of numbers of one length, which become tensors.
[<AbstractClass; Sealed>]
type ParquetFile =
    /// The columns of an open file that can be read, in file order, and why the others cannot. `chosen` are the columns to read, null for
    /// all; one that is asked for by name and cannot be read is an error.
    static member private Columns(file: ParquetInput, chosen: IReadOnlyList<string> | null) : struct (ForeignColumn[] * ColumnProblem[]) =
        let read (field: Field) =
            try
                Ok(ForeignColumn(file, field))
            with :? InvalidDataException as e ->
                Error(ColumnProblem(field.Name, BrokenFile.ReasonOf($"{file.Path}, column '{field.Name}'", e)))

        let refuse (problem: ColumnProblem) =
            raise (InvalidDataException $"{file.Path}, column '{problem.Name}': {problem.Reason}")

        match chosen with
        | null ->
            // A cache's columns are found in any case: of two that differ in nothing else the first is read.
            let seen = HashSet<string>(StringComparer.OrdinalIgnoreCase)

            let all =
                [| for field in file.Fields ->
                       if seen.Add field.Name then
                           read field
                       else
                           Error(ColumnProblem(field.Name, "another column has this name but for upper and lower case: ask for this one by \
                               its name")) |]

            let columns = all |> Array.choose (function Ok column -> Some column | Error _ -> None)
            let problems = all |> Array.choose (function Error problem -> Some problem | Ok _ -> None)
            if columns.Length = 0 && problems.Length > 0 then refuse problems[0]
            struct (columns, problems)
        | names ->
            let find (name: string) =
                match file.Fields |> Seq.tryFind (fun field -> field.Name = name) with
                | None ->
                    let known = String.Join(", ", file.Fields |> Seq.map (fun field -> $"'{field.Name}'"))
                    raise (KeyNotFoundException $"{file.Path}: no column '{name}'; there are {known}.")
                | Some field ->
                    match read field with
                    | Ok column -> column
                    | Error problem -> refuse problem

            struct (names |> Seq.map find |> Seq.toArray, [||])

    /// The columns of a file that ReadPieces leaves out, with the reason.
    static member Unread(path: string) : IReadOnlyList<ColumnProblem> =
        RegularFile.Require path
        use handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read)
        let struct (_, problems) = ParquetFile.Columns(ParquetInput(path, handle), null)
        problems

    /// The rows of a file in pieces of at most `pieceRows`, as a cache is built from. `condition` is an SQL condition over the
    /// columns, or null for all rows; `columns` are those to read, null for all that can be read: CacheRows.LeftOut names the others.
    /// Unsigned 64-bit and decimal numbers become doubles. A column of numbers or flags in which a value is null is one of doubles, NaN
    /// where it is null; a null text or list is an error, and so is a whole number beside nulls that no double holds. One row group of the
    /// file is in memory at a time. Throws InvalidDataException with path, row (from 0) and column.
    static member ReadPieces
        (
            path: string,
            [<Optional; DefaultParameterValue(null: string | null)>] condition: string | null,
            [<Optional; DefaultParameterValue(8192)>] pieceRows: int,
            [<Optional; DefaultParameterValue(null: IReadOnlyList<string> | null)>] columns: IReadOnlyList<string> | null
        ) : IEnumerable<CacheRows> =
        if not (File.Exists path) then
            raise (FileNotFoundException($"{path}: no such file.", path))

        RegularFile.Require path

        if pieceRows < 1 then
            raise (ArgumentOutOfRangeException(nameof pieceRows, $"expected at least 1, got {pieceRows}."))

        seq {
            use handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read)
            let file = ParquetInput(path, handle)
            let struct (columns, leftOut) = ParquetFile.Columns(file, columns)

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
                        yield CacheRows([| for column in read -> column.Invoke piece |], leftOut)

                first <- first + int64 rows
        }
