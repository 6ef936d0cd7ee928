namespace Hybrid.Data.Lensing

open System
open System.Threading
open System.Threading.Tasks
open Hybrid.Data
open Hybrid.Data.Images
open Hybrid.Data.Statistics

/// How a lens shows its source.
type LensConfiguration =
    /// Two images: inside the cut, outside the tangential caustic.
    | Double = 2
    /// Three, all on one side: inside a cusp that reaches beyond the cut.
    | NakedCusp = 3
    /// Four, or a ring: inside the tangential caustic.
    | Quad = 4

/// Targets that are nearly real (after Rojas et al. 2021): a real galaxy with its real surroundings, noise and PSF, and a real source
/// lensed by a SIE of the galaxy's shape with shear, its photon noise included. Label 1: with an arc, 0: without, of the kind that the
/// parameter 'nonLens' says. Target: θ_E. How well an arc is seen stand as parameters 'signalToNoise' and 'contrast' (ArcVisibility, in the
/// selection's band, else in the first) and 'arcRatio': flux of the whole arc over that of the galaxy inside the ring, within θ_E of its
/// centre, in g (else the first band). Both are cut from the stamp at a random place about the galaxy and turned or reflected by one of
/// the eight symmetries of the square, so that neither place nor orientation tells them apart.
[<Sealed>]
type QuasiRealSimulator(galaxies: RealGalaxy[], sources: RealSource[], bandNames: string[], pixelScale: float) =

    do
        if galaxies.Length = 0 || sources.Length = 0 then
            invalidArg (nameof galaxies) $"QuasiRealSimulator: expected galaxies and sources, got {galaxies.Length} and {sources.Length}."

        for galaxy in galaxies do
            if galaxy.Stamps.Length <> bandNames.Length || galaxy.Height <> galaxy.Width then
                invalidArg (nameof galaxies) $"QuasiRealSimulator: expected square stamps in {bandNames.Length} \
                    band{Plural.s bandNames.Length}, got {galaxy.Height} × {galaxy.Width} in {galaxy.Stamps.Length} ('{galaxy.Name}')."

            if galaxy.ZeroPoint <> galaxies[0].ZeroPoint then
                invalidArg (nameof galaxies) $"QuasiRealSimulator: expected one zero point, got {galaxies[0].ZeroPoint} \
                    ('{galaxies[0].Name}') and {galaxy.ZeroPoint} ('{galaxy.Name}')."

        for source in sources do
            if source.Magnitudes.Length <> bandNames.Length then
                invalidArg (nameof sources) $"QuasiRealSimulator: expected {bandNames.Length} magnitude{Plural.s bandNames.Length}, got \
                    {source.Magnitudes.Length} ('{source.Name}')."

    let smallest = galaxies |> Array.map _.Height |> Array.min
    let mutable size = smallest

    // Deviation of each galaxy's background a band: that of the stamp's darker half about its median, as neighbours are bright.
    let backgrounds =
        galaxies
        |> Array.map (fun galaxy ->
            galaxy.Stamps
            |> Array.map (fun stamp ->
                let values = stamp |> Array.map float
                let median = Percentile.Median(ReadOnlySpan values)
                let below = values |> Array.filter (fun v -> v < median) |> Array.map (fun v -> (v - median) * (v - median))
                if below.Length = 0 then 0.0 else sqrt (Array.average below)))

    static member val ParameterNames = [| "thetaE"; "e1"; "e2"; "gamma1"; "gamma2"; "sourceX"; "sourceY"; "galaxy"; "source"; "images";
                                          "nonLens"; "signalToNoise"; "contrast"; "arcRatio" |]

    /// Pixels each way of the images: at most those of the smallest stamp, which is the default.
    member _.Size
        with get () = size
        and set value =
            if value < 1 || value > smallest then
                raise (ArgumentOutOfRangeException(nameof value, value, $"QuasiRealSimulator: expected a size in [1, {smallest}], the \
                    smallest stamp's, got {value}."))

            size <- value

    /// Share of images with an arc.
    member val LensFraction = 0.5 with get, set
    /// Share of the images without one that show spiral arms, a ring, a merger or an artefact on their real galaxy, each as often. The
    /// others show it alone.
    member val ImpostorShare = 0.5 with get, set
    /// θ_E of the lenses.
    member val Radii = EinsteinRadii.LikeReal with get, set
    /// Whether lenses have the θ_E of their galaxy's velocity dispersion instead, spread by ThetaESpread.
    member val HasOwnRadii = false with get, set
    /// With own radii: θ_E is drawn uniformly in [1 − this, 1 + this] times the galaxy's own.
    member val ThetaESpread = 0.2 with get, set
    member val ShearDeviation = 0.03 with get, set
    /// Share of lenses whose source is drawn inside the tangential caustic (quads, rings, cusps); the others are drawn evenly over all
    /// that is imaged more than once, which makes most of them doubles.
    member val QuadShare = 0.3 with get, set
    /// Which arcs and impostors are drawn.
    member val Selection = ArcSelection.Visible with get, set
    /// Photons that a unit of flux stands for, one a band: what gives arcs and impostors their photon noise. Empty: none.
    member val PhotonsPerUnit: float[] = [||] with get, set
    /// Images are cut at up to this many pixels from the galaxy, as far as the stamp reaches.
    member val LargestShift = 3 with get, set
    /// Points a pixel each way when the source is lensed.
    member val Supersampling = 4 with get, set
    member val LeastImpostorFlux = 3.0 with get, set
    member val LargestImpostorFlux = 12.0 with get, set

    /// Rows and columns of the stamp at which an image begins: the galaxy's own pixel about the middle, moved at random.
    member private simulator.Corner(random: SeededRandom, galaxy: RealGalaxy) : struct (int * int) =
        let from centre =
            let wanted = (float (galaxy.Height - size)) / 2.0 + centre / pixelScale + float (random.Next(2 * simulator.LargestShift + 1))
            let wanted = wanted - float simulator.LargestShift
            // Halves go either way, so that the galaxy is not always on one side.
            let whole = floor wanted
            max 0 (min (galaxy.Height - size) (int whole + (if random.NextDouble() < wanted - whole then 1 else 0)))

        let left = from galaxy.CentreX
        struct (from galaxy.CentreY, left)

    member private simulator.Judge(galaxyIndex: int, band: int, arc: ReadOnlySpan<float32>, stamp: ReadOnlySpan<float32>) =
        let photons = if simulator.PhotonsPerUnit.Length = 0 then infinity else simulator.PhotonsPerUnit[band]
        ArcVisibility.Of(arc, stamp, max 1e-12 backgrounds[galaxyIndex].[band], photons)

    /// Flux of an arc over that of the galaxy within a radius of the galaxy's centre; all in arcsec from the middle of the image. A galaxy
    /// fainter there than the noise counts as the noise.
    static member private RatioWithin(arc: float32[], galaxy: float32[], size: int, scale: float, radius: float, centre: PlaneVector,
                                      background: float) =
        let mutable ofArc = 0.0
        let mutable ofGalaxy = 0.0
        let mutable pixels = 0

        for row in 0 .. size - 1 do
            for column in 0 .. size - 1 do
                let x = (float column - float (size - 1) / 2.0) * scale - centre.X
                let y = (float row - float (size - 1) / 2.0) * scale - centre.Y

                ofArc <- ofArc + float arc[row * size + column]

                if x * x + y * y <= radius * radius then
                    ofGalaxy <- ofGalaxy + float galaxy[row * size + column]
                    pixels <- pixels + 1

        if pixels = 0 then nan else ofArc / max ofGalaxy (max 1e-12 (background * sqrt (float pixels)))

    /// Adds light and its photon noise to an image's band.
    member private simulator.Add(light: ReadOnlySpan<float32>, band: int, random: SeededRandom, into: Span<float32>) =
        let photons = if simulator.PhotonsPerUnit.Length = 0 then infinity else simulator.PhotonsPerUnit[band]

        for p in 0 .. light.Length - 1 do
            let v = float light[p]
            into[p] <- into[p] + float32 (if v > 0.0 && Double.IsFinite photons then v + sqrt (v / photons) * random.NextNormal() else v)

    member private simulator.One(image: int64, seed: int64, judging: int, target: Span<float32>) : struct (int * float * float[]) =
        let random = SeededRandom.For(seed, 4L, image)
        let isLens = random.Chance simulator.LensFraction
        let kind = if isLens then NonLens.Plain else Impostor.DrawKind(random, simulator.ImpostorShare)
        let plane = size * size
        let grid = ImageGrid(size, size, pixelScale, (if isLens then simulator.Supersampling else 1))
        let light = Array.init bandNames.Length (fun _ -> Array.zeroCreate<float32> plane)
        let stamp = Array.zeroCreate<float32> plane
        let unlensed = Array.zeroCreate<float32> grid.PlaneLength
        let seen = Array.zeroCreate<float32> grid.PlaneLength
        let mutable result = ValueNone
        let mutable tries = 0

        while result.IsNone do
            tries <- tries + 1

            if tries > ArcSelection.MostTries then
                invalidOp $"QuasiRealSimulator: none of {ArcSelection.MostTries} draws passed {simulator.Selection}. Ask for less, or take \
                    brighter sources."

            let galaxyIndex, sourceIndex = random.Next galaxies.Length, random.Next sources.Length
            let galaxy, source = galaxies[galaxyIndex], sources[sourceIndex]
            let struct (top, left) = simulator.Corner(random, galaxy)
            // The galaxy's centre from the middle of the image.
            let off corner centre = centre - (float corner - float (galaxy.Height - size) / 2.0) * pixelScale
            let cx, cy = off left galaxy.CentreX, off top galaxy.CentreY

            let cut (b: int) =
                for row in 0 .. size - 1 do
                    Array.Copy(galaxy.Stamps[b], (top + row) * galaxy.Width + left, stamp, row * size, size)

            let renderer = LensRenderer(grid, galaxy.Psfs |> Array.map (fun psf -> max psf.Height psf.Width) |> Array.max)

            let draw (flux: float) b isBlurred =
                for i in 0 .. seen.Length - 1 do
                    seen[i] <- float32 (flux * float unlensed[i])

                if isBlurred then renderer.Blur(galaxy.Psfs[b], seen)
                renderer.CopyTo(seen, Span light[b])

            // Magnitudes to the stamps' zero point: 10^(0.4 (zp − m)).
            let flux b = 10.0 ** (0.4 * (galaxy.ZeroPoint - source.Magnitudes[b]))

            let parameters, thetaE, judged =
                if isLens then
                    let thetaE =
                        if simulator.HasOwnRadii then
                            galaxy.ThetaE * random.Uniform(1.0 - simulator.ThetaESpread, 1.0 + simulator.ThetaESpread)
                        else
                            simulator.Radii.Draw random

                    let { E1 = e1; E2 = e2 } = LightProfile.Ellipticity(galaxy.AxisRatio, galaxy.Angle)
                    let g1, g2 = simulator.ShearDeviation * random.NextNormal(), simulator.ShearDeviation * random.NextNormal()
                    let scene = LensScene([| LensProfile.Sie(thetaE, e1, e2, cx, cy); LensProfile.Shear(g1, g2) |], [||], [||])
                    let struct (x, y, images) = simulator.Place(scene, cx, cy, thetaE, random)
                    let turn = random.Uniform(0.0, 2.0 * Math.PI)

                    for b in 0 .. bandNames.Length - 1 do
                        if b = 0 || not source.IsGrey then renderer.RealLight(scene, source, b, x, y, turn, unlensed)
                        draw (flux b) b true

                    [| thetaE; e1; e2; g1; g2; x - cx; y - cy; float galaxyIndex; float sourceIndex; float (int images); nan;
                       nan; nan; nan |], thetaE, judging
                elif kind = NonLens.Plain then
                    for b in 0 .. bandNames.Length - 1 do
                        Array.Clear light[b]

                    [| 0.0; 0.0; 0.0; 0.0; 0.0; nan; nan; float galaxyIndex; nan; 1.0; 0.0; nan; nan; nan |], 0.0, -1
                else
                    let impostor = Impostor.Draw(kind, random, bandNames.Length, cx, cy)
                    let boost = random.Uniform(simulator.LeastImpostorFlux, simulator.LargestImpostorFlux)
                    impostor.Paint(grid, unlensed)

                    for b in 0 .. bandNames.Length - 1 do
                        draw (boost * impostor.Bands[b] * flux b) b impostor.IsBlurred

                    // What shows in one band only is judged there.
                    let band =
                        if judging >= 0 && impostor.Bands[judging] = 0.0 then Array.IndexOf(impostor.Bands, Array.max impostor.Bands)
                        else judging

                    [| 0.0; 0.0; 0.0; 0.0; 0.0; nan; nan; float galaxyIndex; float sourceIndex; 1.0; float (int kind); nan; nan; nan |],
                    0.0, band

            let seen =
                if judged < 0 && not isLens then
                    ValueNone
                else
                    let band = max judged 0
                    cut band
                    ValueSome(simulator.Judge(galaxyIndex, band, ReadOnlySpan light[band], ReadOnlySpan stamp))

            if judged < 0 || simulator.Selection.Accepts seen.Value then
                if isLens then
                    let blue = max 0 (Array.IndexOf(bandNames, "g"))
                    cut blue
                    let background = backgrounds[galaxyIndex].[blue]
                    let centre = { X = cx; Y = cy }
                    let ratio = QuasiRealSimulator.RatioWithin(light[blue], stamp, size, pixelScale, thetaE, centre, background)
                    let last = parameters.Length - 3
                    [| seen.Value.SignalToNoise; seen.Value.Contrast; ratio |] |> Array.iteri (fun i value -> parameters[last + i] <- value)

                let element = random.Next 8

                for b in 0 .. bandNames.Length - 1 do
                    cut b
                    if isLens || kind <> NonLens.Plain then simulator.Add(ReadOnlySpan light[b], b, random, Span stamp)
                    Geometry.DihedralPlane(ReadOnlySpan stamp, size, size, element, target.Slice(b * plane, plane))

                result <- ValueSome(struct ((if isLens then 1 else 0), thetaE, parameters))

        result.Value

    /// A place on the source plane that is imaged more than once, and how often it is.
    member private simulator.Place(scene: LensScene, cx: float, cy: float, thetaE: float, random: SeededRandom) =
        // Of an isothermal lens with shear the curve is crossed once in each direction, at most at θ_E/√q, q ≥ 0.2.
        let caustic = Caustics.Tangential(scene, cx, cy, 2.6 * thetaE, 48, 26, 24)
        let cut = Caustics.Cut(scene, cx, cy, 48)
        // Shear is about the middle of the image, so that the curves need not lie about the lens.
        let all = Array.append caustic cut
        let ends place = [| for i in place .. 2 .. all.Length - 1 -> all[i] |]
        let xs, ys = ends 0, ends 1
        let x0, x1, y0, y1 = Array.min xs, Array.max xs, Array.min ys, Array.max ys
        let isQuad = random.Chance simulator.QuadShare
        let mutable found = ValueNone
        let mutable tries = 0

        while found.IsNone do
            let x, y = random.Uniform(x0, x1), random.Uniform(y0, y1)
            let inCaustic, inCut = Caustics.Contains(caustic, x, y), Caustics.Contains(cut, x, y)
            tries <- tries + 1

            // A round lens has no caustic but a point: its quads are its rings.
            if isQuad && tries > 2000 then
                let middle (polygon: float[]) place = Array.average [| for i in place .. 2 .. polygon.Length - 1 -> polygon[i] |]
                found <- ValueSome(struct (middle cut 0, middle cut 1, LensConfiguration.Quad))
            elif inCaustic || (inCut && not isQuad) then
                let images =
                    if inCaustic && inCut then LensConfiguration.Quad
                    elif inCaustic then LensConfiguration.NakedCusp
                    else LensConfiguration.Double

                found <- ValueSome(struct (x, y, images))

        found.Value

    /// Images firstImage, firstImage + 1, …; each depends on the seed and its number only.
    member simulator.Simulate(count: int, seed: int64, firstImage: int64, cancellation: CancellationToken) : LensSimulation =
        for what, share in [ "a lens fraction", simulator.LensFraction; "an impostor share", simulator.ImpostorShare;
                             "a quad share", simulator.QuadShare ] do
            if not (share >= 0.0 && share <= 1.0) then
                invalidOp $"QuasiRealSimulator: expected {what} in [0, 1], got {share}."

        if simulator.PhotonsPerUnit.Length <> 0 && simulator.PhotonsPerUnit.Length <> bandNames.Length then
            invalidOp $"QuasiRealSimulator: expected {bandNames.Length} photons a unit, one a band, or none, got \
                {simulator.PhotonsPerUnit.Length}."

        let judging =
            match Array.IndexOf(bandNames, simulator.Selection.Band) with
            | _ when simulator.Selection.IsAll -> -1
            | -1 when bandNames.Length = 1 -> 0
            | -1 ->
                let known = String.Join(", ", bandNames)
                invalidOp $"QuasiRealSimulator: the selection judges in band '{simulator.Selection.Band}'; expected one of {known}."
            | place -> place

        let imageSize = bandNames.Length * size * size
        let pixels = Array.zeroCreate<float32> (count * imageSize)
        let labels, targets, parameters = Array.zeroCreate<int> count, Array.zeroCreate<float> count, Array.zeroCreate<float[]> count

        Parallel.For(0, count, ParallelOptions(CancellationToken = cancellation), fun i ->
            let struct (label, target, drawn) = simulator.One(firstImage + int64 i, seed, judging, Span(pixels, i * imageSize, imageSize))
            labels[i] <- label
            targets[i] <- target
            parameters[i] <- drawn)
        |> ignore

        let zeroPoints = Array.create bandNames.Length galaxies[0].ZeroPoint
        LensSimulation(ImageSet(pixels, bandNames, size, size, zeroPoints), labels, targets, QuasiRealSimulator.ParameterNames, parameters)

    member simulator.Simulate(count: int, seed: int64) : LensSimulation = simulator.Simulate(count, seed, 0L, CancellationToken.None)
