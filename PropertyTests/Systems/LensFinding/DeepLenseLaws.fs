namespace Hybrid.PropertyTests.Systems.LensFinding

open System
open System.IO
open System.Text.Json
open System.Threading
open Xunit
open FsCheck
open Hybrid.Data.Formats
open Hybrid.Data.Lensing
open Hybrid.Data.Systems.LensFinding
open Hybrid.Data.Statistics
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

module DeepLenseLaws =

    [<Fact>]
    let ``DeepLense classes differ in their point masses only`` () =
        let simulation = DeepLenseSimulator(DeepLenseOptions(Model = DeepLenseModel.II)).Simulate(60, 3L)
        Assert.Equal(3, simulation.Labels |> Array.distinct |> Array.length)

        for label, parameters in Array.zip simulation.Labels simulation.Parameters do
            match enum<Substructure> label with
            | Substructure.None -> Assert.Equal(0.0, parameters[2])
            | Substructure.Vortex ->
                Assert.Equal(100.0, parameters[2])
                Assert.InRange(parameters[3], -24.0, -22.0)
            | _ -> Assert.InRange(parameters[2], 5.0, 60.0)

        let legacy = DeepLenseSimulator(DeepLenseOptions(Legacy = true))
        Assert.Equal(1.28149, legacy.ThetaE, 1e-5)
        Assert.Equal(1.66452, DeepLenseSimulator(DeepLenseOptions()).ThetaE, 1e-5)

    [<Fact>]
    let ``Model I gives counts with a signal-to-noise ratio near 25`` () =
        let images = DeepLenseSimulator(DeepLenseOptions(Classes = [| Substructure.None |])).Simulate(4, 3L).Images
        Assert.All(images.Pixels, fun v -> Assert.True(v >= 0f && v = MathF.Round v, $"expected counts, got {v}."))
        Assert.Equal(150, images.Height)
        let peak = [ for i in 0..3 -> images.Image(i).ToArray() |> Array.max |> float ]
        // A brightest pixel of about 0.21 a second in 1,000 to 3,162 s: √ of 200 to 700 counts.
        Assert.All(peak, fun p -> Assert.InRange(sqrt p, 13.0, 30.0))

    [<Fact>]
    let ``legacy Models II and III are twice their light without noise`` () =
        for model in [ DeepLenseModel.II; DeepLenseModel.III ] do
            let band = if model = DeepLenseModel.II then Surveys.EuclidVis else Surveys.HstF160W
            let simulation = DeepLenseSimulator(DeepLenseOptions(Model = model, Classes = [| Substructure.None |],
                                                                 Legacy = true)).Simulate(2, 5L)
            let halo = [| LensProfile.Sie(FlatCosmology.Standard.EinsteinRadius(1e12, 0.5, 1.0, true), 0.1, 0.0, 0.0, 0.0);
                          LensProfile.Shear(0.05, 0.0) |]

            for i in 0..1 do
                let p = simulation.Parameters[i]
                let source = LightProfile.OfMagnitude(20.0, band.ZeroPoint, 0.25, 1.0, -0.1, 0.1, p[0], p[1])
                let once = LensImage.Render(LensScene(halo, [| source |], [||]), ImageGrid(64, 64, band.PixelScale, 1),
                                            PointSpread.Gaussian(band.Seeing, band.PixelScale, 5.0))
                let peak = Array.max once

                Array.iteri2 (fun k (expected: float32) (actual: float32) ->
                    Assert.True(abs (2f * expected - actual) < 1e-4f * peak, $"{model}, image {i}, pixel {k}: expected {2f * expected}, \
                        got {actual}")) once (simulation.Images.Image(i).ToArray())

    /// A source of three different planes: a disc with an arm to one side in each.
    let private colourful () =
        
        let plane shift =
            Array.init (64 * 64) (fun i ->
                let x, y = float (i % 64) - 31.5 - shift, float (i / 64) - 31.5
                float32 (exp (-(x * x + 3.0 * y * y) / 60.0)))

        RealSource("spiral", [| plane 0.0; plane 4.0; plane 8.0 |], 64, 64, 0.01, DeepLenseSimulator.SourceMagnitudes)

    [<Fact>]
    let ``Model IV is the lens's light, the lensed real source and the survey's noise`` () =
        let source = colourful ()
        let options = DeepLenseOptions(Model = DeepLenseModel.IV, Classes = [| Substructure.None |], Sources = [| source |])
        let count = 3
        let simulation = DeepLenseSimulator(options).Simulate(count, 2L)
        Assert.Equal<string[]>([| "g"; "r"; "i" |], simulation.Images.Bands)
        Assert.Equal(64, simulation.Images.Width)
        Assert.All(simulation.Targets, fun t -> Assert.Equal(1.5, t))
        let band = Surveys.EuclidVis
        let lensing = LensScene([| LensProfile.Sie(1.5, 0.0, 0.0, 0.0, 0.0); LensProfile.Shear(0.05, 0.0) |], [||], [||])
        let grid, psf = ImageGrid(64, 64, band.PixelScale, 1), PointSpread.Gaussian(band.Seeing, band.PixelScale, 5.0)

        for b in 0..2 do
            let light magnitude radius index e2 = LightProfile.OfMagnitude(magnitude, band.ZeroPoint, radius, index, 0.0, e2, 0.0, 0.0)
            let foreground = LensImage.Render(LensScene([||], [||], [| light (17.0 + float b) 0.4 2.3 0.05; light 28.0 1.5 1.2 0.3 |]),
                                              grid, psf)

            for i in 0 .. count - 1 do
                let image = simulation.Images.Plane(i, b).ToArray()
                let rest = Array.map2 (fun (a: float32) (f: float32) -> float a - float f) image foreground
                // The arc is where rays end on the source: outside of its square there is noise alone.
                let p = simulation.Parameters[i]
                let reaches k =
                    let { X = x; Y = y } = lensing.ShootRay((float (k % 64) - 31.5) * band.PixelScale,
                                                            (float (k / 64) - 31.5) * band.PixelScale)
                    (x - p[0]) ** 2.0 + (y - p[1]) ** 2.0 < (0.32 * 1.5) ** 2.0
                let far = [| for k in 0 .. 4095 do if not (reaches k) && foreground[k] < 1f then rest[k] |]
                let noise = sqrt (far |> Array.averageBy (fun v -> v * v))
                Assert.InRange(noise / band.BackgroundDeviation, 0.9, 1.6)
                let flux = 10.0 ** (0.4 * (band.ZeroPoint - DeepLenseSimulator.SourceMagnitudes[b]))
                let arc = Seq.sum (seq { for k in 0 .. 4095 do if reaches k then rest[k] })
                // Lensed, so brighter than it is, by a few tens at most.
                Assert.InRange(arc / flux, 1.2, 60.0)

    [<Fact>]
    let ``Model IV turns and lenses a source as its formulas say, point by point`` () =
        let source = colourful ()
        let scene = LensScene([| LensProfile.Sie(1.5, 0.0, 0.0, 0.0, 0.0); LensProfile.Shear(0.05, 0.0);
                                 LensProfile.PointMass(0.1, 0.8, 0.3) |], [||], [||])
        let grid = ImageGrid(20, 23, 0.2, 2)
        let renderer = LensRenderer(grid, 1)
        let arc = Array.zeroCreate<float32> grid.PlaneLength
        let x, y, turn = 0.1, -0.05, 0.7

        for b in 0..2 do
            renderer.RealLight(scene, source, b, x, y, turn, arc)
            let peak = float (Array.max arc)
            Assert.True(peak > 0.0)

            for row in 0..19 do
                for column in 0..22 do
                    let mean =
                        Seq.average [
                            for j in [ -0.25; 0.25 ] do
                                for i in [ -0.25; 0.25 ] ->
                                    let { X = bx; Y = by } = scene.ShootRay((float column - 11.0 + i) * 0.2, (float row - 9.5 + j) * 0.2)
                                    let dx, dy = bx - x, by - y
                                    source.Brightness(b, cos turn * dx + sin turn * dy, cos turn * dy - sin turn * dx) ]

                    Assert.Equal(0.04 * mean, float arc[row * grid.Stride + column], 1e-3 * peak)

    [<Fact>]
    let ``Model IV asks for sources in three bands, and stored as published its images lie between 0 and 1`` () =
        let refused (sources: RealSource[]) =
            let make () = DeepLenseSimulator(DeepLenseOptions(Model = DeepLenseModel.IV, Sources = sources)) |> ignore
            (Assert.Throws<ArgumentException> make).Message

        Assert.StartsWith("DeepLenseSimulator: Model IV lenses real galaxies: expected Sources, got none.", refused [||])
        let grey = RealSource("grey", Array.create 16 1f, 4, 4, 0.1, [| 20.0 |])
        Assert.StartsWith("DeepLenseSimulator: expected sources with magnitudes in g, r and i, got 1 ('grey').", refused [| grey |])
        let simulation = DeepLenseSimulator(DeepLenseOptions(Model = DeepLenseModel.IV, Sources = [| colourful () |],
                                                             Legacy = true)).Simulate(6, 2L)

        for i in 0..5 do
            let image = simulation.Images.Image(i).ToArray()
            Assert.Equal(1f, Array.max image)
            Assert.True(Array.min image >= 0f)
