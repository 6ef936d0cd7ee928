namespace Hybrid.Data.Lensing

open System
open System.Threading
open System.Threading.Tasks
open Hybrid.Data
open Hybrid.Data.Images
open Hybrid.Data.Statistics

/// A real galaxy image that a simulated arc is added to, with its own PSF.
[<Sealed>]
type RealGalaxy
    (
        name: string,
        stamps: float32[][],
        height: int,
        width: int,
        psfs: PointSpread[],
        zeroPoint: float,
        lensRedshift: float,
        thetaE: float,
        axisRatio: float,
        angle: float
    ) =
    do
        if stamps.Length = 0 || stamps.Length <> psfs.Length then
            invalidArg (nameof psfs) $"RealGalaxy '{name}': expected one PSF a band, got {stamps.Length} bands and {psfs.Length} PSFs."

        for b in 0 .. stamps.Length - 1 do
            if stamps[b].Length <> height * width then
                invalidArg (nameof stamps) $"RealGalaxy '{name}', band {b}: expected {height} × {width} pixels, got {stamps[b].Length}."

    member _.Name = name
    /// One plane a band.
    member _.Stamps = stamps
    member _.Height = height
    member _.Width = width
    member _.Psfs = psfs
    /// Magnitude of one unit of flux.
    member _.ZeroPoint = zeroPoint
    member _.LensRedshift = lensRedshift
    /// Einstein radius that its velocity dispersion gives, arcsec.
    member _.ThetaE = thetaE
    /// Axis ratio and position angle (radians) of its mass.
    member _.AxisRatio = axisRatio
    member _.Angle = angle

/// The tangential caustic of a lens: sources inside it have arcs or rings.
[<AbstractClass; Sealed>]
type Caustics =

    /// Corners of the tangential caustic on the source plane, x0, y0, x1, y1, …; found outside in along `rays` directions.
    static member Tangential(scene: LensScene, reach: float, rays: int) : float[] =
        let h = 1e-4

        // det A of the lens mapping, by central differences.
        let determinant x y =
            let { X = x1; Y = y1 } = scene.ShootRay(x + h, y)
            let { X = x2; Y = y2 } = scene.ShootRay(x - h, y)
            let { X = x3; Y = y3 } = scene.ShootRay(x, y + h)
            let { X = x4; Y = y4 } = scene.ShootRay(x, y - h)
            ((x1 - x2) * (y3 - y4) - (x3 - x4) * (y1 - y2)) / (4.0 * h * h)

        [| for k in 0 .. rays - 1 do
               let c, s = cos (2.0 * Math.PI * float k / float rays), sin (2.0 * Math.PI * float k / float rays)
               let steps = 200
               let radius i = reach * (1.0 - float i / float steps)
               let crossing = Seq.tryFind (fun i -> determinant (radius i * c) (radius i * s) < 0.0) (seq { 0 .. steps - 1 })

               match crossing with
               | Some i when i > 0 ->
                   let mutable inside = radius i
                   let mutable outside = radius (i - 1)

                   for _ in 1..40 do
                       let middle = 0.5 * (inside + outside)
                       if determinant (middle * c) (middle * s) < 0.0 then inside <- middle else outside <- middle

                   let { X = x; Y = y } = scene.ShootRay(outside * c, outside * s)
                   x
                   y
               | _ -> () |]

    /// Whether a point lies inside a polygon x0, y0, x1, y1, … (even–odd rule).
    static member Contains(polygon: float[], x: float, y: float) : bool =
        let n = polygon.Length / 2
        let mutable isInside = false

        for i in 0 .. n - 1 do
            let j = (i + n - 1) % n
            let xi, yi, xj, yj = polygon[2 * i], polygon[2 * i + 1], polygon[2 * j], polygon[2 * j + 1]

            if (yi > y) <> (yj > y) && x < (xj - xi) * (y - yi) / (yj - yi) + xi then
                isInside <- not isInside

        isInside

