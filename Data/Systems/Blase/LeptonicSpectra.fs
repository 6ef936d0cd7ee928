namespace Hybrid.Data.Systems.Blase

open System
open System.Globalization
open System.IO
open System.IO.Compression
open Hybrid.Data
open Hybrid.Data.Formats

/// Physical spectra of one-zone leptonic jets (synchrotron and self-Compton emission) on one grid.
/// File: comma-separated text, plain or gzip (.gz), no header; a row is six parameters of the zone and then log10 x²n at points spread
/// evenly over log10 x from FirstLogX to LastLogX, x = hν/(m_e c²).
[<Sealed>]
type LeptonicSpectra private (parameters: float[][], spectra: float[][]) =

    /// log10 of m_e c²/h in Hz.
    static let logElectronHz = log10 1.2356e20

    let step = (LeptonicSpectra.LastLogX - LeptonicSpectra.FirstLogX) / float (spectra[0].Length - 1)
    let peaks = spectra |> Array.map (fun spectrum -> SedModel.Peaks(spectrum, LeptonicSpectra.Prominence))

    static member FirstLogX = -15.0
    static member LastLogX = 10.0
    /// A peak stands out by this much (dex).
    static member Prominence = 0.2
    static member private ParameterCount = 6

    /// Reads a file. Throws InvalidDataException with line and column of what is not a number, and the lines of rows of unequal length.
    static member Read(path: string) : LeptonicSpectra =
        RegularFile.Require path
        use file = File.OpenRead path
        let limit = BoundedStream.TextLimit file.Length
        let tooLong (limit: int64) : exn =
            InvalidDataException $"{path}: decompresses to more than {limit} bytes: decompress it to a file first"

        use content: Stream =
            if path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) then
                new BoundedStream(WholeGzip.Open file, limit, tooLong)
            else
                file

        use reader = new StreamReader(content)
        let rows = ResizeArray<float[]>()
        let mutable line = reader.ReadLine()
        let mutable number = 0

        while not (isNull line) do
            number <- number + 1
            let text = nonNull line

            if text.Trim() <> "" then
                let row =
                    text.Split ','
                    |> Array.mapi (fun column cell ->
                        let mutable value = 0.0

                        // The logarithm of nothing is −∞.
                        if DecimalNumber.tryParse (cell.AsSpan()) &value && value < Double.PositiveInfinity then
                            value
                        else raise (InvalidDataException $"{path}, line {number}, column {column + 1}: expected a number, got '{cell}'."))

                if rows.Count = 0 && row.Length < LeptonicSpectra.ParameterCount + 3 then
                    raise (InvalidDataException $"{path}, line {number}: expected {LeptonicSpectra.ParameterCount} \
                        parameter{Plural.s LeptonicSpectra.ParameterCount} and at least 3 points, got {row.Length} \
                        number{Plural.s row.Length}.")

                if rows.Count > 0 && row.Length <> rows[0].Length then
                    raise (InvalidDataException $"{path}, line {number}: expected {rows[0].Length} number{Plural.s (rows[0].Length)} as \
                        in the first row, got {row.Length}.")

                rows.Add row

            line <- reader.ReadLine()

        if rows.Count = 0 then
            raise (InvalidDataException $"{path}: expected at least one spectrum, the file has none.")

        LeptonicSpectra([| for row in rows -> Array.take LeptonicSpectra.ParameterCount row |],
                        [| for row in rows -> Array.skip LeptonicSpectra.ParameterCount row |])

    member _.Count = spectra.Length
    /// The six parameters of the zone, as the file has them.
    member _.Parameters(spectrum: int) = Array.copy parameters[spectrum]
    /// log10 x²n on the grid.
    member _.LogSpectrum(spectrum: int) = Array.copy spectra[spectrum]

    /// Places of the humps on the grid: synchrotron first, then Compton.
    member _.Peaks(spectrum: int) = Array.copy peaks[spectrum]
    /// log10 Hz of the synchrotron peak in the jet's frame; NaN when the spectrum has none.
    member _.PeakLogHz(spectrum: int) =
        if peaks[spectrum].Length = 0 then nan
        else LeptonicSpectra.FirstLogX + float peaks[spectrum].[0] * step + logElectronHz

    /// log10 of the Compton hump's height over the synchrotron hump's, and how many decades higher its frequency is; NaN with fewer than
    /// two humps.
    member _.ComptonDominance(spectrum: int) =
        match peaks[spectrum] with
        | found when found.Length >= 2 -> spectra[spectrum].[found[1]] - spectra[spectrum].[found[0]]
        | _ -> nan

    member _.ComptonSeparation(spectrum: int) =
        match peaks[spectrum] with
        | found when found.Length >= 2 -> float (found[1] - found[0]) * step
        | _ -> nan

    /// log10 x²n of a spectrum between two: `share` of the way from `first` to `second`. Both humps lie in between in frequency, by moving
    /// and stretching the axis, and what is averaged there is the logarithm. Null where the average does not show both humps by
    /// `prominence` (dex), or one of the two has fewer than two humps.
    member _.Blend(first: int, second: int, share: float, prominence: float) : float[] | null =
        let a, b = spectra[first], spectra[second]

        if peaks[first].Length < 2 || peaks[second].Length < 2 then
            null
        else
            let between (x: int) (y: int) = int (Math.Round((1.0 - share) * float x + share * float y))
            let struct (a0, a1, b0, b1) = struct (peaks[first].[0], peaks[first].[1], peaks[second].[0], peaks[second].[1])
            let struct (p0, p1) = struct (between a0 b0, between a1 b1)
            // Values of −30 and below: nothing is emitted.
            let nothing = -30.0

            let at (values: float[]) (v0: int) (v1: int) (i: int) =
                let place =
                    if i <= p0 then float (v0 + i - p0)
                    elif i >= p1 then float (v1 + i - p1)
                    else float v0 + float (i - p0) * float (v1 - v0) / float (p1 - p0)

                let k = int (floor place)

                if k < 0 || k + 1 >= values.Length || values[k] <= nothing || values[k + 1] <= nothing then
                    nothing
                else
                    let t = place - float k
                    (1.0 - t) * values[k] + t * values[k + 1]

            let blend =
                Array.init a.Length (fun i ->
                    let x, y = at a a0 a1 i, at b b0 b1 i
                    if x <= nothing || y <= nothing then nothing else (1.0 - share) * x + share * y)

            match SedModel.Peaks(blend, prominence) with
            | found when found.Length >= 2 && found[0] = p0 && SedModel.FirstPeak(blend, LeptonicSpectra.Prominence) = p0 -> blend
            | _ -> null

    /// The spectrum in the observer's frame: `logShift` = log10 δ/(1 + z), and its synchrotron peak at log10 νF_ν = peakFlux.
    member _.Model(spectrum: int, logShift: float, peakFlux: float) : SedModel =
        SedModel.OfSpectrum(spectra[spectrum], LeptonicSpectra.FirstLogX, LeptonicSpectra.LastLogX, 10.0 ** logShift, 0.0, peakFlux)

    /// A spectrum on the same grid in the observer's frame, its synchrotron peak at log10 frequency `peak` (Hz) and log10 νF_ν = peakFlux.
    member _.Model(logSpectrum: float[], peak: float, peakFlux: float) : SedModel =
        let place = LeptonicSpectra.FirstLogX + float (SedModel.FirstPeak(logSpectrum, LeptonicSpectra.Prominence)) * step + logElectronHz
        SedModel.OfSpectrum(logSpectrum, LeptonicSpectra.FirstLogX, LeptonicSpectra.LastLogX, 10.0 ** (peak - place), 0.0, peakFlux)
