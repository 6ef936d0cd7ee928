namespace Hybrid.PropertyTests.Systems.Imnn

open System
open System.Collections.Generic
open System.IO
open Hybrid.Models.Systems.Imnn
open Hybrid.Models.Weights
open TorchSharp
open Xunit

[<Collection "torch's generator">]
module CheckpointLaws =

    let private weightsOf (network: torch.nn.Module) =
        [| for KeyValue(_, w) in network.state_dict () do yield! w.detach().data<float32>().ToArray() |]

    let private withFile (body: string -> unit) =
        let folder = Directory.CreateTempSubdirectory "hybrid-imnn-"
        try body (Path.Combine(folder.FullName, "imnn.safetensors")) finally folder.Delete true

    let private onOneThread (body: unit -> unit) =
        let before = torch.get_num_threads ()
        torch.set_num_threads 1
        try body () finally torch.set_num_threads before

    let private simulated compressor optimiser = Gaussian.simulator 3UL compressor optimiser 100 :> InformationMaximiser

    let private fixedSets compressor optimiser =
        let x, dx = Gaussian.fixedSet 3UL 100
        new GradientImnn(compressor, optimiser, Gaussian.theta, x, dx) :> InformationMaximiser

    let private forms: (Compressor -> torch.optim.Optimizer -> InformationMaximiser) list = [ simulated; fixedSets ]

    /// What a load must refuse, with the network as it was.
    let private refused (network: torch.nn.Module) (expected: string) (load: unit -> unit) =
        let before = weightsOf network
        let failure = Assert.Throws<InvalidDataException>(load)
        Assert.Contains(expected, failure.Message)
        Assert.Equal<float32[]>(before, weightsOf network)

    [<Fact>]
    let ``a fit that was saved and loaded goes on bit for bit as if it had not stopped`` () =
        onOneThread (fun () ->
            for form in forms do
                withFile (fun path ->
                    let whole, compressor, optimiser = Gaussian.compressor 1L 16L 3e-3
                    use _ = whole
                    use _ = optimiser
                    let imnn = form compressor optimiser
                    imnn.Fit(Gaussian.options 7) |> ignore
                    imnn.Save path
                    imnn.Fit(Gaussian.options 5) |> ignore

                    let again, compressor, optimiser = Gaussian.compressor 2L 16L 1e-1 // other weights and another rate, both replaced
                    use _ = again
                    use _ = optimiser
                    let loaded = form compressor optimiser
                    Assert.NotEqual<float32[]>(weightsOf whole, weightsOf again)
                    loaded.Load path
                    loaded.Fit(Gaussian.options 5) |> ignore
                    Assert.Equal<float32[]>(weightsOf whole, weightsOf again)
                    Assert.Equal(imnn.History.Iterations[11], loaded.History.Iterations[4])
                    Assert.Equal(imnn.Statistics.Determinant, loaded.Statistics.Determinant)))

    [<Fact>]
    let ``loaded statistics estimate as the saved ones did`` () =
        withFile (fun path ->
            let network, compressor, optimiser = Gaussian.compressor 1L 16L 3e-3
            use _ = network
            use _ = optimiser
            let imnn = simulated compressor optimiser
            imnn.Fit(Gaussian.options 5) |> ignore
            imnn.Save path
            let other, compressor, optimiser = Gaussian.compressor 2L 16L 3e-3
            use _ = other
            use _ = optimiser
            let loaded = simulated compressor optimiser
            loaded.Load path
            use data = torch.randn (4L, 10L)
            Assert.Equal<float[][]>(imnn.Estimate data, loaded.Estimate data))

    [<Fact>]
    let ``a file of another network, optimiser, form or fiducial is refused and changes nothing`` () =
        withFile (fun path ->
            let network, compressor, optimiser = Gaussian.compressor 1L 16L 3e-3
            use _ = network
            use _ = optimiser
            (fixedSets compressor optimiser).Save path

            let wider, compressor, optimiser = Gaussian.compressor 1L 17L 3e-3
            use _ = wider
            use _ = optimiser
            refused wider "'first.weight' is (16, 10), the network's is (17, 10)" (fun () -> (simulated compressor optimiser).Load path)

            let same, compressor, optimiser = Gaussian.compressor 2L 16L 3e-3
            use _ = same
            use _ = optimiser
            refused same "no state of a simulator" (fun () -> (simulated compressor optimiser).Load path)
            use descent = torch.optim.SGD(same.parameters (), 0.1)
            refused same "saved with the optimiser Adam, this one is SGD" (fun () -> (fixedSets compressor descent).Load path)
            let x, dx = Gaussian.fixedSet 3UL 100
            let elsewhere = new GradientImnn(compressor, optimiser, [| 0.0; 2.0 |], x, dx)
            refused same "saved at the fiducial parameters [0, 1], this GradientImnn has [0, 2]" (fun () -> elsewhere.Load path)
            Safetensors.Save(path, same.state_dict ())
            refused same "expected a file that GradientImnn.Save wrote" (fun () -> (fixedSets compressor optimiser).Load path))

    [<Fact>]
    let ``a damaged file gives an error, never a crash or half a state`` () =
        withFile (fun path ->
            let network, compressor, optimiser = Gaussian.compressor 1L 16L 3e-3
            use _ = network
            use _ = optimiser
            let imnn = simulated compressor optimiser
            imnn.Fit(Gaussian.options 2) |> ignore
            imnn.Save path
            let whole = File.ReadAllBytes path
            let random = Random 5
            for _ in 1..60 do
                File.WriteAllBytes(path, whole[.. random.Next(whole.Length - 1)])
                Assert.Throws<InvalidDataException>(fun () -> imnn.Load path) |> ignore)
