module Hybrid.PropertyTests.Laws.Data.Cache.ChecksumLaws

open System
open System.IO
open System.Runtime.InteropServices
open System.Text.RegularExpressions
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

let private total = 30

/// Rows of a column of small tensors, one of tensors that are read row by row (8192 bytes), and one of each other kind.
let private rows =
    let floats (size: int) (seed: int) =
        let random = Random seed
        // Few different values, so that zstd has something to do.
        NdArray<float32>([| total; size |], Array.init (total * size) (fun _ -> float32 (random.Next 16)))

    CacheRows(
        [| CacheValues.Tensor("small", floats 16 1)
           CacheValues.Tensor("large", floats 2048 2)
           CacheValues.Integers("label", Array.init total (fun i -> int64 (i % 3)))
           CacheValues.Reals("energy", Array.init total (fun i -> float i / 7.0))
           CacheValues.Texts("file", Array.init total (fun i -> $"image {i}.fits"))
           CacheValues.Logicals("good", Array.init total (fun i -> i % 2 = 0)) |]
    )

let private build (root: string) (compress: bool) =
    Cache.GetOrBuild(root, CacheRecipe $"sums {compress}", (fun () -> [ rows ]),
                     CacheOptions(RowsPerGroup = 8, ShardBytes = 100_000L, Compress = compress))

let private bytes (values: 'T[]) = MemoryMarshal.AsBytes(values.AsSpan()).ToArray()
let private tensor (cache: Cache) (name: string) (row: int) = bytes (cache.ReadTensor(name, row).As<float32>().Values)

/// Everything that a cache gives, through batches, single tensors, columns and a condition, as bytes.
let private readAll (folder: string) : byte[] list =
    use cache = Cache.Open folder

    let batches =
        [ for batch in cache.Batches(BatchOptions(BatchSize = 7, Seed = 5, Prefetch = 0)).Epoch 0 do
              for name in [ "small"; "large" ] do
                  let values = Array.zeroCreate<float32> (batch.Length name)
                  batch.Fill(name, values.AsSpan())
                  bytes values ]

    [ yield! batches
      for row in 0 .. cache.Count - 1 do
          tensor cache "small" row
          tensor cache "large" row
      bytes (cache.Integers "label")
      bytes (cache.Reals "energy")
      Text.Encoding.UTF8.GetBytes(String.Join("|", cache.Texts "file"))
      bytes (cache.Logicals "good")
      bytes (cache.Where("label = 1 AND energy < 3 OR file = 'image 9.fits'").Reals "energy")
      bytes (cache.Where("octet_length(large) = 8192").Reals "energy") ]

/// Damages a file of a copy of the cache; what is then read must be what it was, or an error that names the file and a place in it.
let private judge (whole: string) (expected: byte[] list) (name: string) (damage: byte[] -> byte[]) (what: string) : bool =
    use copy = new ScratchFolder()

    for file in Directory.GetFiles whole do
        File.Copy(file, copy.File(Path.GetFileName file |> string))

    let path = copy.File name
    File.WriteAllBytes(path, damage (File.ReadAllBytes path))

    match (try Ok(readAll copy.Path) with :? InvalidDataException as e -> Error e.Message) with
    | Ok read ->
        Assert.True((read = expected), $"{what}: other values without a word")
        false
    | Error message ->
        Assert.Contains(name, message)
        Assert.Matches(Regex "byte|row|column|footer|cache.json", message)
        true

[<Fact>]
let ``a flipped byte of a shard changes nothing or is named with its file and place`` () =
    use folder = new ScratchFolder()

    for compress in [ false; true ] do
        use cache = build folder.Path compress
        let expected = readAll cache.Folder
        let shards = Directory.GetFiles(cache.Folder, "*.parquet") |> Array.sort
        Assert.True(shards.Length >= 2, "one shard only")
        let mutable noticed = 0

        let cases =
            gen {
                let! shard = Gen.choose (0, shards.Length - 1)
                let! place = Gen.choose (0, int (FileInfo shards[shard]).Length - 1)
                let! mask = Gen.choose (1, 255)
                return shard, place, byte mask
            }

        Check.One(
            Seeded.Cases 150,
            Prop.forAll (Arb.fromGen cases) (fun (shard, place, mask) ->
                let name = Path.GetFileName shards[shard] |> string

                if judge cache.Folder expected name (fun bytes -> Damage.flip bytes place mask) $"{name}, byte {place} ^ {mask}" then
                    noticed <- noticed + 1)
        )

        // What is left are bytes that say nothing: the first four, and the lengths before values that have one length.
        Assert.True(noticed > 140, $"compressed: {compress}: {noticed} of 150 were noticed")

[<Fact>]
let ``a flipped byte of a cache's manifest changes nothing or is named`` () =
    use folder = new ScratchFolder()
    use cache = build folder.Path false
    let expected = readAll cache.Folder
    let length = int (FileInfo(Path.Combine(cache.Folder, "cache.json"))).Length

    Check.One(
        Seeded.Cases 100,
        Prop.forAll (Arb.fromGen (Gen.zip (Gen.choose (0, length - 1)) (Gen.choose (1, 255)))) (fun (place, mask) ->
            judge cache.Folder expected "cache.json" (fun bytes -> Damage.flip bytes place (byte mask)) $"byte {place} ^ {mask}" |> ignore)
    )

[<Fact>]
let ``the message has the row or the row group, the column, the bytes and what to do`` () =
    use folder = new ScratchFolder()
    use cache = build folder.Path false
    let shard = (Directory.GetFiles(cache.Folder, "*.parquet") |> Array.sort)[0]
    let stored = tensor cache "large" 3
    let bytes = File.ReadAllBytes shard
    let place = bytes.AsSpan().IndexOf(ReadOnlySpan stored)
    Assert.True(place > 0, "the tensor's bytes are not in the file")
    bytes[place + 17] <- bytes[place + 17] ^^^ 4uy
    File.WriteAllBytes(shard, bytes)
    use damaged = Cache.Open cache.Folder
    let error = Assert.Throws<InvalidDataException>(fun () -> damaged.ReadTensor("large", 3) |> ignore)

    Assert.Matches(
        Regex($"^{Regex.Escape shard}, row 3, column 'large' \\(bytes {place} to {place + 8192}\\): expected the checksum \
                [0-9a-f]{{16}}, got [0-9a-f]{{16}}: the file was changed or is damaged\\. \
                Delete the cache's folder, and it is built again\\.$"),
        error.Message)

    // The other rows of the same group are as they were.
    Assert.Equal<byte[]>(tensor cache "large" 4, tensor damaged "large" 4)

[<Fact>]
let ``a cache without checksums, as earlier versions wrote, is read as it is`` () =
    use folder = new ScratchFolder()
    use cache = build folder.Path true
    let manifest = Path.Combine(cache.Folder, "cache.json")
    let text = File.ReadAllText manifest
    let without = Regex.Replace(Regex.Replace(text, @",\s*""footer"": ""[0-9a-f]{16}""", ""), @",\s*""checksum"": ""[0-9a-f]{16}""", "")
    Assert.NotEqual<string>(text, without)
    let expected = readAll cache.Folder
    File.WriteAllText(manifest, without)
    Assert.Equal<byte[] list>(expected, readAll cache.Folder)
