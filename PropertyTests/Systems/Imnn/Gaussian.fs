namespace Hybrid.PropertyTests.Systems.Imnn

open System
open Hybrid.Models.Systems.Imnn
open Hybrid.Models.Training
open TorchSharp

/// Pieces of the worked problem that the laws share: ten draws of N(0, 1), θ = (mean, variance).
[<RequireQualifiedAccess>]
module Gaussian =

    let theta = [| 0.0; 1.0 |]

    let near (absolute: float) (relative: float) (expected: float) (actual: float) =
        abs (actual - expected) <= absolute + relative * abs expected

    /// Summaries (n, 2) of simulations (n, 10), and their derivatives (2, n, 2) by the parameters, for a function of (Σx, Σx²) and its
    /// Jacobian.
    let sums (x: torch.Tensor) (dx: torch.Tensor) =
        let first = x.sum([| 1L |])
        let second = x.square().sum([| 1L |])
        let dFirst = dx.sum([| 2L |])
        let dSecond = x.unsqueeze(0).mul(dx).sum([| 2L |]).mul(2.0.ToScalar())
        torch.stack([| first; second |], 1L), torch.stack([| dFirst; dSecond |], 2L)

    /// (mean, population variance), the summaries of the reference numbers.
    let meanAndVariance (x: torch.Tensor) (dx: torch.Tensor) =
        let mean = x.mean([| 1L |])
        let centred = x.sub(mean.unsqueeze(1))
        let dMean = dx.mean([| 2L |])
        let dCentred = dx.sub(dMean.unsqueeze(2))
        torch.stack([| mean; centred.square().mean([| 1L |]) |], 1L),
        torch.stack([| dMean; centred.unsqueeze(0).mul(dCentred).mean([| 2L |]).mul(2.0.ToScalar()) |], 2L)

    let tangentOf (f: torch.Tensor -> torch.Tensor -> torch.Tensor * torch.Tensor) =
        TangentProgram(fun x dx ->
            let value, tangent = f x dx
            struct (value, tangent))

    /// A small compressor with everything that trains it. Dispose the network and the optimiser.
    let compressor (seed: int64) (hidden: int64) (learningRate: float) =
        torch.manual_seed seed |> ignore
        let network = new DenseCompressor(10L, hidden, 2L)
        let weights = DenseCompressor.Weights.Of network
        let tangent = TangentProgram(fun x dx -> DenseCompressor.ForwardTangent(weights, x, dx))
        let optimiser = torch.optim.Adam(network.parameters (), lr = learningRate)
        network, Compressor(network, tangent), optimiser

    /// Fixed simulations (n, 10) with exact derivatives (n, 10, 2).
    let fixedSet (seed: uint64) (count: int) =
        use generator = new torch.Generator(seed)
        let struct (x, dx) = GaussianSimulator().Simulate(generator, theta, count)
        x, dx.moveaxis([| 0L |], [| -1L |])

    let simulator (seed: uint64) compressor optimiser count =
        new SimulatorImnn(compressor, optimiser, theta, GaussianSimulator(), (count: int), Seeds.Derive(seed, "training"))

    /// A fit of so many iterations that nothing else ends.
    let options iterations =
        TrainingOptions(Epochs = iterations, Patience = Nullable(), Seed = Nullable(), CheckpointEpochs = 250)

    /// Every iteration of a fit.
    let iterations (result: TrainingResult) = [| for record in result.History -> ImnnIteration.Of record |]

    /// The same options with another number of iterations at most.
    let upTo iterations (options: TrainingOptions) =
        TrainingOptions(
            Epochs = iterations,
            Patience = options.Patience,
            MinEpochs = options.MinEpochs,
            Seed = options.Seed,
            CheckpointEpochs = options.CheckpointEpochs
        )
