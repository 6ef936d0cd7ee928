namespace Hybrid.PropertyTests.Systems.EinsteinRadius

open System
open System.IO
open System.Threading
open FsCheck.FSharp
open Xunit
open Hybrid.Data.Cache
open Hybrid.Data.Images
open Hybrid.Data.Lensing
open Hybrid.Data.Statistics
open Hybrid.Data.Systems.EinsteinRadius
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

/// What radii are trained and judged on: densities of labels, pixel scales, the parts and what they share.
module RadiusDomainTests =

    let private psf = PointSpread.Gaussian(0.9, 0.263, 5.0)
    let private blob = Array.init (41 * 41) (fun i -> float32 (exp (-(float (i / 41 - 20) ** 2.0 + float (i % 41 - 20) ** 2.0) / 18.0)))
    let private source name = RealSource(name, blob, 41, 41, 0.03, [| 23.5; 23.0; 22.8 |])

    let private galaxy (name: string) =
        let random = SeededRandom(int64 (Array.sumBy int (name.ToCharArray())))
        let stamp _ = Array.init (44 * 44) (fun _ -> float32 (3.0 * random.NextNormal()))
        RealGalaxy(name, Array.init 3 stamp, 44, 44, Array.create 3 psf, 30.0, 0.4, 1.2, 0.8, 0.3)

    let private des =
        LensPopCatalogue.Parse("des.txt",
            [| for i in 0..9 -> $"0.4 1.5 1.{i} 230 0.8 0.9 21 20 19.5 0.1 0.05 0.7 30 0.3 23 22.5 22.2 4 1 1 1 1 1 1 1" |])

    let private euclid =
        LensPopCatalogue.Parse("euclid.txt", [| for i in 0..9 -> $"0.4 1.5 1.{i} 230 0.8 0.9 20 0.1 0.05 0.7 30 0.3 22.5 4 0.2 50" |])

    let private domains fold =
        RadiusDomains(des, euclid, Array.init 6 (fun i -> galaxy $"f{i}"), Array.init 2 (fun i -> galaxy $"g{i}"),
                      Array.init 5 (fun i -> source $"s{i}"),
                      RadiusDomainOptions(Size = 32, TrainingCount = 9, AdaptationCount = 8, ValidationCount = 4, TestCount = 6,
                                          Fold = fold))

    let private cache (folder: ScratchFolder) (domains: RadiusDomains) (part: RadiusPart) preprocessing =
        domains.Cache(folder.Path, part, (preprocessing: string), null, CancellationToken.None)

    [<Fact>]
    let ``every part has its images, finite, with what is true of them`` () =
        use folder = new ScratchFolder()
        let domains = domains 0
        let image = Array.zeroCreate<float32> (3 * 32 * 32)

        for part in Enum.GetValues<RadiusPart>() do
            use cache = cache folder domains part "asinh"
            Assert.Equal(domains.Count part, cache.Count)
            let radii = cache.Reals "theta_e"
            Assert.All(radii, fun radius -> Assert.InRange(radius, 0.3, 2.6))

            for row in 0 .. cache.Count - 1 do
                cache.ReadTensors("image", ReadOnlySpan [| row |], Span image)
                Assert.All(image, fun value -> Assert.True(Single.IsFinite value, $"{part}, image {row}"))
                Assert.True(Array.max image > Array.min image)

            let isReal = part >= RadiusPart.Adaptation || part = RadiusPart.Injection
            Assert.All(cache.Integers "galaxy", fun galaxy -> Assert.Equal(isReal, (galaxy >= 0L)))
            Assert.All(cache.Reals "arc_ratio", fun ratio -> Assert.Equal(isReal, Double.IsFinite ratio))

        use union = cache folder domains RadiusPart.Union "asinh"
        Assert.Equal<int64[]>([| 0L; 0L; 0L; 1L; 1L; 1L; 2L; 2L; 2L |], union.Integers "set")

        use small = cache folder domains RadiusPart.Small "asinh"
        Assert.Equal<float[]>(RadiusDomains.OriginalRadii, small.Reals "theta_e")

    [<Fact>]
    let ``the two folds swap the sources, and no part that trains has what judges`` () =
        use folder = new ScratchFolder()
        let first, second = domains 0, domains 1
        Assert.Equal<string[]>(Array.sort first.Sources, Array.sort second.TestSources)
        Assert.Empty(Seq.filter (fun name -> Array.contains name first.TestSources) first.Sources)
        Assert.Empty(Seq.filter (fun name -> Array.contains name first.ValidationFields) first.TrainingFields)
        Assert.Equal((4, 2), (first.TrainingFields.Length, first.ValidationFields.Length))
        use injection = cache folder first RadiusPart.Injection "asinh"
        use adaptation = cache folder first RadiusPart.Adaptation "asinh"
        use test = cache folder first RadiusPart.Test "asinh"
        let parts: struct (string * Cache)[] =
            [| struct ("injection", injection); struct ("adaptation", adaptation); struct ("test", test) |]

        Assert.Contains("leak check: no image, test galaxy", RealLeaks.Require(parts, "test"))
        // The other fold's test has the sources that this one adapts on.
        use other = cache folder second RadiusPart.Test "asinh"
        let planted: struct (string * Cache)[] = [| struct ("adaptation", adaptation); struct ("test", other) |]
        let failure = Assert.Throws<InvalidDataException>(fun () -> RealLeaks.Require(planted, "test") |> ignore)
        Assert.Contains("test: source", failure.Message)

    [<Fact>]
    let ``a cache is the same again, and statistics of clip-z are those of the images to adapt on`` () =
        use folder = new ScratchFolder()
        use again = new ScratchFolder()
        use one = cache folder (domains 0) RadiusPart.Test "clip-z"
        use two = cache again (domains 0) RadiusPart.Test "clip-z"
        let read (cache: Cache) =
            let image = Array.zeroCreate<float32> (3 * 32 * 32)
            cache.ReadTensors("image", ReadOnlySpan [| 3 |], Span image)
            image

        Assert.Equal<float32[]>(read one, read two)
        let none = CancellationToken.None
        let recipe part = (domains 0).Preprocessing(part, "clip-z", none)
        Assert.Equal(recipe RadiusPart.Adaptation, recipe RadiusPart.Test)
        Assert.NotEqual(recipe RadiusPart.LensPop, recipe RadiusPart.Test)

    [<Fact>]
    let ``one band of another size, an odd size and an unknown preprocessing are refused`` () =
        let make size =
            RadiusDomains(des, euclid, Array.init 6 (fun i -> galaxy $"f{i}"), [| galaxy "g" |], Array.init 2 (fun i -> source $"s{i}"),
                          RadiusDomainOptions(Size = size)) |> ignore

        Assert.Contains("even size", Assert.Throws<ArgumentException>(fun () -> make 31).Message)
        let unknown = Assert.Throws<ArgumentException>(fun () -> RadiusPreprocessing.Check "sqrt")
        Assert.Contains("expected one of asinh, clip-z, raw, got 'sqrt'", unknown.Message)
        let few = ImageSet(Array.zeroCreate (20 * 20), [| "g" |], 20, 20)
        let small = Assert.Throws<ArgumentException>(fun () -> RadiusScales.To(few, 0.2, 0.263, 44) |> ignore)
        Assert.Contains("expected images of at least", small.Message)

    [<SeededProperty(MaxTest = 50)>]
    let ``weights undo densities: every bin weighs the same`` (seed: int) (count: byte) =
        let random = SeededRandom(int64 seed)
        let targets = Array.init (1 + int count) (fun _ -> exp (0.4 * random.NextNormal()))
        let density, weights = LabelDensity.Of(targets, 11), LabelDensity.Weights(targets, 11)
        let largest = Array.max density
        // As many targets share a density as its count says, and weight times density is the same for all.
        let sound = (density, weights) ||> Array.forall2 (fun share weight -> abs (weight * share - largest) < 1e-9)
        let counted = density |> Seq.countBy id |> Seq.forall (fun (share, found) -> found % int (round (share * float targets.Length)) = 0)
        (sound && counted && Array.min weights >= 1.0 - 1e-12) |> Prop.label $"{targets.Length} targets"

    [<Fact>]
    let ``items are repeated as rarely as they are dense`` () =
        let radii = Array.append (Array.create 30 1.0) (Array.create 3 2.0)
        let even = LabelDensity.Even(radii, id, 5, 20)
        Assert.Equal((30, 30), (even |> Seq.filter (fun r -> r = 1.0) |> Seq.length, even |> Seq.filter (fun r -> r = 2.0) |> Seq.length))
        Assert.Equal(3 * 4, LabelDensity.Even(radii, id, 5, 4) |> Seq.filter (fun r -> r = 2.0) |> Seq.length)

    /// A ring of radius r: its radius in arcsec as the flux-weighted mean distance from the middle.
    let private ring pixels scale radius =
        Array.init (pixels * pixels) (fun i ->
            let x, y = (float (i % pixels) - float (pixels - 1) / 2.0) * scale, (float (i / pixels) - float (pixels - 1) / 2.0) * scale
            let off = (sqrt (x * x + y * y) - radius) / 0.35
            float32 (exp (-0.5 * off * off)))

    let private radiusOf (images: ImageSet) scale =
        let pixels = images.Width
        let mutable total, sum = 0.0, 0.0

        for i in 0 .. images.PlaneSize - 1 do
            let x, y = (float (i % pixels) - float (pixels - 1) / 2.0) * scale, (float (i / pixels) - float (pixels - 1) / 2.0) * scale
            total <- total + float images.Pixels[i]
            sum <- sum + float images.Pixels[i] * sqrt (x * x + y * y)

        struct (total, sum / total)

    [<Theory>]
    [<InlineData(0.101, 200)>]
    [<InlineData(0.2, 77)>]
    [<InlineData(0.3, 66)>]
    [<InlineData(0.263, 60)>]
    let ``at another pixel scale a ring keeps its light and its radius within a hundredth`` (scale: float) (pixels: int) =
        for radius in [ 1.4; 1.9; 2.4 ] do
            let images = ImageSet(ring pixels scale radius, [| "g" |], pixels, pixels, [| 30.0 |])
            let common = RadiusScales.To(images, scale, 0.263, 44)
            Assert.Equal((44, 44), (common.Height, common.Width))
            let struct (before, own) = radiusOf images scale
            let struct (after, met) = radiusOf common 0.263
            Assert.True(abs (after / before - 1.0) < 0.01, $"{scale}\" and {radius}\": light {after / before} times")
            Assert.True(abs (met / own - 1.0) < 0.01, $"{scale}\" and {radius}\": {own} became {met}")

    [<Fact>]
    let ``quasi-real lenses say how bright their arc is against the galaxy inside the ring`` () =
        let simulator = QuasiRealSimulator([| galaxy "g" |], [| source "s" |], [| "g"; "r"; "i" |], 0.263, Size = 40, LensFraction = 1.0,
                                           Selection = ArcSelection.All, PhotonsPerUnit = [||])
        let made = simulator.Simulate(20, 3L)
        let at name = Array.IndexOf(made.ParameterNames, name)

        for parameters in made.Parameters do
            Assert.True(parameters[at "arcRatio"] > 0.0 && Double.IsFinite parameters[at "arcRatio"])
            Assert.True(parameters[at "signalToNoise"] > 0.0 && parameters[at "contrast"] > 0.0)

        // Ten times as bright an arc: ten times the ratio.
        let brighter = RealSource("s", blob, 41, 41, 0.03, [| 21.0; 20.5; 20.3 |])
        let again = QuasiRealSimulator([| galaxy "g" |], [| brighter |], [| "g"; "r"; "i" |], 0.263, Size = 40, LensFraction = 1.0,
                                       Selection = ArcSelection.All).Simulate(20, 3L)

        for faint, bright in Array.zip made.Parameters again.Parameters do
            Assert.True(abs (bright[at "arcRatio"] / faint[at "arcRatio"] - 10.0) < 1e-3)

    [<Fact>]
    let ``synthetic sources depend on their number alone, and no two are alike`` () =
        let few, many = SyntheticSources.Draw(3, 3, 5L), SyntheticSources.Draw(6, 3, 5L)

        for one, other in Array.zip few many[..2] do
            Assert.Equal<float[]>(one.Magnitudes, other.Magnitudes)
            Assert.Equal<float32[]>(one.Plane(0).ToArray(), other.Plane(0).ToArray())

        Assert.Equal(6, many |> Seq.distinctBy (fun s -> s.Magnitudes[0]) |> Seq.length)
        Assert.All(many, fun s -> Assert.InRange(s.Magnitudes[0], 22.0, 25.5))
