namespace Hybrid.Data.Cache

open System
open System.Collections.Generic
open System.Runtime.InteropServices
open System.Text
open System.Threading
open Microsoft.FSharp.NativeInterop
open Hybrid.Data.Formats

#nowarn "9" // native pointers

/// A callback of DuckDB's table functions: bind and init.
type internal DuckInfoCallback = delegate of nativeint -> unit

/// A callback of DuckDB's table functions that fills a chunk.
type internal DuckFillCallback = delegate of nativeint * nativeint -> unit

/// Pulls rows out of the pieces that a caller supplies, checking that each has the columns of the first.
[<Sealed>]
type internal RowSource(pieces: IEnumerator<CacheRows>) =
    let mutable piece: CacheRows | null = null
    let mutable at = 0
    let mutable taken = 0L

    let advance () =
        let mutable searching = true

        while searching do
            match piece with
            | null -> searching <- false
            | current when at < current.Count -> searching <- false
            | current ->
                if pieces.MoveNext() then
                    let next = pieces.Current

                    if
                        next.Columns.Count <> current.Columns.Count
                        || not (Seq.forall2 (fun (a: CacheValues) (b: CacheValues) -> a.Column.Matches b.Column) current.Columns next.Columns)
                    then
                        let list (rows: CacheRows) =
                            String.Join(", ", rows.Columns |> Seq.map (fun c -> string c.Column))

                        raise (
                            ArgumentException
                                $"the rows from {taken} on have other columns than those before: expected {list current}, got {list next}."
                        )

                    piece <- next
                    at <- 0
                else
                    piece <- null

    do
        if pieces.MoveNext() then
            piece <- pieces.Current
            advance ()

    /// The piece that holds the next row, or null at the end.
    member _.Piece = piece
    /// The next row's place in Piece.
    member _.At = at
    /// Rows taken so far.
    member _.Taken = taken

    member _.Take(count: int) =
        at <- at + count
        taken <- taken + int64 count
        advance ()

