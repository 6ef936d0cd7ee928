/// What a survey's candidates are worth, and which objects are found: against slow references and values worked by hand.
module Hybrid.PropertyTests.Laws.Models.Evaluation.SurveyYieldLaws

open System
open Hybrid.Models.Evaluation
open Hybrid.PropertyTests
open Xunit

let private sample (seed: int) (size: byte) =
    let random = Random seed
    let count = 2 + int size % 40
    let kinds = Array.init count (fun i -> if i < 2 then i = 0 else random.Next 3 = 0)
    let scores = Array.init count (fun i -> random.NextDouble() + (if kinds[i] then 0.3 else 0.0))
    scores, kinds

let private yields (scores: float[]) (kinds: bool[]) ratio (lengths: float[]) =
    SurveyYield.Of(ReadOnlySpan scores, ReadOnlySpan kinds, ratio, lengths) |> Seq.toArray

/// Of different scores: so many copies of each negative, sorted, and the first of them counted.
[<SeededProperty>]
let ``a list is the first of as many copies of the negatives`` (seed: int) (size: byte) (copies: byte) (length: byte) =
    let scores, kinds = sample seed size
    let copies = 1 + int copies % 5
    let positives = kinds |> Array.filter id |> Array.length
    let survey =
        [| for i in 0 .. kinds.Length - 1 do for _ in 1 .. (if kinds[i] then 1 else copies) -> scores[i], kinds[i] |]
        |> Array.sortByDescending fst
    let taken = 1 + int length % survey.Length
    let found = survey[.. taken - 1] |> Array.filter snd |> Array.length
    let ratio = float (copies * (kinds.Length - positives)) / float positives
    let point = (yields scores kinds ratio [| float taken / float positives |])[0]
    abs (point.Completeness - float found / float positives) < 1e-9
    && abs (point.Purity - float found / float taken) < 1e-9

[<SeededProperty>]
let ``longer lists are more complete, and the whole survey has everything`` (seed: int) (size: byte) =
    let scores, kinds = sample seed size
    let points = yields scores kinds 100.0 [| 0.01; 0.5; 1.0; 2.0; 10.0; 1000.0 |]
    let rises = points |> Array.pairwise |> Array.forall (fun (a, b) -> a.Completeness <= b.Completeness + 1e-12)
    rises && abs (points[5].Completeness - 1.0) < 1e-9 && abs (points[5].Candidates - 101.0) < 1e-9
    && points |> Array.forall (fun p -> p.Purity >= 0.0 && p.Purity <= 1.0 + 1e-12)

[<Fact>]
let ``a perfect search is pure, and one that knows nothing as pure as the survey`` () =
    let kinds = [| true; true; false; false |]
    let perfect = yields [| 4.0; 3.0; 2.0; 1.0 |] kinds 100.0 [| 0.5; 1.0; 2.0 |]
    Assert.Equal<float list>([ 1.0; 1.0; 0.5 ], [ for p in perfect -> Math.Round(p.Purity, 12) ])
    Assert.Equal<float list>([ 0.5; 1.0; 1.0 ], [ for p in perfect -> Math.Round(p.Completeness, 12) ])
    for point in yields [| 1.0; 1.0; 1.0; 1.0 |] kinds 100.0 [| 0.5; 1.0; 50.0 |] do
        Assert.Equal(1.0 / 101.0, point.Purity, 1e-12)
    let refused = Assert.Throws<ArgumentOutOfRangeException>(fun () -> yields [| 1.0; 0.0 |] [| true; false |] 100.0 [| 0.0 |] |> ignore)
    Assert.StartsWith("SurveyYield: expected lengths > 0, number 0 is 0.", refused.Message)

[<SeededProperty>]
let ``ranges hold every object once, and their shares are those found`` (seed: int) (size: byte) (ranges: byte) =
    let random = Random seed
    let count = int size % 50
    let quantity = Array.init count (fun i -> if i % 11 = 10 then nan else float (random.Next 12))
    let found = Array.init count (fun _ -> random.Next 2 = 0)
    let points = Completeness.Of(quantity, found, 1 + int ranges % 6) |> Seq.toArray
    let known = [| for i in 0 .. count - 1 do if not (Double.IsNaN quantity[i]) then i |]
    let sum f = points |> Array.sumBy f
    sum (fun p -> float p.Count) = float known.Length
    && abs (sum (fun p -> p.Found * float p.Count) - float (known |> Array.filter (fun i -> found[i]) |> Array.length)) < 1e-9
    && points.Length <= 1 + int ranges % 6
    && points |> Array.pairwise |> Array.forall (fun (a, b) -> a.High < b.Low)
    && points |> Array.forall (fun p ->
        p.FoundLow <= p.Found + 1e-12 && p.Found <= p.FoundHigh + 1e-12 && p.Low <= p.Mean && p.Mean <= p.High)

/// Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
[<Theory>]
[<InlineData(81, 263, 0.2553, 0.3662)>]
[<InlineData(15, 148, 0.0624, 0.1605)>]
[<InlineData(0, 20, 0.0, 0.1611)>]
[<InlineData(1, 29, 0.0061, 0.1718)>]
let ``Wilson's interval is the published one`` (found: int) (count: int) (low: float) (high: float) =
    let struct (l, h) = Completeness.Wilson(found, count)
    Assert.Equal(low, l, 6e-5)
    Assert.Equal(high, h, 6e-5)
