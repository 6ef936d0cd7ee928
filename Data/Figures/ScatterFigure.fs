namespace Hybrid.Data.Figures

open System

/// Points of one kind, with optional error bars.
[<Sealed>]
type ScatterSeries(label: string, x: float[], y: float[]) =
    do Spec.lengths $"ScatterSeries '{label}'" [ "x", x.Length; "y", y.Length ]

    member _.Label = label
    member _.X = x
    member _.Y = y
    /// Half lengths of the error bars (as many as points); empty: none.
    member val XError: float[] = [||] with get, set
    member val YError: float[] = [||] with get, set

/// Points with error bars, one colour and shape a series.
[<Sealed>]
type ScatterFigure() =

    /// Draw the bisector y = x, and give both axes one range: prediction against truth.
    member val Bisector = false with get, set
    /// A dashed line at this y. NaN: none.
    member val Reference = nan with get, set
    member val ReferenceLabel = "" with get, set
    /// Range of the vertical axis, so that several figures can be compared; points beyond are drawn at its ends. NaN: that of the data.
    member val LowY = nan with get, set
    member val HighY = nan with get, set
    /// Of the plot; 0: 560 × 320, or 420 each way with the bisector.
    member val Width = 0.0 with get, set
    member val Height = 0.0 with get, set

    member options.Build(title: string, xTitle: string, yTitle: string, [<ParamArray>] series: ScatterSeries[]) : Figure =
        if series.Length = 0 then
            invalidArg (nameof series) $"ScatterFigure '{title}': expected at least one series, got none."

        for s in series do
            if s.XError.Length > 0 then
                Spec.lengths $"ScatterSeries '{s.Label}'" [ "x", s.X.Length; "XError", s.XError.Length ]

            if s.YError.Length > 0 then
                Spec.lengths $"ScatterSeries '{s.Label}'" [ "y", s.Y.Length; "YError", s.YError.Length ]

        let reach (values: ScatterSeries -> float[]) (errors: ScatterSeries -> float[]) =
            series
            |> Seq.collect (fun s ->
                let v, e = values s, errors s
                if e.Length = 0 then v else Array.append (Array.map2 (-) v e) (Array.map2 (+) v e))

        let xReach = reach _.X _.XError |> Spec.extent
        let yReach = reach _.Y _.YError |> Seq.append (if Double.IsNaN options.Reference then [] else [ options.Reference ]) |> Spec.extent

        let (xLow, xHigh), (yLow, yHigh) =
            if options.Bisector then
                let both = Spec.padded 0.04 (min (fst xReach) (fst yReach), max (snd xReach) (snd yReach))
                both, both
            else
                Spec.padded 0.04 xReach, Spec.padded 0.06 yReach

        let yLow = if Double.IsNaN options.LowY then yLow else options.LowY
        let yHigh = if Double.IsNaN options.HighY then yHigh else options.HighY

        if not (yLow < yHigh) then
            invalidArg (nameof series) $"ScatterFigure '{title}': expected LowY below HighY, got {yLow} and {yHigh}."

        let within v = if options.Bisector then v else Math.Clamp(v, yLow, yHigh)
        let x field = Spec.quantitative field [ "scale", Obj [ Spec.domain xLow xHigh; "nice", Bool false; "zero", Bool false ];
                                                Spec.axis xTitle [ "grid", Bool true ] ]
        let y field = Spec.quantitative field [ "scale", Obj [ Spec.domain yLow yHigh; "nice", Bool false; "zero", Bool false ];
                                                Spec.axis yTitle [] ]
        let total = series |> Array.sumBy _.X.Length
        // Many points must let each other shine through.
        let opacity = if total > 3000 then 0.25 elif total > 400 then 0.45 else 0.85
        let size = if total > 3000 then 10.0 elif total > 400 then 18.0 else 34.0
        let labels = series |> Seq.map _.Label |> Json.texts
        let legend =
            if series.Length = 1 then
                Null
            else
                Obj [ "title", Null; "orient", Text "top"; "direction", Text "horizontal"; "offset", Number 6.0;
                      "columnPadding", Number 16.0; "symbolOpacity", Number 1.0; "symbolSize", Number 60.0 ]

        let byLabel channel range =
            channel, Obj [ "field", Text "l"; "type", Text "nominal"; "scale", Obj [ "domain", labels; "range", range ]; "legend", legend ]

        let colours = Json.texts [ for i in 1 .. series.Length -> $"@series{i}" ]
        let symbols = [| "circle"; "square"; "triangle-up"; "diamond"; "cross"; "triangle-down" |]
        let shapes = Json.texts [ for i in 0 .. series.Length - 1 -> symbols[i % 6] ]

        let bars horizontal = [
            for i, s in Seq.indexed series do
                let errors = if horizontal then s.XError else s.YError

                if errors.Length > 0 then
                    Obj [
                        Spec.values [
                            for p in 0 .. s.X.Length - 1 ->
                                let centre = if horizontal then s.X[p] else s.Y[p]
                                Obj [
                                    "o", Json.number (if horizontal then s.Y[p] else s.X[p])
                                    "a", Json.number (centre - errors[p])
                                    "b", Json.number (centre + errors[p])
                                ]
                        ]
                        "mark", Obj [ "type", Text "rule"; "color", Text $"@series{i + 1}"; "opacity", Number(opacity * 0.6);
                                      "clip", Bool true ]
                        "encoding",
                        Obj(
                            if horizontal then
                                [ "x", x "a"; "x2", Obj [ "field", Text "b" ]; "y", y "o" ]
                            else
                                [ "x", x "o"; "y", y "a"; "y2", Obj [ "field", Text "b" ] ]
                        )
                    ]
        ]

        Figure(title, [
            "width", Number(if options.Width > 0.0 then options.Width elif options.Bisector then 420.0 else 560.0)
            "height", Number(if options.Height > 0.0 then options.Height elif options.Bisector then 420.0 else 320.0)
            "layer", List [
                if options.Bisector then
                    Obj [
                        Spec.values [ for v in [ xLow; xHigh ] -> Obj [ "x", Json.number v; "y", Json.number v ] ]
                        "mark", Obj [ "type", Text "line"; "color", Text "@ink"; "strokeDash", Json.numbers [ 5; 4 ];
                                      "strokeWidth", Number 1.0; "opacity", Number 0.75 ]
                        "encoding", Obj [ "x", x "x"; "y", y "y" ]
                    ]

                if not (Double.IsNaN options.Reference) then
                    yield! Spec.referenceLine xHigh options.Reference options.ReferenceLabel

                yield! bars true
                yield! bars false

                Obj [
                    Spec.values [
                        for s in series do
                            for p in 0 .. s.X.Length - 1 do
                                if Double.IsFinite s.X[p] && Double.IsFinite s.Y[p] then
                                    Obj [ "x", Json.number s.X[p]; "y", Json.number (within s.Y[p]); "l", Text s.Label ]
                    ]
                    "mark", Obj [ "type", Text "point"; "filled", Bool true; "opacity", Number opacity; "size", Number size;
                                  "clip", Bool true ]
                    "encoding", Obj [ "x", x "x"; "y", y "y"; byLabel "color" colours; byLabel "shape" shapes ]
                ]
            ]
        ])
