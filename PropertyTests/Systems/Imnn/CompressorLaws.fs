namespace Hybrid.PropertyTests.Systems.Imnn

open System
open Hybrid.Models.Systems.Imnn
open Hybrid.PropertyTests
open TorchSharp
open Xunit
open FsCheck

/// The networks of the worked problem and what surrounds them.
[<Collection "torch's generator">]
module CompressorLaws =

    [<SeededProperty(MaxTest = 20)>]
    let ``the summaries of a set do not depend on the order of its data, and any number of data fits`` (seed: uint16) (PositiveInt size) =
        use _ = torch.NewDisposeScope()
        use _ = torch.no_grad ()
        torch.manual_seed (int64 seed) |> ignore
        use network = new ExchangeableCompressor(5L, 3L)
        let data = torch.randn [| 4L; int64 size |]
        let order = torch.randperm (int64 size)
        let one, other = network.forward data, network.forward (data.index_select(1L, order))
        Assert.Equal<int64[]>([| 4L; 3L |], one.shape)
        Assert.True(torch.allclose(one, other, 1e-4, 1e-4), $"{size} data\n{one}\nin another order\n{other}")

    [<SeededProperty(MaxTest = 12)>]
    let ``the last layer of each network is the linear map of its features, derivatives too`` (seed: uint16) =
        use _ = torch.NewDisposeScope()
        use _ = torch.no_grad ()
        torch.manual_seed (int64 seed) |> ignore
        use first = new ExchangeableCompressor(5L, 2L)
        use second = new SmoothCompressor(4L, 7L, 2L)
        use third = new DenseCompressor(4L, 7L, 2L)
        for compressor in [ Compressor.Of first; Compressor.Of second; Compressor.Of third ] do
            let name = compressor.Network.GetType().Name
            let x, dx = torch.randn [| 6L; 4L |], torch.randn [| 2L; 6L; 4L |]
            let struct (value, tangent) = compressor.Tangent.Invoke(x, dx)
            let last = nonNull compressor.Last
            let struct (features, along) = last.Features.Invoke(x, dx)
            let weight = last.Weight.t ()
            Assert.True(torch.allclose(value, compressor.Network.forward x, 1e-4, 1e-4), $"{name}: program and module differ")
            Assert.True(torch.allclose(value, features.matmul(weight) + last.Bias, 1e-4, 1e-4), $"{name}: values")
            Assert.True(torch.allclose(tangent, along.matmul weight, 1e-4, 1e-4), $"{name}: derivatives")

    [<Fact>]
    let ``a read-out writes the best last layer into the network`` () =
        use _ = torch.NewDisposeScope()
        torch.manual_seed 3L |> ignore
        use network = new ExchangeableCompressor(8L, 2L)
        let compressor = Compressor.Of network
        let judge () = FisherEvaluation.Of(compressor.Tangent, GaussianSimulator(), Gaussian.theta, 40_000, 9UL)
        let before = (judge ()).Statistics.Determinant
        compressor.Read(GaussianSimulator(), Gaussian.theta, 20_000, 5UL) |> ignore
        let after = judge ()
        Assert.True(after.Statistics.Determinant > before, $"|F| {before:F2} before, {after.Statistics.Determinant:F2} after")
        for i in 0..1 do
            for j in 0..1 do
                let expected = if i = j then 1.0 else 0.0
                Assert.True(
                    abs (after.Statistics.Covariance[i].[j] - expected) < 0.1,
                    $"covariance [{i},{j}] {after.Statistics.Covariance[i].[j]}")
        let bare = Assert.Throws<InvalidOperationException>(fun () ->
            Compressor(network).Read(GaussianSimulator(), Gaussian.theta, 1000, 1UL) |> ignore)
        Assert.Contains("expected the last layer of", bare.Message)

    [<Fact>]
    let ``the best summaries have the |F| of theory, and no read-out of random features more on the same simulations`` () =
        use _ = torch.NewDisposeScope()
        let judge program = FisherEvaluation.Of(program, GaussianSimulator(), Gaussian.theta, 60_000, 12UL)
        let optimum = judge (TangentProgram(fun x dx -> GaussianSimulator.Optimum(x, dx)))
        let away = abs (optimum.Statistics.Determinant - 50.0) / optimum.StandardError
        Assert.True(away < 4.0, $"|F| {optimum.Statistics.Determinant:F2} ± {optimum.StandardError:F2}, theory 50")
        torch.manual_seed 4L |> ignore
        use network = new ExchangeableCompressor(8L, 2L)
        let compressor = Compressor.Of network
        compressor.Read(GaussianSimulator(), Gaussian.theta, 40_000, 6UL) |> ignore
        let random = judge compressor.Tangent
        let ratio = random.Statistics.Determinant / optimum.Statistics.Determinant
        Assert.True(ratio > 0.5 && ratio < 1.01, $"ratio {ratio:F4}")

    [<Fact>]
    let ``simulations at parameters of their own have those parameters`` () =
        use _ = torch.NewDisposeScope()
        use generator = new torch.Generator 5UL
        let theta = torch.tensor([| 3.0; 0.25; -1.0; 4.0 |], ReadOnlySpan [| 2L; 2L |]).repeat(4000L, 1L)
        let data = GaussianSimulator().SimulateAt(generator, theta).view(4000L, 2L, 10L)
        for row, (mean, variance) in [ 0L, (3.0, 0.25); 1L, (-1.0, 4.0) ] do
            let one = data.select(1L, row)
            let seen, spread = one.mean().ToDouble(), one.var().ToDouble()
            Assert.True(abs (seen - mean) < 5.0 * sqrt (variance / 40_000.0), $"row {row}: mean {seen}")
            Assert.True(abs (spread / variance - 1.0) < 0.05, $"row {row}: variance {spread}")
        let wrong = Assert.Throws<ArgumentException>(fun () -> GaussianSimulator().SimulateAt(generator, -theta) |> ignore)
        Assert.Contains("Let the prior of the variance begin above 0", wrong.Message)
