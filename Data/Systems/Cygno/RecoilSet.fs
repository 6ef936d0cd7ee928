namespace Hybrid.Data.Systems.Cygno

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open System.Threading
open Hybrid.Data
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
            raise (ArgumentException $"a set of {count} image{Plural.s count}: expected at least 1 for validation and 1 for training, \
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
///   class : number of the kind and energy among the set's classes; −1 for a kind and energy that nothing trains on
///   part : RecoilPart
///   path : of the file, or of the file that a simulated image would be written to
///   hash : of the image's pixels, hexadecimal
/// What is not understood or cannot be read is in LeftOut.
[<Sealed>]
type RecoilSet private (description: string, inputs: string[], kinds: Recoil[], energies: float[], parts: RecoilPart[],
                        load: int -> int -> CancellationToken -> struct (NdArray<byte> * int[] * string[]), leftOut: ResizeArray<string>) =

    /// More kinds and energies than this are continuous energies.
    static let mostClasses = 40

    /// The classes of continuous energies, keV: each holds some tens of percent of its energy.
    static let edges = [| 0.0; 1.2; 2.0; 3.2; 5.0; 8.0; 12.0; 17.0; 23.0; 30.0; infinity |]

    static let isFew (kinds: Recoil[]) (energies: float[]) =
        (Seq.zip kinds energies |> Seq.distinct |> Seq.truncate (mostClasses + 1) |> Seq.length) <= mostClasses

    /// The classes of what is trained on, electrons first, each by rising energy, and the class of every image.
    static let classesOf (kinds: Recoil[]) (energies: float[]) (isTrainedOn: int -> bool) : struct (Recoil * float)[] * int[] =
        let group =
            if isFew kinds energies then fun (energy: float) -> energy
            else fun energy -> edges[Array.findIndex (fun edge -> energy < edge) edges - 1]

        let groups = Array.map2 (fun (kind: Recoil) energy -> struct (kind, group energy)) kinds energies
        let trained = [| for i in 0 .. kinds.Length - 1 do if isTrainedOn i then groups[i], energies[i] |]
        let distinct = trained |> Array.map fst |> Array.distinct |> Array.sort
        let places = dict [ for i in 0 .. distinct.Length - 1 -> distinct[i], i ]
        let means = trained |> Array.groupBy fst |> Array.map (fun (key, members) -> key, Array.averageBy snd members) |> dict

        distinct |> Array.map (fun (struct (kind, _) as key) -> struct (kind, means[key])),
        groups |> Array.map (fun key -> match places.TryGetValue key with | true, place -> place | _ -> -1)

    let classNames, classes = classesOf kinds energies (fun i -> parts[i] <> RecoilPart.Test)

    /// What the exercise does to every image: counts of 60 to 130 ADU become 0 to 1, and the middle 128 × 128 pixels are kept. The crop
    /// comes first, which is the same and eighteen times less work.
    static member Preprocessing : Recipe = Recipe(ImageStep.CentreCrop(128, 128), ImageStep.Window(60.0, 130.0))

    member _.Count = kinds.Length
    member _.Kinds = kinds
    member _.EnergiesKeV = energies
    member _.Parts = parts
    /// Kinds and energies, keV, of what is trained on, by their number: electrons first, each by rising energy. Where there are more than
    /// forty, ranges of energy, each by the mean of its images.
    member _.Classes: IReadOnlyList<struct (Recoil * float)> = classNames
    /// Whether energies are few, and those of the test are among those trained on: then an estimate may choose among them.
    member _.AreEnergiesKnown = isFew kinds energies && not (Array.contains -1 classes)
    /// The kinds and energies that the test has, as in Classes; empty for continuous energies.
    member _.TestClasses: IReadOnlyList<struct (Recoil * float)> =
        let test i = parts[i] = RecoilPart.Test
        let found = if isFew kinds energies then fst (classesOf kinds energies test) else Array.empty
        found :> IReadOnlyList<struct (Recoil * float)>
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

        let parts = split.Parts(snd (classesOf kinds energies (fun _ -> true)))
        RecoilSet($"recoils of files, {split}", paths, kinds, energies, parts, load, leftOut)

    static member private Simulate
        (
            simulator: RecoilSimulator,
            training: int,
            validation: int,
            test: int,
            what: string,
            of': int -> struct (Recoil * float),
            seed: int64
        ) : RecoilSet =
        if training < 2 || test < 0 || validation < 1 || validation >= training then
            raise (ArgumentException $"simulated recoils: expected at least 2 training images, of which at least 1 is for validation, got \
                {training}, {validation} for validation and {test} for the test.")

        let count = training + test
        let kinds, keV = Array.init count of' |> Array.map (fun (struct (kind, energy)) -> kind, energy) |> Array.unzip

        // Validation takes the last of the training images: kinds and energies stay balanced.
        let part i =
            if i >= training then RecoilPart.Test
            elif i >= training - validation then RecoilPart.Validation
            else RecoilPart.Training

        let load first count (cancellation: CancellationToken) =
            let made = simulator.Simulate(Array.sub kinds first count, Array.sub keV first count, seed, int64 first, cancellation)
            struct (NdArray<byte>([| count; simulator.Size; simulator.Size |], made.Pixels), Array.init count ((+) first), made.Paths)

        let description = $"simulated recoils 1, {simulator.Description}, {training} {validation} {test}, {what}, seed {seed}"
        RecoilSet(description, [||], kinds, keV, Array.init count part, load, ResizeArray())

    /// Simulated images, `training` and then `test` of them, kinds and energies in turn; image i depends on the seed and i alone. Nothing
    /// is written to disk.
    ///   validation : how many of the training images choose the epoch.
    ///   energies : keV.
    static member Simulated
        (
            simulator: RecoilSimulator,
            training: int,
            validation: int,
            test: int,
            energies: float[],
            seed: int64
        ) : RecoilSet =
        if energies.Length = 0 then
            invalidArg (nameof energies) "simulated recoils: expected at least one energy, got none."

        let list = String.Join(' ', energies |> Seq.map (fun e -> e.ToString("R", CultureInfo.InvariantCulture)))
        let of' i = struct ((if i % 2 = 0 then Recoil.Electron else Recoil.Nuclear), energies[i / 2 % energies.Length])
        RecoilSet.Simulate(simulator, training, validation, test, $"energies [{list}]", of', seed)

    /// The same with other kinds and energies to train on than to judge by.
    ///   trained, judged : each in turn.
    static member SimulatedClasses
        (
            simulator: RecoilSimulator,
            training: int,
            validation: int,
            test: int,
            trained: struct (Recoil * float)[],
            judged: struct (Recoil * float)[],
            seed: int64
        ) : RecoilSet =
        if trained.Length = 0 || judged.Length = 0 then
            invalidArg (nameof trained) $"simulated recoils: expected kinds and energies to train on and to judge by, got {trained.Length} \
                and {judged.Length}."

        let list (classes: struct (Recoil * float)[]) =
            String.Join(' ', classes |> Seq.map (fun (struct (kind, e)) ->
                (if kind = Recoil.Nuclear then "NR" else "ER") + e.ToString("R", CultureInfo.InvariantCulture)))

        let of' i = if i < training then trained[i % trained.Length] else judged[(i - training) % judged.Length]
        RecoilSet.Simulate(simulator, training, validation, test, $"[{list trained}], judged by [{list judged}]", of', seed)

    /// The same with continuous energies from 0.5 to 36 keV, half of them drawn evenly and half evenly in their logarithm; nuclei from
    /// 1.73 keV, where their light begins to tell the energy.
    static member SimulatedContinuous
        (
            simulator: RecoilSimulator,
            training: int,
            validation: int,
            test: int,
            seed: int64
        ) : RecoilSet =
        let of' i =
            let kind = if i % 2 = 0 then Recoil.Electron else Recoil.Nuclear
            let low, high = (if kind = Recoil.Nuclear then 1.73 else 0.5), 36.0
            let random = SeededRandom.For(seed, 12L, int64 i)

            let energy =
                if random.NextDouble() < 0.5 then random.Uniform(low, high) else low * exp (random.Uniform(0.0, log (high / low)))

            struct (kind, energy)

        RecoilSet.Simulate(simulator, training, validation, test, "energies 0.5 to 36, nuclei from 1.73", of', seed)
