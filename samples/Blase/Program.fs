// ./hybrid blase: estimates the synchrotron peaks of blazars from their SEDs, and trains the networks that do.
module Hybrid.Samples.Blase.Program

open System
open System.CommandLine
open System.IO
open Hybrid.Data.Splits
open Hybrid.Models.Systems.Blase
open Hybrid.Samples.CommandLine

let private chosen (preset: string) (given: string | null) = match given with null -> preset | given -> given

[<EntryPoint>]
let main arguments =
    // An estimate loads libtorch when it has begun to read.
    let program = CommandProgram("blase", arguments, loadsEngine = Array.contains "train" arguments)
    let guarded (work: ParseResult -> int) = program.Guarded(Func<ParseResult, int> work)
    let noFigures = Options.NoFigures()
    let reference = Options.Text("--reference", "Folder of BlaSE's release, with which a simulated set is compared.")
    let spectra = Options.Text("--spectra", "Physical spectra to simulate from (csv or csv.gz).")
    let threads = Options.Threads()
    let device = Options.Device()
    let useThreads (parsed: ParseResult) = CommandProgram.UseThreads(parsed.ValueOf threads) |> ignore

    // ---- estimate ------------------------------------------------------------------------------------------------------
    let paths = Argument<string[]>("path", Description = "Files, folders or zips of SEDs.", Arity = ArgumentArity.OneOrMore)
    let model =
        Options.Text(
            "--model",
            "Folder of networks: a run of ./hybrid blase train, or BlaSE's release (runs/blase-1 if it exists, else the release).",
            "-m"
        )

    let bag = Options.Whole("--bag", "Bag of the source, instead of the one found by position.", -1, "-b")
    let width = Options.Number("--width", "Half width of the interval in standard deviations.", 1.96, "-w")
    width.Aliases.Add "--sigma"
    let precision = Options.Whole("--precision", "Digits after the point.", 2, "-p")
    let radius =
        Options.Number(
            "--radius",
            "How far, in degrees on the sphere, a source may be from one of the training set to be the same.",
            0.1,
            "-r"
        )

    let noError = Options.Flag("--no-error", "Leave the errors out.", "-e")
    let silent = Options.Flag("--silent", "Print no estimates.", "-s")
    let output = Options.Output "Write a CSV file of all estimates."
    let estimate = Command("estimate", "Estimates the peak frequency of SEDs, with a prediction interval.")
    estimate.Add paths
    for o in [ model :> Option; bag; width; precision; radius; noError; silent; output; threads; device ] do
        estimate.Add o

    estimate.SetAction(
        guarded (fun parsed ->
            useThreads parsed

            Estimating.run
                { Paths = parsed.GetRequiredValue paths
                  Model = (match parsed.GetValue model with null -> Places.model () | folder -> folder)
                  Bag = parsed.GetRequiredValue bag
                  Width = parsed.GetRequiredValue width
                  Precision = parsed.GetRequiredValue precision
                  Radius = parsed.GetRequiredValue radius
                  NoError = parsed.GetRequiredValue noError
                  Silent = parsed.GetRequiredValue silent
                  Output = parsed.GetValue output
                  Device = parsed.GetRequiredValue device }
                program)
    )

    // ---- simulate ------------------------------------------------------------------------------------------------------
    let count = Options.Whole("--count", "SEDs to simulate.", 3800, "-n")
    let simulationSeed = Options.Seed("Seed of the simulation.")
    let simulationFolder = Options.Output "Folder of the set (runs/blase-seds-SEED); it must not exist."
    let simulate = Command("simulate", "Simulates a training set in BlaSE's file format, from physical spectra.")
    let shard = Options.Shard "SEDs"
    for o in [ count :> Option; simulationSeed; shard; spectra; reference; simulationFolder ] do
        simulate.Add o

    let simulated (count: int) (seed: int64) (shard: Shard) (spectra: string) (reference: string) (folder: string) =
        match Simulating.run count seed shard spectra reference folder program with
        | struct (missing, _) when missing > 0 -> printfn "shard %O is done; %s.pieces lacks %d pieces of other shards" shard folder missing
        | struct (_, null) -> printfn "%d SEDs in %s" count folder
        | struct (_, record) ->
            for row in Array.append [| Simulating.headers |] (Simulating.rows record.Realism) do
                printfn "%s" (String.Join("  ", row |> Array.map (fun text -> text.PadLeft 11)))

            printfn "%s: %s" folder (Simulating.summary record)

    simulate.SetAction(
        guarded (fun parsed ->
            let seed = parsed.GetRequiredValue simulationSeed
            let folder = chosen (Places.simulated seed) (parsed.GetValue simulationFolder)
            simulated
                (parsed.GetRequiredValue count)
                seed
                (Options.ShardOf(parsed, shard))
                (chosen Places.spectra (parsed.GetValue spectra))
                (chosen Places.released (parsed.GetValue reference))
                folder

            0)
    )

    // ---- train ---------------------------------------------------------------------------------------------------------
    let defaults = PeakTrainingOptions()
    let seds =
        Argument<string>(
            "seds",
            Description = "Folder or zip of SEDs named SED_{log10 peak}_{ra}_{dec}_{name}. Default: a set is simulated first.",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = fun _ -> ""
        )

    let epochs = Options.Whole("--epochs", "Most epochs.", defaults.Epochs)
    let patience = Options.Patience $"Epochs in which no network improves before training ends; 0: never ({defaults.Patience})."
    let bags = Options.Whole("--bags", "Number of bags; the networks of each are trained on all others.", defaults.Bags)
    let members = Options.Whole("--members", "Networks of each bag.", defaults.MembersPerBag)
    let batch = Options.Whole("--batch", "Samples in a batch of one network.", defaults.BatchSize)
    let rate = Options.Number("--learning-rate", "Adam's learning rate.", defaults.LearningRate)
    let decay = Options.Number("--weight-decay", "Adam's weight decay.", defaults.WeightDecay)
    let plateau = Options.Whole("--plateau", "Epochs without a smaller validation loss before the rate falls.", defaults.PlateauPatience)
    let brightness =
        Options.Number(
            "--brightness",
            "By how much (dex, deviation) each SED as a whole is made brighter or fainter each time it is shown.",
            defaults.Brightness
        )

    let noise = Options.Number("--noise", "Noise added to each bin each time it is shown (dex, standard deviation).", defaults.Noise)
    let cache = Options.Text("--cache", "Folder where binned SEDs are kept (Parquet; runs/cache).")
    let balance =
        Options.Number(
            "--label-balance",
            "To which share of the fullest label bin the others are filled with copies; \
             0: to 90 SEDs at most, which suits sets of tens of thousands.",
            defaults.LabelBalance
        )

    let beta = Options.Number("--beta", "β of the β-NLL; 0 is the plain likelihood.", defaults.Beta)
    let seed = Options.Seed("Seed of bags, augmentation, weights, shuffling and dropout; a run repeats bit for bit on one thread.")
    let seeds = Options.Seeds()
    let trainShard = Options.Shard "runs of --seeds"
    let folder = Options.Output "Folder of the run (the next free one of runs/blase-SEED)."
    let resume = Options.Resume()
    let overwrite = Options.Overwrite()
    let train = Command("train", "Trains an ensemble on a folder of SEDs, and judges it out of bag.")
    train.Add seds
    for o in
        [ epochs :> Option; patience; bags; members; batch; rate; decay; plateau; brightness; noise; balance; beta; seed; seeds
          trainShard; cache; folder; resume; overwrite; noFigures; threads; device; spectra; reference ] do
        train.Add o

    let trainOne (parsed: ParseResult) (number: int64) (place: RunFolder voption) =
        let options =
            PeakTrainingOptions(
                Epochs = parsed.GetRequiredValue epochs,
                Patience = (let given = parsed.ValueOf patience in if given.HasValue then given.Value else defaults.Patience),
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
                Seed = number
            )

        options.Check()

        let path =
            match parsed.GetRequiredValue seds with
            | "" ->
                let path = Places.simulated 1L

                if not (Directory.Exists path) then
                    simulated
                        3800
                        1L
                        Shard.All
                        (chosen Places.spectra (parsed.GetValue spectra))
                        (chosen Places.released (parsed.GetValue reference))
                        path

                path
            | path -> path

        let place =
            match place with
            | ValueSome chosen -> chosen
            | ValueNone ->
                let resumes, replaces = parsed.GetRequiredValue resume, parsed.GetRequiredValue overwrite
                RunFolder.Choose(parsed.GetValue folder, Places.run options.Seed, resumes, replaces)

        let hasFigures = not (parsed.GetRequiredValue noFigures)
        Training.run path options place (chosen Places.cache (parsed.GetValue cache)) hasFigures (parsed.GetRequiredValue device) program

    train.SetAction(
        guarded (fun parsed ->
            useThreads parsed

            match parsed.GetValue seeds with
            | null -> trainOne parsed (parsed.GetRequiredValue seed) ValueNone
            | _ when parsed.GetRequiredValue resume -> invalidArg "seeds" "--seeds: a campaign always resumes; leave --resume out."
            | list ->
                let campaign = chosen (Path.Combine("runs", "blase-seeds")) (parsed.GetValue folder)
                let one = Func<_, _, _>(fun number place -> trainOne parsed number (ValueSome place))
                SeedCampaign.Run(campaign, SeedCampaign.Parse list, Options.ShardOf(parsed, trainShard), one, program.Stop))
    )

    // ---- merge ---------------------------------------------------------------------------------------------------------
    let campaignFolder = Argument<string>("folder", Description = "Folder of a campaign of ./hybrid blase train --seeds.")
    let merge = Command("merge", "Merges the results of a campaign whose shards are done.")
    merge.Add campaignFolder
    merge.SetAction(guarded (fun parsed -> SeedCampaign.Merge(parsed.GetRequiredValue campaignFolder)))

    // ---- evaluate ------------------------------------------------------------------------------------------------------
    let catalogue =
        Argument<string>(
            "catalogue",
            Description =
                "A refined catalogue (CSV with Catalogue Peak, Estimated Peak, Estimate Error (95%)), or the folder of a run."
        )

    let evaluationFolder = Options.Output "Folder for metrics.json, report.html and pictures (runs/blase-evaluation)."
    let evaluate = Command("evaluate", "Metrics and figures of a refined catalogue, ours or the original's estimates.csv.")
    evaluate.Add catalogue
    for o in [ evaluationFolder :> Option; width; noFigures ] do
        evaluate.Add o

    evaluate.SetAction(
        guarded (fun parsed ->
            let folder = chosen (Path.Combine("runs", "blase-evaluation")) (parsed.GetValue evaluationFolder)
            let hasFigures = not (parsed.GetRequiredValue noFigures)
            let metrics = Evaluating.run (parsed.GetRequiredValue catalogue) folder (parsed.GetRequiredValue width) hasFigures

            for row in Figures.rows metrics do
                printfn "%-45s %10s  %-18s %s" row[0] row[1] row[2] row[3]

            printfn "%s" (Figures.lastLine metrics)
            0)
    )

    let root =
        RootCommand
            "Estimates the synchrotron peaks of blazars from their spectral energy distributions \
             (BlaSE; Glauch, Kerscher and Giommi 2022)."

    for command in [ estimate; train; merge; simulate; evaluate ] do
        root.Add command

    program.Run root
