/// Criteria that need no labels of the target, where the answer is known.
[<Xunit.Collection "torch's generator">]
module Hybrid.PropertyTests.Laws.Models.Adaptation.SelectionCriteriaLaws

open System
open TorchSharp
open Xunit
open Hybrid.Models.Adaptation
open Hybrid.PropertyTests

let private rows (values: float list list) =
    torch.tensor(Array.ofList (List.concat values), dtype = Nullable torch.float64).reshape(int64 values.Length, -1L)

[<SeededProperty>]
let ``information is within 0 and the logarithm of the classes, whatever their order`` (seed: int) (size: byte) (classes: byte) =
    use scope = torch.NewDisposeScope()
    torch.manual_seed (int64 seed) |> ignore
    let count, classes = 2L + int64 size % 30L, 2L + int64 classes % 4L
    let answers = (torch.randn ([| count; classes |], dtype = torch.float64) * 3.0.ToScalar()).log_softmax 1L
    let own = SelectionCriteria.Information answers
    let other = SelectionCriteria.Information(answers.flip ([| 0L; 1L |]))
    own > -1e-9 && own < log (float classes) + 1e-9 && abs (own - other) < 1e-9

[<Fact>]
let ``sure answers of both classes are worth ln 2, those of one class or unsure ones nothing`` () =
    use scope = torch.NewDisposeScope()
    let information (values: float list list) = SelectionCriteria.Information((rows values).log())
    Assert.Equal(log 2.0, information [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ] ], 1e-9)
    Assert.Equal(0.0, information [ [ 1.0; 0.0 ]; [ 1.0; 0.0 ] ], 1e-9)
    Assert.Equal(0.0, information [ [ 0.5; 0.5 ]; [ 0.5; 0.5 ] ], 1e-9)
    // Means ¾ and ¼: H = 0.5623; each 0.5623 and 0: mean 0.2812.
    let h = -(0.75 * log 0.75 + 0.25 * log 0.25)
    let mean = [ 0.875; 0.125 ] |> List.sumBy (fun p -> -p * log p)
    Assert.Equal(mean - h / 2.0, information [ [ 0.75; 0.25 ]; [ 1.0; 0.0 ] ], 1e-9)

[<Fact>]
let ``domains that are alike are 0 apart, and domains that a line separates 2`` () =
    use scope = torch.NewDisposeScope()
    torch.manual_seed 3L |> ignore
    let cloud (count: int64) (at: float) = torch.randn (count, 5L) + at.ToScalar()
    Assert.InRange(SelectionCriteria.DomainDistance(cloud 1000L 0.0, cloud 600L 0.0), 0.0, 0.12)
    Assert.InRange(SelectionCriteria.DomainDistance(cloud 1000L 0.0, cloud 600L 6.0), 1.99, 2.0)
    // Normal clouds d apart along one axis are separated with an error of Φ(−d/2): 0.1587 at 2.
    let apart = torch.tensor([| 2.0f; 0f; 0f; 0f; 0f |])
    Assert.InRange(SelectionCriteria.DomainDistance(cloud 4000L 0.0, cloud 4000L 0.0 + apart), 1.30, 1.43)

/// A loss that grows along the axis by which the target lies farther: E[(x − 1)²] is 2 for N(0, 1) and 1.25 for N(0.5, 1).
[<Fact>]
let ``embedded validation estimates the target's loss from the source's`` () =
    use scope = torch.NewDisposeScope()
    torch.manual_seed 4L |> ignore
    let source, target = torch.randn (4000L, 2L), torch.randn (4000L, 2L) + torch.tensor([| 0.5f; 0f |])
    let loss = (source.select (1L, 0L) - (1.0).ToScalar()).square()
    Assert.InRange(loss.mean().item<float32>() |> float, 1.9, 2.1)
    Assert.InRange(SelectionCriteria.EmbeddedValidation(source, loss, target), 1.15, 1.35)
    let refused = Assert.Throws<ArgumentException>(fun () ->
        SelectionCriteria.EmbeddedValidation(source, loss.narrow (0L, 0L, 7L), target) |> ignore)
    Assert.StartsWith("SelectionCriteria.EmbeddedValidation: expected a loss for each of 4000 images, got 7.", refused.Message)
    let few = Assert.Throws<ArgumentException>(fun () ->
        SelectionCriteria.DomainDistance(source.narrow (0L, 0L, 3L), target) |> ignore)
    Assert.StartsWith("SelectionCriteria: expected at least 4 rows of features or classes, got (3, 2).", few.Message)
