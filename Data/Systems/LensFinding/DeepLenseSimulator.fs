namespace Hybrid.Data.Systems.LensFinding

open System
open System.Threading
open Hybrid.Data.Statistics
open Hybrid.Data.Lensing

/// Substructure of the dark halo.
type Substructure =
    | None = 0
    /// Cold dark matter: point-like subhaloes.
    | Cdm = 1
    /// A vortex of axion dark matter: mass on a line.
    | Vortex = 2

/// The instruments of DeepLenseSim's models.
type DeepLenseModel =
    /// 150 × 150 pixels of 0.05″, PSF 0.087″.
    | I = 1
    /// Euclid VIS, 64 × 64.
    | II = 2
    /// HST WFC3 F160W, 64 × 64.
    | III = 3
    /// Three bands (g, r, i) of Euclid VIS, 64 × 64: real galaxies as sources, and the light of the lens in front.
    | IV = 4

[<Sealed>]
type DeepLenseOptions() =
    member val Model = DeepLenseModel.I with get, set
    /// The classes to draw, each as likely; labels are the enumeration's numbers.
    member val Classes: Substructure[] = [| Substructure.None; Substructure.Cdm; Substructure.Vortex |] with get, set
    /// As the published data were made: luminosity distances in θ_E, always 25 subhaloes, photon noise twice in Model I, twice the light
    /// and no noise in Models II and III, images clipped at 0 and divided by their largest value in Model IV. Otherwise angular-diameter
    /// distances, a Poisson number of subhaloes, noise once, electrons a second.
    member val Legacy = false with get, set
    /// Solar masses of the main halo; Model IV has θ_E = 1.5″ instead.
    member val HaloMass = 1e12 with get, set
    /// The galaxies behind the lens in Model IV, each with magnitudes in g, r and i. The original takes 256 × 256 pixels of unbarred
    /// spirals at 0.0025″ with the magnitudes of DeepLenseSimulator.SourceMagnitudes.
    member val Sources: RealSource[] = [||] with get, set
    member val LensRedshift = 0.5 with get, set
    member val SourceRedshift = 1.0 with get, set
    /// (Expected) number of subhaloes.
    member val Subhaloes = 25 with get, set
    /// Solar masses of the vortex.
    member val VortexMass = 3e10 with get, set

