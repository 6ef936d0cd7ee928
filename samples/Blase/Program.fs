// ./hybrid blase: estimates the synchrotron peaks of blazars from their SEDs, and trains the networks that do.
module Hybrid.Samples.Blase.Program

open System
open System.CommandLine
open System.Globalization
open System.IO
open System.Threading
open System.Threading.Tasks
open Hybrid.Data.Figures
open Hybrid.Models.Engine
open Hybrid.Models.Systems.Blase
open TorchSharp

let private option<'T> (name: string) (alias: string) (description: string) (preset: 'T) =
    let made = Option<'T>(name, Description = description, DefaultValueFactory = (fun _ -> preset))

    if alias <> "" then
        made.Aliases.Add alias

    made

/// An option without a preset: an empty text means it was not given.
let private text name alias description = option name alias description ""

let private chosen (preset: string) (given: string) = if given = "" then preset else given

[<EntryPoint>]
let main arguments =
    CultureInfo.CurrentCulture <- CultureInfo.InvariantCulture
    let asksHelp = arguments.Length = 0 || arguments |> Array.exists (fun a -> a = "--help" || a = "-h" || a = "-?" || a = "--version")
    // An estimate loads it when it has begun to read.
    let loading = if asksHelp || not (Array.contains "train" arguments) then Task.CompletedTask else Libtorch.load ()
    use stop = new CancellationTokenSource()
    // The first Ctrl-C ends at the next part or epoch and keeps what is done; a second one ends the process.
    Console.CancelKeyPress.Add(fun key ->
        key.Cancel <- not stop.IsCancellationRequested
        stop.Cancel())

    let guarded (work: ParseResult -> int) =
        Func<ParseResult, int>(fun parsed ->
            try
                work parsed
            with
            | :? AggregateException as e when not (isNull e.InnerException) ->
                eprintfn "blase: %s" (nonNull e.InnerException).Message
                1
            | :? ArgumentException
            | :? InvalidDataException
            | :? IOException
            | :? InvalidOperationException
            | :? UnauthorizedAccessException
            | :? DllNotFoundException
            | :? FigureException as e ->
                eprintfn "blase: %s" e.Message
                1
            | e when LibtorchMessage.IsOf e ->
                eprintfn "blase: libtorch: %s" (LibtorchMessage.Of e)
                1)

    let noFigures = option "--no-figures" "" "Skip report.html and the pictures." false
    let reference = option "--reference" "" "Folder of BlaSE's release, which a simulated set is compared with." Places.released
    let spectra = option "--spectra" "" "Physical spectra to simulate from (csv or csv.gz)." Places.spectra
    let threads = option "--threads" "" "Threads of tensor operations; 0: all cores." 0

    let device = option "--device" "" "cpu, cuda or cuda:N." "cpu"

    let useThreads (parsed: ParseResult) =
        let count = parsed.GetRequiredValue threads

        if count < 0 then
            invalidArg "threads" $"--threads: expected at least 1, or 0 for all cores, got {count}."

        if count > 0 then
            torch.set_num_threads count

    // ---- estimate ------------------------------------------------------------------------------------------------------
    let paths = Argument<string[]>("path", Description = "Files, folders or zips of SEDs.", Arity = ArgumentArity.OneOrMore)
    let model = text "--model" "-m" "Folder of networks: a run of ./hybrid blase train, or BlaSE's release (runs/blase-1 if it exists, else the release)."
    let bag = option "--bag" "-b" "Bag of the source, instead of looking it up by position." -1
    let width = option "--width" "-w" "Half width of the interval in standard deviations." 1.96
    width.Aliases.Add "--sigma"
    let precision = option "--precision" "-p" "Digits after the point." 2
    let radius = option "--radius" "-r" "How far, in degrees on the sphere, a source may be from one of the training set to be the same." 0.1
    let noError = option "--no-error" "-e" "Leave the errors out." false
    let silent = option "--silent" "-s" "Print no estimates." false
    let output = text "--out" "-o" "Write a CSV file of all estimates."
    let estimate = Command("estimate", "Estimates the peak frequency of SEDs, with a prediction interval.")
    estimate.Add paths
    for o in [ model :> Option; bag; width; precision; radius; noError; silent; output; threads; device ] do
        estimate.Add o

    estimate.SetAction(
        guarded (fun parsed ->
            useThreads parsed

            Estimating.run
                { Paths = parsed.GetRequiredValue paths
                  Model = (match parsed.GetRequiredValue model with "" -> Places.model () | folder -> folder)
                  Bag = parsed.GetRequiredValue bag
                  Width = parsed.GetRequiredValue width
                  Precision = parsed.GetRequiredValue precision
                  Radius = parsed.GetRequiredValue radius
                  NoError = parsed.GetRequiredValue noError
                  Silent = parsed.GetRequiredValue silent
                  Output = (match parsed.GetRequiredValue output with "" -> null | path -> path)
                  Device = parsed.GetRequiredValue device }
                stop.Token)
    )

    // ---- simulate ------------------------------------------------------------------------------------------------------
    let count = option "--count" "-n" "SEDs to simulate." 3800
    let simulationSeed = option "--seed" "" "Seed of the simulation." 1L
    let simulationFolder = text "--out" "-o" "Folder of the set (runs/blase-seds-SEED); it must not exist."
    let simulate = Command("simulate", "Simulates a training set in BlaSE's file format, from physical spectra.")
    for o in [ count :> Option; simulationSeed; spectra; reference; simulationFolder ] do
        simulate.Add o

    let simulated (count: int) (seed: int64) (spectra: string) (reference: string) (folder: string) =
        match Simulating.run count seed spectra reference folder with
        | null -> printfn "%d SEDs in %s" count folder
        | record ->
            for row in Array.append [| Simulating.headers |] (Simulating.rows record.Realism) do
                printfn "%s" (String.Join("  ", row |> Array.map (fun text -> text.PadLeft 11)))

            printfn "%s: %s" folder (Simulating.summary record)

    simulate.SetAction(
        guarded (fun parsed ->
            let seed = parsed.GetRequiredValue simulationSeed
            let folder = chosen (Places.simulated seed) (parsed.GetRequiredValue simulationFolder)
            simulated (parsed.GetRequiredValue count) seed (parsed.GetRequiredValue spectra) (parsed.GetRequiredValue reference) folder
            0)
    )

    // ---- train ---------------------------------------------------------------------------------------------------------
    let defaults = PeakTrainingOptions()
    let seds = Argument<string>("seds", Description = "Folder or zip of SEDs named SED_{log10 peak}_{ra}_{dec}_{name}; without it a set is simulated first.", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = fun _ -> "")
    let epochs = option "--epochs" "" "Most epochs." defaults.Epochs
    let stopAfter = option "--stop-after" "" "Epochs in which no network improves before training ends; 0: never." defaults.StopAfter
    let bags = option "--bags" "" "Bags; the networks of each are trained on all others." defaults.Bags
    let members = option "--members" "" "Networks of each bag." defaults.MembersPerBag
    let batch = option "--batch" "" "Samples in a batch of one network." defaults.BatchSize
    let rate = option "--learning-rate" "" "Adam's learning rate." defaults.LearningRate
    let decay = option "--weight-decay" "" "Adam's weight decay." defaults.WeightDecay
    let plateau = option "--plateau" "" "Epochs without a smaller validation loss before the rate falls." defaults.PlateauPatience
    let brightness = option "--brightness" "" "By how much (dex, deviation) each SED as a whole is made brighter or fainter each time it is shown." defaults.Brightness
    let noise = option "--noise" "" "By how much (dex, deviation) each bin is disturbed each time it is shown." defaults.Noise
    let cache = option "--cache" "" "Folder where binned SEDs are kept (Parquet)." Places.cache
    let balance = option "--label-balance" "" "To which share of the fullest label bin the others are filled with copies; 0: to 90 SEDs at most, which suits sets of tens of thousands." defaults.LabelBalance
    let beta = option "--beta" "" "β of the β-NLL; 0 is the plain likelihood." defaults.Beta
    let seed = option "--seed" "" "Seed of bags, augmentation, weights, shuffling and dropout; a run repeats bit for bit on one thread." defaults.Seed
    let folder = text "--out" "-o" "Folder of the run (runs/blase-SEED). An earlier run there is replaced."
    let resume = option "--resume" "" "Continue the run in that folder from its last checkpoint." false
    let train = Command("train", "Trains an ensemble on a folder of SEDs, and judges it out of bag.")
    train.Add seds
    for o in [ epochs :> Option; stopAfter; bags; members; batch; rate; decay; plateau; brightness; noise; balance; beta; seed; cache; folder; resume; noFigures; threads; device; spectra; reference ] do
        train.Add o

    train.SetAction(
        guarded (fun parsed ->
            useThreads parsed

            let options =
                PeakTrainingOptions(
                    Epochs = parsed.GetRequiredValue epochs,
                    StopAfter = parsed.GetRequiredValue stopAfter,
                    Bags = parsed.GetRequiredValue bags,
                    MembersPerBag = parsed.GetRequiredValue members,
                    BatchSize = parsed.GetRequiredValue batch,
                    LearningRate = parsed.GetRequiredValue rate,
                    WeightDecay = parsed.GetRequiredValue decay,
                    PlateauPatience = parsed.GetRequiredValue plateau,
                    Brightness = parsed.GetRequiredValue brightness,
                    Noise = parsed.GetRequiredValue noise,
                    LabelBalance = parsed.GetRequiredValue balance,
                    Beta = parsed.GetRequiredValue beta,
                    Seed = parsed.GetRequiredValue seed
                )

            options.Check()

            let path =
                match parsed.GetRequiredValue seds with
                | "" ->
                    let path = Places.simulated 1L

                    if not (Directory.Exists path) then
                        simulated 3800 1L (parsed.GetRequiredValue spectra) (parsed.GetRequiredValue reference) path

                    path
                | path -> path

            let folder = chosen (Places.run options.Seed) (parsed.GetRequiredValue folder)
            Training.run path options folder (parsed.GetRequiredValue cache) (parsed.GetRequiredValue resume) (not (parsed.GetRequiredValue noFigures)) (parsed.GetRequiredValue device) loading stop.Token)
    )

    // ---- evaluate ------------------------------------------------------------------------------------------------------
    let catalogue = Argument<string>("catalogue", Description = "A refined catalogue (CSV with Catalogue Peak, Estimated Peak, Estimate Error (95%)), or the folder of a run.")
    let evaluationFolder = text "--out" "-o" "Folder for metrics.json, report.html and pictures (runs/blase-evaluation)."
    let evaluate = Command("evaluate", "Metrics and figures of a refined catalogue, ours or the original's estimates.csv.")
    evaluate.Add catalogue
    for o in [ evaluationFolder :> Option; width; noFigures ] do
        evaluate.Add o

    evaluate.SetAction(
        guarded (fun parsed ->
            let folder = chosen (Path.Combine("runs", "blase-evaluation")) (parsed.GetRequiredValue evaluationFolder)
            let metrics = Evaluating.run (parsed.GetRequiredValue catalogue) folder (parsed.GetRequiredValue width) (not (parsed.GetRequiredValue noFigures))

            for row in Figures.rows metrics do
                printfn "%-45s %10s  %-18s %s" row[0] row[1] row[2] row[3]

            printfn "%s" (Figures.lastLine metrics)
            0)
    )

    let root = RootCommand "Estimates the synchrotron peaks of blazars from their spectral energy distributions (BlaSE; Glauch, Kerscher and Giommi 2022)."
    for command in [ estimate; train; simulate; evaluate ] do
        root.Add command

    let exitCode = root.Parse(arguments).Invoke()
    // A process that ends while a library loads may crash.
    (loading :> IAsyncResult).AsyncWaitHandle.WaitOne() |> ignore
    exitCode
