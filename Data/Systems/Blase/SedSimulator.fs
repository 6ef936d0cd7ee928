namespace Hybrid.Data.Systems.Blase

open System
open Hybrid.Data.Formats
open Hybrid.Data.Statistics

/// A simulated SED with its truth.
[<Sealed>]
type SimulatedSed
    internal
    (
        points: SedPoint[],
        peakFrequency: float,
        peakFlux: float,
        rightAscension: float,
        declination: float,
        name: string
    ) =
    member _.Points = points
    /// log10 of the synchrotron peak's frequency, Hz, and of νF_ν there.
    member _.PeakFrequency = peakFrequency
    member _.PeakFlux = peakFlux
    /// Degrees.
    member _.RightAscension = rightAscension
    member _.Declination = declination

    /// The name that version 1's training files have: SED_{peak}_{ra}_{dec}_{name}.
    member _.FileName =
        FormattableString.Invariant $"SED_{peakFrequency:F2}_{rightAscension:F4}_{declination:F4}_{name}"

    /// Writes the points in the layout of a version. Version 1 has no flags: there an upper limit is a row like any other, as in the SEDs
    /// that BlaSE was trained on.
    member _.Write(path: string, version: SedVersion) : unit =
        SedFile.Write(path, rightAscension, declination, points, version)

/// Observes SED models: a Poisson number of points for each instrument, scatter by error and variability, asymmetric errors, upper limits.
[<Sealed>]
type SedSimulator(instruments: SedInstrument[]) =
    do
        if instruments.Length = 0 then
            invalidArg (nameof instruments) "SedSimulator: expected at least one instrument, got none."

    new() = SedSimulator(SedInstrument.Usual)

    member _.Instruments = instruments

    /// Deviation (dex) of a blazar's flux between observations.
    member val Variability = 0.15 with get, set
    /// The same below 10 GHz, where most of the light comes from extended regions.
    member val RadioVariability = 0.05 with get, set

    /// Number `item` of `seed`.
    member simulator.Observe(model: SedModel, name: string, seed: int64, item: int64) : SimulatedSed =
        let random = SeededRandom.For(seed, 6L, item)
        let rightAscension = random.Uniform(0.0, 360.0)
        let declination = Math.Asin(random.Uniform(-1.0, 1.0)) * 180.0 / Math.PI

        let points =
            [| for instrument in instruments do
                   let limits = instrument.LogLimits
                   let expected = instrument.LogFrequencies |> Array.map model.LogFlux
                   let isCovered = random.Chance instrument.Coverage
                   let count = if instrument.EveryBand then expected.Length else int (random.NextPoisson instrument.MeanPoints)

                   let isListed =
                       match instrument.Faint with
                       | FaintSource.UpperLimit -> Seq.exists2 (>) expected limits
                       | _ ->
                           Double.IsNaN instrument.DetectionLogFrequency
                           || model.LogFlux instrument.DetectionLogFrequency >= instrument.DetectionLogFlux

                   if isCovered && isListed then
                       for k in 0 .. count - 1 do
                           let band = if instrument.EveryBand then k else random.Next expected.Length

                           // Where the model emits nothing there is nothing to see.
                           if Double.IsFinite expected[band] then
                               let logFrequency = instrument.LogFrequencies[band]
                               let time = random.Uniform(54000.0, 60000.0)
                               let spread = if logFrequency < 10.0 then simulator.RadioVariability else simulator.Variability
                               let logTrue = expected[band] + spread * random.NextNormal()
                               let relative = instrument.RelativeError * 10.0 ** logTrue
                               // A limit is twice the error of the background.
                               let background = 10.0 ** limits[band] / 2.0
                               let noise = random.NextNormal()
                               let skew = random.Uniform(-0.2, 0.2)

                               let point flux upper lower flag =
                                   SedFile.Point(10.0 ** logFrequency, flux, upper, lower, time, time, flag, instrument.Catalogue,
                                                 "Hybrid simulation")

                               let detection flux error =
                                   point flux (flux + error * (1.0 + skew)) (max 0.0 (flux - error * (1.0 - skew))) "Det"

                               match instrument.Faint with
                               | FaintSource.BestFit ->
                                   let error = sqrt (relative * relative + background * background)
                                   let fitted = 10.0 ** logTrue + error * noise
                                   // The likelihood has its maximum at zero flux: what the catalogue then gives is where the fit gave up.
                                   let isFitted = fitted > instrument.ZeroBelow * background
                                   let zero () = background * 10.0 ** -(random.Uniform(0.0, 2.0 * instrument.ZeroDepth))
                                   detection (if isFitted then fitted else zero ()) error
                               | faint ->
                                   let measured = 10.0 ** logTrue + relative * noise

                                   if logTrue >= limits[band] && measured >= 2.0 * relative then
                                       detection measured relative
                                   elif faint = FaintSource.UpperLimit then
                                       let limit = 10.0 ** (limits[band] + 0.1 * random.NextNormal())
                                       point limit limit 0.0 "UL" |]

        SimulatedSed(points, model.PeakFrequency, model.PeakFlux, rightAscension, declination, name)

    /// A model drawn as the training data are spread: the synchrotron peak at 10^12 to 10^18 Hz, −13 to −10 in log νF_ν, a Compton hump 7
    /// to 9 decades higher, curvature falling with the peak's frequency, and for some a host galaxy or a disc.
    member _.DrawLogParabolas(seed: int64, item: int64) : SedModel =
        let random = SeededRandom.For(seed, 7L, item)
        let peak = random.Uniform(12.0, 18.0)
        let flux = random.Uniform(-13.0, -10.0)
        let curvature = Math.Clamp(0.19 - 0.02 * (peak - 13.0) + 0.02 * random.NextNormal(), 0.06, 0.3)
        let comptonFlux = flux + 0.4 * random.NextNormal() + (if peak < 14.0 then 0.3 else -0.3)
        let compton = peak + random.Uniform(7.0, 9.0)
        let host = if random.Chance 0.4 then flux + random.Uniform(-1.5, 0.3) else Double.NegativeInfinity
        let disc = if peak < 14.5 && random.Chance 0.3 then flux + random.Uniform(-1.0, 0.3) else Double.NegativeInfinity
        SedModel.LogParabolas(peak, flux, curvature, compton, comptonFlux,
                              Math.Clamp(curvature * random.Uniform(0.6, 1.2), 0.04, 0.3)).WithThermalLight(host, disc)

    /// `count` simulated SEDs from drawn models: number firstItem, firstItem + 1, ….
    member simulator.Simulate(count: int, seed: int64, firstItem: int64) : SimulatedSed[] =
        Array.Parallel.init count (fun i ->
            let item = firstItem + int64 i
            simulator.Observe(simulator.DrawLogParabolas(seed, item), FormattableString.Invariant $"SIM{item:D6}", seed, item))
