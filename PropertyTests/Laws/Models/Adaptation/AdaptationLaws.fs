/// Methods of domain adaptation on a toy whose answer is known: two classes of points, the target's moved.
[<Xunit.Collection "torch's generator">]
module Hybrid.PropertyTests.Laws.Models.Adaptation.AdaptationLaws

open System
open System.Collections.Generic
open Hybrid.Models.Adaptation
open Hybrid.Models.Training
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data
open Hybrid.PropertyTests.Laws.Models.Training
open TorchSharp
open Xunit

let private width = 8L

/// Two layers with a batch normalisation, so that domains leave statistics.
let private makeEncoder () =
    torch.nn.Sequential(torch.nn.Linear(2L, width), torch.nn.BatchNorm1d width, torch.nn.ReLU(), torch.nn.Linear(width, width))
    :> torch.nn.Module<torch.Tensor, torch.Tensor>

let private make () =
    new EncoderWithHead(makeEncoder (), new ClassHead(features = width, classes = 2L))

/// Classes at (±1, 0), in the target moved by (0.9, 2) with twice the spread.
let private points isTarget (n: int64) =
    let label = torch.arange(n, dtype = torch.ScalarType.Int64) % 2L.ToScalar()
    let x = torch.randn([| n; 2L |]) * (if isTarget then 0.5 else 0.3).ToScalar()
    let at = label.to_type(torch.ScalarType.Float32) * 2.0.ToScalar() - 1.0.ToScalar()
    let x = x + torch.stack([| at; torch.zeros n |], 1L)
    let x = if isTarget then x + torch.tensor [| 0.9f; 2f |] else x
    x, label

let private batches =
    BatchSource.Stream(
        (fun _ ->
            let s, label = points false 32L
            let t, _ = points true 32L
            new TensorBatch([| struct ("source.image", s); struct ("source.label", label); struct ("target.image", t) |])),
        20)

let private accuracy (classifier: EncoderWithHead) isTarget takesStatistics =
    use _ = torch.NewDisposeScope()
    use _ = torch.no_grad ()
    torch.manual_seed 99L |> ignore
    let x, label = points isTarget 600L

    // What passed the domains apart is asked with the statistics of the domain that it is asked about.
    if takesStatistics then
        let source = BatchSource.From((fun _ -> Seq.singleton (new TensorBatch([| struct ("image", x) |]))), 1)
        BatchStatistics.Adapt(classifier.Module, (fun batch -> classifier.Outputs batch["image"] |> ignore), source)

    classifier.Module.eval ()
    let struct (_, score) = classifier.Score x
    float (score.gt(0.0.ToScalar()).to_type(torch.ScalarType.Int64).eq(label).to_type(torch.ScalarType.Float32).mean().item<float32>())

let private adam (m: torch.nn.Module) : torch.optim.Optimizer = torch.optim.Adam(m.parameters (), 5e-3)
let private steps = 100L
let private options = TrainingOptions(Epochs = 5, KeepBest = false)

