namespace Hybrid.PropertyTests.Laws.Models.Training

open System
open System.Collections.Generic
open System.IO
open System.Threading
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Models.Training
open Hybrid.Models.Weights
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data
open Hybrid.PropertyTests.Zoo
open TorchSharp

type private Module = torch.nn.Module
type private Batch = TensorBatch

/// Tests that draw from the process's one random generator, or seed it, run alone.
[<CollectionDefinition("torch's generator", DisableParallelization = true)>]
type TorchGenerator() = class end

/// The problem that the laws of training share: two sums of twelve features, learnt by the zoo's Mlp (BatchNorm, dropout).
module internal Regression =
    let rows = 96

    let data () =
        use generator = new torch.Generator(11UL)
        let x = torch.randn([| int64 rows; 12L |], generator = generator)
        let y = torch.stack([| x.sum(1L); (x.narrow(1L, 0L, 3L)).sum(1L) |], 1L)
        x, y

    let loss (network: torch.nn.Module<torch.Tensor, torch.Tensor>) (batch: Batch) : torch.Tensor =
        (network.forward batch["x"] - batch["y"]).square().mean()

    let bytes (tensor: torch.Tensor) =
        use _ = torch.NewDisposeScope()
        tensor.detach().contiguous().bytes.ToArray()

    let state (network: Module) = [ for KeyValue(key, tensor) in network.state_dict () -> key, bytes tensor ]

    let onOneThread (body: unit -> unit) =
        let before = torch.get_num_threads ()
        torch.set_num_threads 1
        try body () finally torch.set_num_threads before

