namespace Hybrid.PropertyTests.Laws.Models.Training

open System
open System.Collections.Generic
open System.IO
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Data.Formats
open Hybrid.Models.Training
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data
open Hybrid.PropertyTests.Laws.Data.Figures
open Hybrid.PropertyTests.Zoo
open TorchSharp

/// Two networks against each other: one moves numbers to where the other takes them for real ones.
type private Duel(rate: float) =
    inherit TrainingAlgorithm()

    let forger = torch.nn.Linear(2L, 2L)
    let judge = torch.nn.Sequential(torch.nn.Linear(2L, 8L), torch.nn.ReLU(), torch.nn.Dropout 0.2, torch.nn.Linear(8L, 1L))
    let both = new ModuleGroup(struct ("judge", judge :> torch.nn.Module), struct ("forger", forger :> torch.nn.Module))
    let optimisers: torch.optim.Optimizer list =
        [ torch.optim.Adam(judge.parameters (), rate); torch.optim.SGD(forger.parameters (), rate) ]

    let realness (x: torch.Tensor) (isReal: bool) =
        let logits = judge.forward x
        torch.nn.functional.binary_cross_entropy_with_logits (logits, (if isReal then logits.ones_like () else logits.zeros_like ()))

    member _.Forger = forger
    member _.Judge = judge
    override _.Network = both
    override _.Optimisers = List<_>(optimisers) :> IReadOnlyList<_>

    override _.Step(batch, step) =
        let fake = forger.forward batch["noise"]
        step.Minimise(realness batch["real"] true + realness (fake.detach ()) false, "judge", 0)
        step.Minimise(realness fake true, "forger", 1)

    interface IDisposable with
        member _.Dispose() =
            both.Dispose()
            optimisers |> List.iter _.Dispose()