/// Writes Parquet files from rows in memory: a table function that DuckDB's COPY reads from. It hands out chunks of one row
/// group each, which is what makes COPY keep groups smaller than 2048 rows.
[<Sealed>]
type internal ParquetWriter(connection: DuckConnection, columns: CacheColumn[], source: RowSource, groupRows: int) =
    static let mutable serial = 0

    let name = $"hybrid_rows_{Interlocked.Increment &serial}"
    let mutable remaining = 0L
    let mutable failure: exn | null = null
    let mutable cancellation = CancellationToken.None
    let mutable progress: IProgress<int64> | null = null
    let mutable total = 0L

    /// The row number within the file, which row groups are asked for by.
    let indexColumn = "row_index"

    let bind (info: nativeint) =
        let add (column: string) (kind: int) =
            let mutable logical = DuckDbNative.duckdb_create_logical_type kind
            DuckDbNative.duckdb_bind_add_result_column (info, DuckText.terminated column, logical)
            DuckDbNative.duckdb_destroy_logical_type &logical

        add indexColumn DuckType.BigInt

        for column in columns do
            add column.Name column.SqlType

    let mutable written = 0L

    /// Copies `count` rows of a column into a vector, from row `start` of the vector on.
    let fill (vector: nativeint) (values: CacheValues) (from: int) (start: int) (count: int) =
        let target = DuckDbNative.duckdb_vector_get_data vector

        match values.Values with
        | :? (string[]) as texts when values.Column.Kind = CacheColumnKind.Text ->
            for i in 0 .. count - 1 do
                let bytes = Encoding.UTF8.GetBytes texts[from + i]
                let pin = GCHandle.Alloc(bytes, GCHandleType.Pinned)

                DuckDbNative.duckdb_vector_assign_string_element_len (
                    vector,
                    uint64 (start + i),
                    (if bytes.Length = 0 then 0n else pin.AddrOfPinnedObject()),
                    uint64 bytes.Length
                )

                pin.Free()
        | array ->
            let pin = GCHandle.Alloc(array, GCHandleType.Pinned)

            try
                let first = pin.AddrOfPinnedObject()

                match values.Column.Kind with
                | CacheColumnKind.Tensor ->
                    let bytes = values.Column.RowBytes

                    for i in 0 .. count - 1 do
                        DuckDbNative.duckdb_vector_assign_string_element_len (
                            vector,
                            uint64 (start + i),
                            first + nativeint (int64 (from + i) * int64 bytes),
                            uint64 bytes
                        )
                | kind ->
                    let size = if kind = CacheColumnKind.Logical then 1 else 8
                    let bytes = count * size

                    Span<byte>((first + nativeint (from * size)).ToPointer(), bytes)
                        .CopyTo(Span<byte>((target + nativeint (start * size)).ToPointer(), bytes))
            finally
                pin.Free()

    let produce (chunk: nativeint) =
        let mutable rows = 0
        let wanted = int (min remaining (int64 (min groupRows 2048)))
        let index = DuckDbNative.duckdb_vector_get_data (DuckDbNative.duckdb_data_chunk_get_vector (chunk, 0UL))

        while rows < wanted && not (isNull source.Piece) do
            cancellation.ThrowIfCancellationRequested()

            match source.Piece with
            | null -> ()
            | piece ->
                let count = min (wanted - rows) (piece.Count - source.At)

                for c in 0 .. columns.Length - 1 do
                    fill (DuckDbNative.duckdb_data_chunk_get_vector (chunk, uint64 (c + 1))) piece.Columns[c] source.At rows count

                let numbers = Span<int64>((index + nativeint (rows * 8)).ToPointer(), count)

                for i in 0 .. count - 1 do
                    numbers[i] <- written + int64 i

                written <- written + int64 count
                rows <- rows + count
                source.Take count

        remaining <- remaining - int64 rows

        match progress with
        | null -> ()
        | some -> some.Report(total + written)

        DuckDbNative.duckdb_data_chunk_set_size (chunk, uint64 rows)

    // An exception must not cross the native frames: it is kept, and thrown again when COPY has failed on it.
    let bindCallback = DuckInfoCallback bind
    let initCallback = DuckInfoCallback(fun info -> DuckDbNative.duckdb_init_set_max_threads (info, 1UL))

    let fillCallback =
        DuckFillCallback(fun info chunk ->
            try
                produce chunk
            with e ->
                failure <- e
                DuckDbNative.duckdb_function_set_error (info, DuckText.terminated e.Message))

    do
        let mutable f = DuckDbNative.duckdb_create_table_function ()

        try
            DuckDbNative.duckdb_table_function_set_name (f, DuckText.terminated name)
            DuckDbNative.duckdb_table_function_set_bind (f, Marshal.GetFunctionPointerForDelegate bindCallback)
            DuckDbNative.duckdb_table_function_set_init (f, Marshal.GetFunctionPointerForDelegate initCallback)
            DuckDbNative.duckdb_table_function_set_function (f, Marshal.GetFunctionPointerForDelegate fillCallback)

            if DuckDbNative.duckdb_register_table_function (connection.Handle, f) <> 0 then
                raise (DuckDbException("DuckDB: the table function of the rows was not registered", name))
        finally
            DuckDbNative.duckdb_destroy_table_function &f

    /// Writes one file of at most `rows` rows; returns how many it has.
    member _.Write(path: string, rows: int64, compress: bool, metadata: IReadOnlyDictionary<string, string>, report: IProgress<int64> | null, before: int64, token: CancellationToken) : int64 =
        remaining <- rows
        written <- 0L
        progress <- report
        total <- before
        cancellation <- token

        let pairs =
            String.Join(", ", metadata |> Seq.map (fun (KeyValue(k, v)) -> $"{DuckText.name k}: {DuckText.quote v}"))

        let codec = if compress then "zstd" else "uncompressed"

        let sql =
            $"COPY (FROM {name}()) TO {DuckText.quote path} (FORMAT parquet, ROW_GROUP_SIZE {groupRows}, COMPRESSION {codec}, KV_METADATA {{{pairs}}})"

        try
            connection.Execute sql
        with :? DuckDbException when not (isNull failure) ->
            match failure with
            | null -> ()
            | e ->
                failure <- null
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw e

        // DuckDB holds these until here only by their native addresses.
        GC.KeepAlive bindCallback
        GC.KeepAlive initCallback
        GC.KeepAlive fillCallback
        written