let private algorithm (name: string) (classifier: EncoderWithHead) (owned: List<IDisposable>) : AdaptationAlgorithm =
    let own (x: #IDisposable) = owned.Add x; x
    let optimiser = own (adam classifier.Module)
    let critic () = own (new DomainCritic(features = width, width = 16L))

    match name with
    | "source-only" -> SourceOnly(classifier, optimiser)
    | "mmd" -> FeatureAlignment(classifier, optimiser, FeatureDistance.Mmd, 1.0, steps)
    | "coral" -> FeatureAlignment(classifier, optimiser, FeatureDistance.Coral, 1.0, steps)
    | "dann" -> let c = critic () in DomainAdversarial(classifier, c, optimiser, own (adam c), 0.3, steps)
    | "wdgrl" -> let c = critic () in Wasserstein(classifier, c, optimiser, own (adam c), 0.1, steps, 2)
    | "self-ensembling" -> SelfEnsembling(classifier, own (make ()), optimiser, steps)
    | "adamatch" -> AdaMatch(classifier, optimiser, steps)
    | other -> failwith other

let private names = [ "source-only"; "mmd"; "coral"; "dann"; "wdgrl"; "self-ensembling"; "adamatch" ]

[<Fact>]
let ``every method learns the source and reads no label of the target`` () =
    for name in names do
        torch.manual_seed 3L |> ignore
        let owned = List<IDisposable>()
        use classifier = make ()
        let algorithm = algorithm name classifier owned
        let result = Trainer.Fit(algorithm, batches, null, options)
        Assert.Equal(steps, result.Steps)
        let reached = accuracy algorithm.Predictor false (name <> "source-only")
        Assert.True(reached > 0.95, $"{name}: {reached} of the source's points")
        owned |> Seq.iter _.Dispose()

[<Fact>]
let ``what aligns batch statistics or pseudo-labels finds the moved classes better than the baseline`` () =
    let reached name =
        torch.manual_seed 4L |> ignore
        let owned = List<IDisposable>()
        use classifier = make ()
        let algorithm = algorithm name classifier owned
        Trainer.Fit(algorithm, batches, null, options) |> ignore
        let reached = accuracy algorithm.Predictor true (name = "mmd")
        owned |> Seq.iter _.Dispose()
        reached

    let baseline = reached "source-only"

    for name in [ "mmd"; "adamatch" ] do
        let adapted = reached name
        Assert.True(adapted > baseline + 0.03, $"{name}: {adapted}, source-only {baseline}")

[<Fact>]
let ``ADDA leaves source encoder and head as they are, and trains the copy`` () =
    torch.manual_seed 5L |> ignore
    use source = make ()
    use target = make ()
    use first = adam source.Module
    Trainer.Fit(SourceOnly(source, first), batches, null, options) |> ignore
    let before = Regression.state source.Module
    use critic = new DomainCritic(features = width)
    use ofEncoder = torch.optim.Adam(target.Encoder.parameters (), 1e-3)
    use ofCritic = adam critic
    let adda = Adda(source, target, critic, ofEncoder, ofCritic)
    Assert.Equal<(string * byte[]) list>(before, Regression.state target.Module)
    Trainer.Fit(adda, batches, null, TrainingOptions(Epochs = 1, KeepBest = false)) |> ignore
    Assert.Equal<(string * byte[]) list>(before, Regression.state source.Module)
    Assert.Equal<(string * byte[]) list>(Regression.state source.Head, Regression.state target.Head)
    Assert.NotEqual<(string * byte[]) list>(Regression.state source.Encoder, Regression.state target.Encoder)

[<Fact>]
let ``adapted statistics are those of the batches, and weights stay`` () =
    use _ = torch.NewDisposeScope()
    torch.manual_seed 6L |> ignore
    use encoder = makeEncoder ()
    let images = [ for _ in 1..3 -> fst (points true 16L) ]
    let linear = (encoder.named_children () |> Seq.head).ToTuple() |> snd :?> torch.nn.Module<torch.Tensor, torch.Tensor>
    let weights = encoder.parameters () |> Seq.map (fun p -> p.detach().clone()) |> Seq.toArray
    let source = BatchSource.From((fun _ -> images |> Seq.map (fun x -> new TensorBatch([| struct ("image", x) |]))), 3)
    BatchStatistics.Adapt(encoder, (fun batch -> encoder.forward batch["image"] |> ignore), source)
    use _ = torch.no_grad ()
    let hidden = images |> List.map linear.forward
    let mean = torch.stack(hidden |> List.map (fun h -> h.mean [| 0L |]) |> Array.ofList).mean [| 0L |]
    let variance = torch.stack(hidden |> List.map (fun h -> h.var(0L, true)) |> Array.ofList).mean [| 0L |]
    let buffers = encoder.named_buffers () |> Seq.map (fun struct (name, b) -> name, b) |> dict
    let differs (a: torch.Tensor) (b: torch.Tensor) = float ((a - b).abs().max().item<float32>())
    let of' (ending: string) = buffers[buffers.Keys |> Seq.find (fun k -> k.EndsWith ending)]
    Assert.True(differs (of' "running_mean") mean < 1e-5, "means")
    Assert.True(differs (of' "running_var") variance < 1e-4, "variances")
    Seq.iter2 (fun p w -> Assert.Equal(0.0, differs p w)) (encoder.parameters ()) weights

    // Passes that shall leave no trace leave none.
    let before = Regression.state encoder
    encoder.train ()
    do
        use _ = BatchStatistics.Kept encoder
        encoder.forward images[0] |> ignore
    Assert.Equal<(string * byte[]) list>(before, Regression.state encoder)
    let none = BatchSource.From((fun _ -> Seq.singleton (new TensorBatch([| struct ("image", torch.zeros [| 1L; 2L |]) |]))), 1)
    let problem = Assert.Throws<ArgumentException>(fun () -> BatchStatistics.Adapt(encoder, ignore, none))
    Assert.StartsWith("BatchStatistics.Adapt: expected a batch of at least two images, got none.", problem.Message)

[<Fact>]
let ``a teacher is the moving average of its student, exactly`` () =
    use _ = torch.NewDisposeScope()
    torch.manual_seed 7L |> ignore
    use student = makeEncoder ()
    use teacher = makeEncoder ()
    let weight (m: torch.nn.Module) = (m.parameters () |> Seq.head).detach().clone()
    let s, t = weight student, weight teacher
    ExponentialMovingAverage.Blend(teacher, student, 0.75)
    let expected = t * 0.75.ToScalar() + s * 0.25.ToScalar()
    Assert.Equal(0.0, float ((weight teacher - expected).abs().max().item<float32>()), 1e-7)

    // A step of self-ensembling blends after its update, and no gradient reaches the teacher.
    use a = make ()
    use b = make ()
    use optimiser = adam a.Module
    let algorithm = SelfEnsembling(a, b, optimiser, steps, 0.5)
    let before = weight a.Module
    Trainer.Fit(algorithm, batches, null, TrainingOptions(MaxSteps = Nullable 1L, Epochs = 1, KeepBest = false)) |> ignore
    let half = before * 0.5.ToScalar() + (weight a.Module) * 0.5.ToScalar()
    Assert.Equal(0.0, float ((weight b.Module - half).abs().max().item<float32>()), 1e-6)
    Assert.True(b.Module.parameters () |> Seq.forall (fun p -> isNull p.grad), "the teacher has a gradient")

[<Fact>]
let ``an adaptation resumes bit for bit`` () =
    Regression.onOneThread (fun () ->
        let run epochs folder existing seed =
            torch.manual_seed seed |> ignore
            let owned = List<IDisposable>()
            use classifier = make ()
            let algorithm = algorithm "self-ensembling" classifier owned
            Trainer.Fit(algorithm, batches, null,
                        TrainingOptions(Epochs = epochs, KeepBest = false, Directory = folder, Existing = existing)) |> ignore
            let state = Regression.state algorithm.Network
            owned |> Seq.iter _.Dispose()
            state

        use folder = new ScratchFolder()
        let whole = run 4 (folder.File "whole") ExistingRun.Refuse 1L
        run 2 (folder.File "parts") ExistingRun.Refuse 1L |> ignore
        Assert.Equal<(string * byte[]) list>(whole, run 4 (folder.File "parts") ExistingRun.Resume 9L))
