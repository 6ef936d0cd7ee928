namespace Hybrid.Samples.Blase

open System
open System.Collections.Generic
open System.IO
open System.Security.Cryptography
open System.Text.Json
open System.Text.Json.Serialization
open System.Threading.Tasks
open Hybrid.Data.Formats
open Hybrid.Data.Splits
open Hybrid.Data.Systems.Blase
open Hybrid.Models.Weights
open Hybrid.Samples.CommandLine

/// ./hybrid blase simulate: a training set in the original's file format, with its realism.
[<RequireQualifiedAccess>]
module Simulating =

    let json =
        JsonSerializerOptions(
            JsonSerializerDefaults.Web,
            WriteIndented = true,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals
        )

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
                    let weights, biases = values "model.0.weight", values "model.0.bias"
                    let bins = SedBins.Version1.Count
                    (SedOccupancy.MeanInput(weights, biases, values "model.1.running_mean", 2 * bins))[bins..]

            SedReference(SedScaling.Read(at "scaling.npz"), labels, occupancy)

    /// What the pieces are of.
    let private asks = "asked.json"

    let private hashOf (path: string) =
        use stream = File.OpenRead path
        Convert.ToHexStringLower(SHA256.HashData stream)

    /// SEDs of a piece: what is lost when a process is killed.
    let private pieceSize = 500

    let private header = [| "file"; "family"; "spectrum"; "other_spectrum"; "share"; "peak"; "peak_flux" |]

    /// The SEDs of a piece and its rows of spectra.csv, which stand there when the piece is complete.
    let private writePiece (population: BlazarPopulation) (seed: int64) (count: int) (pieces: string) (piece: int) =
        let first = piece * pieceSize
        let blazars = Array.zeroCreate<SimulatedBlazar> (min pieceSize (count - first))

        Parallel.For(0, blazars.Length, (fun i ->
            let blazar = population.Draw(seed, int64 (first + i))
            blazar.Sed.Write(Path.Combine(pieces, "seds", blazar.Sed.FileName), SedVersion.Vou)
            blazars[i] <- blazar))
        |> ignore

        Catalogue.Write(
            Path.Combine(pieces, $"piece-{piece:D5}.csv"),
            header,
            [| blazars |> Array.map _.Sed.FileName
               blazars |> Array.map (fun b -> int64 b.Family)
               blazars |> Array.map (fun b -> int64 b.Spectrum)
               blazars |> Array.map (fun b -> int64 b.OtherSpectrum)
               blazars |> Array.map _.Share
               blazars |> Array.map _.Sed.PeakFrequency
               blazars |> Array.map _.Sed.PeakFlux |]
        )

    /// Makes the whole set of its pieces: spectra.csv, recipe.txt, recipe.json, and realism.json where the original's release is at hand.
    let private merge (asked: SimulationRecipe) (population: BlazarPopulation) (referenceFolder: string) (pieces: string) (folder: string) =
        let at (name: string) = Path.Combine(pieces, name)
        let parts = Directory.GetFiles(pieces, "piece-*.csv") |> Array.sort
        let rows = [| for part in parts do yield! File.ReadAllLines part |> Array.skip 1 |]
        WholeFile.WriteText(at LabelledSeds.GroupFile, String.Join('\n', Array.append [| String.Join(',', header) |] rows) + "\n")
        let spectra = (Catalogue.Read(at LabelledSeds.GroupFile)).Integers "spectrum"
        let recipe = { asked with UsedSpectra = spectra |> Seq.distinct |> Seq.length }
        WholeFile.WriteText(at "recipe.txt", population.Description + "\n")
        WholeFile.WriteText(at "recipe.json", JsonSerializer.Serialize(recipe, json) + "\n")

        let record: RealismRecord | null =
            match reference referenceFolder with
            | null -> null
            | known ->
                let realism = SedRealism.Of(LabelledSeds.Read(pieces, SedBins.Version1), SedBins.Version1, known, asked.Seed)
                let record = { Recipe = recipe; Realism = realism }
                WholeFile.WriteText(at "realism.json", JsonSerializer.Serialize(record, json) + "\n")
                record

        for part in parts do
            File.Delete part

        File.Delete(at asks)

        // Of processes that were killed.
        for pattern in [ "*.lock"; "*.part" ] do
            for left in Directory.GetFiles(pieces, pattern, SearchOption.AllDirectories) do
                File.Delete left

        Directory.Move(pieces, folder)
        record

    /// Writes the SEDs of a shard beside the folder, which must not exist, in FOLDER.pieces, and makes the set in FOLDER when all shards
    /// are done: SEDs in seds/, spectra.csv (family, the two spectra and exact peak of each), recipe.txt, recipe.json, and realism.json
    /// where the original's release is at hand. What a killed process has written is kept. Returns how many pieces are still to be made
    /// by other shards, and the realism.
    let run
        (count: int)
        (seed: int64)
        (shard: Shard)
        (spectra: string)
        (referenceFolder: string)
        (folder: string)
        (program: CommandProgram)
        =
        if count < 100 then
            invalidArg "count" $"--count: expected at least 100 SEDs, got {count}."

        if Path.Exists folder then
            raise (IOException $"{folder}: there is something already. Choose another folder with -o, or remove it.")

        if not (File.Exists spectra) then
            raise (FileNotFoundException($"{spectra}: no such file. Name the physical spectra with --spectra.", spectra))

        let population = BlazarPopulation(LeptonicSpectra.Read spectra)
        let pieces = folder + ".pieces"
        let total = (count + pieceSize - 1) / pieceSize
        Directory.CreateDirectory(Path.Combine(pieces, "seds")) |> ignore

        let asked =
            { Count = count
              Seed = seed
              RecipeHash = population.Hash
              SpectraHash = hashOf spectra
              UsableSpectra = population.UsableSpectra
              UsedSpectra = 0 }

        let text = JsonSerializer.Serialize(asked, json) + "\n"
        let place = Path.Combine(pieces, asks)

        if not (File.Exists place) then
            WholeFile.WriteText(place, text)
        elif File.ReadAllText place <> text then
            let found = File.ReadAllText(place).ReplaceLineEndings String.Empty

            raise (
                InvalidDataException
                    $"{pieces}: holds pieces of another set, {found}. Give the same --count, --seed and --spectra, or remove it."
            )

        do
            use _ = ShardLock.Take(pieces, shard)

            for piece in shard.Items total do
                if not (File.Exists(Path.Combine(pieces, $"piece-{piece:D5}.csv"))) then
                    program.Stop.ThrowIfCancellationRequested()
                    writePiece population seed count pieces piece

        match total - Directory.GetFiles(pieces, "piece-*.csv").Length with
        | 0 ->
            use merging = FolderLock.TryTake(pieces, "merge")

            match merging with
            | null -> struct (0, null) // another process that ended at the same time does it
            | _ -> struct (0, merge asked population referenceFolder pieces folder)
        | missing -> struct (missing, null)

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
            "{0} SEDs of {1} spectra; largest difference of a bin's mean {2:0.00} dex, of its occupancy {3:0.00}; \
             Kolmogorov distance of the labels {4:0.000}; seed {5}, recipe {6}",
            record.Realism.Sources,
            record.Recipe.UsedSpectra,
            record.Realism.LargestMeanDifference,
            record.Realism.LargestOccupancyDifference,
            record.Realism.LabelDistance,
            record.Recipe.Seed,
            record.Recipe.RecipeHash.Substring(0, 16)
        )
