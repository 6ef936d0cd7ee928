namespace Hybrid.Data.Figures

open System

/// Prediction intervals sorted by width, each with its residual: a calibrated 95 % interval leaves 2.5 % of the truths on either side.
[<Sealed>]
type IntervalFigure() =

    /// The residual axis reaches from −Limit to Limit; farther residuals are drawn at the edge. 0: as far as the data.
    member val Limit = 0.0 with get, set

    /// truth, estimate : the same unit; error : half width of each interval, ≥ 0.
    member options.Build(title: string, yTitle: string, truth: float[], estimate: float[], error: float[]) : Figure =
        Spec.lengths $"IntervalFigure '{title}'" [ "truth", truth.Length; "estimate", estimate.Length; "error", error.Length ]

        if truth.Length = 0 then
            invalidArg (nameof truth) $"IntervalFigure '{title}': expected at least one estimate, got none."

        match error |> Array.tryFind (fun e -> not (e >= 0.0)) with
        | Some e -> invalidArg (nameof error) $"IntervalFigure '{title}': expected half widths ≥ 0, got {e}."
        | None -> ()

        let n = truth.Length
        let order = Array.init n id |> Array.sortBy (fun i -> error[i])
        let residual = order |> Array.map (fun i -> truth[i] - estimate[i])
        let width = order |> Array.map (fun i -> error[i])
        let above = Seq.zip residual width |> Seq.filter (fun (r, w) -> r > w) |> Seq.length
        let below = Seq.zip residual width |> Seq.filter (fun (r, w) -> r < -w) |> Seq.length
        let percent count = (100.0 * float count / float n).ToString("0.0", Globalization.CultureInfo.InvariantCulture) + " %"

        let limit =
            if options.Limit > 0.0 then
                options.Limit
            else
                1.1 * (Seq.append (residual |> Seq.map abs) width |> Spec.extent |> snd)

        let x field = Spec.quantitative field [ "scale", Obj [ Spec.domain 0.0 (float n); "nice", Bool false ];
                                                Spec.axis "estimates, sorted by interval width" [ "tickCount", Number 6.0 ] ]
        let y field = Spec.quantitative field [ "scale", Obj [ Spec.domain -limit limit; "nice", Bool false ]; Spec.axis yTitle [] ]
        let kinds = [ "inside"; "outside" ]
        // A thousand edges draw the same outline as a hundred thousand.
        let step = max 1 (n / 1000)

        let note text at baseline =
            Obj [
                Spec.values [ Obj [ "x", Json.number (float n * 0.01); "y", Json.number at; "t", Text text ] ]
                "mark", Obj [ "type", Text "text"; "align", Text "left"; "baseline", Text baseline; "fontSize", Number 12.0 ]
                "encoding", Obj [ "x", x "x"; "y", y "y"; "text", Obj [ "field", Text "t" ] ]
            ]

        Figure(title, [
            "width", Number 600.0
            "height", Number 320.0
            "layer", List [
                Obj [
                    Spec.values [
                        for k in Seq.append (seq { 0..step .. n - 1 }) [ n - 1 ] |> Seq.distinct ->
                            Obj [ "x", Json.number (float k + 0.5); "a", Json.number -width[k]; "b", Json.number width[k] ]
                    ]
                    "mark", Obj [ "type", Text "area"; "color", Text "@series1"; "opacity", Number 0.25; "clip", Bool true ]
                    "encoding", Obj [ "x", x "x"; "y", y "a"; "y2", Obj [ "field", Text "b" ] ]
                ]
                yield! Spec.referenceLine (float n) 0.0 ""
                Obj [
                    Spec.values [
                        for k in 0 .. n - 1 ->
                            Obj [
                                "x", Json.number (float k + 0.5)
                                "y", Json.number (Math.Clamp(residual[k], -limit, limit))
                                "l", Text(if abs residual[k] <= width[k] then "inside" else "outside")
                            ]
                    ]
                    "mark", Obj [
                        "type", Text "point"
                        "filled", Bool true
                        "size", Number(if n > 1500 then 6.0 elif n > 300 then 14.0 else 26.0)
                        "opacity", Number(if n > 1500 then 0.5 else 0.8)
                    ]
                    "encoding", Obj [
                        "x", x "x"
                        "y", y "y"
                        "color", Obj [
                            "field", Text "l"
                            "type", Text "nominal"
                            "scale", Obj [ "domain", Json.texts kinds; "range", Json.texts [ "@series6"; "@series2" ] ]
                            "legend", Obj [ "title", Null; "orient", Text "top"; "direction", Text "horizontal";
                                            "symbolOpacity", Number 1.0; "symbolSize", Number 50.0 ]
                        ]
                    ]
                ]
                note $"{percent above} above" (0.92 * limit) "top"
                note $"{percent below} below" (-0.92 * limit) "bottom"
            ]
        ])
