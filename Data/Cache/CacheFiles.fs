namespace Hybrid.Data.Cache

open System
open System.Collections.Generic
open System.IO
open System.IO.Hashing
open System.Threading
open Microsoft.Win32.SafeHandles
open Parquet.Meta
open Parquet.Schema

/// A row group: its shard, its place in it, and where its first row stands in the whole cache.
[<Struct>]
type internal RowGroup =
    { Shard: int
      /// The group's number in the shard.
      Index: int
      /// First row within the shard, as in its column row_index.
      Start: int
      /// First row within the cache.
      First: int
      Count: int }

/// The Parquet files of a cache, open: their row groups, columns, and tensors row by row. What has a checksum is compared with it the
/// first time that it is read.
///   footers : the checksum of each file's footer; ValueNone where the cache has none, as those of earlier versions.
[<Sealed>]
type internal CacheFiles(paths: string[], columns: CacheColumn[], footers: uint64 voption[]) =
    let handles = Dictionary<int, SafeFileHandle>()

    let handle (shard: int) =
        lock handles (fun () ->
            match handles.TryGetValue shard with
            | true, open' -> open'
            | _ ->
                let opened = File.OpenHandle(paths[shard], FileMode.Open, FileAccess.Read, FileShare.Read)
                handles[shard] <- opened
                opened)

    let input (shard: int) : ParquetInput = ParquetInput(paths[shard], handle shard)

    let close () =
        lock handles (fun () ->
            for KeyValue(_, open') in handles do
                open'.Dispose()

            handles.Clear())

    /// Groups, of each of their columns the chunk's place, bytes and codec, and the checksums of each shard.
    let readGroups () =
        let groups = ResizeArray<RowGroup>()
        let sums = Array.create paths.Length (Dictionary<string, ColumnSums>() :> IReadOnlyDictionary<_, _>)
        let chunks = Dictionary<struct (int * string), struct (int64 * int64 * PageCodec * bool)>()
        let mutable first = 0L

        for shard in 0 .. paths.Length - 1 do
            let file = input shard

            match footers[shard] with
            | ValueSome expected when expected <> file.FooterSum ->
                ShardChecksums.refuse $"{paths[shard]}, from byte {file.FooterStart} (its footer)" expected file.FooterSum
            | _ -> ()

            let rows = Seq.sum (seq { for g in 0 .. file.GroupCount - 1 -> int64 (file.Rows g) })

            if rows <= int64 Int32.MaxValue then
                sums[shard] <- ShardChecksums.ofJson paths[shard] (file.Note ShardChecksums.Key) file.GroupCount (int rows)

            let mutable start = 0

            // Whether a column of single values has definition levels.
            let levels =
                dict
                    [ for field in file.Fields do
                          match field with
                          | :? DataField as data when data.MaxRepetitionLevel = 0 -> data.Name, data.MaxDefinitionLevel > 0
                          | _ -> () ]

            for g in 0 .. file.GroupCount - 1 do
                let count = file.Rows g

                if first + int64 count > int64 Int32.MaxValue then
                    raise (InvalidDataException $"{paths[shard]}: more than {Int32.MaxValue} rows in the cache, or damaged")

                for chunk in file.Chunks g do
                    let data = nonNull chunk.MetaData
                    // The encodings of levels (RLE, BIT_PACKED) stand among those of the values.
                    let plain = data.Encodings |> Seq.forall (fun e -> e = Encoding.PLAIN || e = Encoding.RLE || e = Encoding.BIT_PACKED)

                    let codec =
                        match data.Codec with
                        | CompressionCodec.UNCOMPRESSED when plain -> PageCodec.Uncompressed
                        | CompressionCodec.ZSTD when plain -> PageCodec.Zstd
                        | _ -> PageCodec.Other

                    if data.PathInSchema.Count = 1 && levels.ContainsKey data.PathInSchema[0] then
                        chunks[struct (groups.Count, data.PathInSchema[0])] <-
                            struct (data.DataPageOffset, data.TotalCompressedSize, codec, levels[data.PathInSchema[0]])

                groups.Add
                    { Shard = shard
                      Index = g
                      Start = start
                      First = int first
                      Count = count }

                start <- start + count
                first <- first + int64 count

        groups.ToArray(), chunks, sums

    let groups, chunks, sums =
        try
            readGroups ()
        with _ ->
            close ()
            reraise ()

    /// Groups before the first of each shard.
    let firstGroups =
        let first = Array.zeroCreate<int> paths.Length

        for g in groups.Length - 1 .. -1 .. 0 do
            first[groups[g].Shard] <- g

        first

    /// Chunks and rows that were found as they were written, a bit each, by shard and column.
    let found = Dictionary<struct (int * string), int[]>()

    let foundOf (shard: int) (column: string) (count: int) : int[] =
        lock found (fun () ->
            match found.TryGetValue(struct (shard, column)) with
            | true, bits -> bits
            | _ ->
                let bits = Array.zeroCreate<int> ((count + 31) / 32)
                found[struct (shard, column)] <- bits
                bits)

    /// The checksums of a tensor column in each shard with what was found of them; null where there are none.
    let tensorSums =
        columns
        |> Array.map (fun column ->
            Array.init paths.Length (fun shard ->
                match sums[shard].TryGetValue column.Name with
                | true, known -> ValueSome(struct (known, foundOf shard column.Name known.Sums.Length))
                | _ -> ValueNone))

    let isSet (bits: int[]) (i: int) = bits[i >>> 5] &&& (1 <<< (i &&& 31)) <> 0
    let set (bits: int[]) (i: int) = Interlocked.Or(&bits[i >>> 5], 1 <<< (i &&& 31)) |> ignore

    let chunkPlace (group: RowGroup) (column: string) (offset: int64) (bytes: int64) =
        $"{paths[group.Shard]}, row group {group.Index}, column '{column}' (bytes {offset} to {offset + bytes})"

    /// Fills the first bytes of `target`; says that a shard became shorter where there are none.
    let readBytes (shard: int) (target: Span<byte>) (offset: int64) : unit =
        let mutable filled = 0

        while filled < target.Length do
            let got = RandomAccess.Read(handle shard, target.Slice filled, offset + int64 filled)

            if got = 0 then
                raise (InvalidDataException $"{paths[shard]}, byte {offset + int64 filled}: the file ends here; it was shortened after it \
                    was opened")

            filled <- filled + got

    /// The checksum of bytes of a shard, which are read into an array: one after another where all have room, else each piece over the
    /// last.
    let sumOf (shard: int) (offset: int64) (bytes: int64) (target: byte[]) : uint64 =
        let hash = XxHash3()
        let keeps = int64 target.Length >= bytes
        let mutable at = 0L

        while at < bytes do
            let count = int (min (int64 (min ShardChecksums.pieceBytes target.Length)) (bytes - at))
            let part = Span(target, (if keeps then int at else 0), count)
            readBytes shard part (offset + at)
            hash.Append(Span.op_Implicit part: ReadOnlySpan<byte>)
            at <- at + int64 count

        hash.GetCurrentHashAsUInt64()

    /// Compares a column chunk with its checksum, unless that was done before or it has none.
    let checkChunk (g: int) (name: string) : unit =
        let group = groups[g]

        match sums[group.Shard].TryGetValue name with
        | true, known when not known.OfRows ->
            let bits = foundOf group.Shard name known.Sums.Length

            if not (isSet bits group.Index) then
                match chunks.TryGetValue(struct (g, name)) with
                | true, struct (offset, bytes, _, _) when offset >= 0L && bytes >= 0L ->
                    let got = sumOf group.Shard offset bytes (Array.zeroCreate (int (min bytes (int64 ShardChecksums.pieceBytes))))

                    if got <> known.Sums[group.Index] then
                        ShardChecksums.refuse (chunkPlace group name offset bytes) known.Sums[group.Index] got

                    set bits group.Index
                | _ -> raise (InvalidDataException $"{paths[group.Shard]}, row group {group.Index}: it has no column '{name}'")
        | _ -> ()

    /// Per tensor column the plain pages, found when the column is first read.
    let plainPages =
        columns
        |> Array.map (fun column ->
            lazy
                (groups
                 |> Array.mapi (fun g group ->
                     match chunks.TryGetValue(struct (g, column.Name)) with
                     | true, struct (offset, bytes, codec, levels) when
                         codec <> PageCodec.Other && offset >= 0L && group.Count > 0 && column.RowBytes > 0
                         ->
                         PlainPage.tryRead (handle group.Shard) codec levels offset bytes group.Count column.RowBytes
                     | _ -> ValueNone)))

    new(paths: string[], columns: CacheColumn[]) = new CacheFiles(paths, columns, Array.create paths.Length ValueNone)

    member _.Paths = paths
    member _.Columns = columns
    member _.Groups = groups

    member _.Count =
        if groups.Length = 0 then 0 else groups[groups.Length - 1].First + groups[groups.Length - 1].Count

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
    member _.ReadBytes(shard: int, target: Span<byte>, offset: int64) : unit = readBytes shard target offset

    /// The whole chunk of a tensor column, the page's header first, into the first bytes of `target`.
    member _.ReadChunk(column: int, g: int, page: PlainPage, target: byte[]) : unit =
        let group = groups[g]

        match tensorSums[column][group.Shard] with
        | ValueSome(struct (known, bits)) when not known.OfRows && not (isSet bits group.Index) ->
            let got = sumOf group.Shard page.Chunk (int64 page.ChunkBytes) target

            if got <> known.Sums[group.Index] then
                let place = chunkPlace group columns[column].Name page.Chunk (int64 page.ChunkBytes)
                ShardChecksums.refuse place known.Sums[group.Index] got

            set bits group.Index
        | _ -> readBytes group.Shard (target.AsSpan(0, page.ChunkBytes)) page.Chunk

    /// Compares a tensor that was read with its checksum, unless that was done before or it has none. `row` is its place in the group.
    member _.CheckRow(column: int, g: int, row: int, tensor: ReadOnlySpan<byte>) : unit =
        let group = groups[g]

        match tensorSums[column][group.Shard] with
        | ValueSome(struct (known, bits)) when known.OfRows && not (isSet bits (group.Start + row)) ->
            let got = ShardChecksums.ofBytes tensor

            if got <> known.Sums[group.Start + row] then
                let bytes =
                    match plainPages[column].Value[g] with
                    | ValueSome page when page.Codec = PageCodec.Uncompressed ->
                        let first = page.First + int64 row * int64 (tensor.Length + 4)
                        $" (bytes {first} to {first + int64 tensor.Length})"
                    | _ -> ""

                let place = $"{paths[group.Shard]}, row {group.Start + row}, column '{columns[column].Name}'{bytes}"
                ShardChecksums.refuse place known.Sums[group.Start + row] got

            set bits (group.Start + row)
        | _ -> ()

    /// Compares what a condition in SQL may read of a shard with its checksums: DuckDB reads the file by itself. Those are all columns but
    /// the tensors', and of them those that the condition names.
    member this.CheckForCondition(shard: int, condition: string) : unit =
        let named (column: CacheColumn) =
            condition.Contains(column.Name, StringComparison.OrdinalIgnoreCase)
            || condition.Contains("columns", StringComparison.OrdinalIgnoreCase)
            || column.Name.Contains '"'

        for g in firstGroups[shard] .. groups.Length - 1 do
            if groups[g].Shard = shard then
                checkChunk g "row_index"

                for c in 0 .. columns.Length - 1 do
                    if columns[c].Kind <> CacheColumnKind.Tensor then
                        checkChunk g columns[c].Name
                    elif named columns[c] then
                        match tensorSums[c][shard] with
                        | ValueSome(struct (known, _)) when known.OfRows ->
                            this.DecodeGroup(c, g, Array.zeroCreate (groups[g].Count * columns[c].RowBytes))
                        | _ -> checkChunk g columns[c].Name

    /// The leaf of a column in a shard, which must be of the kind that the cache's columns have.
    member private _.Leaf(file: ParquetInput, column: CacheColumn) : ParquetLeaf =
        let expected =
            match column.Kind with
            | CacheColumnKind.Tensor -> LeafKind.Bytes
            | CacheColumnKind.Integer -> LeafKind.Int(64, true, true)
            | CacheColumnKind.Real -> LeafKind.Double
            | CacheColumnKind.Text -> LeafKind.Text
            | _ -> LeafKind.Bool

        match file.Fields |> Seq.tryFind (fun field -> field.Name = column.Name) with
        | Some(:? DataField as field) when field.MaxRepetitionLevel = 0 && (file.Leaf field).Kind = expected -> file.Leaf field
        | Some field ->
            raise (
                InvalidDataException
                    $"{file.Path}, column '{column.Name}': expected {expected}, got {field}: the file is not a shard of this cache"
            )
        | None -> raise (InvalidDataException $"{file.Path}: it has no column '{column.Name}': it is not a shard of this cache")

    /// A column without nulls, row group by row group in the order of the rows: `take` gets the first row's number in the cache and the
    /// values.
    member this.ReadColumn<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType>
        (column: int, take: int -> 'T[] -> unit)
        : unit =
        let mutable shard = -1
        let mutable file: ParquetInput | null = null

        for group in groups do
            if group.Shard <> shard then
                shard <- group.Shard
                file <- input shard

            take group.First (this.ReadGroup<'T>(nonNull file, columns[column], group))

    member private this.ReadGroup<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType>
        (file: ParquetInput, column: CacheColumn, group: RowGroup)
        : 'T[] =
        checkChunk (firstGroups[group.Shard] + group.Index) column.Name
        let read = file.Read<'T>(this.Leaf(file, column), group.Index)

        if read.Defined <> group.Count then
            let row = read.Definitions |> Array.tryFindIndex (fun level -> level = 0) |> Option.defaultValue 0

            raise (
                InvalidDataException
                    $"{file.Path}, row {group.Start + row}, column '{column.Name}': expected a value, got null: the file is damaged"
            )

        read.Values

    /// Decodes the tensors of a row group through Parquet.Net, one after another, into `target`.
    member this.DecodeGroup(column: int, group: int, target: byte[]) : unit =
        let info = groups[group]
        let rowBytes = columns[column].RowBytes
        let file = input info.Shard
        let rows = this.ReadGroup<ReadOnlyMemory<byte>>(file, columns[column], info)

        for i in 0 .. rows.Length - 1 do
            let got = rows[i].Length

            if got <> rowBytes then
                let place = $"{file.Path}, row {info.Start + i}, column '{columns[column].Name}'"
                raise (InvalidDataException $"{place}: expected {rowBytes} bytes, got {got}: the file is damaged")

            this.CheckRow(column, group, i, rows[i].Span)
            rows[i].Span.CopyTo(target.AsSpan(i * rowBytes, rowBytes))

    interface IDisposable with
        member _.Dispose() = close ()
