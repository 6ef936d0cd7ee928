namespace Hybrid.Data.Systems.EinsteinRadius

open System
open System.Collections.Generic
open System.Threading
open Hybrid.Data
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.Data.Images
open Hybrid.Data.Lensing
open Hybrid.Data.Statistics

/// A part of the data of Einstein radii.
type RadiusPart =
    /// Simulated Dark Energy Survey, LensPop's forecast.
    | LensPop = 0
    /// A ground-based survey as in the first lens finding challenge, with masked pixels, brought to the common form.
    | Challenge1 = 1
    /// Euclid as in the second challenge, brought to the common form and matched to DES.
    | Challenge2 = 2
    /// The three, as many images of each: the default to train on.
    | Union = 3
    /// Arcs of synthetic sources on real fields of the survey.
    | Injection = 4
    /// The second challenge brought to the common pixel scale alone: the ablation of the step that matches it.
    | Challenge2Unmatched = 5
    /// Quasi-real lenses on the training fields with the fold's sources: to adapt on without labels, and for the few labels of MAML.
    | Adaptation = 6
    /// Quasi-real lenses on other fields: what chooses.
    | Validation = 7
    /// Quasi-real lenses of the galaxies that have real PSFs, with sources of the other fold: what judges, and nothing else.
    | Test = 8
    /// 32 of those with the radii of the original's real lenses.
    | Small = 9

/// How many images of which size, and of which fold.
[<Sealed>]
type RadiusDomainOptions() =
    /// Pixels each way, even, at most 48: the galaxies with real PSFs have 50.
    member val Size = 44 with get, set
    member val TrainingCount = 6000 with get, set
    member val AdaptationCount = 2000 with get, set
    member val ValidationCount = 500 with get, set
    member val TestCount = 2000 with get, set
    /// Which half of the sources adapts, 0 or 1; the other half judges.
    member val Fold = 0 with get, set
    /// Seed of the split and of everything drawn.
    member val Seed = 1L with get, set
    /// Real files in place of the simulations of a challenge; null: it is simulated.
    member val Challenge1Files: ChallengeFiles | null = null with get, set
    member val Challenge2Files: ChallengeFiles | null = null with get, set
    /// Receives what is left out of real files.
    member val LeftOut: Action<BrokenFile> | null = null with get, set
    /// Receives how many of them are read.
    member val Loading: IProgress<LoadProgress> | null = null with get, set

