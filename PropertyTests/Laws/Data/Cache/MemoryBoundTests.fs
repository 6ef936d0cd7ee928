module Hybrid.PropertyTests.Laws.Data.Cache.MemoryBoundTests

open System
open System.Globalization
open System.IO
open System.Runtime
open System.Runtime.InteropServices
open Xunit
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.PropertyTests.Laws.Data

/// Names the folder of caches to a child process, which reads them and writes what memory it took.
let private childVariable = "HYBRID_MEMORY_BOUND"

/// 48 KiB a row: an image of 3 × 64 × 64 floats.
let private rowFloats = 3 * 64 * 64

/// 250 MB a cache, more than the bound; with HYBRID_TEST_ALL 2 GB.
let private rowCount =
    match Environment.GetEnvironmentVariable "HYBRID_TEST_ALL" with
    | null
    | "" -> 5_120
    | _ -> 40_960

let private batchSize = 64

/// Rows that differ; of those to compress, half of the floats are alike.
let private rows (compress: bool) (first: int) (count: int) =
    let values = GC.AllocateUninitializedArray<float32>(count * rowFloats)
    Random(first).NextBytes(MemoryMarshal.AsBytes(values.AsSpan()))

    if compress then
        for i in 0..2 .. values.Length - 1 do
            values[i] <- float32 (i / rowFloats)

    CacheRows
        [| CacheValues.Tensor("image", NdArray<float32>([| count; 3; 64; 64 |], values))
           CacheValues.Integers("label", Array.init count (fun i -> int64 ((first + i) % 2))) |]

let private build (root: string) (compress: bool) =
    use cache =
        Cache.GetOrBuild(
            root,
            CacheRecipe $"memory, compressed: {compress}",
            (fun () -> seq { for first in 0..512 .. rowCount - 1 -> rows compress first 512 }),
            CacheOptions(Compress = compress)
        )

    cache.Folder

/// Names the folder of a cache to a child process, which builds it there and writes what memory it took.
let private writingVariable = "HYBRID_MEMORY_WRITING"

/// A line of /proc/self/status in bytes: VmRSS what is in memory now, VmHWM its peak.
let private memory (name: string) : int64 =
    let line = File.ReadLines "/proc/self/status" |> Seq.find _.StartsWith(name + ":")
    1024L * Int64.Parse(line.Split([| ' '; '\t' |], StringSplitOptions.RemoveEmptyEntries)[1])

let private collect () =
    GCSettings.LargeObjectHeapCompactionMode <- GCLargeObjectHeapCompactionMode.CompactOnce
    GC.Collect(2, GCCollectionMode.Aggressive, true, true)

/// The peak of a reading above what the process had before, bytes.
let private peakOf (read: unit -> unit) : int64 =
    collect ()
    // 5 sets the peak back to what is in memory now (proc(5), clear_refs).
    File.WriteAllText("/proc/self/clear_refs", "5")
    let before = memory "VmRSS"
    read ()
    memory "VmHWM" - before

let private readings: (string * BatchOptions) list =
    [ "in order, into the caller's memory", BatchOptions(Shuffle = false, Prefetch = 0)
      "shuffled, into the caller's memory", BatchOptions(Prefetch = 0)
      "shuffled, read ahead", BatchOptions(Prefetch = 4, Threads = 2)
      "stratified, read ahead", BatchOptions(Prefetch = 4, Threads = 2, Stratify = "label") ]

let private readAll (folder: string) (options: BatchOptions) () =
    options.BatchSize <- batchSize
    use cache = Cache.Open folder
    let target = GC.AllocateUninitializedArray<float32>(batchSize * rowFloats)
    let mutable seen = 0

    for batch in (cache.Batches options).Epoch 1 do
        batch.Fill("image", target.AsSpan(0, batch.Length "image"))
        seen <- seen + batch.Count

    if seen <> rowCount then
        failwith $"{seen} of {rowCount} rows were read"

