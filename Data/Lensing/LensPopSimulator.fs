namespace Hybrid.Data.Lensing

open System
open System.Threading
open Hybrid.Data.Statistics

/// What a LensPop-like simulation shall look like.
[<Sealed>]
type LensPopOptions() =
    /// Bands that the catalogue has magnitudes in, in this order in the images; all of one pixel scale.
    member val Bands: SurveyBand[] = Surveys.DesCoadds with get, set
    member val Height = 45 with get, set
    member val Width = 45 with get, set
    /// Points a pixel each way, as lenstronomy samples; 0: pixels hold the light that falls into them (ImageGrid.Integrated).
    member val Supersampling = 0 with get, set
    /// Share of images with a lens; the others show the foreground galaxy and, unlensed, the same kind of background galaxy at a random
    /// place, or an impostor.
    member val LensFraction = 0.5 with get, set
    /// Share of the images without a lens that show spiral arms, a ring, a merger or an artefact, each as often.
    member val ImpostorShare = 0.5 with get, set
    /// Which lenses and impostors are drawn: those that are seen. ArcSelection.All takes them as the catalogue has them; in its forecast
    /// for the Dark Energy Survey the median source is six magnitudes below its lens, so that most arcs are lost in the galaxy's light.
    member val Selection = ArcSelection.Visible with get, set
    /// An impostor has this many times the flux of the source that is drawn for it, as a lens would give it: the ends of a uniform draw.
    member val LeastImpostorFlux = 3.0 with get, set
    member val LargestImpostorFlux = 12.0 with get, set
    /// Rows of the catalogue outside this range of θ_E (arcsec) are not drawn. The Einstein-radius work's range.
    member val LeastThetaE = 0.3 with get, set
    member val LargestThetaE = 2.5 with get, set
    /// Deviation of each component of the external shear.
    member val ShearDeviation = 0.03 with get, set
    /// Draw the light of the foreground galaxy.
    member val ForegroundLight = true with get, set
    member val Noise = true with get, set

