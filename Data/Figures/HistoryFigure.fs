namespace Hybrid.Data.Figures

open System

/// How a line is stroked.
type LineDash =
    | Solid = 0
    | Dashed = 1
    | Dotted = 2

/// One line of a panel: y over x.
[<Sealed>]
type Line(label: string, x: float[], y: float[]) =
    do
        ArgumentNullException.ThrowIfNull(label, nameof label)
        ArgumentNullException.ThrowIfNull(x, nameof x)
        ArgumentNullException.ThrowIfNull(y, nameof y)
        Spec.lengths $"Line '{label}'" [ "x", x.Length; "y", y.Length ]

    /// A line over 1, 2, 3, … (iterations, epochs).
    new(label: string, y: float[]) =
        ArgumentNullException.ThrowIfNull(y, nameof y)
        Line(label, Array.init y.Length (fun i -> float (i + 1)), y)

    member _.Label = label
    member _.X = x
    member _.Y = y
    /// Lower and upper edge of a band around the line (as long as Y); empty: none.
    member val Lower: float[] = [||] with get, set
    member val Upper: float[] = [||] with get, set
    member internal line.HasBand = line.Lower.Length > 0 || line.Upper.Length > 0
    member val Dash = LineDash.Solid with get, set
    /// Colour by its number in the theme, from 1; 0 takes the line's place in its panel.
    member val Colour = 0 with get, set
    /// Measured on the panel's right axis.
    member val OnRight = false with get, set

/// One panel of a history: lines over a common x.
[<Sealed>]
type HistoryPanel(yTitle: string, [<ParamArray>] lines: Line[]) =
    do ArgumentNullException.ThrowIfNull(lines, nameof lines)

    member _.YTitle = yTitle
    member _.Lines = lines
    /// Logarithmic left axis; values that are not positive are gaps.
    member val LogY = false with get, set
    /// Logarithmic right axis.
    member val LogRight = false with get, set
    /// Title of the right axis, for lines with OnRight.
    member val RightTitle = "" with get, set
    /// A dashed line at this value of the left axis: an expected value, a target. NaN: none.
    member val Reference = nan with get, set
    member val ReferenceLabel = "" with get, set
    member val Height = 180.0 with get, set

