namespace Hybrid.Data.Lensing

open System

/// One band of a survey: what turns magnitudes into counts per second, and what noise they carry.
[<Sealed>]
type SurveyBand
    (
        name: string,
        pixelScale: float,
        readNoise: float,
        gain: float,
        exposureTime: float,
        exposures: int,
        zeroPoint: float,
        skyBrightness: float,
        seeing: float
    ) =
    do
        for what, v in [ "pixelScale", pixelScale; "exposureTime", exposureTime; "gain", gain ] do
            if not (v > 0.0) then
                raise (ArgumentOutOfRangeException(what, v, $"SurveyBand '{name}': expected {what} > 0, got {v}."))

        if not (readNoise >= 0.0 && seeing >= 0.0) || exposures < 1 then
            invalidArg (nameof readNoise) $"SurveyBand '{name}': expected read noise and seeing ≥ 0 and at least one exposure, got \
                {readNoise}, {seeing} and {exposures}."

    member _.Name = name
    /// Arcsec a pixel.
    member _.PixelScale = pixelScale
    /// Electrons, deviation.
    member _.ReadNoise = readNoise
    /// Electrons a count.
    member _.Gain = gain
    /// Seconds of one exposure.
    member _.ExposureTime = exposureTime
    member _.Exposures = exposures
    /// Magnitude of one electron a second.
    member _.ZeroPoint = zeroPoint
    /// Magnitude of the sky per arcsec².
    member _.SkyBrightness = skyBrightness
    /// Full width at half maximum of the PSF, arcsec.
    member _.Seeing = seeing
    /// Seconds of all exposures.
    member _.TotalTime = float exposures * exposureTime

    /// Deviation of the background a pixel, electrons/s: √(n RN² + T sky pix²)/T.
    member band.BackgroundDeviation : float =
        let sky = 10.0 ** (-0.4 * (skyBrightness - zeroPoint))
        sqrt (float exposures * readNoise * readNoise + band.TotalTime * sky * pixelScale * pixelScale) / band.TotalTime

    /// Electrons a second of a magnitude.
    member _.CountRate(magnitude: float) : float = 10.0 ** (-0.4 * (magnitude - zeroPoint))

/// Surveys as lenstronomy 1.14.2 and LensPop state them.
[<AbstractClass; Sealed>]
type Surveys =

    static member private Bands(prefix: string, pixelScale, readNoise, gain, rows: (string * float * int * float * float * float) list) =
        rows
        |> List.map (fun (band, time, exposures, zeroPoint, sky, seeing) ->
            SurveyBand(prefix + band, pixelScale, readNoise, gain, time, exposures, zeroPoint, sky, seeing))
        |> Array.ofList

    /// Dark Energy Survey g, r, i, z, Y.
    static member Des : SurveyBand[] =
        Surveys.Bands("", 0.263, 7.0, 4.0, [
            "g", 90.0, 10, 26.58, 22.01, 1.12
            "r", 90.0, 10, 26.78, 21.15, 0.96
            "i", 90.0, 10, 26.75, 19.89, 0.88
            "z", 90.0, 10, 26.48, 18.72, 0.84
            "Y", 45.0, 10, 25.40, 17.96, 0.90
        ])

    /// The Dark Energy Survey's coadds as they are, g, r, i: four exposures, where the plan that Des states has ten, and the sky that
    /// leaves the backgrounds seen in real cut-outs, 2.7, 3.8 and 6.7 at zero point 30 (Des: 1.8, 2.3, 4.1).
    static member DesCoadds : SurveyBand[] =
        Surveys.Bands("", 0.263, 7.0, 4.0, [
            "g", 90.0, 4, 26.58, 22.102, 1.12
            "r", 90.0, 4, 26.78, 21.074, 0.96
            "i", 90.0, 4, 26.75, 19.843, 0.88
        ])

    /// LSST u, g, r, i, z, y after ten years.
    static member Lsst : SurveyBand[] =
        Surveys.Bands("", 0.2, 10.0, 2.3, [
            "u", 15.0, 140, 26.5, 22.99, 0.81
            "g", 15.0, 200, 28.30, 22.26, 0.77
            "r", 15.0, 460, 28.13, 21.2, 0.73
            "i", 15.0, 460, 27.79, 20.48, 0.71
            "z", 15.0, 400, 27.40, 19.6, 0.69
            "y", 15.0, 400, 26.58, 18.61, 0.68
        ])

    static member EuclidVis : SurveyBand = SurveyBand("VIS", 0.101, 4.2, 3.1, 566.0, 4, 25.72, 22.3, 0.16)

    /// Euclid Y, J, H.
    static member EuclidNisp : SurveyBand[] =
        Surveys.Bands("", 0.3, 6.1, 3.1, [
            "Y", 87.2, 4, 25.04, 22.1, 0.48
            "J", 87.2, 4, 25.26, 22.2, 0.49
            "H", 87.2, 4, 25.21, 22.3, 0.50
        ])

    static member HstF160W : SurveyBand = SurveyBand("F160W", 0.08, 4.0, 2.5, 5400.0, 1, 25.96, 22.3, 0.08)

    /// LensPop's DES g, r, i: 900 s, zero point 30 a 90 s exposure.
    static member LensPopDes : SurveyBand[] =
        // A zero point per 90 s is 2.5 log10 90 above the one per second.
        let perSecond = 30.0 - 2.5 * log10 90.0
        Surveys.Bands("", 0.263, 10.0 / 4.5, 4.5, [
            "g", 90.0, 10, perSecond, 21.7, 0.9
            "r", 90.0, 10, perSecond, 20.7, 0.9
            "i", 90.0, 10, perSecond, 20.1, 0.9
        ])

    /// LensPop's Euclid.
    static member LensPopEuclid : SurveyBand = SurveyBand("VIS", 0.1, 4.5, 1.0, 1610.0, 1, 25.5, 22.2, 0.2)
