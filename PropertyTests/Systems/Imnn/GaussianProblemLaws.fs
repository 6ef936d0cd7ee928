namespace Hybrid.PropertyTests.Systems.Imnn

open System
open System.IO
open System.IO.Compression
open System.Globalization
open System.Threading
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.Data.Images
open Hybrid.Data.Systems.Imnn
open Hybrid.PropertyTests.Laws.Data
open Xunit

module GaussianProblemLaws =

    [<Fact>]
    let ``the Fisher information of ten draws at unit variance has determinant 50`` () =
        let f = GaussianProblem(10).Fisher 1.0
        Assert.Equal<float[]>([| 10.0; 0.0; 0.0; 5.0 |], f)

    [<Fact>]
    let ``simulations have their mean and variance and repeat whatever their batch`` () =
        let problem = GaussianProblem 10
        let data = problem.Simulate(0.5, 2.0, 3L, 20_000)
        let { Mean = mean; Deviation = deviation } = BandStatistics.MeanAndDeviation(ReadOnlySpan data)
        let n = float data.Length
        Assert.InRange(mean, 0.5 - 5.0 * sqrt (2.0 / n), 0.5 + 5.0 * sqrt (2.0 / n))
        Assert.InRange(deviation * deviation, 2.0 - 10.0 * sqrt (2.0 / n), 2.0 + 10.0 * sqrt (2.0 / n))
        let part = Array.zeroCreate<float32> 70
        problem.Simulate(0.5, 2.0, 3L, 100L, Memory part)
        Assert.Equal<float32[]>(data[1000..1069], part)

    [<Fact>]
    let ``draws are normal to their fourth moment and independent of their neighbours`` () =
        let z = GaussianProblem(16).Simulate(0.0, 1.0, 9L, 20_000) |> Array.map float
        let n = float z.Length
        let moment k = z |> Array.averageBy (fun v -> v ** float (k: int))
        // Variances of the sample moments of a normal: 15/n of the third, 96/n of the fourth.
        Assert.InRange(moment 3, -5.0 * sqrt (15.0 / n), 5.0 * sqrt (15.0 / n))
        Assert.InRange(moment 4, 3.0 - 5.0 * sqrt (96.0 / n), 3.0 + 5.0 * sqrt (96.0 / n))
        let within = z |> Array.filter (fun v -> abs v < 1.0) |> Array.length |> float
        Assert.InRange(within / n, 0.6827 - 5.0 * sqrt (0.2166 / n), 0.6827 + 5.0 * sqrt (0.2166 / n))
        let correlation lag = Seq.sum [ for i in 0 .. z.Length - 1 - lag -> z[i] * z[i + lag] ] / n
        Assert.All([ 1; 2; 15; 16; 17; 32 ], fun lag -> Assert.InRange(correlation lag, -5.0 / sqrt n, 5.0 / sqrt n))

    [<Fact>]
    let ``exact derivatives are the limit of seed-matched differences`` () =
        let problem = GaussianProblem 10
        let mean, variance, h = 0.3, 1.4, 0.01
        let data = problem.Simulate(mean, variance, 3L, 50)
        let exact = problem.Derivatives(ReadOnlySpan data, mean, variance)
        let around = problem.SimulateAround(mean, variance, h, h, 3L, 50)

        for i in 0..49 do
            for parameter in 0..1 do
                for k in 0..9 do
                    let at side = float around[((i * 2 + side) * 2 + parameter) * 10 + k]
                    let numeric = (at 1 - at 0) / h
                    let e = float exact[2 * (i * 10 + k) + parameter]
                    Assert.True(abs (numeric - e) < 1e-3 + 1e-3 * abs e,
                                $"simulation {i}, parameter {parameter}, datum {k}: exact {e}, numeric {numeric}")

    [<Fact>]
    let ``a random field has the power spectrum asked for`` () =
        let side = 16
        let field = GaussianField side
        let count = 400
        let fields = field.Simulate(2.0, 0.5, 1L, count)
        // Parseval: the mean square of a field is the mean of P over all modes.
        let frequency i = float (if i <= side / 2 then i else i - side)
        let wavenumber i = sqrt (frequency (i / side) ** 2.0 + frequency (i % side) ** 2.0)
        let spectrum k = if k = 0.0 then 0.0 else 2.0 * k ** -0.5
        let power = Array.average [| for i in 0 .. side * side - 1 -> spectrum (wavenumber i) |]
        let measured = fields |> Array.averageBy (fun v -> float v * float v)
        Assert.InRange(measured / power, 0.97, 1.03)
        // P(0) = 0: every field has mean 0.
        Assert.All([ 0..9 ], fun i -> Assert.Equal(0.0, fields[i * 256 .. i * 256 + 255] |> Array.averageBy float, 1e-6))

    [<Fact>]
    let ``the Fisher information of a line is that of its normal equations`` () =
        let line = LineProblem [| 0.0; 1.0; 2.0; 3.0 |]
        Assert.Equal<float[]>([| 56.0; 24.0; 0.0; 24.0; 16.0; 0.0; 0.0; 0.0; 32.0 |], line.Fisher 0.5)
        let data = line.Simulate(2.0, -1.0, 0.5, 1L, 20_000)
        let mean k = Seq.average [ for i in 0..19_999 -> float data[4 * i + k] ]
        Assert.All([ 0..3 ], fun k -> Assert.InRange(mean k, 2.0 * float k - 1.0 - 0.018, 2.0 * float k - 1.0 + 0.018))

    [<Fact>]
    let ``one quadrant of modes gives the Fisher information that the IMNN package states`` () =
        // P = A k^−B on 128 × 128 at θ = (1, 0.5): F = [[1984.5, −1545.06], [−1545.06, 1690.49]], |F| = 967560.53.
        let f = GaussianField(128).QuadrantFisher 1.0
        Assert.Equal(1984.5, f[0], 1e-9)
        Assert.Equal(-1545.06, f[1], 0.005)
        Assert.Equal(f[1], f[2])
        Assert.Equal(1690.49, f[3], 0.005)
        Assert.Equal(967560.53, f[0] * f[3] - f[1] * f[2], 0.005)
        // All modes of the field know more: about four times each element of one quadrant, and the axes.
        let all = GaussianField(128).Fisher 1.0
        Assert.Equal(0.5 * (128.0 * 128.0 - 1.0), all[0], 1e-9)
        Assert.InRange(all[0] / f[0], 4.0, 4.2)

    [<Fact>]
    let ``signal and noise given separately add up to data whose information is the analytic one`` () =
        let problem = AdditiveNoiseProblem(10, 0.5)
        let f = problem.Fisher 2.0
        Assert.Equal(10.0 / 2.25, f[0], 1e-12)
        Assert.Equal(10.0 / (2.0 * 2.25 ** 2.0), f[3], 1e-12)
        let count = 20_000
        let signals, noise = problem.Signal.Simulate(0.3, 2.0, 4L, count), problem.SimulateNoise(4L, 0L, count)
        let data = AdditiveNoiseProblem.Add(ReadOnlySpan signals, ReadOnlySpan noise)
        Assert.Equal<float32[]>(data, problem.Simulate(0.3, 2.0, 4L, 4L, count))
        Assert.Equal<float32[]>(noise[1000..1069], problem.SimulateNoise(4L, 100L, 7))
        let n = float data.Length
        let { Mean = mean; Deviation = deviation } = BandStatistics.MeanAndDeviation(ReadOnlySpan data)
        Assert.InRange(mean, 0.3 - 5.0 * sqrt (2.25 / n), 0.3 + 5.0 * sqrt (2.25 / n))
        Assert.InRange(deviation * deviation, 2.25 * (1.0 - 5.0 * sqrt (2.0 / n)), 2.25 * (1.0 + 5.0 * sqrt (2.0 / n)))
        // The same seed twice, and yet independent.
        let product = Array.map2 (fun (a: float32) (b: float32) -> float (a - 0.3f) * float b) signals noise |> Array.average
        Assert.InRange(product, -5.0 * sqrt (2.0 * 0.25 / n), 5.0 * sqrt (2.0 * 0.25 / n))
        let add () = AdditiveNoiseProblem.Add(ReadOnlySpan signals, ReadOnlySpan data[..5]) |> ignore
        let refused = Assert.Throws<ArgumentException> add
        Assert.StartsWith("AdditiveNoiseProblem.Add: expected as much noise as signal, 200000 values, got 6.", refused.Message)

    [<Fact>]
    let ``the information of signal under noise is the one that scores of simulated data have`` () =
        // F is the covariance of the score: ∂ln L/∂μ = Σ(x − μ)/v, ∂ln L/∂Σ = Σ((x − μ)² − v)/(2v²) with v = Σ + σ².
        let n, count, mean, variance = 10, 40_000, 0.3, 1.5
        let problem = AdditiveNoiseProblem(n, 0.7)
        let v = variance + 0.49
        let data = problem.Simulate(mean, variance, 1L, 2L, count)

        let scores =
            [| for i in 0 .. count - 1 ->
                   let x = data[i * n .. (i + 1) * n - 1] |> Array.map (fun d -> float d - mean)
                   Array.sum x / v, (Array.sumBy (fun d -> d * d) x - float n * v) / (2.0 * v * v) |]

        let f = problem.Fisher variance
        let average pick = scores |> Array.averageBy pick
        Assert.InRange(average (fun (a, _) -> a * a) / f[0], 0.96, 1.04)
        Assert.InRange(average (fun (_, b) -> b * b) / f[3], 0.95, 1.05)
        Assert.InRange(average (fun (a, b) -> a * b) / sqrt (f[0] * f[3]), -0.03, 0.03)

    [<Fact>]
    let ``a variance that is not positive is refused`` () =
        let problem = Assert.Throws<ArgumentOutOfRangeException>(fun () -> GaussianProblem(10).Simulate(0.0, 0.0, 1L, 1) |> ignore)
        Assert.StartsWith("GaussianProblem: expected a variance > 0, got 0.", problem.Message)
