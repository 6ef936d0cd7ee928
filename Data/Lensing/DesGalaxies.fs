namespace Hybrid.Data.Lensing

open System
open System.Collections.Generic
open System.IO
open Hybrid.Data.Formats

/// Axis ratio in (0, 1] and position angle in radians, counterclockwise from the rows.
[<Struct>]
type GalaxyShape = { AxisRatio: float; Angle: float }

/// Real galaxies of the Dark Energy Survey with their PSFs, and sharp sources to lens, from a folder as strong-lens simulators of DES hand
/// them round: lens/DES_{id}.fits and lensPSF/DES_PSF{id}.fits with one HDU a band (g, r, i), sources_cropped168.npz with arrays
/// SOURCE{id}, and sim.csv, which pairs them: Source_ID, source_mag_g/r/i, lens_id, lens_z, Theta_E.
[<Sealed>]
type DesGalaxies private (galaxies: RealGalaxy[], sources: RealSource[]) =

    /// Arcsec a pixel of the Dark Energy Camera, and of the sources (HST seen sharply, 0.03″).
    static member PixelScale = 0.263
    static member SourcePixelScale = 0.03
    /// Magnitude of one unit of flux in DES's coadded images.
    static member ZeroPoint = 30.0
    static member Bands = [| "g"; "r"; "i" |]

    member _.Galaxies: IReadOnlyList<RealGalaxy> = galaxies
    /// Each source once.
    member _.Sources: IReadOnlyList<RealSource> = sources

    /// Photons that a unit of flux stands for in the survey's coadds, for bands of Surveys.DesCoadds.
    static member PhotonsPerUnit(bands: string[]) : float[] =
        bands
        |> Array.map (fun name ->
            match Surveys.DesCoadds |> Array.tryFind (fun band -> band.Name = name) with
            | Some band -> band.TotalTime * 10.0 ** (-0.4 * (DesGalaxies.ZeroPoint - band.ZeroPoint))
            | None ->
                let known = String.Join(", ", Surveys.DesCoadds |> Array.map _.Name)
                invalidArg (nameof bands) $"DesGalaxies.PhotonsPerUnit: expected bands of {known}, got '{name}'.")

    /// The centre of the light near the middle of a stamp, in pixels from its middle: the mean place under a Gaussian window that follows
    /// it until it stays (SExtractor's XWIN_IMAGE).
    /// pixels : height × width, sky subtracted;  window : deviation of the window in pixels.
    static member CentreOf(pixels: ReadOnlySpan<float32>, height: int, width: int, window: float) : PlaneVector =
        if pixels.Length <> height * width || not (window > 0.0) then
            invalidArg (nameof pixels) $"DesGalaxies.CentreOf: expected {height} × {width} pixels and a window > 0, got {pixels.Length} \
                and {window}."

        let mutable cx = 0.0
        let mutable cy = 0.0
        let mutable step = infinity
        let mutable tries = 0

        while step > 1e-4 && tries < 50 do
            let mutable total = 0.0
            let mutable sx = 0.0
            let mutable sy = 0.0

            for row in 0 .. height - 1 do
                for column in 0 .. width - 1 do
                    let x, y = float column - float (width - 1) / 2.0 - cx, float row - float (height - 1) / 2.0 - cy
                    let weight = float pixels[row * width + column] * exp (-0.5 * (x * x + y * y) / (window * window))
                    total <- total + weight
                    sx <- sx + weight * x
                    sy <- sy + weight * y

            // Twice the mean offset: a window as wide as the light halves it.
            let dx, dy = if total > 0.0 then 2.0 * sx / total, 2.0 * sy / total else 0.0, 0.0
            cx <- cx + dx
            cy <- cy + dy
            step <- sqrt (dx * dx + dy * dy)
            tries <- tries + 1

        // No light to follow, or a neighbour's.
        if sqrt (cx * cx + cy * cy) > 2.0 * window then { X = 0.0; Y = 0.0 } else { X = cx; Y = cy }

    /// The shape of the light at the centre of a stamp by its second moments under a Gaussian window, the window's own taken out again:
    /// for a Gaussian galaxy M⁻¹ = M_w⁻¹ − W⁻¹. Axis ratios below 0.2 count as 0.2.
    /// pixels : height × width, sky subtracted;  window : deviation of the window in pixels.
    static member ShapeOf(pixels: ReadOnlySpan<float32>, height: int, width: int, window: float) : GalaxyShape =
        DesGalaxies.ShapeOf(pixels, height, width, window, { X = 0.0; Y = 0.0 })

    /// The same about another place than the middle.
    /// centre : of the light, pixels from the middle.
    static member ShapeOf(pixels: ReadOnlySpan<float32>, height: int, width: int, window: float, centre: PlaneVector) : GalaxyShape =
        if pixels.Length <> height * width || not (window > 0.0) then
            invalidArg (nameof pixels) $"DesGalaxies.ShapeOf: expected {height} × {width} pixels and a window > 0, got {pixels.Length} \
                and {window}."

        let mutable total = 0.0
        let mutable xx = 0.0
        let mutable xy = 0.0
        let mutable yy = 0.0

        for row in 0 .. height - 1 do
            for column in 0 .. width - 1 do
                let x, y = float column - float (width - 1) / 2.0 - centre.X, float row - float (height - 1) / 2.0 - centre.Y
                let weight = float pixels[row * width + column] * exp (-0.5 * (x * x + y * y) / (window * window))
                total <- total + weight
                xx <- xx + weight * x * x
                xy <- xy + weight * x * y
                yy <- yy + weight * y * y

        let xx, xy, yy = xx / total, xy / total, yy / total
        let determinant = xx * yy - xy * xy
        // The inverse without the window's; a galaxy wider than its window has none and counts as round.
        let a, b, c = yy / determinant - 1.0 / (window * window), -xy / determinant, xx / determinant - 1.0 / (window * window)
        let half, spread = 0.5 * (a + c), sqrt (0.25 * (a - c) ** 2.0 + b * b)

        if not (total > 0.0 && determinant > 0.0 && half - spread > 0.0) then
            { AxisRatio = 1.0; Angle = 0.0 }
        else
            // The long axis has the small eigenvalue of the inverse.
            { AxisRatio = max 0.2 (sqrt ((half - spread) / (half + spread))); Angle = 0.5 * atan2 (-2.0 * b) (c - a) }

    /// Reads the folder. Rows of sim.csv without a stamp or a source are left out; none at all is an error.
    static member Read(folder: string) : DesGalaxies =
        let list = Path.Combine(folder, "sim.csv")
        let table = Catalogue.Read list
        let shots = Npz.Read(Path.Combine(folder, "sources_cropped168.npz"))
        let lenses, sources = table.Texts "lens_id", table.Texts "Source_ID"
        let redshift = table.Reals("lens_z", 0.0, 10.0)
        let thetaE = table.Reals("Theta_E", 0.0, 60.0, "arcsec")
        let magnitudes = DesGalaxies.Bands |> Array.map (fun band -> table.Reals($"source_mag_{band}", 0.0, 40.0, "magnitudes"))
        let galaxies, found = List<RealGalaxy>(), Dictionary<string, RealSource>()

        for row in 0 .. table.Count - 1 do
            let stamp = Path.Combine(folder, "lens", $"DES_{lenses[row]}.fits")

            if File.Exists stamp && shots.ContainsKey $"SOURCE{sources[row]}" then
                use light = FitsFile.Open stamp
                use psf = FitsFile.Open(Path.Combine(folder, "lensPSF", $"DES_PSF{lenses[row]}.fits"))
                let planes = [| for b in 0..2 -> light.ReadImage(b).Pixels |]
                let height, width = planes[0].Shape[0], planes[0].Shape[1]
                let stamps = planes |> Array.map _.ToSingles()
                let spread (pixels: NdArray) = PointSpread.OfImage(pixels.ToSingles(), pixels.Shape[0], pixels.Shape[1])
                let psfs = [| for b in 0..2 -> spread (psf.ReadImage(b).Pixels) |]
                // In i, where the galaxy stands out most; within about its half-light radius.
                let centre = DesGalaxies.CentreOf(ReadOnlySpan stamps[2], height, width, 3.0)
                let { AxisRatio = q; Angle = angle } = DesGalaxies.ShapeOf(ReadOnlySpan stamps[2], height, width, 4.0, centre)
                galaxies.Add(RealGalaxy(lenses[row], stamps, height, width, psfs, DesGalaxies.ZeroPoint, redshift[row], thetaE[row], q,
                                        angle, centre.X * DesGalaxies.PixelScale, centre.Y * DesGalaxies.PixelScale))

                let shot = shots[$"SOURCE{sources[row]}"]

                found.TryAdd(
                    sources[row],
                    RealSource(sources[row], shot.ToSingles(), shot.Shape[0], shot.Shape[1], DesGalaxies.SourcePixelScale,
                               magnitudes |> Array.map (fun m -> m[row]))
                )
                |> ignore

        if galaxies.Count = 0 then
            raise (InvalidDataException $"{list}: none of its {table.Count} rows has both lens/DES_{{lens_id}}.fits and \
                SOURCE{{Source_ID}} in sources_cropped168.npz")

        DesGalaxies(galaxies.ToArray(), Seq.toArray found.Values)

    /// A simulator over all of them, with the survey's photon noise.
    member _.Simulator() : QuasiRealSimulator =
        QuasiRealSimulator(galaxies, sources, DesGalaxies.Bands, DesGalaxies.PixelScale,
                           PhotonsPerUnit = DesGalaxies.PhotonsPerUnit DesGalaxies.Bands)
