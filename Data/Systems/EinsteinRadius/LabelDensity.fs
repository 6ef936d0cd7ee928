namespace Hybrid.Data.Systems.EinsteinRadius

open System
open Hybrid.Data.Figures

/// How dense a set's targets lie, and the weights that even them out: a network trained on many small radii and few large ones answers with
/// small ones.
[<AbstractClass; Sealed>]
type LabelDensity =

    /// Share of the targets in each target's bin, between edges equally spaced from the smallest to the largest, as the original's
    /// sample_weight.
    /// edges : number of edges, ≥ 2; 100 give 99 bins.
    static member Of(targets: float[], edges: int) : float[] =
        if targets.Length = 0 || edges < 2 then
            invalidArg (nameof targets) $"LabelDensity: expected at least one target and two edges, got {targets.Length} and {edges}."

        let limits = HistogramFigure.Edges(Array.min targets - 1e-7, Array.max targets + 1e-7, edges - 1)
        let counts = HistogramFigure.Count(targets, limits)
        let width = limits[1] - limits[0]
        let binOf target = Math.Clamp(int ((target - limits[0]) / width), 0, counts.Length - 1)
        // By the count's own rule where rounding puts a target on an edge.
        let shareOf target =
            let bin = binOf target
            let bin = if target < limits[bin] then bin - 1 elif bin + 1 < counts.Length && target >= limits[bin + 1] then bin + 1 else bin
            float (max 1 counts[bin]) / float targets.Length

        targets |> Array.map shareOf

    /// Largest density over each target's own: 1 where targets are most dense, more where they are rare.
    static member Weights(targets: float[], edges: int) : float[] =
        let density = LabelDensity.Of(targets, edges)
        let largest = Array.max density
        density |> Array.map (fun share -> largest / share)

    /// Items, each as often as its weight says, rounded: drawn from evenly, their targets are spread evenly.
    /// most : an item is repeated at most this often, so that a lone one does not stand for a tenth of a set.
    static member Even(items: 'T[], target: 'T -> float, edges: int, most: int) : 'T[] =
        let weights = LabelDensity.Weights(items |> Array.map target, edges)
        (items, weights) ||> Array.map2 (fun item weight -> Array.create (int (Math.Clamp(Math.Round weight, 1.0, float most))) item)
        |> Array.concat
