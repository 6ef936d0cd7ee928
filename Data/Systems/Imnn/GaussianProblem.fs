namespace Hybrid.Data.Systems.Imnn

open System
open System.Numerics.Tensors
open System.Threading.Tasks
open Hybrid.Data.Statistics

/// The worked problem of information maximising networks: data of n independent draws of N(μ, Σ), parameters θ = (μ, Σ) with Σ the
/// variance. Its Fisher information is known: F = diag(n/Σ, n/(2Σ²)); |F| = 50 for n = 10 at θ = (0, 1).
[<Sealed>]
type GaussianProblem(dataPerSimulation: int) =
    do
        if dataPerSimulation < 1 then
            raise (ArgumentOutOfRangeException(nameof dataPerSimulation, dataPerSimulation, $"GaussianProblem: expected at least one datum a simulation, got {dataPerSimulation}."))

    let check (variance: float) =
        if not (variance > 0.0) then
            raise (ArgumentOutOfRangeException(nameof variance, variance, $"GaussianProblem: expected a variance > 0, got {variance}."))

    member _.DataPerSimulation = dataPerSimulation

    /// The analytic Fisher information, row by row: F_μμ, 0, 0, F_ΣΣ.
    member _.Fisher(variance: float) : float[] =
        check variance
        let n = float dataPerSimulation
        [| n / variance; 0.0; 0.0; n / (2.0 * variance * variance) |]

    /// Simulations firstSimulation, firstSimulation + 1, … of a seed into `data`, (N, n): x = μ + √Σ z. The same z for every θ:
    /// simulations of one seed at different parameters are matched.
    member _.Simulate(mean: float, variance: float, seed: int64, firstSimulation: int64, data: Memory<float32>) : unit =
        check variance

        if data.Length % dataPerSimulation <> 0 then
            invalidArg (nameof data) $"GaussianProblem.Simulate: expected room for whole simulations of {dataPerSimulation} data, got {data.Length} values."

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
    member problem.SimulateAround(mean: float, variance: float, deltaMean: float, deltaVariance: float, seed: int64, count: int) : float32[] =
        if not (deltaMean > 0.0 && deltaVariance > 0.0 && deltaVariance < 2.0 * variance) then
            invalidArg (nameof deltaVariance) $"GaussianProblem.SimulateAround: expected widths > 0, that of the variance below {2.0 * variance}, got {deltaMean} and {deltaVariance}."

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

/// A signal with noise of its own on top: data are n independent draws of N(μ, Σ) plus n draws of N(0, σ²) with σ known, and both are given
/// separately, so that a network is trained on the same signals under noise drawn anew. Parameters θ = (μ, Σ);
/// F = diag(n/(Σ + σ²), n/(2(Σ + σ²)²)).
[<Sealed>]
type AdditiveNoiseProblem(dataPerSimulation: int, noiseDeviation: float) =
    do
        if not (noiseDeviation > 0.0 && Double.IsFinite noiseDeviation) then
            raise (ArgumentOutOfRangeException(nameof noiseDeviation, noiseDeviation, $"AdditiveNoiseProblem: expected a noise deviation > 0, got {noiseDeviation}."))

    let signal = GaussianProblem dataPerSimulation

    member _.DataPerSimulation = dataPerSimulation
    member _.NoiseDeviation = noiseDeviation
    /// The signal alone: its simulations, derivatives (those of the data too: the noise depends on no parameter) and seed-matched pairs.
    member _.Signal = signal

    /// The analytic Fisher information of signal and noise together, row by row.
    member _.Fisher(variance: float) : float[] = signal.Fisher(variance + noiseDeviation * noiseDeviation)

    /// Noise alone, (count, n). Seeds of noise and of signals do not meet: the same number gives independent draws.
    member _.SimulateNoise(seed: int64, firstSimulation: int64, count: int) : float32[] =
        let noise = Array.zeroCreate<float32> (count * dataPerSimulation)

        Parallel.For(0, count, fun i ->
            NormalNumbers.Fill(~~~seed, firstSimulation + int64 i, Span(noise, i * dataPerSimulation, dataPerSimulation)))
        |> ignore

        TensorPrimitives.Multiply(ReadOnlySpan noise, float32 noiseDeviation, Span noise)
        noise

    /// Signals with noise added, simulation by simulation; both of one length.
    static member Add(signals: ReadOnlySpan<float32>, noise: ReadOnlySpan<float32>) : float32[] =
        if signals.Length <> noise.Length then
            invalidArg (nameof noise) $"AdditiveNoiseProblem.Add: expected as much noise as signal, {signals.Length} values, got {noise.Length}."

        let data = Array.zeroCreate<float32> signals.Length
        TensorPrimitives.Add(signals, noise, Span data)
        data

    /// Signals of one seed under the noise of another, (count, n).
    member problem.Simulate(mean: float, variance: float, seed: int64, noiseSeed: int64, count: int) : float32[] =
        AdditiveNoiseProblem.Add(ReadOnlySpan(signal.Simulate(mean, variance, seed, count)), ReadOnlySpan(problem.SimulateNoise(noiseSeed, 0L, count)))
