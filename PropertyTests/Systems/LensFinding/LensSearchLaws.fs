namespace Hybrid.PropertyTests.Systems.LensFinding

open System
open Xunit
open Hybrid.Models.Systems.LensFinding
open Hybrid.PropertyTests

/// Which settings a search tries, and which it chooses.
module LensSearchLaws =

    let private result (number: int) (information: float) =
        LensTrialResult(LensTrial(number, 1, 1e-3, 1.0), 0.5, information, 1.0, 0.7, 0.8, 0.7)

    [<SeededProperty>]
    let ``the next round has the best third, once each, in their order`` (values: byte[]) =
        let results = Array.append [| 3uy |] values |> Array.mapi (fun i value -> result i (float (value % 7uy)))
        let next = LensSearch.Next(results, LensSearch.Named "information", 9) |> Array.ofSeq
        let kept = next |> Array.map (fun trial -> results[trial.Number].Information)
        let left = results |> Array.filter (fun r -> next |> Array.forall (fun trial -> trial.Number <> r.Trial.Number))
        next.Length = (results.Length + 2) / 3
        && next |> Array.forall (fun trial -> trial.Epochs = 9)
        && next |> Array.pairwise |> Array.forall (fun (a, b) -> a.Number < b.Number)
        && left |> Array.forall (fun r -> r.Information <= Array.min kept)

    [<SeededProperty>]
    let ``rounds end with all epochs, each with a third before it, and leave one trial`` (trials: byte) (epochs: byte) =
        let trials, epochs = 1 + int trials % 100, 1 + int epochs % 50
        let rounds = LensSearch.Rounds(trials, epochs) |> Array.ofSeq
        let left = (trials, seq { 2 .. rounds.Length }) ||> Seq.fold (fun left _ -> (left + 2) / 3)
        Array.last rounds = epochs && rounds |> Array.forall (fun round -> round >= 1)
        && rounds |> Array.pairwise |> Array.forall (fun (a, b) -> a = max 1 (b / 3))
        && (left = 1 || rounds[0] = 1)

    [<SeededProperty>]
    let ``draws lie between the ends, and do not depend on how many there are`` (seed: int64) (count: byte) =
        let count = 1 + int count % 20
        let draw count = LensSearch.Random(count, 4, [| 1e-2; 1e-4 |], [| 0.1; 10.0 |], seed) |> Array.ofSeq
        let trials = draw count
        trials = Array.take count (draw (count + 3))
        && trials |> Array.forall (fun t -> t.LearningRate >= 1e-4 && t.LearningRate <= 1e-2 && t.Weight >= 0.1 && t.Weight <= 10.0)
        && trials |> Array.mapi (fun i t -> t.Number = i) |> Array.forall id

    [<Fact>]
    let ``a grid has every rate with every weight, and a method without a weight every rate`` () =
        let grid = LensSearch.Grid(3, [| 1e-3; 1e-2 |], [| 1.0; 2.0; 3.0 |])
        Assert.Equal<(int * float * float) list>(
            [ 0, 1e-3, 1.0; 1, 1e-3, 2.0; 2, 1e-3, 3.0; 3, 1e-2, 1.0; 4, 1e-2, 2.0; 5, 1e-2, 3.0 ],
            [ for t in grid -> t.Number, t.LearningRate, t.Weight ])
        let without = LensSearch.WeightOf(LensFindingOptions(), LensFindingMethod.SourceOnly)
        Assert.True(Double.IsNaN without)
        Assert.All(LensSearch.Random(4, 1, [| 1e-3; 1e-2 |], [| without |], 1L), fun t -> Assert.True(Double.IsNaN t.Weight))

    [<Fact>]
    let ``every weight that is set is read back, and changes nothing else`` () =
        for method in LensFindingMethods.All do
            let own = LensFindingOptions()
            let changed = LensSearch.WithWeight(own, method, 0.625)
            let weight = LensSearch.WeightOf(own, method)
            if Double.IsNaN weight then Assert.Equal(own, changed)
            else
                Assert.Equal(0.625, LensSearch.WeightOf(changed, method))
                Assert.Equal(own, LensSearch.WithWeight(changed, method, weight))

    [<Fact>]
    let ``criteria choose the largest, distances and losses the smallest, and never what diverged`` () =
        let trial number = LensTrial(number, 1, 1e-3, 1.0)
        let results = [| LensTrialResult(trial 0, 0.9, 0.1, 1.5, 0.2, 0.6, 0.5)
                         LensTrialResult(trial 1, 0.8, 0.6, 0.5, 0.9, 0.9, 0.5)
                         LensTrialResult(trial 2, nan, nan, nan, nan, nan, nan) |]
        let chosen = [ for one in LensSearch.Criteria -> one.Name, LensSearch.Choose(results, one).Trial.Number ]
        Assert.Equal<(string * int) list>(
            [ "information", 1; "source-accuracy", 0; "domain-distance", 1; "embedded-validation", 0 ], chosen)
        let message = (Assert.Throws<ArgumentException>(fun () -> LensSearch.Named "luck" |> ignore)).Message
        Assert.Equal("--criterion: expected one of information, source-accuracy, domain-distance, embedded-validation, got 'luck'.",
                     message)
        Assert.Equal(1.0, LensSearch.RankCorrelation([| 1.0; 2.0; 5.0 |], [| 0.1; 0.2; 0.3 |]), 1e-12)
        Assert.True(Double.IsNaN(LensSearch.RankCorrelation([| 1.0; 2.0 |], [| 1.0; 2.0 |])))
