namespace Hybrid.Data.Systems.LensFinding

open System
open System.Collections.Generic
open System.Threading
open Hybrid.Data
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.Data.Images
open Hybrid.Data.Lensing

/// A part of lens finding's data.
type LensPart =
    /// Labelled simulations: LensPop's population, smooth galaxies, no neighbours.
    | Source = 0
    /// Quasi-real images to adapt on; their labels train the supervised upper bound and nothing else.
    | Target = 1
    /// Quasi-real images that only judge: of galaxies and sources that no other part has.
    | Test = 2

/// What the domains are made of, and how.
[<Sealed>]
type LensDomainOptions() =
    /// Pixels each way.
    member val Size = 44 with get, set
    member val SourceCount = 2000 with get, set
    member val TargetCount = 2000 with get, set
    member val TestCount = 1500 with get, set
    /// Share of images with a lens in each part.
    member val LensFraction = 0.5 with get, set
    member val ImpostorShare = 0.5 with get, set
    member val Selection = ArcSelection.Visible with get, set
    /// Folds of galaxies and sources, and which one of them judges.
    member val Folds = 3 with get, set
    member val Fold = 0 with get, set
    /// Seed of the split and of everything drawn.
    member val Seed = 1L with get, set
    /// Bands of the images, of g, r and i.
    member val Bands = [| "g"; "r"; "i" |] with get, set
    /// Whether the source's images have noise.
    member val SourceNoise = true with get, set
    /// In which respects the source's images are made to look as the target's.
    member val Match = GapMatch.None with get, set

