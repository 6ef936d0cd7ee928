namespace Hybrid.Data.Cache

open System
open System.Buffers
open System.Buffers.Binary
open System.Collections.Generic
open System.IO
open System.Threading.Tasks
open Hybrid.Data.Formats

/// A row group's tensors in memory: row i begins at Offset + i · Stride.
[<Sealed; AllowNullLiteral>]
type internal GroupBuffer(key: struct (int * int)) =
    member _.Key = key
    member val Bytes: byte[] = [||] with get, set
    member val Offset = 0 with get, set
    member val Stride = 0 with get, set
    member val Users = 0 with get, set
    member val LastUse = 0L with get, set
    member val Loaded = false with get, set

/// Row groups that must be decoded or are read whole, kept while they are wanted and up to a limit of bytes; their memory
/// is used again. Several threads may ask at once; a group is loaded once.
[<Sealed>]
type internal GroupBuffers(files: CacheFiles, limit: int64) =
    let entries = Dictionary<struct (int * int), GroupBuffer>()
    let mutable bytes = 0L
    let mutable clock = 0L
    let mutable disposed = false

    /// Under the lock: lets go of the groups unused for longest until the limit holds.
    let evict (needed: int64) =
        let mutable searching = true

        while searching && (needed > limit || bytes + needed > limit) do
            let oldest =
                entries.Values |> Seq.filter (fun e -> e.Users = 0) |> Seq.sortBy _.LastUse |> Seq.tryHead

            match oldest with
            | None -> searching <- false
            | Some entry ->
                entries.Remove entry.Key |> ignore
                bytes <- bytes - int64 entry.Bytes.Length
                GroupMemory.giveBack entry.Bytes

    let load (entry: GroupBuffer) =
        let struct (column, group) = entry.Key
        let rowBytes = files.Columns[column].RowBytes
        let count = files.Groups[group].Count

        match files.PlainPage(column, group) with
        | ValueSome page when page.Codec = PageCodec.Uncompressed ->
            entry.Offset <- int (page.First - page.Chunk)
            entry.Stride <- rowBytes + 4
            files.ReadChunk(column, group, page, entry.Bytes)
        | ValueSome page ->
            let shard = files.Groups[group].Shard
            let packed = GroupMemory.rent page.ChunkBytes

            try
                files.ReadChunk(column, group, page, packed)

                let skipped =
                    if Zstd.tryDecompress packed (int (page.First - page.Chunk)) page.Packed entry.Bytes page.Unpacked then
                        PlainPage.prefix page.Levels (ReadOnlySpan(entry.Bytes, 0, 4)) (int64 page.Unpacked) count rowBytes
                    else
                        -1L

                entry.Offset <- int skipped
                entry.Stride <- rowBytes + 4

                let whole row =
                    BinaryPrimitives.ReadInt32LittleEndian(ReadOnlySpan(entry.Bytes, int skipped - 4 + row * (rowBytes + 4), 4)) = rowBytes

                if skipped < 0L || not (Seq.forall whole (seq { 0 .. count - 1 })) then
                    raise (InvalidDataException $"{files.Paths[shard]}, byte {page.First}: the page of column \
                        '{files.Columns[column].Name}' is damaged")
            finally
                GroupMemory.giveBack packed
        | ValueNone ->
            entry.Offset <- 0
            entry.Stride <- rowBytes
            files.DecodeGroup(column, group, entry.Bytes)

    /// The group, loaded; Release it afterwards.
    member _.Acquire(column: int, group: int) : GroupBuffer =
        let key = struct (column, group)

        let entry =
            lock entries (fun () ->
                clock <- clock + 1L

                match entries.TryGetValue key with
                | true, entry ->
                    entry.Users <- entry.Users + 1
                    entry.LastUse <- clock
                    entry
                | _ ->
                    let length =
                        match files.PlainPage(column, group) with
                        | ValueSome page when page.Codec = PageCodec.Zstd -> int64 page.Unpacked
                        | ValueSome page -> int64 page.ChunkBytes
                        | _ -> Shape.count [ int64 files.Groups[group].Count; int64 files.Columns[column].RowBytes + 4L ]

                    if length > int64 Array.MaxLength then
                        raise (InvalidOperationException $"a row group of {length} bytes is more than one .NET array holds: write the \
                            cache with fewer RowsPerGroup.")

                    evict length
                    let entry = GroupBuffer(key)
                    entry.Bytes <- GroupMemory.rent (int length)
                    entry.Users <- 1
                    entry.LastUse <- clock
                    bytes <- bytes + int64 entry.Bytes.Length
                    entries[key] <- entry
                    entry)

        try
            lock entry (fun () ->
                if not entry.Loaded then
                    load entry
                    entry.Loaded <- true)
        with _ ->
            lock entries (fun () ->
                entry.Users <- entry.Users - 1

                // Another thread may still try to load into it.
                if entries.Remove key then
                    bytes <- bytes - int64 entry.Bytes.Length
                    GroupMemory.forget entry.Bytes)

            reraise ()

        entry

    member _.Release(entry: GroupBuffer) =
        lock entries (fun () ->
            entry.Users <- entry.Users - 1

            if disposed then
                evict Int64.MaxValue)

    /// Loads a group on another thread, so that it is there when it is asked for. What fails here fails again, and is reported, when it is
    /// asked for.
    member this.LoadAhead(column: int, group: int) : Task =
        Task.Run(fun () ->
            try
                this.Release(this.Acquire(column, group))
            with _ ->
                ())

    interface IDisposable with
        member _.Dispose() =
            lock entries (fun () ->
                disposed <- true
                evict Int64.MaxValue)

