namespace Hybrid.Data.Cache

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.IO
open System.IO.Hashing
open System.Text.Json
open System.Text.Json.Nodes

/// Checksums of one column of a shard: of each row's tensor, or of each row group's column chunk as it lies in the file.
type internal ColumnSums =
    { OfRows: bool
      Sums: uint64[] }

/// XXH3 checksums (64 bits) of everything that a shard holds, in the file's own metadata: a changed byte is noticed when it is read, and
/// named. Tensors that are read row by row have one a row, so that reading a row needs no other; all else has one a column chunk.
[<RequireQualifiedAccess>]
module internal ShardChecksums =
    /// The key of the metadata.
    [<Literal>]
    let Key = "hybrid.checksums"

    [<Literal>]
    let private Hash = "xxh3-64"

    /// From this size on an uncompressed row is read by itself, straight into its place; smaller ones with their whole group.
    let rowBytesAlone = 8192

    /// Bytes that are hashed at once, while the processor still has them at hand.
    let pieceBytes = 1 <<< 17

    /// Whether a column's rows have a checksum each.
    let isOfRows (column: CacheColumn) (compress: bool) =
        column.Kind = CacheColumnKind.Tensor && not compress && column.RowBytes >= rowBytesAlone

    let ofBytes (bytes: ReadOnlySpan<byte>) : uint64 = XxHash3.HashToUInt64 bytes

    /// As text, for the metadata.
    let toJson (columns: seq<string * ColumnSums>) : string =
        let list = JsonArray()

        for name, sums in columns do
            let bytes = Array.zeroCreate<byte> (8 * sums.Sums.Length)
            sums.Sums |> Array.iteri (fun i sum -> BinaryPrimitives.WriteUInt64LittleEndian(Span(bytes, 8 * i, 8), sum))
            let entry = JsonObject()
            entry["name"] <- JsonValue.Create name
            entry["of"] <- JsonValue.Create(if sums.OfRows then "rows" else "chunks")
            entry["sums"] <- JsonValue.Create(Convert.ToBase64String bytes)
            list.Add entry

        let whole = JsonObject()
        whole["hash"] <- JsonValue.Create Hash
        whole["columns"] <- list
        whole.ToJsonString()

    /// The columns' checksums by name; none where the file has none, as those of earlier versions.
    let ofJson (path: string) (json: string | null) (groups: int) (rows: int) : IReadOnlyDictionary<string, ColumnSums> =
        let found = Dictionary<string, ColumnSums>()

        let fail (why: string) =
            raise (InvalidDataException $"{path}: the checksums in its metadata are damaged: {why}")

        match json with
        | null -> found
        | text ->
            try
                use document = JsonDocument.Parse text
                let root = document.RootElement
                let hash = root.GetProperty("hash").GetString()

                if hash <> Hash then
                    fail $"expected {Hash}, got {hash}"

                for entry in root.GetProperty("columns").EnumerateArray() do
                    let name = entry.GetProperty("name").GetString() |> string
                    let ofRows = entry.GetProperty("of").GetString() = "rows"
                    let bytes = entry.GetProperty("sums").GetBytesFromBase64()
                    let expected = if ofRows then rows else groups

                    if bytes.Length <> 8 * expected then
                        fail $"column '{name}': expected {expected} of them, got {bytes.Length} bytes"

                    found[name] <-
                        { OfRows = ofRows
                          Sums = Array.init expected (fun i -> BinaryPrimitives.ReadUInt64LittleEndian(ReadOnlySpan(bytes, 8 * i, 8))) }
            with
            | :? JsonException as e -> fail e.Message
            | :? KeyNotFoundException as e -> fail e.Message
            | :? InvalidOperationException as e -> fail e.Message
            | :? FormatException as e -> fail e.Message

            found

    /// A number as it is printed and written in JSON.
    let text (sum: uint64) : string = sum.ToString("x16", Globalization.CultureInfo.InvariantCulture)

    /// What is said where they differ. `place` is what was read, with its file.
    let refuse (place: string) (expected: uint64) (got: uint64) : 'T =
        raise (InvalidDataException $"{place}: expected the checksum {text expected}, got {text got}: the file was changed or is damaged. \
            Delete the cache's folder, and it is built again.")
