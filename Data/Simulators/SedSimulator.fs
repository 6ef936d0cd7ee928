namespace Hybrid.Data.Simulators

open System
open Hybrid.Data.Formats
open Hybrid.Data.Statistics

/// A telescope that may have looked at a blazar.
[<Sealed>]
type SedInstrument(catalogue: string, logFrequencies: float[], meanPoints: float, relativeError: float, logLimit: float) =
    do
        if logFrequencies.Length = 0 || not (meanPoints >= 0.0 && relativeError > 0.0) then
            invalidArg (nameof logFrequencies) $"SedInstrument '{catalogue}': expected frequencies, a mean number of points ≥ 0 and an error > 0, got {logFrequencies.Length}, {meanPoints} and {relativeError}."

    member _.Catalogue = catalogue
    /// log10 Hz of its bands.
    member _.LogFrequencies = logFrequencies
    /// Expected number of points over all bands.
    member _.MeanPoints = meanPoints
    /// Error of a flux, as a share of it.
    member _.RelativeError = relativeError
    /// log10 νF_ν below which there are upper limits only.
    member _.LogLimit = logLimit

    /// The bands that blazar SEDs usually have, radio to TeV, with the numbers of points seen in compiled SEDs.
    static member Usual = [|
        SedInstrument("NVSS", [| 9.146 |], 1.0, 0.03, -17.0)
        SedInstrument("GB6", [| 9.69 |], 0.8, 0.08, -15.5)
        SedInstrument("CRATES", [| 9.93 |], 1.0, 0.05, -15.5)
        SedInstrument("PCNT", [| 10.477; 10.644; 10.845; 11.0; 11.155; 11.337; 11.548 |], 2.5, 0.1, -13.0)
        SedInstrument("ALMA", [| 10.99; 11.36; 11.54 |], 2.0, 0.05, -13.5)
        SedInstrument("WISE", [| 13.134; 13.398; 13.812; 13.946 |], 4.0, 0.05, -13.3)
        SedInstrument("2MASS", [| 14.14; 14.26; 14.38 |], 2.5, 0.06, -12.6)
        SedInstrument("PANSTARRS", [| 14.49; 14.54; 14.6; 14.68; 14.79 |], 4.0, 0.06, -13.5)
        SedInstrument("UVOT", [| 14.74; 14.83; 14.93; 15.06; 15.13; 15.17 |], 5.0, 0.08, -13.0)
        SedInstrument("GALEX", [| 15.11; 15.29 |], 1.2, 0.1, -13.3)
        SedInstrument("RASS", [| 17.38 |], 0.8, 0.3, -13.0)
        SedInstrument("OUSXB", [| 17.08; 17.38; 17.56; 17.86; 18.03 |], 6.0, 0.2, -13.5)
        SedInstrument("BAT105m", [| 18.7; 18.95; 19.2 |], 0.7, 0.4, -11.6)
        SedInstrument("4FGL", [| 22.27; 22.66; 23.14; 23.68; 24.16; 24.67; 25.38 |], 4.5, 0.25, -12.9)
        SedInstrument("MAGIC", [| 25.6; 25.9; 26.2; 26.5 |], 0.8, 0.3, -12.6)
    |]

/// A simulated SED with its truth.
[<Sealed>]
type SimulatedSed internal (points: SedPoint[], peakFrequency: float, peakFlux: float, rightAscension: float, declination: float, name: string) =
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

    /// Writes the points in the layout of a version. Version 1 has no flag to tell upper limits by: they are left out.
    member _.Write(path: string, version: SedVersion) : unit =
        let kept = if version = SedVersion.Vou then points |> Array.filter (fun p -> not p.IsUpperLimit) else points
        SedFile.Write(path, rightAscension, declination, kept, version)

