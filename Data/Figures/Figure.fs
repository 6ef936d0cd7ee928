namespace Hybrid.Data.Figures

open System

/// A figure: a Vega-Lite 6 specification with its numbers inside. Made by the *Figure classes, drawn by FigureRenderer or Report.
[<Sealed>]
type Figure internal (title: string, body: (string * Json) list) =

    do ArgumentNullException.ThrowIfNull(title, nameof title)

    member _.Title = title
    member internal _.Body = body

    /// A sentence below the figure in a report: what is shown and what to see. Empty: none.
    member val Caption = "" with get, set

    /// The whole specification, ready for any Vega-Lite 6 tool.
    /// withTitle : false where the surroundings already show the title.
    member _.ToJson(theme: FigureTheme, withTitle: bool) : string =
        ArgumentNullException.ThrowIfNull(theme, nameof theme)

        Obj [
            "$schema", Text "https://vega.github.io/schema/vega-lite/v6.json"
            if withTitle && title <> "" then
                "title", Text title
            yield! body
            "config", theme.Config
        ]
        |> Json.mapText theme.Resolve
        |> Json.toString false

    /// The specification in the light theme with its title.
    member figure.ToJson() : string = figure.ToJson(FigureTheme.Light, true)

/// Pieces that several kinds of figure share.
[<RequireQualifiedAccess>]
module internal Spec =

    let values (rows: Json list) = "data", Obj [ "values", List rows ]

    let quantitative (field: string) more =
        Obj([ "field", Text field; "type", Text "quantitative" ] @ more)

    let axis (title: string) more =
        "axis", Obj([ "title", (if String.IsNullOrEmpty title then Null else Text title) ] @ more)

    let domain (low: float) (high: float) = "domain", Json.numbers [ low; high ]

    /// Lowest and highest finite value; (0, 1) when there is none.
    let extent (values: float seq) =
        let finite = values |> Seq.filter Double.IsFinite |> Seq.toArray
        if finite.Length = 0 then 0.0, 1.0 else Array.min finite, Array.max finite

    /// An extent with room of `share` on both sides, never of zero width.
    let padded share (low: float, high: float) =
        let room = if high > low then (high - low) * share else max (abs low * 0.1) 0.5
        low - room, high + room

    /// The axis of a logarithmic scale: labels and grid lines at powers of ten, or where Vega puts them when fewer than two are in range.
    let logAxis (low: float, high: float) = [
        let first, last = int (ceil (log10 low - 1e-9)), int (floor (log10 high + 1e-9))

        if last > first then
            let step = 1 + (last - first) / 7
            "values", Json.numbers [ for k in first..step..last -> Math.Pow(10.0, float k) ]

        "format", Text "~g"
    ]

    /// Colour (and dash) by the field "l" with a legend above the plot, one entry a series.
    let legendAbove = Obj [
        "title", Null
        "orient", Text "top"
        "direction", Text "horizontal"
        "offset", Number 6.0
        "columnPadding", Number 16.0
        "symbolType", Text "stroke"
        "symbolSize", Number 400.0
        "symbolOpacity", Number 1.0
    ]

    /// A dashed rule across the plot at y, with its name at the right end.
    let referenceLine (right: float) (y: float) (label: string) = [
        Obj [
            values [ Obj [ "y", Json.number y ] ]
            "mark", Obj [ "type", Text "rule"; "color", Text "@ink"; "strokeDash", Json.numbers [ 5; 4 ]; "opacity", Number 0.75 ]
            "encoding", Obj [ "y", quantitative "y" [] ]
        ]
        if not (String.IsNullOrEmpty label) then
            Obj [
                values [ Obj [ "x", Json.number right; "y", Json.number y; "t", Text label ] ]
                "mark", Obj [
                    "type", Text "text"; "align", Text "right"; "baseline", Text "bottom"; "dy", Number -3.0; "color", Text "@muted"
                ]
                "encoding", Obj [
                    "x", quantitative "x" [ "scale", Obj [ "zero", Bool false ] ]
                    "y", quantitative "y" []
                    "text", Obj [ "field", Text "t" ]
                ]
            ]
    ]

    let lengths (subject: string) (pairs: (string * int) list) =
        match pairs with
        | (firstName, first) :: rest ->
            for name, length in rest do
                if length <> first then
                    invalidArg name $"{subject}: expected {name} with as many values as {firstName} ({first}), got {length}."
        | [] -> ()
