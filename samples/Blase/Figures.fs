namespace Hybrid.Samples.Blase

open System.Globalization
open Hybrid.Data.Figures
open Hybrid.Models.Evaluation
open Hybrid.Models.Training

/// The figures and tables of estimates beside their truth.
[<RequireQualifiedAccess>]
module Figures =

    let private peak = "log₁₀ of the peak frequency, Hz"

    /// The original's three figures, and the calibration curve.
    let ofEstimates (truth: float[]) (estimate: float[]) (halfWidth: float[]) (metrics: PredictionIntervals) : (string * Figure) list =
        [ "estimates",
          Histogram2DFigure(Bisector = true)
              .Build("Estimates against catalogue", $"catalogue: {peak}", $"estimate: {peak}", truth, estimate)
          "intervals", IntervalFigure(Limit = 4.0).Build("Prediction intervals", "catalogue − estimate, dex", truth, estimate, halfWidth)
          "windows",
          MovingWindowFigure()
              .Build("Error and interval width along the peak frequency", $"catalogue: {peak}", truth, estimate, halfWidth)
          "calibration",
          ScatterFigure(Bisector = true).Build(
              "Calibration",
              "probability of the interval",
              "share of sources inside",
              ScatterSeries(
                  "central intervals",
                  [| for point in metrics.Calibration -> point.Nominal |],
                  [| for point in metrics.Calibration -> point.Observed |]
              )
          ) ]

    /// Losses over epochs; the last line is the mean over networks of each one's smallest validation loss so far.
    let history (fit: TrainingResult) : Figure =
        let epochs = fit.History |> Seq.toArray
        let validation (epoch: EpochRecord) = if epoch.ValidationLoss.HasValue then epoch.ValidationLoss.Value else nan

        let ofMembers (epoch: EpochRecord) =
            match epoch.Members with
            | null -> [| validation epoch |]
            | members -> members["validationLoss"]

        let best =
            epochs
            |> Array.map ofMembers
            |> Array.scan (fun best now -> if Array.isEmpty best then now else Array.map2 min best now) [||]
            |> Array.tail
            |> Array.map Array.average

        HistoryFigure.Build(
            "Training",
            "epoch",
            [| HistoryPanel(
                   "loss",
                   Line("training", epochs |> Array.map _.TrainingLoss, Colour = 1),
                   Line("validation", epochs |> Array.map validation, Colour = 2),
                   Line("best of each network", best, Colour = 3, Dash = LineDash.Dotted)
               )
               HistoryPanel("learning rate", Line("learning rate", epochs |> Array.map _.LearningRate, Colour = 4), LogY = true) |]
        )

    let private text (format: string) (value: float) = value.ToString(format, CultureInfo.InvariantCulture)
    let private range (format: string) low high = text format low + " to " + text format high
    let private bootstrapped (format: string) (value: Bootstrapped) = text format value.Value, range format value.Low value.High
    let private share (value: Bootstrapped) = text "0.0" (100.0 * value.Value) + " %", range "0.0" (100.0 * value.Low) (100.0 * value.High)
    let private quartiles (value: Quartiles) = range "0.000" value.Lower value.Upper

    /// Name, value, 95 % bootstrap interval, quartiles.
    let rows (metrics: PredictionIntervals) : string[][] =
        let row name (value, interval) spread = [| name; value; interval; spread |]

        [| row "median absolute error, dex" (bootstrapped "0.000" metrics.MedianAbsoluteError) (quartiles metrics.AbsoluteError)
           row "interval width, dex" (bootstrapped "0.000" metrics.MedianWidth) (quartiles metrics.Width)
           row "inside" (share metrics.Coverage) ""
           row "above" (share metrics.Above) ""
           row "below" (share metrics.Below) ""
           row "interval score (Gneiting and Raftery), mean" (bootstrapped "0.000" metrics.IntervalScore) ""
           row "interval score (BlaST's), median" (text "0.000" metrics.OriginalScore.Median, "") (quartiles metrics.OriginalScore) |]

    let headers = [| ""; "value"; "95 % by bootstrap"; "quartiles" |]

    /// The result in one line.
    let lastLine (metrics: PredictionIntervals) =
        let error = metrics.MedianAbsoluteError
        let intervals = text "0.00" metrics.MedianWidth.Value
        let share = text "0.0" (100.0 * metrics.Coverage.Value)

        $"""median absolute error {text "0.000" error.Value} dex ({text "0.000" error.Low} to {text "0.000" error.High}), """
        + $"intervals {intervals} dex wide hold {share} %% of {metrics.Count} sources"