/// Curves of a run over iterations or epochs, in panels one above the other with a shared x axis.
[<AbstractClass; Sealed>]
type HistoryFigure =

    /// More points than this are thinned: each stretch keeps its first, lowest, highest and last point.
    static member PointsPerLine = 1600

    static member private Thin(line: Line) =
        let n = line.X.Length

        if n <= HistoryFigure.PointsPerLine then
            Array.init n id
        else
            let stretches = HistoryFigure.PointsPerLine / 4

            [| for s in 0 .. stretches - 1 do
                   let first = int (int64 s * int64 n / int64 stretches)
                   let last = int (int64 (s + 1) * int64 n / int64 stretches) - 1
                   let inside = [| first..last |]
                   let finite = inside |> Array.filter (fun i -> Double.IsFinite line.Y[i])

                   yield!
                       if finite.Length = 0 then
                           [| first |]
                       else
                           [| first; last; Array.minBy (fun i -> line.Y[i]) finite; Array.maxBy (fun i -> line.Y[i]) finite |]
                           |> Array.distinct
                           |> Array.sort |]

    static member private Panel(panel: HistoryPanel, xTitle: string, low: float, high: float, width: float, isLast: bool) =
        let colour (i: int) (line: Line) = $"@series{(if line.Colour > 0 then line.Colour else i + 1)}"

        let dash (line: Line) =
            match line.Dash with
            | LineDash.Dashed -> Json.numbers [ 7; 4 ]
            | LineDash.Dotted -> Json.numbers [ 2; 3 ]
            | _ -> Json.numbers [ 1; 0 ]

        for line in panel.Lines do
            if line.HasBand then
                Spec.lengths $"Line '{line.Label}'" [ "y", line.Y.Length; "Lower", line.Lower.Length; "Upper", line.Upper.Length ]

        let labels = panel.Lines |> Seq.map _.Label |> Json.texts
        let colours = panel.Lines |> Seq.mapi colour |> Json.texts
        let dashes = panel.Lines |> Seq.map dash |> List.ofSeq |> List
        let oneLine = panel.Lines.Length <= 1

        let x = Spec.quantitative "x" [
            "scale", Obj [ Spec.domain low high; "nice", Bool false ]
            Spec.axis (if isLast then xTitle else "") [
                "labels", Bool isLast
                "ticks", Bool isLast
                "grid", Bool false
            ]
        ]

        let y (onRight: bool) field more =
            let isLog = if onRight then panel.LogRight else panel.LogY

            let reach =
                panel.Lines
                |> Seq.filter (fun line -> line.OnRight = onRight)
                |> Seq.collect (fun line -> Seq.concat [ line.Y; line.Lower; line.Upper ])
                |> Seq.append (if onRight || Double.IsNaN panel.Reference then [] else [ panel.Reference ])
                |> Spec.extent

            let positive =
                panel.Lines
                |> Seq.filter (fun line -> line.OnRight = onRight)
                |> Seq.collect _.Y
                |> Seq.filter (fun v -> v > 0.0)
                |> Spec.extent
                |> fun (low, high) -> (if low > 0.0 then low else high / 10.0), high

            // Room for the reference's label below the legend.
            let top =
                if onRight || isLog || Double.IsNaN panel.Reference || panel.Reference < 0.9 * snd reach then
                    []
                else
                    [ "domainMax", Json.number (snd reach + 0.1 * (snd reach - fst reach)) ]

            // Zero belongs to the axis when it is near: a curve from 40 to 50 is read against 0, one from 99.1 to 99.9 is not.
            let zero = fst reach >= 0.0 && fst reach <= 0.85 * snd reach

            Spec.quantitative field ([
                "scale", Obj(
                    if isLog then [ "type", Text "log"; "nice", Bool true ]
                    else [ "zero", Bool zero; "nice", Bool top.IsEmpty ] @ top
                )
                let title = if onRight then panel.RightTitle else panel.YTitle

                Spec.axis title [
                    if title.Length <= 3 then
                        "titleAngle", Number 0.0
                        "titleAlign", Text(if onRight then "left" else "right")
                        "titleBaseline", Text "middle"
                    "orient", Text(if onRight then "right" else "left")
                    "grid", Bool(not onRight)
                    "tickCount", Number(if isLog then 4.0 else 5.0)
                    if isLog then
                        yield! Spec.logAxis positive
                ]
            ] @ more)

        let drawn isLog v = if isLog && not (v > 0.0) then Null else Json.number v

        let layers onRight =
            let isLog = if onRight then panel.LogRight else panel.LogY
            let mine = panel.Lines |> Array.mapi (fun i line -> i, line) |> Array.filter (fun (_, line) -> line.OnRight = onRight)

            [
                for i, line in mine do
                    if line.HasBand then
                        Obj [
                            Spec.values [
                                for p in HistoryFigure.Thin line ->
                                    Obj [ "x", Json.number line.X[p]; "a", drawn isLog line.Lower[p]; "b", drawn isLog line.Upper[p] ]
                            ]
                            "mark", Obj [ "type", Text "area"; "color", Text(colour i line); "opacity", Number 0.18; "clip", Bool true ]
                            "encoding", Obj [ "x", x; "y", y onRight "a" []; "y2", Obj [ "field", Text "b" ] ]
                        ]

                if not onRight && not (Double.IsNaN panel.Reference) then
                    yield! Spec.referenceLine high panel.Reference panel.ReferenceLabel

                if mine.Length > 0 then
                    Obj [
                        Spec.values [
                            for _, line in mine do
                                for p in HistoryFigure.Thin line ->
                                    Obj [ "x", Json.number line.X[p]; "y", drawn isLog line.Y[p]; "l", Text line.Label ]
                        ]
                        "mark", Obj [ "type", Text "line"; "strokeWidth", Number 1.8; "clip", Bool true; "strokeJoin", Text "round" ]
                        "encoding", Obj [
                            "x", x
                            "y", y onRight "y" []
                            "color", Obj [
                                "field", Text "l"
                                "type", Text "nominal"
                                "scale", Obj [ "domain", labels; "range", colours ]
                                "legend", (if oneLine then Null else Spec.legendAbove)
                            ]
                            "strokeDash", Obj [
                                "field", Text "l"
                                "type", Text "nominal"
                                "scale", Obj [ "domain", labels; "range", dashes ]
                                "legend", (if oneLine then Null else Spec.legendAbove)
                            ]
                        ]
                    ]
            ]

        let left, right = layers false, layers true

        Obj [
            "width", Number width
            "height", Number panel.Height
            if right.IsEmpty then
                "layer", List left
            else
                "layer", List [ Obj [ "layer", List left ]; Obj [ "layer", List right ] ]
                "resolve", Obj [ "scale", Obj [ "y", Text "independent" ] ]
        ]

    /// One figure of one or more panels.
    static member Build(title: string, xTitle: string, panels: HistoryPanel[]) : Figure =
        ArgumentNullException.ThrowIfNull(panels, nameof panels)

        if panels.Length = 0 then
            invalidArg (nameof panels) $"HistoryFigure '{title}': expected at least one panel, got none."

        for panel in panels do
            for label, n in panel.Lines |> Seq.countBy _.Label do
                if n > 1 then
                    invalidArg (nameof panels) $"HistoryFigure '{title}', panel '{panel.YTitle}': expected distinct labels, got '{label}' \
                        {n} times."

        let low, high = panels |> Seq.collect _.Lines |> Seq.collect _.X |> Spec.extent
        let high = if high > low then high else low + 1.0

        Figure(title, [
            "vconcat", List [
                for i, panel in Seq.indexed panels -> HistoryFigure.Panel(panel, xTitle, low, high, 620.0, (i = panels.Length - 1))
            ]
            "spacing", Number 14.0
            "resolve", Obj [ "scale", Obj [ "color", Text "independent"; "strokeDash", Text "independent" ] ]
        ])
