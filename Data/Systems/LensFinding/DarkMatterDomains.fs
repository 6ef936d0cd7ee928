namespace Hybrid.Data.Systems.LensFinding

open System
open System.Threading
open Hybrid.Data.Cache
open Hybrid.Data.Images

/// How much of what substructure does is in which images, and how many.
[<Sealed>]
type DarkMatterOptions() =
    member val SourceCount = 4000 with get, set
    member val TargetCount = 4000 with get, set
    member val TestCount = 2000 with get, set
    /// Pixels each way, to which both instruments' images are resized.
    member val Size = 64 with get, set
    member val Source = DeepLenseModel.I with get, set
    member val Target = DeepLenseModel.II with get, set
    /// Of everything drawn.
    member val Seed = 1L with get, set

/// The domains of dark-matter classification, after Alexander et al. 2021: lensed arcs by a smooth halo, by one with cold subhaloes, and by
/// one with a vortex, seen by two instruments. Column: label, a number of Substructure.
[<Sealed>]
type DarkMatterDomains(options: DarkMatterOptions) =
    do
        for what, count in [ "source", options.SourceCount; "target", options.TargetCount; "test", options.TestCount ] do
            if count < 6 then
                invalidArg (nameof options) $"DarkMatterDomains: expected at least six {what} images, two a class, got {count}."

        if options.Size < 16 then
            invalidArg (nameof options) $"DarkMatterDomains: expected at least 16 pixels, got {options.Size}."

        for what, model in [ "source", options.Source; "target", options.Target ] do
            if model = DeepLenseModel.IV then
                invalidArg (nameof options) $"DarkMatterDomains: expected Model I, II or III as {what}, which have one band, got {model}."

    let simulator model = DeepLenseSimulator(DeepLenseOptions(Model = model))
    let source, target = simulator options.Source, simulator options.Target

    /// Names of the classes, in the order of the labels.
    static member val Classes = [| "no substructure"; "CDM"; "vortex" |]

    member _.Options = options

    /// Images of a part.
    member _.Count(part: LensPart) =
        match part with
        | LensPart.Source -> options.SourceCount
        | LensPart.Target -> options.TargetCount
        | _ -> options.TestCount

    /// Each image from 0 to 1, as the original.
    member _.Preprocessing : Recipe = Recipe(ImageStep.Resize(options.Size, options.Size, Interpolation.Area), ImageStep.MinMaxPerImage())

    /// What a part is made of: with the preprocessing, the recipe of its cache.
    member domains.Describe(part: LensPart) : string =
        let model = if part = LensPart.Source then options.Source else options.Target
        FormattableString.Invariant $"dark matter, {(string part).ToLowerInvariant()}: {domains.Count part} images of DeepLenseSim's Model \
            {model}, seed {options.Seed}"

    /// The part's preprocessed images in a cache below `root`, built where it is not there yet.
    member domains.Cache(root: string, part: LensPart, progress: IProgress<int64> | null, cancellation: CancellationToken) : Cache =
        let recipe = CacheRecipe($"{domains.Describe part}\n{domains.Preprocessing}")
        let camera = if part = LensPart.Source then source else target

        let rows () =
            seq {
                for first in 0..256 .. domains.Count part - 1 do
                    let count = min 256 (domains.Count part - first)
                    let images = camera.Simulate(count, options.Seed * 3L + int64 part, int64 first, cancellation)
                    LabelledImages(images.Images, CacheValues.Integers("label", images.Labels |> Array.map int64))
                        .Apply(domains.Preprocessing, options.Seed, int64 first).ToRows()
            }

        Cache.GetOrBuild(root, recipe, rows, CacheOptions(), progress, cancellation)
