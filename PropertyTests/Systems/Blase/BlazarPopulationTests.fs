namespace Hybrid.PropertyTests.Systems.Blase

open System
open System.IO
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Data.Formats
open Hybrid.Data.Systems.Blase
open Hybrid.Data.Splits
open Hybrid.Models.Weights
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data
open TorchSharp

module BlazarPopulationTests =

    let private population = lazy (BlazarPopulation(LeptonicSpectra.Read(SharedData.path "seds/leptonic_1k.csv.gz")))

    [<Fact>]
    let ``a source depends on its number only, and its SED is of its spectrum and peak`` () =
        let population = population.Value
        let many = population.Simulate(20, 5L)
        let again = population.Draw(5L, 13L)
        Assert.Equal(many[13].Spectrum, again.Spectrum)
        Assert.Equal<float>(many[13].Sed.Points |> Array.map _.Flux, again.Sed.Points |> Array.map _.Flux)
        Assert.NotEqual(many[13].Sed.PeakFrequency, population.Draw(6L, 13L).Sed.PeakFrequency)

        for blazar in many do
            Assert.InRange(blazar.Sed.PeakFrequency, 11.3, 18.5)
            Assert.Matches(@"^SED_\d\d\.\d\d_\d+\.\d{4}_-?\d+\.\d{4}_SIM\d{6}$", blazar.Sed.FileName)

    [<Fact>]
    let ``a blend of two spectra has its humps between theirs, and at its ends is either`` () =
        let spectra = LeptonicSpectra.Read(SharedData.path "seds/leptonic_1k.csv.gz")
        let humped = [| for s in 0 .. spectra.Count - 1 do if (spectra.Peaks s).Length >= 2 then s |]

        let isBetween (low: int) (high: int) value = value >= min low high && value <= max low high

        let cases = Gen.zip3 (Gen.elements humped) (Gen.elements humped) (Gen.choose (0, 100))

        Check.One(
            Seeded.Cases 100,
            Prop.forAll (Arb.fromGen cases) (fun (first, second, percent) ->
                let peaks = [| spectra.Peaks first; spectra.Peaks second |]

                match spectra.Blend(first, second, float percent / 100.0, 0.2) with
                | null -> ()
                | blend ->
                    let found = SedModel.Peaks(blend, LeptonicSpectra.Prominence)
                    Assert.True(isBetween peaks[0].[0] peaks[1].[0] found[0])
                    let model = spectra.Model(blend, 14.5, -11.25)
                    Assert.Equal(14.5, model.PeakFrequency, 1e-9)
                    Assert.Equal(-11.25, model.LogFlux 14.5, 1e-6)

                    if percent = 0 || percent = 100 then
                        let own = spectra.LogSpectrum(if percent = 0 then first else second)
                        // Where the other one emits nothing, there is nothing.
                        Assert.All(Array.zip blend own, fun (mixed, value) -> Assert.True(mixed <= -30.0 || abs (mixed - value) < 1e-9)))
        )

    [<Fact>]
    let ``any number of the recipe changes its hash`` () =
        let spectra = LeptonicSpectra.Read(SharedData.path "seds/leptonic_1k.csv.gz")
        let hash recipe simulator = BlazarPopulation(spectra, SedBins.Version1, recipe, simulator).Hash
        let first = hash (BlazarRecipe()) (SedSimulator())
        Assert.Equal(first, population.Value.Hash)
        Assert.NotEqual<string>(first, hash (BlazarRecipe(HostShare = 0.5)) (SedSimulator()))
        Assert.NotEqual<string>(first, hash (BlazarRecipe(FamilySize = 1)) (SedSimulator()))
        Assert.NotEqual<string>(first, hash (BlazarRecipe()) (SedSimulator(Variability = 0.1)))
        Assert.NotEqual<string>(first, hash (BlazarRecipe()) (SedSimulator(Array.tail SedInstrument.Usual)))

    [<Fact>]
    let ``the occupancy of the original's bins is in the released weights`` () =
        use file = PthFile.Load(SharedData.path "blase/models.pth")
        let networks = [| for key in file.Root.Keys -> file.Root[key].Tensors |]
        let values (name: string) = networks |> Array.map (fun state -> state[name].data<float32>().ToArray())
        let mean = SedOccupancy.MeanInput(values "model.0.weight", values "model.0.bias", values "model.1.running_mean", 52)
        // Scaled fluxes have mean 0 over the training set: what comes out shows how exact the method is.
        Assert.All(mean[..25], fun value -> Assert.InRange(value, -0.02, 0.02))
        Assert.All(mean[26..], fun share -> Assert.InRange(share, 0.35, 0.62))

    [<Fact>]
    let ``the simulated set is as near to the original's as the issue asks`` () =
        let bins = SedBins.Version1
        let blazars = population.Value.Simulate(3800, 1L)

        let row (blazar: SimulatedBlazar) =
            let seen = blazar.Sed.Points |> Array.filter (fun p -> p.IsConsistent && p.Flux > 0.0)
            bins.Bin(
                ReadOnlySpan(seen |> Array.map (fun p -> log10 p.FrequencyHz)),
                ReadOnlySpan(seen |> Array.map (fun p -> log10 p.Flux)))

        let seds = BinnedSeds(blazars |> Array.map row, blazars |> Array.map (fun b -> Math.Round(b.Sed.PeakFrequency, 2)))
        let edges = SedAugmentation.LabelEdges(seds.Labels, 37, 4)
        let bags = Splits.GroupedFolds(blazars |> Array.map (fun b -> string b.Family), 5, 1L)
        let augmented =
            BinnedSeds.Concatenate(
                bags |> Array.map (fun bag ->
                    SedAugmentation.OverSample(seds.Take bag.HeldOut, edges, 90, 15, 4.0, 5, 1L)))
        let labels =
            File.ReadAllLines(SharedData.path "blase/estimates.csv")
            |> Array.skip 1
            |> Array.map (fun line -> float (line.Split(',')[3]))
        let realism =
            SedRealism.Compare(
                seds, augmented, bins,
                SedReference(SedScaling.Read(SharedData.path "blase/scaling.npz"), labels, [||]))
        Assert.True(realism.LargestMeanDifference < 0.3, $"largest difference of a bin's mean: {realism.LargestMeanDifference} dex.")
        Assert.True(realism.LabelDistance < 0.1, $"Kolmogorov distance of the labels: {realism.LabelDistance}.")
        // Deviations too, where the original's fits that ended at zero make them.
        for bin in realism.Bins do
            Assert.True(
                abs (bin.Deviation - bin.ReferenceDeviation) < 0.35,
                $"deviation of the bin from 10^{bin.Start} Hz: {bin.Deviation} dex, the original's {bin.ReferenceDeviation}.")

        // No spectrum stands in two bags.
        for bag in bags do
            let spectra places = places |> Array.collect (fun i -> [| blazars[i].Spectrum; blazars[i].OtherSpectrum |]) |> Set.ofArray
            Assert.Empty(Set.intersect (spectra bag.HeldOut) (spectra bag.Train))

    [<Fact>]
    let ``a spectra file with a wrong row names line and column`` () =
        use folder = new ScratchFolder()
        let path = folder.File "spectra.csv"
        File.WriteAllText(path, "1,2,3,4,5,6,-1,-2,-3\n1,2,3,4,5,6,-1,x,-3\n")
        let problem = Assert.Throws<InvalidDataException>(fun () -> LeptonicSpectra.Read path |> ignore)
        Assert.Equal($"{path}, line 2, column 8: expected a number, got 'x'.", problem.Message)
        File.WriteAllText(path, "1,2,3,4,5,6,-1,-2,-3\n1,2,3,4,5,6,-1,-2\n")
        let problem = Assert.Throws<InvalidDataException>(fun () -> LeptonicSpectra.Read path |> ignore)
        Assert.Equal($"{path}, line 2: expected 9 numbers as in the first row, got 8.", problem.Message)
