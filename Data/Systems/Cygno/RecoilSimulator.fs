namespace Hybrid.Data.Systems.Cygno

open System
open System.IO
open System.Threading
open System.Threading.Tasks
open Hybrid.Data.Formats
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
    /// Relative path of each image in the exercise's layout: `simulated/{E}_keV/{NR|ER}/….png`, three folders deep.
    member _.Paths = paths
    member _.Image(index: int) : ReadOnlySpan<byte> = ReadOnlySpan(pixels, index * size * size, size * size)

    /// Writes every image as a PNG at its path below `folder` (the exercise's `data/data/export`), in parallel. Returns the whole paths.
    member simulation.Write(folder: string) : string[] =
        let whole = paths |> Array.map (fun path -> Path.GetFullPath(Path.Combine(folder, path)))

        for parent in whole |> Seq.map (fun path -> nonNull (Path.GetDirectoryName path)) |> Seq.distinct do
            Directory.CreateDirectory parent |> ignore

        let write i = Png.Write(whole[i], NdArray<byte>([| size; size |], simulation.Image(i).ToArray()))
        Parallel.For(0, whole.Length, write) |> ignore
        whole

/// Images of the CYGNO camera's kind: Gaussian background in whole ADU, and the light of a recoil in clusters of photons around its track.
/// Measured with two networks trained on the experiment's own simulation (lophy95's; 100 images of each kind and energy, seed 11): they
/// read 8.4, 22.1 and 32.7 keV for electrons of 10, 20 and 30 keV and 7.6, 19.7 and 30.6 keV for nuclei. They call 73 to 94 % of the
/// electrons from 6 keV on right, 83 to 100 % of the nuclei up to 10 keV, 64 and 51 % at 20 and 30 keV; with NuclearClusterLight = 4 these
/// are 96 and 94 %, at 20.2 and 29.7 keV.
[<Sealed>]
type RecoilSimulator() =

    /// Pixels each way; the recoil sits at the centre, (Size − 1)/2.
    member val Size = 576 with get, set
    /// Mean and deviation of the background, ADU.
    member val BackgroundMean = 100.41 with get, set
    member val BackgroundDeviation = 3.4 with get, set
    /// Mean light of a cluster of photons, ADU, exponentially distributed: the grain of an electron's image and of a nucleus's.
    member val ElectronClusterLight = 8.0 with get, set
    member val NuclearClusterLight = 8.0 with get, set

    /// All that an image depends on but its kind, energy, seed and number.
    member simulator.Description : string =
        FormattableString.Invariant(
            $"size {simulator.Size}, background {simulator.BackgroundMean} ± {simulator.BackgroundDeviation}, clusters \
                {simulator.ElectronClusterLight} and {simulator.NuclearClusterLight}"
        )

    /// Deviation of the light around the track, pixels.
    static member SpreadPixels(kind: Recoil) : float = if kind = Recoil.Nuclear then 5.9 else 4.7

    /// Whether a recoil leaves a track that bends: electrons from 20 keV on.
    static member HasTrack(kind: Recoil, energyKeV: float) : bool = kind = Recoil.Electron && energyKeV >= 20.0

    /// The 21 points of a track from its start: twenty steps of 2.5 pixels, each in any direction. It stands in the image by its mean.
    static member DrawTrack(random: SeededRandom) : struct (float[] * float[]) =
        let x, y = Array.zeroCreate<float> 21, Array.zeroCreate<float> 21

        for k in 1..20 do
            let direction = random.Uniform(0.0, 2.0 * Math.PI)
            x[k] <- x[k - 1] + 2.5 * cos direction
            y[k] <- y[k - 1] + 2.5 * sin direction

        struct (x, y)

    /// Mean light of a cluster, ADU.
    member simulator.ClusterLight(kind: Recoil) : float =
        if kind = Recoil.Nuclear then simulator.NuclearClusterLight else simulator.ElectronClusterLight

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
        let sigma, clusterLight = RecoilSimulator.SpreadPixels kind, simulator.ClusterLight kind
        let clusters = int (random.NextPoisson(RecoilSimulator.Light(kind, energyKeV) / clusterLight))

        // A nucleus and an electron of low energy stop where they are.
        let struct (trackX, trackY) =
            if RecoilSimulator.HasTrack(kind, energyKeV) then RecoilSimulator.DrawTrack random else struct ([| 0.0 |], [| 0.0 |])

        let middle = float (size - 1) / 2.0
        let centreX, centreY = middle - Array.average trackX, middle - Array.average trackY

        for _ in 1..clusters do
            let k = if trackX.Length = 1 then 0 else random.Next trackX.Length
            let x = int (Math.Round(centreX + trackX[k] + sigma * random.NextNormal()))
            let y = int (Math.Round(centreY + trackY[k] + sigma * random.NextNormal()))
            let light = random.NextExponential clusterLight

            if x >= 0 && x < size && y >= 0 && y < size then
                frame[y * size + x] <- frame[y * size + x] + float32 light

        for i in 0 .. frame.Length - 1 do
            target[i] <- byte (Math.Clamp(Math.Round(float frame[i]), 0.0, 255.0))

    /// One image for each pair of kind and energy; image i depends on the seed, its kind and energy, and firstImage + i only.
    member simulator.Simulate
        (
            kinds: Recoil[],
            energiesKeV: float[],
            seed: int64,
            firstImage: int64,
            cancellation: CancellationToken
        ) : RecoilSimulation =
        if kinds.Length <> energiesKeV.Length then
            invalidArg (nameof energiesKeV) $"RecoilSimulator: expected {kinds.Length} energies, one a kind, got {energiesKeV.Length}."

        match energiesKeV |> Array.tryFind (fun e -> not (e > 0.0 && e <= 100.0)) with
        | Some e -> raise (ArgumentOutOfRangeException(nameof energiesKeV, e,
                                                       $"RecoilSimulator: expected energies in (0, 100] keV, got {e}."))
        | None -> ()

        for name, light in [ nameof simulator.ElectronClusterLight, simulator.ElectronClusterLight;
                             nameof simulator.NuclearClusterLight, simulator.NuclearClusterLight ] do
            if not (light > 0.0) then
                raise (ArgumentOutOfRangeException(name, light, $"RecoilSimulator: expected {name} > 0 ADU, got {light}."))

        let area = simulator.Size * simulator.Size
        let pixels = Array.zeroCreate<byte> (kinds.Length * area)

        Parallel.For(0, kinds.Length, ParallelOptions(CancellationToken = cancellation), fun i ->
            simulator.One(kinds[i], energiesKeV[i], seed, firstImage + int64 i, Span(pixels, i * area, area)))
        |> ignore

        let paths =
            Array.mapi2 (fun i kind energy ->
                let name = if kind = Recoil.Nuclear then "NR" else "ER"
                let keV = (energy: float).ToString("0.###", Globalization.CultureInfo.InvariantCulture)
                $"simulated/{keV}_keV/{name}/simulated_{name}_{keV}_keV_run{seed}_ev{firstImage + int64 i}.png") kinds energiesKeV

        RecoilSimulation(pixels, simulator.Size, kinds, energiesKeV, paths)

    /// `perClass` images of each kind and energy, class after class.
    member simulator.SimulateClasses(perClass: int, energiesKeV: float[], seed: int64) : RecoilSimulation =
        let kinds = [ Recoil.Electron; Recoil.Nuclear ]
        let classes = [| for kind in kinds do for energy in energiesKeV do for _ in 1..perClass -> kind, energy |]
        simulator.Simulate(Array.map fst classes, Array.map snd classes, seed, 0L, CancellationToken.None)
