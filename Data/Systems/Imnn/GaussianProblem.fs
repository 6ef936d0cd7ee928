namespace Hybrid.Data.Systems.Imnn

open System
open System.Threading.Tasks
open Hybrid.Data
open Hybrid.Data.Statistics

/// The worked problem of information maximising networks: data of n independent draws of N(μ, Σ), parameters θ = (μ, Σ) with Σ the
/// variance. Its Fisher information is known: F = diag(n/Σ, n/(2Σ²)), so |F| = n²/(2Σ³). Charnock et al. 2018, section IV A.
[<Sealed>]
type GaussianProblem(dataPerSimulation: int) =
    do
        if dataPerSimulation < 1 then
            raise (ArgumentOutOfRangeException(nameof dataPerSimulation, dataPerSimulation,
                                               $"GaussianProblem: expected at least one datum a simulation, got {dataPerSimulation}."))

    let check (variance: float) =
        if not (variance > 0.0) then
            raise (ArgumentOutOfRangeException(nameof variance, variance, $"GaussianProblem: expected a variance > 0, got {variance}."))

    /// Draws a simulation in the worked problem, and its fiducial parameters: there |F| = 50.
    static member WorkedDraws = 10
    static member WorkedMean = 0.0
    static member WorkedVariance = 1.0

    /// The worked problem itself.
    static member Worked = GaussianProblem GaussianProblem.WorkedDraws

    member _.DataPerSimulation = dataPerSimulation

    /// The analytic Fisher information, row by row: F_μμ, 0, 0, F_ΣΣ.
    member _.Fisher(variance: float) : float[] =
        check variance
        let n = float dataPerSimulation
        [| n / variance; 0.0; 0.0; n / (2.0 * variance * variance) |]

    /// |F|, the determinant of the analytic Fisher information.
    member problem.Determinant(variance: float) : float =
        let fisher = problem.Fisher variance
        fisher[0] * fisher[3] - fisher[1] * fisher[2]

    /// ln p(data | μ, Σ), up to a constant: −(n/2) ln Σ − Σᵢ (xᵢ − μ)²/(2Σ). −∞ where Σ ≤ 0.
    /// data : one simulation, n values
    member _.LogLikelihood(data: ReadOnlySpan<float>, mean: float, variance: float) : float =
        if data.Length <> dataPerSimulation then
            invalidArg (nameof data) $"GaussianProblem.LogLikelihood: expected {dataPerSimulation} data, got {data.Length}."

        if not (variance > 0.0) then
            Double.NegativeInfinity
        else
            let mutable squares = 0.0

            for x in data do
                squares <- squares + (x - mean) * (x - mean)

            -0.5 * float dataPerSimulation * log variance - squares / (2.0 * variance)

    /// Simulations firstSimulation, firstSimulation + 1, … of a seed into `data`, (N, n): x = μ + √Σ z. The same z for every θ:
    /// simulations of one seed at different parameters are matched.
    member _.Simulate(mean: float, variance: float, seed: int64, firstSimulation: int64, data: Memory<float32>) : unit =
        check variance

        if data.Length % dataPerSimulation <> 0 then
            invalidArg (nameof data) $"GaussianProblem.Simulate: expected room for whole simulations of {dataPerSimulation} data, got \
                {data.Length} value{Plural.s data.Length}."

        let deviation = float32 (sqrt variance)
        let mean = float32 mean

        Parallel.For(0, data.Length / dataPerSimulation, fun i ->
            let one = data.Span.Slice(i * dataPerSimulation, dataPerSimulation)
            NormalNumbers.Fill(seed, firstSimulation + int64 i, one)
            for k in 0 .. one.Length - 1 do
                one[k] <- mean + deviation * one[k])
        |> ignore

    /// Simulations as a new array, (count, n).
    member problem.Simulate(mean: float, variance: float, seed: int64, count: int) : float32[] =
        let data = Array.zeroCreate<float32> (count * dataPerSimulation)
        problem.Simulate(mean, variance, seed, 0L, Memory data)
        data

    /// The exact derivatives of simulations, (N, n, 2): ∂x/∂μ = 1 and ∂x/∂Σ = z/(2√Σ) = (x − μ)/(2Σ).
    /// data : what Simulate gave at this mean and variance, (N, n).
    member _.Derivatives(data: ReadOnlySpan<float32>, mean: float, variance: float) : float32[] =
        check variance
        let derivatives = Array.zeroCreate<float32> (2 * data.Length)

        for i in 0 .. data.Length - 1 do
            derivatives[2 * i] <- 1f
            derivatives[2 * i + 1] <- float32 ((float data[i] - mean) / (2.0 * variance))

        derivatives

    /// Seed-matched simulations below and above each parameter for numerical derivatives, (count, 2, 2, n) = [simulation, below or
    /// above, parameter, datum], made at θ ∓ δθ/2: the widths are full widths.
    member problem.SimulateAround
        (
            mean: float,
            variance: float,
            deltaMean: float,
            deltaVariance: float,
            seed: int64,
            count: int
        ) : float32[] =
        if not (deltaMean > 0.0 && deltaVariance > 0.0 && deltaVariance < 2.0 * variance) then
            invalidArg (nameof deltaVariance) $"GaussianProblem.SimulateAround: expected widths > 0, that of the variance below \
                {2.0 * variance}, got {deltaMean} and {deltaVariance}."

        let n = dataPerSimulation
        let all = Array.zeroCreate<float32> (count * 4 * n)

        for side in 0..1 do
            let sign = if side = 0 then -0.5 else 0.5

            for parameter in 0..1 do
                let m = if parameter = 0 then mean + sign * deltaMean else mean
                let v = if parameter = 1 then variance + sign * deltaVariance else variance
                let data = problem.Simulate(m, v, seed, count)

                for i in 0 .. count - 1 do
                    Array.blit data (i * n) all (((i * 2 + side) * 2 + parameter) * n) n

        all
