namespace Hybrid.PropertyTests.Laws.Data.Simulators

open System
open System.IO
open Hybrid.Data.Formats
open Hybrid.Data.Seds
open Hybrid.Data.Simulators
open Hybrid.Data.Splits
open Hybrid.Models.Training.Weights
open Hybrid.PropertyTests.Laws.Data
open TorchSharp
open Xunit

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
    let ``any number of the recipe changes its hash`` () =
        let spectra = LeptonicSpectra.Read(SharedData.path "seds/leptonic_1k.csv.gz")
        let hash recipe simulator = BlazarPopulation(spectra, SedBins.Version1, recipe, simulator).Hash
        let first = hash (BlazarRecipe()) (SedSimulator())
        Assert.Equal(first, population.Value.Hash)
        Assert.NotEqual<string>(first, hash (BlazarRecipe(HostShare = 0.5)) (SedSimulator()))
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
            bins.Bin(ReadOnlySpan(seen |> Array.map (fun p -> log10 p.FrequencyHz)), ReadOnlySpan(seen |> Array.map (fun p -> log10 p.Flux)))

        let seds = BinnedSeds(blazars |> Array.map row, blazars |> Array.map (fun b -> Math.Round(b.Sed.PeakFrequency, 2)))
        let edges = SedAugmentation.LabelEdges(seds.Labels, 37, 4)
        let bags = Splits.GroupedFolds(blazars |> Array.map (fun b -> string b.Spectrum), 5, 1L)
        let augmented = BinnedSeds.Concatenate(bags |> Array.map (fun bag -> SedAugmentation.OverSample(seds.Take bag.HeldOut, edges, 90, 15, 4.0, 5, 1L)))
        let labels = File.ReadAllLines(SharedData.path "blase/estimates.csv") |> Array.skip 1 |> Array.map (fun line -> float (line.Split(',')[3]))
        let realism = SedRealism.Compare(seds, augmented, bins, SedReference(SedScaling.Read(SharedData.path "blase/scaling.npz"), labels, [||]))
        Assert.True(realism.LargestMeanDifference < 0.3, $"largest difference of a bin's mean: {realism.LargestMeanDifference} dex.")
        Assert.True(realism.LabelDistance < 0.1, $"Kolmogorov distance of the labels: {realism.LabelDistance}.")
        // No spectrum stands in two bags.
        for bag in bags do
            let spectra places = places |> Array.map (fun i -> blazars[i].Spectrum) |> Set.ofArray
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
