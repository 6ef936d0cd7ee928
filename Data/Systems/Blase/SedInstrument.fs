namespace Hybrid.Data.Systems.Blase

open System

/// What a catalogue says of a source that is too faint in one of its bands.
type FaintSource =
    /// Nothing: the band is missing.
    | Absent = 0
    /// The limit, flagged UL. Sources faint in every band are not in the catalogue.
    | UpperLimit = 1
    /// The best fit with its error, as catalogues of photon counts do: a fit that ran against zero gives a flux many decades too low.
    | BestFit = 2

/// A telescope, survey or catalogue that blazar SEDs are compiled from.
/// logFrequencies : log10 Hz of its bands;  meanPoints : expected number of points of a source that it looked at;
/// relativeError : error of a bright source's flux, as a share of it;  logLimits : log10 νF_ν (erg/cm²/s) below which a band sees nothing,
/// for each band.
[<Sealed>]
type SedInstrument(catalogue: string, logFrequencies: float[], meanPoints: float, relativeError: float, logLimits: float[]) =
    do
        if logFrequencies.Length = 0 || not (meanPoints >= 0.0 && relativeError > 0.0) then
            invalidArg (nameof logFrequencies) $"SedInstrument '{catalogue}': expected frequencies, a mean number of points ≥ 0 and an \
                error > 0, got {logFrequencies.Length}, {meanPoints} and {relativeError}."

        if logLimits.Length <> logFrequencies.Length then
            invalidArg (nameof logLimits) $"SedInstrument '{catalogue}': expected a limit for each of {logFrequencies.Length} bands, got \
                {logLimits.Length}."

    /// One limit for all bands.
    new(catalogue: string, logFrequencies: float[], meanPoints: float, relativeError: float, logLimit: float) =
        SedInstrument(catalogue, logFrequencies, meanPoints, relativeError, Array.create logFrequencies.Length logLimit)

    member _.Catalogue = catalogue
    member _.LogFrequencies = logFrequencies
    member _.MeanPoints = meanPoints
    member _.RelativeError = relativeError
    member _.LogLimits = logLimits

    /// Share of the sky, or of the sources, that it looked at.
    member val Coverage = 1.0 with get, set
    member val Faint = FaintSource.Absent with get, set
    /// A catalogue that gives each of its bands once, instead of a random number of points in random bands.
    member val EveryBand = false with get, set
    /// The frequency at which a source must be seen to be in the catalogue, and the log10 νF_ν it must have there; NaN: no such condition.
    member val DetectionLogFrequency = nan with get, set
    member val DetectionLogFlux = nan with get, set
    /// Mean depth (dex) below its error of a best fit that ran against zero: it stops anywhere down to twice that.
    member val ZeroDepth = 2.0 with get, set

    /// A best fit below this share of its error ran against zero.
    member val ZeroBelow = 0.05 with get, set

    /// All numbers on one line, for a recipe.
    member instrument.Describe() : string =
        let list (values: float[]) = String.Join(' ', values |> Seq.map (fun v -> FormattableString.Invariant $"{v}"))
        FormattableString.Invariant
            $"{catalogue} bands [{list logFrequencies}] limits [{list logLimits}] points {meanPoints} error {relativeError} coverage \
                {instrument.Coverage} faint {instrument.Faint} every-band {instrument.EveryBand} seen-at \
                {instrument.DetectionLogFrequency} from {instrument.DetectionLogFlux} zero-depth {instrument.ZeroDepth} below \
                {instrument.ZeroBelow}"

    /// What the SEDs of blazars are compiled from, radio to TeV. Bands and limits are those of the surveys; coverages and numbers of points
    /// were chosen so that the bins of the training set of BlaSE (v1) are filled as often, and to the same mean flux
    /// (docs/systems/blase.md).
    static member Usual : SedInstrument[] =
        // The bands that both Fermi-LAT catalogues have, 100 MeV to 10 GeV, with those between them from studies of variability.
        let latBands = [| 22.68; 23.16; 23.26; 23.38; 23.68; 24.16 |]
        let latLimits = [| -11.5; -11.7; -11.7; -12.7; -13.1; -13.2 |]

        [| SedInstrument("TGSS", [| 8.176 |], 1.6, 0.1, -16.6, Coverage = 0.75)
           SedInstrument("VLSS", [| 7.87; 8.18; 8.27 |], 2.0, 0.1, -16.2, Coverage = 0.5)
           SedInstrument("SUMSS", [| 8.51; 8.6; 8.926 |], 2.0, 0.05, -15.9, Coverage = 0.85)
           SedInstrument("NVSS", [| 9.146 |], 3.0, 0.03, -16.5, Coverage = 0.95)
           SedInstrument("VLASS", [| 9.477 |], 2.5, 0.05, -16.5, Coverage = 0.95)
           SedInstrument("GB6", [| 9.69 |], 1.0, 0.08, -15.5, Coverage = 0.7)
           SedInstrument("CRATES", [| 9.93 |], 1.0, 0.05, -15.5, Coverage = 0.6)
           SedInstrument("PCNT", [| 10.477; 10.644; 10.845; 11.0; 11.155; 11.337; 11.548; 11.74; 11.93 |], 4.0, 0.1, -12.9, Coverage = 0.35)
           SedInstrument("ALMA", [| 10.99; 11.36; 11.54 |], 3.0, 0.05, -13.5, Coverage = 0.3)
           SedInstrument("IRAS", [| 12.7; 13.08 |], 1.5, 0.15, -12.0, Coverage = 0.3)
           SedInstrument("WISE", [| 13.134; 13.398; 13.812; 13.946 |], 9.0, 0.08, [| -12.05; -12.7; -13.3; -13.3 |], Coverage = 0.99,
                         Faint = FaintSource.UpperLimit)
           SedInstrument("2MASS", [| 14.14; 14.26; 14.38 |], 4.0, 0.06, -13.0, Coverage = 0.97)
           SedInstrument("GAIA", [| 14.65 |], 2.0, 0.03, -13.6, Coverage = 0.85)
           SedInstrument("PANSTARRS", [| 14.49; 14.54; 14.6; 14.68; 14.79 |], 6.0, 0.06, -13.7, Coverage = 0.85)
           SedInstrument("UVOT", [| 14.74; 14.83; 14.93; 15.06; 15.13; 15.17 |], 8.0, 0.08, -13.6, Coverage = 0.85)
           SedInstrument("GALEX", [| 15.11; 15.29 |], 2.5, 0.1, -13.7, Coverage = 0.85)
           SedInstrument("RASS", [| 17.38 |], 1.5, 0.3, -13.1, Coverage = 0.9)
           SedInstrument("OUSXB", [| 17.08; 17.38; 17.56; 17.86; 18.03 |], 30.0, 0.2, -13.6, Coverage = 0.85)
           SedInstrument("XMM", [| 17.1; 17.38; 17.65; 17.9; 18.2 |], 5.0, 0.1, -14.0, Coverage = 0.2)
           SedInstrument("BAT105m", [| 18.7; 18.95; 19.2 |], 2.0, 0.3, -11.7, Coverage = 0.3)
           SedInstrument("3FGL", Array.append latBands [| 24.98 |], 0.0, 0.25, Array.append latLimits [| -12.9 |],
                         Coverage = 0.75, EveryBand = true, Faint = FaintSource.BestFit,
                         DetectionLogFrequency = 23.68, DetectionLogFlux = -13.1, ZeroDepth = 1.9)
           SedInstrument("4FGL", Array.append latBands[1..] [| 24.68 |], 0.0, 0.2, Array.append latLimits[1..] [| -12.9 |],
                         Coverage = 0.97, EveryBand = true, Faint = FaintSource.BestFit,
                         DetectionLogFrequency = 23.68, DetectionLogFlux = -13.2, ZeroDepth = 1.9)
           // Below 300 MeV the Galaxy outshines most blazars: fits end at zero often and deeply.
           SedInstrument("4FGL", [| 22.23; 22.68 |], 0.0, 0.3, [| -11.0; -11.6 |],
                         Coverage = 0.97, EveryBand = true, Faint = FaintSource.BestFit,
                         DetectionLogFrequency = 23.68, DetectionLogFlux = -13.2, ZeroDepth = 2.9, ZeroBelow = 1.1)
           // Above 30 GeV a photon or two decide.
           SedInstrument("4FGL", [| 25.38 |], 0.0, 0.3, [| -11.8 |], Coverage = 0.97, EveryBand = true, Faint = FaintSource.BestFit,
                         DetectionLogFrequency = 23.68, DetectionLogFlux = -13.2, ZeroDepth = 4.5, ZeroBelow = 0.5)
           SedInstrument("3FHL", [| 24.56; 24.93; 25.08; 25.38; 25.88; 26.38 |], 0.0, 0.3, [| -13.0; -13.0; -12.9; -11.9; -11.4; -11.2 |],
                         Coverage = 0.95, EveryBand = true, Faint = FaintSource.BestFit,
                         DetectionLogFrequency = 24.93, DetectionLogFlux = -13.1, ZeroDepth = 6.0)
           SedInstrument("DEBL", [| 24.56; 24.93; 25.08; 25.38; 25.86 |], 0.0, 0.3, [| -13.0; -13.0; -12.9; -11.9; -11.4 |],
                         Coverage = 0.8, EveryBand = true, Faint = FaintSource.BestFit,
                         DetectionLogFrequency = 24.93, DetectionLogFlux = -13.1, ZeroDepth = 5.0)
           SedInstrument("2FHL", [| 25.08; 25.35; 25.88; 26.42 |], 0.0, 0.3, [| -12.3; -12.3; -11.4; -11.2 |],
                         Coverage = 0.5, EveryBand = true, Faint = FaintSource.BestFit,
                         DetectionLogFrequency = 25.08, DetectionLogFlux = -12.6, ZeroDepth = 5.0)
           SedInstrument("MAGIC", [| 25.6; 25.9; 26.2; 26.5 |], 3.0, 0.3, -12.4, Coverage = 0.08) |]
