module Hybrid.PropertyTests.Laws.Models.Evaluation.RocLaws

open System
open Hybrid.Models.Evaluation
open Hybrid.PropertyTests
open Xunit

/// Scores with many ties, and at least one sample of each kind.
let private sample (seed: int) (size: byte) =
    let random = Random seed
    let count = 2 + int size % 40
    let kinds = Array.init count (fun i -> if i < 2 then i = 0 else random.Next 3 = 0)
    let scores = Array.init count (fun i -> float (random.Next 7) + (if kinds[i] then 1.0 else 0.0))
    scores, kinds

/// Pair by pair, and the variance as DeLong, DeLong and Clarke-Pearson (1988) write it.
let private slow (scores: float[]) (kinds: bool[]) =
    let positives = [| for i in 0 .. scores.Length - 1 do if kinds[i] then scores[i] |]
    let negatives = [| for i in 0 .. scores.Length - 1 do if not kinds[i] then scores[i] |]
    let order (x: float) (y: float) = if x > y then 1.0 elif x = y then 0.5 else 0.0
    let ofPositives = [| for x in positives -> Array.averageBy (fun y -> order x y) negatives |]
    let ofNegatives = [| for y in negatives -> Array.averageBy (fun x -> order x y) positives |]
    let auc = Array.average ofPositives

    let variance (values: float[]) =
        if values.Length < 2 then 0.0
        else (values |> Array.sumBy (fun v -> (v - auc) ** 2.0)) / float (values.Length - 1) / float values.Length

    auc, sqrt (variance ofPositives + variance ofNegatives)

let private near (a: float) (b: float) = abs (a - b) <= 1e-12 + 1e-9 * abs a

[<SeededProperty>]
let ``the area and its error are those of all pairs`` (seed: int) (size: byte) =
    let scores, kinds = sample seed size
    let auc, error = slow scores kinds
    let area = Roc.Area(ReadOnlySpan scores, ReadOnlySpan kinds)
    near auc area.Auc && near error area.StandardError && area.Low <= area.Auc && area.Auc <= area.High

[<SeededProperty>]
let ``a rising function of the scores changes nothing, and turning them round turns the area round`` (seed: int) (size: byte) =
    let scores, kinds = sample seed size
    let of' (values: float[]) = (Roc.Area(ReadOnlySpan values, ReadOnlySpan kinds)).Auc
    let auc = of' scores
    near auc (of' (scores |> Array.map (fun s -> exp (s / 3.0) - 7.0))) && near (1.0 - auc) (of' (scores |> Array.map (~-)))

[<SeededProperty>]
let ``the curve rises from (0, 0) to (1, 1), and the area under it is the area`` (seed: int) (size: byte) =
    let scores, kinds = sample seed size
    let curve = Roc.Curve(ReadOnlySpan scores, ReadOnlySpan kinds) |> Seq.toArray
    let steps = Array.pairwise curve
    let rises = steps |> Array.forall (fun (a, b) -> b.FalsePositiveRate >= a.FalsePositiveRate && b.TruePositiveRate >= a.TruePositiveRate)

    let trapezia =
        steps |> Array.sumBy (fun (a, b) -> (b.FalsePositiveRate - a.FalsePositiveRate) * (a.TruePositiveRate + b.TruePositiveRate) / 2.0)

    rises
    && curve[0].FalsePositiveRate = 0.0
    && curve[curve.Length - 1].TruePositiveRate = 1.0
    && near (fst (slow scores kinds)) trapezia

[<SeededProperty>]
let ``a score against itself differs by nothing; against another the difference is that of the areas`` (seed: int) (size: byte) =
    let scores, kinds = sample seed size
    let other = scores |> Array.mapi (fun i s -> s + float ((i * 7 + seed) % 5))
    let itself = Roc.Compare(ReadOnlySpan scores, ReadOnlySpan scores, ReadOnlySpan kinds)
    let difference = Roc.Compare(ReadOnlySpan scores, ReadOnlySpan other, ReadOnlySpan kinds)
    itself.Difference = 0.0
    && itself.PValue = 1.0
    && near (fst (slow scores kinds) - fst (slow other kinds)) difference.Difference
    && difference.PValue >= 0.0
    && difference.PValue <= 1.0

