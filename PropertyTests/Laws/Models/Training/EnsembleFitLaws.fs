namespace Hybrid.PropertyTests.Laws.Models.Training

open System
open System.Collections.Generic
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Models.Training
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data
open Hybrid.PropertyTests.Zoo
open TorchSharp

/// Linear maps 12 → 2, one for each member: what an ensemble program looks like to a fit. One member is an ordinary module.
[<Sealed>]
type internal LinearMembers(members: int64, seed: int64) as this =
    inherit torch.nn.Module<torch.Tensor, torch.Tensor>("LinearMembers")

    let weight, bias =
        use generator = new torch.Generator(uint64 seed)
        let values = torch.randn([| 8L; 12L; 2L |], generator = generator).narrow(0L, 0L, members).clone()
        new Modules.Parameter(values), new Modules.Parameter(torch.zeros(members, 1L, 2L))

    do
        this.register_parameter ("weight", weight)
        this.register_parameter ("bias", bias)

    /// x (B, 12) for all members or (M, B, 12) → (M, B, 2).
    override _.forward(x: torch.Tensor) = x.matmul(weight).add(bias)

    /// The member's weights as a network of one member.
    member _.Only(member': int64) =
        let one = new LinearMembers(1L, 1L)
        use _ = torch.no_grad ()

        for KeyValue(key, target) in one.state_dict () do
            target.copy_ ((if key = "weight" then weight else bias).narrow(0L, member', 1L)) |> ignore

        one

[<Collection "torch's generator">]
module EnsembleFitLaws =

    let private loss (network: LinearMembers) (batch: TensorBatch) : torch.Tensor =
        let y = batch["y"]
        (network.forward batch["x"] - y).square().mean([| 1L; 2L |])

    let private members = 3

    let private sources (x: torch.Tensor) (y: torch.Tensor) =
        let tensors = [| struct ("x", x); struct ("y", y) |]
        let lists = [| [| 0..59 |]; [| 12..71 |]; [| 0..2..71 |] |] // the third has fewer rows and begins again
        TensorBatches(tensors, lists, 16, seed = 3L, perMember = true), TensorBatches(tensors, [| [| 72..95 |] |], 10, shuffle = false)

    let private options =
        TrainingOptions(
            Epochs = 12,
            ClipNorm = 0.7,
            Schedule = RateSchedule.EachEpoch(fun o -> torch.optim.lr_scheduler.StepLR(o, 4, 0.5)),
            AverageDecay = 0.5
        )

    let private near (expected: float) (actual: float) what =
        Assert.True(abs (expected - actual) <= 1e-6 + 1e-4 * abs expected, $"{what}: expected {expected}, got {actual}")

    [<Fact>]
    let ``an ensemble is trained as its members would be one by one, each with its own best weights`` () =
        Regression.onOneThread (fun () ->
            use _ = torch.NewDisposeScope()
            let x, y = Regression.data ()
            let training, validation = sources x y
            use ensemble = new LinearMembers(members, 4L)
            let alone = [ for m in 0 .. members - 1 -> ensemble.Only(int64 m) ]
            // The rate is large enough that later epochs are not always better.
            use optimiser = torch.optim.SGD(ensemble.parameters (), 0.2, momentum = 0.5)
            let together = Trainer.Fit(ensemble, optimiser, Func<_, _>(loss ensemble), training, validation, options)
            Assert.Equal(members, together.MemberBest.Count)

            for m, network in List.indexed alone do
                let only (batch: TensorBatch) =
                    let part (name: string) = batch[name].narrow(0L, int64 m, 1L)
                    TensorBatch(batch.Rows, struct ("x", part "x"), struct ("y", part "y"))

                let one =
                    BatchSource.From(
                        (fun epoch -> training.Epoch epoch |> Seq.map only),
                        training.BatchesPerEpoch)

                use descent = torch.optim.SGD(network.parameters (), 0.2, momentum = 0.5)
                let single = Trainer.Fit(network, descent, Func<_, _>(loss network), one, validation, options)
                near single.Best together.MemberBest[m] $"best loss of member {m}"
                Assert.Equal(single.BestEpoch, together.MemberBestEpochs[m])

                for a, b in Seq.zip single.History together.History do
                    let members = nonNull b.Members
                    near (float a.ValidationLoss.Value) members["validationLoss"].[m] $"validation loss of member {m} in epoch {a.Epoch}"
                    near a.TrainingLoss members["trainingLoss"].[m] $"training loss of member {m} in epoch {a.Epoch}"

                let state = ensemble.state_dict ()

                for KeyValue(key, weight) in network.state_dict () do
                    let difference = (state[key].narrow(0L, int64 m, 1L) - weight).abs().max().item<float32> ()
                    Assert.True(difference < 1e-4f, $"'{key}' of member {m} differs by {difference}")

            Assert.Equal(Seq.average together.MemberBest, together.Best, 1e-12)

            for record in together.History do
                Assert.Equal(Array.average (nonNull record.Members).["validationLoss"], float record.ValidationLoss.Value, 1e-12))

    [<Fact>]
    let ``each member of a generated ensemble ends with its best epoch, statistics included, also after a crash`` () =
        Regression.onOneThread (fun () ->
            use _ = torch.NewDisposeScope()
            use folder = new ScratchFolder()
            let x, y = Regression.data ()
            let training, _ = sources x y
            let validation = TensorBatches([| struct ("x", x); struct ("y", y) |], [| [| 72..95 |] |], 24, shuffle = false)
            let lossOf (network: torch.nn.Module<torch.Tensor, torch.Tensor>) (batch: TensorBatch) =
                (network.forward batch["x"] - batch["y"]).square().mean([| -1L; -2L |])

            let fit (seed: int64) (directory: string) (callbacks: FitCallback list) =
                torch.manual_seed seed |> ignore
                let network = new Mlp.Ensemble(members)
                use optimiser = torch.optim.Adam(network.parameters (), 2e-2) // too large to get better in every epoch

                let options =
                    TrainingOptions(
                        Epochs = 10,
                        ClipNorm = 2.0,
                        CheckpointSteps = 3,
                        Directory = folder.File directory,
                        Existing = ExistingRun.Resume,
                        Callbacks = ResizeArray callbacks
                    )

                network, Trainer.Fit(network, optimiser, Func<_, _>(lossOf network), training, validation, options)

            // The first start from which members are best in different epochs: which one that is depends on the noise of dropout.
            let seed, (network, result) =
                seq { 2L .. 30L }
                |> Seq.map (fun seed -> seed, fit seed $"whole-{seed}" [])
                |> Seq.find (fun (_, (_, result)) -> Seq.distinct result.MemberBestEpochs |> Seq.length > 1)

            use network = network
            network.eval ()
            use _ = torch.no_grad ()
            let batch = Seq.head (validation.Epoch 0)

            for m in 0 .. members - 1 do
                use alone = network.Member m
                near result.MemberBest[m] (float ((lossOf alone batch).item<float32> ())) $"best loss of member {m}"

            let crash =
                { new FitCallback() with
                    override _.OnStep(fit, _) = if fit.Step = 29L then raise (OperationCanceledException "crash") }

            do
                use _ = torch.enable_grad ()
                try fit seed "killed" [ crash ] |> ignore with :? OperationCanceledException -> ()
                let again, resumed = fit seed "killed" []
                use again = again
                Assert.Equal<(string * byte[]) list>(Regression.state network, Regression.state again)
                Assert.Equal<int seq>(result.MemberBestEpochs, resumed.MemberBestEpochs))

    [<Fact>]
    let ``a loss of no member, of too many axes, or without weights is refused`` () =
        use _ = torch.NewDisposeScope()
        let x, y = Regression.data ()
        let training, _ = sources x y
        use ensemble = new LinearMembers(members, 4L)
        use optimiser = torch.optim.SGD(ensemble.parameters (), 0.1)
        let refused loss =
            let fit () = Trainer.Fit(ensemble, optimiser, Func<_, _>(loss), training) |> ignore
            (Assert.Throws<ArgumentException>(Action fit)).Message

        Assert.Contains(
            "expected the loss as a single number, or for an ensemble as one for each member, got shape (3, 16, 2)",
            refused (fun b -> ensemble.forward(b["x"]) - b["y"]))
        Assert.Contains("the loss depends on no weight that is trained", refused (fun b -> b["x"].mean()))
        let mutable calls = 0L

        let changing (b: TensorBatch) =
            calls <- calls + 1L
            (loss ensemble b).narrow(0L, 0L, min calls 2L)

        Assert.Contains("expected a loss of 1 member as in the steps before, got 2", refused changing)

    // ---- sources ----

    let private rowsOf (batch: TensorBatch) = batch["row"].data<int64>().ToArray() |> Array.toList

    [<SeededProperty>]
    let ``an epoch of tensors has every row once, and continues from any batch as it would have`` () =
        let cases =
            Gen.zip
                (Gen.zip3 (Gen.choose (1, 40)) (Gen.choose (1, 12)) (Gen.elements [ true; false ]))
                (Gen.zip3 (Gen.choose (0, 3)) (Gen.choose (0, 9)) (Gen.elements [ true; false ]))

        Prop.forAll (Arb.fromGen cases) (fun ((count, size, shuffle), (epoch, first, dropLast)) ->
            use _ = torch.NewDisposeScope()
            let dropLast = dropLast && count >= size
            let source =
                TensorBatches(size, shuffle, 7L, dropLast, struct ("row", torch.arange(int64 count, dtype = torch.ScalarType.Int64)))
            let all = source.Epoch epoch |> Seq.map rowsOf |> Seq.toList
            Assert.Equal(source.BatchesPerEpoch.Value, all.Length)
            let rows = List.concat all

            if dropLast then
                Assert.Equal(count / size * size, (List.distinct rows).Length)
            else
                Assert.Equal<int64 list>([ 0L .. int64 count - 1L ], List.sort rows)

            if not shuffle then Assert.Equal<int64 list>(List.sort rows, rows)
            let first = min first all.Length
            Assert.Equal<int64 list list>(List.skip first all, source.Epoch(epoch, first) |> Seq.map rowsOf |> Seq.toList)

            if shuffle && count >= 12 && not dropLast then
                Assert.NotEqual<int64 list>(rows, source.Epoch(epoch + 1) |> Seq.collect rowsOf |> Seq.toList))

    [<Fact>]
    let ``members go through their own rows in their own orders`` () =
        use _ = torch.NewDisposeScope()
        let tensors = [| struct ("row", torch.arange(20L, dtype = torch.ScalarType.Int64)) |]
        let lists = [| [| 0..9 |]; [| 0..9 |]; [| 10..14 |] |]
        let source = TensorBatches(tensors, lists, 4, seed = 1L, perMember = true)
        let batches = source.Epoch 0 |> Seq.map (fun b -> b["row"]) |> Seq.toList
        Assert.Equal<int64[] list>([ [| 3L; 4L |]; [| 3L; 4L |]; [| 3L; 2L |] ], batches |> List.map _.shape)
        let rows m = batches |> List.collect (fun b -> b[int64 m].data<int64>().ToArray() |> Array.toList)
        Assert.Equal<int64 list>([ 0L .. 9L ], List.sort (rows 0))
        Assert.Equal<int64 list>([ 0L .. 9L ], List.sort (rows 1))
        Assert.NotEqual<int64 list>(rows 0, rows 1)
        Assert.Equal<int64 list>([ 10L .. 14L ], List.sort (List.take 5 (rows 2)))
        Assert.Equal<int64 list>([ 10L .. 14L ], List.sort (List.skip 5 (rows 2)))
        let refused =
            Assert.Throws<ArgumentException>(fun () -> TensorBatches(tensors, lists, 4, shuffle = false, perMember = true) |> ignore)
        Assert.Contains("without shuffling every member needs as many rows, got 10, 10, 5", refused.Message)
        Assert.Contains(
            "row 20 of 20",
            Assert.Throws<ArgumentException>(fun () -> TensorBatches(tensors, [| [| 20 |] |], 4) |> ignore).Message)

    [<Fact>]
    let ``a stream continues by its steps, and an enumerable by skipping`` () =
        use _ = torch.NewDisposeScope()
        let stream = BatchSource.Stream((fun step -> TensorBatch(struct ("row", torch.tensor([| step |])))), 4)
        Assert.Equal<int64 list list>([ [ 10L ]; [ 11L ] ], stream.Epoch(2, 2) |> Seq.map rowsOf |> Seq.toList)
        let enumerable =
            BatchSource.From(fun epoch ->
                seq { for i in 0..2 -> TensorBatch(struct ("row", torch.tensor([| int64 (10 * epoch + i) |]))) })
        Assert.Equal<int64 list list>([ [ 31L ]; [ 32L ] ], enumerable.Epoch(3, 1) |> Seq.map rowsOf |> Seq.toList)
        Assert.False enumerable.BatchesPerEpoch.HasValue
        use network = torch.nn.Linear(1L, 1L)
        use optimiser = torch.optim.SGD(network.parameters (), 0.1)
        let failure =
            Assert.Throws<ArgumentException>(fun () ->
                Trainer.Fit(
                    network, optimiser, (fun b -> b["row"]), enumerable,
                    options = TrainingOptions(Schedule = RateSchedule.WarmUpCosine()))
                |> ignore)
        Assert.Contains("needs the number of all steps, which the training batches do not tell", failure.Message)
