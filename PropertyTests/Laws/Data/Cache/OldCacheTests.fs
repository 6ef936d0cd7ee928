module Hybrid.PropertyTests.Laws.Data.Cache.OldCacheTests

open System
open System.IO
open Xunit
open Hybrid.Data.Cache
open Hybrid.PropertyTests.Laws.Data

/// The folder duckdb-1.5.6 beside this file: caches that Hybrid wrote when DuckDB was its writer, of optional columns, plain and with zstd;
/// the tensor `mask`, equal in all rows, has a dictionary there.
let private old (name: string) = Path.Combine(AppContext.BaseDirectory, "duckdb-1.5.6", name)

[<Theory>]
[<InlineData "plain">]
[<InlineData "zstd">]
let ``a cache that DuckDB wrote is found again and read as it was`` (name: string) =
    use folder = new ScratchFolder()
    let recipe = CacheRecipe $"DuckDB 1.5.6, {name}"
    let place = Directory.CreateDirectory(folder.File recipe.Key).FullName

    for file in Directory.GetFiles(old name) do
        File.Copy(file, Path.Combine(place, nonNull (Path.GetFileName file)))

    use cache = Cache.GetOrBuild(folder.Path, recipe, (fun () -> failwith "it was built again"))
    let rows = [| 0..39 |]
    let bits (values: float32[]) = values |> Array.map BitConverter.SingleToInt32Bits

    let image =
        [| for i in rows do
               for j in 0..11 ->
                   if i = 5 && j = 3 then -0.0f
                   elif i = 6 && j = 0 then nanf
                   else float32 (12 * i + j) / 8f |]

    let read = Array.zeroCreate<float32> (40 * 12)
    cache.ReadTensors("image", ReadOnlySpan rows, read.AsSpan())
    Assert.Equal<int>(bits image, bits read)
    let mask = Array.zeroCreate<float32> 80
    cache.ReadTensors("mask", ReadOnlySpan rows, mask.AsSpan())
    Assert.Equal<float32>(Array.init 80 (fun i -> float32 (1 - i % 2)), mask)
    Assert.Equal<int64>([| for i in rows -> int64 (i % 3) - 1L |], cache.Integers "label")

    Assert.Equal<int64>(
        [| for i in rows -> BitConverter.DoubleToInt64Bits(if i = 2 then -0.0 elif i = 0 then nan else float i / 7.0) |],
        cache.Reals "energy" |> Array.map BitConverter.DoubleToInt64Bits
    )

    Assert.Equal<string>([| for i in rows -> $"näme '{i % 4}'.fits" |], cache.Texts "file")
    Assert.Equal<bool>([| for i in rows -> i % 2 = 0 |], cache.Logicals "good")
    Assert.Equal<int64>([| for i in rows do if i % 3 = 2 then 1L |], (cache.Where "label = 1").Integers "label")
    Assert.Equal(1, (cache.Where "isnan(energy)").Count)

    // Its pages of floats are read by their place, as those of new caches.
    use files = new CacheFiles(Directory.GetFiles(place, "*.parquet") |> Array.sort, Seq.toArray cache.Columns)

    for group in 0 .. files.Groups.Length - 1 do
        Assert.True((files.PlainPage(0, group)).IsSome, $"group {group}: its page was not recognised")
        Assert.True((files.PlainPage(1, group)).IsNone, $"group {group}: a page of a dictionary was taken for plain values")

[<Fact>]
let ``a column with nulls is never taken for plain rows`` () =
    use folder = new ScratchFolder()
    let path = folder.File "nulls.parquet"

    // Twelve bytes a value: with nulls among them the page of an optional column has as many bytes as one without at some place.
    for nulls in 0..8 do
        let value = $"CASE WHEN i %% 9 < {nulls} THEN NULL ELSE ('value' || lpad(i::VARCHAR, 7, '0'))::BLOB END"
        let options = "FORMAT parquet, COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 1"
        Duck.execute $"COPY (SELECT i AS row_index, {value} AS x FROM range(400) t(i)) TO {Duck.quote path} ({options})"

        let column = (CacheValues.Tensor("x", Hybrid.Data.Formats.NdArray<byte>([| 1; 12 |], Array.zeroCreate 12))).Column
        use files = new CacheFiles([| path |], [| column |])
        Assert.Equal((nulls = 0), (files.PlainPage(0, 0)).IsSome)

        if nulls > 0 then
            let e = Assert.Throws<InvalidDataException>(fun () -> files.DecodeGroup(0, 0, Array.zeroCreate 4800))
            Assert.Equal($"{path}, row 0, column 'x': expected a value, got null: the file is damaged", e.Message)
