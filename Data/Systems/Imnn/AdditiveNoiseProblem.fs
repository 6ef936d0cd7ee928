namespace Hybrid.Data.Systems.Imnn

open System
open System.Numerics.Tensors
open System.Threading.Tasks
open Hybrid.Data
open Hybrid.Data.Statistics

/// A signal with noise of its own on top: data are n independent draws of N(μ, Σ) plus n draws of N(0, σ²) with σ known, and both are given
/// separately, so that a network is trained on the same signals under noise drawn again. Parameters θ = (μ, Σ);
/// F = diag(n/(Σ + σ²), n/(2(Σ + σ²)²)).
[<Sealed>]
type AdditiveNoiseProblem(dataPerSimulation: int, noiseDeviation: float) =
    do
        if not (noiseDeviation > 0.0 && Double.IsFinite noiseDeviation) then
            raise (ArgumentOutOfRangeException(nameof noiseDeviation, noiseDeviation,
                                               $"AdditiveNoiseProblem: expected a noise deviation > 0, got {noiseDeviation}."))

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
            invalidArg (nameof noise) $"AdditiveNoiseProblem.Add: expected as much noise as signal, {signals.Length} \
                value{Plural.s signals.Length}, got {noise.Length}."

        let data = Array.zeroCreate<float32> signals.Length
        TensorPrimitives.Add(signals, noise, Span data)
        data

    /// Signals of one seed under the noise of another, (count, n).
    member problem.Simulate(mean: float, variance: float, seed: int64, noiseSeed: int64, count: int) : float32[] =
        AdditiveNoiseProblem.Add(ReadOnlySpan(signal.Simulate(mean, variance, seed, count)),
                                 ReadOnlySpan(problem.SimulateNoise(noiseSeed, 0L, count)))
