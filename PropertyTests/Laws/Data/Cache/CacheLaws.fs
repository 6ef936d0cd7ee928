module Hybrid.PropertyTests.Laws.Data.Cache.CacheLaws

open System
open System.Collections.Generic
open System.IO
open System.Numerics
open System.Runtime.InteropServices
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

/// Random bits as floats: NaN payloads, −0 and subnormal numbers occur.
let private floats (count: int) (seed: int) =
    let values = Array.zeroCreate<float32> count
    Random(seed).NextBytes(MemoryMarshal.AsBytes(values.AsSpan()))
    values

let private bits (values: float32[]) =
    MemoryMarshal.Cast<float32, int>(ReadOnlySpan values).ToArray()

/// Rows first..first+count−1 of the example: an image, a label, an energy, a file name, a flag; all functions of the row.
let private rows (shape: int[]) (first: int) (count: int) =
    let size = Array.fold (*) 1 shape

    CacheRows(
        [| CacheValues.Tensor("image", NdArray<float32>(Array.append [| count |] shape,
                                                        Array.concat [ for r in first .. first + count - 1 -> floats size r ]))
           CacheValues.Integers("label", [| for r in first .. first + count - 1 -> int64 (r % 3) |])
           CacheValues.Reals("energy", [| for r in first .. first + count - 1 -> if r = 2 then -0.0 else float r / 7.0 |])
           CacheValues.Texts("file", [| for r in first .. first + count - 1 -> $"näme '{r}'.fits" |])
           CacheValues.Logicals("good", [| for r in first .. first + count - 1 -> r % 2 = 0 |]) |]
    )

/// The example in pieces of uneven size.
let private pieces (shape: int[]) (total: int) (piece: int) =
    seq {
        for first in 0..piece .. total - 1 do
            rows shape first (min piece (total - first))
    }

let private build (folder: ScratchFolder) (name: string) (shape: int[]) (total: int) (piece: int) (options: CacheOptions) =
    Cache.GetOrBuild(folder.File "caches", CacheRecipe $"{name} {total}", (fun () -> pieces shape total piece), options)

[<Fact>]
let ``what goes into a cache comes out bit for bit, whatever the shape, groups, shards and compression`` () =
    use folder = new ScratchFolder()

    let cases =
        gen {
            let! rank = Gen.choose (0, 3)
            let! shape = Gen.arrayOfLength rank (Gen.choose (1, 20))
            let! total = Gen.choose (1, 300)
            let! piece = Gen.choose (1, 100)
            let! group = Gen.elements [ 0; 1; 7; 64; 256 ]
            let! shard = Gen.elements [ 1L; 20_000L; 1L <<< 30 ]
            let! compress = Gen.elements [ true; false ]
            return shape, total, piece, group, shard, compress
        }

    let serial = ref 0

    Check.One(
        Seeded.Cases 25,
        Prop.forAll (Arb.fromGen cases) (fun (shape, total, piece, group, shard, compress) ->
            serial.Value <- serial.Value + 1
            let options = CacheOptions(RowsPerGroup = group, ShardBytes = shard, Compress = compress)
            use cache = build folder $"case {serial.Value}" shape total piece options
            Assert.Equal(total, cache.Count)
            let size = Array.fold (*) 1 shape
            let read = Array.zeroCreate<float32> (total * size)
            cache.ReadTensors("image", ReadOnlySpan(Array.init total id), read.AsSpan())
            Assert.Equal<int>(Array.concat [ for r in 0 .. total - 1 -> bits (floats size r) ], bits read)
            Assert.Equal<int64>([| for r in 0 .. total - 1 -> int64 (r % 3) |], cache.Integers "label")

            Assert.Equal<int64>(
                [| for r in 0 .. total - 1 -> BitConverter.DoubleToInt64Bits(if r = 2 then -0.0 else float r / 7.0) |],
                cache.Reals "energy" |> Array.map BitConverter.DoubleToInt64Bits
            )

            Assert.Equal<string>([| for r in 0 .. total - 1 -> $"näme '{r}'.fits" |], cache.Texts "file")
            Assert.Equal<bool>([| for r in 0 .. total - 1 -> r % 2 = 0 |], cache.Logicals "good")))

