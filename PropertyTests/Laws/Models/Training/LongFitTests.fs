/// A training of a million steps: nothing grows.
[<Xunit.Collection "torch's generator">]
module Hybrid.PropertyTests.Laws.Models.Training.LongFitTests

open System
open System.Globalization
open System.IO
open Xunit
open Hybrid.Models.Training
open Hybrid.PropertyTests.Zoo
open TorchSharp

let private takesAll = Environment.GetEnvironmentVariable "HYBRID_TEST_ALL" |> String.IsNullOrEmpty |> not
let private steps = if takesAll then 1_000_000L else 3_000L
let private batchesPerEpoch = 1000L

let private residentBytes () =
    let line = File.ReadLines "/proc/self/status" |> Seq.find (fun line -> line.StartsWith "VmRSS:")
    Int64.Parse(line.Split([| ' '; '\t' |], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) <<< 10

[<Fact>]
let ``memory and live tensors are flat over a million steps`` () =
    if not (OperatingSystem.IsLinux()) then
        Assert.Skip "reads its memory from /proc"

    use _ = torch.NewDisposeScope()
    torch.manual_seed 1L |> ignore
    use network = new Mlp()
    use optimiser = torch.optim.Adam(network.parameters (), 1e-3)
    let rows = 8 * int batchesPerEpoch
    use generator = new torch.Generator(11UL)
    let x = torch.randn([| int64 rows; 12L |], generator = generator)
    let y = torch.stack([| x.sum(1L); x.narrow(1L, 0L, 3L).sum(1L) |], 1L)
    let batches = TensorBatches([| struct ("x", x); struct ("y", y) |], [| [| 0 .. rows - 1 |] |], 8, seed = 5L)
    // After each hundredth of the steps, beginning with the second: the first fills what is then used again.
    let memory, live = ResizeArray<int64>(), ResizeArray<int64>()
    let every = max 100L (steps / 100L)

    let watch =
        { new FitCallback() with
            override _.OnStep(fit, loss) =
                Assert.True(Double.IsFinite loss, $"the loss of step {fit.Step} is {loss}")

                if fit.Step % every = 0L && fit.Step > every then
                    GC.Collect()
                    memory.Add(residentBytes ())
                    live.Add DisposeScopeManager.Statistics.ThreadTotalLiveCount }

    let result =
        Trainer.Fit(
            network, optimiser, Func<_, _>(fun (batch: TensorBatch) -> (network.forward batch["x"] - batch["y"]).square().mean()), batches,
            options = TrainingOptions(Epochs = int (steps / batchesPerEpoch), AverageDecay = 0.99, ClipNorm = 1.0, Callbacks = [| watch |]))

    Assert.Equal(steps, result.Steps)
    Assert.True(Seq.length (Seq.distinct live) = 1, $"live tensors: {String.Join(' ', live)}")
    // What is kept is a record of each epoch, a few hundred bytes.
    let grown = memory[memory.Count - 1] - memory[memory.Count / 4]
    let quarter, last = memory[memory.Count / 4] >>> 20, memory[memory.Count - 1] >>> 20
    let text = $"{steps} steps: {live[0]} live tensors, {quarter} MB after a quarter, {last} MB at the end"
    TestContext.Current.TestOutputHelper |> Option.ofObj |> Option.iter (fun output -> output.WriteLine text)

    match Environment.GetEnvironmentVariable "HYBRID_LONG_FIT_LOG" with
    | null
    | "" -> ()
    | path -> File.WriteAllText(path, text + $"; seconds {result.Seconds:F0}\n")

    Assert.True(grown < (8L <<< 20), $"{text}: {String.Join(' ', memory |> Seq.map (fun bytes -> bytes >>> 10))} kB")
