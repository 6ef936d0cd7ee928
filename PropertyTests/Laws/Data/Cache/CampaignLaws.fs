module Hybrid.PropertyTests.Laws.Data.Cache.CampaignLaws

open System
open System.IO
open System.Threading
open Xunit
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.Data.Splits
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

/// Piece number `piece`: 3 + piece % 2 rows that are functions of the piece alone, in two parts.
let private rows (piece: int) =
    let part (first: int) (count: int) =
        let x = Array.init (2 * count) (fun i -> float32 (100 * piece + 2 * first + i))

        CacheRows(
            [| CacheValues.Tensor("x", NdArray<float32>([| count; 2 |], x))
               CacheValues.Integers("piece", Array.create count (int64 piece)) |]
        )

    seq {
        yield part 0 2
        yield part 2 (1 + piece % 2)
    }

let private campaign (root: string) (pieces: int) =
    CacheCampaign(root, CacheRecipe "a campaign, seed 1", pieces, Func<_, _>(rows >> Seq.cast), CacheOptions(RowsPerGroup = 2))

let private filesOf (cache: Cache) =
    [| for path in Directory.GetFiles cache.Folder |> Array.sort -> Path.GetRelativePath(cache.Folder, path), File.ReadAllBytes path |]

[<SeededProperty(MaxTest = 25)>]
let ``any division into shards gives the files that one process writes`` (pieces: byte) (count: byte) (order: int) =
    let pieces, count = 1 + int pieces % 9, 1 + int count % 5
    use folder = new ScratchFolder()
    use whole = (campaign (folder.File "whole") pieces).Run()
    let shards = [| for number in 1..count -> Shard.Of(number, count) |]
    Random(order).Shuffle shards

    let made =
        [| for shard in shards -> (campaign (folder.File "shards") pieces).Build shard |]

    use merged = (campaign (folder.File "shards") pieces).Merge()
    Array.sum made = pieces && merged.Count = Seq.sum [ for p in 0 .. pieces - 1 -> 3 + p % 2 ] && filesOf whole = filesOf merged

[<Fact>]
let ``a merged campaign is the recipe's cache, and nothing of it is made again`` () =
    use folder = new ScratchFolder()
    use merged = (campaign folder.Path 4).Run()
    Assert.Equal(0, (campaign folder.Path 4).Build Shard.All)
    Assert.Empty((campaign folder.Path 4).Missing)
    use found = Cache.GetOrBuild(folder.Path, CacheRecipe "a campaign, seed 1", (fun () -> failwith "it was built again"))
    Assert.Equal<int64>([| for piece, rows in [ 0L, 3; 1L, 4; 2L, 3; 3L, 4 ] do yield! Array.create rows piece |], found.Integers "piece")
    Assert.Equal<string>([| merged.Folder |], Directory.GetDirectories folder.Path)

[<Fact>]
let ``merging before the end names what is missing`` () =
    use folder = new ScratchFolder()
    (campaign folder.Path 5).Build(Shard.Of(2, 2)) |> ignore
    let e = Assert.Throws<InvalidOperationException>(fun () -> (campaign folder.Path 5).Merge() |> ignore)
    Assert.Contains(
        "expected 5 pieces, 3 missing: 0, 2, 4. Run their shards (piece i is of shard i mod n + 1 of n), then merge.",
        e.Message)

[<Fact>]
let ``a shard that was interrupted makes only what is missing, and its half piece is gone`` () =
    use folder = new ScratchFolder()
    let first = campaign folder.Path 6
    use stop = new CancellationTokenSource()
    let stopping = { new IProgress<int64> with member _.Report rows = if rows >= 8L then stop.Cancel() }
    Assert.ThrowsAny<OperationCanceledException>(fun () -> first.Build(Shard.All, stopping, stop.Token) |> ignore) |> ignore
    let before = first.Missing.Count
    Assert.InRange(before, 1, 5)
    let half = Path.Combine(first.Folder, $"part-{first.Missing[0]:D5}.parquet.1234-1.part")
    File.WriteAllText(half, "half a file")
    Assert.Equal(before, (campaign folder.Path 6).Build Shard.All)
    Assert.False(File.Exists half, "what the killed process left is still there")
    use whole = (campaign (folder.File "whole") 6).Run()
    use merged = (campaign folder.Path 6).Merge()
    Assert.Equal<string * byte[]>(filesOf whole, filesOf merged)

[<Fact>]
let ``a piece without rows, and a file of another campaign, are refused with their names`` () =
    use folder = new ScratchFolder()
    let empty = CacheCampaign(folder.Path, CacheRecipe "empty", 2, Func<_, _>(fun _ -> Seq.empty))
    let e = Assert.Throws<ArgumentException>(fun () -> empty.Build Shard.All |> ignore)
    Assert.StartsWith("piece 0 of 2: expected at least 1 row, got none.", e.Message)
    let other = CacheCampaign(folder.Path, CacheRecipe "another", 2, Func<_, _>(rows >> Seq.cast))
    other.Build Shard.All |> ignore
    let mine = campaign folder.Path 2
    mine.Build(Shard.Of(1, 2)) |> ignore
    File.Copy(Path.Combine(other.Folder, "part-00001.parquet"), Path.Combine(mine.Folder, "part-00001.parquet"))
    let e = Assert.Throws<InvalidDataException>(fun () -> mine.Merge() |> ignore)
    Assert.Contains("part-00001.parquet: expected a piece of the recipe", e.Message)
