namespace Hybrid.Data.Systems.EinsteinRadius

open System
open System.Threading
open Hybrid.Data
open Hybrid.Data.Images
open Hybrid.Data.Lensing
open Hybrid.Data.Statistics

/// Simulated lenses of three surveys, each brought to the common form of this system: bands g, r and i, 0.263″ a pixel, zero point 30.
/// Radii are spread evenly over 0.3″ to 2.5″ (LabelDensity).
/// des, euclid : LensPop's forecasts with magnitudes in g, r, i and in VIS;  size : pixels each way of the results.
[<Sealed>]
type RadiusSimulations(des: LensPopRow[], euclid: LensPopRow[], size: int) =

    static let even (rows: LensPopRow[]) =
        let rows = rows |> Array.filter (fun row -> row.ThetaE >= 0.3 && row.ThetaE <= 2.5)
        LabelDensity.Even(rows, _.ThetaE, 23, 20)

    // Of every arc that can be measured, not only of those that a person would call a lens.
    static let selection band = ArcSelection(band, 10.0, 0.2)

    // Euclid sees sources that are lost in DES's noise and in their lens once they are brought there: those within three magnitudes of it,
    // magnified, are kept.
    static let isBright (row: LensPopRow) =
        row.SourceMagnitudes[0] - 2.5 * log10 (max 1.0 row.Magnification) <= row.LensMagnitudes[0] + 3.0

    let des, euclid = even des, even (euclid |> Array.filter isBright)

    let options bands pixels =
        LensPopOptions(Bands = bands, Height = pixels, Width = pixels, LensFraction = 1.0, Selection = selection bands[0].Name)

    let lensPop = LensPopSimulator(des, options Surveys.DesCoadds size)

    /// A ground-based survey with smaller pixels and sharper images than DES, as the first lens finding challenge has them: 101 pixels of
    /// 0.2″, seeing of 0.65″ to 0.9″.
    static member GroundBands : SurveyBand[] =
        [| "g", 0.85, 22.0; "r", 0.70, 21.2; "i", 0.78, 20.0 |]
        |> Array.map (fun (name, seeing, sky) ->
            let des = Surveys.DesCoadds |> Array.find (fun band -> band.Name = name)
            SurveyBand(name, 0.2, 7.0, 4.0, 360.0, 5, des.ZeroPoint, sky, seeing))

    static member val private GroundPixels = 101
    /// The original's cut of the challenge's images.
    static member val private GroundCut = 76
    /// Pixels that the challenge masks hold exactly this.
    static member val Masked = 100f

    /// Euclid's near-infrared magnitudes of a VIS magnitude: colours of old galaxies for lenses, of young ones for sources.
    static member private Infrared(random: SeededRandom, isLens: bool, vis: float) : float[] =
        let first, second, third = if isLens then 0.75, 0.30, 0.28 else 0.25, 0.10, 0.10
        let spread = if isLens then 0.08 else 0.25
        let y = vis - first - spread * random.NextNormal()
        let j = y - second - spread * random.NextNormal()
        [| vis; y; j; j - third - spread * random.NextNormal() |]

    member private _.Ground = LensPopSimulator(des, options RadiusSimulations.GroundBands RadiusSimulations.GroundPixels)

    /// Simulated Dark Energy Survey, as LensPop forecasts it.
    member _.LensPop(count: int, seed: int64, first: int64, cancellation: CancellationToken) : LensSimulation =
        lensPop.Simulate(count, seed, first, cancellation)

    /// As the first challenge's files hold them: 101 pixels, bands g, r, i, every tenth image with a masked block of pixels of 100.
    member simulations.Challenge1Raw(count: int, seed: int64, first: int64, cancellation: CancellationToken) : LensSimulation =
        let made = simulations.Ground.Simulate(count, seed, first, cancellation)
        let images = made.Images

        for i in 0 .. count - 1 do
            let random = SeededRandom.For(seed, 21L, first + int64 i)

            if random.Chance 0.1 then
                let side = 4 + random.Next 12
                let top, left = random.Next(images.Height - side), random.Next(images.Width - side)
                let band = random.Next images.BandCount

                for row in top .. top + side - 1 do
                    let start = i * images.ImageSize + band * images.PlaneSize + row * images.Width + left
                    Array.fill images.Pixels start side RadiusSimulations.Masked

        made

    /// Images of a ground-based survey in the common form: masked pixels become 0, 76 pixels (77 of an odd number, so that the middle stays)
    /// are cut, the pixel scale of 0.2″ is brought to DES's.
    static member OfGround(images: ImageSet, size: int) : ImageSet =
        let unmasked = Intensity.ReplaceMarked(images, RadiusSimulations.Masked, 0f)
        let cut = min (min images.Height images.Width) (RadiusSimulations.GroundCut + images.Height % 2)
        let cropped = Geometry.CentreCrop(unmasked, cut, cut)
        let cropped = ImageSet(cropped.Pixels, cropped.Bands, cut, cut, images.ZeroPoints)
        RadiusScales.To(cropped, 0.2, DesGalaxies.PixelScale, size).ToZeroPoint DesGalaxies.ZeroPoint

    /// The first challenge's images in the common form (OfGround).
    member simulations.Challenge1(count: int, seed: int64, first: int64, cancellation: CancellationToken) : struct (ImageSet * float[]) =
        let made = simulations.Challenge1Raw(count, seed, first, cancellation)
        struct (RadiusSimulations.OfGround(made.Images, size), made.Targets)

    /// As the second challenge's files hold them, and the radii: VIS in 200 pixels of 0.1″ (Euclid's 0.101″), Y, J and H in 66 of 0.3″.
    member _.Challenge2Raw(count: int, seed: int64, first: int64, cancellation: CancellationToken) : struct (ImageSet * ImageSet * float[]) =
        // One band's simulator draws the same lens as the other's where all else is the same: image i depends on the seed and i.
        let rows =
            euclid
            |> Array.mapi (fun i row ->
                let random = SeededRandom.For(seed, 22L, int64 i)
                let lens = RadiusSimulations.Infrared(random, true, row.LensMagnitudes[0])
                let source = RadiusSimulations.Infrared(random, false, row.SourceMagnitudes[0])
                row.WithMagnitudes([| "VIS"; "Y"; "J"; "H" |], lens, source))

        // Nothing is left out by one camera that the other keeps: the same draws make both.
        let simulate bands pixels =
            let options = options bands pixels
            options.Selection <- ArcSelection.All
            LensPopSimulator(rows, options).Simulate(count, seed, first, cancellation)

        let vis = simulate [| Surveys.EuclidVis |] 200
        let infrared = simulate Surveys.EuclidNisp 66
        struct (vis.Images, infrared.Images, vis.Targets)

    /// What makes a Euclid band look like one of DES, and the band's images in the common form but for noise.
    static member private Matched(images: ImageSet, survey: SurveyBand, target: SurveyBand, factor: float, matched: bool, size: int) =
        let images = images.ToZeroPoint DesGalaxies.ZeroPoint
        let images = if matched then Blur.MatchGaussian(images, survey.Seeing, target.Seeing, survey.PixelScale) else images
        let scaled = images.Pixels |> Array.map (fun value -> float32 (factor * float value))
        let images = ImageSet(scaled, images.Bands, images.Height, images.Width, [| DesGalaxies.ZeroPoint |])
        RadiusScales.To(images, survey.PixelScale, DesGalaxies.PixelScale, size)

    /// Images of Euclid in the common form, by wavelength: VIS for g, Y for r, H for i. Each band is blurred to DES's seeing,
    /// brought to its pixel scale and to the mean colours of DES's lenses, and given as much further noise as brings it to that of the
    /// coadds; without that step the images are sharper and quieter than any of the survey's.
    /// vis : of any size, 0.101″ a pixel;  infrared : bands Y and H among others, 0.3″ a pixel;  seed, first : of the noise, and the number
    /// of the first image;  matched : false leaves out blur, colours and noise, and keeps the pixel scale alone.
    member _.OfEuclid(vis: ImageSet, infrared: ImageSet, seed: int64, first: int64, matched: bool) : ImageSet =
        let desOf = Array.init 3 (fun band -> des |> Array.averageBy (fun row -> row.LensMagnitudes[band]))
        // Mean colours of Infrared's lenses, less that of Y.
        let ownOf = [| 0.75; 0.0; -0.30 - 0.28 |]

        let plane (band: int) =
            let images = if band = 0 then vis else infrared.SelectBands(if band = 1 then "Y" else "H")
            let survey = if band = 0 then Surveys.EuclidVis else (Surveys.EuclidNisp |> Array.find (fun b -> b.Name = images.Bands[0]))
            let target = Surveys.DesCoadds[band]
            let factor = if matched then 10.0 ** (0.4 * (ownOf[band] - (desOf[band] - desOf[1]))) else 1.0
            let common = RadiusSimulations.Matched(images, survey, target, factor, matched, size)

            // What the band's own noise has become: a blank image's.
            let own =
                lazy (
                    let random = SeededRandom.For(7L, int64 band)
                    let side = images.Height
                    let blank = Array.init (side * side) (fun _ -> float32 (survey.BackgroundDeviation * random.NextNormal()))
                    let blank = ImageSet(blank, images.Bands, side, side, [| survey.ZeroPoint |])
                    let common = RadiusSimulations.Matched(blank, survey, target, factor, true, size)
                    (BandStatistics.MeanAndDeviation(ReadOnlySpan common.Pixels)).Deviation)

            let noise =
                if matched then
                    let wanted = target.BackgroundDeviation * 10.0 ** (0.4 * (DesGalaxies.ZeroPoint - target.ZeroPoint))
                    sqrt (max 0.0 (wanted * wanted - own.Value * own.Value))
                else
                    0.0

            let pixels = Array.zeroCreate<float32> common.Pixels.Length

            for i in 0 .. vis.Count - 1 do
                let random = SeededRandom.For(seed, 23L + int64 band, first + int64 i)

                for p in i * common.ImageSize .. (i + 1) * common.ImageSize - 1 do
                    pixels[p] <- float32 (float common.Pixels[p] + noise * random.NextNormal())

            ImageSet(pixels, [| DesGalaxies.Bands[band] |], size, size, [| DesGalaxies.ZeroPoint |])

        let planes = Array.init 3 plane
        planes[0].AppendBands(planes[1]).AppendBands planes[2]

    /// The second challenge's images in the common form (OfEuclid).
    member simulations.Challenge2(count: int, seed: int64, first: int64, matched: bool, cancellation: CancellationToken)
        : struct (ImageSet * float[]) =
        let struct (vis, infrared, radii) = simulations.Challenge2Raw(count, seed, first, cancellation)
        struct (simulations.OfEuclid(vis, infrared, seed, first, matched), radii)