/// Images of DeepLenseSim's kind: a SIE with shear, subhaloes or a vortex, and a Sérsic source (Model IV: a real galaxy). Target: θ_E of
/// the main halo; the parameter 'axionMass' is log10 of the mass in eV, NaN without a vortex.
[<Sealed>]
type DeepLenseSimulator(options: DeepLenseOptions) =

    let isModelI = options.Model = DeepLenseModel.I
    let isModelIV = options.Model = DeepLenseModel.IV

    do
        if options.Classes.Length = 0 then
            invalidArg (nameof options) "DeepLenseSimulator: expected at least one class, got none."

        if not (Enum.IsDefined options.Model) then
            invalidArg (nameof options) $"DeepLenseSimulator: expected Model I to IV, got {options.Model}."

        if isModelIV && options.Sources.Length = 0 then
            invalidArg (nameof options) "DeepLenseSimulator: Model IV lenses real galaxies: expected Sources, got none."

        for source in options.Sources do
            if isModelIV && source.Bands <> 3 then
                invalidArg (nameof options) $"DeepLenseSimulator: expected sources with magnitudes in g, r and i, got {source.Bands} \
                    ('{source.Name}')."

    let cosmology = FlatCosmology.Standard
    let radiusOf mass = cosmology.EinsteinRadius(mass, options.LensRedshift, options.SourceRedshift, options.Legacy)
    // θ_E grows with the root of the mass: one integration serves all.
    let unitRadius = radiusOf 1.0
    let thetaE = if isModelIV then 1.5 else unitRadius * sqrt options.HaloMass

    let bands =
        match options.Model with
        | DeepLenseModel.II -> [| Surveys.EuclidVis |]
        | DeepLenseModel.III -> [| Surveys.HstF160W |]
        | DeepLenseModel.IV -> Array.create 3 Surveys.EuclidVis
        | _ -> [| SurveyBand("I", 0.05, 0.0, 1.0, 1000.0, 1, 25.0, 99.0, 0.087) |]

    let band = bands[0]
    let size = if isModelI then 150 else 64
    let grid = ImageGrid(size, size, band.PixelScale, 1)

    // Model I's noise depends on the exposure, drawn image by image: added afterwards.
    let isSilent = isModelI || (options.Legacy && not isModelIV)

    /// Model IV's lens: a bright core and a faint disc, of magnitudes in g, r and i.
    let foreground =
        let light magnitude radius index e2 = LightProfile.OfMagnitude(magnitude, band.ZeroPoint, radius, index, 0.0, e2, 0.0, 0.0)

        let plane core =
            let source, lens = Array.zeroCreate<float32> grid.PlaneLength, Array.zeroCreate<float32> grid.PlaneLength
            LensRenderer(grid, 1).Light(LensScene([||], [||], [| light core 0.4 2.3 0.05; light 28.0 1.5 1.2 0.3 |]), source, lens)
            lens

        if isModelIV then Array.map plane [| 17.0; 18.0; 19.0 |] else [||]

    let camera = {
        Grid = grid
        BandNames = (if isModelIV then [| "g"; "r"; "i" |] else [| band.Name |])
        ZeroPoints = bands |> Array.map _.ZeroPoint
        Foreground = foreground
        Psfs = bands |> Array.map (fun band -> PointSpread.Gaussian(band.Seeing, band.PixelScale, (if isModelI then 3.0 else 5.0)))
        Background = bands |> Array.map (fun band -> if isSilent then 0.0 else band.BackgroundDeviation)
        PhotonTime = bands |> Array.map (fun band -> if isSilent then infinity else band.TotalTime)
        HasNoise = true
        Selection = ArcSelection.All
    }

    /// Masses with dn/dm ∝ m^−1.9 between 1e6 and 1e10, at radii U(0.25, 2)″.
    let subhaloes (random: SeededRandom) =
        let count = if options.Legacy then options.Subhaloes else int (random.NextPoisson(float options.Subhaloes))
        let low, high = 1e6 ** 0.1, 1e10 ** 0.1

        Array.init count (fun _ ->
            let mass = (low + (high - low) * random.NextDouble()) ** 10.0
            let r, phi = random.Uniform(0.25, 2.0), random.Uniform(0.0, 2.0 * Math.PI)
            LensProfile.PointMass(unitRadius * sqrt mass, r * cos phi, r * sin phi))

    /// A hundred point masses on a line through the centre, of half-length 0.06/(2m) · 1e-22″.
    let vortex (random: SeededRandom) logMass =
        let half = 0.06 / (2.0 * 10.0 ** logMass) * 1e-22
        let phi = random.Uniform(0.0, 2.0 * Math.PI)

        Array.init 100 (fun i ->
            let at = -half + 2.0 * half * float i / 99.0
            LensProfile.PointMass(unitRadius * sqrt (options.VortexMass / 100.0), at * cos phi, at * sin phi))

    let draw (_: SeededRandom) (random: SeededRandom) =
        let kind = options.Classes[random.Next options.Classes.Length]
        let reach = if isModelIV then 0.3 else 0.35
        let x, y = random.Uniform(-reach, reach), random.Uniform(-reach, reach)
        let logExposure = random.Uniform(3.0, 3.5)
        let logMass = if kind = Substructure.Vortex then random.Uniform(-24.0, -22.0) else nan

        let sub =
            match kind with
            | Substructure.Cdm -> subhaloes random
            | Substructure.Vortex -> vortex random logMass
            | _ -> [||]

        let real, sources =
            if isModelIV then
                ValueSome { Source = options.Sources[random.Next options.Sources.Length]; X = x; Y = y;
                            Turn = random.Uniform(-Math.PI, Math.PI) }, [||]
            else
                ValueNone, [| LightProfile(1.0, 0.25, 1.0, -0.1, 0.1, x, y) |]

        // The original adds the image of Models II and III to itself where it means its noise.
        let doubling = if options.Legacy then 2.0 else 1.0

        {
            Scene = LensScene(Array.append [| LensProfile.Sie(thetaE, (if isModelIV then 0.0 else 0.1), 0.0, 0.0, 0.0);
                                              LensProfile.Shear(0.05, 0.0) |] sub, sources, [||])
            Real = real
            SourceFlux =
              bands
              |> Array.map (fun band ->
                  if isModelI then 20.0
                  elif isModelIV then 0.0
                  else doubling * band.CountRate 20.0 / sources[0].TotalFlux)
            LensFlux = bands |> Array.map (fun _ -> 0.0)
            Impostor = ValueNone
            IsJudged = false
            Label = int kind
            Target = thetaE
            Parameters = [| x; y; float sub.Length; logMass; logExposure |]
        }

    let parallelOver count (change: int -> unit) = Tasks.Parallel.For(0, count, change) |> ignore

    static member val ParameterNames = [| "sourceX"; "sourceY"; "pointMasses"; "axionMass"; "logExposure" |]

    /// Magnitudes that the original gives every source of Model IV in g, r and i.
    static member SourceMagnitudes = [| 22.0; 19.0; 18.0 |]

    /// Einstein radius of the main halo, arcsec.
    member _.ThetaE = thetaE

    /// Images firstImage, firstImage + 1, … Model I gives counts, the others electrons a second (Model IV with Legacy: 0 to 1).
    member _.Simulate(count: int, seed: int64, firstImage: int64, cancellation: CancellationToken) : LensSimulation =
        let simulation = LensSimulationRunner.run camera DeepLenseSimulator.ParameterNames draw count seed firstImage cancellation

        if isModelI then
            // Counts of an exposure t: the image is Poisson(t · (model + background)), background of deviation 0.01 a second. The original
            // adds photon noise to the model before it draws photons once more.
            let pixels = simulation.Images.Pixels
            let plane = size * size

            parallelOver count (fun i ->
                let random = SeededRandom.For(seed, 3L, firstImage + int64 i)
                let t = 10.0 ** simulation.Parameters[i].[4]

                for p in i * plane .. (i + 1) * plane - 1 do
                    let model = float pixels[p]
                    let photon = if options.Legacy then sqrt (max model 0.0 / t) * random.NextNormal() else 0.0
                    pixels[p] <- float32 (random.NextPoisson(max 0.0 (t * (model + photon + 0.01 * random.NextNormal())))))

        if isModelIV && options.Legacy then
            let pixels = simulation.Images.Pixels
            let length = simulation.Images.ImageSize

            parallelOver count (fun i ->
                let image = pixels.AsSpan(i * length, length)
                let largest = Numerics.Tensors.TensorPrimitives.Max(Span.op_Implicit image: ReadOnlySpan<float32>)

                for p in 0 .. length - 1 do
                    image[p] <- max 0f image[p] / largest)

        simulation

    member simulator.Simulate(count: int, seed: int64) : LensSimulation = simulator.Simulate(count, seed, 0L, CancellationToken.None)
