namespace Hybrid.Data.Cache

open System
open System.Collections.Generic
open System.IO
open System.IO.Compression
open System.IO.Hashing
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open System.Threading
open System.Threading.Tasks
open Hybrid.Data.Formats
open Parquet
open Parquet.Schema

/// The file of a shard: what Parquet.Net asks for asynchronously is done at once, without another thread, and without a buffer between.
[<Sealed>]
type internal ShardFile(path: string) =
    inherit Stream()
    let handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None)
    let mutable position = 0L
    let sum = XxHash3()

    override _.CanRead = false
    override _.CanSeek = true
    override _.CanWrite = true
    override _.Length = RandomAccess.GetLength handle

    override _.Position
        with get () = position
        and set value = position <- value

    override this.Seek(offset, origin) =
        position <-
            (match origin with
             | SeekOrigin.Begin -> offset
             | SeekOrigin.Current -> position + offset
             | _ -> this.Length + offset)

        position

    override _.Write(bytes: ReadOnlySpan<byte>) : unit =
        RandomAccess.Write(handle, bytes, position)
        sum.Append bytes
        position <- position + int64 bytes.Length

    override this.Write(bytes: byte[], offset: int, count: int) : unit = this.Write(ReadOnlySpan(bytes, offset, count))

    override this.WriteAsync(bytes: byte[], offset: int, count: int, _: CancellationToken) : Task =
        this.Write(ReadOnlySpan(bytes, offset, count))
        Task.CompletedTask

    override this.WriteAsync(bytes: ReadOnlyMemory<byte>, _: CancellationToken) : ValueTask =
        this.Write bytes.Span
        ValueTask.CompletedTask

    override _.Flush() = ()
    override _.SetLength _ = raise (NotSupportedException())
    override _.Read(_: byte[], _: int, _: int) : int = raise (NotSupportedException())

    /// The checksum of what was written since this was last asked for.
    member _.TakeSum() : uint64 =
        let taken = sum.GetCurrentHashAsUInt64()
        sum.Reset()
        taken

    /// Puts the content on the disk: the name that the whole cache then gets must not come before it.
    member _.FlushToDisk() : unit = RandomAccess.FlushToDisk handle

    override _.Dispose(disposing: bool) =
        handle.Dispose()
        base.Dispose disposing

