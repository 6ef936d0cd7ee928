namespace Hybrid.PropertyTests.Systems.Blase

open System
open System.IO
open Hybrid.Data.Formats
open Hybrid.Data.Systems.Blase
open Hybrid.Models.Systems.Blase
open Hybrid.Models.Training
open Hybrid.PropertyTests.Laws.Data
open TorchSharp
open Xunit

[<Collection "torch's generator">]
module TrainingTests =

    /// A few hundred SEDs of two log-parabolas each, as files.
    let private seds =
        lazy
            (use folder = new ScratchFolder()

             for sed in SedSimulator().Simulate(320, 11L, 0L) do
                 sed.Write(folder.File sed.FileName, SedVersion.Vou)

             LabelledSeds.Read(folder.Path, SedBins.Version1))

    let private disturbed epochs seed beta noise =
        PeakTrainingOptions(
            Bags = 3,
            MembersPerBag = 2,
            Epochs = epochs,
            SedsPerLabelBin = 30,
            Patience = 0,
            Seed = seed,
            Beta = beta,
            Noise = noise,
            Brightness = noise
        )

    let private plain epochs = disturbed epochs 4L 0.0 0.0
    let private set = lazy (PeakTrainingSet(seds.Value, plain 6))

    let private weights (members: Hybrid.Models.Systems.Blase.PeakEstimator[]) =
        [| for member' in members do
               for entry in member'.state_dict () do
                   use single = entry.Value.``to``(torch.ScalarType.Float32)
                   single.data<float32>().ToArray() |]

    let private train (options: PeakTrainingOptions) (run: PeakRun | null) =
        let struct (members, result) = PeakTraining.Train(PeakTrainingSet(seds.Value, options), options, run)
        let kept = weights members

        for member' in members do
            member'.Dispose()

        kept, result

    [<Fact>]
    let ``bags share the sources out, and no group stands in two of them or on both sides of the validation`` () =
        let set, seds = set.Value, seds.Value
        Assert.Equal(seds.Count, set.Bags.Length)
        Assert.Equal<int>([ 0; 1; 2 ], set.Bags |> Array.distinct |> Array.sort)

        for places in Array.groupBy (fun i -> seds.Groups[i]) [| 0 .. seds.Count - 1 |] |> Array.map snd do
            Assert.Single(places |> Array.map (fun i -> set.Bags[i]) |> Array.distinct) |> ignore
            Assert.Single(places |> Array.map (fun i -> set.IsValidation[i]) |> Array.distinct) |> ignore

        let share = (set.IsValidation |> Seq.filter id |> Seq.length |> float) / float seds.Count
        Assert.InRange(share, 0.10, 0.18)

        // The networks of a bag see the samples of all others, and none of its own.
        let rows = [| for bag in 0..2 -> Set.ofArray (set.TrainingRows bag) |]
        Assert.Equal(set.Labels.Length, Set.unionMany rows |> Set.count)
        Assert.Empty(Set.intersectMany rows)

        for bag in 0..2 do
            let labels (isChosen: int -> bool) =
                seds.Binned.Labels
                |> Array.indexed
                |> Array.filter (fun (i, _) -> isChosen set.Bags[i])
                |> Array.map (fun (_, label) -> float32 (set.Scaling.ScaleLabel label))
                |> Set.ofArray

            let own = labels (fun other -> other = bag)
            let others = labels (fun other -> other <> bag)
            let onlyOwn = Set.difference own others
            Assert.NotEmpty onlyOwn
            Assert.All(rows[bag], fun row -> Assert.False(Set.contains set.Labels[row] onlyOwn))

    [<Fact>]
    let ``a short training learns, and each network keeps its best epoch`` () =
        let _, result = train (plain 6) null
        let first, last = result.History[0], result.History[result.History.Count - 1]
        Assert.True(
            last.TrainingLoss < first.TrainingLoss - 0.3,
            $"training loss {first.TrainingLoss} at first, {last.TrainingLoss} at last.")
        Assert.Equal(6, result.MemberBest.Count)

        for k in 0..5 do
            let losses =
                result.History
                |> Seq.map (fun epoch ->
                    let members = nonNull epoch.Members
                    members["validationLoss"].[k])
                |> Array.ofSeq
            Assert.Equal(Array.min losses, result.MemberBest[k], 1e-6)

    [<Fact>]
    let ``a network's validation loss is the mean over all samples that it validates on`` () =
        let options = plain 2
        let set = PeakTrainingSet(seds.Value, options)
        let struct (members, result) = PeakTraining.Train(set, options)
        use _ = torch.NewDisposeScope()
        use _ = torch.no_grad ()

        for k in 0 .. members.Length - 1 do
            let own = set.ValidationRows(k / options.MembersPerBag) |> Array.map int64
            let all = torch.tensor(set.ValidationInputs).view(int64 set.ValidationLabels.Length, 52L).index_select (0L, torch.tensor own)
            let labels = torch.tensor(set.ValidationLabels).index_select (0L, torch.tensor own)
            members[k].eval ()
            let struct (mean, variance) = members[k].forward all
            let expected = Hybrid.Models.Systems.Blase.PeakNll.Value(mean, variance, labels).item<float32> ()
            Assert.InRange(
                result.MemberBest[k],
                float expected - 1e-4 * (1.0 + abs (float expected)),
                float expected + 1e-4 * (1.0 + abs (float expected)))
            members[k].Dispose()

    [<Fact>]
    let ``the same seed trains the same networks, bit for bit, and another one others`` () =
        let threads = torch.get_num_threads ()
        torch.set_num_threads 1

        try
            let first = fst (train (plain 2) null)
            Assert.Equal<float32[]>(first, fst (train (plain 2) null))
            Assert.NotEqual<float32[]>(first, fst (train (disturbed 2 5L 0.0 0.0) null))
        finally
            torch.set_num_threads threads

    [<Fact>]
    let ``a training that is interrupted continues as if it had not been`` () =
        use folder = new ScratchFolder()
        let threads = torch.get_num_threads ()
        torch.set_num_threads 1

        try
            let noisy epochs = disturbed epochs 4L 0.0 0.1
            let whole, _ = train (noisy 3) null
            let directory existing = PeakRun(folder.File "run", Existing = existing)
            train (noisy 1) (directory ExistingRun.Replace) |> ignore
            let continued, result = train (noisy 3) (directory ExistingRun.Resume)
            Assert.Equal(3, result.Epochs)
            Assert.Equal<float32[]>(whole, continued)
        finally
            torch.set_num_threads threads

    [<Fact>]
    let ``the weighted loss with β-NLL's weights is finite and trains`` () =
        let _, result = train (disturbed 3 4L 0.5 0.0) null
        Assert.True(result.History[2].TrainingLoss < result.History[0].TrainingLoss)

    [<Fact>]
    let ``a training leaves no tensor behind`` () =
        train (plain 1) null |> ignore
        let before = DisposeScopeManager.Statistics.ThreadTotalLiveCount
        train (plain 1) null |> ignore
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount)

    [<Fact>]
    let ``what cannot be trained on is named`` () =
        let problem = Assert.Throws<ArgumentException>(fun () -> PeakTrainingOptions(LearningRate = 0.0).Check())
        Assert.StartsWith("PeakTrainingOptions.LearningRate: expected a number in (0, 1], got 0.", problem.Message)
        let problem = Assert.Throws<ArgumentException>(fun () -> PeakTrainingSet(seds.Value, PeakTrainingOptions(Bags = 200)) |> ignore)
        Assert.StartsWith(
            "PeakTrainingSet: expected at least 800 groups (spectra, or positions) for 200 bags with validation, got 320 in 320 SEDs.",
            problem.Message)
