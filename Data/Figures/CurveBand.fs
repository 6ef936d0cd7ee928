namespace Hybrid.Data.Figures

open System
open System.Runtime.InteropServices

/// Long curves: of thousands of iterations a reader sees a solid bar of noise. Their median and a band over stretches of them show where
/// they go.
[<AbstractClass; Sealed>]
type CurveBand =

    /// y over 1, 2, 3, … as it is where it has at most `stretches` points; else the median of each stretch, at its middle, with the band
    /// from the 10th to the 90th percentile.
    /// Values that are not finite are left out; a stretch without any other is a gap.
    static member Of(label: string, y: float[], [<Optional; DefaultParameterValue(300)>] stretches: int) : Line =
        ArgumentNullException.ThrowIfNull(y, nameof y)

        if stretches < 2 then
            invalidArg (nameof stretches) $"CurveBand.Of: expected at least 2 stretches, got {stretches}."

        if y.Length <= stretches then
            Line(label, y)
        else
            let bounds s = int (int64 s * int64 y.Length / int64 stretches)

            let parts =
                Array.init stretches (fun s ->
                    let finite = [| for i in bounds s .. bounds (s + 1) - 1 do if Double.IsFinite y[i] then y[i] |]
                    bounds s, bounds (s + 1), Array.sort finite)

            let percentile share (sorted: float[]) =
                if sorted.Length = 0 then nan else Hybrid.Data.Statistics.Percentile.OfSorted(ReadOnlySpan sorted, share)

            let at share = parts |> Array.map (fun (_, _, sorted) -> percentile share sorted)
            let x = parts |> Array.map (fun (first, last, _) -> 0.5 * float (first + 1 + last))
            Line(label, x, at 50.0, Lower = at 10.0, Upper = at 90.0)
