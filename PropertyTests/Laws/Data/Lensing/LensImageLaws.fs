namespace Hybrid.PropertyTests.Laws.Data.Lensing

open System
open System.IO
open System.Text.Json
open System.Threading
open Xunit
open FsCheck
open Hybrid.Data.Formats
open Hybrid.Data.Images
open Hybrid.Data.Lensing
open Hybrid.Data.Statistics
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

module LensImageLaws =

    [<Fact>]
    let ``images are lenstronomy's: eight instruments, two supersamplings, with and without PSF and lens light`` () =
        let arrays = Npz.Read(SharedData.path "lens/golden/images.npz")
        use description = JsonDocument.Parse(File.ReadAllText(SharedData.path "lens/golden/images.json"))
        let lenses = [| LensProfile.Sie(1.2, 0.1, -0.05, 0.0, 0.0); LensProfile.Shear(0.03, -0.02) |]
        let mutable compared = 0

        for config in description.RootElement.GetProperty("configs").EnumerateArray() do
            let name = config.GetProperty("name").GetString()
            let b (key: string) = config.GetProperty("band").GetProperty(key).GetDouble()
            let band = SurveyBand(string name, b "pixel_scale", b "read_noise", b "ccd_gain", b "exposure_time", int (b "num_exposures"),
                                  b "magnitude_zero_point", b "sky_brightness", b "seeing")
            let c (key: string) = config.GetProperty(key).GetDouble()
            Assert.Equal(c "background_noise_sigma", band.BackgroundDeviation, 1e-6 * c "background_noise_sigma")
            let source = LightProfile.OfMagnitude(22.5, band.ZeroPoint, 0.3, 1.0, -0.1, 0.1, 0.12, -0.2)
            let light = LightProfile.OfMagnitude(19.5, band.ZeroPoint, 0.8, 4.0, 0.1, -0.05, 0.0, 0.0)
            Assert.Equal(c "source_amp", source.Amplitude, 1e-6)
            Assert.Equal(c "lens_amp", light.Amplitude, 1e-6)
            let psf = PointSpread.Gaussian(band.Seeing, band.PixelScale, 5.0)

            for supersampling in [ 1; 3 ] do
                let grid = ImageGrid(int (c "numpix"), int (c "numpix"), band.PixelScale, supersampling)

                for kind, lights, psf in [ "full", [| light |], psf; "source", [||], psf; "unconvolved", [| light |], PointSpread.None ] do
                    let expected = arrays[$"{name}_ss{supersampling}_{kind}"].ToDoubles()
                    let actual = LensImage.Render(LensScene(lenses, [| source |], lights), grid, psf)
                    let peak = Array.max expected

                    for i in 0 .. expected.Length - 1 do
                        // Relative to each pixel, down to a millionth of the brightest.
                        let error = abs (float actual[i] - expected[i]) / (expected[i] + 1e-6 * peak)
                        Assert.True(error < 1e-4, $"{name}, supersampling {supersampling}, {kind}, pixel {i}: expected {expected[i]:R}, \
                            got {actual[i]:R}.")

                    compared <- compared + 1

        Assert.Equal(48, compared)

    [<Fact>]
    let ``DeepLenseSim's Model I images with their subhaloes and their vortex are reproduced`` () =
        let arrays = Npz.Read(SharedData.path "lens/golden/deeplense_modelI.npz")
        let halo = [| LensProfile.Sie(FlatCosmology.Standard.EinsteinRadius(1e12, 0.5, 1.0, true), 0.1, 0.0, 0.0, 0.0);
                      LensProfile.Shear(0.05, 0.0) |]

        let points (name: string) =
            arrays[name].ToDoubles() |> Array.chunkBySize 3 |> Array.map (fun p -> LensProfile.PointMass(p[0], p[1], p[2]))

        let source = LightProfile(20.0, 0.25, 1.0, -0.1, 0.1, 0.2, -0.15)

        for name, more in [ "no_sub", [||]; "cdm", points "cdm_subhalos"; "vortex", points "vortex_points" ] do
            let actual = LensImage.Render(LensScene(Array.append halo more, [| source |], [||]), ImageGrid(150, 150, 0.05, 1),
                                          PointSpread.Gaussian(0.087, 0.05, 3.0))
            let expected = arrays[name].ToDoubles()
            let peak = Array.max expected

            for i in 0 .. expected.Length - 1 do
                Assert.True(abs (float actual[i] - expected[i]) < 1e-3 * peak,
                            $"{name}, pixel {i}: expected {expected[i]:R}, got {actual[i]:R}.")

    [<SeededProperty(MaxTest = 200)>]
    let ``sixteen pixels at a time give what the formulas give one by one`` (seed: int) =
        let random = SeededRandom(int64 seed)
        let u low high = random.Uniform(low, high)
        let e () = u -0.3 0.3

        let lens () =
            match random.Next 5 with
            | 0 -> LensProfile.Sis(u 0.2 1.5, u -0.2 0.2, u -0.2 0.2)
            | 1 -> LensProfile.Sie(u 0.2 1.5, e (), e (), u -0.2 0.2, u -0.2 0.2)
            | 2 -> LensProfile.Epl(u 0.2 1.5, u 1.6 2.4, e (), e (), u -0.2 0.2, u -0.2 0.2)
            | 3 -> LensProfile.Shear(0.1 * e (), 0.1 * e ())
            | _ -> LensProfile.PointMass(u 0.05 0.2, u -2.0 2.0, u -2.0 2.0)

        let index = [| 0.5; 1.0; 1.7; 2.0; 4.0 |][random.Next 5]
        let source = LightProfile(1.0, u 0.2 0.8, index, e (), e (), u -0.3 0.3, u -0.3 0.3)
        let height, width = 5 + random.Next 20, 5 + random.Next 20
        let scene = LensScene(Array.init (1 + random.Next 3) (fun _ -> lens ()), [| source |], [||])
        let image = LensImage.Render(scene, ImageGrid(height, width, 0.2, 1), PointSpread.None)
        let plain = Array.init (height * width) (fun i ->
            let { X = x; Y = y } = scene.ShootRay((float (i % width) - float (width - 1) / 2.0) * 0.2,
                                                  (float (i / width) - float (height - 1) / 2.0) * 0.2)
            0.04 * source.SurfaceBrightness(x, y))

        // Pixels at a deflector's centre are where float32 positions matter; elsewhere 1e-4 of the brightness holds.
        Array.forall2 (fun (a: float32) (p: float) -> abs (float a - p) < 1e-6 + 3e-4 * p) image plain

    [<Fact>]
    let ``a PSF keeps the light, and a Gaussian given as an image does what the Gaussian does`` () =
        let light = LightProfile(3.0, 0.4, 1.0, 0.1, 0.2, 0.3, -0.1)
        let scene = LensScene([||], [||], [| light |])
        let grid = ImageGrid(61, 53, 0.1, 1)
        let sharp = LensImage.Render(scene, grid, PointSpread.None)
        let blurred = LensImage.Render(scene, grid, PointSpread.Gaussian(0.5, 0.1, 5.0))
        let sum (image: float32[]) = image |> Array.sumBy float
        Assert.Equal(1.0, sum blurred / sum sharp, 1e-3)
        let sigma = 0.5 / (2.0 * sqrt (2.0 * log 2.0)) / 0.1
        let radius = 11
        let squares i = float (i / 23 - radius) ** 2.0 + float (i % 23 - radius) ** 2.0
        let kernel = Array.init (23 * 23) (fun i -> float32 (exp (-0.5 * squares i / (sigma * sigma))))
        let measured = LensImage.Render(scene, grid, PointSpread.OfImage(kernel, 23, 23))

        for row in radius .. 60 - radius do
            for column in radius .. 52 - radius do
                let i = row * 53 + column
                Assert.True(abs (blurred[i] - measured[i]) < 1e-5f * Array.max blurred, $"pixel {i}: {blurred[i]} and {measured[i]}")

    [<Fact>]
    let ``an asymmetric PSF is not turned around`` () =
        // A point of light times a PSF is the PSF.
        let point = LensScene([||], [||], [| LightProfile(1.0, 0.001, 0.5, 0.0, 0.0, 0.0, 0.0) |])
        let kernel = [| 1f; 2f; 3f; 4f; 5f; 6f; 7f; 8f; 9f |]
        let image = LensImage.Render(point, ImageGrid(5, 5, 1.0, 1), PointSpread.OfImage(kernel, 3, 3))
        let centre = image[12]

        for j in 0..2 do
            for i in 0..2 do
                Assert.Equal(float kernel[j * 3 + i] / 5.0, float (image[(1 + j) * 5 + 1 + i] / centre), 1e-5)

    let private rows () = LensPopCatalogue.Read(SharedData.path "lens/lenspop/lenses_DESc.txt")

    [<Fact>]
    let ``a simulated image does not depend on the batch, the order or the number of threads`` () =
        let simulator = LensPopSimulator(rows (), LensPopOptions(Height = 20, Width = 27, LensFraction = 0.5))
        let whole = simulator.Simulate(24, 5L)
        let parts = [| for first, count in [ 0L, 7; 7L, 1; 8L, 16 ] -> simulator.Simulate(count, 5L, first, CancellationToken.None) |]
        let joined = ImageSet.Concatenate(parts |> Array.map _.Images)
        Assert.True(whole.Images.Pixels.AsSpan().SequenceEqual(ReadOnlySpan joined.Pixels), "the parts differ from the whole")
        Assert.Equal<float[]>(whole.Targets, parts |> Array.collect _.Targets)
        Assert.False(whole.Images.Pixels.AsSpan().SequenceEqual(ReadOnlySpan(simulator.Simulate(24, 6L).Images.Pixels)),
                     "another seed gave the same images")

    [<Fact>]
    let ``simulated noise has the deviation that the survey states`` () =
        let noisy = LensPopOptions(Height = 40, Width = 40)
        let clean = LensPopOptions(Height = 40, Width = 40, Noise = false)
        let count = 30
        let a = LensPopSimulator(rows (), noisy).Simulate(count, 2L).Images
        let b = LensPopSimulator(rows (), clean).Simulate(count, 2L).Images

        for band in 0..2 do
            let survey = Surveys.DesCoadds[band]

            // Each residual over its own expected deviation.
            let scaled =
                Array.map2 (fun (x: float32) (m: float32) ->
                    let variance = survey.BackgroundDeviation ** 2.0 + max (float m) 0.0 / survey.TotalTime
                    float32 (float (x - m) / sqrt variance)) (a.BandValues band) (b.BandValues band)

            let { Mean = mean; Deviation = deviation } = BandStatistics.MeanAndDeviation(ReadOnlySpan scaled)
            let n = float scaled.Length
            Assert.InRange(mean, -5.0 / sqrt n, 5.0 / sqrt n)
            Assert.InRange(deviation, 1.0 - 5.0 / sqrt (2.0 * n), 1.0 + 5.0 / sqrt (2.0 * n))

    [<Fact>]
    let ``catalogue lenses have their Einstein radii within the range asked for`` () =
        // In two arcsec most arcs are outside.
        let simulation = LensPopSimulator(rows (), LensPopOptions(Height = 8, Width = 8, LensFraction = 0.7, LeastThetaE = 0.8,
                                                                  LargestThetaE = 2.0, Selection = ArcSelection.All)).Simulate(400, 1L)
        let lenses = Array.zip simulation.Labels simulation.Targets |> Array.filter (fun (label, _) -> label = 1) |> Array.map snd
        Assert.All(lenses, fun t -> Assert.InRange(t, 0.8, 2.0))
        // 280 ± 5 standard deviations of 9.2
        Assert.InRange(lenses.Length, 234, 326)
        Assert.All(Array.zip simulation.Labels simulation.Targets, fun (label, t) -> if label = 0 then Assert.Equal(0.0, t))

    [<Fact>]
    let ``all forecast catalogues can be drawn from, Euclid's in VIS`` () =
        for file, bands in [ "DESa", Surveys.Des[..2]; "DESc", Surveys.LensPopDes; "LSSTc", Surveys.Lsst[1..3];
                             "Euclid", [| Surveys.EuclidVis |] ] do
            let catalogue = LensPopCatalogue.Read(SharedData.path $"lens/lenspop/lenses_{file}.txt")
            let options = LensPopOptions(Bands = bands, Height = 40, Width = 40, LensFraction = 1.0)
            let simulation = LensPopSimulator(catalogue, options).Simulate(5, 1L)
            Assert.Equal<string[]>(bands |> Array.map _.Name, simulation.Images.Bands)
            Assert.All(simulation.Images.Pixels, fun v -> Assert.True(Single.IsFinite v))
            Assert.InRange(Array.average simulation.Targets, 0.3, 2.5)

        let euclid = LensPopCatalogue.Read(SharedData.path "lens/lenspop/lenses_Euclid.txt")
        let problem = Assert.Throws<ArgumentException>(fun () -> LensPopSimulator(euclid, LensPopOptions()) |> ignore)
        Assert.StartsWith("LensPopSimulator: the catalogue has magnitudes in VIS; got band 'g'.", problem.Message)

    [<Fact>]
    let ``a broken catalogue names its line and column`` () =
        let row = String.Join(" ", Array.create 25 "0.5")
        let message lines = (Assert.Throws<InvalidDataException>(fun () -> LensPopCatalogue.Parse("lenses.txt", lines) |> ignore)).Message
        Assert.Equal("lenses.txt, line 2: expected 25 columns (g, r, i) or 16 (VIS), got 3.", message [ row; "1 2 3" ])
        Assert.Equal("lenses.txt, line 1, column 4 (lens axis ratio): expected a number in (0, 1], got '1.5'.",
                     message [ String.Join(" ", Array.init 25 (fun c -> if c = 4 then "1.5" else "0.5")) ])
        Assert.Equal("lenses.txt, line 3, column 0: expected a number, got 'x'.",
                     message [ "# header"; ""; String.Join(" ", Array.init 25 (fun c -> if c = 0 then "x" else "0.5")) ])

    [<Fact>]
    let ``a cut-out's corner gives its sky`` () =
        let pixels = Array.init 100 (fun i -> if i % 10 < 3 && i / 10 < 3 then 7f else float32 i)
        let lowered = RealSource.SubtractCorner(ReadOnlySpan pixels, 10, 10, 3)
        Assert.Equal(0f, lowered[0])
        Assert.Equal(92f, lowered[99])

    [<Fact>]
    let ``the shape of a Gaussian galaxy comes back from its pixels`` () =
        for q, angle in [ 0.7, 0.4; 0.5, -1.1; 1.0, 0.0 ] do
            let pixels = Array.init (51 * 51) (fun i ->
                let x, y = float (i % 51) - 25.0, float (i / 51) - 25.0
                let u, v = x * cos angle + y * sin angle, y * cos angle - x * sin angle
                float32 (exp (-0.5 * (u * u + v * v / (q * q)) / 16.0)))

            let { AxisRatio = ratio; Angle = turned } = DesGalaxies.ShapeOf(ReadOnlySpan pixels, 51, 51, 6.0)
            Assert.Equal(q, ratio, 0.01)
            if q < 1.0 then Assert.Equal(0.0, sin (turned - angle), 0.01)

    [<Fact>]
    let ``sources inside the caustic have four images, outside fewer`` () =
        let scene = LensScene([| LensProfile.Sie(1.2, 0.25, 0.1, 0.0, 0.0); LensProfile.Shear(0.03, -0.02) |], [||], [||])
        let caustic = Caustics.Tangential(scene, 4.0, 180)

        // Images of a source: cells of a fine grid whose image under the lens mapping contains it.
        let images x y =
            let n, h = 240, 5.0 / 240.0
            let shot = Array2D.init (n + 1) (n + 1) (fun j i -> scene.ShootRay(-2.5 + float i * h + 1e-5, -2.5 + float j * h + 2e-5))

            Seq.length (seq {
                for j in 0 .. n - 1 do
                    for i in 0 .. n - 1 do
                        let corner a b = let { X = u; Y = v }: PlaneVector = shot[j + b, i + a] in [| u; v |]

                        // The cell with the singular centre maps to a large polygon that proves nothing.
                        if abs (-2.5 + (float i + 0.5) * h) > 2.0 * h || abs (-2.5 + (float j + 0.5) * h) > 2.0 * h then
                            for triangle in [ [| corner 0 0; corner 1 0; corner 1 1 |]; [| corner 0 0; corner 1 1; corner 0 1 |] ] do
                                if Caustics.Contains(Array.concat triangle, x, y) then
                                    yield ()
            })

        Assert.True(Caustics.Contains(caustic, 0.01, 0.01))
        Assert.False(Caustics.Contains(caustic, 0.8, 0.5))
        Assert.Equal(4, images 0.011 0.013)
        Assert.InRange(images 0.8 0.5, 1, 2)

    [<Fact>]
    let ``a quasi-real target is its galaxy plus the light of its arc`` () =
        let size = 30
        let random = SeededRandom 4L
        let stamp = Array.init (size * size) (fun _ -> float32 (random.NextNormal()))
        let psf = PointSpread.Gaussian(0.9, 0.263, 5.0)
        let galaxy = RealGalaxy("g", [| stamp; stamp |], size, size, [| psf; psf |], 30.0, 0.4, 1.4, 0.8, 0.3)
        let blob = Array.init (41 * 41) (fun i -> float32 (exp (-(float (i / 41 - 20) ** 2.0 + float (i % 41 - 20) ** 2.0) / 18.0)))
        let source = RealSource("s", blob, 41, 41, 0.03, [| 24.0; 23.0 |])
        let simulator =
            QuasiRealSimulator([| galaxy |], [| source |], [| "g"; "r" |], 0.263, LensFraction = 1.0, QuadShare = 1.0, HasOwnRadii = true,
                               Selection = ArcSelection.All)
        let simulation = simulator.Simulate(6, 1L)

        for i in 0..5 do
            Assert.InRange(simulation.Targets[i], 0.8 * 1.4, 1.2 * 1.4)
            
            let arc band =
                // Turned or reflected, so pixels do not compare; their sums do.
                let drawn = simulation.Images.Plane(i, band).ToArray()
                Seq.sumBy float drawn - Seq.sumBy float stamp

            let unlensed = 10.0 ** (0.4 * (30.0 - 24.0))
            // Inside the caustic the source is magnified; a magnitude is 2.512 times the flux.
            Assert.InRange(arc 0 / unlensed, 2.0, 200.0)
            Assert.Equal(10.0 ** 0.4, arc 1 / arc 0, 0.01)

        simulator.LensFraction <- 0.0
        simulator.ImpostorShare <- 0.0
        let none = simulator.Simulate(5, 1L)
        Assert.All([ 0..4 ], fun i -> Assert.Equal<float32[]>(Array.sort stamp, Array.sort (none.Images.Plane(i, 1).ToArray())))
