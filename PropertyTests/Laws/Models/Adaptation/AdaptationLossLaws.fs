/// Losses of domain adaptation: values worked by hand, and what holds for all features.
[<Xunit.Collection "torch's generator">]
module Hybrid.PropertyTests.Laws.Models.Adaptation.AdaptationLossLaws

open System
open Hybrid.Models.Adaptation
open Hybrid.PropertyTests
open TorchSharp
open Xunit

let private rows (values: float list list) =
    let flat = values |> List.collect (List.map float32) |> Array.ofList
    torch.tensor(flat, ReadOnlySpan [| int64 values.Length; int64 values[0].Length |])

let private some (seed: int) (n: int) (f: int) =
    let random = Random seed
    torch.tensor(Array.init (n * f) (fun _ -> float32 (2.0 * random.NextDouble() - 1.0)), ReadOnlySpan [| int64 n; int64 f |])

let private value (t: torch.Tensor) = float (t.item<float32>())

let private near (expected: float) (actual: float) (what: string) =
    Assert.True(abs (expected - actual) < 2e-6 + 2e-5 * abs expected, $"{what}: expected {expected:R}, got {actual:R}.")

/// Gretton et al. 2012, eq. 5, pair by pair in float64.
let private slowMmd (s: torch.Tensor) (t: torch.Tensor) =
    let array (x: torch.Tensor) = x.data<float32>().ToArray() |> Array.map float |> Array.chunkBySize (int (x.size 1))
    let a, b = array s, array t
    let distance (x: float[]) (y: float[]) = Array.fold2 (fun sum u v -> sum + (u - v) * (u - v)) 0.0 x y
    let all = Array.append a b
    let width = Array.average [| for x in all do for y in all -> distance x y |] + 1e-12
    let kernel x y = [ 4.0; 2.0; 1.0; 0.5; 0.25 ] |> List.averageBy (fun k -> exp (-k * distance x y / width))
    let mean xs ys = Array.average [| for x in xs do for y in ys -> kernel x y |]
    mean a a + mean b b - 2.0 * mean a b

[<SeededProperty(MaxTest = 60)>]
let ``the discrepancy is that of all pairs, at least 0, symmetric, and 0 for the same features`` (seed: int) (n: byte) (m: byte) (f: byte) =
    use _ = torch.NewDisposeScope()
    let n, m, f = 1 + int n % 7, 1 + int m % 7, 1 + int f % 5
    let s, t = some seed n f, some (seed + 1) m f
    let mmd = value (MaximumMeanDiscrepancy.Value(s, t))
    let swapped = value (MaximumMeanDiscrepancy.Value(t, s))
    let same = value (MaximumMeanDiscrepancy.Value(s, s))
    abs (mmd - slowMmd s t) < 2e-5 && mmd > -1e-6 && abs (mmd - swapped) < 1e-5 && abs same < 1e-6

[<Fact>]
let ``two points apart have the discrepancy that their distance gives`` () =
    use _ = torch.NewDisposeScope()
    // Distances of all pairs: 0, 4, 4, 0: their mean is 2, so that d²/b is 2 for the largest kernel's middle.
    let expected = 2.0 - 2.0 * ([ 4.0; 2.0; 1.0; 0.5; 0.25 ] |> List.averageBy (fun k -> exp (-k * 4.0 / 2.0)))
    near expected (value (MaximumMeanDiscrepancy.Value(rows [ [ 0.0; 0.0 ] ], rows [ [ 2.0; 0.0 ] ]))) "MMD"

[<SeededProperty(MaxTest = 60)>]
let ``covariances are compared, and a shift of all features changes nothing`` (seed: int) (n: byte) (f: byte) =
    use _ = torch.NewDisposeScope()
    let n, f = 2 + int n % 6, 1 + int f % 4
    let s, t = some seed n f, some (seed + 1) (n + 1) f
    let covariance (x: torch.Tensor) =
        let centred = x - x.mean([| 0L |], keepdim = true)
        centred.t().matmul(centred) / float32(x.size 0 - 1L).ToScalar()
    let expected = value ((covariance s - covariance t).square().sum()) / (4.0 * float (f * f))
    let coral = value (DeepCoral.Value(s, t))
    let shifted = value (DeepCoral.Value(s + 3.0.ToScalar(), t))
    abs (coral - expected) < 1e-5 + 1e-4 * expected && abs (coral - shifted) < 1e-4 + 1e-3 * coral
    && abs (value (DeepCoral.Value(s, s))) < 1e-9

