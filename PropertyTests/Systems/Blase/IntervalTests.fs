namespace Hybrid.PropertyTests.Systems.Blase

open System
open System.IO
open Hybrid.Data.Statistics
open Hybrid.Models.Evaluation
open Hybrid.PropertyTests.Laws.Data
open Xunit

module IntervalTests =

    [<Fact>]
    let ``the published figures of BlaSE come out of its estimates`` () =
        // Median absolute error 0.26 (0.11, 0.46), width 1.70 (1.50, 1.96), coverage 94.91 %: estimates.csv as released.
        let rows =
            File.ReadAllLines(SharedData.path "blase/estimates.csv")
            |> Array.skip 1
            |> Array.map (fun line -> line.Split ',' |> Array.map float)
        let metrics =
            PredictionIntervals.Of(
                rows |> Array.map (fun r -> r[3]),
                rows |> Array.map (fun r -> r[4]),
                rows |> Array.map (fun r -> r[5]),
                resamples = 100)
        Assert.Equal(3793, metrics.Count)
        Assert.Equal(0.26, metrics.AbsoluteError.Median, 0.005)
        Assert.Equal(0.11, metrics.AbsoluteError.Lower, 0.005)
        Assert.Equal(0.46, metrics.AbsoluteError.Upper, 0.005)
        Assert.Equal(1.70, metrics.Width.Median, 0.005)
        Assert.Equal(1.50, metrics.Width.Lower, 0.005)
        Assert.Equal(1.96, metrics.Width.Upper, 0.005)
        Assert.Equal(0.9491, metrics.Coverage.Value, 0.0001)
        Assert.Equal(1.0, metrics.Coverage.Value + metrics.Above.Value + metrics.Below.Value, 1e-12)
        Assert.True(metrics.Coverage.Low < metrics.Coverage.Value && metrics.Coverage.Value < metrics.Coverage.High)

    [<Fact>]
    let ``scores of a hand-made case`` () =
        // One truth inside, one 0.5 above an interval of half width 1.
        let metrics = PredictionIntervals.Of([| 0.2; 1.5 |], [| 0.0; 0.0 |], [| 1.0; 1.0 |], resamples = 10)
        let alpha = 2.0 * MathNet.Numerics.Distributions.Normal.CDF(0.0, 1.0, -1.96)
        Assert.Equal((2.0 + 2.0 + 2.0 / alpha * 0.5) / 2.0, metrics.IntervalScore.Value, 1e-12)
        Assert.Equal((2.0 + 2.341345) / 2.0, metrics.OriginalScore.Median, 1e-12)
        Assert.Equal(0.5, metrics.Above.Value)
        Assert.Equal(0.0, metrics.Below.Value)

    [<Fact>]
    let ``exact normal intervals lie on the bisector of the calibration curve, and bootstrap covers the truth`` () =
        let random = SeededRandom 5L
        let n = 20_000
        let sigma = Array.init n (fun _ -> random.Uniform(0.2, 1.0))
        let truth = sigma |> Array.map (fun s -> 15.0 + s * random.NextNormal())
        let metrics = PredictionIntervals.Of(truth, Array.create n 15.0, sigma |> Array.map ((*) 1.96), resamples = 200, seed = 1L)

        for point in metrics.Calibration do
            // Four standard errors of a share.
            let tolerance = 4.0 * sqrt (point.Nominal * (1.0 - point.Nominal) / float n)
            Assert.True(
                abs (point.Observed - point.Nominal) < tolerance,
                $"at {point.Nominal}: observed {point.Observed}, tolerance {tolerance}.")

        Assert.InRange(0.95, metrics.Coverage.Low - 0.001, metrics.Coverage.High + 0.001)
        // The interval's width is that of a share's standard error.
        Assert.Equal(2.0 * 1.96 * sqrt (0.95 * 0.05 / float n), metrics.Coverage.High - metrics.Coverage.Low, 0.0015)

    [<Fact>]
    let ``the same seed resamples the same`` () =
        let of' seed =
            PredictionIntervals.Of(
                [| 1.0; 2.0; 3.5; 2.0 |], [| 1.1; 2.6; 3.0; 2.1 |], [| 0.3; 0.3; 0.6; 0.2 |],
                resamples = 50, seed = seed)
        Assert.Equal((of' 1L).MedianAbsoluteError, (of' 1L).MedianAbsoluteError)
        Assert.Equal((of' 1L).IntervalScore, (of' 1L).IntervalScore)

    [<Fact>]
    let ``what cannot be judged is named`` () =
        let problem = Assert.Throws<ArgumentException>(fun () -> PredictionIntervals.Of([| 1.0 |], [| nan |], [| 1.0 |]) |> ignore)
        Assert.StartsWith(
            "PredictionIntervals, estimate 0: expected finite numbers and a half width ≥ 0, \
             got truth 1, estimate NaN, half width 1.",
            problem.Message)
        let problem = Assert.Throws<ArgumentException>(fun () -> PredictionIntervals.Of([| 1.0; 2.0 |], [| 1.0 |], [| 1.0 |]) |> ignore)
        Assert.StartsWith("PredictionIntervals: expected as many estimates and half widths as truths (2), got 1 and 1.", problem.Message)
