namespace Hybrid.Data.Figures

open System

/// A quantity of several subjects under one condition: a value each with the ends of its interval.
[<Sealed>]
type RankSeries(label: string, value: float[], low: float[], high: float[]) =
    do Spec.lengths $"RankSeries '{label}'" [ "value", value.Length; "low", low.Length; "high", high.Length ]

    member _.Label = label
    /// NaN where a subject has none.
    member _.Value = value
    member _.Low = low
    member _.High = high

/// Subjects below each other, each with a point and its interval a series: what is compared when names matter more than numbers.
[<Sealed>]
type RankFigure() =

    /// A dashed line at this value. NaN: none.
    member val Reference = nan with get, set
    member val ReferenceLabel = "" with get, set

    /// subjects : distinct names, from above;  series : as many values each.
    member options.Build(title: string, valueTitle: string, subjects: string[], [<ParamArray>] series: RankSeries[]) : Figure =
        if subjects.Length = 0 || series.Length = 0 then
            invalidArg (nameof subjects) $"RankFigure '{title}': expected at least one subject and one series, got {subjects.Length} and \
                {series.Length}."

        if (Array.distinct subjects).Length < subjects.Length then
            invalidArg (nameof subjects) $"RankFigure '{title}': expected distinct subjects, got one twice."

        for one in series do
            Spec.lengths $"RankSeries '{one.Label}'" [ "subjects", subjects.Length; "value", one.Value.Length ]

        let reach =
            series
            |> Seq.collect (fun one -> Seq.concat [ one.Value; one.Low; one.High ])
            |> Seq.append (if Double.IsNaN options.Reference then [] else [ options.Reference ])
            |> Spec.extent

        let low, high = Spec.padded 0.04 reach
        // A share is read against 0.
        let low = if fst reach >= 0.0 then 0.0 else low
        let names, labels = Json.texts subjects, Json.texts (series |> Seq.map _.Label)

        let x field =
            Spec.quantitative field [ "scale", Obj [ Spec.domain low high; "nice", Bool false ]
                                      Spec.axis valueTitle [ "grid", Bool true; "tickCount", Number 8.0 ] ]

        let y =
            "y", Obj [ "field", Text "n"; "type", Text "nominal"; "sort", names; "scale", Obj [ "domain", names ]
                       "axis", Obj [ "title", Null; "labelLimit", Number 240.0; "grid", Bool false ] ]

        let offset = "yOffset", Obj [ "field", Text "l"; "type", Text "nominal"; "sort", labels; "scale", Obj [ "domain", labels ] ]

        let colour =
            "color", Obj [
                "field", Text "l"
                "type", Text "nominal"
                "scale", Obj [ "domain", labels; "range", Json.texts [ for i in 1 .. series.Length -> $"@series{i}" ] ]
                "legend", (if series.Length = 1 then Null
                           else Obj [ "title", Null; "orient", Text "top"; "direction", Text "horizontal"; "offset", Number 6.0
                                      "columnPadding", Number 16.0; "symbolOpacity", Number 1.0; "symbolSize", Number 60.0 ])
            ]

        let rows =
            Spec.values [
                for one in series do
                    for i in 0 .. subjects.Length - 1 do
                        if Double.IsFinite one.Value[i] then
                            Obj [ "n", Text subjects[i]; "l", Text one.Label; "v", Json.number one.Value[i]
                                  "a", Json.number one.Low[i]; "b", Json.number one.High[i] ]
            ]

        Figure(title, [
            "width", Number 520.0
            "height", Obj [ "step", Number(12.0 * float series.Length + 4.0); "for", Text "position" ]
            "layer", List [
                if not (Double.IsNaN options.Reference) then
                    Obj [
                        Spec.values [ Obj [ "v", Json.number options.Reference; "t", Text options.ReferenceLabel ] ]
                        "layer", List [
                            Obj [
                                "mark", Obj [ "type", Text "rule"; "color", Text "@ink"; "strokeDash", Json.numbers [ 5; 4 ]
                                              "opacity", Number 0.75 ]
                                "encoding", Obj [ "x", x "v" ]
                            ]
                            Obj [
                                "mark", Obj [ "type", Text "text"; "align", Text "left"; "baseline", Text "top"; "dx", Number 4.0
                                              "color", Text "@muted" ]
                                "encoding", Obj [ "x", x "v"; "y", Obj [ "value", Number 2.0 ]; "text", Obj [ "field", Text "t" ] ]
                            ]
                        ]
                    ]

                Obj [
                    rows
                    "mark", Obj [ "type", Text "rule"; "opacity", Number 0.6 ]
                    "encoding", Obj [ "x", x "a"; "x2", Obj [ "field", Text "b" ]; y; offset; colour ]
                ]

                Obj [
                    rows
                    "mark", Obj [ "type", Text "point"; "filled", Bool true; "opacity", Number 1.0; "size", Number 40.0 ]
                    "encoding", Obj [ "x", x "v"; y; offset; colour ]
                ]
            ]
        ])