/// Targets that are nearly real (after Rojas et al. 2021): a real galaxy with its real surroundings, noise and PSF, and a real source
/// lensed by a SIE of the galaxy's shape with shear, placed inside the tangential caustic. Label 1: with an arc, 0: the galaxy alone,
/// turned and flipped. Target: θ_E.
[<Sealed>]
type QuasiRealSimulator(galaxies: RealGalaxy[], sources: RealSource[], bandNames: string[], pixelScale: float) =

    do
        if galaxies.Length = 0 || sources.Length = 0 then
            invalidArg (nameof galaxies) $"QuasiRealSimulator: expected galaxies and sources, got {galaxies.Length} and {sources.Length}."

        for galaxy in galaxies do
            if galaxy.Stamps.Length <> bandNames.Length || galaxy.Height <> galaxies[0].Height
               || galaxy.Width <> galaxies[0].Width || galaxy.Height <> galaxy.Width then
                invalidArg (nameof galaxies) $"QuasiRealSimulator: expected square stamps of {galaxies[0].Height} pixels in \
                    {bandNames.Length} bands, got {galaxy.Height} × {galaxy.Width} in {galaxy.Stamps.Length} ('{galaxy.Name}')."

        for source in sources do
            if source.Magnitudes.Length <> bandNames.Length then
                invalidArg (nameof sources) $"QuasiRealSimulator: expected {bandNames.Length} magnitude{Plural.s bandNames.Length}, got \
                    {source.Magnitudes.Length} ('{source.Name}')."

    let size = galaxies[0].Height

    static member val ParameterNames = [| "thetaE"; "e1"; "e2"; "gamma1"; "gamma2"; "sourceX"; "sourceY"; "galaxy"; "source" |]

    /// Share of images with an arc.
    member val LensFraction = 1.0 with get, set
    /// θ_E is drawn uniformly in [1 − this, 1 + this] times the galaxy's own.
    member val ThetaESpread = 0.2 with get, set
    member val ShearDeviation = 0.03 with get, set
    /// Points a pixel each way when the source is lensed.
    member val Supersampling = 3 with get, set

    member private simulator.One(image: int64, seed: int64, target: Span<float32>) : struct (int * float * float[]) =
        let random = SeededRandom.For(seed, 4L, image)
        let isLens = random.Chance simulator.LensFraction
        let galaxyIndex, sourceIndex = random.Next galaxies.Length, random.Next sources.Length
        let galaxy, source = galaxies[galaxyIndex], sources[sourceIndex]
        let plane = size * size

        if not isLens then
            let element = random.Next 8

            for b in 0 .. bandNames.Length - 1 do
                Geometry.DihedralPlane(ReadOnlySpan galaxy.Stamps[b], size, size, element, target.Slice(b * plane, plane))

            struct (0, 0.0, [| 0.0; 0.0; 0.0; 0.0; 0.0; nan; nan; float galaxyIndex; nan |])
        else
            let thetaE = galaxy.ThetaE * random.Uniform(1.0 - simulator.ThetaESpread, 1.0 + simulator.ThetaESpread)
            let { E1 = e1; E2 = e2 } = LightProfile.Ellipticity(galaxy.AxisRatio, galaxy.Angle)
            let g1, g2 = simulator.ShearDeviation * random.NextNormal(), simulator.ShearDeviation * random.NextNormal()
            let scene = LensScene([| LensProfile.Sie(thetaE, e1, e2, 0.0, 0.0); LensProfile.Shear(g1, g2) |], [||], [||])
            let caustic = Caustics.Tangential(scene, 3.0 * thetaE, 90)

            // Inside the caustic; near the centre where the caustic is a point.
            let extent = caustic |> Seq.map abs |> Seq.fold max 0.02
            let mutable x = 0.0
            let mutable y = 0.0
            let mutable found = false
            let mutable tries = 0

            while not found && tries < 200 do
                x <- random.Uniform(-extent, extent)
                y <- random.Uniform(-extent, extent)
                found <- Caustics.Contains(caustic, x, y)
                tries <- tries + 1

            if not found then
                x <- 0.0
                y <- 0.0

            let turn = random.Uniform(0.0, 2.0 * Math.PI)
            let grid = ImageGrid(size, size, pixelScale, simulator.Supersampling)
            let renderer = LensRenderer(grid, galaxy.Psfs |> Array.map (fun psf -> max psf.Height psf.Width) |> Array.max)
            let arc = Array.zeroCreate<float32> grid.PlaneLength

            for b in 0 .. bandNames.Length - 1 do
                // Magnitudes to the stamp's zero point: 10^(0.4 (zp_lens − m)).
                let flux = 10.0 ** (0.4 * (galaxy.ZeroPoint - source.Magnitudes[b]))

                if b = 0 || not source.IsGrey then
                    renderer.RealLight(scene, source, b, x, y, turn, arc)

                let seen = arc |> Array.map (fun v -> float32 (flux * float v))
                renderer.Blur(galaxy.Psfs[b], seen)
                let into = target.Slice(b * plane, plane)
                renderer.CopyTo(seen, into)

                for p in 0 .. plane - 1 do
                    into[p] <- into[p] + galaxy.Stamps[b].[p]

            struct (1, thetaE, [| thetaE; e1; e2; g1; g2; x; y; float galaxyIndex; float sourceIndex |])

    /// Images firstImage, firstImage + 1, …; each depends on the seed and its number only.
    member simulator.Simulate(count: int, seed: int64, firstImage: int64, cancellation: CancellationToken) : LensSimulation =
        let imageSize = bandNames.Length * size * size
        let pixels = Array.zeroCreate<float32> (count * imageSize)
        let labels, targets, parameters = Array.zeroCreate<int> count, Array.zeroCreate<float> count, Array.zeroCreate<float[]> count

        Parallel.For(0, count, ParallelOptions(CancellationToken = cancellation), fun i ->
            let struct (label, target, drawn) = simulator.One(firstImage + int64 i, seed, Span(pixels, i * imageSize, imageSize))
            labels[i] <- label
            targets[i] <- target
            parameters[i] <- drawn)
        |> ignore

        LensSimulation(ImageSet(pixels, bandNames, size, size), labels, targets, QuasiRealSimulator.ParameterNames, parameters)

    member simulator.Simulate(count: int, seed: int64) : LensSimulation = simulator.Simulate(count, seed, 0L, CancellationToken.None)
