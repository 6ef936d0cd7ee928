namespace Hybrid.PropertyTests.Laws.Data.Figures

open System
open System.Text.RegularExpressions
open Xunit
open FsCheck
open Hybrid.Data.Figures
open Hybrid.PropertyTests

// One collection: a test that points HYBRID_TOOLS elsewhere must not meet another that draws.
[<Collection "figures">]
module FigureKindTests =

    let private normal (random: Random) () =
        sqrt (-2.0 * log (1.0 - random.NextDouble())) * cos (2.0 * Math.PI * random.NextDouble())

    let private sample seed n = let g = normal (Random(seed: int)) in Array.init n (fun _ -> g ())
    let private shows (texts: string list) figure =
        let svg = Drawing.svg figure
        for text in texts do
            Assert.Contains(text, svg)
        svg

    [<Fact>]
    let ``a scatter with error bars draws every point and bar`` () =
        let x, y = sample 1 40, sample 2 40
        let series = [| ScatterSeries("simulated", x, y, YError = Array.create 40 0.2);
                        ScatterSeries("real", y, x, XError = Array.create 40 0.1) |]
        let figure = ScatterFigure(Bisector = true).Build("Prediction", "true", "predicted", series)
        let svg = figure |> shows [ "simulated"; "real"; "predicted" ]
        Assert.Equal(80, Regex.Matches(svg, "aria-roledescription=\"point\"").Count)
        Assert.Equal(80, Regex.Matches(svg, "aria-roledescription=\"rule \
            mark\"").Count + Regex.Matches(svg, "aria-roledescription=\"rule\"").Count)

    [<Fact>]
    let ``a scatter of a fractional error shows its reference line`` () =
        ScatterFigure(Reference = 0.0, ReferenceLabel = "no error").Build("Error", "θ_E", "(y − \
            ŷ)/y", ScatterSeries("test", sample 1 50, sample 2 50))
        |> shows [ "no error" ]
        |> ignore

    [<Fact>]
    let ``histograms of two classes are drawn, on a linear and on a log axis, in one and in several panels`` () =
        let edges = HistogramFigure.Edges(-4.0, 4.0, 40)
        let series () = [| HistogramSeries("NR", sample 1 500); HistogramSeries("ER", sample 2 500) |]
        HistogramFigure(Density = true).Build("Response", "response", edges, series ()) |> shows [ "NR"; "ER"; "density" ] |> ignore

        HistogramFigure(LogY = true).Build("By energy", "response", edges,
                                           [| HistogramPanel("0 to 5 keV", series ()); HistogramPanel("5 to 15 keV", series ()) |])
        |> shows [ "0 to 5 keV"; "5 to 15 keV"; "count" ]
        |> ignore

    [<Fact>]
    let ``a histogram without any value in range is drawn empty`` () =
        for logY in [ false; true ] do
            HistogramFigure(LogY = logY).Build("Empty", "x", HistogramFigure.Edges(0.0, 1.0, 4),
                                               HistogramSeries("a", [| 7.0 |])) |> Drawing.svg |> ignore

    [<Fact>]
    let ``a two-dimensional histogram shows counts, median and percentiles`` () =
        let x = sample 3 2000
        Histogram2DFigure(Bisector = true).Build("Peak", "catalogue", "estimate", x,
                                                 Array.map2 (+) x (sample 4 2000 |> Array.map ((*) 0.3)))
        |> shows [ "median"; "10 %"; "90 %"; "count" ]
        |> ignore

    [<Fact>]
    let ``a receiver operating characteristic is drawn on all its axes with its confidence band`` () =
        let rate = [| for i in 0..100 -> float i / 100.0 |]
        let tpr = rate |> Array.map (fun f -> f ** 0.2)

        for axes, text in [ RocAxes.Rates, "true positive rate"; RocAxes.EfficiencyRejection, "background rejection";
                            RocAxes.LogRates, "false positive rate" ] do
            let curve = RocCurve("ADDA", rate, tpr, Lower = (tpr |> Array.map (fun t -> t * 0.95)),
                                 Upper = (tpr |> Array.map (fun t -> min 1.0 (t * 1.05))), Auc = 0.879, AucError = 0.012)
            let svg = RocFigure(Axes = axes).Build("ROC", curve, RocCurve("none", rate, rate, Auc = 0.5)) |> shows [ text; "ADDA: AUC \
                0.8790 ± 0.0120"; "none: AUC 0.500" ]
            Assert.Contains("mark-area", svg)

    [<Fact>]
    let ``a rate outside 0 to 1 is refused`` () =
        let build () = RocFigure().Build("ROC", RocCurve("c", [| 0.0; 1.2 |], [| 0.0; 1.0 |])) |> ignore
        let problem = Assert.Throws<ArgumentException> build
        Assert.StartsWith("RocCurve 'c': expected falsePositiveRate in [0, 1], got 1.2.", problem.Message)

    [<Fact>]
    let ``a confusion matrix shows counts and shares`` () =
        ConfusionFigure.Build("Confusion", [| "no lens"; "lens" |], array2D [ [ 7993; 9 ]; [ 83; 11 ] ])
        |> shows [ "7,993"; "99.9 %"; "11.7 %"; "predicted"; "no lens" ]
        |> ignore

    [<Fact>]
    let ``a confusion matrix that is not square is refused with both sizes`` () =
        let build () = ConfusionFigure.Build("C", [| "a"; "b" |], Array2D.zeroCreate 2 3) |> ignore
        let problem = Assert.Throws<ArgumentException> build
        Assert.StartsWith("ConfusionFigure 'C': expected 2 × 2 counts for 2 classes, got 2 × 3.", problem.Message)

    [<Fact>]
    let ``an image grid shows every tile and one colour bar`` () =
        let tile k = ImageTile(Array.init 400 (fun i -> float32 (i % (k + 2))), 20, 20, Title = $"image {k}")
        let svg = ImageGridFigure(ValueTitle = "counts").Build("Images", Array.init 7 tile) |> shows [ "image 0"; "image \
            6"; "counts"; "linearGradient" ]
        Assert.Equal(7, Regex.Matches(svg, "<image ").Count)

    [<Fact>]
    let ``colour tiles need no colour bar and pixels that are not numbers are black`` () =
        let pixels = Array.init (3 * 100) (fun i -> if i % 7 = 0 then nanf else float32 i)
        let svg = ImageGridFigure(Columns = 3).Build("RGB", Array.init 4 (fun _ -> ImageTile(pixels, 10, 10))) |> Drawing.svg
        Assert.Equal(4, Regex.Matches(svg, "<image ").Count)
        Assert.DoesNotContain("linearGradient", svg)

    [<Fact>]
    let ``a density comparison shows both sets and their difference`` () =
        DensityFigure().Build("Pixels", "flux", "LensPop", sample 1 500, "Real", sample 2 400)
        |> shows [ "LensPop"; "Real"; "difference"; "flux" ]
        |> ignore

    [<Fact>]
    let ``one density alone is drawn over its own range`` () =
        DensityFigure().Build("One set", "flux", "LensPop", sample 1 500) |> shows [ "density of LensPop"; "flux" ] |> ignore

    [<Fact>]
    let ``prediction intervals say how many truths lie above and below`` () =
        let truth = Array.concat [ Array.create 90 0.0; Array.create 7 3.0; Array.create 3 -3.0 ]
        IntervalFigure(Limit = 4.0).Build("Intervals", "residual", truth, Array.zeroCreate 100, Array.create 100 1.0)
        |> shows [ "7.0 % above"; "3.0 % below"; "inside"; "outside" ]
        |> ignore

    [<Fact>]
    let ``moving-window statistics are joined by splines above the density`` () =
        let truth = sample 5 500
        MovingWindowFigure().Build("Accuracy", "log ν", truth, Array.map2 (+) truth (sample 6 500), Array.create 500 1.96)
        |> shows [ "median absolute deviation"; "median interval width"; "density"; "log ν" ]
        |> ignore

    [<Fact>]
    let ``the median in a moving window is that of the values inside it`` () =
        let x = [| 0.0; 0.2; 0.4; 0.6; 1.4; 2.0 |]
        let figure = MovingWindowFigure(HalfWidth = 0.5, Step = 1.0, LeastPerWindow = 1)
        let { Centres = centres; Medians = medians } = figure.Medians(x, [| 1.0; 2.0; 9.0; 4.0; 7.0; 5.0 |])
        Assert.Equal<float[]>([| 0.0; 1.0; 2.0 |], centres)
        // Around 0: x = 0, 0.2, 0.4; around 1: 0.6 and 1.4; around 2: 2.0.
        Assert.Equal<float[]>([| 2.0; 5.5; 5.0 |], medians)

    [<SeededProperty>]
    let ``histogram counts equal those of a plain search and lose no value in range`` (values: NormalFloat[]) (bins: PositiveInt) =
        let values = values |> Array.map _.Get |> Array.filter (fun v -> abs v < 1e6)
        let edges = HistogramFigure.Edges(-5.0, 5.0, 1 + bins.Get % 40)
        let counts = HistogramFigure.Count(values, edges)
        let last = counts.Length - 1

        let plain =
            Array.init counts.Length (fun b ->
                values |> Array.filter (fun v -> v >= edges[b] && (v < edges[b + 1] || (b = last && v = edges[b + 1]))) |> Array.length)

        counts = plain && Array.sum counts = (values |> Array.filter (fun v -> v >= -5.0 && v <= 5.0) |> Array.length)

    [<Fact>]
    let ``panels stand side by side with their own titles, and keep their points within a common range`` () =
        let scatter title y = ScatterFigure(LowY = -1.0, HighY = 1.0, Width = 200.0, Height = 120.0, Reference = 0.0)
                                  .Build(title, "θ_E", "fractional error", ScatterSeries("all", [| 1.0; 2.0; 3.0 |], y))

        let figure = PanelFigure.Build("Both", 2, [| scatter "before" [| -5.0; 0.1; 7.0 |]; scatter "after" [| 0.0; 0.1; 0.2 |] |])
        let svg = figure |> shows [ "Both"; "before"; "after"; "fractional error" ]
        Assert.Equal(6, Regex.Matches(svg, "aria-roledescription=\"point\"").Count)
        Assert.Throws<ArgumentException>(fun () -> PanelFigure.Build("None", 2, [||]) |> ignore) |> ignore
        let crossed () = ScatterFigure(LowY = 1.0, HighY = 1.0).Build("x", "x", "y", ScatterSeries("a", [| 1.0 |], [| 1.0 |])) |> ignore
        Assert.Contains("expected LowY below HighY, got 1 and 1", Assert.Throws<ArgumentException>(crossed).Message)

    [<Fact>]
    let ``names are ranked by a value each with its interval, a series beside the other`` () =
        let names = [| "constant"; "raw"; "injection+beta-nll" |]
        let series label (values: float[]) =
            RankSeries(label, values, values |> Array.map (fun v -> v - 0.02), values |> Array.map (fun v -> v + 0.02))

        let figure = RankFigure(Reference = 0.1, ReferenceLabel = "10 %")
                         .Build("Errors", "mean error", names, series "all" [| 0.3; 0.25; 0.15 |], series "bright" [| 0.3; nan; 0.07 |])

        let svg = figure |> shows [ "constant"; "raw"; "injection+beta-nll"; "10 %"; "bright" ]
        // What has no value has no point.
        Assert.Equal(5, Regex.Matches(svg, "aria-roledescription=\"point\"").Count)
        let twice () = RankFigure().Build("E", "e", [| "a"; "a" |], series "all" [| 1.0; 2.0 |]) |> ignore
        Assert.Contains("distinct subjects", Assert.Throws<ArgumentException>(twice).Message)
