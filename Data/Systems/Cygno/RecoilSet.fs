namespace Hybrid.Data.Systems.Cygno

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open System.Threading
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.Data.Images
open Hybrid.Data.Splits
open Hybrid.Data.Statistics

/// What an image of a set is for.
type RecoilPart =
    | Training = 0
    /// Chooses the epoch; its figures are too good.
    | Validation = 1
    /// Seen by nothing that trains or chooses: it alone gives figures of quality.
    | Test = 2

/// How a set of images is divided.
[<Sealed>]
type RecoilSplit() =
    /// Images for validation: 50, as in the exercise.
    member val Validation = 50 with get, set
    /// Share of the images that are for the test only.
    member val TestShare = 0.2 with get, set
    /// Whether each kind and energy gives validation and test their share; otherwise chance decides, as in the exercise.
    member val Stratified = false with get, set
    member val Seed = 1L with get, set

    /// The part of each image.
    ///   classes : a number for each kind and energy, an image each.
    member split.Parts(classes: int[]) : RecoilPart[] =
        let count = classes.Length

        if not (split.TestShare >= 0.0 && split.TestShare < 1.0) then
            raise (ArgumentOutOfRangeException("TestShare", $"the test set: expected a share in [0, 1), got {split.TestShare}."))

        let test = int (Math.Round(split.TestShare * float count))

        if split.Validation < 1 || split.Validation + test >= count then
            raise (ArgumentException $"a set of {count} images: expected at least 1 for validation and 1 for training, \
                got {split.Validation} for validation and {test} for the test.")

        let parts = Array.create count RecoilPart.Training

        if split.Stratified then
            let cut = Splits.Stratified(classes, float split.Validation / float count, split.TestShare, split.Seed)
            for i in cut.Validation do parts[i] <- RecoilPart.Validation
            for i in cut.Test do parts[i] <- RecoilPart.Test
        else
            let order = SeededRandom(split.Seed).Permutation count
            for i in 0 .. count - 1 do
                if i < split.Validation then parts[order[i]] <- RecoilPart.Validation
                elif i < split.Validation + test then parts[order[i]] <- RecoilPart.Test

        parts

    override split.ToString() =
        FormattableString.Invariant(
            $"split({split.Validation}, {split.TestShare}, stratified {split.Stratified}, seed {split.Seed})"
        )