[<Fact>]
let ``tensors of every number type are kept as they are and convert to floats`` () =
    use folder = new ScratchFolder()
    let n = 5

    let columns =
        [| CacheValues.Tensor("u1", NdArray<byte>([| n; 2 |], [| for i in 0..9 -> byte (20 * i) |]))
           CacheValues.Tensor("i2", NdArray<int16>([| n; 2 |], [| for i in 0..9 -> int16 (-1000 * i) |]))
           CacheValues.Tensor("i8", NdArray<int64>([| n; 2 |], [| for i in 0..9 -> int64 i <<< 40 |]))
           CacheValues.Tensor("f2", NdArray<Half>([| n; 2 |], [| for i in 0..9 -> Half.op_Explicit (float32 i / 3f) |]))
           CacheValues.Tensor("f8", NdArray<float>([| n; 2 |], [| for i in 0..9 -> float i / 3.0 |]))
           CacheValues.Tensor("b1", NdArray<bool>([| n; 2 |], [| for i in 0..9 -> i % 3 = 0 |]))
           CacheValues.Tensor("c8", NdArray<Complex>([| n; 2 |], [| for i in 0..9 -> Complex(float i, -1.0) |])) |]

    use cache = Cache.GetOrBuild(folder.Path, CacheRecipe "types", (fun () -> [ CacheRows columns ]))

    for column in columns |> Array.truncate 6 do
        let name = column.Column.Name
        let read = Array.zeroCreate<float32> 4
        cache.ReadTensors(name, ReadOnlySpan [| 4; 1 |], read.AsSpan())
        let stored row = (cache.ReadTensor(name, row)).ToSingles()
        Assert.Equal<float32>(Array.append (stored 4) (stored 1), read)

    Assert.Equal<float>([| 8.0 / 3.0; 3.0 |], (cache.ReadTensor("f8", 4).As<float>()).Values)
    Assert.Equal<Complex>([| Complex(8.0, -1.0); Complex(9.0, -1.0) |], (cache.ReadTensor("c8", 4).As<Complex>()).Values)

[<Fact>]
let ``small row groups stay small in the file`` () =
    use folder = new ScratchFolder()
    use cache = build folder "groups" [| 4; 4 |] 1000 130 (CacheOptions(RowsPerGroup = 256))
    let files = Directory.GetFiles(cache.Folder, "*.parquet")
    let groups = Duck.query $"SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata({Duck.quote files[0]}) ORDER BY 1"
    Assert.Equal<int64>([| 256L; 256L; 256L; 232L |], groups |> Array.map (fun row -> row[1] :?> int64))

[<Fact>]
let ``a shard gives its schema and recipe in its own metadata`` () =
    use folder = new ScratchFolder()
    use cache = build folder "metadata" [| 4; 4 |] 20 20 (CacheOptions())
    let shard = Directory.GetFiles(cache.Folder, "*.parquet")[0]
    let rows = Duck.query $"SELECT decode(key), decode(value) FROM parquet_kv_metadata({Duck.quote shard})"
    let pairs = dict [ for row in rows -> string row[0], string row[1] ]
    Assert.Equal("metadata 20", pairs["hybrid.recipe"])
    Assert.Equal(cache.Key, pairs["hybrid.key"])
    Assert.Contains("\"name\":\"image\"", pairs["hybrid.schema"])
    Assert.Contains("\"shape\":[4,4]", pairs["hybrid.schema"])

[<Fact>]
let ``pages read by their place give the bytes that Parquet.Net decodes`` () =
    use folder = new ScratchFolder()

    for compress in [ false; true ] do
        // Rows that compress, all different (equal ones would make a dictionary), and rows that do not.
        let values = floats (90 * 600) 1 |> Array.mapi (fun i v -> if i < 27000 then float32 (i / 600 + i % 5) else v)
        let rows = [ CacheRows [| CacheValues.Tensor("x", NdArray<float32>([| 90; 600 |], values)) |] ]
        use cache = Cache.GetOrBuild(folder.Path, CacheRecipe $"pages {compress}", (fun () -> rows),
                                     CacheOptions(Compress = compress, RowsPerGroup = 20))
        use files = new CacheFiles(Directory.GetFiles(cache.Folder, "*.parquet"), Seq.toArray cache.Columns)
        use buffers = new GroupBuffers(files, 1L <<< 20)

        for group in 0 .. files.Groups.Length - 1 do
            match files.PlainPage(0, group) with
            | ValueSome page -> Assert.Equal((if compress then PageCodec.Zstd else PageCodec.Uncompressed), page.Codec)
            | ValueNone -> Assert.Fail $"group {group}, compressed: {compress}: its page was not recognised"

            let count = files.Groups[group].Count
            let decoded = Array.zeroCreate<byte> (count * 2400)
            files.DecodeGroup(0, group, decoded)
            let direct = buffers.Acquire(0, group)

            for row in 0 .. count - 1 do
                Assert.True(
                    decoded.AsSpan(row * 2400, 2400).SequenceEqual(ReadOnlySpan(direct.Bytes, direct.Offset + row * direct.Stride, 2400)),
                    $"group {group}, row {row}, compressed: {compress}: the bytes differ"
                )

            buffers.Release direct

