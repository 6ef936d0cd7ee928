/// Scores of rare things, against slow references and values worked by hand.
module Hybrid.PropertyTests.Laws.Models.Evaluation.DetectionLaws

open System
open Hybrid.Models.Evaluation
open Hybrid.PropertyTests
open Xunit

let private sample (seed: int) (size: byte) =
    let random = Random seed
    let count = 2 + int size % 40
    let kinds = Array.init count (fun i -> if i < 2 then i = 0 else random.Next 3 = 0)
    let scores = Array.init count (fun i -> float (random.Next 7) + (if kinds[i] then 1.0 else 0.0))
    scores, kinds

[<SeededProperty>]
let ``average precision at a ratio is that of as many copies of the negatives`` (seed: int) (size: byte) (copies: byte) =
    let scores, kinds = sample seed size
    let copies = 1 + int copies % 4
    let negatives = kinds |> Array.filter not |> Array.length
    let ratio = float (copies * negatives) / float (kinds.Length - negatives)
    let many = [| for i in 0 .. kinds.Length - 1 do for _ in 1 .. (if kinds[i] then 1 else copies) -> i |]
    let pick (items: 'T[]) = many |> Array.map (fun i -> items[i])
    let own = Detection.AveragePrecision(ReadOnlySpan scores, ReadOnlySpan kinds, Nullable ratio)
    let copied = Detection.AveragePrecision(ReadOnlySpan(pick scores), ReadOnlySpan(pick kinds))
    abs (own - copied) < 1e-9 && own > 0.0 && own <= 1.0 + 1e-12

[<SeededProperty>]
let ``counts add up, and the share found at a false-positive rate rises with it`` (seed: int) (size: byte) =
    let scores, kinds = sample seed size
    let at = Detection.At(ReadOnlySpan scores, ReadOnlySpan kinds, 4.0)
    let tpr rate = Detection.TruePositiveRateAt(ReadOnlySpan scores, ReadOnlySpan kinds, rate)
    let f = at.F()
    at.TruePositives + at.FalseNegatives = (kinds |> Array.filter id |> Array.length)
    && at.FalsePositives + at.TrueNegatives = (kinds |> Array.filter not |> Array.length)
    && tpr 0.0 <= tpr 0.1 && tpr 0.1 <= tpr 1.0 && tpr 1.0 = 1.0
    && f >= 0.0 && f <= 1.0

[<Fact>]
let ``values worked by hand`` () =
    let scores, kinds = [| 0.9; 0.8; 0.7; 0.1 |], [| true; false; true; false |]
    // Precision 1 at recall ½, 2/3 at 1.
    Assert.Equal(0.5 + 0.5 * 2.0 / 3.0, Detection.AveragePrecision(ReadOnlySpan scores, ReadOnlySpan kinds), 1e-12)
    // A hundred negatives a positive: P = 1/(1 + 100·½).
    Assert.Equal(0.5 + 0.5 / 51.0, Detection.AveragePrecision(ReadOnlySpan scores, ReadOnlySpan kinds, Nullable 100.0), 1e-12)
    Assert.Equal(0.5, Detection.TruePositiveRateAt(ReadOnlySpan scores, ReadOnlySpan kinds, 0.0))
    let counts = Detection.At(ReadOnlySpan scores, ReadOnlySpan kinds, 0.75)
    Assert.Equal(Confusion(1, 1, 1, 1), counts)
    Assert.Equal(0.5, counts.BalancedAccuracy)
    Assert.Equal(0.5, counts.F 1.0, 1e-12)
    Assert.Equal(0.0, Confusion(0, 3, 2, 5).F())
    let points = Detection.Reliability([| 0.05; 0.15; 1.0; 0.95 |], [| false; true; true; false |])
    Assert.Equal<int list>([ 1; 1; 2 ], [ for p in points -> p.Count ])
    Assert.Equal((0.05 + 0.85 + 2.0 * 0.475) / 4.0, Detection.CalibrationError points, 1e-12)
    let refused () = Detection.Reliability([| 0.5; 1.5 |], [| true; false |]) |> ignore
    Assert.StartsWith("Detection.Reliability: expected probabilities in [0, 1], number 1 is 1.5.",
                      (Assert.Throws<ArgumentException> refused).Message)

[<Fact>]
let ``whole groups are drawn again: images of few galaxies are worth few`` () =
    let random = Random 3
    let groups = Array.init 400 (fun i -> i / 100)
    let values = groups |> Array.map (fun g -> float g + 0.1 * random.NextDouble())
    let mean (chosen: int[]) = chosen |> Array.averageBy (fun i -> values[i])
    let grouped = GroupedBootstrap.Of(groups, mean)
    let single = GroupedBootstrap.Of(Array.init 400 id, mean)
    Assert.Equal(Array.average values, grouped.Value, 1e-12)
    // Four galaxies at 0, 1, 2, 3: a deviation of √1.25/2 = 0.56, of 400 images 0.06.
    Assert.InRange(grouped.High - grouped.Low, 1.6, 2.6)
    Assert.InRange(single.High - single.Low, 0.15, 0.3)
    let alone () = GroupedBootstrap.Of([| 1; 1 |], mean) |> ignore
    Assert.StartsWith("GroupedBootstrap: expected at least two groups, got 1.", (Assert.Throws<ArgumentException> alone).Message)
    let never () = GroupedBootstrap.Of(groups, (fun _ -> nan)) |> ignore
    Assert.StartsWith("GroupedBootstrap: the statistic exists in 0 of 1000 resamples", (Assert.Throws<ArgumentException> never).Message)
