namespace Hybrid.Data.Systems.Blase

open System
open System.Collections.Generic
open System.IO
open Hybrid.Data
open Hybrid.Data.Formats

/// Standardisation of binned SEDs: mean and deviation of each bin over its filled values, and of the label. Scaled inputs carry the
/// mask after the values, because 0 is then a flux like any other.
[<Sealed>]
type SedScaling(means: float[], scales: float[], labelMean: float, labelScale: float) =
    do
        if means.Length <> scales.Length then
            invalidArg (nameof scales) $"SedScaling: expected as many scales as means ({means.Length}), got {scales.Length}."

        for i in 0 .. scales.Length - 1 do
            if not (scales[i] > 0.0) then
                invalidArg (nameof scales) $"SedScaling, bin {i}: expected a scale > 0, got {scales[i]}."

        if not (labelScale > 0.0) then
            invalidArg (nameof labelScale) $"SedScaling: expected a label scale > 0, got {labelScale}."

    member _.Means = Array.copy means
    member _.Scales = Array.copy scales
    member _.LabelMean = labelMean
    member _.LabelScale = labelScale

    /// Reads an npz with bin_mean, bin_scale (one a bin), label_mean and label_scale, as BlaSE was released with.
    static member Read(path: string) : SedScaling =
        let arrays = Npz.Read path

        let values (name: string) =
            match arrays.TryGetValue name with
            | true, array -> array.ToDoubles()
            | _ -> raise (InvalidDataException $"""{path}: expected an array '{name}', found {String.Join(", ", arrays.Keys)}.""")

        try
            SedScaling(values "bin_mean", values "bin_scale", (values "label_mean")[0], (values "label_scale")[0])
        with :? ArgumentException as e ->
            raise (InvalidDataException($"{path}: {e.Message}", e))

    member _.Write(path: string) : unit =
        let vector (values: float[]) : NdArray = NdArray<float>([| values.Length |], values)
        let number (value: float) : NdArray = NdArray<float>([||], [| value |])

        Npz.Write(
            path,
            [ KeyValuePair("bin_mean", vector means)
              KeyValuePair("bin_scale", vector scales)
              KeyValuePair("label_mean", number labelMean)
              KeyValuePair("label_scale", number labelScale) ],
            false
        )

    /// Population means and deviations over the filled values (of the augmented set, as in the original).
    static member Fit(seds: BinnedSeds) : SedScaling =
        if seds.Count = 0 then
            invalidArg (nameof seds) "SedScaling.Fit: expected at least one SED, got none."

        let moments (values: float[]) =
            let mean = Array.average values
            mean, sqrt (Array.averageBy (fun v -> (v - mean) ** 2.0) values)

        let bins =
            Array.init seds.BinCount (fun b ->
                let filled = seds.Rows |> Array.map (fun row -> row[b]) |> Array.filter (fun v -> v <> 0.0)

                // A bin that no SED fills stays 0 whatever its scale.
                if filled.Length = 0 then 0.0, 1.0
                else
                    let mean, deviation = moments filled
                    mean, (if deviation > 0.0 then deviation else 1.0))

        let labelMean, labelScale = moments seds.Labels
        SedScaling(Array.map fst bins, Array.map snd bins, labelMean, (if labelScale > 0.0 then labelScale else 1.0))

    /// (x − mean)/scale · mask, then the mask: twice as many values as bins.
    member _.Scale(row: ReadOnlySpan<float>, target: Span<float32>) : unit =
        if row.Length <> means.Length || target.Length <> 2 * means.Length then
            invalidArg (nameof row) $"SedScaling.Scale: expected {means.Length} bin{Plural.s means.Length} and room for \
                {2 * means.Length} values, got {row.Length} and {target.Length}."

        for b in 0 .. means.Length - 1 do
            let isFilled = row[b] <> 0.0
            target[b] <- if isFilled then float32 ((row[b] - means[b]) / scales[b]) else 0f
            target[means.Length + b] <- if isFilled then 1f else 0f

    /// All rows, (N, 2·bins).
    member scaling.Scale(seds: BinnedSeds) : float32[] =
        let width = 2 * means.Length
        let scaled = Array.zeroCreate<float32> (seds.Count * width)

        for i in 0 .. seds.Count - 1 do
            scaling.Scale(ReadOnlySpan seds.Rows[i], Span(scaled, i * width, width))

        scaled

    member _.ScaleLabel(label: float) = (label - labelMean) / labelScale
    member _.UnscaleLabel(scaled: float) = scaled * labelScale + labelMean