[<Fact>]
let ``the same recipe and inputs find the cache again, a change of either builds another`` () =
    use folder = new ScratchFolder()
    let input = folder.File "input.txt"
    File.WriteAllText(input, "one")
    let builds = ref 0

    let get (recipe: string) kind =
        use cache =
            Cache.GetOrBuild(
                folder.File "caches",
                CacheRecipe(recipe, [| input |], kind),
                (fun () ->
                    builds.Value <- builds.Value + 1
                    pieces [| 2 |] 5 5)
            )

        Assert.Equal(recipe, cache.Recipe)
        cache.Folder

    for kind in [ FingerprintKind.Timestamp; FingerprintKind.Content ] do
        builds.Value <- 0
        File.WriteAllText(input, "one")
        let first = get "crop 64" kind
        Assert.Equal(first, get "crop 64" kind)
        Assert.Equal(1, builds.Value)
        Assert.NotEqual<string>(first, get "crop 32" kind)
        Assert.Equal(2, builds.Value)
        File.WriteAllText(input, "other")
        Assert.NotEqual<string>(first, get "crop 64" kind)
        Assert.Equal(3, builds.Value)

[<Fact>]
let ``a build that fails or is cancelled leaves no files and throws the caller's own error`` () =
    use folder = new ScratchFolder()
    let root = folder.File "caches"

    let failing =
        seq {
            rows [| 3 |] 0 10
            failwith "the telescope is closed"
        }

    let e =
        Assert.ThrowsAny<Exception>(fun () ->
            Cache.GetOrBuild(root, CacheRecipe "x", (fun () -> failing), CacheOptions(RowsPerGroup = 4)) |> ignore)

    Assert.Equal("the telescope is closed", e.Message)
    Assert.Empty(Directory.GetFileSystemEntries root)

    use source = new System.Threading.CancellationTokenSource()

    let endless =
        seq {
            for i in 0..1000000 do
                if i = 3 then source.Cancel()
                rows [| 3 |] i 1
        }

    Assert.ThrowsAny<OperationCanceledException>(fun () ->
        Cache.GetOrBuild(root, CacheRecipe "x", (fun () -> endless), CacheOptions(RowsPerGroup = 1), null, source.Token) |> ignore)
    |> ignore

    Assert.Empty(Directory.GetFileSystemEntries root)

    let uneven = seq { rows [| 3 |] 0 2; rows [| 4 |] 2 2 }
    let e = Assert.Throws<ArgumentException>(fun () -> Cache.GetOrBuild(root, CacheRecipe "x", (fun () -> uneven)) |> ignore)
    Assert.Contains("the rows from 2 on have other columns than those before: expected image: f4 (3,), label: Integer", e.Message)
    Assert.Empty(Directory.GetFileSystemEntries root)

[<Fact>]
let ``Where gives the rows for which the condition holds`` () =
    use folder = new ScratchFolder()
    use cache = build folder "where" [| 3 |] 500 90 (CacheOptions(RowsPerGroup = 50, ShardBytes = 4000L))
    let expected = [| for r in 0..499 do if r % 3 = 1 && float r / 7.0 < 30.0 then r |]
    let view = cache.Where "label = 1 AND energy < 30"
    Assert.Equal(expected.Length, view.Count)
    Assert.Equal<string>([| for r in expected -> $"näme '{r}'.fits" |], view.Texts "file")
    let read = Array.zeroCreate<float32> (3 * expected.Length)
    view.ReadTensors("image", ReadOnlySpan(Array.init expected.Length id), read.AsSpan())
    Assert.Equal<int>(Array.concat [ for r in expected -> bits (floats 3 r) ], bits read)

    let both = view.Where "good"
    Assert.Equal<string>([| for r in expected do if r % 2 = 0 then $"näme '{r}'.fits" |], both.Texts "file")
    let e = Assert.Throws<DuckDbException>(fun () -> cache.Where "labell = 1" |> ignore)
    Assert.Contains("labell", e.Message)

