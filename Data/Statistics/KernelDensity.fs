namespace Hybrid.Data.Statistics

open System
open Hybrid.Data

/// A Gaussian kernel density estimate on a grid.
///   f(x) = 1/(N h √(2π)) Σ_i exp(−(x − x_i)²/(2h²)),  h the kernel's standard deviation
[<AbstractClass; Sealed>]
type KernelDensity =

    /// Up to this many values the sum is exact; beyond, the values are first shared out between the points of a fine grid.
    static member ExactUpTo = 2000

    /// `points` points of equal distance over the range of the values, a little wider than it.
    static member Grid(values: ReadOnlySpan<float>, points: int) : float[] =
        let mutable low = Double.PositiveInfinity
        let mutable high = Double.NegativeInfinity

        for v in values do
            if Double.IsFinite v then
                low <- min low v
                high <- max high v

        if points < 2 || not (low <= high) then
            invalidArg (nameof points) $"KernelDensity.Grid: expected at least two points and a finite value, got {points} and \
                {values.Length} value{Plural.s values.Length}."

        let low, high = if low = high then low - 0.5, high + 0.5 else low, high
        Array.init points (fun i -> (low - 1e-10) + (high - low + 2e-10) * float i / float (points - 1))

    /// The density at the points of `grid` (same length), each value counted once.
    /// bandwidth : > 0, in the values' own unit; not-a-number values are an error.
    static member Estimate(values: ReadOnlySpan<float>, grid: ReadOnlySpan<float>, bandwidth: float) : float[] =
        if values.Length = 0 then
            invalidArg (nameof values) "KernelDensity.Estimate: expected at least one value, got none."

        if not (bandwidth > 0.0 && Double.IsFinite bandwidth) then
            raise (ArgumentOutOfRangeException(nameof bandwidth, bandwidth,
                                               $"KernelDensity.Estimate: expected a bandwidth > 0, got {bandwidth}."))

        let mutable low = Double.PositiveInfinity
        let mutable high = Double.NegativeInfinity

        for v in values do
            if not (Double.IsFinite v) then
                invalidArg (nameof values) $"KernelDensity.Estimate: expected finite values, got {v}."

            low <- min low v
            high <- max high v

        // Linear binning (Silverman 1982; Wand 1994): each value gives its two neighbours shares that keep its mean. With a step
        // of h/20 the relative error of the density is of order (step/h)²/8 < 1e-3.
        let points, weights =
            let steps = ceil ((high - low) / (bandwidth / 20.0))

            if values.Length <= KernelDensity.ExactUpTo || steps > 1e6 then
                values.ToArray(), Array.create values.Length 1.0
            else
                let cells = max 1 (int steps)
                let step = (high - low) / float cells
                let weights = Array.zeroCreate<float> (cells + 1)

                for v in values do
                    let position = if step > 0.0 then (v - low) / step else 0.0
                    let i = min (int position) (cells - 1)
                    let t = position - float i
                    weights[i] <- weights[i] + (1.0 - t)
                    weights[i + 1] <- weights[i + 1] + t

                Array.init (cells + 1) (fun i -> low + float i * step), weights

        let scale = 1.0 / (float values.Length * bandwidth * sqrt (2.0 * Math.PI))
        let density = Array.zeroCreate<float> grid.Length

        for g in 0 .. grid.Length - 1 do
            let x = grid[g]
            let mutable sum = 0.0

            for i in 0 .. points.Length - 1 do
                let z = (x - points[i]) / bandwidth

                if abs z < 38.0 then
                    sum <- sum + weights[i] * exp (-0.5 * z * z)

            density[g] <- sum * scale

        density
