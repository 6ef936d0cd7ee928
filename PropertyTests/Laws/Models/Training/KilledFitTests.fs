[<Xunit.Collection "torch's generator">]
module Hybrid.PropertyTests.Laws.Models.Training.KilledFitTests

open System
open System.Diagnostics
open System.IO
open System.Threading
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.Models.Training
open Hybrid.Models.Systems.Imnn
open Hybrid.Models.Weights
open Hybrid.PropertyTests.Laws.Data
open Hybrid.PropertyTests.Systems.Imnn
open Hybrid.PropertyTests.Zoo
open TorchSharp
open Xunit

/// Names the folder of a run to a child process: it trains there until it is done or killed.
let private childVariable = "HYBRID_KILLED_FIT"

/// A cache of the laws' regression: x (12), y (2), and a number for each row.
let private cache (folder: string) =
    let build () : CacheRows seq =
        use _ = torch.NewDisposeScope()
        let x, y = Regression.data ()
        let array (tensor: torch.Tensor) (shape: int[]) = NdArray<float32>(shape, tensor.contiguous().data<float32>().ToArray())

        [ CacheRows
              [| CacheValues.Tensor("x", array x [| Regression.rows; 12 |])
                 CacheValues.Tensor("y", array y [| Regression.rows; 2 |])
                 CacheValues.Integers("row", Array.init Regression.rows int64) |] ]

    Cache.GetOrBuild(folder, CacheRecipe "regression", build, CacheOptions(RowsPerGroup = 10))

/// A network, an ensemble and a Flipout network, then an IMNN on new simulations and one on fixed sets, one after the other; what is done
/// already is left as it is.
let private trained, private imnns = [ "network"; "ensemble"; "flipout" ], [ "imnn"; "imnn-sets" ]
let private kinds = trained @ imnns

/// An algorithm on the same trainer: the same run directory, the same promise.
let private trainImnn (path: string) (isFixed: bool) (pause: int) =
    use _ = torch.NewDisposeScope()
    let network, compressor, optimiser = Gaussian.compressor 4L 16L 3e-3
    use _ = network
    use _ = optimiser

    let imnn: InformationMaximiser =
        if isFixed then
            let (x, dx), (v, dv) = Gaussian.fixedSet 10UL 200, Gaussian.fixedSet 11UL 200
            GradientImnn(compressor, optimiser, Gaussian.theta, x, dx, v, dv)
        else
            Gaussian.simulator 4UL compressor optimiser 100

    let slowly =
        { new FitCallback() with
            override _.OnStep(_, _) = Thread.Sleep pause }

    imnn.Fit(
        TrainingOptions(
            Epochs = 40, Patience = 1000, KeepBest = isFixed, Schedule = RateSchedule.WarmUpCosine 4,
            Directory = path, Existing = ExistingRun.Resume, CheckpointEpochs = 3,
            Callbacks = [| slowly |]))
    |> ignore

let private train (folder: string) (directory: string) (pause: int) =
    use cache = cache (Path.Combine(folder, "caches"))
    use training = cache.Where "row < 72"
    use validation = cache.Where "row >= 72"

    let slowly =
        { new FitCallback() with
            override _.OnStep(_, _) = Thread.Sleep pause }

    for kind in trained do
        torch.manual_seed 4L |> ignore

        let network, loss =
            match kind with
            | "network" ->
                let network = new Mlp()
                network :> torch.nn.Module, Regression.loss network
            | "ensemble" ->
                let ensemble = new Mlp.Ensemble(3)
                ensemble, fun batch -> (ensemble.forward batch["x"] - batch["y"]).square().mean [| 1L; 2L |]
            | _ ->
                let flipout = new Mlp.Flipout()
                flipout, fun batch -> Regression.loss flipout batch + flipout.Kl 72.0

        use network = network
        use optimiser = torch.optim.Adam(network.parameters (), 3e-3)

        Trainer.Fit(
            network, optimiser, Func<_, _> loss, CacheBatches(training, BatchOptions(BatchSize = 8, Seed = 2)),
            CacheBatches(validation, BatchOptions(BatchSize = 24, Shuffle = false), "x", "y"),
            TrainingOptions(
                Epochs = 4, Directory = Path.Combine(folder, directory, kind), Existing = ExistingRun.Resume,
                CheckpointSteps = 2, Schedule = RateSchedule.OneCycle 1e-2, AverageDecay = 0.9,
                ClipNorm = 1.0, Callbacks = [| slowly |]))
        |> ignore

    for kind in imnns do
        trainImnn (Path.Combine(folder, directory, kind)) (kind = "imnn-sets") pause

let private child (folder: string) =
    ChildTest.start "a fit killed at random moments" [ childVariable, folder; "OMP_NUM_THREADS", "1" ]

[<Fact>]
let ``a fit killed at random moments ends with the weights of one that was not, bit for bit`` () =
    match Environment.GetEnvironmentVariable childVariable with
    | null
    | "" ->
        use folder = new ScratchFolder()
        Regression.onOneThread (fun () -> train folder.Path "whole" 0)
        let random = Random()
        let mutable kills = 0

        // Twice in the run of each kind.
        while kills < 2 * kinds.Length do
            let checkpoint = folder.File $"killed/{kinds[kills / 2]}/checkpoint.safetensors"
            use child = child folder.Path
            let output = child.StandardOutput.ReadToEndAsync()

            try
                let before = if File.Exists checkpoint then File.GetLastWriteTimeUtc checkpoint else DateTime.MinValue
                let clock = Stopwatch.StartNew()

                // Once it has written one more checkpoint, at any moment: between steps, in one, in the writing of a file.
                while (not (File.Exists checkpoint) || File.GetLastWriteTimeUtc checkpoint = before)
                      && not child.HasExited && clock.Elapsed.TotalSeconds < 60.0 do
                    Thread.Sleep 2

                Thread.Sleep(random.Next 150)
                Assert.False(child.HasExited, (if child.HasExited then $"the child ended before it was killed: {output.Result}" else ""))
            finally
                // SIGKILL on Unix: no handler and no finally of the child runs.
                child.Kill()
                child.WaitForExit()

            kills <- kills + 1

        use last = child folder.Path
        let output = last.StandardOutput.ReadToEnd()
        last.WaitForExit()
        Assert.True((last.ExitCode = 0), output)

        for kind in kinds do
            let bytes (directory: string) = File.ReadAllBytes(folder.File $"{directory}/{kind}/weights.safetensors")
            Assert.Equal<byte[]>(bytes "whole", bytes "killed")
            let lines (directory: string) =
                File.ReadAllLines(folder.File $"{directory}/{kind}/history.jsonl")
                |> Array.map (fun line -> line.Split(",\"seconds\"")[0])
            Assert.Equal<string[]>(lines "whole", lines "killed")
            Assert.Empty(Directory.GetFiles(folder.File $"killed/{kind}", "*.part"))
    | folder -> Regression.onOneThread (fun () -> train folder "killed" 30)
