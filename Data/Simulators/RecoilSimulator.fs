namespace Hybrid.Data.Simulators

open System
open System.Threading
open System.Threading.Tasks
open Hybrid.Data.Statistics

/// What recoiled in the detector's gas.
type Recoil =
    /// An electron (background).
    | Electron = 0
    /// A nucleus (signal).
    | Nuclear = 1

/// Camera images of recoils with their truth.
[<Sealed>]
type RecoilSimulation internal (pixels: byte[], size: int, kinds: Recoil[], energies: float[], paths: string[]) =
    /// (N, size, size), grey.
    member _.Pixels = pixels
    member _.Size = size
    member _.Count = kinds.Length
    member _.Kinds = kinds
    member _.EnergiesKeV = energies
    /// Relative path of each image in the exercise's layout: `{E}_keV/{NR|ER}/….png`.
    member _.Paths = paths
    member _.Image(index: int) : ReadOnlySpan<byte> = ReadOnlySpan(pixels, index * size * size, size * size)

/// Images of the CYGNO camera's kind: Gaussian background, and the light of a recoil as clusters of photons around its track. Measured
/// with two networks trained on the experiment's own simulation (lophy95's, 60 images each): they read 8.0, 23.7 and 33.0 keV for electrons of
/// 10, 20 and 30 keV and 7.6, 20.0 and 30.1 keV for nuclei; they call electrons right from 10 keV on (98 to 100 %), at 6 keV in 78 %, nuclei of
/// 1 to 10 keV in 92 to 100 % and of 20 and 30 keV in half of the cases.
[<Sealed>]
type RecoilSimulator() =

    /// Pixels each way.
    member val Size = 576 with get, set
    /// Mean and deviation of the background, ADU.
    member val BackgroundMean = 100.41 with get, set
    member val BackgroundDeviation = 3.4 with get, set

    /// Summed light of a recoil, ADU.
    static member Light(kind: Recoil, energyKeV: float) : float =
        match kind with
        | Recoil.Nuclear -> max (568.56 * energyKeV - 853.3) (0.3 * 250.0 * energyKeV)
        | _ -> 620.0 * energyKeV

    member private simulator.One(kind: Recoil, energyKeV: float, seed: int64, image: int64, target: Span<byte>) =
        let size = simulator.Size
        let frame = Array.zeroCreate<float32> (size * size)
        NormalNumbers.Fill(seed, image, Span frame)

        // The background is counted before light is added, as the camera's pedestal.
        for i in 0 .. frame.Length - 1 do
            frame[i] <- float32 (Math.Round(simulator.BackgroundMean + simulator.BackgroundDeviation * float frame[i]))

        let random = SeededRandom.For(seed, 5L, image)
        let sigma = if kind = Recoil.Nuclear then 5.9 else 4.7
        let clusters = int (random.NextPoisson(RecoilSimulator.Light(kind, energyKeV) / 8.0))

        // Electrons of high energy leave a track that bends.
        let steps = if kind = Recoil.Electron && energyKeV >= 20.0 then 20 else 0
        let trackX, trackY = Array.zeroCreate<float> (steps + 1), Array.zeroCreate<float> (steps + 1)

        for k in 1..steps do
            let direction = random.Uniform(0.0, 2.0 * Math.PI)
            trackX[k] <- trackX[k - 1] + 2.5 * cos direction
            trackY[k] <- trackY[k - 1] + 2.5 * sin direction

        let centre = float size / 2.0

        for _ in 1..clusters do
            let k = if steps = 0 then 0 else random.Next(steps + 1)
            let x = int (Math.Round(centre + trackX[k] + sigma * random.NextNormal()))
            let y = int (Math.Round(centre + trackY[k] + sigma * random.NextNormal()))
            let light = random.NextExponential 8.0

            if x >= 0 && x < size && y >= 0 && y < size then
                frame[y * size + x] <- frame[y * size + x] + float32 light

        for i in 0 .. frame.Length - 1 do
            target[i] <- byte (Math.Clamp(Math.Round(float frame[i]), 0.0, 255.0))

    /// One image for each pair of kind and energy; image i depends on the seed, its kind and energy, and firstImage + i only.
    member simulator.Simulate(kinds: Recoil[], energiesKeV: float[], seed: int64, firstImage: int64, cancellation: CancellationToken) : RecoilSimulation =
        if kinds.Length <> energiesKeV.Length then
            invalidArg (nameof energiesKeV) $"RecoilSimulator: expected {kinds.Length} energies, one a kind, got {energiesKeV.Length}."

        match energiesKeV |> Array.tryFind (fun e -> not (e > 0.0 && e <= 100.0)) with
        | Some e -> raise (ArgumentOutOfRangeException(nameof energiesKeV, e, $"RecoilSimulator: expected energies in (0, 100] keV, got {e}."))
        | None -> ()

        let area = simulator.Size * simulator.Size
        let pixels = Array.zeroCreate<byte> (kinds.Length * area)

        Parallel.For(0, kinds.Length, ParallelOptions(CancellationToken = cancellation), fun i ->
            simulator.One(kinds[i], energiesKeV[i], seed, firstImage + int64 i, Span(pixels, i * area, area)))
        |> ignore

        let paths =
            Array.mapi2 (fun i kind energy ->
                let name = if kind = Recoil.Nuclear then "NR" else "ER"
                let keV = (energy: float).ToString("0.###", Globalization.CultureInfo.InvariantCulture)
                $"{keV}_keV/{name}/simulated_{name}_{keV}_keV_run{seed}_ev{firstImage + int64 i}.png") kinds energiesKeV

        RecoilSimulation(pixels, simulator.Size, kinds, energiesKeV, paths)

    /// `perClass` images of each kind and energy, class after class.
    member simulator.SimulateClasses(perClass: int, energiesKeV: float[], seed: int64) : RecoilSimulation =
        let classes = [| for kind in [ Recoil.Electron; Recoil.Nuclear ] do for energy in energiesKeV do for _ in 1..perClass -> kind, energy |]
        simulator.Simulate(Array.map fst classes, Array.map snd classes, seed, 0L, CancellationToken.None)