[<SeededProperty>]
let ``rejection and sensitivity at a working point are those of a cut`` (seed: int) (size: byte) (share: byte) =
    let scores, kinds = sample seed size
    let wanted = (1.0 + float share) / 256.0
    let rejection = Roc.RejectionAt(ReadOnlySpan scores, ReadOnlySpan kinds, wanted)
    let sensitivity = Roc.SensitivityAt(ReadOnlySpan scores, ReadOnlySpan kinds, 1.0 - wanted)
    let kept (cut: float) (kind: bool) =
        let of' = [| for i in 0 .. scores.Length - 1 do if kinds[i] = kind then scores[i] |]
        float (of' |> Array.filter (fun s -> s >= cut) |> Array.length) / float of'.Length
    let cuts = Array.append [| infinity |] scores
    let best = cuts |> Array.filter (fun cut -> kept cut true >= wanted - 1e-12) |> Array.map (fun cut -> 1.0 - kept cut false) |> Array.max
    let allowed = cuts |> Array.filter (fun cut -> kept cut false <= 1.0 - wanted + 1e-12)
    let found = allowed |> Array.map (fun cut -> kept cut true) |> Array.max
    near best rejection && near found sensitivity

[<Fact>]
let ``what has no characteristic is refused with a reason`` () =
    let refused (scores: float[]) (kinds: bool[]) =
        (Assert.Throws<ArgumentException>(fun () -> Roc.Area(ReadOnlySpan scores, ReadOnlySpan kinds) |> ignore)).Message

    Assert.Contains("expected positives and negatives, got 2 and 0", refused [| 1.0; 2.0 |] [| true; true |])
    Assert.Contains("score 1 is NaN", refused [| 1.0; nan |] [| true; false |])
    Assert.Contains("expected a kind for each of 2 scores, got 1", refused [| 1.0; 2.0 |] [| true |])

[<Fact>]
let ``the error covers: of many samples of known area, 95 of 100 intervals hold it`` () =
    // Scores N(1, 1) against N(0, 1): the area is Φ(1/√2) = 0.7602.
    let truth = 0.76024993890652
    let random = Random 4
    let normal () = sqrt (-2.0 * log (1.0 - random.NextDouble())) * cos (2.0 * Math.PI * random.NextDouble())

    let inside =
        Seq.init 1000 (fun _ ->
            let kinds = Array.init 120 (fun i -> i % 2 = 0)
            let scores = kinds |> Array.map (fun kind -> normal () + (if kind then 1.0 else 0.0))
            let area = Roc.Area(ReadOnlySpan scores, ReadOnlySpan kinds)
            area.Low <= truth && truth <= area.High)
        |> Seq.filter id
        |> Seq.length

    Assert.InRange(inside, 920, 975)

[<SeededProperty(MaxTest = 30)>]
let ``a band rises, has as many limits as the curve points, and repeats`` (seed: int) (size: byte) =
    let scores, kinds = sample seed size
    let struct (low, high) = Roc.Band(ReadOnlySpan scores, ReadOnlySpan kinds, 20, int64 seed)
    let struct (low', high') = Roc.Band(ReadOnlySpan scores, ReadOnlySpan kinds, 20, int64 seed)
    let rises values = values |> Array.pairwise |> Array.forall (fun (a: float, b) -> a <= b + 1e-12)

    low.Length = Roc.Curve(ReadOnlySpan scores, ReadOnlySpan kinds).Count
    && Array.forall2 (fun (a: float) b -> 0.0 <= a && a <= b && b <= 1.0) low high
    && rises low && rises high
    && high[high.Length - 1] = 1.0 && low[low.Length - 1] = 1.0
    && low = low' && high = high'

[<Fact>]
let ``a band of many samples holds the curve of another draw nearly everywhere`` () =
    let draw seed =
        let random = Random(seed: int)
        let normal () = sqrt (-2.0 * log (1.0 - random.NextDouble())) * cos (2.0 * Math.PI * random.NextDouble())
        let kinds = Array.init 2000 (fun i -> i % 2 = 0)
        kinds |> Array.map (fun kind -> normal () + (if kind then 1.5 else 0.0)), kinds

    let scores, kinds = draw 1
    let curve = Roc.Curve(ReadOnlySpan scores, ReadOnlySpan kinds)
    let struct (low, high) = Roc.Band(ReadOnlySpan scores, ReadOnlySpan kinds, 400)
    let normal = MathNet.Numerics.Distributions.Normal(0.0, 1.0)

    // The true characteristic of two normals 1.5 apart.
    let inside =
        [| for p in 1 .. curve.Count - 2 do
               let rate = curve[p].FalsePositiveRate
               if rate > 0.0 && rate < 1.0 then
                   let truth = 1.0 - normal.CumulativeDistribution(normal.InverseCumulativeDistribution(1.0 - rate) - 1.5)
                   if low[p] <= truth && truth <= high[p] then 1.0 else 0.0 |]

    Assert.InRange(Array.average inside, 0.75, 1.0)

[<Fact>]
let ``bootstrap gives a mean the interval of its normal error, and repeats`` () =
    let random = Random 4
    let values = Array.init 400 (fun _ -> random.NextDouble())
    let mean (places: int[]) = places |> Array.averageBy (fun i -> values[i])
    let found = Bootstrap.Of(values.Length, mean)
    let error = sqrt (1.0 / 12.0 / 400.0)
    Assert.Equal(Array.average values, found.Value, 1e-12)
    Assert.InRange((found.High - found.Low) / (2.0 * 1.96 * error), 0.85, 1.15)
    Assert.Equal(found, Bootstrap.Of(values.Length, mean))
    Assert.Throws<ArgumentOutOfRangeException>(fun () -> Bootstrap.Of(0, mean) |> ignore) |> ignore
