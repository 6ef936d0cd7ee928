namespace Hybrid.Data.Cache

open System
open System.Collections.Generic
open System.IO
open System.Runtime.InteropServices
open System.Threading
open Microsoft.Win32.SafeHandles
open Hybrid.Data.Formats

#nowarn "9" // native pointers

/// The one DuckDB of the process; every cache has connections of its own to it.
[<RequireQualifiedAccess>]
module internal Duck =
    let private database =
        lazy
            (new DuckDatabase(
                [ "threads", string (max 1 Environment.ProcessorCount)
                  // The system caches files; a second copy of them here would have no bound but the machine's memory.
                  "enable_external_file_cache", "false" ]
            ))

    let connect () = database.Value.Connect()

/// A row group: its shard, its place in it, and where its first row stands in the whole cache.
[<Struct>]
type internal RowGroup =
    { Shard: int
      /// First row within the shard, as in its column row_index.
      Start: int
      /// First row within the cache.
      First: int
      Count: int }

/// The Parquet files of a cache, open: their row groups, and tensors row by row.
[<Sealed>]
type internal CacheFiles(paths: string[], columns: CacheColumn[]) =
    let handles = Dictionary<int, SafeFileHandle>()
    let idle = Stack<DuckConnection>()
    let mutable disposed = false

    let rent () =
        lock idle (fun () -> if idle.Count > 0 then idle.Pop() else Duck.connect ())

    let giveBack (connection: DuckConnection) =
        lock idle (fun () ->
            if disposed then (connection :> IDisposable).Dispose() else idle.Push connection)

    let handle (shard: int) =
        lock handles (fun () ->
            match handles.TryGetValue shard with
            | true, open' -> open'
            | _ ->
                let opened = File.OpenHandle(paths[shard], FileMode.Open, FileAccess.Read, FileShare.Read)
                handles[shard] <- opened
                opened)

    /// Groups, and of each of their columns the chunk's place, bytes and codec.
    let groups, chunks =
        let groups = ResizeArray<RowGroup>()
        let chunks = Dictionary<struct (int * string), struct (int64 * int64 * PageCodec)>()
        let connection = rent ()
        let mutable first = 0L

        for shard in 0 .. paths.Length - 1 do
            let path = paths[shard]

            try
                use result =
                    connection.Query
                        $"SELECT row_group_id, row_group_num_rows, path_in_schema, compression, encodings, data_page_offset, total_compressed_size FROM parquet_metadata({DuckText.quote path}) ORDER BY row_group_id, column_id"

                let mutable more = true
                let mutable start = 0L
                let mutable last = -1L

                while more do
                    match result.Next() with
                    | null -> more <- false
                    | chunk ->
                        use chunk = chunk
                        let ids = DuckValues.fixedSpan<int64> (chunk.Data 0) chunk.Count
                        let counts = DuckValues.fixedSpan<int64> (chunk.Data 1) chunk.Count
                        let offsets = DuckValues.fixedSpan<int64> (chunk.Data 5) chunk.Count
                        let sizes = DuckValues.fixedSpan<int64> (chunk.Data 6) chunk.Count

                        for i in 0 .. chunk.Count - 1 do
                            if ids[i] <> last then
                                if counts[i] < 0L || first + counts[i] > int64 Int32.MaxValue then
                                    raise (InvalidDataException $"{path}: more than {Int32.MaxValue} rows in the cache, or damaged")

                                last <- ids[i]

                                groups.Add
                                    { Shard = shard
                                      Start = int start
                                      First = int first
                                      Count = int counts[i] }

                                start <- start + counts[i]
                                first <- first + counts[i]

                            let codec =
                                match DuckValues.text (chunk.Data 4) i, DuckValues.text (chunk.Data 3) i with
                                | "PLAIN", "UNCOMPRESSED" -> PageCodec.Uncompressed
                                | "PLAIN", "ZSTD" -> PageCodec.Zstd
                                | _ -> PageCodec.Other

                            chunks[struct (groups.Count - 1, DuckValues.text (chunk.Data 2) i)] <-
                                struct (offsets[i], sizes[i], codec)
            with :? DuckDbException as e ->
                raise (InvalidDataException($"{path}: not a readable Parquet file: {e.Message}", e))

        giveBack connection
        groups.ToArray(), chunks

    /// Per tensor column the plain pages, found when the column is first read.
    let plainPages =
        columns
        |> Array.map (fun column ->
            lazy
                (groups
                 |> Array.mapi (fun g group ->
                     match chunks.TryGetValue(struct (g, column.Name)) with
                     | true, struct (offset, bytes, codec) when
                         codec <> PageCodec.Other && offset >= 0L && group.Count > 0 && column.RowBytes > 0
                         ->
                         PlainPage.tryRead (handle group.Shard) codec offset bytes group.Count column.RowBytes
                     | _ -> ValueNone)))

    member _.Paths = paths
    member _.Columns = columns
    member _.Groups = groups

    member _.Count =
        if groups.Length = 0 then 0 else groups[groups.Length - 1].First + groups[groups.Length - 1].Count

    /// Runs a query on a connection of its own.
    member _.Query(sql: string, read: DuckResult -> unit) : unit =
        let connection = rent ()

        try
            use result = connection.Query sql
            read result
        finally
            giveBack connection

    member _.ColumnIndex(name: string) =
        match columns |> Array.tryFindIndex (fun c -> String.Equals(c.Name, name, StringComparison.OrdinalIgnoreCase)) with
        | Some i -> i
        | None ->
            let names = String.Join(", ", columns |> Array.map _.Name)
            raise (KeyNotFoundException $"the cache has no column '{name}'; it has {names}.")

    /// Index of the group that holds a row of the cache.
    member _.GroupOf(row: int) : int =
        let mutable low = 0
        let mutable high = groups.Length - 1

        while low < high do
            let middle = (low + high + 1) / 2
            if groups[middle].First <= row then low <- middle else high <- middle - 1

        low

    /// The plain page of a group's column, if it has one.
    member _.PlainPage(column: int, group: int) : PlainPage voption = plainPages[column].Value[group]

    /// Bytes from a shard.
    member _.ReadBytes(shard: int, target: Span<byte>, offset: int64) : unit =
        let mutable filled = 0

        while filled < target.Length do
            let got = RandomAccess.Read(handle shard, target.Slice filled, offset + int64 filled)

            if got = 0 then
                raise (InvalidDataException $"{paths[shard]}, byte {offset + int64 filled}: the file ends here; it was shortened after it was opened")

            filled <- filled + got

    /// Decodes the tensors of a row group through DuckDB, one after another, into `target`.
    member _.DecodeGroup(column: int, group: int, target: byte[]) : unit =
        let info = groups[group]
        let rowBytes = columns[column].RowBytes
        let path = paths[info.Shard]
        let seen = Array.zeroCreate<bool> info.Count
        let connection = rent ()

        try
            use result =
                connection.Query
                    $"SELECT row_index, {DuckText.name columns[column].Name} FROM read_parquet({DuckText.quote path}) WHERE row_index >= {info.Start} AND row_index < {info.Start + info.Count}"

            let mutable more = true

            while more do
                match result.Next() with
                | null -> more <- false
                | chunk ->
                    use chunk = chunk
                    let rows = DuckValues.fixedSpan<int64> (chunk.Data 0) chunk.Count
                    let data = chunk.Data 1
                    let validity = chunk.Validity 1

                    for i in 0 .. chunk.Count - 1 do
                        let place = int (rows[i] - int64 info.Start)
                        let struct (start, length) = DuckValues.bytes data i

                        if not (DuckValues.isValid validity i) || length <> rowBytes || place < 0 || place >= info.Count then
                            raise (
                                InvalidDataException
                                    $"{path}, row {rows[i]}, column '{columns[column].Name}': expected {rowBytes} bytes, got {length}: the file is damaged"
                            )

                        Span<byte>(start.ToPointer(), length).CopyTo(target.AsSpan(place * rowBytes, rowBytes))
                        seen[place] <- true

            if Array.contains false seen then
                raise (InvalidDataException $"{path}: rows {info.Start} to {info.Start + info.Count - 1} are not all there: the file is damaged")
        finally
            giveBack connection

    interface IDisposable with
        member _.Dispose() =
            disposed <- true

            lock idle (fun () ->
                while idle.Count > 0 do
                    (idle.Pop() :> IDisposable).Dispose())

            lock handles (fun () ->
                for KeyValue(_, open') in handles do
                    open'.Dispose()

                handles.Clear())