/// Observes SED models: a Poisson number of points for each instrument, scatter by error and variability, asymmetric errors, upper limits.
[<Sealed>]
type SedSimulator(instruments: SedInstrument[]) =
    do
        if instruments.Length = 0 then
            invalidArg (nameof instruments) "SedSimulator: expected at least one instrument, got none."

    new() = SedSimulator(SedInstrument.Usual)

    /// Deviation (dex) of a blazar's flux between observations.
    member val Variability = 0.12 with get, set

    /// Number `item` of `seed`.
    member simulator.Observe(model: SedModel, name: string, seed: int64, item: int64) : SimulatedSed =
        let random = SeededRandom.For(seed, 6L, item)
        let rightAscension = random.Uniform(0.0, 360.0)
        let declination = Math.Asin(random.Uniform(-1.0, 1.0)) * 180.0 / Math.PI

        let points =
            [| for instrument in instruments do
                   let count = int (random.NextPoisson instrument.MeanPoints)

                   for _ in 1..count do
                       let logFrequency = instrument.LogFrequencies[random.Next instrument.LogFrequencies.Length]
                       let time = random.Uniform(54000.0, 60000.0)
                       // Radio fluxes of compiled SEDs come from extended regions and vary less than the jet's.
                       let spread = if logFrequency < 10.0 then 0.3 * simulator.Variability else simulator.Variability
                       let logTrue = model.LogFlux logFrequency + spread * random.NextNormal()
                       let measured = 10.0 ** logTrue * (1.0 + instrument.RelativeError * random.NextNormal())
                       let error = instrument.RelativeError * 10.0 ** logTrue
                       let skew = random.Uniform(-0.2, 0.2)

                       // Where the model emits nothing there is nothing to see.
                       if Double.IsFinite logTrue then
                           let point flux upper lower flag =
                               SedFile.Point(10.0 ** logFrequency, flux, upper, lower, time, time, flag, instrument.Catalogue, "Hybrid simulation")

                           if logTrue < instrument.LogLimit || measured < 2.0 * error then
                               let limit = 10.0 ** (max instrument.LogLimit logTrue + 0.3)
                               point limit limit 0.0 "UL"
                           else
                               point measured (measured + error * (1.0 + skew)) (measured - error * (1.0 - skew)) "Det" |]

        SimulatedSed(points, model.PeakFrequency, model.PeakFlux, rightAscension, declination, name)

    /// A model drawn as the training data are spread: the synchrotron peak at 10^12 to 10^18 Hz, −13 to −10 in log νF_ν, a Compton hump 7 to 9
    /// decades higher, curvature falling with the peak's frequency, and for some a host galaxy or a disc.
    member _.DrawLogParabolas(seed: int64, item: int64) : SedModel =
        let random = SeededRandom.For(seed, 7L, item)
        let peak = random.Uniform(12.0, 18.0)
        let flux = random.Uniform(-13.0, -10.0)
        let curvature = Math.Clamp(0.19 - 0.02 * (peak - 13.0) + 0.02 * random.NextNormal(), 0.06, 0.3)
        let comptonFlux = flux + 0.4 * random.NextNormal() + (if peak < 14.0 then 0.3 else -0.3)
        let compton = peak + random.Uniform(7.0, 9.0)
        let host = if random.Chance 0.4 then flux + random.Uniform(-1.5, 0.3) else Double.NegativeInfinity
        let disc = if peak < 14.5 && random.Chance 0.3 then flux + random.Uniform(-1.0, 0.3) else Double.NegativeInfinity
        SedModel.LogParabolas(peak, flux, curvature, compton, comptonFlux, Math.Clamp(curvature * random.Uniform(0.6, 1.2), 0.04, 0.3)).WithThermalLight(host, disc)

    /// `count` simulated SEDs from drawn models: number firstItem, firstItem + 1, ….
    member simulator.Simulate(count: int, seed: int64, firstItem: int64) : SimulatedSed[] =
        Array.Parallel.init count (fun i ->
            let item = firstItem + int64 i
            simulator.Observe(simulator.DrawLogParabolas(seed, item), FormattableString.Invariant $"SIM{item:D6}", seed, item))
