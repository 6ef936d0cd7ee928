/// Answers among several classes, against slow references and values worked by hand.
module Hybrid.PropertyTests.Laws.Models.Evaluation.ClassificationLaws

open System
open Hybrid.Models.Evaluation
open Hybrid.PropertyTests
open Xunit

[<SeededProperty>]
let ``counts add up, and no answer depends on the order of the samples`` (seed: int) (size: byte) (classes: byte) =
    let random, count, classes = Random seed, 1 + int size % 40, 2 + int classes % 4
    let labels = Array.init count (fun _ -> random.Next classes)
    let values = Array.init count (fun i -> Array.init classes (fun c -> random.NextDouble() + (if labels[i] = c then 0.3 else 0.0)))
    let own = Classification.Of(values, labels)
    let order = Array.init count id
    random.Shuffle order
    let other = Classification.Of(order |> Array.map (fun i -> values[i]), order |> Array.map (fun i -> labels[i]))
    let right = Seq.zip values labels |> Seq.filter (fun (v, l) -> Array.findIndex ((=) (Array.max v)) v = l) |> Seq.length
    let rows = own.Confusion |> Seq.mapi (fun c row -> Seq.sum row = (labels |> Array.filter ((=) c) |> Array.length)) |> Seq.forall id
    rows && abs (own.Accuracy - float right / float count) < 1e-12 && abs (own.Accuracy - other.Accuracy) < 1e-12
    && (Double.IsNaN own.MacroAuc && Double.IsNaN other.MacroAuc || abs (own.MacroAuc - other.MacroAuc) < 1e-12)

[<Fact>]
let ``values worked by hand`` () =
    let values = [| [| 0.0; -1.0; -2.0 |]; [| -1.0; 0.0; -2.0 |]; [| 0.0; -3.0; -1.0 |]; [| -2.0; -1.0; 0.0 |] |]
    let own = Classification.Of(values, [| 0; 1; 2; 2 |])
    Assert.Equal(0.75, own.Accuracy)
    Assert.Equal(2.5 / 3.0, own.BalancedAccuracy, 1e-12)
    Assert.Equal<int list list>([ [ 1; 0; 0 ]; [ 0; 1; 0 ]; [ 1; 0; 1 ] ], [ for row in own.Confusion -> List.ofSeq row ])
    // Class 0: 0 against −1, 0 (a tie), −2; class 1: 0 against −1, −3, −1; class 2: −1 and 0 against −2, −2.
    Assert.Equal<float list>([ 2.5 / 3.0; 1.0; 1.0 ], List.ofSeq own.Areas)
    let refused = Assert.Throws<ArgumentException>(fun () -> Classification.Of(values, [| 0; 1; 2; 3 |]) |> ignore)
    Assert.StartsWith("Classification: expected 3 values and a label in [0, 2] of sample 3, got 3 and 3.", refused.Message)
