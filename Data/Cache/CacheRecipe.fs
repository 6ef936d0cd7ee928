namespace Hybrid.Data.Cache

open System
open System.Collections.Generic
open System.IO
open System.Security.Cryptography
open System.Text

/// What makes an input file the same as before.
type FingerprintKind =
    /// Name, length and time of the last change: instant, and enough unless something sets times back.
    | Timestamp = 0
    /// Name and SHA-256 of the content: reads every file.
    | Content = 1

/// What a cache was made by: the preprocessing as text, and the files it was applied to. Their hash is the cache's key, so
/// that the same recipe and inputs find the cache again and any change makes another one.
[<Sealed>]
type CacheRecipe(description: string, inputs: IReadOnlyList<string>, fingerprint: FingerprintKind) =
    let print (path: string) =
        let info = FileInfo path

        if not info.Exists then
            raise (FileNotFoundException($"{path}: an input of the cache is missing.", path))

        match fingerprint with
        | FingerprintKind.Content ->
            use stream = info.OpenRead()
            $"{info.Name}\t{Convert.ToHexStringLower(SHA256.HashData stream)}"
        | _ -> $"{info.Name}\t{info.Length}\t{info.LastWriteTimeUtc.Ticks}"

    let key =
        lazy
            (use hash = IncrementalHash.CreateHash HashAlgorithmName.SHA256
             let add (text: string) = hash.AppendData(Encoding.UTF8.GetBytes(text + "\n"))
             add "hybrid cache 1"
             add description
             // In the order given: it is the order of the rows.
             inputs |> Seq.iter (print >> add)
             Convert.ToHexStringLower(hash.GetHashAndReset()))

    new(description: string, inputs: IReadOnlyList<string>) = CacheRecipe(description, inputs, FingerprintKind.Timestamp)
    /// A cache of values that come from no file: the description, which then holds the seed, is all there is.
    new(description: string) = CacheRecipe(description, [||], FingerprintKind.Timestamp)

    /// The preprocessing, as a recipe prints itself.
    member _.Description = description
    member _.Inputs = inputs
    /// SHA-256 over description and fingerprints, hexadecimal.
    member _.Key = key.Value

/// How a cache is written.
[<Sealed>]
type CacheOptions() =
    /// zstd, or nothing: uncompressed tensors are read several times faster.
    member val Compress = false with get, set
    /// Rows in a row group; 0 chooses about 12 MB, at most 2048 rows.
    member val RowsPerGroup = 0 with get, set
    /// A shard is closed when it has about this many bytes of values.
    member val ShardBytes = 1L <<< 30 with get, set
