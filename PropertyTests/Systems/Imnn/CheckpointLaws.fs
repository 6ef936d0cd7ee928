namespace Hybrid.PropertyTests.Systems.Imnn

open System
open System.Collections.Generic
open System.IO
open Hybrid.Models.Systems.Imnn
open Hybrid.Models.Training
open Hybrid.Models.Weights
open TorchSharp
open Xunit

[<Collection "torch's generator">]
module CheckpointLaws =

    let private weightsOf (network: torch.nn.Module) =
        [| for KeyValue(_, w) in network.state_dict () do yield! w.detach().data<float32>().ToArray() |]

    let private withFolder (body: string -> unit) =
        let folder = Directory.CreateTempSubdirectory "hybrid-imnn-"
        try body folder.FullName finally folder.Delete true

    let private checkpointOf folder = Path.Combine(folder, "checkpoint.safetensors")

    /// A fit of so many iterations in a folder, resumed where it holds one.
    let private fit (folder: string) iterations (imnn: InformationMaximiser) =
        imnn.Fit(
            TrainingOptions(
                Epochs = iterations, Seed = Nullable(), CheckpointEpochs = 2,
                Directory = folder, Existing = ExistingRun.Resume))

    let private onOneThread (body: unit -> unit) =
        let before = torch.get_num_threads ()
        torch.set_num_threads 1
        try body () finally torch.set_num_threads before

    let private simulated compressor optimiser = Gaussian.simulator 3UL compressor optimiser 100 :> InformationMaximiser

    let private fixedSets compressor optimiser =
        let x, dx = Gaussian.fixedSet 3UL 100
        new GradientImnn(compressor, optimiser, Gaussian.theta, x, dx) :> InformationMaximiser

    let private forms: (Compressor -> torch.optim.Optimizer -> InformationMaximiser) list = [ simulated; fixedSets ]

    /// What resuming must refuse, with the network as it was.
    let private refused (network: torch.nn.Module) (expected: string) (resume: unit -> TrainingResult) =
        let before = weightsOf network
        let failure = Assert.Throws<InvalidDataException>(fun () -> resume () |> ignore)
        Assert.Contains(expected, failure.Message)
        Assert.Equal<float32[]>(before, weightsOf network)

    [<Fact>]
    let ``a fit that is continued with more iterations is bit for bit the one that did not stop`` () =
        onOneThread (fun () ->
            for form in forms do
                withFolder (fun folder ->
                    let whole, compressor, optimiser = Gaussian.compressor 1L 16L 3e-3
                    use _ = whole
                    use _ = optimiser
                    let imnn = form compressor optimiser
                    let expected = imnn.Fit(TrainingOptions(Epochs = 12, Seed = Nullable()))

                    let first, compressor, optimiser = Gaussian.compressor 1L 16L 3e-3
                    use _ = first
                    use _ = optimiser
                    fit folder 7 (form compressor optimiser) |> ignore

                    let again, compressor, optimiser = Gaussian.compressor 2L 16L 1e-1 // other weights and another rate, both replaced
                    use _ = again
                    use _ = optimiser
                    let continued = form compressor optimiser
                    Assert.NotEqual<float32[]>(weightsOf whole, weightsOf again)
                    let result = fit folder 12 continued
                    Assert.Equal<float32[]>(weightsOf whole, weightsOf again)
                    Assert.Equal<ImnnIteration[]>(Gaussian.iterations expected, Gaussian.iterations result)
                    Assert.Equal(imnn.Statistics.Determinant, continued.Statistics.Determinant)))

    [<Fact>]
    let ``saved statistics and weights estimate as the fit did`` () =
        withFolder (fun folder ->
            let network, compressor, optimiser = Gaussian.compressor 1L 16L 3e-3
            use _ = network
            use _ = optimiser
            let imnn = simulated compressor optimiser
            fit folder 5 imnn |> ignore
            let other, compressor, optimiser = Gaussian.compressor 2L 16L 3e-3
            use _ = other
            use _ = optimiser
            let loaded = simulated compressor optimiser
            WeightFile.Load(other, Path.Combine(folder, "weights.safetensors")) |> ignore
            loaded.RestoreStatistics(FisherStatistics.Read(Path.Combine(folder, "statistics.json")))
            use data = torch.randn (4L, 10L)
            Assert.Equal<float[][]>(imnn.Estimate data, loaded.Estimate data))

    [<Fact>]
    let ``a run of another network, optimiser, form or fiducial is refused and changes nothing`` () =
        withFolder (fun folder ->
            let network, compressor, optimiser = Gaussian.compressor 1L 16L 3e-3
            use _ = network
            use _ = optimiser
            fit folder 2 (fixedSets compressor optimiser) |> ignore

            let wider, compressor, optimiser = Gaussian.compressor 1L 17L 3e-3
            use _ = wider
            use _ = optimiser
            refused wider "'first.weight' is (16, 10), the network's is (17, 10)" (fun () -> fit folder 4 (fixedSets compressor optimiser))

            let same, compressor, optimiser = Gaussian.compressor 2L 16L 3e-3
            use _ = same
            use _ = optimiser
            refused same "no state of a simulator" (fun () -> fit folder 4 (simulated compressor optimiser))
            use descent = torch.optim.SGD(same.parameters (), 0.1)
            refused same "saved with the optimiser Adam, this one is SGD" (fun () -> fit folder 4 (fixedSets compressor descent))
            let x, dx = Gaussian.fixedSet 3UL 100
            let elsewhere = new GradientImnn(compressor, optimiser, [| 0.0; 2.0 |], x, dx)
            refused same "saved at the fiducial parameters [0, 1], this GradientImnn has [0, 2]" (fun () -> fit folder 4 elsewhere)
            Safetensors.Save(checkpointOf folder, same.state_dict ())
            refused same "expected a checkpoint of Trainer.Fit" (fun () -> fit folder 4 (fixedSets compressor optimiser)))

    [<Fact>]
    let ``a damaged checkpoint gives an error, never a crash or half a state`` () =
        withFolder (fun folder ->
            let network, compressor, optimiser = Gaussian.compressor 1L 16L 3e-3
            use _ = network
            use _ = optimiser
            let imnn = simulated compressor optimiser
            fit folder 2 imnn |> ignore
            let whole = File.ReadAllBytes(checkpointOf folder)
            let random = Random 5
            for _ in 1..60 do
                // Otherwise the run continues from it.
                File.Delete(Path.Combine(folder, "checkpoint.previous.safetensors"))
                File.WriteAllBytes(checkpointOf folder, whole[.. random.Next(whole.Length - 1)])
                Assert.Throws<InvalidDataException>(fun () -> fit folder 4 imnn |> ignore) |> ignore)
