namespace Hybrid.Data.Systems.Imnn

open System
open System.Numerics
open System.Threading.Tasks
open MathNet.Numerics.IntegralTransforms
open Hybrid.Data.Statistics

/// Periodic two-dimensional Gaussian random fields with power spectrum P(k) = A k^−B, k = √(k_x² + k_y²) in units of the box's fundamental
/// mode, P(0) = 0. Parameters θ = (A, B). Side: pixels each way.
[<Sealed>]
type GaussianField(side: int) =
    do
        if side < 2 then
            raise (ArgumentOutOfRangeException(nameof side, side, $"GaussianField: expected a side of at least 2 pixels, got {side}."))

    let frequency i = float (if i <= side / 2 then i else i - side)
    let wavenumber = Array.init (side * side) (fun i -> sqrt (frequency (i / side) ** 2.0 + frequency (i % side) ** 2.0))

    let alongBoth (change: Complex[] -> unit) (values: Complex[]) =
        for y in 0 .. side - 1 do
            let row = Array.sub values (y * side) side
            change row
            Array.blit row 0 values (y * side) side

        for x in 0 .. side - 1 do
            let column = Array.init side (fun y -> values[y * side + x])
            change column
            column |> Array.iteri (fun y v -> values[y * side + x] <- v)

    member _.Side = side

    /// The Fisher information at (A, B), row by row. All side² − 1 modes are independent real numbers:
    /// F_αβ = ½ Σ_k ∂ln P/∂α ∂ln P/∂β with ∂ln P/∂A = 1/A and ∂ln P/∂B = −ln k.
    member _.Fisher(amplitude: float) : float[] =
        GaussianField.Information(wavenumber |> Array.filter (fun k -> k > 0.0) |> Array.map log, amplitude)

    static member private Information(logs: float[], amplitude: float) =
        let cross = -0.5 * Array.sum logs / amplitude
        [| 0.5 * float logs.Length / (amplitude * amplitude); cross; cross; 0.5 * Array.sumBy (fun l -> l * l) logs |]

    /// The Fisher information that the IMNN package states for its example (side 128, A = 1: 1984.5, −1545.06, 1690.49 with a determinant
    /// of 967560.53): it counts the (side/2 − 1)² modes with both frequencies above 0 and below Nyquist's, one quadrant of the plane, and
    /// measures k in radians a pixel, 2π/side times this class's unit. The determinant does not depend on the unit.
    member _.QuadrantFisher(amplitude: float) : float[] =
        let radians = 2.0 * Math.PI / float side
        let logs = [| for y in 1 .. (side - 1) / 2 do for x in 1 .. (side - 1) / 2 -> log (radians * sqrt (float (x * x + y * y))) |]
        GaussianField.Information(logs, amplitude)

    /// Fields of unit variance a mode and spectrum P: (count, side, side). The same noise for every (A, B) of one seed.
    member _.Simulate(amplitude: float, slope: float, seed: int64, count: int) : float32[] =
        if not (amplitude > 0.0) then
            raise (ArgumentOutOfRangeException(nameof amplitude, amplitude,
                                               $"GaussianField.Simulate: expected an amplitude > 0, got {amplitude}."))

        let root = wavenumber |> Array.map (fun k -> if k = 0.0 then 0.0 else sqrt (amplitude * k ** -slope))
        let fields = Array.zeroCreate<float32> (count * side * side)

        Parallel.For(0, count, fun i ->
            let white = Array.zeroCreate<float32> (side * side)
            NormalNumbers.Fill(seed, int64 i, Span white)
            let modes = white |> Array.map (fun v -> Complex(float v, 0.0))
            alongBoth (fun line -> Fourier.Forward(line, FourierOptions.Matlab)) modes

            for m in 0 .. modes.Length - 1 do
                modes[m] <- modes[m] * Complex(root[m], 0.0)

            alongBoth (fun line -> Fourier.Inverse(line, FourierOptions.Matlab)) modes

            for p in 0 .. modes.Length - 1 do
                fields[i * side * side + p] <- float32 modes[p].Real)
        |> ignore

        fields