/// Caches opened and read one after another: what each of them held is used again by the next.
let private reopen (folder: string) () =
    for _ in 1..6 do
        readAll folder (BatchOptions(Prefetch = 0, Threads = 2)) ()

/// Every reading of every cache below `root`, its growth in bytes a line of peaks.txt.
let private measure (root: string) =
    let folders = Directory.GetDirectories root |> Array.sort
    // Code comes into memory before the first measurement.
    readAll folders[0] (BatchOptions()) ()

    let lines =
        [ for folder in folders do
              use cache = Cache.Open folder

              for name, options in readings do
                  let growth = peakOf (readAll folder options)
                  FormattableString.Invariant $"{cache.Recipe}, {name}\t{growth}\t{options.Prefetch}"

              // Each reading has a target of its own, which is left to the garbage collector.
              FormattableString.Invariant $"{cache.Recipe}, opened six times\t{peakOf (reopen folder)}\t5" ]

    File.WriteAllLines(Path.Combine(root, "peaks.txt"), lines)

[<Fact>]
let ``reading batches takes at most 200 MB above their buffers, from caches larger than that`` () =
    match Environment.GetEnvironmentVariable childVariable with
    | null
    | "" ->
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the peak of memory is measured through Linux's /proc")
        use folder = new ScratchFolder()

        let bytes =
            [ for compress in [ false; true ] do
                  for path in Directory.GetFiles(build folder.Path compress, "*.parquet") -> FileInfo(path).Length ]
            |> List.sum

        Assert.True(bytes > 370_000_000L, $"the caches of this test have {bytes} bytes: too few to see anything")
        ChildTest.run "reading batches takes at most 200 MB" [ childVariable, folder.Path ]

        let peaks = File.ReadAllLines(folder.File "peaks.txt")
        Assert.Equal(2 * (readings.Length + 1), peaks.Length)

        for line in peaks do
            match line.Split '\t' with
            | [| name; growth; prefetch |] ->
                // The caller's own target, and the slots read ahead.
                let buffers = int64 (1 + int prefetch) * int64 (batchSize * rowFloats * 4)
                let above = Int64.Parse(growth, CultureInfo.InvariantCulture) - buffers
                TestContext.Current.TestOutputHelper |> Option.ofObj |> Option.iter (fun o -> o.WriteLine $"{name}: {above / 1_000_000L} \
                    MB above its buffers")
                Assert.True(above <= 200_000_000L, $"{name}: {above / 1_000_000L} MB above the batch buffers, expected at most 200")
            | _ -> Assert.Fail $"peaks.txt: '{line}'"
    | root -> measure root

[<Theory>]
[<InlineData false>]
[<InlineData true>]
let ``writing a cache takes at most 250 MB above its rows`` (compress: bool) =
    match Environment.GetEnvironmentVariable writingVariable with
    | null
    | "" ->
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the peak of memory is measured through Linux's /proc")
        use folder = new ScratchFolder()
        ChildTest.run "writing a cache takes at most 250 MB" [ writingVariable, folder.Path ]
        let above = Int64.Parse(File.ReadAllText(folder.File $"peak {compress}.txt"), CultureInfo.InvariantCulture)
        let say (output: ITestOutputHelper) = output.WriteLine $"compressed: {compress}: {above / 1_000_000L} MB"
        TestContext.Current.TestOutputHelper |> Option.ofObj |> Option.iter say
        Assert.True(above <= 250_000_000L, $"compressed: {compress}: {above / 1_000_000L} MB above the rows, expected at most 250")
    | root ->
        // The rows, drawn 512 at a time, are left to the garbage collector: the same without writing is subtracted.
        let drawn () =
            for first in 0..512 .. rowCount - 1 do
                rows compress first 512 |> ignore

        let without = peakOf drawn
        let growth = peakOf (fun () -> build (Path.Combine(root, $"caches {compress}")) compress |> ignore)
        File.WriteAllText(Path.Combine(root, $"peak {compress}.txt"), (growth - without).ToString CultureInfo.InvariantCulture)
