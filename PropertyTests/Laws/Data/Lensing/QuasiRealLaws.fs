namespace Hybrid.PropertyTests.Laws.Data.Lensing

open System
open System.Collections.Generic
open System.Threading
open Xunit
open FsCheck
open Hybrid.Data.Images
open Hybrid.Data.Lensing
open Hybrid.Data.Splits
open Hybrid.Data.Statistics
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

/// What training on the simulators found wrong with them, each as it should be.
module QuasiRealLaws =

    let private gri = [| "g"; "r"; "i" |]

    let private blob = Array.init (41 * 41) (fun i -> float32 (exp (-(float (i / 41 - 20) ** 2.0 + float (i % 41 - 20) ** 2.0) / 18.0)))
    let private source name = RealSource(name, blob, 41, 41, 0.03, [| 23.5; 23.0; 22.8 |])
    let private psf = PointSpread.Gaussian(0.9, 0.263, 5.0)

    /// A galaxy whose stamps `fill` says, pixel by pixel.
    let private galaxy name size (cx, cy) (fill: int -> float32) =
        let stamp = Array.init (size * size) fill
        RealGalaxy(name, Array.create 3 stamp, size, size, Array.create 3 psf, 30.0, 0.4, 1.4, 1.0, 0.0, cx, cy)

    let private noisy name size seed =
        let random = SeededRandom(int64 seed)
        galaxy name size (0.0, 0.0) (fun _ -> float32 (3.0 * random.NextNormal()))

    let private simulator galaxies = QuasiRealSimulator(galaxies, [| source "s" |], gri, 0.263)

    [<Fact>]
    let ``lenses and non-lenses are turned and reflected alike`` () =
        // A pixel far from the arc, brighter than all, shows the turn.
        let marked = galaxy "marked" 40 (0.0, 0.0) (fun i -> if i = 4 * 40 + 11 then 1e6f elif i % 7 = 0 then 1f else -1f)
        let simulation = QuasiRealSimulator([| marked |], [| source "s" |], gri, 0.263, Selection = ArcSelection.All).Simulate(1600, 3L)

        for label in 0..1 do
            let places =
                [| for i in 0 .. simulation.Images.Count - 1 do
                       if simulation.Labels[i] = label then
                           let plane = simulation.Images.Plane(i, 0).ToArray()
                           Array.IndexOf(plane, Array.max plane) |]

            let counts = places |> Array.countBy id |> Array.map snd
            Assert.Equal(8, counts.Length)
            let expected = float places.Length / 8.0
            // Five deviations of a count.
            Assert.All(counts, fun n -> Assert.InRange(float n, expected - 5.0 * sqrt expected, expected + 5.0 * sqrt expected))

    [<Fact>]
    let ``one field gives hundreds of non-lenses, shifted, turned and reflected`` () =
        let simulation =
            QuasiRealSimulator([| noisy "field" 56 1 |], [| source "s" |], gri, 0.263, Size = 44, LensFraction = 0.0, ImpostorShare = 0.0)
                .Simulate(600, 1L)

        let distinct = [| for i in 0..599 -> LeakCheck.Hash(simulation.Images.Image i) |] |> Array.distinct
        // 8 · 7 · 7 = 392 are possible; 600 draws meet 307 of them, give or take 7.
        Assert.InRange(distinct.Length, 270, 392)

    [<Fact>]
    let ``a ring stands about the galaxy's centre, not the stamp's`` () =
        let cx, cy = 0.21, -0.34
        let empty = galaxy "g" 41 (cx, cy) (fun _ -> 0f)

        let simulation =
            QuasiRealSimulator([| empty |], [| source "s" |], gri, 0.263, LensFraction = 1.0, QuadShare = 1.0, ShearDeviation = 0.0,
                               Selection = ArcSelection.All).Simulate(12, 1L)

        for i in 0..11 do
            let plane = simulation.Images.Plane(i, 0)
            let mutable x, y, total = 0.0, 0.0, 0.0

            for k in 0 .. plane.Length - 1 do
                x <- x + float plane[k] * (float (k % 41) - 20.0) * 0.263
                y <- y + float plane[k] * (float (k / 41) - 20.0) * 0.263
                total <- total + float plane[k]

            // Turned about the middle, its distance from it stays.
            Assert.Equal(sqrt (cx * cx + cy * cy), sqrt (x * x + y * y) / total, 0.03)

    [<SeededProperty(MaxTest = 40)>]
    let ``the centre of a galaxy's light is found to a hundredth of a pixel`` (seed: int) =
        let random = SeededRandom(int64 seed)
        let size = 31 + random.Next 30
        let dx, dy, q, angle = random.Uniform(-1.5, 1.5), random.Uniform(-1.5, 1.5), random.Uniform(0.4, 1.0), random.Uniform(0.0, 3.1)

        let pixels = Array.init (size * size) (fun i ->
            let x, y = float (i % size) - float (size - 1) / 2.0 - dx, float (i / size) - float (size - 1) / 2.0 - dy
            let u, v = x * cos angle + y * sin angle, y * cos angle - x * sin angle
            float32 (exp (-0.5 * (u * u + v * v / (q * q)) / 9.0)))

        let centre = DesGalaxies.CentreOf(ReadOnlySpan pixels, size, size, 3.0)
        let { AxisRatio = ratio } = DesGalaxies.ShapeOf(ReadOnlySpan pixels, size, size, 4.0, centre)
        abs (centre.X - dx) < 0.01 && abs (centre.Y - dy) < 0.01 && abs (ratio - q) < 0.03

    [<Fact>]
    let ``negative pixels of a source count as nothing`` () =
        let pixels = Array.init (21 * 21) (fun i -> if i = 220 then 4f elif i % 3 = 0 then -0.01f else 0.001f)
        let real = RealSource("s", pixels, 21, 21, 0.03, [| 24.0 |])
        let positive = pixels |> Array.filter (fun v -> v > 0f) |> Array.sumBy float
        Assert.True(Array.sumBy float pixels < 0.8 * positive)
        Assert.Equal(4.0 / (positive * 0.0009), real.Brightness(0, 0.0, 0.0), 1e-3)

        for i in 0..200 do
            Assert.True(real.Brightness(0, 0.3 * cos (float i), 0.3 * sin (0.7 * float i)) >= 0.0)

        let none () = RealSource("s", Array.create 9 -1f, 3, 3, 0.03, [| 24.0 |]) |> ignore
        Assert.StartsWith("RealSource 's', plane 0: expected a pixel above 0, got none.", (Assert.Throws<ArgumentException> none).Message)

    [<Fact>]
    let ``Einstein radii are drawn like the real ones, and a galaxy's own when asked for`` () =
        let random = SeededRandom 5L
        let drawn = Array.init 20000 (fun _ -> EinsteinRadii.LikeReal.Draw random)
        Assert.All(drawn, fun t -> Assert.InRange(t, 0.5, 2.4))
        Assert.Equal(1.2, Percentile.Median(ReadOnlySpan drawn), 0.02)
        let galaxies = simulator [| noisy "g" 30 2 |]
        galaxies.LensFraction <- 1.0
        galaxies.HasOwnRadii <- true
        let own = galaxies.Simulate(20, 1L)
        Assert.All(own.Targets, fun t -> Assert.InRange(t, 0.8 * 1.4, 1.2 * 1.4))
        let wrong () = EinsteinRadii(1.0, 0.3, 1.2, 2.0) |> ignore
        Assert.StartsWith("EinsteinRadii: expected 0 < least ≤ median ≤ largest arcsec and a spread ≥ 0, got 1.2, 1, 2 and 0.3.",
                          (Assert.Throws<ArgumentException> wrong).Message)

    [<Fact>]
    let ``arcs carry the photon noise of their light`` () =
        let make photons =
            QuasiRealSimulator([| galaxy "g" 40 (0.0, 0.0) (fun _ -> 0f) |], [| source "s" |], gri, 0.263, LensFraction = 1.0,
                               Selection = ArcSelection.All, PhotonsPerUnit = photons).Simulate(30, 2L).Images

        let clean, noisy = make [||], make [| 15.4; 18.5; 18.0 |]

        for b in 0..2 do
            let t = [| 15.4; 18.5; 18.0 |][b]
            let pairs = Array.zip (clean.BandValues b) (noisy.BandValues b) |> Array.filter (fun (m, _) -> m > 0.01f)
            let squares = pairs |> Array.map (fun (m, v) -> float (v - m) ** 2.0 / (float m / t))
            let n = float squares.Length
            // A squared normal has mean 1 and variance 2.
            Assert.InRange(Array.average squares, 1.0 - 5.0 * sqrt (2.0 / n), 1.0 + 5.0 * sqrt (2.0 / n))

    [<Fact>]
    let ``doubles, quads and naked cusps are drawn, each where its images say`` () =
        let flat = RealGalaxy("g", Array.create 3 (Array.create 900 0f), 30, 30, Array.create 3 psf, 30.0, 0.4, 1.4, 0.25, 0.4)
        let simulation =
            QuasiRealSimulator([| flat |], [| source "s" |], gri, 0.263, LensFraction = 1.0, Selection = ArcSelection.All,
                               Supersampling = 1).Simulate(300, 2L)
        let images = simulation.Parameters |> Array.countBy (fun p -> enum<LensConfiguration> (int p[9])) |> dict
        Assert.All([ LensConfiguration.Double; LensConfiguration.NakedCusp; LensConfiguration.Quad ], fun kind ->
            Assert.True(images.ContainsKey kind && images[kind] > 5, $"{kind} among {images.Count} kinds"))

        // The cut of an isothermal sphere is the circle of its Einstein radius.
        let cut = Caustics.Cut(LensScene([| LensProfile.Sis(1.3, 0.2, -0.1) |], [||], [||]), 0.2, -0.1, 40)

        for k in 0..39 do
            Assert.Equal(1.3, sqrt ((cut[2 * k] - 0.2) ** 2.0 + (cut[2 * k + 1] + 0.1) ** 2.0), 1e-4)

    [<Fact>]
    let ``arcs that are selected are seen, and a selection that nothing passes says so`` () =
        let one = ArcVisibility.Of(ReadOnlySpan [| 10f; 0f |], ReadOnlySpan [| 4f; 1f |], 2.0, infinity)
        Assert.Equal(5.0, one.SignalToNoise, 1e-9)
        Assert.Equal(10.0 / 8.0, one.Contrast, 1e-9)
        let photons = ArcVisibility.Of(ReadOnlySpan [| 10f |], ReadOnlySpan [| 4f |], 2.0, 7.0)
        Assert.Equal(sqrt (100.0 / (4.0 + 2.0)), photons.SignalToNoise, 1e-9)
        let rows = LensPopCatalogue.Read(SharedData.path "lens/lenspop/lenses_DESc.txt")
        let arcs selection =
            LensPopSimulator(rows, LensPopOptions(LensFraction = 1.0, ForegroundLight = false, Noise = false, Selection = selection))
                .Simulate(60, 2L).Images

        let background = Surveys.DesCoadds[0].BackgroundDeviation
        let seen (images: ImageSet) =
            Array.init images.Count (fun i ->
                ArcVisibility.Of(images.Plane(i, 0), ReadOnlySpan(Array.zeroCreate<float32> images.PlaneSize), background,
                                 Surveys.DesCoadds[0].TotalTime))

        Assert.All(seen (arcs ArcSelection.Visible), fun v -> Assert.True(ArcSelection.Visible.Accepts v, $"{v}"))
        let share = seen (arcs ArcSelection.All) |> Array.averageBy (fun v -> if ArcSelection.Visible.Accepts v then 1.0 else 0.0)
        Assert.True(share < 0.9, $"{share} of the catalogue's arcs are seen without their lenses")

        let dim = QuasiRealSimulator([| noisy "g" 30 2 |], [| RealSource("s", blob, 41, 41, 0.03, [| 35.0; 35.0; 35.0 |]) |], gri, 0.263,
                                     LensFraction = 1.0, Supersampling = 1)
        let problem = Assert.ThrowsAny<Exception>(fun () -> dim.Simulate(1, 1L) |> ignore)
        Assert.Contains("QuasiRealSimulator: none of 500 draws passed arcs(in g: S/N ≥ 20, contrast ≥ 0.5).", string problem)

    [<Fact>]
    let ``impostors of every kind stand in both domains, as often, with light that is a share of 1`` () =
        let rows = LensPopCatalogue.Read(SharedData.path "lens/lenspop/lenses_DESc.txt")
        let source' = LensPopSimulator(rows, LensPopOptions(LensFraction = 0.0, Height = 30, Width = 30)).Simulate(800, 1L)
        let target = (simulator [| noisy "a" 40 1; noisy "b" 40 2 |])
        target.LensFraction <- 0.0
        let target = target.Simulate(400, 1L)

        let lenses = LensPopSimulator(rows, LensPopOptions(LensFraction = 0.3, Height = 30, Width = 30)).Simulate(500, 1L).Labels
        // Draws that are not seen are repeated, not replaced by others: 150 ± 5 deviations.
        Assert.InRange(Array.sum lenses, 99, 201)

        for simulation in [ source'; target ] do
            let column = Array.IndexOf(simulation.ParameterNames, "nonLens")
            let kinds = simulation.Parameters |> Array.map (fun p -> enum<NonLens> (int p[column]))
            let share kind = float (kinds |> Array.filter ((=) kind) |> Array.length) / float kinds.Length
            Assert.InRange(share NonLens.Plain, 0.4, 0.6)

            for kind in [ NonLens.Spiral; NonLens.Ring; NonLens.Merger; NonLens.Artefact ] do
                Assert.InRange(share kind, 0.07, 0.18)

            Assert.All(simulation.Images.Pixels, fun v -> Assert.True(Single.IsFinite v))

        let grid = ImageGrid(33, 40, 0.263, 1)
        let plane = Array.zeroCreate<float32> grid.PlaneLength

        for kind in [ NonLens.Spiral; NonLens.Ring; NonLens.Merger; NonLens.Artefact ] do
            for seed in 0L .. 30L do
                Impostor.Draw(kind, SeededRandom seed, 3, 0.1, -0.2).Paint(grid, plane)
                Assert.All(plane, fun v -> Assert.True(v >= 0f, $"{kind}, seed {seed}: {v}"))
                // A column may lie between the points of a narrow image.
                if kind <> NonLens.Artefact then Assert.Equal(1.0, plane |> Array.sumBy float, 1e-4)

    [<Fact>]
    let ``both simulators draw as many lenses as non-lenses unless asked otherwise`` () =
        Assert.Equal(0.5, LensPopOptions().LensFraction)
        Assert.Equal(0.5, (simulator [| noisy "g" 30 1 |]).LensFraction)

    [<Fact>]
    let ``the DES coadds have the sky that real cut-outs have, and the plan's preset half of it`` () =
        let at30 (band: SurveyBand) = band.BackgroundDeviation * 10.0 ** (0.4 * (30.0 - band.ZeroPoint))
        let expected = [| 2.7; 3.8; 6.7 |]

        for b in 0..2 do
            Assert.Equal(expected[b], at30 Surveys.DesCoadds[b], 0.01 * expected[b])
            Assert.True(at30 Surveys.Des[b] < 0.7 * expected[b])

        let fields = DesFields.Read(SharedData.path "lens/des_fields")

        for b in 0..2 do
            let deviations =
                Array.init fields.Images.Count (fun field ->
                    // Differences of neighbours in the outermost rows: no gradient of a galaxy's light.
                    let plane = fields.Images.Plane(field, b).ToArray()
                    let steps = [| for row in 0..9 do for x in 0..2..88 -> float (plane[row * 91 + x + 1] - plane[row * 91 + x]) |]
                    Percentile.Median(ReadOnlySpan(steps |> Array.map abs)) / 0.6745 / sqrt 2.0)

            Assert.Equal(expected[b], Percentile.Median(ReadOnlySpan deviations), 0.25 * expected[b])

    [<Fact>]
    let ``real galaxies' arcs are centred on their light, and a field that its neighbour outshines is left out`` () =
        let real = DesGalaxies.Read(SharedData.path "lens/des_real")
        // Measured by hand: the light stands at (25.5, 25.5) of 50 pixels whose middle is 24.5.
        Assert.Equal(1.0, real.Galaxies |> Seq.averageBy (fun g -> g.CentreX / 0.263), 0.25)
        Assert.Equal(1.0, real.Galaxies |> Seq.averageBy (fun g -> g.CentreY / 0.263), 0.25)
        let simulation = real.Simulator().Simulate(60, 1L)
        let lenses = simulation.Targets |> Array.filter (fun t -> t > 0.0)
        Assert.All(lenses, fun t -> Assert.InRange(t, 0.5, 2.4))
        let fields = DesFields.Read(SharedData.path "lens/des_fields")
        Assert.True(fields.NeighbourRatio(32, "i", 56) > 15.0)
        let kept = fields.Galaxies(gri, 56, 0.4, 2.0) |> Array.map _.Name
        Assert.Equal<string[]>([| for i in 0..45 do if i <> 32 then $"field {i}" |], kept)
        Assert.Equal(46, fields.Galaxies(gri, 56, 0.4, 2.0, infinity).Length)
        // Even sizes: the middle of the crop is half a pixel before the pixel of the light, and the centre says so.
        let even: RealGalaxy[] = fields.Galaxies(gri, 56, 0.4, 2.0)
        let odd: RealGalaxy[] = fields.Galaxies(gri, 57, 0.4, 2.0)

        for i in 0 .. even.Length - 1 do
            Assert.Equal(odd[i].CentreX + 0.5 * 0.263, even[i].CentreX, 0.03)
            Assert.Equal(odd[i].CentreY + 0.5 * 0.263, even[i].CentreY, 0.03)

    [<SeededProperty(MaxTest = 60)>]
    let ``folds of galaxies and sources are disjoint, and each is tested on once`` (seed: int) =
        let random = SeededRandom(int64 seed)
        let k = 2 + random.Next 3
        let galaxies = Array.init (k + random.Next 8) (fun i -> noisy $"g{i}" 8 i)
        let sources = Array.init (k + random.Next 5) (fun i -> source $"s{i}")
        let folds = RealSplit.Folds(galaxies, sources, k, int64 seed)
        let names (items: RealGalaxy[]) = items |> Array.map _.Name |> Set.ofArray
        let sourceNames (items: RealSource[]) = items |> Array.map _.Name |> Set.ofArray

        folds.Length = k
        && folds |> Array.forall (fun fold ->
            Set.isEmpty (Set.intersect (names fold.Galaxies) (names fold.TestGalaxies))
            && Set.isEmpty (Set.intersect (sourceNames fold.Sources) (sourceNames fold.TestSources))
            && Set.union (names fold.Galaxies) (names fold.TestGalaxies) = names galaxies
            && fold.TestGalaxies.Length > 0 && fold.TestSources.Length > 0)
        && (folds |> Array.collect _.TestGalaxies) |> Array.map _.Name |> Array.sort = (galaxies |> Array.map _.Name |> Array.sort)
        && (folds |> Array.collect _.TestSources) |> Array.map _.Name |> Array.sort = (sources |> Array.map _.Name |> Array.sort)

    [<Fact>]
    let ``zero points are carried, brought together, and never mixed`` () =
        let set zeroPoint values = ImageSet(values, [| "g"; "r" |], 1, 2, [| zeroPoint; zeroPoint + 1.0 |])
        let a, b = set 25.0 [| 1f; 2f; 3f; 4f |], set 27.5 [| 1f; 1f; 1f; 1f |]
        let problem = Assert.Throws<ArgumentException>(fun () -> ImageSet.Concatenate [| a; b |] |> ignore)
        Assert.StartsWith("ImageSet.Concatenate: set 0 has zero point 25 in band 'g', set 1 has 27.5. Bring both to one by ToZeroPoint.",
                          problem.Message)
        let unknown = ImageSet([| 1f; 2f; 3f; 4f |], [| "g"; "r" |], 1, 2)
        let other = Assert.Throws<ArgumentException>(fun () -> ImageSet.Concatenate [| a; unknown |] |> ignore)
        Assert.Contains("set 1 has none", other.Message)
        let together = ImageSet.Concatenate [| a.ToZeroPoint 30.0; b.ToZeroPoint 30.0 |]
        Assert.Equal<float[]>([| 30.0; 30.0 |], together.ZeroPoints)
        // Five magnitudes are a hundredfold.
        Assert.Equal<float32[]>([| 100f; 200f |], together.Plane(0, 0).ToArray() |> Array.map (fun v -> MathF.Round(v, 3)))
        Assert.Equal(10.0, float together.Pixels[4], 1e-4)
        let refused = Assert.Throws<InvalidOperationException>(fun () -> unknown.ToZeroPoint 30.0 |> ignore)
        Assert.StartsWith("ImageSet.ToZeroPoint: the zero point of band 'g' is not known.", refused.Message)
        Assert.Equal<float[]>([| 26.0 |], (a.SelectBands("r")).ZeroPoints)
        Assert.Equal<float[]>(a.ZeroPoints, (a.Take [| 0 |]).ZeroPoints)
        Assert.Equal<float[]>(a.ZeroPoints, (Geometry.FlipHorizontal a).ZeroPoints)
        Assert.Equal<float[]>(a.ZeroPoints, (Blur.Gaussian(a, 1.0)).ZeroPoints)
        Assert.All((Intensity.MinMaxPerImage a).ZeroPoints, fun z -> Assert.True(Double.IsNaN z))

    [<Fact>]
    let ``an image is the same in whatever piece it is simulated`` () =
        let simulator = QuasiRealSimulator([| noisy "a" 50 1; noisy "b" 50 2 |], [| source "s" |], gri, 0.263, Size = 40)
        let whole = simulator.Simulate(12, 5L)
        let parts = [| for first, count in [ 0L, 5; 5L, 1; 6L, 6 ] -> simulator.Simulate(count, 5L, first, CancellationToken.None) |]
        let joined = ImageSet.Concatenate(parts |> Array.map _.Images)
        Assert.True(whole.Images.Pixels.AsSpan().SequenceEqual(ReadOnlySpan joined.Pixels), "the parts differ from the whole")
        Assert.Equal<float[]>([| 30.0; 30.0; 30.0 |], joined.ZeroPoints)
