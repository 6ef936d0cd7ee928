namespace Hybrid.PropertyTests.Systems.Blase

open System
open System.IO
open System.Text.Json
open Xunit
open FsCheck
open Hybrid.Data.Formats
open Hybrid.Data.Systems.Blase
open Hybrid.Data.Statistics
open Hybrid.Models.Evaluation
open Hybrid.Models.Systems.Blase
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data
open TorchSharp

/// A small ensemble of untrained networks, and SEDs to ask it about.
[<RequireQualifiedAccess>]
module Untrained =
    let scaling = SedScaling(Array.create 26 -12.0, Array.create 26 0.6, 15.0, 1.7)

    let ensemble (seed: int64) (bags: int) (members: int) =
        torch.manual_seed seed |> ignore
        let networks = Array.init (bags * members) (fun _ -> new PeakEstimator(52L))
        // Untrained running statistics are all alike: give each network its own.
        use still = torch.no_grad ()

        for network in networks do
            for parameter in network.parameters () do
                use noise = torch.randn_like(parameter)
                noise.mul_(Scalar.op_Implicit 0.2f) |> ignore
                parameter.add_(noise) |> ignore

        new PeakEnsemble(SedBins.Version1, scaling, BagIndex([||], [||], [||]), networks, bags)

    let rows (seed: int) (count: int) =
        let random = SeededRandom(int64 seed)
        Array.init count (fun _ -> Array.init 26 (fun _ -> if random.Chance 0.7 then random.Uniform(-14.0, -10.0) else 0.0))

