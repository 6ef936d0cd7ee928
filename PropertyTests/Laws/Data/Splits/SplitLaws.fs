namespace Hybrid.PropertyTests.Laws.Data.Splits

open System
open System.IO
open Xunit
open FsCheck
open Hybrid.Data.Splits
open Hybrid.Data.Statistics
open Hybrid.PropertyTests

module SplitLaws =

    let private isPartition count (parts: int[] seq) = (Seq.concat parts |> Seq.sort |> Array.ofSeq) = [| 0 .. count - 1 |]

    [<SeededProperty>]
    let ``a shuffle is a permutation`` (seed: int64) (count: byte) =
        SeededRandom(seed).Permutation(int count) |> Array.sort = [| 0 .. int count - 1 |]

    [<Fact>]
    let ``shuffles put every item at every place equally often`` () =
        let counts = Array2D.zeroCreate<int> 5 5

        for seed in 1L..4000L do
            SeededRandom(seed).Permutation 5 |> Array.iteri (fun place item -> counts[place, item] <- counts[place, item] + 1)

        // 800 ± 5 standard deviations of 25.3
        counts |> Array2D.iter (fun n -> Assert.InRange(n, 673, 927))

    [<SeededProperty>]
    let ``a split has the sizes asked for, disjoint parts that cover all, and every class in proportion`` (seed: int64) (labels: byte[]) =
        let labels = labels |> Array.map (fun l -> int l % 3)
        let split = Splits.Stratified(labels, 0.25, 0.1, seed)

        isPartition labels.Length [ split.Train; split.Validation; split.Test ]
        && [ 0..2 ]
           |> List.forall (fun label ->
               let all = labels |> Seq.filter ((=) label) |> Seq.length |> float
               let share (part: int[]) = part |> Seq.filter (fun i -> labels[i] = label) |> Seq.length |> float
               abs (share split.Test - 0.1 * all) <= 0.5 && abs (share split.Validation - 0.25 * all) <= 0.5)

    [<Fact>]
    let ``the lens finder's split of the target domain has 94 lenses in a fold of 8,096`` () =
        // 467 candidates and 40,010 non-lenses in five stratified folds.
        let labels = Array.append (Array.create 40_010 0) (Array.create 467 1)
        let folds = Splits.StratifiedFolds(labels, 5, 42L)

        for fold in folds do
            Assert.InRange(fold.HeldOut |> Seq.filter (fun i -> labels[i] = 1) |> Seq.length, 93, 94)
            Assert.InRange(fold.HeldOut.Length, 8095, 8096)

    [<SeededProperty>]
    let ``folds partition the samples and hold each out once`` (seed: int64) (labels: NonEmptyArray<byte>) (k: byte) =
        let labels = Array.append [| 0; 1 |] (labels.Get |> Array.map (fun l -> int l % 4))
        let k = 2 + int k % (labels.Length - 1)
        let folds = Splits.StratifiedFolds(labels, k, seed)
        let sizes = folds |> Array.map _.HeldOut.Length

        isPartition labels.Length (folds |> Array.map _.HeldOut)
        && folds |> Array.forall (fun f -> isPartition labels.Length [ f.Train; f.HeldOut ])
        && Array.max sizes - Array.min sizes <= 1

    [<SeededProperty>]
    let ``a group is never divided`` (seed: int64) (groups: byte[]) =
        let groups = groups |> Array.map (fun g -> $"galaxy {int g % 12}") |> Array.append [| "galaxy 0"; "galaxy 1"; "galaxy 2" |]
        let split = Splits.Grouped(groups, 0.2, 0.2, seed)
        let of' (part: int[]) = part |> Seq.map (fun i -> groups[i]) |> Set.ofSeq
        let isApart a b = Set.intersect (of' a) (of' b) |> Set.isEmpty

        let whole =
            isApart split.Train split.Test
            && isApart split.Validation split.Train
            && isApart split.Validation split.Test

        let folds = Splits.GroupedFolds(groups, 2, seed)

        whole
        && isPartition groups.Length [ split.Train; split.Validation; split.Test ]
        && folds |> Array.forall (fun f -> Set.intersect (of' f.Train) (of' f.HeldOut) |> Set.isEmpty)
        && isPartition groups.Length (folds |> Array.map _.HeldOut)

    [<Fact>]
    let ``bags are as equal as can be`` () =
        let sizes = Splits.Bags(3344, 5, 0xC0FFEEL) |> Array.countBy id |> Array.map snd |> Array.sort
        Assert.Equal<int[]>([| 668; 669; 669; 669; 669 |], sizes)

    [<Fact>]
    let ``a split repeats by seed`` () =
        let split seed = Splits.Random(100, 0.2, 0.1, seed)
        Assert.Equal<int[]>((split 1L).Train, (split 1L).Train)
        Assert.NotEqual<int[]>((split 1L).Train, (split 2L).Train)
        Assert.Equal(20, (split 1L).Validation.Length)
        Assert.Equal(10, (split 1L).Test.Length)

    [<Fact>]
    let ``fractions of 1 and more are refused`` () =
        let problem = Assert.Throws<ArgumentException>(fun () -> Splits.Random(10, 0.5, 0.5, 1L) |> ignore)
        Assert.StartsWith("Splits.Stratified: expected fractions ≥ 0 whose sum is below 1, got 0.5 for validation and 0.5 for test.",
                          problem.Message)

    [<SeededProperty>]
    let ``a sample in two sets is found, whatever its name, and nothing else is`` (seed: int) (place: byte) =
        let random = SeededRandom(int64 seed)
        let sample () = Array.init 16 (fun _ -> float32 (random.NextNormal()))
        let train, test = Array.init 20 (fun _ -> sample ()), Array.init 10 (fun _ -> sample ())
        let place = int place % 20
        test[3] <- Array.copy train[place]
        let hash = Array.map (fun (s: float32[]) -> LeakCheck.Hash(ReadOnlySpan s))
        let leaks = LeakCheck.Find(hash train, hash test)
        leaks.Length = 1 && leaks[0].First = place && leaks[0].Second = 3

    [<Fact>]
    let ``a leak between sets is an error with its places`` () =
        let hash v = LeakCheck.Hash(ReadOnlySpan [| v |])
        let require () = LeakCheck.Require("train", [| hash 1f; hash 2f |], "test", [| hash 3f; hash 2f |])
        let problem = Assert.Throws<InvalidDataException> require
        Assert.Equal("LeakCheck: 1 sample is in both 'train' and 'test': train[1] = test[1]. Remove them from one set.", problem.Message)
        LeakCheck.Require("train", [| hash 1f |], "test", [| hash 3f |])

    [<Fact>]
    let ``repeats within a set are found once`` () =
        let hash v = LeakCheck.Hash(ReadOnlySpan [| v |])
        let repeats = LeakCheck.FindRepeats [| hash 1f; hash 2f; hash 1f |]
        Assert.Equal(1, repeats.Length)
        Assert.Equal((0, 2), (repeats[0].First, repeats[0].Second))

    [<Fact>]
    let ``seeded draws have the moments of their distributions`` () =
        let random = SeededRandom 11L
        let n = 40_000
        let moments draw =
            let v = Array.init n (fun _ -> draw ())
            let mean = Array.average v
            mean, Array.averageBy (fun x -> (x - mean) ** 2.0) v

        for name, draw, mean, variance in [
            "uniform", (fun () -> random.NextDouble()), 0.5, 1.0 / 12.0
            "normal", (fun () -> random.NextNormal()), 0.0, 1.0
            "exponential", (fun () -> random.NextExponential 8.0), 8.0, 64.0
            "Poisson 4", (fun () -> float (random.NextPoisson 4.0)), 4.0, 4.0
            "Poisson 200", (fun () -> float (random.NextPoisson 200.0)), 200.0, 200.0
        ] do
            let m, v = moments draw
            // Five standard errors of the mean; the variance of the sample variance is largest for the exponential, 8 σ⁴/n.
            Assert.True(abs (m - mean) < 5.0 * sqrt (variance / float n), $"{name}: expected a mean of {mean}, got {m}.")
            Assert.True(abs (v - variance) < 5.0 * variance * sqrt (8.0 / float n), $"{name}: expected a variance of {variance}, got {v}.")

    [<Fact>]
    let ``generators of different counters are independent`` () =
        let first = Array.init 2000 (fun i -> SeededRandom.For(1L, int64 i).NextDouble())
        Assert.Equal(2000, first |> Array.distinct |> Array.length)
        Assert.InRange(Array.average first, 0.5 - 5.0 * 0.2887 / sqrt 2000.0, 0.5 + 5.0 * 0.2887 / sqrt 2000.0)
        let correlation = Seq.pairwise first |> Seq.averageBy (fun (a, b) -> (a - 0.5) * (b - 0.5) * 12.0)
        Assert.InRange(correlation, -5.0 / sqrt 2000.0, 5.0 / sqrt 2000.0)
