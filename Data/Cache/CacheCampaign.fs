namespace Hybrid.Data.Cache

open System
open System.Collections.Generic
open System.IO
open System.Runtime.InteropServices
open System.Threading
open Hybrid.Data.Formats
open Hybrid.Data.Splits

/// A cache that many processes write together, on one machine or on many with one file system: its rows come in pieces, each a Parquet
/// file, and each process writes the pieces of its shard. Any number of processes gives the same files, and a piece that stands complete is
/// not made again: a killed process continues where it was.
///   root : folder of caches, as for Cache.GetOrBuild.
///   recipe : what the rows are made by.
///   pieces : how many there are; part of what makes two campaigns the same.
///   rows : the rows of piece number 0 … pieces − 1. They depend on the seed and that number alone, and are made again
///     whenever they are asked for.
[<Sealed>]
type CacheCampaign
    (root: string, recipe: CacheRecipe, pieces: int, rows: Func<int, IEnumerable<CacheRows>>,
     [<Optional; DefaultParameterValue(null: CacheOptions | null)>] options: CacheOptions | null) =

    do
        ArgumentNullException.ThrowIfNull recipe
        ArgumentNullException.ThrowIfNull rows

        if pieces < 1 then
            raise (ArgumentOutOfRangeException(nameof pieces, $"a campaign: expected at least 1 piece, got {pieces}."))

    let options = match options with null -> CacheOptions() | given -> given
    let target = Path.Combine(root, recipe.Key)
    let folder = Path.Combine(root, $"{recipe.Key}.pieces-{pieces}")
    let pathOf (piece: int) = Path.Combine(folder, CacheLayout.FileName piece)
    let isMerged () = File.Exists(Path.Combine(target, CacheLayout.ManifestName))

    let write (piece: int) (progress: IProgress<int64> | null) (before: int64) (cancellation: CancellationToken) : int64 =
        let path = pathOf piece

        // What a killed process left of this piece.
        for half in Directory.GetFiles(folder, CacheLayout.FileName piece + ".*.part") do
            File.Delete half

        let mutable written = 0L

        WholeFile.WriteAt(path, fun temporary ->
            use values = (rows.Invoke piece).GetEnumerator()
            let source = RowSource(values)

            if isNull source.Piece then
                raise (ArgumentException($"piece {piece} of {pieces}: expected at least 1 row, got none.", nameof rows))

            let layout = CacheLayout(recipe, CacheLayout.ColumnsOf source, options)
            written <- (layout.Writer source).Write(temporary, Int64.MaxValue, progress, before, cancellation))

        written

    /// Where the pieces stand until they are merged.
    member _.Folder = folder

    /// Pieces that are still to be made, by any shard. Empty after Merge.
    member _.Missing: IReadOnlyList<int> =
        if isMerged () then
            [||]
        else
            [| for piece in 0 .. pieces - 1 do
                   if not (File.Exists(pathOf piece)) then
                       piece |]

    /// Writes what is missing of a shard's pieces. Progress is the number of rows written by this call. Returns the number of pieces that
    /// it made. Throws IOException where another process writes the same shard.
    member this.Build
        (shard: Shard, [<Optional; DefaultParameterValue(null: IProgress<int64> | null)>] progress: IProgress<int64> | null,
         [<Optional>] cancellation: CancellationToken)
        : int =
        if isMerged () then
            0
        else
            Directory.CreateDirectory folder |> ignore
            use _ = ShardLock.Take(folder, shard)
            let mutable made = 0
            let mutable total = 0L

            for piece in shard.Items pieces do
                if not (File.Exists(pathOf piece)) then
                    cancellation.ThrowIfCancellationRequested()
                    total <- total + write piece progress total cancellation
                    made <- made + 1

            made

    /// Makes the cache of the pieces, which is then found by Cache.GetOrBuild as well. Throws InvalidOperationException, naming them, where
    /// pieces are missing, and InvalidDataException where one is of another campaign.
    member this.Merge() : Cache =
        if not (isMerged ()) then
            match this.Missing with
            | missing when missing.Count > 0 ->
                let named = String.Join(", ", missing |> Seq.truncate 10)
                let more = if missing.Count > 10 then ", …" else ""
                raise (InvalidOperationException $"{folder}: expected {pieces} pieces, {missing.Count} missing: {named}{more}. \
                    Run their shards (piece i is of shard i mod n + 1 of n), then merge.")
            | _ -> ()

            let mutable schema: string | null = null

            let rowsOfFiles =
                [| for piece in 0 .. pieces - 1 do
                       let path = pathOf piece
                       use handle = File.OpenHandle path
                       let input = ParquetInput(path, handle)

                       if input.Note CacheSchema.CacheKey <> recipe.Key then
                           raise (InvalidDataException $"{path}: expected a piece of the recipe {recipe.Key}, got another file.")

                       match schema, input.Note CacheSchema.SchemaKey with
                       | _, null -> raise (InvalidDataException $"{path}: expected its columns in the file, got none: it is damaged.")
                       | null, first -> schema <- first
                       | first, other when first = other -> ()
                       | first, other -> raise (InvalidDataException $"{path}: expected columns as in piece 0, {first}, got {other}.")

                       Seq.sum [ for group in 0 .. input.GroupCount - 1 -> int64 (input.Rows group) ] |]

            let columns = CacheSchema.ofJson (pathOf 0) (nonNull schema)
            CacheLayout(recipe, columns, options).WriteManifest(folder, rowsOfFiles)

            // Locks and half files of killed processes.
            for pattern in [ "*.lock"; "*.part" ] do
                for left in Directory.GetFiles(folder, pattern) do
                    File.Delete left

            // What stands there without a manifest is what is left of a cache.
            if Directory.Exists target && not (isMerged ()) then
                Directory.Delete(target, true)

            try
                Directory.Move(folder, target)
            with :? IOException when isMerged () ->
                () // another process merged it meanwhile

        Cache.Open target

    /// The whole campaign in this process.
    member this.Run
        ([<Optional; DefaultParameterValue(null: IProgress<int64> | null)>] progress: IProgress<int64> | null,
         [<Optional>] cancellation: CancellationToken)
        : Cache =
        this.Build(Shard.All, progress, cancellation) |> ignore
        this.Merge()
