namespace Hybrid.Data.Cache

open System
open System.Collections.Generic
open System.IO
open System.Text
open System.Text.Json
open System.Text.Json.Nodes
open System.Threading
open Hybrid.Data
open Hybrid.Data.Formats

/// How the rows of a cache lie in its files, and its manifest.
[<Sealed>]
type internal CacheLayout(recipe: CacheRecipe, columns: CacheColumn[], options: CacheOptions) =

    /// A page of a column is one .NET array when it is written and read, and its length a 32-bit number.
    static let largestPage = 1L <<< 30

    let rowBytes = columns |> Array.sumBy (fun c -> int64 (max 8 c.RowBytes))

    // About 12 MB a group.
    let groupRows =
        if options.RowsPerGroup > 0 then options.RowsPerGroup else int (Math.Clamp(12_000_000L / rowBytes, 1L, 2048L))

    do
        for column in columns do
            let bytes = (int64 column.RowBytes + 4L) * int64 groupRows

            if bytes > largestPage then
                let most = largestPage / (int64 column.RowBytes + 4L)
                let got = $"{groupRows} row{Plural.s groupRows} of {column.RowBytes} bytes: set RowsPerGroup to at most {most}."
                raise (ArgumentException($"column '{column.Name}': expected at most {largestPage} bytes in a row group, got {got}",
                                         nameof options))

    let schema = CacheSchema.toJson columns

    let metadata =
        Dictionary(
            dict
                [ CacheSchema.SchemaKey, schema
                  CacheSchema.RecipeKey, recipe.Description
                  CacheSchema.CacheKey, recipe.Key ]
        )

    static member ManifestName = "cache.json"
    /// The name of a shard's checksum of its footer in the manifest, and of the manifest's own.
    static member FooterName = "footer"
    static member ChecksumName = "checksum"

    /// The checksum of a manifest that has none yet.
    static member ChecksumOf(manifest: JsonObject) : string =
        ShardChecksums.text (ShardChecksums.ofBytes (ReadOnlySpan(Encoding.UTF8.GetBytes(manifest.ToJsonString()))))

    static member FileName(number: int) = $"part-{number:D5}.parquet"

    /// Columns of the first piece of rows.
    static member ColumnsOf(source: RowSource) : CacheColumn[] =
        match source.Piece with
        | null -> raise (ArgumentException("the cache would have no rows.", "rows"))
        | first -> [| for c in first.Columns -> c.Column |]

    /// Rows of a file before the next one is begun.
    member _.FileRows = max (int64 groupRows) (options.ShardBytes / rowBytes / int64 groupRows * int64 groupRows)

    member _.Writer(source: RowSource) = ShardWriter(columns, source, groupRows, options.Compress, metadata)

    /// Writes the manifest of files in a folder.
    member _.WriteManifest(folder: string, rowsOfFiles: int64[]) : unit =
        let shards = JsonArray()

        rowsOfFiles
        |> Array.iteri (fun i rows ->
            let name = CacheLayout.FileName i
            let entry = JsonObject()
            entry["file"] <- JsonValue.Create name
            entry["rows"] <- JsonValue.Create rows
            let path = Path.Combine(folder, name)
            entry["bytes"] <- JsonValue.Create(FileInfo(path).Length)
            use handle = File.OpenHandle path
            entry[CacheLayout.FooterName] <- JsonValue.Create(ShardChecksums.text (ParquetInput(path, handle).FooterSum))
            shards.Add entry)

        let manifest = JsonObject()
        manifest["key"] <- JsonValue.Create recipe.Key
        manifest["recipe"] <- JsonValue.Create recipe.Description
        manifest["rows"] <- JsonValue.Create(Array.sum rowsOfFiles)
        manifest["schema"] <- JsonNode.Parse schema
        manifest["shards"] <- shards
        manifest[CacheLayout.ChecksumName] <- JsonValue.Create(CacheLayout.ChecksumOf manifest)
        let text = manifest.ToJsonString(JsonSerializerOptions(WriteIndented = true))
        WholeFile.WriteText(Path.Combine(folder, CacheLayout.ManifestName), text)