/// Images of lenses drawn from a forecast catalogue: SIE and shear, a Sérsic galaxy of index 4 in front and one of index 1 behind,
/// Gaussian PSF, sky, read and photon noise. Label 1: lens, 0: none, of the kind that the parameter 'nonLens' says; target: θ_E.
[<Sealed>]
type LensPopSimulator(catalogue: LensPopRow[], options: LensPopOptions) =

    let bands = options.Bands
    let known = if catalogue.Length > 0 then catalogue[0].Bands else [||]
    let magnitudeOf = bands |> Array.map (fun band -> Array.IndexOf(known, band.Name))

    do
        if bands.Length = 0 then
            invalidArg (nameof options) "LensPopSimulator: expected at least one band, got none."

        if catalogue.Length = 0 then
            invalidArg (nameof catalogue) "LensPopSimulator: expected at least one lens, got none."

        for row in catalogue do
            if row.Bands <> known then
                invalidArg (nameof catalogue) "LensPopSimulator: expected one catalogue, got rows with magnitudes in different bands."

        for band, place in Array.zip bands magnitudeOf do
            if place < 0 then
                let list = String.Join(", ", known)
                invalidArg (nameof options) $"LensPopSimulator: the catalogue has magnitudes in {list}; got band '{band.Name}'."

            if band.PixelScale <> bands[0].PixelScale then
                invalidArg (nameof options) $"LensPopSimulator: expected one pixel scale, got {bands[0].PixelScale} in {bands[0].Name} \
                    and {band.PixelScale} in {band.Name}."

        for what, share in [ "a lens fraction", options.LensFraction; "an impostor share", options.ImpostorShare ] do
            if not (share >= 0.0 && share <= 1.0) then
                invalidArg (nameof options) $"LensPopSimulator: expected {what} in [0, 1], got {share}."

        if options.Supersampling < 0 then
            invalidArg (nameof options) $"LensPopSimulator: expected a supersampling ≥ 0, got {options.Supersampling}."

    let rows = catalogue |> Array.filter (fun row -> row.ThetaE >= options.LeastThetaE && row.ThetaE <= options.LargestThetaE)

    do
        if rows.Length = 0 then
            invalidArg (nameof catalogue) $"LensPopSimulator: none of {catalogue.Length} lenses has θ_E in [{options.LeastThetaE}, \
                {options.LargestThetaE}] arcsec."

    let camera = {
        Grid =
            (if options.Supersampling = 0 then ImageGrid.Integrated(options.Height, options.Width, bands[0].PixelScale)
             else ImageGrid(options.Height, options.Width, bands[0].PixelScale, options.Supersampling))
        BandNames = bands |> Array.map _.Name
        ZeroPoints = bands |> Array.map _.ZeroPoint
        Foreground = [||]
        Psfs = bands |> Array.map (fun band -> PointSpread.Gaussian(band.Seeing, band.PixelScale, 5.0))
        Background = bands |> Array.map _.BackgroundDeviation
        PhotonTime = bands |> Array.map _.TotalTime
        HasNoise = options.Noise
        // A catalogue of one band is judged in it.
        Selection =
            (if bands.Length > 1 then options.Selection
             else ArcSelection(bands[0].Name, options.Selection.LeastSignalToNoise, options.Selection.LeastContrast))
    }

    let draw (ofKind: SeededRandom) (random: SeededRandom) =
        let isLens = ofKind.Chance options.LensFraction
        let row = rows[random.Next rows.Length]
        let angle = random.Uniform(0.0, Math.PI)
        let { E1 = e1; E2 = e2 } = LightProfile.Ellipticity(row.LensAxisRatio, angle)
        let g1, g2 = options.ShearDeviation * random.NextNormal(), options.ShearDeviation * random.NextNormal()
        // The source turns with the lens, so that orientations are isotropic.
        let turn = random.Uniform(0.0, 2.0 * Math.PI)
        let c, s = cos turn, sin turn
        let sourceX, sourceY = c * row.SourceX - s * row.SourceY, s * row.SourceX + c * row.SourceY
        let { E1 = se1; E2 = se2 } = LightProfile.Ellipticity(row.SourceAxisRatio, row.SourceAngle * Math.PI / 180.0 + turn)
        let fieldX = random.Uniform(-0.5, 0.5) * float options.Width * bands[0].PixelScale
        let fieldY = random.Uniform(-0.5, 0.5) * float options.Height * bands[0].PixelScale
        let x, y = if isLens then sourceX, sourceY else fieldX, fieldY
        let kind = if isLens then NonLens.Plain else Impostor.DrawKind(ofKind, options.ImpostorShare)
        let isImpostor = kind <> NonLens.Plain
        let boost = if isImpostor then random.Uniform(options.LeastImpostorFlux, options.LargestImpostorFlux) else 1.0
        let source = LightProfile(1.0, row.SourceRadius, 1.0, se1, se2, x, y)
        let light = LightProfile(1.0, row.LensRadius, 4.0, e1, e2, 0.0, 0.0)
        let flux (profile: LightProfile) (magnitudes: float[]) =
            (bands, magnitudeOf) ||> Array.map2 (fun (band: SurveyBand) place -> band.CountRate magnitudes[place] / profile.TotalFlux)


        {
            Scene =
                LensScene(
                    (if isLens then [| LensProfile.Sie(row.ThetaE, e1, e2, 0.0, 0.0); LensProfile.Shear(g1, g2) |] else [||]),
                    (if isImpostor then [||] else [| source |]),
                    (if options.ForegroundLight then [| light |] else [||])
                )
            Real = ValueNone
            SourceFlux =
                (if isImpostor then
                     (bands, magnitudeOf) ||> Array.map2 (fun band place -> boost * band.CountRate row.SourceMagnitudes[place])
                 else
                     flux source row.SourceMagnitudes)
            Impostor = (if isImpostor then ValueSome(Impostor.Draw(kind, random, bands.Length, 0.0, 0.0)) else ValueNone)
            IsJudged = isLens || isImpostor
            LensFlux = flux light row.LensMagnitudes
            Label = (if isLens then 1 else 0)
            Target = (if isLens then row.ThetaE else 0.0)
            Parameters = [| (if isLens then row.ThetaE else 0.0); e1; e2; g1; g2; x; y; row.SourceRadius; row.LensRadius; row.LensRedshift;
                            row.SourceRedshift; (if isLens then nan else float (int kind)) |]
        }

    static member val ParameterNames = [| "thetaE"; "e1"; "e2"; "gamma1"; "gamma2"; "sourceX"; "sourceY"; "sourceRadius"; "lensRadius";
                                          "lensRedshift"; "sourceRedshift"; "nonLens" |]

    /// Images firstImage, firstImage + 1, …; each depends on the seed and its number only.
    member _.Simulate(count: int, seed: int64, firstImage: int64, cancellation: CancellationToken) : LensSimulation =
        LensSimulationRunner.run camera LensPopSimulator.ParameterNames draw count seed firstImage cancellation

    member simulator.Simulate(count: int, seed: int64) : LensSimulation = simulator.Simulate(count, seed, 0L, CancellationToken.None)
