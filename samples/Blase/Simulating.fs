namespace Hybrid.Samples.Blase

open System
open System.Collections.Generic
open System.IO
open System.Security.Cryptography
open System.Text.Json
open System.Text.Json.Serialization
open System.Threading.Tasks
open Hybrid.Data.Formats
open Hybrid.Data.Systems.Blase
open Hybrid.Models.Weights

/// ./hybrid blase simulate: a training set in the original's file format, with its realism.
[<RequireQualifiedAccess>]
module Simulating =

    let json = JsonSerializerOptions(JsonSerializerDefaults.Web, WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)

    /// What is known of the original's training set; null where the release is not at hand.
    let reference (folder: string) : SedReference | null =
        let at name = Path.Combine(folder, name)

        if not (File.Exists(at "scaling.npz") && File.Exists(at "estimates.csv")) then
            null
        else
            let labels = (Catalogue.Read(at "estimates.csv")).Reals "Catalogue Peak"

            let occupancy =
                if not (File.Exists(at "models.pth")) then
                    [||]
                else
                    use file = PthFile.Load(at "models.pth")
                    let networks = [| for key in file.Root.Keys -> file.Root[key].Tensors |]
                    let values (name: string) = networks |> Array.map (fun state -> state[name].data<float32>().ToArray())
                    (SedOccupancy.MeanInput(values "model.0.weight", values "model.0.bias", values "model.1.running_mean", 2 * SedBins.Version1.Count))[SedBins.Version1.Count ..]

            SedReference(SedScaling.Read(at "scaling.npz"), labels, occupancy)

    let private hashOf (path: string) =
        use stream = File.OpenRead path
        Convert.ToHexStringLower(SHA256.HashData stream)

    /// Writes the set into a folder that must not exist: SEDs in seds/, spectra.csv (family, the two spectra and exact peak of each),
    /// recipe.txt, recipe.json, and realism.json where the original's release is at hand. The folder appears when it is complete.
    let run (count: int) (seed: int64) (spectra: string) (referenceFolder: string) (folder: string) : RealismRecord | null =
        if count < 100 then
            invalidArg "count" $"--count: expected at least 100 SEDs, got {count}."

        if Path.Exists folder then
            raise (IOException $"{folder}: there is something already. Choose another folder with -o, or remove it.")

        if not (File.Exists spectra) then
            raise (FileNotFoundException($"{spectra}: no such file. Name the physical spectra with --spectra.", spectra))

        let population = BlazarPopulation(LeptonicSpectra.Read spectra)
        let blazars = population.Simulate(count, seed)
        let part = folder + ".part"

        if Directory.Exists part then
            Directory.Delete(part, true)

        let seds = Directory.CreateDirectory(Path.Combine(part, "seds")).FullName
        Parallel.For(0, count, (fun i -> blazars[i].Sed.Write(Path.Combine(seds, blazars[i].Sed.FileName), SedVersion.Vou))) |> ignore

        Catalogue.Write(
            Path.Combine(part, LabelledSeds.GroupFile),
            [| "file"; "family"; "spectrum"; "other_spectrum"; "share"; "peak"; "peak_flux" |],
            [| blazars |> Array.map _.Sed.FileName
               blazars |> Array.map (fun b -> int64 b.Family)
               blazars |> Array.map (fun b -> int64 b.Spectrum)
               blazars |> Array.map (fun b -> int64 b.OtherSpectrum)
               blazars |> Array.map _.Share
               blazars |> Array.map _.Sed.PeakFrequency
               blazars |> Array.map _.Sed.PeakFlux |]
        )

        let recipe =
            { Count = count
              Seed = seed
              RecipeHash = population.Hash
              SpectraHash = hashOf spectra
              UsableSpectra = population.UsableSpectra
              UsedSpectra = blazars |> Seq.distinctBy _.Spectrum |> Seq.length }

        File.WriteAllText(Path.Combine(part, "recipe.txt"), population.Description + "\n")
        File.WriteAllText(Path.Combine(part, "recipe.json"), JsonSerializer.Serialize(recipe, json) + "\n")

        let record: RealismRecord | null =
            match reference referenceFolder with
            | null -> null
            | known ->
                let realism = SedRealism.Of(LabelledSeds.Read(part, SedBins.Version1), SedBins.Version1, known, seed)
                let record = { Recipe = recipe; Realism = realism }
                File.WriteAllText(Path.Combine(part, "realism.json"), JsonSerializer.Serialize(record, json) + "\n")
                record

        match Path.GetDirectoryName(Path.GetFullPath folder) with
        | null -> ()
        | parent -> Directory.CreateDirectory parent |> ignore

        Directory.Move(part, folder)
        record

    /// The realism of a simulated set; null for SEDs that were not simulated here.
    let realismOf (folder: string) : RealismRecord | null =
        let path = Path.Combine(folder, "realism.json")
        if File.Exists path then JsonSerializer.Deserialize<RealismRecord>(File.ReadAllText path, json) else null

    let private number (format: string) (value: float) = value.ToString(format, Globalization.CultureInfo.InvariantCulture)

    /// The comparison as rows of text: bin, mean, the original's, deviation, the original's, occupancy, the original's, occupancy before
    /// augmentation.
    let rows (realism: SedRealism) : string[][] =
        realism.Bins
        |> Array.map (fun bin ->
            [| $"""{number "0.0" bin.Start}–{number "0.0" bin.End}"""
               number "0.00" bin.Mean
               number "0.00" bin.ReferenceMean
               number "+0.00;-0.00;0.00" (Math.Round(bin.Mean - bin.ReferenceMean, 2))
               number "0.00" bin.Deviation
               number "0.00" bin.ReferenceDeviation
               number "0.00" bin.Occupancy
               number "0.00" bin.ReferenceOccupancy
               number "0.00" bin.RawOccupancy |])

    let headers = [| "bin, log₁₀ Hz"; "mean"; "original"; "difference"; "deviation"; "original"; "occupancy"; "original"; "as observed" |]

    let summary (record: RealismRecord) =
        String.Format(
            Globalization.CultureInfo.InvariantCulture,
            "{0} SEDs of {1} spectra; largest difference of a bin's mean {2:0.00} dex, of its occupancy {3:0.00}; Kolmogorov distance of the labels {4:0.000}; seed {5}, recipe {6}",
            record.Realism.Sources,
            record.Recipe.UsedSpectra,
            record.Realism.LargestMeanDifference,
            record.Realism.LargestOccupancyDifference,
            record.Realism.LabelDistance,
            record.Recipe.Seed,
            record.Recipe.RecipeHash.Substring(0, 16)
        )