/// Algorithms, accumulation, profiles, logs and joined sources: what the trainer does beyond one network with one loss.
[<Collection "torch's generator">]
module AlgorithmLaws =

    let private duelBatches =
        BatchSource.Stream(
            (fun _ ->
                let real = torch.randn([| 16L; 2L |]) * 0.5.ToScalar() + 1.0.ToScalar()
                new TensorBatch([| struct ("real", real); struct ("noise", torch.randn [| 16L; 2L |]) |])),
            5)

    let private duel (seed: int64) =
        torch.manual_seed seed |> ignore
        new Duel(1e-2)

    [<Fact>]
    let ``two optimisers train against each other, and each reaches its own weights only`` () =
        use algorithm = duel 1L
        let before = Regression.state algorithm.Forger
        let gradients = List<int * int>()

        // After the judge's update the forger has no gradient yet, though the judge's loss saw its numbers.
        let watch =
            { new FitCallback() with
                override _.OnGradients fit =
                    let count (m: torch.nn.Module) = m.parameters () |> Seq.filter (fun p -> not (isNull p.grad)) |> Seq.length
                    gradients.Add((count algorithm.Judge, count algorithm.Forger)) }

        let result = Trainer.Fit(algorithm, duelBatches, null, TrainingOptions(Epochs = 2, Callbacks = [| watch |]))
        Assert.Equal(20, gradients.Count)
        Assert.Equal((4, 0), gradients[0])
        Assert.Equal((4, 2), gradients[1])
        Assert.NotEqual<(string * byte[]) list>(before, Regression.state algorithm.Forger)
        let last = result.History[1]
        let metrics = nonNull last.Metrics
        Assert.Equal<string seq>([ "forger"; "judge" ], metrics.Keys |> Seq.sort)
        Assert.Equal(last.TrainingLoss, metrics["judge"] + metrics["forger"], 1e-9)

    [<Fact>]
    let ``a toy of two optimisers resumes bit for bit`` () =
        Regression.onOneThread (fun () ->
            use folder = new ScratchFolder()
            use whole = duel 2L
            let expected = Trainer.Fit(whole, duelBatches, null, TrainingOptions(Epochs = 6))

            let part = TrainingOptions(Epochs = 3, Directory = folder.File "run")
            use first = duel 2L
            Trainer.Fit(first, duelBatches, null, part) |> ignore
            use second = duel 9L
            let resumed =
                Trainer.Fit(
                    second, duelBatches, null,
                    TrainingOptions(Epochs = 6, Directory = folder.File "run", Existing = ExistingRun.Resume))
            Assert.Equal<(string * byte[]) list>(Regression.state whole.Network, Regression.state second.Network)
            Assert.Equal<float seq>(expected.History |> Seq.map _.TrainingLoss, resumed.History |> Seq.map _.TrainingLoss)

            // One optimiser is another fit.
            use network = new Mlp()
            use adam = torch.optim.Adam(network.parameters (), 1e-2)
            let loss = Func<TensorBatch, torch.Tensor>(fun batch -> network.forward(batch["x"]).sum())
            let source = BatchSource.From((fun _ -> Seq.empty<TensorBatch>), 1)
            let failure =
                Assert.Throws<InvalidDataException>(fun () ->
                    Trainer.Fit(
                        network, adam, loss, source, null,
                        TrainingOptions(Directory = folder.File "run", Existing = ExistingRun.Resume))
                    |> ignore)
            Assert.Contains("saved with the optimiser Adam, SGD, this one is Adam", failure.Message))

    /// Weights after some steps of a plain network (no batch statistics, no dropout) on batches of so many rows.
    let private accumulated
        (rows: int)
        (batchRows: int)
        (accumulate: int)
        (makes: torch.nn.Module -> torch.optim.Optimizer)
        (clip: Nullable<float>)
        =
        torch.manual_seed 5L |> ignore
        use network = torch.nn.Sequential(torch.nn.Linear(12L, 8L), torch.nn.Tanh(), torch.nn.Linear(8L, 2L))
        use optimiser = makes network
        use _ = torch.NewDisposeScope()
        let x, y = Regression.data ()
        let batches = TensorBatches([| struct ("x", x); struct ("y", y) |], [| [| 0 .. rows - 1 |] |], batchRows, shuffle = false)
        let loss = Func<TensorBatch, torch.Tensor>(fun batch -> (network.forward batch["x"] - batch["y"]).square().mean())
        let options = TrainingOptions(Epochs = 3, AccumulateBatches = accumulate, ClipNorm = clip)
        let result = Trainer.Fit(network, optimiser, loss, batches, null, options)
        [| for p in network.parameters () do yield! p.detach().data<float32>().ToArray() |], result

    [<Fact>]
    let ``k accumulated batches of b equal one of k·b, the last and shorter group too`` () =
        let sgd (network: torch.nn.Module) : torch.optim.Optimizer = torch.optim.SGD(network.parameters (), 0.05)
        let adam (network: torch.nn.Module) : torch.optim.Optimizer = torch.optim.Adam(network.parameters (), 1e-2)

        for rows, b, k in [ 96, 8, 4; 96, 1, 12; 90, 16, 3; 70, 7, 2; 5, 2, 2; 96, 96, 1 ] do
            for makes in [ sgd; adam ] do
                for clip in [ Nullable(); Nullable 0.5 ] do
                    let expected, whole = accumulated rows (b * k) 1 makes clip
                    let actual, parts = accumulated rows b k makes clip
                    Assert.Equal(whole.Steps, parts.Steps)

                    for e, a in Array.zip expected actual do
                        Assert.True(
                            abs (float e - float a) <= 1e-6 + 1e-5 * abs (float e),
                            $"{rows} rows, {k} × {b}: expected {e:R}, got {a:R}")

                    for e, a in Seq.zip whole.History parts.History do
                        Assert.Equal(e.TrainingLoss, a.TrainingLoss, 1e-5 * (1.0 + abs e.TrainingLoss))

    [<Fact>]
    let ``the parts of a profile are the epoch`` () =
        use network = new Mlp()
        use optimiser = torch.optim.Adam(network.parameters (), 1e-3)
        use _ = torch.NewDisposeScope()
        let x, y = Regression.data ()
        let batches = TensorBatches([| struct ("x", x); struct ("y", y) |], null, 8)
        let slow = batches.Transform(fun batch -> Threading.Thread.Sleep 2; batch)
        let result =
            Trainer.Fit(
                network, optimiser, Func<_, _>(Regression.loss network), slow, batches,
                TrainingOptions(Epochs = 3, Profile = true))

        for record in result.History do
            let profile = nonNull record.Profile
            let sum = profile.Data + profile.Forward + profile.Backward + profile.Update + profile.Validation + profile.Rest
            Assert.InRange(sum / record.Seconds, 0.95, 1.05)
            Assert.True(profile.Data >= 12.0 * 0.002, $"{profile}")
            Assert.True(profile.Forward > 0.0 && profile.Backward > 0.0 && profile.Update > 0.0 && profile.Validation > 0.0, $"{profile}")
            Assert.Matches(
                @"^[\d.]+ s: data \d+ %, forward \d+ %, backward \d+ %, update \d+ %, validation \d+ %, rest \d+ %$",
                string profile)

    /// Tag and value of each scalar in TensorBoard's event files:
    /// Event { summary = 5: Summary { value = 1: { tag = 1, simple_value = 2 } } }.
    let private scalars (folder: string) =
        let rec fields (bytes: byte[]) =
            [ let mutable at = 0

              let varint () =
                  let mutable value, shift, more = 0UL, 0, true

                  while more do
                      value <- value ||| ((uint64 bytes[at] &&& 0x7FUL) <<< shift)
                      more <- bytes[at] >= 128uy
                      shift <- shift + 7
                      at <- at + 1

                  value

              while at < bytes.Length do
                  let head = varint ()

                  match int head &&& 7 with
                  | 0 -> yield int (head >>> 3), BitConverter.GetBytes(varint ())
                  | 1 ->
                      yield int (head >>> 3), bytes[at .. at + 7]
                      at <- at + 8
                  | 5 ->
                      yield int (head >>> 3), bytes[at .. at + 3]
                      at <- at + 4
                  | _ ->
                      let length = int (varint ())
                      yield int (head >>> 3), bytes[at .. at + length - 1]
                      at <- at + length ]

        [ for file in Directory.GetFiles(folder, "*tfevents*", SearchOption.AllDirectories) |> Array.sort do
              for record in TfRecordFile.Read file do
                  let event = fields record
                  let step =
                      event
                      |> List.tryPick (fun (f, b) -> if f = 2 then Some(BitConverter.ToInt64 b) else None)
                      |> Option.defaultValue 0L

                  for _, summary in event |> List.filter (fun (f, _) -> f = 5) do
                      for _, value in fields summary |> List.filter (fun (f, _) -> f = 1) do
                          let parts = dict (fields value)
                          yield Text.Encoding.UTF8.GetString parts[1], step, BitConverter.ToSingle parts[2] ]

    [<Fact>]
    let ``TensorBoard's event files and history.csv say what the history says`` () =
        use folder = new ScratchFolder()
        use network = new Mlp()
        use optimiser = torch.optim.Adam(network.parameters (), 1e-3)
        use _ = torch.NewDisposeScope()
        let x, y = Regression.data ()
        let batches = TensorBatches([| struct ("x", x); struct ("y", y) |], null, 16)
        let metrics =
            dict [ "error, absolute",
                Func<TensorBatch, torch.Tensor>(fun batch -> (network.forward batch["x"] - batch["y"]).abs().mean()) ]
        let options = TrainingOptions(Epochs = 3, TensorBoard = true, Directory = folder.File "run", Metrics = Dictionary<_, _>(metrics))
        let result = Trainer.Fit(network, optimiser, Func<_, _>(Regression.loss network), batches, batches, options)
        let logged = scalars (folder.File "run/tensorboard")

        let expected =
            [ for record in result.History do
                  "loss/training", int64 record.Epoch, float32 record.TrainingLoss
                  "loss/validation", int64 record.Epoch, float32 record.ValidationLoss.Value
                  "metrics/error, absolute", int64 record.Epoch, float32 ((nonNull record.Metrics).["error, absolute"])
                  "learning rate", int64 record.Epoch, float32 record.LearningRate ]

        Assert.Equal<(string * int64 * float32) list>(expected |> List.sort, logged |> List.sort)
        let rows = File.ReadAllLines(folder.File "run/history.csv")
        Assert.Equal("epoch,steps,learning rate,training loss,validation loss,\"error, absolute\",best,seconds", rows[0])
        Assert.Equal(4, rows.Length)
        Assert.StartsWith(FormattableString.Invariant $"2,12,0.001,{result.History[1].TrainingLoss:R},", rows[2])

    [<Fact>]
    let ``a learning rate is found where the loss falls most steeply, and nothing is left changed`` () =
        torch.manual_seed 3L |> ignore
        use network = new Mlp()
        use optimiser = torch.optim.Adam(network.parameters (), 1e-3)
        use _ = torch.NewDisposeScope()
        let x, y = Regression.data ()
        let batches = TensorBatches([| struct ("x", x); struct ("y", y) |], null, 16)
        let before = Regression.state network
        let random = Regression.bytes (torch.get_rng_state ())
        let curve = LearningRateFinder.Find(network, optimiser, Func<_, _>(Regression.loss network), batches)
        Assert.InRange(curve.Suggestion, 1e-4, 0.3)
        Assert.Equal<(string * byte[]) list>(before, Regression.state network)
        Assert.Equal<byte[]>(random, Regression.bytes (torch.get_rng_state ()))
        Assert.Equal(1e-3, (Seq.head optimiser.ParamGroups).LearningRate)
        Assert.Contains("suggestion", curve.Figure().ToJson())
        Assert.StartsWith("learning rate ", string curve)
        let none =
            Assert.Throws<ArgumentException>(fun () ->
                LearningRateFinder.Find(
                    network, optimiser, Func<_, _>(Regression.loss network),
                    BatchSource.From(fun _ -> Seq.empty))
                |> ignore)
        Assert.Contains("expected at least one training batch, got none", none.Message)
        let low =
            Assert.Throws<ArgumentOutOfRangeException>(fun () ->
                LearningRateFinder.Find(
                    network, optimiser, Func<_, _>(Regression.loss network),
                    batches, largest = 1e-7)
                |> ignore)
        Assert.Contains("expected largest to be a rate > 1E-06, got 1E-07", low.Message)

    let private numbered (name: string) (batches: int) =
        let batch (number: int) = new TensorBatch([| struct (name, torch.tensor [| number |]) |])
        BatchSource.From((fun epoch -> Seq.init batches (fun number -> batch (1000 * epoch + number))), Nullable batches)

    [<SeededProperty(MaxTest = 60)>]
    let ``joined sources go through each of theirs in its own order, from whatever batch an epoch is taken up``
        (PositiveInt a)
        (PositiveInt b)
        (NonNegativeInt epoch)
        (NonNegativeInt first)
        =
        use _ = torch.NewDisposeScope()
        let a, b, epoch = 1 + a % 7, 1 + b % 7, epoch % 4
        let joined = BatchTransforms.Together(struct ("source", numbered "x" a), struct ("target", numbered "y" b))
        let length = max a b
        Assert.Equal(Nullable length, joined.BatchesPerEpoch)
        let first = first % length
        let read (batch: TensorBatch) = batch["source.x"].item<int>(), batch["target.y"].item<int>()
        let whole = [ for batch in joined.Epoch epoch -> read batch ]
        let expected count step = 1000 * (step / count) + step % count
        Assert.Equal<(int * int) list>(
            [ for step in epoch * length .. (epoch + 1) * length - 1 -> expected a step, expected b step ],
            whole)
        Assert.Equal<(int * int) list>(List.skip first whole, [ for batch in joined.Epoch(epoch, first) -> read batch ])

    [<Fact>]
    let ``what cannot be joined is named`` () =
        let refused (sources: struct (string * IBatchSource)[]) =
            (Assert.Throws<ArgumentException>(fun () -> BatchTransforms.Together sources |> ignore)).Message
        Assert.Contains("expected at least one source, got none", refused [||])
        Assert.Contains("expected names without a dot, got 'a.b'", refused [| struct ("a.b", numbered "x" 2) |])
        Assert.Contains("expected different names, got a, a", refused [| struct ("a", numbered "x" 2); struct ("a", numbered "x" 2) |])
        Assert.Contains("'a' does not know how many batches an epoch has", refused [| struct ("a", BatchSource.From(fun _ -> Seq.empty)) |])

    [<Fact>]
    let ``a folder that a run is being written to is refused, and free again at its end`` () =
        use folder = new ScratchFolder()
        let path = folder.File "run"

        (use run = RunDirectory.Create(path, "options")
         let failure = Assert.Throws<IOException>(fun () -> RunDirectory.Create(path, "others", replace = true) |> ignore)
         Assert.Matches(
             $@"^{path}: a run is being written there by process {Environment.ProcessId}, begun \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\. "
             + @"Wait for its end, or choose another folder\.$",
             failure.Message)
         Assert.Contains("\"options\"", File.ReadAllText(run.PathOf "options.json")))

        Assert.False(File.Exists(Path.Combine(path, "run.lock")))
        (use _ = RunDirectory.Continue path in ())
        let held = Assert.Throws<IOException>(fun () -> RunDirectory.Create(path, "others") |> ignore)
        Assert.Contains("holds an earlier run (options.json)", held.Message)
        Assert.Equal(path + "-2", RunDirectory.NextFree path)
        (use _ = RunDirectory.Create(path + "-2", "options") in ())
        Assert.Equal(path + "-3", RunDirectory.NextFree path)
        Assert.Equal(path + "-2", RunDirectory.Latest path)
        Assert.Equal(folder.File "none", RunDirectory.Latest(folder.File "none"))

    [<Fact>]
    let ``a result reads as a line, a page and console lines`` () =
        use folder = new ScratchFolder()
        use network = new Mlp()
        use optimiser = torch.optim.Adam(network.parameters (), 1e-3)
        use _ = torch.NewDisposeScope()
        let x, y = Regression.data ()
        let batches = TensorBatches([| struct ("x", x); struct ("y", y) |], null, 16)
        use writer = new StringWriter()
        let result =
            Trainer.Fit(
                network, optimiser, Func<_, _>(Regression.loss network), batches, batches,
                TrainingOptions(Epochs = 40),
                Progress.Console(writer, 4))
        Assert.Matches(@"^40 epochs, 240 steps, [\d.]+ s; best loss [\d.e-]+ at epoch \d+; all epochs or steps done$", string result)
        let lines = writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
        Assert.Equal(5, lines.Length) // the first epoch, and each of four parts
        Assert.Matches(@"^epoch  1/40  loss [\d.]+  validation [\d.]+  rate 1\.0e-3  [\d.]+ s$", lines[0])
        Assert.StartsWith("epoch 40/40", lines[4])
        Drawing.require ()
        result.WriteReport(folder.File "report.html", "Sums", [ KeyValuePair("batch", "16") ])
        let page = File.ReadAllText(folder.File "report.html")
        Assert.Contains("best loss", page)
        Assert.Contains("<dt>batch</dt><dd>16</dd>", page)

    [<Fact>]
    let ``an algorithm without a loss, or with an unknown optimiser, gets a message that says what to do`` () =
        let with' (step: TensorBatch -> TrainingStep -> torch.Tensor -> unit) =
            use network = torch.nn.Linear(1L, 1L)
            use optimiser = torch.optim.SGD(network.parameters (), 0.1)

            let algorithm =
                { new TrainingAlgorithm() with
                    override _.Network = network
                    override _.Optimisers = [| optimiser |]
                    override _.Step(batch, it) = step batch it (network.forward(batch[0]).sum()) }

            use _ = torch.NewDisposeScope()
            let source =
                BatchSource.From((fun _ -> Seq.singleton (new TensorBatch([| struct ("x", torch.ones [| 1L; 1L |]) |]))), Nullable 1)
            let fit () = Trainer.Fit(algorithm, source, null, TrainingOptions(Epochs = 1)) |> ignore
            (Assert.ThrowsAny<ArgumentException>(Action fit)).Message

        Assert.Contains("a step minimised no loss. Call TrainingStep.Minimise", with' (fun _ _ _ -> ()))
        Assert.Contains("expected an optimiser in 0 … 0, got 1", with' (fun _ step loss -> step.Minimise(loss, optimiser = 1)))
        Assert.Contains("'loss' is the loss's own name", with' (fun _ step _ -> step.Measure("loss", 1.0)))
