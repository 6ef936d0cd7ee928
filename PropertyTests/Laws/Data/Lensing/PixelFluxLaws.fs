namespace Hybrid.PropertyTests.Laws.Data.Lensing

open System
open Xunit
open FsCheck
open Hybrid.Data.Lensing
open Hybrid.Data.Statistics
open Hybrid.PropertyTests

/// Light that pixels hold, against closed forms: the defects that sampling makes of cusps and of small sources.
module PixelFluxLaws =

    let private sum (image: float32[]) = image |> Array.sumBy float

    let private near tolerance (expected: float) (actual: float) (what: string) =
        Assert.True(abs (expected - actual) <= tolerance * abs expected, $"{what}: expected {expected:R}, got {actual:R}.")

    let private someLight (random: SeededRandom) =
        let { E1 = e1; E2 = e2 } = LightProfile.Ellipticity(random.Uniform(0.3, 1.0), random.Uniform(0.0, Math.PI))
        let index = [| 0.7; 1.0; 2.5; 4.0 |][random.Next 4]
        LightProfile(1.0, random.Uniform(0.15, 2.0), index, e1, e2, random.Uniform(-0.5, 0.5), random.Uniform(-0.5, 0.5))

    [<Fact>]
    let ``half of the light lies within the half-light radius, all of it within a large one`` () =
        for index in [ 0.5; 1.0; 1.7; 2.0; 4.0; 6.3 ] do
            let light = LightProfile(3.0, 0.7, index, 0.1, -0.2, 0.0, 0.0)
            // b_n = 1.9992 n − 0.3271 is a fit: to 2 % of the light at n = 0.5, to half a percent from 1 on.
            near (if index < 1.0 then 0.025 else 0.005) 0.5 (light.FluxWithin 0.7 / light.TotalFlux) $"index {index}"
            near 1e-6 light.TotalFlux (light.FluxWithin 1e6) $"index {index}"
            Assert.Equal(0.0, light.FluxWithin 0.0)

    [<SeededProperty(MaxTest = 50)>]
    let ``the light of a rectangle is that of its parts, and of all the plane the total`` (seed: int) =
        let random = SeededRandom(int64 seed)
        let light = someLight random
        let x0, y0 = random.Uniform(-2.0, 0.0), random.Uniform(-2.0, 0.0)
        let x1, y1 = x0 + random.Uniform(0.1, 3.0), y0 + random.Uniform(0.1, 3.0)
        let x, y = random.Uniform(x0, x1), random.Uniform(y0, y1)
        let of' = PixelFlux.ofRectangle light
        let parts = of' x0 y0 x y + of' x y0 x1 y + of' x0 y x y1 + of' x y x1 y1
        let whole = of' x0 y0 x1 y1
        abs (whole - parts) < 2e-3 * light.TotalFlux && abs (of' -3e4 -3e4 3e4 3e4 / light.TotalFlux - 1.0) < 1e-3

    [<Fact>]
    let ``a smooth profile's rectangle is what a fine grid sums`` () =
        let light = LightProfile(2.0, 0.6, 1.0, 0.15, 0.1, 0.1, -0.05)
        let h = 0.002
        let at i j = light.SurfaceBrightness(-0.3 + (float i + 0.5) * h, -0.2 + (float j + 0.5) * h)
        let grid = Seq.sum [ for i in 0..399 do for j in 0..499 -> at i j ]
        near 2e-4 (grid * h * h) (PixelFlux.ofRectangle light -0.3 -0.2 0.5 0.8) "0.8″ × 1.0″ about the centre"

    [<SeededProperty(MaxTest = 40)>]
    let ``integrated pixels sum to the light that falls into the image, wherever its centre lies`` (seed: int) =
        let random = SeededRandom(int64 seed)
        let light = someLight random
        let height, width, scale = 1 + random.Next 45, 1 + random.Next 45, random.Uniform(0.1, 0.3)
        let image = LensImage.Render(LensScene([||], [||], [| light |]), ImageGrid.Integrated(height, width, scale), PointSpread.None)
        let x, y = 0.5 * float width * scale, 0.5 * float height * scale
        let expected = PixelFlux.ofRectangle light -x -y x y
        abs (sum image - expected) < 0.01 * light.TotalFlux

    [<Fact>]
    let ``an elliptical galaxy has its flux at every size and parity, where one sample a pixel has several times as much`` () =
        for radius in [ 0.5; 1.0; 1.8 ] do
            for size in [ 44; 45 ] do
                let light = LightProfile.OfMagnitude(20.0, 26.0, radius, 4.0, 0.1, 0.05, 0.0, 0.0)
                let scene = LensScene([||], [||], [| light |])
                let half = 0.5 * float size * 0.263
                let expected = PixelFlux.ofRectangle light -half -half half half
                let flux grid = sum (LensImage.Render(scene, grid, PointSpread.None))
                near 0.01 expected (flux (ImageGrid.Integrated(size, size, 0.263))) $"R_e {radius}, {size} pixels"

                if size = 45 then
                    Assert.True(flux (ImageGrid(size, size, 0.263, 1)) > 1.6 * expected, "sampling no longer fails: drop what says so")

    [<Fact>]
    let ``a small source is magnified as the formula says, however small beside a pixel`` () =
        // A point at β inside the Einstein radius of an isothermal sphere: μ = 2 θ_E / β.
        for radius in [ 0.005; 0.02 ] do
            for thetaE, beta in [ 1.2, 0.3; 0.6, 0.2; 2.0, 0.9 ] do
                let source = LightProfile.OfMagnitude(22.0, 26.0, radius, 1.0, 0.0, 0.0, beta, 0.0)
                let scene = LensScene([| LensProfile.Sis(thetaE, 0.0, 0.0) |], [| source |], [||])
                let image = LensImage.Render(scene, ImageGrid.Integrated(45, 45, 0.263), PointSpread.None)
                near 0.02 (2.0 * thetaE / beta) (sum image / source.TotalFlux) $"R_e {radius}, θ_E {thetaE}, β {beta}"

    [<SeededProperty(MaxTest = 15)>]
    let ``refined rays agree with a fine grid of rays`` (seed: int) =
        let random = SeededRandom(int64 seed)
        let lens = LensProfile.Sie(random.Uniform(0.6, 1.5), random.Uniform(-0.2, 0.2), random.Uniform(-0.2, 0.2), 0.0, 0.0)
        let source = LightProfile(1.0, random.Uniform(0.08, 0.4), 1.0, 0.1, 0.0, random.Uniform(-0.3, 0.3), random.Uniform(-0.3, 0.3))
        let scene = LensScene([| lens; LensProfile.Shear(0.02, -0.03) |], [| source |], [||])
        let flux grid = sum (LensImage.Render(scene, grid, PointSpread.None))
        let fine = flux (ImageGrid(21, 21, 0.25, 24))
        abs (flux (ImageGrid.Integrated(21, 21, 0.25)) - fine) < 0.02 * fine