[<Fact>]
let ``consistency counts sure rows alone, and its gradient reaches the student only`` () =
    use _ = torch.NewDisposeScope()
    // The teacher is sure of the first row, not of the second.
    let student = (rows [ [ 0.0; 0.0 ]; [ 3.0; 0.0 ] ]).requires_grad_()
    let teacher = (rows [ [ 8.0; 0.0 ]; [ 1.0; 0.0 ] ]).requires_grad_()
    let loss = Consistency.Value(student, teacher)
    let p = 1.0 / (1.0 + exp -8.0)
    near ((2.0 * (p - 0.5) ** 2.0) / 2.0) (value loss) "consistency"
    loss.backward()
    Assert.True(isNull teacher.grad, "the teacher has a gradient")
    let gradient = (nonNull student.grad).data<float32>().ToArray()
    Assert.True(gradient[0] < 0f && gradient[1] > 0f, "the student is not drawn to the teacher")
    Assert.Equal<float32[]>([| 0f; 0f |], gradient[2..])

[<Fact>]
let ``balanced classes cost least`` () =
    use _ = torch.NewDisposeScope()
    // ln 2 for two equal shares; one class alone costs the clamp's −½ ln 1e-6 and more.
    near (log 2.0) (value (ClassBalance.Value(rows [ [ 5.0; 0.0 ]; [ 0.0; 5.0 ] ]))) "balanced"
    let one = value (ClassBalance.Value(rows [ [ 40.0; 0.0 ]; [ 40.0; 0.0 ] ]))
    near (-0.5 * log 1e-6) one "one class"
    let three = value (ClassBalance.Value(rows [ [ 0.0; 0.0; 0.0 ] ]))
    near (-(1.0 / 3.0 * log (1.0 / 3.0) + 2.0 / 3.0 * log (2.0 / 3.0))) three "three classes"

[<Fact>]
let ``pseudo-labels teach sure rows, softly, and the threshold itself is sure`` () =
    use _ = torch.NewDisposeScope()
    let logits = (rows [ [ 1.0; 0.0 ]; [ 0.0; 2.0 ] ]).requires_grad_()
    let labels = rows [ [ 0.9; 0.1 ]; [ 0.4; 0.6 ] ]
    let logSoftmax a b = a - log (exp a + exp b)
    let first = -(0.9 * logSoftmax 1.0 0.0 + 0.1 * logSoftmax 0.0 1.0)
    let at (threshold: float32) = PseudoLabel.Value(logits, labels, torch.tensor [| threshold |])
    near (first / 2.0) (value (at 0.75f)) "one sure row of two"
    Assert.Equal(0.0, value (at 0.95f))
    near (first / 2.0) (value (at (labels[0L, 0L].item<float32>()))) "at the threshold"
    (at 0.75f).backward()
    Assert.Equal<float32[]>([| 0f; 0f |], ((nonNull logits.grad).data<float32>().ToArray())[2..])

[<Fact>]
let ``AdaMatch aligns classes, asks for a share of the source's confidence, and raises its weight once`` () =
    use _ = torch.NewDisposeScope()
    let source = rows [ [ 0.8; 0.2 ]; [ 0.4; 0.6 ] ]
    let target = rows [ [ 0.9; 0.1 ]; [ 0.5; 0.5 ] ]
    // Source means (0.6, 0.4), target means (0.7, 0.3): ratios 6/7 and 4/3.
    let a, b = 0.9 * 6.0 / 7.0, 0.1 * 4.0 / 3.0
    let aligned = AdaMatch.Align(target, source).data<float32>().ToArray()
    Assert.Equal(a / (a + b), float aligned[0], 1e-5)
    Assert.Equal(1.0, float (aligned[2] + aligned[3]), 1e-6)
    near (0.9 * 0.7) (value (AdaMatch.Confidence(source, 0.9))) "c_τ"
    Assert.Equal(0.0, AdaMatch.Weight(0L, 100L))
    Assert.Equal(0.5, AdaMatch.Weight(25L, 100L), 1e-12)
    Assert.Equal(1.0, AdaMatch.Weight(50L, 100L), 1e-12)
    Assert.Equal(1.0, AdaMatch.Weight(99L, 100L), 1e-12)

[<SeededProperty(MaxTest = 60)>]
let ``aligned labels are probabilities whose order of a row stays for equal shares`` (seed: int) (n: byte) (c: byte) =
    use _ = torch.NewDisposeScope()
    let n, c = 1 + int n % 6, 2 + int c % 3
    let source, target = (some seed n c).softmax 1L, (some (seed + 1) (n + 1) c).softmax 1L
    let aligned = AdaMatch.Align(target, source)
    let sums = aligned.sum(1L).data<float32>().ToArray()
    let same = AdaMatch.Align(target, target)
    sums |> Array.forall (fun s -> abs (s - 1f) < 1e-5f) && value ((same - target).abs().max()) < 1e-5
