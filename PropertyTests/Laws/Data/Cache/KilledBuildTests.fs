module Hybrid.PropertyTests.Laws.Data.Cache.KilledBuildTests

open System
open System.Diagnostics
open System.IO
open System.Threading
open Xunit
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.PropertyTests.Laws.Data

/// Names the folder of caches to a child process: it then builds there until it is killed.
let private childVariable = "HYBRID_KILLED_BUILD"

let private recipe = CacheRecipe "killed"

let private rows (first: int) =
    CacheRows [| CacheValues.Tensor("x", NdArray<float32>([| 4; 3 |], Array.init 12 (fun i -> float32 (12 * first + i)))) |]

let private options = CacheOptions(RowsPerGroup = 4, ShardBytes = 1L)

/// Shards of unfinished builds below a folder.
let private unfinished (root: string) =
    if Directory.Exists root then
        [| for folder in Directory.GetDirectories(root, "*.part") do
               yield! Directory.GetFiles(folder, "*.parquet") |]
    else
        [||]

/// A build that lasts a minute at most, so that no child outlives a killed parent for long.
let private buildSlowly (root: string) =
    let pieces =
        seq {
            for i in 0..2999 do
                Thread.Sleep 20
                rows (4 * i)
        }

    use _ = Cache.GetOrBuild(root, recipe, (fun () -> pieces), options)
    ()

[<Fact>]
let ``a build killed in its middle leaves no cache to read, and the next build succeeds`` () =
    match Environment.GetEnvironmentVariable childVariable with
    | null
    | "" ->
        use folder = new ScratchFolder()
        let root = folder.File "caches"
        use child = ChildTest.start "a build killed in its middle" [ childVariable, root ]
        let output = child.StandardOutput.ReadToEndAsync()

        try
            let clock = Stopwatch.StartNew()

            // Two shards: the first is complete on the disc when the child dies.
            while (unfinished root).Length < 2 && not child.HasExited && clock.Elapsed.TotalSeconds < 30.0 do
                Thread.Sleep 10

            Assert.False(child.HasExited, (if child.HasExited then $"the child ended before it was killed: {output.Result}" else ""))
            Assert.True((unfinished root).Length >= 2, "the child wrote no two shards within 30 s")
        finally
            // SIGKILL on Unix: no handler and no finally of the child runs.
            child.Kill()
            child.WaitForExit()

        Assert.NotEmpty(unfinished root)
        Assert.False(Directory.Exists(Path.Combine(root, recipe.Key)), "half a cache stands where a whole one is looked for")

        for half in Directory.GetDirectories root do
            Assert.Throws<FileNotFoundException>(fun () -> Cache.Open half |> ignore) |> ignore

        let builds = ref 0

        let get () =
            Cache.GetOrBuild(
                root,
                recipe,
                (fun () ->
                    builds.Value <- builds.Value + 1
                    [ rows 0; rows 4 ]),
                options
            )

        for _ in 1..2 do
            use cache = get ()
            let read = Array.zeroCreate<float32> 24
            cache.ReadTensors("x", ReadOnlySpan(Array.init 8 id), read.AsSpan())
            Assert.Equal<float32>(Array.init 24 (fun i -> if i < 12 then float32 i else float32 (48 + i - 12)), read)

        Assert.Equal(1, builds.Value)
    | root -> buildSlowly root