[<Collection "torch's generator">]
module FitLaws =

    let private network (seed: int64) =
        torch.manual_seed seed |> ignore
        new Mlp()

    let private split (x: torch.Tensor) (y: torch.Tensor) =
        let tensors = [| struct ("x", x); struct ("y", y) |]
        TensorBatches(tensors, [| [| 0..71 |] |], 16, seed = 5L), TensorBatches(tensors, [| [| 72..95 |] |], 24, shuffle = false)

    let private fit (network: Mlp) (optimiser: torch.optim.Optimizer) (options: TrainingOptions) =
        use _ = torch.NewDisposeScope()
        let x, y = Regression.data ()
        let training, validation = split x y
        Trainer.Fit(network, optimiser, Func<_, _>(Regression.loss network), training, validation, options)

    let private adam (network: Module) = torch.optim.Adam(network.parameters (), 3e-3)

    let private run (seed: int64) (options: TrainingOptions) =
        let network = network seed
        use optimiser = adam network
        let result = fit network optimiser options
        network, result

    [<Fact>]
    let ``a fit learns, and leaves the weights of its best epoch`` () =
        let network, result = run 1L (TrainingOptions(Epochs = 25))
        use network = network
        use _ = torch.NewDisposeScope()
        Assert.Equal(StopReason.MaxIterations, result.Reason)
        Assert.Equal(25, result.Epochs)
        Assert.Equal(25L * 5L, result.Steps) // 72 rows in batches of 16
        Assert.Equal<int seq>([ 1..25 ], result.History |> Seq.map _.Epoch)
        Assert.True(result.Best < 0.5 * result.History[0].Monitored, $"from {result.History[0].Monitored} to {result.Best}")
        Assert.Equal(result.Best, result.History |> Seq.map _.Monitored |> Seq.min)
        Assert.Equal(result.Best, result.History[result.BestEpoch - 1].Monitored)
        let x, y = Regression.data ()
        network.eval ()
        use _ = torch.no_grad ()
        let again = Regression.loss network (Batch(struct ("x", x.narrow(0L, 72L, 24L)), struct ("y", y.narrow(0L, 72L, 24L))))
        Assert.Equal(result.Best, float (again.item<float32> ()), 1e-6)

    [<Fact>]
    let ``the same seed gives the same weights bit for bit, another seed others`` () =
        Regression.onOneThread (fun () ->
            let weights (seed: int64) =
                let network, _ = run 1L (TrainingOptions(Epochs = 3, Seed = seed))
                use network = network
                Regression.state network

            let first = weights 1L
            torch.rand(7L).Dispose()
            Assert.Equal<(string * byte[]) list>(first, weights 1L)
            Assert.NotEqual<(string * byte[]) list>(first, weights 2L))

    /// Ends the process's part in a fit as a kill does: nothing more is written.
    type private Crash(step: int64) =
        inherit FitCallback()
        override _.OnStep(fit, _) = if fit.Step = step then raise (OperationCanceledException "crash")

    let private schedules: (RateSchedule | null) list =
        [ null
          RateSchedule.Plateau(0.5, 0)
          RateSchedule.WarmUpCosine 0.2
          RateSchedule.OneCycle 1e-2
          RateSchedule.EachEpoch(fun optimiser -> torch.optim.lr_scheduler.StepLR(optimiser, 2, 0.5)) ]

    let private optimisers: (Module -> torch.optim.Optimizer) list =
        [ fun n -> torch.optim.Adam(n.parameters (), 3e-3)
          fun n -> torch.optim.AdamW(n.parameters (), 3e-3, amsgrad = true)
          fun n -> torch.optim.SGD(n.parameters (), 1e-3, momentum = 0.9)
          fun n -> torch.optim.RMSProp(n.parameters (), 1e-3) ]

    [<Fact>]
    let ``a fit that dies at any step continues to the same weights and history bit for bit`` () =
        Regression.onOneThread (fun () ->
            let cases =
                gen {
                    let! schedule = Gen.choose (0, schedules.Length - 1)
                    // One-cycle turns momentum too, which RMSProp here has none of.
                    let! optimiser = Gen.choose (0, optimisers.Length - if schedule = 3 then 2 else 1)
                    let! average = Gen.elements [ Nullable(); Nullable 0.9 ]
                    let! clip = Gen.elements [ Nullable(); Nullable 1.0 ]
                    let! every = Gen.elements [ Nullable(); Nullable 3 ]
                    let! deaths = Gen.listOfLength 2 (Gen.choose (1, 19))
                    return schedule, optimiser, average, clip, every, deaths
                }

            Check.One(
                Seeded.Cases 15,
                Prop.forAll (Arb.fromGen cases) (fun (schedule, optimiser, average, clip, every, deaths) ->
                    use folder = new ScratchFolder()

                    let options (directory: string) (callbacks: FitCallback list) =
                        TrainingOptions(
                            Epochs = 4, Schedule = schedules[schedule], AverageDecay = average, ClipNorm = clip,
                            CheckpointSteps = every, KeepEpochs = 2,
                            Directory = folder.File directory, Existing = ExistingRun.Resume, Callbacks = ResizeArray callbacks)

                    let start (seed: int64) (options: TrainingOptions) =
                        use network = network seed
                        use optimiser = optimisers[optimiser] network
                        let result = fit network optimiser options
                        Regression.state network, result

                    let whole, result = start 1L (options "whole" [])

                    for i, death in List.indexed (List.sort deaths) do
                        // The weights and the state of random numbers at a later start do not matter, those in the checkpoint do.
                        try
                            start (if i = 0 then 1L else 7L) (options "killed" [ Crash(int64 death) ]) |> ignore
                        with :? OperationCanceledException ->
                            ()

                    let again, resumed = start 9L (options "killed" [])
                    Assert.Equal<(string * byte[]) list>(whole, again)
                    let timeless (epochs: IReadOnlyList<EpochRecord>) =
                        [ for e in epochs ->
                              e.Epoch, e.Steps, e.LearningRate, e.TrainingLoss, e.ValidationLoss, e.IsBest, e.LargestGradient ]

                    Assert.Equal<(int * int64 * float * float * Nullable<float> * bool * Nullable<float>) list>(
                        timeless result.History,
                        timeless resumed.History)
                    Assert.Equal<byte[]>(
                        File.ReadAllBytes(folder.File "whole/weights.safetensors"),
                        File.ReadAllBytes(folder.File "killed/weights.safetensors"))
                    let names (directory: string) =
                        Directory.GetFiles(folder.File directory) |> Array.map (Path.GetFileName >> string) |> Array.sort
                    Assert.Equal<string[]>(names "whole", names "killed")))
            )

    [<Fact>]
    let ``a finished run gives its result again, and continues when more epochs are asked for`` () =
        Regression.onOneThread (fun () ->
            use folder = new ScratchFolder()
            let options epochs = TrainingOptions(Epochs = epochs, Directory = folder.File "run", Existing = ExistingRun.Resume)
            let first, result = run 1L (options 3)
            use first = first
            let again, repeated = run 2L (options 3)
            use again = again
            Assert.Equal<(string * byte[]) list>(Regression.state first, Regression.state again)
            Assert.Equal(result.Best, repeated.Best)
            Assert.Equal(3, repeated.History.Count)
            let longer, more = run 3L (options 5)
            use longer = longer
            Assert.Equal(5, more.Epochs)
            let straight, whole = run 1L (TrainingOptions(Epochs = 5))
            use straight = straight
            Assert.Equal<(string * byte[]) list>(Regression.state straight, Regression.state longer)
            Assert.Equal<float seq>(whole.History |> Seq.map _.TrainingLoss, more.History |> Seq.map _.TrainingLoss)
            Assert.Equal(5, (File.ReadAllLines(folder.File "run/history.jsonl")).Length))

    [<Fact>]
    let ``a cancelled fit keeps what it reached and continues`` () =
        Regression.onOneThread (fun () ->
            use folder = new ScratchFolder()
            let options = TrainingOptions(Epochs = 3, Directory = folder.File "run", Existing = ExistingRun.Resume)
            use network = network 1L
            use optimiser = adam network
            use stop = new CancellationTokenSource()
            let x, y = Regression.data ()
            let training, validation = split x y
            let progress = { new IProgress<FitProgress> with member _.Report(p) = if p.Step = 7L then stop.Cancel() }
            let cancelled =
                Trainer.Fit(
                    network, optimiser, Func<_, _>(Regression.loss network), training, validation,
                    options, progress, stop.Token)
            Assert.Equal(StopReason.Cancelled, cancelled.Reason)
            Assert.Equal((1, 7L), (cancelled.Epochs, cancelled.Steps))
            let resumed, _ = run 2L options
            use resumed = resumed
            let straight, _ = run 1L (TrainingOptions(Epochs = 3))
            use straight = straight
            Assert.Equal<(string * byte[]) list>(Regression.state straight, Regression.state resumed))

    /// A metric that is what the script says, epoch by epoch.
    let private scripted (values: float list) =
        let mutable rest = values
        Func<IReadOnlyDictionary<string, float>>(fun () ->
            let value = List.head rest
            rest <- List.tail rest
            dict [ "score", value ] |> Dictionary :> IReadOnlyDictionary<_, _>)

    [<Fact>]
    let ``patience, best epoch and kept epochs follow the watched metric`` () =
        use folder = new ScratchFolder()

        let watch higher values (patience: Nullable<int>) improvement (directory: string | null) keep =
            let network, result =
                run 1L (TrainingOptions(
                    Epochs = List.length values, Monitor = "score", HigherIsBetter = higher, AfterEpoch = scripted values,
                    Patience = patience, MinImprovement = improvement,
                    Directory = directory, KeepEpochs = keep))

            use _ = network
            result

        let patient = watch false [ 3.0; 2.0; nan; 2.5; 2.0; 1.0; 0.5 ] (Nullable 3) 0.0 null 0
        Assert.Equal((StopReason.Patience, 5, 2, 2.0), (patient.Reason, patient.Epochs, patient.BestEpoch, patient.Best))
        let higher = watch true [ 1.0; 4.0; 4.1; 3.0 ] (Nullable()) 0.5 null 0
        Assert.Equal((StopReason.MaxIterations, 4, 2, 4.0), (higher.Reason, higher.Epochs, higher.BestEpoch, higher.Best))
        Assert.Equal<bool seq>([ true; true; false; false ], higher.History |> Seq.map _.IsBest)
        watch true [ 1.0; 4.0; 2.0; 3.0; 0.0 ] (Nullable()) 0.0 (folder.File "kept") 2 |> ignore
        Assert.Equal<string[]>(
            [| "epoch-2.safetensors"; "epoch-4.safetensors" |],
            Directory.GetFiles(folder.File "kept", "epoch-*") |> Array.map (Path.GetFileName >> string) |> Array.sort)
        use best = Safetensors.Load(folder.File "kept/epoch-2.safetensors")
        use weights = Safetensors.Load(folder.File "kept/weights.safetensors")
        Assert.Equal<(string * byte[]) seq>(
            [ for KeyValue(k, t) in best.Tensors -> k, Regression.bytes t ],
            [ for KeyValue(k, t) in weights.Tensors -> k, Regression.bytes t ])
        Assert.Contains("\"score\": 0", File.ReadAllText(folder.File "kept/metrics.json"))
        let asked = File.ReadAllText(folder.File "kept/options.json")
        for part in
            [ "\"network\": \"Mlp\""; "\"optimiser\": \"Adam\""; "\"learningRate\": 0.003"
              "\"keepEpochs\": 2"; "\"monitor\": \"score\"" ] do
            Assert.Contains(part, asked)

        let unknown =
            Assert.Throws<ArgumentException>(fun () ->
                run 1L (TrainingOptions(Epochs = 1, Monitor = "auc", AfterEpoch = scripted [ 1.0 ])) |> ignore)
        Assert.Contains("expected one of loss, score, got 'auc'", unknown.Message)

    [<Fact>]
    let ``a run that patience ended continues when there is more of it`` () =
        Regression.onOneThread (fun () ->
            use folder = new ScratchFolder()
            let scores = [ 2.0; 1.0; 3.0; 3.0; 0.5; 3.0 ]

            let watch seed values (patience: Nullable<int>) (directory: string | null) =
                run seed (
                    TrainingOptions(
                        Epochs = 6, Monitor = "score", AfterEpoch = scripted values,
                        Patience = patience, Directory = directory, Existing = ExistingRun.Resume))

            let impatient, first = watch 1L scores (Nullable 2) (folder.File "run")
            impatient.Dispose()
            Assert.Equal((StopReason.Patience, 4), (first.Reason, first.Epochs))
            let again, second = watch 2L [] (Nullable 2) (folder.File "run")
            again.Dispose()
            Assert.Equal((StopReason.Patience, 4), (second.Reason, second.Epochs))
            let resumed, third = watch 3L (List.skip 4 scores) (Nullable 3) (folder.File "run")
            use resumed = resumed
            Assert.Equal((StopReason.MaxIterations, 6, 5), (third.Reason, third.Epochs, third.BestEpoch))
            let straight, _ = watch 1L scores (Nullable 3) null
            use straight = straight
            Assert.Equal<(string * byte[]) list>(Regression.state straight, Regression.state resumed))

    /// Changes the rate at each epoch's start, so that a second call for one epoch would show; may end the fit there.
    type private AtStarts(last: int) =
        inherit FitCallback()
        member val Epochs = List<int>()

        override this.OnEpochStart fit =
            this.Epochs.Add fit.Epoch
            for group in fit.Optimiser.ParamGroups do group.LearningRate <- group.LearningRate * 0.5
            if fit.Epoch = last then fit.Stop()

    [<Fact>]
    let ``a fit cancelled during validation begins its next epoch once, when it continues`` () =
        Regression.onOneThread (fun () ->
            use folder = new ScratchFolder()
            use stop = new CancellationTokenSource()
            let starts = AtStarts 0
            let x, y = Regression.data ()
            let training, validation = split x y
            let validating = BatchSource.From((fun epoch -> seq { stop.Cancel(); yield! validation.Epoch epoch }), 1)
            let options =
                TrainingOptions(
                    Epochs = 3, Directory = folder.File "run", Existing = ExistingRun.Resume,
                    Callbacks = [| starts |])
            use network = network 1L
            use optimiser = adam network
            let cancelled =
                Trainer.Fit(
                    network, optimiser, Func<_, _>(Regression.loss network), training, validating,
                    options, null, stop.Token)
            Assert.Equal((StopReason.Cancelled, 1, 5L), (cancelled.Reason, cancelled.Epochs, cancelled.Steps))
            let resumed, _ = run 2L options
            use resumed = resumed
            Assert.Equal<int seq>([ 1; 2; 3 ], starts.Epochs)
            let straight, _ = run 1L (TrainingOptions(Epochs = 3, Callbacks = [| AtStarts 0 |]))
            use straight = straight
            Assert.Equal<(string * byte[]) list>(Regression.state straight, Regression.state resumed))

    [<Fact>]
    let ``a callback may end a fit at an epoch's start`` () =
        let network, result = run 1L (TrainingOptions(Epochs = 5, Callbacks = [| AtStarts 3 |]))
        use _ = network
        Assert.Equal((StopReason.Requested, 2, 2), (result.Reason, result.Epochs, result.History.Count))

    [<Fact>]
    let ``a run continues only with what it followed and kept`` () =
        use folder = new ScratchFolder()

        let options = TrainingOptions(Epochs = 1, Directory = folder.File "run", Existing = ExistingRun.Resume)
        let refused (expected: string) (fit: unit -> unit) = Assert.EndsWith(expected, Assert.Throws<InvalidDataException>(fit).Message)
        (fst (run 1L options)).Dispose()

        let other (options: TrainingOptions) = fun () -> run 1L options |> ignore
        refused
            "the run followed the validation loss (lower is better), this call follows 'score' (higher is better): \
             the best values so far do not compare. Continue as the run was begun, or begin another one."
            (other (
                TrainingOptions(
                    Epochs = 2,
                    Directory = options.Directory,
                    Existing = ExistingRun.Resume,
                    Monitor = "score",
                    HigherIsBetter = true,
                    AfterEpoch = scripted [ 1.0 ]
                )
            ))

        refused
            "has best weights. The run was begun with KeepBest: continue it with it, or replace it."
            (other (TrainingOptions(Epochs = 2, Directory = options.Directory, Existing = ExistingRun.Resume, KeepBest = false)))
        refused
            "has no averaged weights. The run was begun without AverageDecay: continue it without, or replace it."
            (other (TrainingOptions(Epochs = 2, Directory = options.Directory, Existing = ExistingRun.Resume, AverageDecay = 0.9)))

        let otherValues = "the best values so far do not compare. Continue as the run was begun, or begin another one."
        refused $"this call follows the training loss (lower is better): {otherValues}" (fun () ->
            use network = network 1L
            use optimiser = adam network
            let training, _ = Regression.data () ||> split
            Trainer.Fit(network, optimiser, Func<_, _>(Regression.loss network), training, null, options) |> ignore)

        (fst (run 1L (TrainingOptions(Epochs = 1, Directory = folder.File "averaged", KeepBest = false, AverageDecay = 0.9)))).Dispose()
        refused
            "has no best weights. The run was begun without KeepBest: continue it without, or replace it."
            (other (
                TrainingOptions(Epochs = 2, Directory = folder.File "averaged", Existing = ExistingRun.Resume, AverageDecay = 0.9)
            ))

        refused
            "has averaged weights. The run was begun with AverageDecay: continue it with it, or replace it."
            (other (TrainingOptions(Epochs = 2, Directory = folder.File "averaged", Existing = ExistingRun.Resume, KeepBest = false)))

    [<Fact>]
    let ``a plateau lowers the rate after the epochs that the metric says`` () =
        let options =
            TrainingOptions(
                Epochs = 7, Monitor = "score", AfterEpoch = scripted [ 2.0; 1.0; 1.0; 1.0; 0.5; 0.5; 0.5 ],
                Schedule = RateSchedule.Plateau(0.1, 1))
        let network, result = run 1L options
        use _ = network
        // More than one epoch without a better metric: after the fourth and the seventh.
        Assert.Equal<float seq>(
            [ 3e-3; 3e-3; 3e-3; 3e-3; 3e-4; 3e-4; 3e-4 ],
            result.History |> Seq.map (fun e -> Math.Round(e.LearningRate, 12)))

    [<Fact>]
    let ``a loss that is not finite ends the fit with the cause`` () =
        let failing (change: torch.Tensor -> torch.Tensor -> unit) (options: TrainingOptions) =
            use network = network 1L
            use optimiser = adam network
            let x, y = Regression.data ()
            change x y
            let training, _ = split x y
            let fit () = Trainer.Fit(network, optimiser, Func<_, _>(Regression.loss network), training, null, options) |> ignore
            (Assert.Throws<InvalidOperationException>(Action fit)).Message

        let nan = torch.tensor(nanf)
        let inputs = failing (fun x _ -> x[5L, 3L] <- nan) (TrainingOptions(Epochs = 2))
        Assert.Matches(
            @"^Trainer\.Fit, epoch 1, step \d: the loss is NaN\. The batch's 'x' \(16, 12\) has 1 value that is not finite, "
            + @"the first at \[\d+, 3\]\.",
            inputs)
        use network = network 1L
        use optimiser = torch.optim.SGD(network.parameters (), 1e30)
        let diverged = Assert.Throws<InvalidOperationException>(fun () -> fit network optimiser (TrainingOptions(Epochs = 3)) |> ignore)
        Assert.Contains("not finite: training diverged. Take a smaller learning rate (now 1e+30)", diverged.Message)
        let skipped = run 1L (TrainingOptions(Epochs = 2, NonFinite = NonFiniteLoss.Skip)) |> snd
        Assert.Equal(0L, skipped.History[0].SkippedSteps)

        // One row of 72 is bad: one step of five in each epoch is left out, and the weights stay finite.
        use third = new Mlp()
        use optimiser = adam third
        let x, y = Regression.data ()
        y[5L, 0L] <- nan
        let training, _ = split x y
        let result =
            Trainer.Fit(
                third, optimiser, Func<_, _>(Regression.loss third), training, null,
                TrainingOptions(Epochs = 2, NonFinite = NonFiniteLoss.Skip))
        Assert.Equal<int64 seq>([ 1L; 1L ], result.History |> Seq.map _.SkippedSteps)
        Assert.True(result.History |> Seq.forall (fun e -> Double.IsFinite e.TrainingLoss))

    [<Fact>]
    let ``a step leaves no tensor behind`` () =
        let counts = List<int64>()

        let counting =
            { new FitCallback() with
                override _.OnStep(fit, _) = counts.Add DisposeScopeManager.Statistics.ThreadTotalLiveCount }

        let before = DisposeScopeManager.Statistics.ThreadTotalLiveCount
        let network, _ =
            run 1L (TrainingOptions(
                Epochs = 4, AverageDecay = 0.9, ClipNorm = 1.0, ClipValue = 5.0,
                Schedule = RateSchedule.WarmUpCosine(), Callbacks = [| counting |]))
        Assert.Equal<int64 seq>([], counts |> Seq.skip 5 |> Seq.distinct |> Seq.skip 1)
        network.Dispose()
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount)

    [<Fact>]
    let ``a directory with a run is refused, and a checkpoint of another network or optimiser too`` () =
        use folder = new ScratchFolder()
        let options existing = TrainingOptions(Epochs = 1, Directory = folder.File "run", Existing = existing)
        (fst (run 1L (options ExistingRun.Refuse))).Dispose()
        Assert.Contains("holds an earlier run", Assert.Throws<IOException>(fun () -> run 1L (options ExistingRun.Refuse) |> ignore).Message)
        use other = torch.nn.Linear(12L, 2L)
        use optimiser = adam other
        let x, y = Regression.data ()
        let training, validation = split x y
        let load (optimiser: torch.optim.Optimizer) =
            Trainer.Fit(
                other, optimiser, Func<_, _>(Regression.loss other), training, validation,
                options ExistingRun.Resume)
            |> ignore
        Assert.Contains(
            "which the network has. It was saved from another network.",
            Assert.Throws<InvalidDataException>(fun () -> load optimiser).Message)
        use descent = torch.optim.SGD(other.parameters (), 0.1)
        Assert.Contains(
            "saved with the optimiser Adam, this one is SGD",
            Assert.Throws<InvalidDataException>(fun () -> load descent).Message)
        File.WriteAllBytes(folder.File "run/checkpoint.safetensors", [| 1uy; 2uy |])
        Assert.Throws<InvalidDataException>(fun () -> load optimiser) |> ignore
        (fst (run 1L (options ExistingRun.Replace))).Dispose()
