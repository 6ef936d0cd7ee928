/// Runs whose checkpoint or weights were damaged on the disk: noticed, named, and continued from the checkpoint before.
[<Xunit.Collection "torch's generator">]
module Hybrid.PropertyTests.Laws.Models.Training.DamagedCheckpointLaws

open System
open System.IO
open System.Collections.Generic
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Models.Training
open Hybrid.Models.Weights
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data
open Hybrid.PropertyTests.Zoo
open TorchSharp

let private last, previous = "checkpoint.safetensors", "checkpoint.previous.safetensors"

/// Ends the process's part in a fit as a kill does: nothing more is written.
type private Crash(step: int64) =
    inherit FitCallback()
    override _.OnStep(fit, _) = if fit.Step = step then raise (OperationCanceledException "crash")

/// A run of four epochs of five steps with a checkpoint after each third step, in a folder; the weights at its end.
let private fit (folder: string) (crash: int64) (notices: List<string>) : (string * byte[]) list =
    use _ = torch.NewDisposeScope()
    torch.manual_seed 3L |> ignore
    use network = new Mlp()
    use optimiser = torch.optim.Adam(network.parameters (), 3e-3)
    let x, y = Regression.data ()
    let tensors = [| struct ("x", x); struct ("y", y) |]

    let progress =
        { new IProgress<FitProgress> with
            member _.Report p = if not (isNull p.Notice) then notices.Add(string p.Notice) }

    Trainer.Fit(
        network, optimiser, Func<_, _>(Regression.loss network), TensorBatches(tensors, [| [| 0..71 |] |], 16, seed = 5L),
        TensorBatches(tensors, [| [| 72..95 |] |], 24, shuffle = false),
        TrainingOptions(
            Epochs = 4, CheckpointSteps = 3, KeepEpochs = 2, Directory = folder, Existing = ExistingRun.Resume,
            Callbacks = [| Crash crash |]),
        progress)
    |> ignore

    Regression.state network

let private crashed (folder: string) (step: int64) =
    Assert.Throws<OperationCanceledException>(fun () -> fit folder step (List()) |> ignore) |> ignore

[<Fact>]
let ``a damaged checkpoint is named and the run continues from the one before it, bit for bit`` () =
    Regression.onOneThread (fun () ->
        use folder = new ScratchFolder()
        let whole = fit (folder.File "whole") -1L (List())

        let cases =
            gen {
                let! step = Gen.choose (4, 19)
                let! place = Gen.choose (0, 1 <<< 30)
                let! kind = Gen.elements [ "flip"; "cut"; "empty" ]
                return int64 step, place, kind
            }

        let serial = ref 0

        Check.One(
            Seeded.Cases 12,
            Prop.forAll (Arb.fromGen cases) (fun (step, place, kind) ->
                serial.Value <- serial.Value + 1
                let run = folder.File $"run-{serial.Value}"
                crashed run step
                let path = Path.Combine(run, "checkpoint.safetensors")
                let bytes = File.ReadAllBytes path

                File.WriteAllBytes(
                    path,
                    match kind with
                    | "flip" -> Damage.flip bytes place 16uy
                    | "cut" -> Damage.truncate bytes place
                    | _ -> [||]
                )

                let notices = List()
                let continued = fit run -1L notices
                Assert.Equal<(string * byte[]) list>(whole, continued)
                Assert.Equal(1, notices.Count)
                Assert.StartsWith(path + ": ", notices[0])
                Assert.EndsWith($"Continued from the checkpoint before it, {Path.Combine(run, previous)}.", notices[0])
                Assert.True(File.Exists(Path.Combine(run, "checkpoint.damaged.safetensors")), "the damaged file was not kept")
                let lines (folder: string) =
                    File.ReadAllLines(Path.Combine(folder, "history.jsonl")) |> Array.map (fun line -> line.Split(",\"seconds\"")[0])
                Assert.Equal<string[]>(lines (folder.File "whole"), lines run)
                let kept (folder: string) = Directory.GetFiles(folder, "epoch-*") |> Array.map Path.GetFileName |> Array.sort
                Assert.Equal<(string | null)[]>(kept (folder.File "whole"), kept run)
                // Once more: what stands there now is whole.
                let again = List()
                Assert.Equal<(string * byte[]) list>(whole, fit run -1L again)
                Assert.Empty again)
        ))

[<Fact>]
let ``where both checkpoints are damaged the error names both`` () =
    use folder = new ScratchFolder()
    let run = folder.File "run"
    crashed run 8L

    for name in [ last; previous ] do
        let path = Path.Combine(run, name)
        File.WriteAllBytes(path, Damage.flip (File.ReadAllBytes path) 5000 1uy)

    let error = Assert.Throws<InvalidDataException>(fun () -> fit run -1L (List()) |> ignore)
    Assert.StartsWith(Path.Combine(run, last) + ": ", error.Message)
    Assert.Contains($"And the checkpoint before it: {Path.Combine(run, previous)}: ", error.Message)

[<Fact>]
let ``a run killed between the two renames of a checkpoint continues from the new one`` () =
    Regression.onOneThread (fun () ->
        use folder = new ScratchFolder()
        let whole = fit (folder.File "whole") -1L (List())
        let run = folder.File "run"
        crashed run 14L
        let newest = Path.Combine(run, last)
        // As it is after the first of the renames: the new one has no name of its own yet.
        File.Move(newest, Path.Combine(run, "checkpoint.next.safetensors"))
        let notices = List()
        Assert.Equal<(string * byte[]) list>(whole, fit run -1L notices)
        Assert.Empty notices
        Assert.Equal<string[]>(
            [| previous; last |],
            Directory.GetFiles(run, "checkpoint*") |> Array.map (Path.GetFileName >> string) |> Array.sort))

[<Fact>]
let ``a flipped byte of a run's weights changes nothing or is named with its tensor and bytes`` () =
    use folder = new ScratchFolder()
    let run = folder.File "run"
    let weights = Path.Combine(run, "weights.safetensors")
    fit run -1L (List()) |> ignore
    let whole = File.ReadAllBytes weights
    let start = 8 + int (BitConverter.ToInt64 whole)

    let read () =
        use file = Safetensors.Load weights
        [ for KeyValue(key, tensor) in file.Tensors -> key, Regression.bytes tensor ]

    let expected = read ()
    let mutable noticed = 0

    Check.One(
        Seeded.Cases 300,
        Prop.forAll (Arb.fromGen (Gen.zip (Gen.choose (0, whole.Length - 1)) (Gen.choose (1, 255)))) (fun (place, mask) ->
            File.WriteAllBytes(weights, Damage.flip whole place (byte mask))

            match (try Ok(read ()) with :? InvalidDataException as e -> Error e.Message) with
            | Ok values ->
                Assert.True(place < start, $"byte {place} of the data ^ {mask} was read")
                Assert.Equal<(string * byte[]) list>(expected, values)
            | Error message ->
                noticed <- noticed + 1
                Assert.StartsWith(weights + ": ", message)

                if place >= start then
                    let range = Text.RegularExpressions.Regex.Match(message, @"\(bytes (\d+) to (\d+)\): expected the checksum")
                    Assert.True(range.Success, message)
                    Assert.InRange(place, int range.Groups[1].Value, int range.Groups[2].Value - 1))
    )

    Assert.True(noticed > 290, $"{noticed} of 300 were noticed")