/// The values of one column for a row group: filled from the pieces, then written.
[<Sealed>]
type internal GroupColumn(column: CacheColumn, field: DataField, groupRows: int) =
    let rowBytes = column.RowBytes

    let values: Array =
        match column.Kind with
        | CacheColumnKind.Tensor -> Array.zeroCreate<ReadOnlyMemory<byte>> groupRows
        | CacheColumnKind.Integer -> Array.zeroCreate<int64> groupRows
        | CacheColumnKind.Real -> Array.zeroCreate<float> groupRows
        | CacheColumnKind.Text -> Array.zeroCreate<ReadOnlyMemory<char>> groupRows
        | _ -> Array.zeroCreate<bool> groupRows

    // The tensors of a group lie one after another, whatever pieces they come in.
    let bytes = Array.zeroCreate<byte> (groupRows * rowBytes)

    do
        match values with
        | :? (ReadOnlyMemory<byte>[]) as rows ->
            for i in 0 .. groupRows - 1 do
                rows[i] <- ReadOnlyMemory(bytes, i * rowBytes, rowBytes)
        | _ -> ()

    /// Takes `count` rows of a piece, from row `from` of it on, as rows `start` and following of the group. `first` is the number of the
    /// first of them among all rows.
    member _.Fill(piece: CacheValues, from: int, start: int, count: int, first: int64) : unit =
        match values, piece.Values with
        | (:? (ReadOnlyMemory<byte>[])), stored ->
            let source = &Unsafe.AddByteOffset(&MemoryMarshal.GetArrayDataReference stored, nativeint from * nativeint rowBytes)
            MemoryMarshal.CreateReadOnlySpan(&source, count * rowBytes).CopyTo(bytes.AsSpan(start * rowBytes))
        | (:? (ReadOnlyMemory<char>[]) as rows), (:? (string[]) as texts) ->
            for i in 0 .. count - 1 do
                match box texts[from + i] with
                | null ->
                    let place = $"column '{column.Name}', row {first + int64 i}"
                    raise (ArgumentException $"{place}: expected text, got null; an empty text is allowed.")
                | _ -> rows[start + i] <- texts[from + i].AsMemory()
        | _, stored -> Array.Copy(stored, from, values, start, count)

    /// A checksum for each of the first `count` tensors.
    member _.RowSums(count: int) : uint64[] =
        Array.init count (fun i -> ShardChecksums.ofBytes (ReadOnlySpan(bytes, i * rowBytes, rowBytes)))

    /// Writes the first `count` rows.
    member _.Write(group: ParquetRowGroupWriter, count: int, cancellation: CancellationToken) : unit =
        let write (all: 'T[]) =
            // With all parts stated nothing is converted, and no levels are made: the columns are required.
            let values = ReadOnlyMemory(all, 0, count)
            group.WriteAllPartsAsync<'T>(field, values, Nullable(), Nullable(), cancellation).GetAwaiter().GetResult()

        match values with
        | :? (ReadOnlyMemory<byte>[]) as rows -> write rows
        | :? (ReadOnlyMemory<char>[]) as rows -> write rows
        | :? (int64[]) as rows -> write rows
        | :? (float[]) as rows -> write rows
        | rows -> write (rows :?> bool[])

/// Writes the shards of a cache: Parquet files of required columns, row groups of a fixed number of rows, each column of a group one
/// PLAIN page.
[<Sealed>]
type internal ShardWriter
    (columns: CacheColumn[], source: RowSource, groupRows: int, compress: bool, metadata: IReadOnlyDictionary<string, string>) =
    /// The row number within the file, which SQL conditions give their rows by.
    static let indexName = "row_index"

    let field (name: string) (kind: Type) = DataField(name, kind, Nullable false)
    let indexField = field indexName typeof<int64>

    let fields =
        columns
        |> Array.map (fun column ->
            match column.Kind with
            | CacheColumnKind.Tensor -> field column.Name typeof<byte[]>
            | CacheColumnKind.Integer -> field column.Name typeof<int64>
            | CacheColumnKind.Real -> field column.Name typeof<float>
            | CacheColumnKind.Text -> field column.Name typeof<string>
            | _ -> field column.Name typeof<bool>)

    let schema = ParquetSchema(Array.append [| indexField :> Field |] (fields |> Array.map (fun f -> f :> Field)))

    let options =
        ParquetOptions(
            CompressionMethod = (if compress then CompressionMethod.Zstd else CompressionMethod.None),
            // Parquet.Net's default is zstd's level 19, thirty times slower for a few percent.
            CompressionLevel = CompressionLevel.Fastest
        )

    let group = Array.map2 (fun (column: CacheColumn) field -> GroupColumn(column, field, groupRows)) columns fields
    let index = GroupColumn(CacheColumn(indexName, CacheColumnKind.Integer, ValueNone, [||]), indexField, groupRows)

    /// Collects up to `wanted` rows; returns how many there were.
    let collect (wanted: int) (cancellation: CancellationToken) : int =
        let mutable rows = 0

        while rows < wanted && not (isNull source.Piece) do
            cancellation.ThrowIfCancellationRequested()
            let piece = nonNull source.Piece
            let count = min (wanted - rows) (piece.Count - source.At)

            for c in 0 .. group.Length - 1 do
                group[c].Fill(piece.Columns[c], source.At, rows, count, source.Taken)

            rows <- rows + count
            source.Take count

        rows

    let sumsRows = columns |> Array.map (fun column -> ShardChecksums.isOfRows column compress)
    let rowBytes = columns |> Array.sumBy (fun c -> int64 c.RowBytes)
    let mutable compressed = 0L

    /// Parquet.Net takes a new array for each page that it compresses, which the garbage collector would leave for long: it is started
    /// after every 128 MB, beside the writing.
    let collectGarbage (rows: int) =
        if compress then
            compressed <- compressed + int64 rows * rowBytes

            if compressed >= (128L <<< 20) then
                compressed <- 0L
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, false)

    /// Writes one file of at most `rows` rows; returns how many it has. `before` is the number of rows in the files before, for the
    /// progress.
    member _.Write(path: string, rows: int64, progress: IProgress<int64> | null, before: int64, cancellation: CancellationToken) : int64 =
        use stream = new ShardFile(path)
        let writer = ParquetWriter.CreateAsync(schema, stream, options).GetAwaiter().GetResult()
        let mutable written = 0L
        // Per column, row_index first.
        let sums = Array.init (columns.Length + 1) (fun _ -> ResizeArray<uint64>())

        while written < rows && not (isNull source.Piece) do
            let count = collect (int (min (int64 groupRows) (rows - written))) cancellation
            use target = writer.CreateRowGroup()
            index.Fill(CacheValues.Integers(indexName, Array.init count (fun i -> written + int64 i)), 0, 0, count, written)
            // What was written before the group: the file's first bytes.
            stream.TakeSum() |> ignore
            index.Write(target, count, cancellation)
            sums[0].Add(stream.TakeSum())

            for c in 0 .. group.Length - 1 do
                group[c].Write(target, count, cancellation)
                let chunk = stream.TakeSum()
                if sumsRows[c] then sums[c + 1].AddRange(group[c].RowSums count) else sums[c + 1].Add chunk

            written <- written + int64 count
            collectGarbage count

            match progress with
            | null -> ()
            | some -> some.Report(before + written)

        let all = Dictionary metadata

        all[ShardChecksums.Key] <-
            ShardChecksums.toJson
                [ indexName, { OfRows = false; Sums = sums[0].ToArray() }
                  for c in 0 .. columns.Length - 1 do
                      columns[c].Name, { OfRows = sumsRows[c]; Sums = sums[c + 1].ToArray() } ]

        writer.CustomMetadata <- all
        // Once, and only here: it writes the footer, and a second time would write it with twice the rows.
        writer.DisposeAsync().AsTask().GetAwaiter().GetResult()
        stream.FlushToDisk()
        written
