namespace Hybrid.Data.Lensing

open System
open System.Threading
open System.Threading.Tasks
open Hybrid.Data.Images
open Hybrid.Data.Statistics

/// Simulated images with what is true of each.
[<Sealed>]
type LensSimulation internal (images: ImageSet, labels: int[], targets: float[], parameterNames: string[], parameters: float[][]) =
    member _.Images = images
    /// Class of each image; what the numbers mean is the simulator's to say.
    member _.Labels = labels
    /// Target of each image: θ_E in arcsec, 0 without a lens.
    member _.Targets = targets
    member _.ParameterNames = parameterNames
    /// Drawn parameters, image by image, in the order of the names.
    member _.Parameters = parameters

/// A real galaxy behind the lens: its centre (arcsec) and its turn (radians).
[<NoComparison; NoEquality>]
type internal PlacedSource = { Source: RealSource; X: float; Y: float; Turn: float }

/// What one image is made of.
[<NoComparison; NoEquality>]
type internal LensDraw = {
    Scene: LensScene
    /// A real galaxy beside the scene's sources; its flux a band is that of its magnitudes.
    Real: PlacedSource voption
    /// Amplitudes of the sources and of the lens lights in each band; the scene's profiles have amplitude 1.
    SourceFlux: float[]
    LensFlux: float[]
    /// Light that is neither lensed nor the galaxy's; its flux a band is the sources' times its own factor, and it takes their place.
    Impostor: Impostor voption
    /// Whether the camera's selection judges what is beside the galaxy.
    IsJudged: bool
    Label: int
    Target: float
    Parameters: float[]
}

/// What a renderer needs besides the scene, band by band.
[<NoComparison; NoEquality>]
type internal LensCamera = {
    Grid: ImageGrid
    BandNames: string[]
    Psfs: PointSpread[]
    /// Magnitude of one electron a second, for real sources.
    ZeroPoints: float[]
    /// Light of the deflector that all images share, a plane a band, unblurred; none where there is no such light.
    Foreground: float32[][]
    /// Deviation of the background; 0 and an infinite time make no noise.
    Background: float[]
    PhotonTime: float[]
    /// Whether images are given their noise; without, the selection still goes by it.
    HasNoise: bool
    /// Which draws are kept.
    Selection: ArcSelection
}

