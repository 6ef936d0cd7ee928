namespace Hybrid.Data.Cache

open System
open System.Collections.Generic
open System.IO
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

/// The Parquet files of a cache, open: their row groups, columns, and tensors row by row.
[<Sealed>]
type internal CacheFiles(paths: string[], columns: CacheColumn[]) =
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

    /// Groups, and of each of their columns the chunk's place, bytes and codec.
    let groups, chunks =
        let groups = ResizeArray<RowGroup>()
        let chunks = Dictionary<struct (int * string), struct (int64 * int64 * PageCodec * bool)>()
        let mutable first = 0L

        for shard in 0 .. paths.Length - 1 do
            let file = input shard
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

        groups.ToArray(), chunks

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
    member _.ReadBytes(shard: int, target: Span<byte>, offset: int64) : unit =
        let mutable filled = 0

        while filled < target.Length do
            let got = RandomAccess.Read(handle shard, target.Slice filled, offset + int64 filled)

            if got = 0 then
                raise (InvalidDataException $"{paths[shard]}, byte {offset + int64 filled}: the file ends here; it was shortened after it \
                    was opened")

            filled <- filled + got

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

            rows[i].Span.CopyTo(target.AsSpan(i * rowBytes, rowBytes))

    interface IDisposable with
        member _.Dispose() =
            lock handles (fun () ->
                for KeyValue(_, open') in handles do
                    open'.Dispose()

                handles.Clear())