/// Camera images with their truth, in pieces, from files or simulated: (1, 576, 576) or smaller a record, in ADU, with the columns
///   nuclear : 1 for a nuclear recoil, 0 for an electron's
///   energy : keV
///   class : number of the kind and energy, electrons first, each by rising energy; −1 in a set of more energies than classes make
///     sense for
///   part : RecoilPart
///   path : of the file, or of the file that a simulated image would be written to
///   hash : of the image's pixels, hexadecimal
/// What is not understood or cannot be read is in LeftOut.
[<Sealed>]
type RecoilSet private (description: string, inputs: string[], kinds: Recoil[], energies: float[], parts: RecoilPart[],
                        load: int -> int -> CancellationToken -> struct (NdArray<byte> * int[] * string[]), leftOut: ResizeArray<string>) =

    /// More kinds and energies than this are continuous energies.
    static let mostClasses = 40

    static let classesOf (kinds: Recoil[]) (energies: float[]) : struct (Recoil * float)[] * int[] =
        let pairs = Array.map2 (fun (kind: Recoil) (energy: float) -> struct (kind, energy)) kinds energies
        let distinct = pairs |> Array.distinct |> Array.sort

        if distinct.Length > mostClasses then
            [||], Array.create kinds.Length -1
        else
            let places = dict [ for i in 0 .. distinct.Length - 1 -> distinct[i], i ]
            distinct, pairs |> Array.map (fun pair -> places[pair])

    let classNames, classes = classesOf kinds energies

    /// What the exercise does to every image: counts of 60 to 130 ADU become 0 to 1, and the middle 128 × 128 pixels are kept. The crop
    /// comes first, which is the same and eighteen times less work.
    static member Preprocessing : Recipe = Recipe(ImageStep.CentreCrop(128, 128), ImageStep.Window(60.0, 130.0))

    member _.Count = kinds.Length
    member _.Kinds = kinds
    member _.EnergiesKeV = energies
    member _.Parts = parts
    /// Kinds and energies by their number; empty for continuous energies.
    member _.Classes: IReadOnlyList<struct (Recoil * float)> = classNames
    /// What makes the set, the files' contents excepted.
    member _.Description = description
    /// The files it is read from, in order; none for a simulated set.
    member _.Inputs: IReadOnlyList<string> = inputs
    /// Files that were left out, with the reason, and images that came twice; grows while pieces are read.
    member _.LeftOut: IReadOnlyList<string> = leftOut

    /// The records, `size` at a time. Images equal to one before are left out: the same image in two parts would be a leak.
    member set.Pieces([<Runtime.InteropServices.Optional; Runtime.InteropServices.DefaultParameterValue(256)>] size: int,
                      [<Runtime.InteropServices.Optional>] cancellation: CancellationToken) : IEnumerable<LabelledImages> =
        let seen = Dictionary<UInt128, string>()

        seq {
            for first in 0..size .. kinds.Length - 1 do
                let count = min size (kinds.Length - first)
                let struct (pixels, numbers, paths) = load first count cancellation

                if numbers.Length > 0 then
                    let images = ImageSet.OfArray(pixels, "light")
                    let hashes = [| for i in 0 .. images.Count - 1 -> LeakCheck.Hash(images.Image i) |]

                    let kept =
                        [| for i in 0 .. images.Count - 1 do
                               match seen.TryGetValue hashes[i] with
                               | true, before -> leftOut.Add $"{paths[i]}: the same image as {before}"
                               | _ ->
                                   seen[hashes[i]] <- paths[i]
                                   i |]

                    if kept.Length > 0 then
                        let of' (values: 'T[]) = [| for i in kept -> values[numbers[i]] |]

                        LabelledImages(
                            (if kept.Length = images.Count then images else images.Take kept),
                            CacheValues.Integers("nuclear", of' kinds |> Array.map (fun kind -> if kind = Recoil.Nuclear then 1L else 0L)),
                            CacheValues.Reals("energy", of' energies),
                            CacheValues.Integers("class", of' classes |> Array.map int64),
                            CacheValues.Integers("part", of' parts |> Array.map int64),
                            CacheValues.Texts("path", [| for i in kept -> paths[i] |]),
                            CacheValues.Texts("hash", [| for i in kept -> hashes[i].ToString("x32", CultureInfo.InvariantCulture) |])
                        )
        }

    /// Images below a folder or in an archive, in the exercise's layout or with the competition's names.
    /// Throws InvalidDataException where it has no images, or a path says neither kind nor energy.
    static member Files(folder: string, split: RecoilSplit, [<Runtime.InteropServices.Optional>] broken: BrokenFilePolicy) : RecoilSet =
        let files = Seq.toArray (CygnoFiles.Find folder)

        if files.Length = 0 then
            raise (InvalidDataException $"{folder}: expected PNG images in folders such as 10_keV/NR, found none.")

        let kinds = files |> Array.map (fun file -> if file.IsNuclear then Recoil.Nuclear else Recoil.Electron)
        let energies = files |> Array.map _.EnergyKeV
        let leftOut = ResizeArray<string>()

        let paths = files |> Array.map _.Path

        let load first count (cancellation: CancellationToken) =
            let piece = Array.sub paths first count

            if broken = BrokenFilePolicy.Fail then
                struct (Png.ReadSet(piece, 0, null, cancellation), Array.init count ((+) first), piece)
            else
                let read = Png.ReadReadable(piece, 0, null, cancellation)
                leftOut.AddRange(read.Broken |> Seq.map string)
                struct (read.Pixels, [| for i in read.Indices -> first + i |], [| for i in read.Indices -> piece[i] |])

        let parts = split.Parts(snd (classesOf kinds energies))
        RecoilSet($"recoils of files, {split}", paths, kinds, energies, parts, load, leftOut)

    /// Simulated images, `training` and then `test` of them, kinds and energies in turn; image i depends on the seed and i alone. Nothing
    /// is written to disk.
    ///   validation : how many of the training images choose the epoch.
    ///   energies : keV; empty: each image's energy is drawn evenly from 1 to 30 keV.
    static member Simulated
        (
            simulator: RecoilSimulator,
            training: int,
            validation: int,
            test: int,
            energies: float[],
            seed: int64
        ) : RecoilSet =
        if training < 2 || test < 0 || validation < 1 || validation >= training then
            raise (ArgumentException $"simulated recoils: expected at least 2 training images, of which at least 1 is for validation, got \
                {training}, {validation} for validation and {test} for the test.")

        let count = training + test
        let nClasses = 2 * energies.Length
        let kinds = Array.init count (fun i -> if i % 2 = 0 then Recoil.Electron else Recoil.Nuclear)

        let keV =
            Array.init count (fun i ->
                if nClasses > 0 then energies[i / 2 % energies.Length]
                else SeededRandom.For(seed, 12L, int64 i).Uniform(1.0, 30.0))

        // Validation takes the last of the training images: kinds and energies stay balanced.
        let part i =
            if i >= training then RecoilPart.Test
            elif i >= training - validation then RecoilPart.Validation
            else RecoilPart.Training

        let load first count (cancellation: CancellationToken) =
            let made = simulator.Simulate(Array.sub kinds first count, Array.sub keV first count, seed, int64 first, cancellation)
            struct (NdArray<byte>([| count; simulator.Size; simulator.Size |], made.Pixels), Array.init count ((+) first), made.Paths)

        let list = String.Join(' ', energies |> Seq.map (fun e -> e.ToString("R", CultureInfo.InvariantCulture)))
        let description = $"simulated recoils 1, {simulator.Description}, {training} {validation} {test}, energies [{list}], seed {seed}"
        RecoilSet(description, [||], kinds, keV, Array.init count part, load, ResizeArray())
