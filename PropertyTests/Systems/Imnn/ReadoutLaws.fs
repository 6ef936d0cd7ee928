namespace Hybrid.PropertyTests.Systems.Imnn

open System
open Hybrid.Models.Systems.Imnn
open Hybrid.Models.Training
open TorchSharp
open Xunit

[<Collection "torch's generator">]
module ReadoutLaws =

    let private one = 1.0.ToScalar()

    /// Every datum and its square (n, 20), whose sums are sufficient for mean and variance, and three features that say nothing: a
    /// constant, a copy, twice a square.
    let private powers (x: torch.Tensor) (dx: torch.Tensor) =
        let squares, dSquares = x.square(), x.unsqueeze(0).mul(dx).mul(2.0.ToScalar())
        let first (t: torch.Tensor) = t.narrow(-1L, 0L, 1L)
        torch.cat([| x; squares; first(x).zeros_like().add(one); first x; first(squares).mul(2.0.ToScalar()) |], 1L),
        torch.cat([| dx; dSquares; first(dx).zeros_like(); first dx; first(dSquares).mul(2.0.ToScalar()) |], 2L)

    let private matrix (rows: float[][]) = torch.tensor (Array.concat rows, ReadOnlySpan [| int64 rows.Length; int64 rows[0].Length |])

    /// The tangent program of W h + b.
    let private linear (weight: torch.Tensor) (bias: torch.Tensor) (features: torch.Tensor -> torch.Tensor -> torch.Tensor * torch.Tensor) =
        Gaussian.tangentOf (fun x dx ->
            let h, dh = features x dx
            let w = weight.t().to_type h.dtype
            h.matmul(w).add(bias.to_type h.dtype), dh.matmul w)

    let private evaluate program = FisherEvaluation.Of(program, GaussianSimulator(), Gaussian.theta, 100_000, 31UL)

    [<Fact>]
    let ``the readout of sufficient features reaches theory's information with unit covariance and mean zero`` () =
        use _ = torch.NewDisposeScope()
        let readout = LinearReadout.Of(Gaussian.tangentOf powers, GaussianSimulator(), Gaussian.theta, 200_000, 5UL)
        let result = evaluate (linear (matrix readout.Weight) (torch.tensor readout.Bias) powers)
        let away = abs (result.Statistics.Determinant - 50.0) / result.StandardError
        Assert.True(away < 4.0, $"|F| = {result.Statistics.Determinant:F2} ± {result.StandardError:F2}, theory 50")
        Assert.True(Gaussian.near 0.0 0.03 50.0 readout.Determinant, $"the readout's own |F| is {readout.Determinant:F2}")
        for i in 0..1 do
            Assert.True(abs result.Statistics.Mean[i] < 0.02, $"mean of summary {i}: {result.Statistics.Mean[i]:F4}")
            for j in 0..1 do
                let expected = if i = j then 1.0 else 0.0
                Assert.True(
                    Gaussian.near 0.03 0.0 expected (result.Statistics.Covariance[i][j]),
                    $"covariance [{i},{j}]: {result.Statistics.Covariance[i][j]:F4}")

    [<Fact>]
    let ``no other linear summary of the features has more`` () =
        use _ = torch.NewDisposeScope()
        let best = LinearReadout.Of(Gaussian.tangentOf powers, GaussianSimulator(), Gaussian.theta, 200_000, 5UL)
        let top = evaluate (linear (matrix best.Weight) (torch.tensor best.Bias) powers)
        use generator = new torch.Generator(8UL)
        for _ in 1..10 do
            let step = torch.randn (2L, 23L, dtype = Nullable torch.ScalarType.Float64, generator = generator)
            let other = evaluate (linear (matrix(best.Weight).add(step.mul(0.2.ToScalar()))) (torch.tensor best.Bias) powers)
            // The same simulations judge both, so their scatter cancels but for the estimate's own.
            Assert.True(
                other.Statistics.Determinant < top.Statistics.Determinant + 0.2,
                $"{other.Statistics.Determinant:F2} > {top.Statistics.Determinant:F2}")

    [<Fact>]
    let ``a trained network gains by it and its weights take it`` () =
        use _ = torch.NewDisposeScope()
        let network, compressor, optimiser = Gaussian.compressor 4L 32L 1e-2
        use _ = network
        use _ = optimiser
        (Gaussian.simulator 4UL compressor optimiser 1000).Fit(TrainingOptions(Epochs = 150, KeepBest = false, Seed = Nullable())) |> ignore
        let weights = DenseCompressor.Weights.Of network
        // The network up to its last layer: a wider one with the same weights and the identity in that layer's place.
        let whole = new DenseCompressor(10L, 32L, 32L)
        use _ = whole
        let trunk = DenseCompressor.Weights.Of whole
        use still = torch.no_grad ()
        for own, trained in Seq.zip (Seq.take 6 trunk.Parameters) weights.Parameters do own.copy_ trained |> ignore
        trunk.SummaryWeight.copy_ (torch.eye 32L) |> ignore
        trunk.SummaryBias.zero_ () |> ignore
        let features = TangentProgram(fun x dx -> DenseCompressor.ForwardTangent(trunk, x, dx))
        let before = (evaluate compressor.Tangent).Statistics.Determinant
        let readout = LinearReadout.Of(features, GaussianSimulator(), Gaussian.theta, 50_000, 6UL)
        readout.CopyTo(weights.SummaryWeight, weights.SummaryBias)
        let after = evaluate compressor.Tangent
        Assert.True(after.Statistics.Determinant > before, $"|F| {before:F2} before, {after.Statistics.Determinant:F2} after")
        Assert.True(
            after.Statistics.Determinant < 50.0 + 4.0 * after.StandardError,
            $"|F| {after.Statistics.Determinant:F2} exceeds theory's 50")

    [<Fact>]
    let ``too few simulations and too few features are refused in words`` () =
        let few =
            Assert.Throws<ArgumentException>(fun () ->
                LinearReadout.Of(Gaussian.tangentOf powers, GaussianSimulator(), Gaussian.theta, 400, 5UL)
                |> ignore)
        Assert.Contains("400 simulations cannot give the covariance of 23 features; at least 460 are needed", few.Message)
        let first (x: torch.Tensor) (dx: torch.Tensor) = x.narrow(1L, 0L, 1L), dx.narrow(2L, 0L, 1L)
        let narrow =
            Assert.Throws<ArgumentException>(fun () ->
                LinearReadout.Of(Gaussian.tangentOf first, GaussianSimulator(), Gaussian.theta, 1000, 5UL)
                |> ignore)
        Assert.Contains("1 feature cannot tell 2 parameters apart", narrow.Message)
        let sameFeatures (x: torch.Tensor) (dx: torch.Tensor) =
            x.narrow(1L, 0L, 1L).repeat(1L, 2L), dx.narrow(2L, 0L, 1L).repeat(1L, 1L, 2L)
        Assert.Throws<SingularCovarianceException>(fun () ->
            LinearReadout.Of(Gaussian.tangentOf sameFeatures, GaussianSimulator(), Gaussian.theta, 1000, 5UL)
            |> ignore)
        |> ignore