[<Fact>]
let ``a condition's answer does not depend on the row groups, NaN and zeros of both signs among the numbers`` () =
    use folder = new ScratchFolder()
    let number = Gen.elements [ nan; -0.0; 0.0; 1.0; -1.0; infinity; -infinity; 5e-324 ]
    let serial = ref 0

    Check.One(
        Seeded.Cases 15,
        Prop.forAll (Arb.fromGen (Gen.nonEmptyListOf number)) (fun numbers ->
            let values = List.toArray numbers

            let answers group =
                serial.Value <- serial.Value + 1
                let rows = [ CacheRows [| CacheValues.Reals("x", values); CacheValues.Integers("i", Array.init values.Length int64) |] ]
                let recipe = CacheRecipe $"numbers {serial.Value}"
                use cache = Cache.GetOrBuild(folder.Path, recipe, (fun () -> rows), CacheOptions(RowsPerGroup = group))
                [ for condition in [ "x < 0.5"; "x > 0.5"; "x = 0"; "isnan(x)"; "x <> 1" ] -> (cache.Where condition).Integers "i" ]

            let one = answers 1000
            // DuckDB orders NaN above all other numbers, and equal to itself.
            let expected holds = [| for i in 0 .. values.Length - 1 do if holds values[i] then int64 i |]
            Assert.Equal<int64>(expected (fun x -> x < 0.5), one[0])
            Assert.Equal<int64>(expected (fun x -> x > 0.5 || Double.IsNaN x), one[1])
            Assert.Equal<int64>(expected (fun x -> x = 0.0), one[2])
            Assert.Equal<int64>(expected Double.IsNaN, one[3])
            Assert.Equal<int64 list>(one |> List.map List.ofArray, answers 1 |> List.map List.ofArray)
            Assert.Equal<int64 list>(one |> List.map List.ofArray, answers 2 |> List.map List.ofArray)))

[<Fact>]
let ``a shard is what DuckDB reads out of it, column by column`` () =
    use folder = new ScratchFolder()

    for compress in [ false; true ] do
        use cache = build folder $"duck {compress}" [| 2; 3 |] 75 20 (CacheOptions(RowsPerGroup = 10, Compress = compress))
        let shard = Directory.GetFiles(cache.Folder, "*.parquet")[0]
        let source = $"read_parquet({Duck.quote shard})"
        let rows = Duck.query $"SELECT row_index, label, energy, file, good, hex(image) FROM {source} ORDER BY row_index"
        Assert.Equal<int64>(Array.init 75 int64, rows |> Array.map (fun r -> r[0] :?> int64))
        Assert.Equal<int64>(cache.Integers "label", rows |> Array.map (fun r -> r[1] :?> int64))
        Assert.Equal<float>(cache.Reals "energy", rows |> Array.map (fun r -> r[2] :?> float))
        Assert.Equal<string>(cache.Texts "file", rows |> Array.map (fun r -> string r[3]))
        Assert.Equal<bool>(cache.Logicals "good", rows |> Array.map (fun r -> r[4] :?> bool))

        for r in 0..74 do
            Assert.Equal(Convert.ToHexString(MemoryMarshal.AsBytes(ReadOnlySpan(floats 6 r))), string (rows[r][5]))

[<Fact>]
let ``long texts and column names of any characters are kept`` () =
    use folder = new ScratchFolder()
    // Longer than the first look at a page's header, whose statistics hold texts whole.
    let texts = [| for i in 0..9 -> String(char (int 'a' + i), 3000 * i) + "\U0001F600" |]
    let names = [ "a/b"; "a.b"; "ä \"quoted\" [x]"; "*"; "select"; "file_row_number"; "K=1" ]

    let columns =
        [| CacheValues.Texts("text", texts)
           for name in names do
               CacheValues.Integers(name, Array.init 10 int64) |]

    use cache = Cache.GetOrBuild(folder.Path, CacheRecipe "names", (fun () -> [ CacheRows columns ]), CacheOptions(RowsPerGroup = 4))
    Assert.Equal<string>(texts, cache.Texts "text")

    for name in names do
        Assert.Equal<int64>(Array.init 10 int64, cache.Integers name)
        let quoted = name.Replace("\"", "\"\"")
        Assert.Equal(3, (cache.Where $"\"{quoted}\" >= 7").Count)