/// Reads the tensors of single rows of one column; rows are numbers of a selection of the cache's rows, or of all (null).
[<Sealed>]
type internal TensorReader(files: CacheFiles, column: int, buffers: GroupBuffers, selection: int[] | null) =
    let rowBytes = files.Columns[column].RowBytes
    let element = files.Columns[column].Element

    let rowOf (chosen: int) =
        match selection with
        | null -> chosen
        | rows -> rows[chosen]

    /// The page whose rows are read one by one, without the rest of their group.
    let alonePage (group: int) =
        match (if rowBytes >= ShardChecksums.rowBytesAlone then files.PlainPage(column, group) else ValueNone) with
        | ValueSome page when page.Codec = PageCodec.Uncompressed -> ValueSome page
        | _ -> ValueNone

    let readsWhole = lazy (rowBytes > 0 && Seq.exists (fun group -> (alonePage group).IsNone) (seq { 0 .. files.Groups.Length - 1 }))

    let read (chosen: int) (target: Span<byte>) =
        let row = rowOf chosen
        let group = files.GroupOf row
        let info = files.Groups[group]
        let place = row - info.First

        match alonePage group with
        | ValueSome page ->
            files.ReadBytes(info.Shard, target, page.First + int64 place * int64 (rowBytes + 4))
            files.CheckRow(column, group, place, Span.op_Implicit target)
        | ValueNone ->
            if rowBytes > 0 then
                let entry = buffers.Acquire(column, group)

                try
                    ReadOnlySpan(entry.Bytes, entry.Offset + place * entry.Stride, rowBytes).CopyTo target
                finally
                    buffers.Release entry

    /// Whether some groups are decoded or read whole, so that there is something to load ahead.
    member _.ReadsWholeGroups : bool = readsWhole.Value

    /// Groups that are decoded or read whole when these rows are asked for, each once, in the rows' order.
    member _.WholeGroups(rows: ReadOnlySpan<int>) : int[] =
        let found = List<int>()

        for i in 0 .. rows.Length - 1 do
            let group = files.GroupOf(rowOf rows[i])

            if not (found.Contains group) && (alonePage group).IsNone then
                found.Add group

        found.ToArray()

    member _.LoadAhead(group: int) : Task = buffers.LoadAhead(column, group)

    /// The tensors of some rows, one after another, as they are stored.
    member _.ReadBytes(rows: ReadOnlySpan<int>, target: Span<byte>) : unit =
        for i in 0 .. rows.Length - 1 do
            read rows[i] (target.Slice(i * rowBytes, rowBytes))

    /// The same as floats; values of another type are converted.
    member _.ReadSingles(rows: ReadOnlySpan<int>, target: Span<float32>) : unit =
        let count = files.Columns[column].ElementCount

        match element with
        | ValueSome e when e.Type = typeof<float32> ->
            let bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes target

            for i in 0 .. rows.Length - 1 do
                read rows[i] (bytes.Slice(i * rowBytes, rowBytes))
        | ValueSome e ->
            let scratch = ArrayPool<byte>.Shared.Rent(max 1 rowBytes)

            try
                for i in 0 .. rows.Length - 1 do
                    read rows[i] (scratch.AsSpan(0, rowBytes))
                    NpyElement.toSingles e (ReadOnlySpan(scratch, 0, rowBytes)) (target.Slice(i * count, count))
            finally
                ArrayPool<byte>.Shared.Return scratch
        | ValueNone -> invalidOp "no tensor column"