/// The domains of lens finding: simulated lenses with labels, and quasi-real images of DES galaxies, whose labels are known to judge by.
/// Images are fluxes at zero point 30. Columns: label (0, 1), theta_e (arcsec, 0 without a lens), non_lens (NonLens, −1 of lenses), galaxy
/// and source (numbers of what is real in them, −1 where nothing is), magnitude and signal_to_noise (ImageBrightness of the first band),
/// number (of the image in its part).
[<Sealed>]
type LensDomains(lensPop: LensPopRow[], galaxies: RealGalaxy[], sources: RealSource[], options: LensDomainOptions) =

    do
        if options.Fold < 0 || options.Fold >= options.Folds then
            invalidArg (nameof options) $"LensDomains: expected a fold in [0, {options.Folds - 1}], got {options.Fold}."

        for what, count in [ "source", options.SourceCount; "target", options.TargetCount; "test", options.TestCount ] do
            if count < 2 then
                invalidArg (nameof options) $"LensDomains: expected at least two {what} images, got {count}."

    let fold = RealSplit.Folds(galaxies, sources, options.Folds, options.Seed).[options.Fold]
    let numbers = RealNumbers(galaxies, sources)

    let simulated =
        let population = LensPopOptions(Height = options.Size, Width = options.Size, LensFraction = options.LensFraction,
                                        ImpostorShare = options.ImpostorShare, Selection = options.Selection, Noise = options.SourceNoise)
        LensPopSimulator(lensPop, population)

    let quasiReal (galaxies: RealGalaxy[]) (sources: RealSource[]) =
        QuasiRealSimulator(galaxies, sources, DesGalaxies.Bands, DesGalaxies.PixelScale, Size = options.Size,
                           LensFraction = options.LensFraction, ImpostorShare = options.ImpostorShare, Selection = options.Selection,
                           PhotonsPerUnit = DesGalaxies.PhotonsPerUnit DesGalaxies.Bands)

    let target, test = quasiReal fold.Galaxies fold.Sources, quasiReal fold.TestGalaxies fold.TestSources

    let seedOf (part: LensPart) = options.Seed * 3L + int64 part

    // As many as say how a domain looks, the same whatever else is asked for.
    let lookCount = 256
    let inOwnUnits (simulation: LensSimulation) = simulation.Images.ToZeroPoint(DesGalaxies.ZeroPoint).SelectBands options.Bands

    let looks =
        lazy
            (let source = simulated.Simulate(lookCount, seedOf LensPart.Source, 0L, CancellationToken.None)
             let target = target.Simulate(lookCount, seedOf LensPart.Target, 0L, CancellationToken.None)
             struct (DomainLook.Of(inOwnUnits source), DomainLook.Of(inOwnUnits target)))

    let records part (first: int64) (simulation: LensSimulation) =
        let galaxies', sources' = if part = LensPart.Test then fold.TestGalaxies, fold.TestSources else fold.Galaxies, fold.Sources
        let nonLens = Array.IndexOf(simulation.ParameterNames, "nonLens")
        let kindOf (value: float) = if Double.IsNaN value then -1L else int64 value

        let drawn = inOwnUnits simulation

        let images =
            if part <> LensPart.Source || options.Match = GapMatch.None then
                drawn
            else
                let struct (source, target) = looks.Value
                source.Match(drawn, target, options.Match, seedOf part, first)

        let brightness = ImageBrightness.OfFirstBand images

        LabelledImages(
            images,
            CacheValues.Integers("label", simulation.Labels |> Array.map int64),
            CacheValues.Reals("theta_e", simulation.Targets),
            CacheValues.Integers("non_lens", simulation.Parameters |> Array.map (fun p -> kindOf p[nonLens])),
            numbers.Galaxies(simulation, galaxies'),
            numbers.Sources(simulation, sources'),
            CacheValues.Reals("magnitude", brightness |> Array.map _.Magnitude),
            CacheValues.Reals("signal_to_noise", brightness |> Array.map _.SignalToNoise),
            CacheValues.Integers("number", Array.init images.Count (fun i -> first + int64 i))
        )

    member _.Options = options

    /// How source and target look before anything is matched, by their first images.
    member _.Looks : struct (DomainLook * DomainLook) = looks.Value

    /// How the source looks after matching.
    member _.MatchedLook : DomainLook =
        let struct (source, target) = looks.Value
        let drawn = inOwnUnits (simulated.Simulate(lookCount, seedOf LensPart.Source, 0L, CancellationToken.None))
        DomainLook.Of(source.Match(drawn, target, options.Match, seedOf LensPart.Source, 0L))

    /// The split of galaxies and sources.
    member _.Split = fold

    /// Images of a part.
    member _.Count(part: LensPart) =
        match part with
        | LensPart.Source -> options.SourceCount
        | LensPart.Target -> options.TargetCount
        | _ -> options.TestCount

    /// A part in pieces, each simulated when it is asked for.
    member domains.Pieces(part: LensPart, size: int, cancellation: CancellationToken) : LabelledImages seq =
        seq {
            for first in 0 .. size .. domains.Count part - 1 do
                let count = min size (domains.Count part - first)

                records part (int64 first)
                    (match part with
                     | LensPart.Source -> simulated.Simulate(count, seedOf part, int64 first, cancellation)
                     | LensPart.Target -> target.Simulate(count, seedOf part, int64 first, cancellation)
                     | _ -> test.Simulate(count, seedOf part, int64 first, cancellation))
        }

    /// Names that Preprocess takes, the default first.
    static member val Preprocessings = [| "asinh"; "min-max"; "z-score"; "log" |]

    /// Preprocessing by its name, of fluxes at zero point 30. asinh: asinh(x/10), 10 being a few deviations of the sky, from −1 to 6 as 0
    /// to 1, so that arcs are seen beside the cores of their galaxies. min-max: each image from 0 to 1, as the original, in which an arc is
    /// a hundredth of the core. z-score: each image by its own mean and deviation. log: log(x + 30), by the same.
    static member Preprocess(name: string) : Recipe =
        let found = ImageStep.ReplaceMissing 0f

        match name with
        | "asinh" -> Recipe(found, ImageStep.Asinh 10.0, ImageStep.Window(-1.0, 6.0))
        | "min-max" -> Recipe(found, ImageStep.MinMaxPerImage())
        | "z-score" -> Recipe(found, ImageStep.ZScorePerImage())
        | "log" -> Recipe(found, ImageStep.Clip(-29f, Single.MaxValue), ImageStep.Log 30.0, ImageStep.ZScorePerImage())
        | _ ->
            let known = String.Join(", ", LensDomains.Preprocessings)
            invalidArg (nameof name) $"LensDomains.Preprocess: expected one of {known}, got '{name}'."

    /// The default one.
    static member Preprocessing = LensDomains.Preprocess LensDomains.Preprocessings[0]

    /// What a part is made of: with the preprocessing, the recipe of its cache.
    member _.Describe(part: LensPart) : string =
        let split =
            match part with
            | LensPart.Source -> "lenspop"
            | _ ->
                let galaxies = if part = LensPart.Test then fold.TestGalaxies else fold.Galaxies
                let names = String.Join(", ", galaxies |> Array.map _.Name)
                $"quasi-real of {names}"

        let bands = String.Join(" ", options.Bands)
        let name = (string part).ToLowerInvariant()
        let matched = if part = LensPart.Source && options.Match <> GapMatch.None then $", {options.Match} as the target's" else ""
        FormattableString.Invariant $"lens finding, {name}: {split}; {options.Size} pixels, bands {bands}, lens fraction \
            {options.LensFraction}, impostors {options.ImpostorShare}, {options.Selection}, source noise {options.SourceNoise}, seed \
            {options.Seed}, fold {options.Fold} of {options.Folds}, brightness, numbers{matched}"

    /// The part's preprocessed images in a cache below `root`, built where it is not there yet.
    member domains.Cache
        (
            root: string,
            part: LensPart,
            preprocessing: Recipe,
            progress: IProgress<int64> | null,
            cancellation: CancellationToken
        ) : Cache =
        let recipe = CacheRecipe($"{domains.Describe part}, {domains.Count part} images\n{preprocessing}")
        let rows () =
            domains.Pieces(part, 256, cancellation)
            |> Seq.mapi (fun piece images -> images.Apply(preprocessing, options.Seed, int64 piece * 256L).ToRows())

        Cache.GetOrBuild(root, recipe, rows, CacheOptions(), progress, cancellation)

    /// Compares parts by the contents of their images and by their galaxies and sources.
    /// Throws InvalidDataException where two parts have something in common: what it is and where.
    /// parts : by name. Galaxies and sources are compared between parts of which one is called 'test'.
    static member RequireNoLeak(parts: IReadOnlyList<struct (string * Cache)>) : string = RealLeaks.Require(parts, "test")
