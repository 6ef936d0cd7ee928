namespace Hybrid.Data.Cache

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open System.Runtime.InteropServices
open System.Text
open System.Text.Json
open System.Text.Json.Nodes
open System.Threading
open Hybrid.Data
open Hybrid.Data.Formats

/// Preprocessed tensors and the columns beside them, in Parquet files of one folder: written once for a recipe and its
/// inputs, then read batch by batch. Any Parquet reader opens the files; tensors are BLOB columns of the values' bytes.
[<Sealed>]
type Cache
    private
    (
        folder: string,
        files: CacheFiles,
        buffers: GroupBuffers,
        selection: int[] | null,
        recipe: string,
        key: string,
        owner: bool
    ) =
    static let manifestName = CacheLayout.ManifestName

    /// Decoded row groups in memory at most, beside the batch buffers.
    static let bufferBytes = 96L <<< 20

    let count =
        match selection with
        | null -> files.Count
        | rows -> rows.Length

    /// Rows of the whole cache that the rows of this view are.
    let rowsOf () =
        match selection with
        | null -> Array.init files.Count id
        | rows -> rows

    /// One column of the whole cache, chosen by the view.
    let scalars (name: string) (kinds: CacheColumnKind list) (read: int -> 'T[] -> unit) : 'T[] =
        let index = files.ColumnIndex name
        let column = files.Columns[index]

        if not (List.contains column.Kind kinds) then
            let wanted = String.Join(" or ", kinds)
            raise (ArgumentException($"column '{column.Name}': expected {wanted}, it holds {column.Kind}.", nameof name))

        let all = Array.zeroCreate files.Count
        read index all

        match selection with
        | null -> all
        | rows -> rows |> Array.map (fun row -> all[row])

    /// A text as its bytes are; those of no text are an error.
    static let utf8 = UTF8Encoding(false, true)

    static let readText (path: string) : string = File.ReadAllText path

    /// Opens the cache in a folder. Throws InvalidDataException where a shard is missing, or its length, its footer or the manifest is not
    /// as it was written; the rest of a shard is checked where it is first read.
    static member Open(folder: string) : Cache =
        let manifest = Path.Combine(folder, manifestName)

        if not (File.Exists manifest) then
            raise (FileNotFoundException($"{folder}: no cache here: expected {manifestName} in it.", manifest))

        let damaged (why: string) =
            raise (InvalidDataException $"{manifest}: {why}")

        let paths, footers, columns, rows, recipe, key =
            try
                let text = readText manifest
                use document = JsonDocument.Parse text
                let root = document.RootElement

                // Manifests of earlier versions have no checksums.
                match root.TryGetProperty CacheLayout.ChecksumName with
                | true, expected ->
                    let rest = nonNull(JsonNode.Parse text).AsObject()
                    rest.Remove CacheLayout.ChecksumName |> ignore
                    let got = CacheLayout.ChecksumOf rest

                    if got <> string (expected.GetString()) then
                        damaged $"expected the checksum {expected}, got {got}: it was changed or is damaged. Delete the cache's folder, \
                            and it is built again."
                | _ -> ()

                let paths =
                    [| for shard in root.GetProperty("shards").EnumerateArray() do
                           let path = Path.Combine(folder, shard.GetProperty("file").GetString() |> string)
                           let expected = shard.GetProperty("bytes").GetInt64()
                           let info = FileInfo path

                           if not info.Exists then
                               damaged $"the shard {path} is missing"

                           if info.Length <> expected then
                               damaged $"the shard {path} has {info.Length} bytes, expected {expected}: it is damaged"

                           path |]

                let footers =
                    [| for shard in root.GetProperty("shards").EnumerateArray() do
                           match shard.TryGetProperty CacheLayout.FooterName with
                           | true, sum ->
                               ValueSome(UInt64.Parse(sum.GetString() |> string, NumberStyles.HexNumber, CultureInfo.InvariantCulture))
                           | _ -> ValueNone |]

                paths,
                footers,
                CacheSchema.ofJson manifest (root.GetProperty("schema").GetRawText()),
                root.GetProperty("rows").GetInt64(),
                root.GetProperty("recipe").GetString() |> string,
                root.GetProperty("key").GetString() |> string
            with
            | :? JsonException as e -> damaged e.Message
            | :? KeyNotFoundException as e -> damaged e.Message
            | :? InvalidOperationException as e -> damaged e.Message
            | :? FormatException as e -> damaged e.Message
            | :? OverflowException as e -> damaged e.Message
            | :? ArgumentException as e -> damaged e.Message // a name stands there twice

        let files = new CacheFiles(paths, columns, footers)

        if int64 files.Count <> rows then
            let found = files.Count
            (files :> IDisposable).Dispose()
            damaged $"the shards have {found} row{Plural.s found}, expected {rows}"

        new Cache(folder, files, new GroupBuffers(files, bufferBytes), null, recipe, key, true)

    /// Opens the cache of a recipe and its inputs below `root`, building it first where there is none. `rows` is then
    /// enumerated once; nothing of it is kept in memory. A build that ends early leaves no cache: the files are written
    /// beside it and renamed when complete. Progress is the number of rows written.
    static member GetOrBuild
        (
            root: string,
            recipe: CacheRecipe,
            rows: Func<IEnumerable<CacheRows>>,
            [<Optional; DefaultParameterValue(null: CacheOptions | null)>] options: CacheOptions | null,
            [<Optional; DefaultParameterValue(null: IProgress<int64> | null)>] progress: IProgress<int64> | null,
            [<Optional>] cancellation: CancellationToken
        ) : Cache =
        ArgumentNullException.ThrowIfNull recipe
        ArgumentNullException.ThrowIfNull rows
        let folder = Path.Combine(root, recipe.Key)

        if not (File.Exists(Path.Combine(folder, manifestName))) then
            Cache.Build(root, folder, recipe, rows.Invoke(), (match options with null -> CacheOptions() | given -> given), progress,
                        cancellation)

        Cache.Open folder

    static member private Build
        (root: string, folder: string, recipe: CacheRecipe, rows: IEnumerable<CacheRows>, options: CacheOptions,
         progress: IProgress<int64> | null, cancellation: CancellationToken)
        : unit =
        Directory.CreateDirectory root |> ignore
        UnfinishedBuild.Clean root
        use unfinished = new UnfinishedBuild(root, recipe.Key)
        let temporary = unfinished.Folder

        try
            use pieces = rows.GetEnumerator()
            let source = RowSource(pieces)

            let layout = CacheLayout(recipe, CacheLayout.ColumnsOf source, options)
            let writer = layout.Writer source
            let written = ResizeArray<int64>()

            while not (isNull source.Piece) do
                let path = Path.Combine(temporary, CacheLayout.FileName written.Count)
                written.Add(writer.Write(path, layout.FileRows, progress, Seq.sum written, cancellation))

            layout.WriteManifest(temporary, written.ToArray())
            unfinished.Complete(folder, manifestName)
        with _ ->
            unfinished.Delete()
            reraise ()

    member _.Folder = folder
    /// The description of the recipe that made the cache.
    member _.Recipe = recipe
    member _.Key = key
    member _.Columns: IReadOnlyList<CacheColumn> = files.Columns
    /// Number of rows, after Where.
    member _.Count = count

    /// The rows for which an SQL condition over the columns holds, in their order: "label = 1 AND energy < 5".
    /// The result is a view and is disposed of with this cache. Throws DuckDbException with DuckDB's words for a condition that is not SQL.
    member _.Where(condition: string) : Cache =
        let rows = ResizeArray<int>()
        let firsts = Array.create files.Paths.Length 0

        for group in files.Groups do
            if group.Start = 0 then
                firsts[group.Shard] <- group.First

        for shard in 0 .. files.Paths.Length - 1 do
            let count = files.Groups |> Array.sumBy (fun group -> if group.Shard = shard then int64 group.Count else 0L)

            files.CheckForCondition(shard, condition)

            for row in CacheSql.rowsOfShard files.Paths[shard] condition do
                if row < 0L || row >= count then
                    let place = $"{files.Paths[shard]}, column 'row_index'"
                    raise (InvalidDataException $"{place}: expected 0 to {count - 1L}, got {row}: the file is damaged")

                rows.Add(firsts[shard] + int row)

        let kept =
            match selection with
            | null -> rows.ToArray()
            | before ->
                let wanted = HashSet rows
                before |> Array.filter wanted.Contains

        new Cache(folder, files, buffers, kept, recipe, key, false)

    /// An integer column (of a logical one 0 and 1), row by row of this cache or view.
    member _.Integers(name: string) : int64[] =
        scalars name [ CacheColumnKind.Integer; CacheColumnKind.Logical ] (fun index all ->
            if files.Columns[index].Kind = CacheColumnKind.Logical then
                files.ReadColumn<bool>(index, fun at values -> values |> Array.iteri (fun i flag -> all[at + i] <- if flag then 1L else 0L))
            else
                files.ReadColumn<int64>(index, fun at values -> values.CopyTo(all, at)))

    /// A real column, bit for bit.
    member _.Reals(name: string) : float[] =
        scalars name [ CacheColumnKind.Real ] (fun index all -> files.ReadColumn<float>(index, fun at values -> values.CopyTo(all, at)))

    /// A text column.
    member _.Texts(name: string) : string[] =
        scalars name [ CacheColumnKind.Text ] (fun index all ->
            files.ReadColumn<ReadOnlyMemory<byte>>(
                index,
                fun at values ->
                    for i in 0 .. values.Length - 1 do
                        all[at + i] <-
                            try
                                utf8.GetString values[i].Span
                            with :? DecoderFallbackException as e ->
                                let place = $"{folder}, row {at + i}, column '{name}'"
                                raise (InvalidDataException($"{place}: expected UTF-8 text: {e.Message}: a file is damaged", e))
            ))

    /// A logical column.
    member _.Logicals(name: string) : bool[] =
        scalars name [ CacheColumnKind.Logical ] (fun index all -> files.ReadColumn<bool>(index, fun at values -> values.CopyTo(all, at)))

    /// The tensors of some rows as floats, rows by their numbers in this cache or view: shape (rows, …), C order.
    member _.ReadTensors(name: string, rows: ReadOnlySpan<int>, target: Span<float32>) : unit =
        let index = files.ColumnIndex name
        let needed = rows.Length * files.Columns[index].ElementCount

        if files.Columns[index].Kind <> CacheColumnKind.Tensor then
            raise (ArgumentException($"column '{name}' holds {files.Columns[index].Kind}, not tensors.", nameof name))

        if target.Length <> needed then
            raise (ArgumentException($"tensor '{name}': expected room for {needed} floats, got {target.Length}.", nameof target))

        for i in 0 .. rows.Length - 1 do
            if uint32 rows[i] >= uint32 count then
                raise (ArgumentOutOfRangeException(nameof rows, $"row {rows[i]} of {count}."))

        TensorReader(files, index, buffers, selection).ReadSingles(rows, target)

    /// The stored array of one row, in its own number type.
    member _.ReadTensor(name: string, row: int) : NdArray =
        let index = files.ColumnIndex name
        let column = files.Columns[index]

        if uint32 row >= uint32 count then
            raise (ArgumentOutOfRangeException(nameof row, $"row {row} of {count}."))

        match column.Element with
        | ValueNone -> raise (ArgumentException($"column '{name}' holds {column.Kind}, not tensors.", nameof name))
        | ValueSome element ->
            let values = element.Allocate column.ElementCount
            let reader = TensorReader(files, index, buffers, selection)
            NpyValues.pieces values element.Size (ReadInto(fun piece -> reader.ReadBytes(ReadOnlySpan [| row |], piece)))
            element.Wrap (Seq.toArray column.Shape) values

    /// Batches of this cache or view: shuffled by seed and epoch, stratified, divided among ranks, read ahead.
    member this.Batches(options: BatchOptions) : Batches =
        ArgumentNullException.ThrowIfNull options
        options.Check()

        let tensors =
            match options.Tensors with
            | null -> [| for c in files.Columns do if c.Kind = CacheColumnKind.Tensor then c.Name |]
            | given -> Seq.toArray given

        let indices = tensors |> Array.map files.ColumnIndex

        for i in indices do
            if files.Columns[i].Kind <> CacheColumnKind.Tensor then
                raise (ArgumentException $"column '{files.Columns[i].Name}' holds {files.Columns[i].Kind}, not tensors: Integers, Reals \
                    and Texts give it, indexed by Batch.Rows.")

        // Rows by group, in numbers of this view; a batch's rows are turned into the cache's when they are read.
        let whole = rowsOf ()

        let byGroup =
            let lists = Array.init files.Groups.Length (fun _ -> ResizeArray<int>())

            for i in 0 .. whole.Length - 1 do
                lists[files.GroupOf whole[i]].Add i

            lists |> Array.map _.ToArray() |> Array.filter (fun rows -> rows.Length > 0)

        let rowBytes = indices |> Array.sumBy (fun i -> int64 files.Columns[i].RowBytes) |> max 1L
        let groupBytes = files.Groups |> Array.fold (fun most g -> max most (int64 g.Count * rowBytes)) 1L
        let window = int (Math.Clamp(options.ShuffleBytes / groupBytes, 1L, int64 Int32.MaxValue))

        let classes =
            match options.Stratify with
            | null -> ValueNone
            | name ->
                let labels = this.Integers name
                ValueSome(fun row -> labels[row])

        let readers = indices |> Array.map (fun i -> TensorReader(files, i, buffers, selection))
        let sizes = indices |> Array.map (fun i -> files.Columns[i].ElementCount)
        Batches(options, tensors, sizes, readers, fun epoch -> BatchOrder.batches options epoch byGroup window classes)

    interface IDisposable with
        member _.Dispose() =
            if owner then
                (buffers :> IDisposable).Dispose()
                (files :> IDisposable).Dispose()
