namespace Hybrid.Data.Systems.Blase

open System

/// What an SED's νF_ν is before anyone observes it: a curve over log10 ν, and where its synchrotron peak lies.
[<Sealed>]
type SedModel private (curve: Func<float, float>, peakFrequency: float, peakFlux: float) =

    static let sumOfPowers (a: float) (b: float) =
        let high, low = max a b, min a b
        if Double.IsNegativeInfinity low then high else high + log10 (1.0 + 10.0 ** (low - high))

    /// log10 νF_ν (erg/cm²/s) at log10 ν (Hz), observed frame; −∞ where there is nothing.
    member _.LogFlux(logFrequency: float) : float = curve.Invoke logFrequency
    /// log10 of the synchrotron peak's frequency, Hz.
    member _.PeakFrequency = peakFrequency
    /// log10 of νF_ν there.
    member _.PeakFlux = peakFlux

    /// Two log-parabolas: y = y_peak − b (log ν − log ν_peak)².
    static member LogParabolas
        (
            synchrotronPeak: float,
            synchrotronFlux: float,
            synchrotronCurvature: float,
            comptonPeak: float,
            comptonFlux: float,
            comptonCurvature: float
        ) =
        if not (synchrotronCurvature > 0.0 && comptonCurvature > 0.0) then
            invalidArg (nameof synchrotronCurvature) $"SedModel.LogParabolas: expected curvatures > 0, got {synchrotronCurvature} and \
                {comptonCurvature}."

        let curve x =
            sumOfPowers
                (synchrotronFlux - synchrotronCurvature * (x - synchrotronPeak) ** 2.0)
                (comptonFlux - comptonCurvature * (x - comptonPeak) ** 2.0)

        SedModel(Func<_, _> curve, synchrotronPeak, synchrotronFlux)

    /// The places of the peaks that stand out by `prominence` (dex) on both sides, in order. Spectra of leptonic models have a synchrotron
    /// and one or more Compton humps, and small ripples.
    static member Peaks(values: float[], prominence: float) : int[] =
        let found = ResizeArray<int>()
        let mutable best = -1
        let mutable lowest = infinity
        let mutable highest = -infinity

        for i in 0 .. values.Length - 1 do
            let v = values[i]

            if best < 0 || v > highest then
                if v - lowest >= prominence then
                    best <- i
                    highest <- v
            elif highest - v >= prominence then
                found.Add best
                best <- -1
                lowest <- v
                highest <- -infinity

            lowest <- min lowest v

        found.ToArray()

    /// The first of them; −1 when there is none.
    static member FirstPeak(values: float[], prominence: float) : int =
        match SedModel.Peaks(values, prominence) with
        | [||] -> -1
        | found -> found[0]

    /// A physical spectrum on an even grid: log10 x²n over log10 x, x = hν/(m_e c²), moved into the observed frame by the Doppler factor
    /// and redshift and to the wanted flux at its synchrotron peak. Values of −30 and below mean nothing is emitted.
    /// firstLogX, lastLogX : the grid's ends (−15 and 10 in the leptonic set);  dopplerFactor/(1 + redshift) shifts the frequency.
    static member OfSpectrum
        (
            logSpectrum: float[],
            firstLogX: float,
            lastLogX: float,
            dopplerFactor: float,
            redshift: float,
            peakFlux: float
        ) =
        if logSpectrum.Length < 3 || not (lastLogX > firstLogX) then
            invalidArg (nameof logSpectrum) $"SedModel.OfSpectrum: expected at least three points on a rising grid, got \
                {logSpectrum.Length} from {firstLogX} to {lastLogX}."

        if not (dopplerFactor > 0.0 && redshift >= 0.0) then
            invalidArg (nameof dopplerFactor) $"SedModel.OfSpectrum: expected a Doppler factor > 0 and a redshift ≥ 0, got \
                {dopplerFactor} and {redshift}."

        let peak = SedModel.FirstPeak(logSpectrum, 0.2)

        if peak < 0 then
            invalidArg (nameof logSpectrum) "SedModel.OfSpectrum: the spectrum has no synchrotron peak that stands out by 0.2 dex."

        // m_e c²/h in Hz.
        let shift = log10 1.2356e20 + log10 (dopplerFactor / (1.0 + redshift))
        let step = (lastLogX - firstLogX) / float (logSpectrum.Length - 1)
        let lift = peakFlux - logSpectrum[peak]

        let curve x =
            let position = (x - shift - firstLogX) / step
            let i = int (floor position)

            if i < 0 || i + 1 >= logSpectrum.Length || logSpectrum[i] <= -30.0 || logSpectrum[i + 1] <= -30.0 then
                Double.NegativeInfinity
            else
                let t = position - float i
                (1.0 - t) * logSpectrum[i] + t * logSpectrum[i + 1] + lift

        SedModel(Func<_, _> curve, firstLogX + float peak * step + shift, peakFlux)

    /// The same jet with the light of its host galaxy and of an accretion disc: narrow humps at 10^14.2 Hz (a giant elliptical's stars) and
    /// 10^15.2 Hz (a disc of some 30,000 K). The synchrotron peak stays the jet's.
    /// hostFlux, discFlux : log10 νF_ν at their peaks; −∞ leaves one out.
    member _.WithThermalLight(hostFlux: float, discFlux: float) =
        let hump (centre: float) (width: float) flux x =
            if Double.IsNegativeInfinity flux then flux else flux - ((x - centre) / width) ** 2.0

        SedModel(Func<_, _>(fun x -> sumOfPowers (curve.Invoke x) (sumOfPowers (hump 14.2 0.35 hostFlux x) (hump 15.2 0.45 discFlux x))),
                 peakFrequency, peakFlux)

    /// The same jet with its radio light, which the compact zone that makes the peaks is opaque to: a core of nearly flat spectrum that
    /// becomes transparent near 10^12.3 Hz, and lobes of a steep spectrum that are faint above 10^11.5 Hz.
    ///   νF_ν of the core ∝ ν^(1−α) exp(−ν/10^12.3 Hz), of the lobes ∝ ν^0.25 exp(−ν/10^11.5 Hz)
    /// Below `opaqueBelow` (log10 Hz) the zone absorbs its own light: its νF_ν falls as ν^3.5.
    /// coreFlux : log10 νF_ν of the core at 5 GHz (10^9.7 Hz);  coreIndex : α;  lobeFlux : log10 νF_ν of the lobes at 1.4 GHz (10^9.146
    /// Hz), −∞ for none.
    member _.WithRadio(coreFlux: float, coreIndex: float, lobeFlux: float, opaqueBelow: float) =
        let cut logBreak x = -(10.0 ** (x - logBreak)) * log10 Math.E

        let radio x =
            sumOfPowers (coreFlux + (1.0 - coreIndex) * (x - 9.7) + cut 12.3 x) (lobeFlux + 0.25 * (x - 9.146) + cut 11.5 x)

        let jet x = if x >= opaqueBelow then curve.Invoke x else curve.Invoke opaqueBelow - 3.5 * (opaqueBelow - x)
        SedModel(Func<_, _>(fun x -> sumOfPowers (jet x) (radio x)), peakFrequency, peakFlux)