[<Fact>]
let ``what a cache cannot hold is an error with the column`` () =
    use folder = new ScratchFolder()
    let rows = [ CacheRows [| CacheValues.Texts("name", [| "a"; Unchecked.defaultof<string> |]) |] ]
    let e = Assert.Throws<ArgumentException>(fun () -> Cache.GetOrBuild(folder.Path, CacheRecipe "null", (fun () -> rows)) |> ignore)
    Assert.Equal("column 'name', row 1: expected text, got null; an empty text is allowed.", e.Message)
    let big = [ CacheRows [| CacheValues.Tensor("x", NdArray<float32>([| 1; 1000 |], Array.zeroCreate 1000)) |] ]

    let e =
        Assert.Throws<ArgumentException>(fun () ->
            Cache.GetOrBuild(folder.Path, CacheRecipe "large", (fun () -> big), CacheOptions(RowsPerGroup = 1_000_000)) |> ignore)

    Assert.StartsWith(
        "column 'x': expected at most 1073741824 bytes in a row group, got 1000000 rows of 4000 bytes: set RowsPerGroup to at most 268167.",
        e.Message
    )

    Assert.Empty(Directory.GetFileSystemEntries folder.Path)

/// Any options, for a cache of `total` rows.
let private batchOptions =
    gen {
        let! size = Gen.choose (1, 40)
        let! shuffle = Gen.elements [ true; true; false ]
        let! seed = Gen.choose (0, 1000)
        let! window = Gen.elements [ 1L; 2000L; 1L <<< 26 ]
        let! prefetch = Gen.choose (0, 5)
        let! threads = Gen.choose (1, 3)
        let! stratify = Gen.elements [ true; false ]

        let options =
            BatchOptions(
                BatchSize = size,
                Shuffle = shuffle,
                Seed = seed,
                ShuffleBytes = window,
                Prefetch = prefetch,
                Threads = threads
            )

        if stratify then
            options.Stratify <- "label"

        return options
    }

[<Fact>]
let ``an epoch is a permutation of the rows, the same again for the same seed, and each row has its own tensor`` () =
    use folder = new ScratchFolder()
    let total = 230

    for compress in [ false; true ] do
        // Wide rows are read one by one, narrow ones by groups; compressed ones are decoded.
        for shape in [ [| 3; 5 |]; [| 60; 40 |] ] do
            let options = CacheOptions(RowsPerGroup = 32, Compress = compress, ShardBytes = 300_000L)
            use cache = build folder $"epoch {compress} {shape.Length + shape[0]}" shape total 100 options
            let size = Array.fold (*) 1 shape
            let expected = [| for r in 0 .. total - 1 -> bits (floats size r) |]

            Check.One(
                Seeded.Cases 12,
                Prop.forAll (Arb.fromGen batchOptions) (fun options ->
                    let batches = cache.Batches options
                    let seen = List<int>()

                    for batch in batches.Epoch 3 do
                        let target = Array.zeroCreate<float32> (batch.Length "image")
                        batch.Fill("image", target.AsSpan())
                        let numbers = batch.Rows.ToArray()
                        seen.AddRange numbers
                        Assert.Equal<int>(Array.concat [ for r in numbers -> expected[r] ], bits target)

                        if options.Prefetch > 0 then
                            Assert.Equal<int>(bits target, bits ((batch.View "image").ToArray()))

                    Assert.Equal<int>(Seq.init total id, Seq.sort seen)
                    Assert.Equal<int>(seen, batches.Plan 3 |> Array.concat)
                    Assert.Equal<int>(seen, (cache.Batches options).Plan 3 |> Array.concat)

                    if options.Shuffle && isNull options.Stratify && options.ShuffleBytes > 1000000L then
                        Assert.NotEqual<int[]>(batches.Plan 3 |> Array.concat, batches.Plan 4 |> Array.concat)))

