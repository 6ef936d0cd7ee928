namespace Hybrid.Data.Figures

open System

/// One distribution of a corner plot.
/// values : for each parameter the points of its grid, rising;  densities : at those points
[<Sealed>]
type CornerSeries(label: string, values: float[][], densities: float[][]) =
    do
        ArgumentNullException.ThrowIfNull(label, nameof label)
        ArgumentNullException.ThrowIfNull(values, nameof values)
        ArgumentNullException.ThrowIfNull(densities, nameof densities)
        Spec.lengths $"CornerSeries '{label}'" [ "values", values.Length; "densities", densities.Length ]

        for p in 0 .. values.Length - 1 do
            Spec.lengths $"CornerSeries '{label}', parameter {p + 1}" [ "values", values[p].Length; "densities", densities[p].Length ]

    let pairs = Collections.Generic.Dictionary<struct (int * int), struct (float[][] * float[])>()

    member _.Label = label
    member internal _.Values = values
    member internal _.Densities = densities
    member internal _.Pairs = pairs

    /// The joint density of two parameters, of which contours at some levels are drawn.
    /// first, second : places of the parameters, first < second
    /// density : [i][j] at value i of the first parameter and j of the second
    /// levels : densities at which to draw, as HighestDensity.Levels gives them, the innermost first
    member _.Join(first: int, second: int, density: float[][], levels: float[]) : unit =
        if not (0 <= first && first < second && second < values.Length) then
            invalidArg (nameof first) $"CornerSeries '{label}': expected two of {values.Length} parameters, the smaller first, got {first} \
                and {second}."

        Spec.lengths $"CornerSeries '{label}'" [ "values", values[first].Length; "density", density.Length ]

        for row in density do
            Spec.lengths $"CornerSeries '{label}'" [ "values", values[second].Length; "density's rows", row.Length ]

        pairs[struct (first, second)] <- struct (density, levels)

/// Every parameter's distribution on the diagonal and every pair's below it, several posteriors above one another.
[<Sealed>]
type CornerFigure() =

    /// Width and height of a panel, pixels.
    member val PanelSize = 190.0 with get, set

    /// A dashed line at the true parameters; empty: none.
    member val Truth: float[] = [||] with get, set

    /// names : of the parameters, with their units
    member options.Build(title: string, names: string[], [<ParamArray>] series: CornerSeries[]) : Figure =
        let subject = $"CornerFigure '{title}'"

        if series.Length = 0 then
            invalidArg (nameof series) $"{subject}: expected at least one distribution, got none."

        for one in series do
            Spec.lengths subject [ "names", names.Length; $"parameters of '{one.Label}'", one.Values.Length ]

        if options.Truth.Length > 0 then
            Spec.lengths subject [ "names", names.Length; "Truth", options.Truth.Length ]

        let ranges = [|
            for p in 0 .. names.Length - 1 ->
                let low, high = series |> Seq.collect (fun one -> one.Values[p]) |> Spec.extent
                if high > low then low, high else Spec.padded 0.1 (low, high)
        |]

        let last = names.Length - 1

        let xAxis p isShown =
            let low, high = ranges[p]

            Spec.quantitative "x" [
                "scale", Obj [ Spec.domain low high; "nice", Bool false; "zero", Bool false ]
                Spec.axis (if isShown then names[p] else "") [ "labels", Bool isShown; "tickCount", Number 4.0; "grid", Bool false ]
            ]

        let colour legend =
            "color", Obj [
                "field", Text "l"
                "type", Text "nominal"
                "scale", Obj [
                    "domain", series |> Seq.map _.Label |> Json.texts
                    "range", Json.texts [ for i in 1 .. series.Length -> $"@series{i}" ]
                ]
                "legend", (if legend then Obj [ "title", Null; "orient", Text "right"; "symbolType", Text "stroke" ] else Null)
            ]

        let dashed encoding =
            Obj [
                "mark", Obj [ "type", Text "rule"; "color", Text "@ink"; "strokeDash", Json.numbers [ 5; 4 ]; "opacity", Number 0.75 ]
                yield! encoding
            ]

        let truthAlong axis p =
            if options.Truth.Length = 0 then
                []
            else
                [ dashed [ Spec.values [ Obj [ axis, Json.number options.Truth[p] ] ]
                           "encoding", Obj [ axis, (if axis = "x" then xAxis p (p = last) else Spec.quantitative "y" []) ] ] ]

        let diagonal p =
            Obj [
                "width", Number options.PanelSize
                "height", Number options.PanelSize
                "layer", List [
                    Obj [
                        Spec.values [
                            for one in series do
                                for i in 0 .. one.Values[p].Length - 1 ->
                                    Obj [ "x", Json.number one.Values[p].[i]; "y", Json.number one.Densities[p].[i]; "l", Text one.Label ]
                        ]
                        "mark", Obj [ "type", Text "line"; "strokeWidth", Number 1.6; "clip", Bool true ]
                        "encoding", Obj [
                            "x", xAxis p (p = last)
                            "y", Spec.quantitative "y" [ Spec.axis "" [ "labels", Bool false; "ticks", Bool false; "grid", Bool false ] ]
                            colour (p = 0 && series.Length > 1)
                        ]
                    ]
                    yield! truthAlong "x" p
                ]
            ]

        let below first second =
            let low, high = ranges[second]

            let y =
                Spec.quantitative "y" [
                    "scale", Obj [ Spec.domain low high; "nice", Bool false; "zero", Bool false ]
                    Spec.axis (if first = 0 then names[second] else "") [
                        "labels", Bool(first = 0)
                        "tickCount", Number 4.0
                        "grid", Bool false
                    ]
                ]

            Obj [
                "width", Number options.PanelSize
                "height", Number options.PanelSize
                "layer", List [
                    Obj [
                        Spec.values [
                            for one in series do
                                match one.Pairs.TryGetValue(struct (first, second)) with
                                | true, struct (density, levels) ->
                                    for k in 0 .. levels.Length - 1 do
                                        for struct (x1, y1, x2, y2) in
                                            Contours.segments one.Values[first] one.Values[second] density levels[k] ->
                                            Obj [
                                                "x", Json.number x1
                                                "y", Json.number y1
                                                "a", Json.number x2
                                                "b", Json.number y2
                                                "l", Text one.Label
                                                "o", Json.number (1.0 / float (k + 1))
                                            ]
                                | _ -> ()
                        ]
                        "mark", Obj [ "type", Text "rule"; "strokeWidth", Number 1.6; "clip", Bool true; "strokeCap", Text "round" ]
                        "encoding", Obj [
                            "x", xAxis first (second = last)
                            "y", y
                            "x2", Obj [ "field", Text "a" ]
                            "y2", Obj [ "field", Text "b" ]
                            "opacity", Obj [ "field", Text "o"; "type", Text "quantitative"; "scale", Null; "legend", Null ]
                            colour false
                        ]
                    ]
                    yield! truthAlong "x" first
                    yield! truthAlong "y" second
                ]
            ]

        Figure(title, [
            "vconcat", List [
                for row in 0..last ->
                    Obj [ "hconcat", List [ for column in 0..row -> if column = row then diagonal row else below column row ]
                          "spacing", Number 12.0 ]
            ]
            "spacing", Number 12.0
        ])