/// Draws and renders in parallel: image i depends on the seed and its number only.
[<RequireQualifiedAccess>]
module internal LensSimulationRunner =

    /// First counters of the generators, so that parameters and noise of one image are independent.
    let private parameterStream, noiseStream, kindStream = 1L, 2L, 5L

    [<NoComparison; NoEquality>]
    type private Worker = { Renderer: LensRenderer; Source: float32[]; Lens: float32[]; Real: float32[]; Image: float32[] }

    let run
        (camera: LensCamera)
        (parameterNames: string[])
        (draw: SeededRandom -> SeededRandom -> LensDraw)
        (count: int)
        (seed: int64)
        (firstImage: int64)
        (cancellation: CancellationToken)
        =
        if count < 0 then
            raise (ArgumentOutOfRangeException(nameof count, count, $"Simulate: expected a count ≥ 0, got {count}."))

        let grid = camera.Grid
        let bands = camera.BandNames.Length
        let plane = grid.Height * grid.Width
        let pixels = Array.zeroCreate<float32> (count * bands * plane)
        let labels, targets, parameters = Array.zeroCreate<int> count, Array.zeroCreate<float> count, Array.zeroCreate<float[]> count
        let largest = camera.Psfs |> Array.map (fun psf -> max psf.Height psf.Width) |> Array.max

        let judging =
            match Array.IndexOf(camera.BandNames, camera.Selection.Band) with
            | -1 when not camera.Selection.IsAll ->
                let known = String.Join(", ", camera.BandNames)
                invalidArg "options" $"Simulate: the selection judges in band '{camera.Selection.Band}'; expected one of {known}."
            | place -> place

        // The light beside the galaxy in one band, blurred.
        let beside (worker: Worker) (drawn: LensDraw) b (target: float32[]) =
            let factor, isBlurred =
                match drawn.Impostor with
                | ValueSome impostor -> drawn.SourceFlux[b] * impostor.Bands[b], impostor.IsBlurred
                | ValueNone -> drawn.SourceFlux[b], true

            LensKernels.combine (float32 factor) worker.Source 0f worker.Source target grid.PlaneLength
            if isBlurred then worker.Renderer.Blur(camera.Psfs[b], target)

        let galaxy (worker: Worker) (drawn: LensDraw) b (target: float32[]) =
            LensKernels.combine (float32 drawn.LensFlux[b]) worker.Lens 0f worker.Lens target grid.PlaneLength
            worker.Renderer.Blur(camera.Psfs[b], target)

        let isSeen (worker: Worker) (drawn: LensDraw) =
            if camera.Selection.IsAll || not drawn.IsJudged then
                true
            else
                let seenIn b =
                    beside worker drawn b worker.Real
                    galaxy worker drawn b worker.Image
                    // Columns beyond the width are empty, so planes compare whole.
                    ArcVisibility.Of(ReadOnlySpan worker.Real, ReadOnlySpan worker.Image, camera.Background[b], camera.PhotonTime[b])

                // What shows in one band only, such as a trail, is judged there.
                let band =
                    match drawn.Impostor with
                    | ValueSome impostor when impostor.Bands[judging] = 0.0 -> Array.IndexOf(impostor.Bands, Array.max impostor.Bands)
                    | _ -> judging

                camera.Selection.Accepts(seenIn band)

        // Draws until one is kept, each from where the one before left the generator.
        let rec accepted (worker: Worker) (image: int64) (random: SeededRandom) tries =
            // Whether it is a lens, and what else, stays from try to try: shares are those asked for, however many draws are not seen.
            let drawn = draw (SeededRandom.For(seed, kindStream, image)) random
            worker.Renderer.Light(drawn.Scene, worker.Source, worker.Lens)

            match drawn.Impostor with
            | ValueSome impostor -> impostor.Paint(grid, worker.Source)
            | ValueNone -> ()

            if isSeen worker drawn then
                drawn
            elif tries >= ArcSelection.MostTries then
                invalidOp $"Simulate: none of {tries} draws passed {camera.Selection}. Ask for less, or take brighter sources."
            else
                accepted worker image random (tries + 1)

        let start () = {
            Renderer = LensRenderer(grid, largest)
            Source = Array.zeroCreate grid.PlaneLength
            Lens = Array.zeroCreate grid.PlaneLength
            Real = Array.zeroCreate grid.PlaneLength
            Image = Array.zeroCreate grid.PlaneLength
        }

        let one i (worker: Worker) =
            let image = firstImage + int64 i
            let drawn = accepted worker image (SeededRandom.For(seed, parameterStream, image)) 1
            let mutable noise = NormalStream(SeededRandom.Key(seed, ReadOnlySpan [| noiseStream; image |]))

            for b in 0 .. bands - 1 do
                // What the PSF does not blur is added after it.
                let source, unblurred =
                    match drawn.Impostor with
                    | ValueSome impostor when impostor.IsBlurred -> drawn.SourceFlux[b] * impostor.Bands[b], 0.0
                    | ValueSome impostor -> 0.0, drawn.SourceFlux[b] * impostor.Bands[b]
                    | ValueNone -> drawn.SourceFlux[b], 0.0

                LensKernels.combine (float32 source) worker.Source (float32 drawn.LensFlux[b]) worker.Lens worker.Image grid.PlaneLength

                match drawn.Real with
                | ValueSome { Source = source; X = x; Y = y; Turn = turn } ->
                    if b = 0 || not source.IsGrey then
                        worker.Renderer.RealLight(drawn.Scene, source, b, x, y, turn, worker.Real)

                    let flux = 10.0 ** (0.4 * (camera.ZeroPoints[b] - source.Magnitudes[b]))
                    LensKernels.combine 1f worker.Image (float32 flux) worker.Real worker.Image grid.PlaneLength
                | ValueNone -> ()

                if camera.Foreground.Length > 0 then
                    LensKernels.combine 1f worker.Image 1f camera.Foreground[b] worker.Image grid.PlaneLength

                worker.Renderer.Blur(camera.Psfs[b], worker.Image)

                if unblurred > 0.0 then
                    LensKernels.combine 1f worker.Image (float32 unblurred) worker.Source worker.Image grid.PlaneLength

                if camera.HasNoise && (camera.Background[b] > 0.0 || Double.IsFinite camera.PhotonTime[b]) then
                    worker.Renderer.AddNoise(&noise, camera.Background[b], camera.PhotonTime[b], worker.Image)

                worker.Renderer.CopyTo(worker.Image, Span(pixels, (i * bands + b) * plane, plane))

            labels[i] <- drawn.Label
            targets[i] <- drawn.Target
            parameters[i] <- drawn.Parameters

        Parallel.For(0, count, ParallelOptions(CancellationToken = cancellation), start, (fun i _ worker -> one i worker; worker),
                     ignore) |> ignore
        LensSimulation(ImageSet(pixels, camera.BandNames, grid.Height, grid.Width, camera.ZeroPoints), labels, targets, parameterNames,
                       parameters)
