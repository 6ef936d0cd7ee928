namespace Hybrid.Data.Figures

open System

/// The colours of a figure by role. A specification names roles ("@ink", "@series1"); a theme gives them values, so one
/// specification serves paper, dark screens and a page that switches between both.
[<Sealed>]
type FigureTheme private (name: string, series: string[], ink: string, muted: string, grid: string, background: string) =

    /// Dark ink on white, for files and print.
    static member val Light =
        FigureTheme("light", [| "#2a6fbb"; "#d1601f"; "#1b8a6b"; "#a5428c"; "#a67c00"; "#5b6b7a" |], "#1f2328", "#59636e", "#e4e8ec",
                    "#ffffff")

    /// Light ink on near black.
    static member val Dark =
        FigureTheme("dark", [| "#6ca8ee"; "#f0925a"; "#45c5a0"; "#dd86c6"; "#e0be4a"; "#9fb0c0" |], "#e6edf3", "#9aa5b1", "#2b323b",
                    "#14181d")

    /// Roles as CSS variables (--ink, --series1, …), for SVG inside a page whose style sheet defines them.
    static member val Page =
        FigureTheme("page", [| for i in 1..6 -> $"var(--series{i})" |], "var(--ink)", "var(--muted)", "var(--grid)", "transparent")

    member _.Name = name
    /// Colours of the data series: six, distinguishable with the common colour vision deficiencies, each at least 3:1 against
    /// the background.
    member _.Series = Array.copy series
    member _.Ink = ink
    member _.Muted = muted
    member _.Grid = grid
    member _.Background = background

    /// The value of a role; a text that names none stays as it is.
    member internal _.Resolve(text: string) =
        match text with
        | "@ink" -> ink
        | "@muted" -> muted
        | "@grid" -> grid
        | "@background" -> (if name = "page" then "var(--surface)" else background)
        | _ when text.StartsWith("@series", StringComparison.Ordinal) ->
            match Int32.TryParse(text.AsSpan(7)) with
            | true, i -> series[(i - 1) % series.Length]
            | _ -> text
        | _ -> text

    /// Vega-Lite's config: fonts, quiet axes, colours.
    member internal _.Config =
        Obj [
            "font", Text "Inter, system-ui, sans-serif"
            "background", Text background
            "padding", Number 10.0
            "view", Obj [ "stroke", Null ]
            "axis", Obj [
                "labelColor", Text muted
                "titleColor", Text ink
                "gridColor", Text grid
                "domainColor", Text muted
                "tickColor", Text muted
                "labelFontSize", Number 11.0
                "titleFontSize", Number 12.0
                "titleFontWeight", Text "normal"
                "titlePadding", Number 8.0
                "tickSize", Number 4.0
                "labelOverlap", Bool true
                "labelSeparation", Number 6.0
            ]
            "axisX", Obj [ "grid", Bool false ]
            "axisY", Obj [ "domain", Bool false; "ticks", Bool false; "labelPadding", Number 6.0 ]
            "axisRight", Obj [ "grid", Bool false ]
            "legend", Obj [
                "labelColor", Text ink
                "titleColor", Text ink
                "labelFontSize", Number 11.0
                "titleFontSize", Number 11.0
                "titleFontWeight", Text "normal"
                "labelLimit", Number 360.0
                "symbolStrokeWidth", Number 2.0
            ]
            "header", Obj [
                "labelColor", Text ink
                "labelFontSize", Number 12.0
                "titleColor", Text ink
            ]
            "title", Obj [
                "color", Text ink
                "subtitleColor", Text muted
                "fontSize", Number 14.0
                "fontWeight", Number 600.0
                "anchor", Text "start"
                "frame", Text "group"
                "offset", Number 10.0
            ]
            "text", Obj [ "color", Text ink; "fontSize", Number 11.0 ]
            "range", Obj [ "category", Json.texts series ]
        ]
