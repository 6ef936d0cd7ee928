namespace Hybrid.Data.Figures

open System
open Hybrid.Data

/// The values of one class, or their numbers in the figure's bins.
[<Sealed>]
type HistogramSeries private (label: string, values: float[], counts: int[] | null, total: int) =
    new(label: string, values: float[]) = HistogramSeries(label, values, null, values.Length)
    member _.Label = label
    /// The values; none where they are given as counts.
    member _.Values = values
    member internal _.Counts = counts
    /// Number of values, in the bins or not.
    member _.Total = total

    /// Counts of saved statistics: `counts`, one a bin of the figure, of `total` values.
    static member OfCounts(label: string, counts: int[], total: int) = HistogramSeries(label, [||], counts, total)

/// One panel: the same bins for its own values, such as an energy range.
[<Sealed>]
type HistogramPanel(title: string, [<ParamArray>] series: HistogramSeries[]) =
    member _.Title = title
    member _.Series = series

/// Histograms of classes over common bins, filled and outlined so that they can be distinguished where they overlap.
[<Sealed>]
type HistogramFigure() =

    /// Divide each class's counts by its number of values and the bin's width.
    member val Density = false with get, set
    member val LogY = false with get, set
    /// Panels beside each other.
    member val Columns = 2 with get, set

    /// Counts of the values in bins [e0, e1), …, [e(n−1), en]: the last bin is closed, as in numpy.histogram. Values outside are left out.
    static member Count(values: float[], edges: float[]) : int[] =
        if edges.Length < 2 then
            invalidArg (nameof edges) $"HistogramFigure.Count: expected at least two edges, got {edges.Length}."

        for i in 1 .. edges.Length - 1 do
            if not (edges[i] > edges[i - 1]) then
                invalidArg (nameof edges) $"HistogramFigure.Count: expected edges that rise, got {edges[i - 1]} followed by {edges[i]}."

        let counts = Array.zeroCreate<int> (edges.Length - 1)
        let last = edges[edges.Length - 1]

        for v in values do
            if v >= edges[0] && v <= last then
                let found = Array.BinarySearch(edges, v)
                let bin = if found >= 0 then found else ~~~found - 1
                let bin = min bin (counts.Length - 1)
                counts[bin] <- counts[bin] + 1

        counts

    /// `bins` bins of equal width from low to high.
    static member Edges(low: float, high: float, bins: int) : float[] =
        if bins < 1 || not (high > low) then
            invalidArg (nameof bins) $"HistogramFigure.Edges: expected at least one bin and low < high, got {bins} bin{Plural.s bins} \
                from {low} to {high}."

        Array.init (bins + 1) (fun i -> if i = bins then high else low + (high - low) * float i / float bins)

    member private options.Panel(panel: HistogramPanel, xTitle: string, edges: float[], labels: string[], width: float, isFirst: bool) =
        let yTitle = if options.Density then "density" else "count"

        let heights =
            panel.Series
            |> Array.map (fun s ->
                let counts =
                    match s.Counts with
                    | null -> HistogramFigure.Count(s.Values, edges)
                    | given when given.Length = edges.Length - 1 -> given
                    | given ->
                        let bins = edges.Length - 1
                        invalidArg "series" $"HistogramFigure, series '{s.Label}': expected {bins} count{Plural.s bins}, one a bin, got \
                            {given.Length}."

                let height i (count: int) =
                    if options.Density then float count / (float (max 1 s.Total) * (edges[i + 1] - edges[i])) else float count

                s.Label, counts |> Array.mapi height)

        // On a log axis an empty bin has no height; a step from the floor shows the same.
        let lowest () = heights |> Seq.collect snd |> Seq.filter (fun h -> h > 0.0) |> Seq.fold min infinity
        let floor = if options.LogY then lowest () / 2.0 else 0.0
        let floor = if Double.IsFinite floor then floor else 0.5
        let ceiling = max (2.0 * floor) (1.3 * (heights |> Seq.collect snd |> Seq.fold max 0.0))

        let x more field =
            Spec.quantitative field ([
                "scale", Obj [ Spec.domain edges[0] edges[edges.Length - 1]; "nice", Bool false ]
                Spec.axis xTitle []
            ] @ more)

        let y more =
            Spec.quantitative "y" ([
                "scale", Obj(
                    if options.LogY then [ "type", Text "log"; "nice", Bool false; Spec.domain floor ceiling ]
                    elif ceiling = 0.0 then [ Spec.domain 0.0 1.0 ]
                    else [ "zero", Bool true; "nice", Bool true ]
                )
                Spec.axis yTitle [
                    "tickCount", Number 5.0
                    if options.LogY then
                        yield! Spec.logAxis (floor, ceiling)
                ]
                "stack", Null
            ] @ more)

        let place label = Array.findIndex ((=) label) labels

        Obj [
            if panel.Title <> "" then
                "title", Obj [ "text", Text panel.Title; "fontSize", Number 12.0; "fontWeight", Text "normal"; "offset", Number 4.0 ]
            "width", Number width
            "height", Number(if width > 400.0 then 280.0 else 200.0)
            "layer", List [
                for label, values in heights do
                    let bars = [
                        for i, h in Seq.indexed values do
                            if h > floor then
                                Obj [ "a", Json.number edges[i]; "b", Json.number edges[i + 1]; "y", Json.number h; "z", Json.number floor ]
                    ]

                    if not bars.IsEmpty then
                        Obj [
                            Spec.values bars
                            "mark", Obj [ "type", Text "rect"; "color", Text $"@series{place label + 1}"; "opacity", Number 0.22 ]
                            "encoding", Obj [ "x", x [] "a"; "x2", Obj [ "field", Text "b" ]; "y", y []; "y2", Obj [ "field", Text "z" ] ]
                        ]
                Obj [
                    Spec.values [
                        for label, values in heights do
                            let row at h = Obj [ "x", Json.number at; "y", Json.number (max floor h); "l", Text label ]
                            row edges[0] floor

                            for i, h in Seq.indexed values do
                                row edges[i] h
                                row edges[i + 1] h

                            row edges[edges.Length - 1] floor
                    ]
                    "mark", Obj [ "type", Text "line"; "strokeWidth", Number 1.6; "strokeJoin", Text "miter" ]
                    "encoding", Obj [
                        "x", x [] "x"
                        "y", y []
                        // The row order is the outline's path.
                        "order", Obj [ "value", Null ]
                        for channel, range in [
                            "color", Json.texts [ for i in 1 .. labels.Length -> $"@series{i}" ]
                            "strokeDash", List [
                                for i in 0 .. labels.Length - 1 -> Json.numbers (if i % 2 = 0 then [ 1; 0 ] else [ 5; 3 ])
                            ]
                        ] do
                            channel,
                            Obj [
                                "field", Text "l"
                                "type", Text "nominal"
                                "scale", Obj [ "domain", Json.texts labels; "range", range ]
                                "legend", (if isFirst && labels.Length > 1 then Spec.legendAbove else Null)
                            ]
                    ]
                ]
            ]
        ]

    /// One panel of classes.
    member options.Build(title: string, xTitle: string, edges: float[], [<ParamArray>] series: HistogramSeries[]) : Figure =
        options.Build(title, xTitle, edges, [| HistogramPanel("", series) |])

    /// Several panels with the same bins and classes.
    member options.Build(title: string, xTitle: string, edges: float[], panels: HistogramPanel[]) : Figure =
        let labels = panels |> Seq.collect _.Series |> Seq.map _.Label |> Seq.distinct |> Array.ofSeq

        if labels.Length = 0 then
            invalidArg (nameof panels) $"HistogramFigure '{title}': expected at least one series, got none."

        let width = if panels.Length = 1 then 560.0 else 280.0

        Figure(title, [
            "concat", List [ for i, panel in Seq.indexed panels -> options.Panel(panel, xTitle, edges, labels, width, (i = 0)) ]
            "columns", Json.integer (max 1 options.Columns)
            "spacing", Number 26.0
            "resolve", Obj [ "scale", Obj [ "color", Text "independent"; "strokeDash", Text "independent" ] ]
        ])
