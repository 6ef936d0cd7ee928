module Hybrid.PropertyTests.Laws.Data.Cache.LoadingTests

open System
open System.IO
open Parquet
open Parquet.Schema
open Xunit
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.PropertyTests.Laws.Data

/// Names the folder of caches to a child process, in which no other test has loaded anything.
let private childVariable = "HYBRID_DUCKDB_LOADING"

let private loaded () =
    let assemblies = AppDomain.CurrentDomain.GetAssemblies() |> Array.exists (fun a -> (string (a.GetName().Name)).StartsWith "DuckDB")
    let library = File.ReadLines "/proc/self/maps" |> Seq.exists _.Contains("duckdb", StringComparison.OrdinalIgnoreCase)
    $"{assemblies} {library}"

let private writeForeign (path: string) =
    let field = DataField("k", typeof<int64>)
    use stream = File.Create path
    let writer = ParquetWriter.CreateAsync(ParquetSchema field, stream).GetAwaiter().GetResult()
    let group = writer.CreateRowGroup()
    group.WriteAsync<int64>(field, ReadOnlyMemory [| 1L; 2L; 3L |]).GetAwaiter().GetResult()
    // A group counts its rows when it is closed, which is before the file is.
    group.Dispose()
    writer.DisposeAsync().AsTask().GetAwaiter().GetResult()

let private useCache (root: string) =
    let rows =
        CacheRows
            [| CacheValues.Tensor("x", NdArray<float32>([| 100; 3000 |], Array.init 300_000 float32))
               CacheValues.Integers("label", Array.init 100 (fun i -> int64 (i % 2)))
               CacheValues.Texts("name", Array.init 100 string) |]

    for compress in [ false; true ] do
        use cache = Cache.GetOrBuild(root, CacheRecipe $"loading {compress}", (fun () -> [ rows ]), CacheOptions(Compress = compress))

        for batch in (cache.Batches(BatchOptions(Stratify = "label"))).Epoch 0 do
            batch.Fill("x", (Array.zeroCreate<float32> (batch.Length "x")).AsSpan())

        cache.Texts "name" |> ignore

    writeForeign (Path.Combine(root, "foreign.parquet"))
    Assert.Equal(3, ParquetFile.ReadPieces(Path.Combine(root, "foreign.parquet")) |> Seq.sumBy _.Count)
    let before = loaded ()
    use cache = Cache.GetOrBuild(root, CacheRecipe "loading False", (fun () -> failwith "built again"))
    Assert.Equal(50, (cache.Where "label = 1").Count)
    File.WriteAllText(Path.Combine(root, "loaded.txt"), $"{before}, {loaded ()}")

[<Fact>]
let ``DuckDB is loaded when a condition is asked for, not by building, opening and reading`` () =
    match Environment.GetEnvironmentVariable childVariable with
    | null
    | "" ->
        Assert.SkipUnless(OperatingSystem.IsLinux(), "what is loaded is seen through Linux's /proc")
        use folder = new ScratchFolder()
        ChildTest.run "DuckDB is loaded when a condition" [ childVariable, folder.Path ]
        Assert.Equal("False False, True True", File.ReadAllText(folder.File "loaded.txt"))
    | root -> useCache root