[<Fact>]
let ``ranks divide an epoch into disjoint batches that together are the epoch of one`` () =
    use folder = new ScratchFolder()
    use cache = build folder "ranks" [| 2 |] 333 100 (CacheOptions(RowsPerGroup = 16))

    let plan rank ranks drop =
        (cache.Batches(BatchOptions(BatchSize = 10, Seed = 5, Rank = rank, Ranks = ranks, DropLast = drop))).Plan 0

    let whole = plan 0 1 false

    for ranks in 1..4 do
        let parts = [| for rank in 0 .. ranks - 1 -> plan rank ranks false |]

        for b in 0 .. whole.Length - 1 do
            Assert.Equal<int>(whole[b], parts[b % ranks][b / ranks])

        let dropped = [| for rank in 0 .. ranks - 1 -> plan rank ranks true |]
        Assert.All(dropped, fun p -> Assert.Equal(33 / ranks, p.Length))
        Assert.All(Array.concat dropped, fun b -> Assert.Equal(10, b.Length))

[<Fact>]
let ``stratified batches hold every class in the proportion of the whole`` () =
    use folder = new ScratchFolder()
    let labels = [| for r in 0..999 -> if r < 50 then 0L elif r < 300 then 1L else 2L |]

    use cache =
        Cache.GetOrBuild(
            folder.Path,
            CacheRecipe "classes",
            (fun () ->
                [ CacheRows
                      [| CacheValues.Tensor("x", NdArray<float32>([| 1000; 1 |], Array.init 1000 float32))
                         CacheValues.Integers("label", labels) |] ])
        )

    for size in [ 20; 64; 100 ] do
        for batch in (cache.Batches(BatchOptions(BatchSize = size, Stratify = "label", DropLast = true, Seed = 2))).Plan 1 do
            for c, share in [ 0L, 0.05; 1L, 0.25; 2L, 0.7 ] do
                let got = batch |> Seq.filter (fun r -> labels[r] = c) |> Seq.length
                Assert.True(abs (float got - share * float size) <= 2.0,
                            $"batches of {size}: {got} rows of class {c}, expected about {share * float size}")

[<Fact>]
let ``a damaged shard or manifest is noticed when the cache is opened or read, and never ends the process`` () =
    use folder = new ScratchFolder()

    for compress in [ false; true ] do
        let options = CacheOptions(RowsPerGroup = 32, Compress = compress)
        let path, whole =
            use cache = build folder $"damage {compress}" [| 6; 5 |] 100 100 options
            let path = Directory.GetFiles(cache.Folder, "*.parquet")[0]
            path, File.ReadAllBytes path

        let attempt () =
            try
                use cache = Cache.Open(nonNull (Path.GetDirectoryName path))
                let read = Array.zeroCreate<float32> (100 * 30)
                cache.ReadTensors("image", ReadOnlySpan(Array.init 100 id), read.AsSpan())
                Assert.Equal(100, cache.Count)
                Assert.Equal(100, (cache.Integers "label").Length)
                Assert.Equal(100, (cache.Texts "file").Length)
                Assert.True((cache.Where "energy < 5").Count <= 100)
            with
            | :? InvalidDataException
            | :? DuckDbException -> ()

        File.WriteAllBytes(path, Array.truncate (whole.Length - 1) whole)
        let e = Assert.Throws<InvalidDataException>(fun () -> Cache.Open(nonNull (Path.GetDirectoryName path)) |> ignore)
        Assert.Contains($"{path} has {whole.Length - 1} bytes, expected {whole.Length}: it is damaged", e.Message)

        Check.One(
            Seeded.Cases 60,
            Prop.forAll (Arb.fromGen (Gen.zip (Gen.choose (0, Int32.MaxValue)) (Gen.choose (1, 255)))) (fun (position, mask) ->
                // The footer describes everything: half of the flips go there.
                let place = if position % 2 = 0 then position else whole.Length - 1 - position % 1500
                File.WriteAllBytes(path, Damage.flip whole place (byte mask))
                attempt ()))

        File.Delete path
        let e = Assert.Throws<InvalidDataException>(fun () -> Cache.Open(nonNull (Path.GetDirectoryName path)) |> ignore)
        Assert.Contains($"the shard {path} is missing", e.Message)
