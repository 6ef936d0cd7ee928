namespace Hybrid.PropertyTests.Laws.Data.Lensing

open System
open System.Globalization
open System.Text.Json
open Xunit
open FsCheck
open Hybrid.Data.Lensing
open Hybrid.Data.Statistics
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data
open Microsoft.VisualBasic.FileIO

module LensProfileLaws =

    /// Rows of a golden table: profile, its parameters, and the numeric columns.
    let private golden (file: string) =
        use parser = new TextFieldParser(SharedData.path ("lens/golden/" + file))
        parser.SetDelimiters ","
        parser.HasFieldsEnclosedInQuotes <- true
        let cells () = match parser.ReadFields() with null -> [||] | cells -> cells
        cells () |> ignore

        [| while not parser.EndOfData do
               let cells = cells ()
               let numbers = cells[2..] |> Array.map (fun c -> Double.Parse(c, CultureInfo.InvariantCulture))
               cells[0], JsonDocument.Parse(cells[1]).RootElement, numbers |]

    let private number (parameters: JsonElement) (name: string) =
        match parameters.TryGetProperty name with
        | true, v -> v.GetDouble()
        | _ -> 0.0

    let private near tolerance (expected: float) (actual: float) (what: string) =
        Assert.True(abs (expected - actual) <= tolerance + tolerance * abs expected, $"{what}: expected {expected:R}, got {actual:R}.")

    let private profile name p =
        let n = number p

        match name with
        | "SIS" -> LensProfile.Sis(n "theta_E", n "center_x", n "center_y")
        | "SIE" -> LensProfile.Sie(n "theta_E", n "e1", n "e2", n "center_x", n "center_y")
        | "EPL" -> LensProfile.Epl(n "theta_E", n "gamma", n "e1", n "e2", n "center_x", n "center_y")
        | "SHEAR" -> LensProfile.Shear(n "gamma1", n "gamma2")
        | "POINT_MASS" -> LensProfile.PointMass(n "theta_E", n "center_x", n "center_y")
        | other -> failwith $"unknown profile {other}"

    [<Fact>]
    let ``deflections and potentials are lenstronomy's to 1e-6`` () =
        let rows = golden "deflections.csv"
        Assert.Equal(84, rows.Length)

        for name, parameters, v in rows do
            let lens = profile name parameters
            let { X = ax; Y = ay } = lens.Deflection(v[0], v[1])
            near 1e-6 v[3] ax $"{name} {parameters}, α_x at ({v[0]}, {v[1]})"
            near 1e-6 v[4] ay $"{name} {parameters}, α_y at ({v[0]}, {v[1]})"
            // The potential of the shear and of the point mass is fixed up to its zero, which lenstronomy puts where we do.
            near 1e-6 v[2] (lens.Potential(v[0], v[1])) $"{name} {parameters}, ψ at ({v[0]}, {v[1]})"

    [<Fact>]
    let ``Sérsic brightness and flux are lenstronomy's to 1e-6`` () =
        for name, p, v in golden "sersic.csv" do
            let n = number p
            let light = LightProfile(n "amp", n "R_sersic", n "n_sersic", n "e1", n "e2", n "center_x", n "center_y")
            near 1e-6 v[2] (light.SurfaceBrightness(v[0], v[1])) $"{name} at ({v[0]}, {v[1]})"
            near 1e-6 v[3] light.TotalFlux $"{name}, total flux"

    let private someLens (seed: int) =
        let random = SeededRandom(int64 seed)
        let e () = random.Uniform(-0.35, 0.35)
        let thetaE, x, y = random.Uniform(0.3, 2.5), random.Uniform(-0.3, 0.3), random.Uniform(-0.3, 0.3)

        match random.Next 5 with
        | 0 -> LensProfile.Sis(thetaE, x, y)
        | 1 -> LensProfile.Sie(thetaE, e (), e (), x, y)
        | 2 -> LensProfile.Epl(thetaE, random.Uniform(1.5, 2.5), e (), e (), x, y)
        | 3 -> LensProfile.Shear(0.2 * e (), 0.2 * e ())
        | _ -> LensProfile.PointMass(thetaE, x, y)

    let private somePoint (seed: int) =
        let random = SeededRandom.For(int64 seed, 9L)
        let r, phi = random.Uniform(0.8, 3.0), random.Uniform(0.0, 2.0 * Math.PI)
        r * cos phi, r * sin phi

    [<SeededProperty(MaxTest = 300)>]
    let ``the deflection is the gradient of the potential, its divergence twice the convergence, and it has no curl`` (seed: int) =
        let lens = someLens seed
        let x, y = somePoint seed
        let h = 1e-4
        let { X = ax; Y = ay } = lens.Deflection(x, y)
        let alongX = (lens.Potential(x + h, y) - lens.Potential(x - h, y)) / (2.0 * h)
        let alongY = (lens.Potential(x, y + h) - lens.Potential(x, y - h)) / (2.0 * h)
        let gradient = alongX, alongY
        let { X = axr; Y = ayr } = lens.Deflection(x + h, y)
        let { X = axl; Y = ayl } = lens.Deflection(x - h, y)
        let { X = axu; Y = ayu } = lens.Deflection(x, y + h)
        let { X = axd; Y = ayd } = lens.Deflection(x, y - h)
        let divergence = (axr - axl + ayu - ayd) / (2.0 * h)
        let curl = (ayr - ayl - axu + axd) / (2.0 * h)
        let close (a: float) b = abs (a - b) < 1e-5 * (1.0 + abs b)
        close (fst gradient) ax && close (snd gradient) ay && close divergence (2.0 * lens.Convergence(x, y)) && abs curl < 1e-5

    [<SeededProperty>]
    let ``a power law of slope 2 is the isothermal ellipsoid, and a round one the sphere`` (seed: int) =
        let random = SeededRandom(int64 seed)
        let thetaE, e1, e2 = random.Uniform(0.3, 2.5), random.Uniform(-0.3, 0.3), random.Uniform(-0.3, 0.3)
        let x, y = somePoint seed
        let close (a: LensProfile) (b: LensProfile) tolerance =
            let { X = ax; Y = ay } = a.Deflection(x, y)
            let { X = bx; Y = by } = b.Deflection(x, y)
            abs (ax - bx) < tolerance && abs (ay - by) < tolerance

        close (LensProfile.Sie(thetaE, e1, e2, 0.0, 0.0)) (LensProfile.Epl(thetaE, 2.0, e1, e2, 0.0, 0.0)) 1e-8
        && close (LensProfile.Sie(thetaE, 0.0, 0.0, 0.0, 0.0)) (LensProfile.Sis(thetaE, 0.0, 0.0)) 1e-6

    [<Fact>]
    let ``the mean convergence inside the Einstein radius of a round lens is 1`` () =
        for lens in [ LensProfile.Sis(1.3, 0.0, 0.0); LensProfile.Epl(1.3, 2.3, 0.0, 0.0, 0.0, 0.0);
                      LensProfile.PointMass(1.3, 0.0, 0.0) ] do
            // The enclosed mass deflects to the centre: α(θ_E) = θ_E.
            let { X = ax } = lens.Deflection(1.3, 0.0)
            near 1e-9 1.3 ax (string lens.Kind)

    [<Fact>]
    let ``the flux inside a large circle is the total flux`` () =
        let light = LightProfile(2.0, 0.5, 1.5, 0.2, -0.1, 0.0, 0.0)
        let h = 0.02
        let sum = Seq.sum [ for i in -600..600 do for j in -600..600 -> light.SurfaceBrightness(float i * h, float j * h) ] * h * h
        near 2e-3 light.TotalFlux sum "flux"

    [<Fact>]
    let ``wrong parameters are named with their values`` () =
        let message (make: unit -> obj) = (Assert.ThrowsAny<ArgumentException>(fun () -> make () |> ignore)).Message
        Assert.StartsWith("LensProfile: expected an ellipticity with e1² + e2² < 1, got (0.9, 0.9).",
                          message (fun () -> LensProfile.Sie(1.0, 0.9, 0.9, 0.0, 0.0)))
        Assert.StartsWith("LensProfile.Epl: expected a slope in (1, 3), got 3.",
                          message (fun () -> LensProfile.Epl(1.0, 3.0, 0.0, 0.0, 0.0, 0.0)))
        Assert.StartsWith("LensProfile: expected an Einstein radius ≥ 0 arcsec, got -1.",
                          message (fun () -> LensProfile.Sis(-1.0, 0.0, 0.0)))
        Assert.StartsWith("LightProfile: expected a half-light radius > 0 arcsec, got 0.",
                          message (fun () -> LightProfile(1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0)))

    [<Fact>]
    let ``Einstein radii of masses are DeepLenseSim's in the legacy cosmology and larger in the right one`` () =
        use table = JsonDocument.Parse(IO.File.ReadAllText(SharedData.path "lens/golden/mass_to_radius_z0.5_z1.0.json"))

        for row in table.RootElement.EnumerateArray() do
            let mass = row.GetProperty("M").GetDouble()
            let expected (name: string) = row.GetProperty(name).GetDouble()
            let thetaE isLegacy = FlatCosmology.Standard.EinsteinRadius(mass, 0.5, 1.0, isLegacy)
            near 1e-9 (expected "theta_E_upstream") (thetaE true) $"legacy, {mass}"
            // The table rounds the radian to 206265″, 9.4e-7 too many.
            near 2e-6 (expected "theta_E_physical") (thetaE false) $"physical, {mass}"
