module Hybrid.PropertyTests.Laws.Data.Splits.ShardLaws

open System
open System.IO
open Xunit
open Hybrid.Data.Splits
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

[<SeededProperty>]
let ``shards divide the items of a campaign: each item is of one shard, and their numbers differ by one at most``
    (total: byte)
    (count: byte)
    =
    let count = 1 + int count % 20
    let parts = [| for number in 1..count -> Shard.Of(number, count).Items(int total) |]
    let sizes = parts |> Array.map Array.length
    (Array.concat parts |> Array.sort) = [| 0 .. int total - 1 |] && Array.max sizes - Array.min sizes <= 1

[<SeededProperty>]
let ``a shard is read as it is written`` (number: byte) (count: byte) =
    let count = 1 + int count
    let shard = Shard.Of(1 + int number % count, count)
    Shard.Parse(string shard) = shard

[<Theory>]
[<InlineData "">]
[<InlineData "2">]
[<InlineData "0/3">]
[<InlineData "4/3">]
[<InlineData "-1/3">]
[<InlineData "1/">]
[<InlineData "1/0">]
[<InlineData "1/2/3">]
[<InlineData "1 / 2">]
[<InlineData "1,0/2">]
[<InlineData "/3">]
[<InlineData "99999999999/99999999999">]
let ``what is not a shard is refused with an example of one`` (text: string) =
    let e = Assert.Throws<FormatException>(fun () -> Shard.Parse text |> ignore)
    Assert.StartsWith($"expected a shard such as 2/8 (the second of eight), got '{text}'", e.Message)

/// The variables as a task of a batch system has them.
let private inTask (variables: (string * string) list) (test: unit -> unit) =
    try
        for name, value in variables do
            Environment.SetEnvironmentVariable(name, value)

        test ()
    finally
        for name, _ in variables do
            Environment.SetEnvironmentVariable(name, null)

let private slurm (id: int) (first: int) (step: int) (count: int) =
    [ "SLURM_ARRAY_TASK_ID", string id
      "SLURM_ARRAY_TASK_MIN", string first
      "SLURM_ARRAY_TASK_STEP", string step
      "SLURM_ARRAY_TASK_COUNT", string count ]

[<Fact>]
let ``tasks of a SLURM array are shards, wherever their numbers begin and however they step`` () =
    Assert.Equal(Shard.All, Shard.FromEnvironment())

    for first, step in [ 0, 1; 1, 1; 10, 5 ] do
        for task in 0..3 do
            inTask (slurm (first + task * step) first step 4) (fun () -> Assert.Equal(Shard.Of(task + 1, 4), Shard.FromEnvironment()))

    // --array=1,2,9: uneven
    inTask (slurm 9 1 1 3) (fun () ->
        let e = Assert.Throws<FormatException>(fun () -> Shard.FromEnvironment() |> ignore)
        Assert.Equal("SLURM_ARRAY_TASK_ID is 9: expected tasks 1, 2, … (3 of them). Give --shard i/n.", e.Message))

[<Fact>]
let ``a pod of an indexed job takes its number from the job and is asked for their count`` () =
    inTask [ "JOB_COMPLETION_INDEX", "2" ] (fun () ->
        Assert.Equal(Shard.Of(3, 8), Shard.Parse "/8")
        Assert.Throws<FormatException>(fun () -> Shard.Parse "/2" |> ignore) |> ignore
        let e = Assert.Throws<FormatException>(fun () -> Shard.FromEnvironment() |> ignore)
        Assert.Contains("Give --shard /N", e.Message))

[<Fact>]
let ``a shard that a process does is refused to another, and free when that ends`` () =
    use folder = new ScratchFolder()
    let shard = Shard.Of(2, 3)

    do
        use _ = ShardLock.Take(folder.Path, shard)
        use _ = ShardLock.Take(folder.Path, Shard.Of(1, 3))
        let e = Assert.Throws<IOException>(fun () -> (ShardLock.Take(folder.Path, shard)).Dispose())
        Assert.Contains("another process is writing shard 2/3", e.Message)

    (ShardLock.Take(folder.Path, shard)).Dispose()
