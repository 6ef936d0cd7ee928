namespace Hybrid.Data.Systems.Blase

open System
open System.Globalization
open System.IO
open Hybrid.Data
open Hybrid.Data.Formats

/// The frequency bins of the blazar estimators: start and end of each in log10 Hz, both inclusive, with gaps on purpose.
[<Sealed>]
type SedBins(starts: float[], ends: float[]) =
    do
        if starts.Length = 0 || starts.Length <> ends.Length then
            invalidArg (nameof starts) $"SedBins: expected as many starts as ends, at least one, got {starts.Length} and {ends.Length}."

        for i in 0 .. starts.Length - 1 do
            if not (starts[i] < ends[i]) || (i > 0 && starts[i] < ends[i - 1]) then
                invalidArg (nameof starts) $"SedBins, bin {i}: expected a start below the end and not below the end before, got \
                    {starts[i]} to {ends[i]}."

    /// The 26 bins of version 1 of the estimator (BlaSE), as released with it.
    static member Version1 : SedBins =
        SedBins(
            [| 6.9; 8.3; 9.1; 9.3; 12.5; 13.3; 13.6; 13.9; 14.2; 14.5; 14.7; 15.1; 16.7; 17.2; 17.5; 17.7; 17.9; 22.1; 22.4; 23.1; 23.3;
               23.5; 23.9; 24.4; 24.7; 25.3 |],
            [| 8.3; 9.1; 9.3; 9.5; 13.3; 13.6; 13.9; 14.2; 14.5; 14.7; 15.1; 16.7; 17.2; 17.5; 17.7; 17.9; 19.7; 22.4; 23.1; 23.3; 23.5;
               23.9; 24.4; 24.7; 25.3; 27.5 |]
        )

    /// Reads a text of two columns, start and end of each bin (the estimators' bins.txt).
    static member Read(path: string) : SedBins =
        let rows =
            File.ReadAllLines path
            |> Array.indexed
            |> Array.filter (fun (_, line) -> line.Trim() <> "")
            |> Array.map (fun (i, line) ->
                let numbers =
                    line.Split([| ' '; '\t'; ',' |], StringSplitOptions.RemoveEmptyEntries)
                    |> Array.map (fun cell ->
                        match Double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture) with
                        | true, v -> v
                        | _ -> raise (InvalidDataException $"{path}, line {i + 1}: expected a number in log10 Hz, got '{cell}'."))

                if numbers.Length <> 2 then
                    raise (InvalidDataException $"{path}, line {i + 1}: expected two numbers, start and end of a bin, got \
                        {numbers.Length}.")

                numbers[0], numbers[1])

        SedBins(Array.map fst rows, Array.map snd rows)

    /// Writes such a text.
    member _.Write(path: string) : unit =
        let line (start: float) (finish: float) = FormattableString.Invariant $"{start} {finish}\n"
        WholeFile.WriteText(path, String.Concat(Array.map2 line starts ends))

    member _.Count = starts.Length
    member _.Starts = Array.copy starts
    member _.Ends = Array.copy ends

    /// The mean of log10 νF_ν of the points in each bin; 0 marks an empty bin (a real value is near −12, never 0).
    /// logFrequency : log10 Hz;  logFlux : log10 erg/cm²/s, as many. A point on an edge that two bins share counts in both.
    member _.Bin(logFrequency: ReadOnlySpan<float>, logFlux: ReadOnlySpan<float>) : float[] =
        if logFrequency.Length <> logFlux.Length then
            invalidArg (nameof logFlux) $"SedBins.Bin: expected as many fluxes as frequencies ({logFrequency.Length}), got \
                {logFlux.Length}."

        let binned = Array.zeroCreate<float> starts.Length

        for b in 0 .. starts.Length - 1 do
            let mutable sum = 0.0
            let mutable count = 0

            for i in 0 .. logFrequency.Length - 1 do
                if logFrequency[i] >= starts[b] && logFrequency[i] <= ends[b] then
                    sum <- sum + logFlux[i]
                    count <- count + 1

            if count > 0 then
                binned[b] <- sum / float count

        binned

    /// The same of points, which have frequency and flux > 0.
    member bins.Bin(points: SedPoint[]) : float[] =
        let frequency = Array.zeroCreate<float> points.Length
        let flux = Array.zeroCreate<float> points.Length

        for i in 0 .. points.Length - 1 do
            frequency[i] <- log10 points[i].FrequencyHz
            flux[i] <- log10 points[i].Flux

        bins.Bin(ReadOnlySpan frequency, ReadOnlySpan flux)

    /// What the estimators see of an SED: its detections, binned.
    member bins.Bin(sed: Sed) : float[] = bins.Bin(sed.Detections())

    /// 1 where a bin is filled, 0 where it is empty.
    static member Mask(binned: ReadOnlySpan<float>) : float[] =
        let mask = Array.zeroCreate<float> binned.Length
        for i in 0 .. binned.Length - 1 do
            mask[i] <- if binned[i] <> 0.0 then 1.0 else 0.0
        mask

/// Binned SEDs with a label each: rows of Bins values, 0 where empty.
[<Sealed>]
type BinnedSeds(rows: float[][], labels: float[]) =
    do
        if rows.Length <> labels.Length then
            invalidArg (nameof labels) $"BinnedSeds: expected {rows.Length} label{Plural.s rows.Length}, one a row, got {labels.Length}."

        if rows.Length > 0 then
            for i, row in Seq.indexed rows do
                if row.Length <> rows[0].Length then
                    invalidArg (nameof rows) $"BinnedSeds, row {i}: expected {rows[0].Length} bin{Plural.s (rows[0].Length)} as in row 0, \
                        got {row.Length}."

    member _.Rows = rows
    /// log10 of the peak frequency in Hz, or of the peak flux.
    member _.Labels = labels
    member _.Count = rows.Length
    member _.BinCount = if rows.Length > 0 then rows[0].Length else 0

    member _.Take(indices: int[]) = BinnedSeds(indices |> Array.map (fun i -> rows[i]), indices |> Array.map (fun i -> labels[i]))
    static member Concatenate(sets: BinnedSeds[]) = BinnedSeds(sets |> Array.collect _.Rows, sets |> Array.collect _.Labels)