[<Collection "torch's generator">]
module EstimatorTests =

    let private released = lazy (PeakEnsemble.Load(SharedData.path "blase"))

    [<Fact>]
    let ``the released networks give the values that BlaSE gives for real SEDs`` () =
        let ensemble = released.Value
        Assert.Equal(25, ensemble.MemberCount)
        Assert.Equal(5, ensemble.BagCount)
        use oracle = JsonDocument.Parse(File.ReadAllText(SharedData.path "seds/oracle.json"))
        let mutable compared = 0

        for result in oracle.RootElement.GetProperty("results").EnumerateObject() do
            let sed = SedFile.Read(SharedData.path ("seds/" + result.Name))
            let predictions = ensemble.Predict [| ensemble.Bins.Bin sed |]
            let bag = ensemble.Index.Find(sed.RightAscension, sed.Declination, 0.1)
            Assert.Equal(result.Value.GetProperty("bag_v1").GetInt32(), bag)

            for name, bag in [ "v1_oob", bag; "v1_all", -1 ] do
                let expected = result.Value.GetProperty name
                let estimate = predictions.Estimate(0, bag)
                Assert.True(
                    abs (expected[0].GetDouble() - estimate.LogFrequency) < 1e-4,
                    $"{result.Name}, {name}: expected {expected[0].GetDouble()}, got {estimate.LogFrequency}.")
                Assert.True(
                    abs (expected[1].GetDouble() - 1.96 * estimate.Deviation) < 1e-4,
                    $"{result.Name}, {name}, error: expected {expected[1].GetDouble()}, got {1.96 * estimate.Deviation}.")
                compared <- compared + 1

        Assert.Equal(6, compared)

    [<Fact>]
    let ``either version of one SED's text has one estimate`` () =
        let ensemble = released.Value
        let of' name = ensemble.Predict([| ensemble.Bins.Bin(SedFile.Read(SharedData.path ("seds/" + name))) |]).Estimate(0, -1)
        let blast, vou = of' "TXS_0506+056.blast.txt", of' "TXS_0506+056.vou.txt"
        // Version 1 of the text has no flags: rows that are limits count as points there.
        Assert.Equal(blast.LogFrequency, vou.LogFrequency, 0.2)

    [<Fact>]
    let ``every source of the index has its bag again, but for positions that stand in several bags`` () =
        let index = BagIndex.Read(SharedData.path "blase/bag_index.npy")
        Assert.Equal(3793, index.Count)
        Assert.Equal<int>([ 713; 783; 788; 747; 762 ], index.Bags |> Array.countBy id |> Array.sort |> Array.map snd)
        let ra, dec, bags = index.RightAscension, index.Declination, index.Bags
        let bagsAt =
            Seq.zip3 ra dec bags
            |> Seq.groupBy (fun (r, d, _) -> struct (r, d))
            |> Seq.map (fun (at, rows) -> at, rows |> Seq.map (fun (_, _, b) -> b) |> Seq.distinct |> Array.ofSeq)
            |> dict

        let mutable exceptions = 0

        for i in 0 .. index.Count - 1 do
            let found = index.Find(ra[i], dec[i], 0.1)
            let there = bagsAt[struct (ra[i], dec[i])]

            if found <> bags[i] then
                Assert.True(
                    there.Length > 1 && Array.contains found there,
                    $"source {i} at {ra[i]}, {dec[i]}: expected bag {bags[i]}, got {found}.")
                exceptions <- exceptions + 1

        // 59 of 3717 positions hold two sources in different bags; one of each pair finds the other's bag.
        Assert.Equal(59, bagsAt.Values |> Seq.filter (fun there -> there.Length > 1) |> Seq.length)
        Assert.Equal(59, exceptions)

    [<Fact>]
    let ``out of bag asks the bag's own networks, a stranger all of them`` () =
        use ensemble = Untrained.ensemble 1L 3 2
        let predictions = ensemble.Predict(Untrained.rows 1 4)
        let combine networks sed =
            let struct (mean, variance) =
                NormalMixture.Combine(
                    ReadOnlySpan [| for k in networks -> predictions.Means[k].[sed] |],
                    ReadOnlySpan [| for k in networks -> predictions.Variances[k].[sed] |])
            PeakEstimate(mean, sqrt variance)

        for sed in 0..3 do
            Assert.Equal(combine [ 2; 3 ] sed, predictions.Estimate(sed, 1))
            Assert.Equal(combine [ 0..5 ] sed, predictions.Estimate(sed, -1))

        let problem = Assert.Throws<ArgumentOutOfRangeException>(fun () -> predictions.Estimate(0, 3) |> ignore)
        Assert.StartsWith("PeakPredictions: expected a bag below 3, or −1 for a source that is in none, got 3.", problem.Message)

    [<Fact>]
    let ``an estimate does not depend on the SEDs beside it`` () =
        use ensemble = Untrained.ensemble 2L 2 2
        let rows = Untrained.rows 2 20
        let together = ensemble.Predict rows

        for i in 0..19 do
            let alone = (ensemble.Predict [| rows[i] |]).Estimate(0, -1)
            let among = together.Estimate(i, -1)
            Assert.Equal(alone.LogFrequency, among.LogFrequency, 1e-4)
            Assert.Equal(alone.Deviation, among.Deviation, 1e-4)

    [<SeededProperty>]
    let ``a mixture's variance is at least the mean variance, and knows no order of its members`` (seed: int) =
        let random = SeededRandom(int64 seed)
        let n = 1 + random.Next 30
        let means = Array.init n (fun _ -> random.Uniform(10.0, 18.0))
        let variances = Array.init n (fun _ -> random.Uniform(0.0, 2.0))
        let struct (mean, variance) = NormalMixture.Combine(ReadOnlySpan means, ReadOnlySpan variances)
        let order = random.Permutation n
        let struct (mean', variance') =
            NormalMixture.Combine(
                ReadOnlySpan(order |> Array.map (fun i -> means[i])),
                ReadOnlySpan(order |> Array.map (fun i -> variances[i])))
        // The textbook form of the law of total variance.
        let textbook = (Array.map2 (fun m v -> v + m * m) means variances |> Array.average) - (Array.average means) ** 2.0

        variance >= Array.average variances - 1e-12
        && abs (mean - mean') < 1e-9
        && abs (variance - variance') < 1e-9
        && abs (variance - textbook) < 1e-9

    [<Fact>]
    let ``an ensemble saved and loaded estimates the same, bit for bit`` () =
        use folder = new ScratchFolder()
        use ensemble = Untrained.ensemble 3L 2 2
        ensemble.Save folder.Path
        use again = PeakEnsemble.Load folder.Path
        let rows = Untrained.rows 3 8
        let before, after = ensemble.Predict rows, again.Predict rows
        Assert.Equal<float[] seq>(before.Means, after.Means)
        Assert.Equal<float[] seq>(before.Variances, after.Variances)
        Assert.Equal<float[]>(ensemble.Bins.Ends, again.Bins.Ends)
        Assert.Equal<float[]>(ensemble.Scaling.Means, again.Scaling.Means)

    [<Fact>]
    let ``a folder that lacks a file is named with the file`` () =
        use folder = new ScratchFolder()
        let problem = Assert.Throws<InvalidDataException>(fun () -> PeakEnsemble.Load folder.Path |> ignore)
        Assert.Equal($"{folder.Path}: expected a file bins.txt, which the networks' inputs depend on.", problem.Message)
        use ensemble = Untrained.ensemble 3L 2 2
        ensemble.Save folder.Path
        File.Delete(folder.File "weights.safetensors")
        let problem = Assert.Throws<InvalidDataException>(fun () -> PeakEnsemble.Load folder.Path |> ignore)
        Assert.Equal(
            $"{folder.Path}: expected weights.safetensors (trained here) or models.pth (as released), found neither.",
            problem.Message)

    [<Fact>]
    let ``a prediction leaves no tensor behind`` () =
        use ensemble = Untrained.ensemble 4L 2 1
        ensemble.Predict(Untrained.rows 4 3) |> ignore
        let before = DisposeScopeManager.Statistics.ThreadTotalLiveCount
        ensemble.Predict(Untrained.rows 4 3) |> ignore
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount)
