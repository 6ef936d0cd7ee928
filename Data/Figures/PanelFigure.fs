namespace Hybrid.Data.Figures

/// Several figures side by side, row by row, each with its own title, axes and colours.
[<AbstractClass; Sealed>]
type PanelFigure =

    /// columns : panels of a row, ≥ 1;  panels : in reading order, at least one.
    static member Build(title: string, columns: int, panels: Figure[]) : Figure =
        if columns < 1 || panels.Length = 0 then
            invalidArg (nameof panels) $"PanelFigure '{title}': expected at least one panel and one column, got {panels.Length} and \
                {columns}."

        let name (panel: Figure) =
            "title", Obj [ "text", Text panel.Title; "fontSize", Number 12.0; "fontWeight", Text "normal"; "anchor", Text "middle" ]

        Figure(title, [
            "concat", List [ for panel in panels -> Obj(name panel :: panel.Body) ]
            "columns", Number(float columns)
            "spacing", Number 24.0
            "resolve", Obj [ "scale", Obj [ for channel in [ "color"; "shape"; "strokeDash" ] -> channel, Text "independent" ] ]
        ])
