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
}

/// Draws and renders in parallel: image i depends on the seed and its number only.
[<RequireQualifiedAccess>]
module internal LensSimulationRunner =

    /// First counters of the generators, so that parameters and noise of one image are independent.
    let private parameterStream, noiseStream = 1L, 2L

    [<NoComparison; NoEquality>]
    type private Worker = { Renderer: LensRenderer; Source: float32[]; Lens: float32[]; Real: float32[]; Image: float32[] }

    let run
        (camera: LensCamera)
        (parameterNames: string[])
        (draw: SeededRandom -> LensDraw)
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

        let start () = {
            Renderer = LensRenderer(grid, largest)
            Source = Array.zeroCreate grid.PlaneLength
            Lens = Array.zeroCreate grid.PlaneLength
            Real = Array.zeroCreate grid.PlaneLength
            Image = Array.zeroCreate grid.PlaneLength
        }

        let one i (worker: Worker) =
            let image = firstImage + int64 i
            let drawn = draw (SeededRandom.For(seed, parameterStream, image))
            worker.Renderer.Light(drawn.Scene, worker.Source, worker.Lens)
            let mutable noise = NormalStream(SeededRandom.Key(seed, ReadOnlySpan [| noiseStream; image |]))

            for b in 0 .. bands - 1 do
                let source, lens = float32 drawn.SourceFlux[b], float32 drawn.LensFlux[b]
                LensKernels.combine source worker.Source lens worker.Lens worker.Image grid.PlaneLength

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

                if camera.Background[b] > 0.0 || Double.IsFinite camera.PhotonTime[b] then
                    worker.Renderer.AddNoise(&noise, camera.Background[b], camera.PhotonTime[b], worker.Image)

                worker.Renderer.CopyTo(worker.Image, Span(pixels, (i * bands + b) * plane, plane))

            labels[i] <- drawn.Label
            targets[i] <- drawn.Target
            parameters[i] <- drawn.Parameters

        Parallel.For(0, count, ParallelOptions(CancellationToken = cancellation), start, (fun i _ worker -> one i worker; worker),
                     ignore) |> ignore
        LensSimulation(ImageSet(pixels, camera.BandNames, grid.Height, grid.Width), labels, targets, parameterNames, parameters)
