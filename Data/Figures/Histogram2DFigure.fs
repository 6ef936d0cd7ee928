namespace Hybrid.Data.Figures

open System
open Hybrid.Data.Statistics

/// Counts over two quantities as colour, with the median and two percentiles of y in every bin of x.
[<Sealed>]
type Histogram2DFigure() =

    member val Bins = 30 with get, set
    /// Lower and upper percentile drawn beside the median.
    member val LowPercent = 10.0 with get, set
    member val HighPercent = 90.0 with get, set
    /// A bin of x with fewer values has no median.
    member val LeastPerBin = 5 with get, set
    /// Draw the bisector y = x, and give both axes one range: estimate against truth.
    member val Bisector = false with get, set
    /// Colour by the logarithm of the count.
    member val LogColour = false with get, set

    member options.Build(title: string, xTitle: string, yTitle: string, x: float[], y: float[]) : Figure =
        Spec.lengths $"Histogram2DFigure '{title}'" [ "x", x.Length; "y", y.Length ]
        let finite = Array.zip x y |> Array.filter (fun (a, b) -> Double.IsFinite a && Double.IsFinite b)

        if finite.Length = 0 then
            invalidArg (nameof x) $"Histogram2DFigure '{title}': expected at least one pair of finite values, got none of {x.Length}."

        let widen (low, high) = if high > low then low, high else Spec.padded 0.0 (low, high)
        let (xLow, xHigh), (yLow, yHigh) =
            let xs, ys = finite |> Seq.map fst |> Spec.extent, finite |> Seq.map snd |> Spec.extent
            if options.Bisector then
                let both = widen (min (fst xs) (fst ys), max (snd xs) (snd ys))
                both, both
            else
                widen xs, widen ys

        let n = max 1 options.Bins
        let bin low high v = min (n - 1) (int (float n * (v - low) / (high - low)))
        let edge low high i = low + (high - low) * float i / float n
        let counts = Array2D.zeroCreate<int> n n
        let columns = Array.init n (fun _ -> Collections.Generic.List<float>())

        for a, b in finite do
            let i, j = bin xLow xHigh a, bin yLow yHigh b
            counts[i, j] <- counts[i, j] + 1
            columns[i].Add b

        let xScale field = Spec.quantitative field [ "scale", Obj [ Spec.domain xLow xHigh; "nice", Bool false; "zero", Bool false ];
                                                     Spec.axis xTitle [] ]
        let yScale field = Spec.quantitative field [ "scale", Obj [ Spec.domain yLow yHigh; "nice", Bool false; "zero", Bool false ];
                                                     Spec.axis yTitle [ "grid", Bool false ] ]
        let low, high = $"{options.LowPercent:G3} %%", $"{options.HighPercent:G3} %%"

        let quantiles = [
            for i in 0 .. n - 1 do
                if columns[i].Count >= options.LeastPerBin then
                    let sorted = columns[i].ToArray()
                    Array.sortInPlace sorted

                    for label, percent in [ "median", 50.0; low, options.LowPercent; high, options.HighPercent ] do
                        Obj [
                            "x", Json.number (edge xLow xHigh i + (xHigh - xLow) / float n / 2.0)
                            "y", Json.number (Percentile.OfSorted(ReadOnlySpan sorted, percent))
                            "l", Text label
                        ]
        ]

        let line width colour opacity =
            Obj [
                Spec.values quantiles
                "mark", Obj [ "type", Text "line"; "strokeWidth", Number width; "opacity", Number opacity; "clip", Bool true;
                              "strokeCap", Text "round" ]
                "encoding", Obj [
                    "x", xScale "x"
                    "y", yScale "y"
                    "detail", Obj [ "field", Text "l" ]
                    "stroke", Obj [ "value", Text colour ]
                    "strokeDash", Obj [
                        "field", Text "l"
                        "type", Text "nominal"
                        "scale", Obj [ "domain", Json.texts [ "median"; low; high ];
                                       "range", List [ Json.numbers [ 1; 0 ]; Json.numbers [ 2; 4 ]; Json.numbers [ 7; 4 ] ] ]
                        "legend", Obj [ "title", Null; "orient", Text "top"; "direction", Text "horizontal"; "symbolType", Text "stroke";
                                        "symbolSize", Number 400.0; "symbolStrokeColor", Text "#d0342c"; "columnPadding", Number 16.0 ]
                    ]
                ]
            ]

        Figure(title, [
            "width", Number 420.0
            "height", Number(if options.Bisector then 420.0 else 340.0)
            "layer", List [
                Obj [
                    Spec.values [
                        for i in 0 .. n - 1 do
                            for j in 0 .. n - 1 do
                                if counts[i, j] > 0 then
                                    Obj [
                                        "a", Json.number (edge xLow xHigh i); "b", Json.number (edge xLow xHigh (i + 1))
                                        "c", Json.number (edge yLow yHigh j); "d", Json.number (edge yLow yHigh (j + 1))
                                        "n", Json.integer counts[i, j]
                                    ]
                    ]
                    "mark", Obj [ "type", Text "rect"; "stroke", Null; "tooltip", Bool true ]
                    "encoding", Obj [
                        "x", xScale "a"; "x2", Obj [ "field", Text "b" ]
                        "y", yScale "c"; "y2", Obj [ "field", Text "d" ]
                        "color", Obj [
                            "field", Text "n"
                            "type", Text "quantitative"
                            "scale", Obj [ (if options.LogColour then "type", Text "log" else "zero", Bool true);
                                           "range", ColourMap.range ColourMap.Viridis ]
                            "legend", Obj [ "title", Text "count"; "gradientLength", Number 200.0; "gradientThickness", Number 12.0 ]
                        ]
                    ]
                ]
                if options.Bisector then
                    Obj [
                        Spec.values [ for v in [ xLow; xHigh ] -> Obj [ "x", Json.number v; "y", Json.number v ] ]
                        "mark", Obj [ "type", Text "line"; "color", Text "@ink"; "strokeWidth", Number 1.0; "opacity", Number 0.75 ]
                        "encoding", Obj [ "x", xScale "x"; "y", yScale "y" ]
                    ]
                // A white line below the red one keeps it visible on every colour of the map.
                line 4.5 "#ffffff" 0.75
                line 1.8 "#d0342c" 1.0
            ]
        ])