/// The data of Einstein radii: simulations with labels, real fields with arcs to adapt on and to choose by, and quasi-real lenses that only
/// judge. Columns: theta_e (arcsec), set (0 LensPop, 1 and 2 challenges, 3 injection, 4 quasi-real), galaxy and source (numbers of what is
/// real, −1 where nothing is), arc_ratio, signal_to_noise and contrast (QuasiRealSimulator; NaN where nothing is real).
/// des, euclid : LensPop's forecasts;  fields : galaxies of the survey's fields, for training, adaptation and validation;  galaxies : with
/// real PSFs, for tests alone;  sources : real, at least two.
[<Sealed>]
type RadiusDomains
    (
        des: LensPopRow[],
        euclid: LensPopRow[],
        fields: RealGalaxy[],
        galaxies: RealGalaxy[],
        sources: RealSource[],
        options: RadiusDomainOptions
    ) =

    do
        if options.Fold < 0 || options.Fold > 1 then
            invalidArg (nameof options) $"RadiusDomains: expected a fold of 0 or 1, got {options.Fold}."

        if options.Size % 2 <> 0 || options.Size < 16 then
            invalidArg (nameof options) $"RadiusDomains: expected an even size of at least 16 pixels, got {options.Size}."

        if fields.Length < 3 || galaxies.Length = 0 || sources.Length < 2 then
            invalidArg (nameof fields) $"RadiusDomains: expected at least three fields, a galaxy and two sources, got {fields.Length}, \
                {galaxies.Length} and {sources.Length}."

        for what, count in [ "training", options.TrainingCount; "adaptation", options.AdaptationCount; "validation",
                             options.ValidationCount; "test", options.TestCount ] do
            if count < 2 then
                invalidArg (nameof options) $"RadiusDomains: expected at least two {what} images, got {count}."

    // Fields: two thirds train and adapt, a third validates. Sources: two halves.
    let take (items: 'T[]) (order: int[]) first last = [| for place in first .. last - 1 -> items[order[place]] |]
    let fieldOrder = SeededRandom.For(options.Seed, 31L).Permutation fields.Length
    let trainingFields = take fields fieldOrder 0 (fields.Length * 2 / 3)
    let validationFields = take fields fieldOrder (fields.Length * 2 / 3) fields.Length
    let sourceOrder = SeededRandom.For(options.Seed, 32L).Permutation sources.Length
    let half = (sources.Length + 1) / 2
    let firstHalf, secondHalf = take sources sourceOrder 0 half, take sources sourceOrder half sources.Length
    let adapting, judging = if options.Fold = 0 then firstHalf, secondHalf else secondHalf, firstHalf
    let synthetic = lazy (SyntheticSources.Draw(400, DesGalaxies.Bands.Length, options.Seed))
    let simulations = lazy (RadiusSimulations(des, euclid, options.Size))

    let numbers = RealNumbers(Array.append fields galaxies, sources)

    let quasiReal (galaxies: RealGalaxy[]) (sources: RealSource[]) radii selection =
        QuasiRealSimulator(galaxies, sources, DesGalaxies.Bands, DesGalaxies.PixelScale, Size = options.Size, LensFraction = 1.0,
                           Radii = radii, Selection = selection, PhotonsPerUnit = DesGalaxies.PhotonsPerUnit DesGalaxies.Bands)

    // Radii of training spread wider than those that are judged, about the same median; and every arc, however faint: a network that never
    // met an arc that cannot be seen takes the galaxy for a small ring.
    let wide = EinsteinRadii(1.2, 0.45, 0.4, 2.6)

    // The fields come without PSFs: injected arcs are seen through several, from sharper than the survey's mean to blurrier, so that no
    // width is learnt by heart.
    let seeings = [| 0.8; 0.9; 1.0; 1.1 |]

    let injected =
        lazy (
            let bands = DesGalaxies.Bands |> Array.map (fun name -> Surveys.Des |> Array.find (fun band -> band.Name = name))

            let psfs =
                seeings
                |> Array.map (fun factor ->
                    bands |> Array.map (fun band -> PointSpread.Gaussian(factor * band.Seeing, band.PixelScale, 5.0)))

            [| for field in trainingFields do for seen in psfs -> field.WithPsfs seen |])

    let injection = lazy (quasiReal injected.Value synthetic.Value wide ArcSelection.All)
    // What the caches of earlier versions do not have is drawn again.
    let version = 3
    let adaptation = lazy (quasiReal trainingFields adapting EinsteinRadii.LikeReal ArcSelection.All)
    let validation = lazy (quasiReal validationFields adapting EinsteinRadii.LikeReal ArcSelection.All)
    let test = lazy (quasiReal galaxies judging EinsteinRadii.LikeReal ArcSelection.All)

    // Images whose statistics clip and scale, by their part.
    let references = Dictionary<RadiusPart, ImageSet>()
    let seedOf (part: RadiusPart) = options.Seed * 16L + int64 part
    let leftOut broken = match options.LeftOut with null -> () | told -> told.Invoke broken

    // Real files of a challenge, read once.
    let ofFiles (files: ChallengeFiles | null) read =
        match files with
        | null -> None
        | files -> Some(lazy (read files: struct (ImageSet * float[])))

    let first =
        ofFiles options.Challenge1Files (fun files -> files.Challenge1(options.Size, leftOut, options.Loading, CancellationToken.None))

    let second matched =
        ofFiles options.Challenge2Files (fun files ->
            files.Challenge2(simulations.Value, options.Seed, matched, leftOut, options.Loading, CancellationToken.None))

    let secondMatched, secondUnmatched = second true, second false

    let filesOf part =
        match part with
        | RadiusPart.Challenge1 -> first
        | RadiusPart.Challenge2 -> secondMatched
        | RadiusPart.Challenge2Unmatched -> secondUnmatched
        | _ -> None

    let plain set (images: ImageSet) (radii: float[]) =
        let count = images.Count
        let nothing = CacheValues.Reals("arc_ratio", Array.create count nan), Array.create count nan

        LabelledImages(
            images,
            CacheValues.Reals("theta_e", radii),
            CacheValues.Integers("set", Array.create count set),
            CacheValues.Integers("galaxy", Array.create count -1L),
            CacheValues.Integers("source", Array.create count -1L),
            fst nothing,
            CacheValues.Reals("signal_to_noise", snd nothing),
            CacheValues.Reals("contrast", snd nothing)
        )

    let real set (galaxies: RealGalaxy[]) (sources: RealSource[]) (made: LensSimulation) =
        let column (name: string) =
            let at = Array.IndexOf(made.ParameterNames, name)
            made.Parameters |> Array.map (fun row -> row[at])

        LabelledImages(
            made.Images.ToZeroPoint DesGalaxies.ZeroPoint,
            CacheValues.Reals("theta_e", made.Targets),
            CacheValues.Integers("set", Array.create made.Images.Count set),
            numbers.Galaxies(made, galaxies),
            numbers.Sources(made, sources),
            CacheValues.Reals("arc_ratio", column "arcRatio"),
            CacheValues.Reals("signal_to_noise", column "signalToNoise"),
            CacheValues.Reals("contrast", column "contrast")
        )

    // The union's sets, and how many images of each: a third, or all that real files have.
    let sets = [| RadiusPart.LensPop; RadiusPart.Challenge1; RadiusPart.Challenge2 |]

    let shareOf set =
        let share = options.TrainingCount / sets.Length + (if set < options.TrainingCount % sets.Length then 1 else 0)

        match filesOf sets[set] with
        | Some read -> let struct (_, radii) = read.Value in min share radii.Length
        | None -> share

    /// The radii of the original's 32 real lenses, arcsec, read off its figure.
    static member OriginalRadii: float[] = [|
        0.524; 0.594; 0.654; 0.680; 0.793; 0.793; 0.88; 0.966; 1.018; 1.044; 1.044; 1.07; 1.114; 1.166; 1.166; 1.192; 1.218; 1.239; 1.239
        1.269; 1.269; 1.304; 1.339; 1.399; 1.408; 1.443; 1.443; 1.659; 1.772; 1.954; 2.162; 2.387
    |]

    member _.Options = options
    /// Names of the fields that train and adapt, of those that validate, of the galaxies that judge.
    member _.TrainingFields = trainingFields |> Array.map _.Name
    member _.ValidationFields = validationFields |> Array.map _.Name
    member _.TestGalaxies = galaxies |> Array.map _.Name
    /// Names of the sources that adapt and validate, and of those that judge.
    member _.Sources = adapting |> Array.map _.Name
    member _.TestSources = judging |> Array.map _.Name

    /// Images of a part.
    member _.Count(part: RadiusPart) =
        match part with
        | RadiusPart.Adaptation -> options.AdaptationCount
        | RadiusPart.Validation -> options.ValidationCount
        | RadiusPart.Test -> options.TestCount
        | RadiusPart.Small -> RadiusDomains.OriginalRadii.Length
        | RadiusPart.Union -> Seq.init sets.Length shareOf |> Seq.sum
        | _ ->
            match filesOf part with
            | Some read -> let struct (_, radii) = read.Value in radii.Length
            | None -> options.TrainingCount

    /// Images first, first + 1, … of a part: fluxes at zero point 30 with their columns. Each depends on the seed and its number only.
    member private domains.Draw(part: RadiusPart, count: int, first: int64, cancellation: CancellationToken) : LabelledImages =
        let seed = seedOf part
        let places (all: int) = [| int first .. min all (int first + count) - 1 |]

        match part with
        | RadiusPart.Challenge1
        | RadiusPart.Challenge2
        | RadiusPart.Challenge2Unmatched when (filesOf part).IsSome ->
            let struct (images, radii) = (filesOf part).Value.Value
            let chosen = places images.Count
            plain (if part = RadiusPart.Challenge1 then 1L else 2L) (images.Take chosen) (chosen |> Array.map (fun i -> radii[i]))
        | RadiusPart.LensPop ->
            let made = simulations.Value.LensPop(count, seed, first, cancellation)
            plain 0L (made.Images.ToZeroPoint DesGalaxies.ZeroPoint) made.Targets
        | RadiusPart.Challenge1 ->
            let struct (images, radii) = simulations.Value.Challenge1(count, seed, first, cancellation)
            plain 1L images radii
        | RadiusPart.Challenge2
        | RadiusPart.Challenge2Unmatched ->
            let isMatched = part = RadiusPart.Challenge2
            let struct (images, radii) = simulations.Value.Challenge2(count, seed, first, isMatched, cancellation)
            plain 2L images radii
        | RadiusPart.Injection ->
            real 3L injected.Value synthetic.Value (injection.Value.Simulate(count, seed, first, cancellation))
        | RadiusPart.Adaptation -> real 4L trainingFields adapting (adaptation.Value.Simulate(count, seed, first, cancellation))
        | RadiusPart.Validation -> real 4L validationFields adapting (validation.Value.Simulate(count, seed, first, cancellation))
        | RadiusPart.Test -> real 4L galaxies judging (test.Value.Simulate(count, seed, first, cancellation))
        | _ -> invalidOp $"RadiusDomains: the part {part} is made of others."

    /// A part in pieces of about `size` images, each simulated when it is asked for.
    member domains.Pieces(part: RadiusPart, size: int, cancellation: CancellationToken) : LabelledImages seq =
        match part with
        | RadiusPart.Union ->
            // Pieces alternate, so that any stretch of the cache has all three.
            let counts = Array.init sets.Length shareOf

            seq {
                for first in 0 .. size .. Array.max counts - 1 do
                    for set in 0 .. sets.Length - 1 do
                        let count = min size (counts[set] - first)
                        if count > 0 then domains.Draw(sets[set], count, int64 first, cancellation)
            }
        | RadiusPart.Small ->
            seq {
                for i, radius in Seq.indexed RadiusDomains.OriginalRadii do
                    let one = quasiReal galaxies judging (EinsteinRadii(radius, 0.0, radius, radius)) ArcSelection.All
                    real 4L galaxies judging (one.Simulate(1, seedOf part, int64 i, cancellation))
            }
        | _ ->
            seq {
                for first in 0 .. size .. domains.Count part - 1 do
                    domains.Draw(part, min size (domains.Count part - first), int64 first, cancellation)
            }

    /// The first images of a part as the original's data set: fluxes at zero point 30, what is missing as 0, and the radii.
    /// count : at most so many, at least one.
    member domains.Dataset(part: RadiusPart, count: int, cancellation: CancellationToken) : LensDataset =
        let wanted = min (max 1 count) (domains.Count part)
        let found, radii = ResizeArray<ImageSet>(), ResizeArray<float>()
        // A third of the union's images at a time, so that the first ones are of all its sets.
        use pieces = domains.Pieces(part, (wanted + 2) / 3, cancellation).GetEnumerator()

        while radii.Count < wanted && pieces.MoveNext() do
            let piece = pieces.Current
            found.Add piece.Images
            let column = piece.Columns |> Seq.find (fun column -> column.Column.Name = "theta_e")
            radii.AddRange(column.Values :?> float[])

        let kept = [| 0 .. wanted - 1 |]
        let images = Intensity.ReplaceMissing((ImageSet.Concatenate(found.ToArray())).Take kept, 0f)
        LensDataset(string part, images, radii.GetRange(0, wanted).ToArray(), [||])

    /// Whether a part is simulated through and through; its statistics are those of the training set.
    static member IsSimulated(part: RadiusPart) : bool =
        match part with
        | RadiusPart.LensPop
        | RadiusPart.Challenge1
        | RadiusPart.Challenge2
        | RadiusPart.Union
        | RadiusPart.Challenge2Unmatched -> true
        | _ -> false

    /// The preprocessing of a part. Statistics of clip-z are those of the part itself where it is simulated, else those of the images to
    /// adapt on; of at most 600 images.
    member domains.Preprocessing(part: RadiusPart, name: string, cancellation: CancellationToken) : Recipe =
        let reference = if RadiusDomains.IsSimulated part || part = RadiusPart.Injection then part else RadiusPart.Adaptation

        RadiusPreprocessing.Of(name, lazy (
            lock references (fun () ->
                match references.TryGetValue reference with
                | true, known -> known
                | _ ->
                    let pieces = domains.Pieces(reference, 200, cancellation) |> Seq.truncate 3 |> Seq.map _.Images |> Seq.toArray
                    let drawn = ImageSet.Concatenate pieces
                    references[reference] <- drawn
                    drawn)))

    /// What a part is made of: with the preprocessing, the recipe of its cache.
    member _.Describe(part: RadiusPart) : string =
        let list (names: string[]) = String.Join(", ", names)
        let galaxyNames (items: RealGalaxy[]) = list (items |> Array.map _.Name)
        let sourceNames (items: RealSource[]) = list (items |> Array.map _.Name)

        let content =
            match part with
            | RadiusPart.Injection ->
                let factors = String.Join(", ", seeings |> Array.map (fun factor -> FormattableString.Invariant $"{factor}"))
                $"synthetic sources, {wide}, seeing {factors}, on {galaxyNames trainingFields}"
            | RadiusPart.Adaptation -> $"sources {sourceNames adapting} on {galaxyNames trainingFields}"
            | RadiusPart.Validation -> $"sources {sourceNames adapting} on {galaxyNames validationFields}"
            | RadiusPart.Test
            | RadiusPart.Small -> $"sources {sourceNames judging} on {galaxyNames galaxies}"
            | _ ->
                let files what (given: ChallengeFiles | null) = match given with null -> "" | given -> $"; {what} of {given}"
                $"forecasts of {des.Length} and {euclid.Length} lenses" + files "challenge 1" options.Challenge1Files
                + files "challenge 2" options.Challenge2Files

        let name = string part
        FormattableString.Invariant $"Einstein radii {version}, {name}: {content}; {options.Size} pixels, seed {options.Seed}"

    /// The pieces of a part from a cache of its fluxes below `root`: every preprocessing works on images that were simulated once.
    member private domains.Kept
        (root: string, part: RadiusPart, progress: IProgress<int64> | null, cancellation: CancellationToken)
        : LabelledImages seq =
        seq {
            use fluxes: Cache = domains.Cache(root, part, (RadiusDomains.Fluxes: Recipe), progress, cancellation)
            let bands, size = DesGalaxies.Bands, options.Size

            for first in 0 .. 250 .. fluxes.Count - 1 do
                cancellation.ThrowIfCancellationRequested()
                let rows = [| first .. min fluxes.Count (first + 250) - 1 |]
                let pixels = Array.zeroCreate<float32> (rows.Length * bands.Length * size * size)
                fluxes.ReadTensors("image", ReadOnlySpan rows, Span pixels)
                let images = ImageSet(pixels, bands, size, size, Array.create bands.Length DesGalaxies.ZeroPoint)

                let columns =
                    [| for column in fluxes.Columns do
                           let values (all: 'T[]) = Array.sub all first rows.Length

                           match column.Kind with
                           | CacheColumnKind.Integer -> CacheValues.Integers(column.Name, values (fluxes.Integers column.Name))
                           | CacheColumnKind.Real -> CacheValues.Reals(column.Name, values (fluxes.Reals column.Name))
                           | _ -> () |]

                LabelledImages(images, columns)
        }

    static member private Fluxes: Recipe = Recipe(ImageStep.ReplaceMissing 0f)

    /// The part's images after a recipe in a cache below `root`, built where it is not there yet; from a cache of the part's fluxes, which
    /// is built first.
    member domains.Cache
        (
            root: string,
            part: RadiusPart,
            steps: Recipe,
            progress: IProgress<int64> | null,
            cancellation: CancellationToken
        ) : Cache =
        let recipe = CacheRecipe($"{domains.Describe part}, {domains.Count part} images\n{steps}")

        let rows () =
            if steps.Equals RadiusDomains.Fluxes then
                domains.Pieces(part, 250, cancellation) |> Seq.map (fun images -> images.Apply(steps, options.Seed, 0L).ToRows())
            else
                domains.Kept(root, part, progress, cancellation)
                |> Seq.map (fun images -> images.Apply(steps, options.Seed, 0L).ToRows())

        // What is simulated reports how far it is; preprocessing takes no time beside it.
        let told = if steps.Equals RadiusDomains.Fluxes then progress else null
        Cache.GetOrBuild(root, recipe, rows, CacheOptions(), told, cancellation)

    /// The same with a preprocessing by its name.
    member domains.Cache
        (
            root: string,
            part: RadiusPart,
            preprocessing: string,
            progress: IProgress<int64> | null,
            cancellation: CancellationToken
        ) : Cache =
        domains.Cache(root, part, domains.Preprocessing(part, preprocessing, cancellation), progress, cancellation)
