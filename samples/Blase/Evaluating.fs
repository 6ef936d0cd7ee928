namespace Hybrid.Samples.Blase

open System.IO
open System.Text.Json
open Hybrid.Data.Figures
open Hybrid.Data.Formats
open Hybrid.Models.Evaluation

/// ./hybrid blase evaluate: the metrics and figures of a refined catalogue, ours or the original's.
[<RequireQualifiedAccess>]
module Evaluating =

    /// Columns of a refined catalogue, as the original's.
    let columns = [| "Right Ascension"; "Declination"; "Bag"; "Catalogue Peak"; "Estimated Peak"; "Estimate Error (95%)" |]

    let read (path: string) =
        let table = Catalogue.Read path
        table.Reals columns[3], table.Reals columns[4], table.Reals columns[5]

    /// Metrics and figures of a catalogue into a folder.
    let run (path: string) (folder: string) (sigmas: float) (hasFigures: bool) : PredictionIntervals =
        let catalogue = if Directory.Exists path then Path.Combine(path, "catalogue.csv") else path
        let truth, estimate, error = read catalogue
        let metrics = PredictionIntervals.Of(truth, estimate, error, sigmas)
        Directory.CreateDirectory folder |> ignore
        let at name = Path.Combine(folder, name)
        WholeFile.WriteText(at "metrics.json", JsonSerializer.Serialize(metrics, Simulating.json) + "\n")

        if hasFigures then
            let figures = Figures.ofEstimates truth estimate error metrics
            FigureRenderer.Draw [| for name, figure in figures -> FigureJob(figure, Png = at (name + ".png")) |] |> ignore
            let report = Report("Peaks of blazars: evaluation", Subtitle = FileInfo(catalogue).Name)
            report.AddTable("Estimates against the catalogue", Figures.headers, Figures.rows metrics) |> ignore

            for _, figure in figures do
                report.AddFigure figure |> ignore

            report.Write(at "report.html")

        metrics
