namespace Hybrid.Data.Systems.Imnn

open System
open Hybrid.Data.Statistics

/// A straight line with Gaussian noise at fixed x: parameters θ = (slope, intercept, noise deviation).
[<Sealed>]
type LineProblem(x: float[]) =
    do
        if x.Length < 2 then
            invalidArg (nameof x) $"LineProblem: expected at least two points, got {x.Length}."

    member _.X = Array.copy x

    /// The Fisher information, 3 × 3 row by row: independent of slope and intercept.
    member _.Fisher(noise: float) : float[] =
        let w = 1.0 / (noise * noise)
        let sx, sxx, n = Array.sum x, Array.sumBy (fun v -> v * v) x, float x.Length
        [| w * sxx; w * sx; 0.0; w * sx; w * n; 0.0; 0.0; 0.0; 2.0 * n * w |]

    /// (count, points). The same noise for every θ of one seed.
    member _.Simulate(slope: float, intercept: float, noise: float, seed: int64, count: int) : float32[] =
        if not (noise > 0.0) then
            raise (ArgumentOutOfRangeException(nameof noise, noise, $"LineProblem.Simulate: expected a noise deviation > 0, got {noise}."))

        let data = Array.zeroCreate<float32> (count * x.Length)

        for i in 0 .. count - 1 do
            let one = Span(data, i * x.Length, x.Length)
            NormalNumbers.Fill(seed, int64 i, one)

            for k in 0 .. x.Length - 1 do
                one[k] <- float32 (slope * x[k] + intercept + noise * float one[k])

        data
