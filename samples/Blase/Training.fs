namespace Hybrid.Samples.Blase

open System
open System.Collections.Generic
open System.Diagnostics
open System.IO
open Hybrid.Data.Figures
open Hybrid.Data.Formats
open Hybrid.Data.Systems.Blase
open Hybrid.Models.Engine
open Hybrid.Models.Evaluation
open Hybrid.Models.Training
open Hybrid.Models.Systems.Blase
open Hybrid.Samples.CommandLine
open TorchSharp

/// ./hybrid blase train: an ensemble from a folder of named SEDs, its out-of-bag evaluation and report.
[<RequireQualifiedAccess>]
module Training =

    let private report
        (run: RunDirectory)
        (settings: TrainingRun)
        (seds: LabelledSeds)
        (realism: RealismRecord | null)
        (metrics: PredictionIntervals)
        (fit: TrainingResult)
        figures
        (seconds: float)
        =
        let number (format: string) (value: float) = value.ToString(format, Globalization.CultureInfo.InvariantCulture)
        let training = settings.Training
        let count (n: int) (noun: string) = Plural.Of(int64 n, noun)
        let networks = $"""{count training.Bags "bag"} of {count training.MembersPerBag "network"}"""
        let report = Report("Peaks of blazars", Subtitle = $"""{count seds.Count "SED"}, {networks}, seed {training.Seed}""")
        report.AddKeyNumber("median absolute error", $"""{number "0.000" metrics.MedianAbsoluteError.Value} dex""", "out of bag") |> ignore

        report.AddKeyNumber(
            "inside 95 % intervals",
            $"""{number "0.0" (100.0 * metrics.Coverage.Value)} %%""",
            $"""{number "0.00" metrics.MedianWidth.Value} dex wide"""
        )
        |> ignore

        report.AddKeyNumber("epochs", string fit.Epochs, $"""best validation loss {number "0.000" fit.Best}""") |> ignore
        report.AddKeyNumber("time", $"""{number "0" seconds} s""", count settings.Threads "thread") |> ignore
        report.AddTable("Out-of-bag estimates against the catalogue", Figures.headers, Figures.rows metrics) |> ignore

        for _, figure in figures do
            report.AddFigure figure |> ignore

        match realism with
        | null ->
            let left, unreadable = count seds.LeftOut.Count "file", count seds.UnreadableLines "unreadable line"
            report.AddText($"SEDs from {settings.Seds}; {left} left out, {unreadable}.")
            |> ignore
        | record ->
            report.AddHeading("The simulated training set, fixed before training") |> ignore
            report.AddText(Simulating.summary record + ".") |> ignore
            report.AddTable("Bins of the augmented set beside the original's", Simulating.headers, Simulating.rows record.Realism) |> ignore

            report.AddText(
                $"Recipe {record.Recipe.RecipeHash}, spectra {record.Recipe.SpectraHash}. The original's means and deviations \
                  are those of its released scaling, its occupancy is recovered from its released weights."
            )
            |> ignore

        report.AddOptions(
            [ yield KeyValuePair("seds", settings.Seds)
              yield KeyValuePair("data", settings.Data)
              for property in typeof<PeakTrainingOptions>.GetProperties() do
                  let value = FormattableString.Invariant $"{property.GetValue settings.Training}"
                  yield KeyValuePair(TrainingReport.InWords property.Name, value) ]
        )
        |> ignore

        report.Write(run.PathOf "report.html")

    /// The refined catalogue, as the original's: two decimals for peaks and errors.
    let private writeCatalogue (path: string) (seds: LabelledSeds) (bags: int[]) (estimates: PeakEstimate[]) (sigmas: float) =
        let invariant (format: string) (value: float) = value.ToString(format, Globalization.CultureInfo.InvariantCulture)

        let lines =
            [| yield String.Join(',', Evaluating.columns)
               for i in 0 .. seds.Count - 1 do
                   yield
                       String.Join(
                           ',',
                           [| invariant "0.####" seds.RightAscension[i]
                              invariant "0.####" seds.Declination[i]
                              invariant "0.0" (float bags[i])
                              invariant "0.00" seds.Binned.Labels[i]
                              invariant "0.00" estimates[i].LogFrequency
                              invariant "0.00" (sigmas * estimates[i].Deviation) |]
                       ) |]

        WholeFile.WriteAt(path, fun temporary -> File.WriteAllLines(temporary, lines))

    let run
        (sedsPath: string)
        (options: PeakTrainingOptions)
        (place: RunFolder)
        (cache: string)
        (hasFigures: bool)
        (device: string)
        (program: CommandProgram)
        : int =
        let clock = Stopwatch.StartNew()
        let bins = SedBins.Version1
        let seds = LabelledSeds.ReadCached(sedsPath, bins, cache)

        for file in seds.LeftOut |> Seq.truncate 10 do
            eprintfn "blase: left out %O" file

        if seds.LeftOut.Count > 10 then
            eprintfn "blase: and %d more files left out" (seds.LeftOut.Count - 10)

        let set = PeakTrainingSet(seds, options)
        let data = seds.Fingerprint

        if place.Resumes && RunDirectory.NotesOf<TrainingRun>(place.Path).Data <> data then
            raise (
                InvalidDataException
                    $"--resume: the run in {place.Path} was trained on other SEDs than {sedsPath}. \
                      Give it its own SEDs, or begin another run without --resume."
            )

        program.LoadEngine().Wait()

        let settings =
            { Seds = Path.GetFullPath sedsPath
              Data = data
              Sources = seds.Count
              Training = options
              Threads = torch.get_num_threads ()
              Device = device }

        let shown (progress: FitProgress) (epoch: EpochRecord) =
            String.Format(
                Globalization.CultureInfo.InvariantCulture,
                "epoch {0,3}/{1}  loss {2,7:0.000}  validation {3,7:0.000}  rate {4:0.0e+0}  {5:0} s",
                epoch.Epoch,
                progress.Epochs,
                epoch.TrainingLoss,
                epoch.ValidationLoss,
                epoch.LearningRate,
                clock.Elapsed.TotalSeconds
            )

        let groups = seds.Groups |> Array.distinct |> Array.length
        printfn "%d SEDs in %d groups, %d training samples a network" seds.Count groups (set.TrainingRows(0).Length)

        let progress = Progress.Console(Func<_, _, _> shown, Console.Out)
        let run = PeakRun(place.Path, Existing = place.Existing, Notes = settings)
        let struct (members, result) = PeakTraining.Train(set, options, run, ComputeDevice.Named device, progress, program.Stop)
        use ensemble = new PeakEnsemble(bins, set.Scaling, BagIndex(seds.RightAscension, seds.Declination, set.Bags), members, options.Bags)

        if result.Epochs = 0 then
            eprintfn "blase: stopped before the first epoch ended"
            1
        else
            use run = RunDirectory.Continue place.Path
            ensemble.Save run.Folder
            let predictions = ensemble.Predict seds.Binned.Rows
            let estimates = Array.init seds.Count (fun i -> predictions.Estimate(i, set.Bags[i]))
            let sigmas = 1.96
            let estimate, error = estimates |> Array.map _.LogFrequency, estimates |> Array.map (fun e -> sigmas * e.Deviation)
            let metrics = PredictionIntervals.Of(seds.Binned.Labels, estimate, error, sigmas, 1000, options.Seed)
            run.Write("evaluation.json", metrics)
            writeCatalogue (run.PathOf "catalogue.csv") seds set.Bags estimates sigmas

            if hasFigures then
                let figures = ("history", Figures.history result) :: Figures.ofEstimates seds.Binned.Labels estimate error metrics
                FigureRenderer.Draw [| for name, figure in figures -> FigureJob(figure, Png = run.PathOf(name + ".png")) |] |> ignore
                report run settings seds (Simulating.realismOf sedsPath) metrics result figures clock.Elapsed.TotalSeconds

            let ending =
                match result.Reason with
                | StopReason.Patience -> "no network improved any more"
                | StopReason.Cancelled -> "stopped by you"
                | _ -> "all epochs"


            printfn
                "%d epochs (%s); %s has networks, catalogue, evaluation and history; %.0f s"
                result.Epochs
                ending
                run.Folder
                clock.Elapsed.TotalSeconds

            printfn "best validation loss %.3f; out of bag: %s" result.Best (Figures.lastLine metrics)
            0
