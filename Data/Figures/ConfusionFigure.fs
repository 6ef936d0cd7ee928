namespace Hybrid.Data.Figures

open System

/// A confusion matrix: counts by true class (rows) and predicted class (columns), coloured by the share of the true class.
[<AbstractClass; Sealed>]
type ConfusionFigure =

    /// counts : counts[i, j] of class i predicted as class j.
    static member Build(title: string, classes: string[], counts: int[,]) : Figure =
        let n = classes.Length

        if n = 0 || Array2D.length1 counts <> n || Array2D.length2 counts <> n then
            invalidArg (nameof counts) $"ConfusionFigure '{title}': expected {n} × {n} counts for {n} classes, got \
                {Array2D.length1 counts} × {Array2D.length2 counts}."

        let share i j =
            let row = Seq.sum [ for k in 0 .. n - 1 -> counts[i, k] ]
            if row = 0 then 0.0 else float counts[i, j] / float row

        let axis field title orient =
            Obj [
                "field", Text field
                "type", Text "nominal"
                "sort", Json.texts classes
                "axis", Obj [
                    "title", Text title; "orient", Text orient; "domain", Bool false; "ticks", Bool false; "grid", Bool false
                    "labelAngle", Number 0.0; "labelColor", Text "@ink"; "labelPadding", Number 6.0
                ]
                "scale", Obj [ "padding", Number 0.03 ]
            ]

        let size = float n * (if n <= 4 then 110.0 elif n <= 8 then 70.0 else 48.0)

        let text size dy field =
            Obj [
                "mark", Obj [ "type", Text "text"; "fontSize", Number size; "dy", Number dy ]
                "encoding", Obj [
                    "text", Obj [ "field", Text field ]
                    // Light text on the dark half of the map, dark text on the bright half, in every theme.
                    "color", Obj [ "condition", Obj [ "test", Text "datum.s > 0.6"; "value", Text "#14181d" ]; "value", Text "#ffffff" ]
                ]
            ]

        Figure(title, [
            "width", Number size
            "height", Number size
            Spec.values [
                for i in 0 .. n - 1 do
                    for j in 0 .. n - 1 ->
                        Obj [
                            "t", Text classes[i]
                            "p", Text classes[j]
                            "n", Text(counts[i, j].ToString("N0", Globalization.CultureInfo.InvariantCulture))
                            "s", Json.number (share i j)
                            "q", Text((100.0 * share i j).ToString("0.0", Globalization.CultureInfo.InvariantCulture) + " %")
                        ]
            ]
            "encoding", Obj [ "x", axis "p" "predicted" "top"; "y", axis "t" "true" "left" ]
            "layer", List [
                Obj [
                    "mark", Obj [ "type", Text "rect"; "cornerRadius", Number 3.0 ]
                    "encoding", Obj [
                        "color", Obj [
                            "field", Text "s"
                            "type", Text "quantitative"
                            "scale", Obj [ Spec.domain 0.0 1.0; "range", ColourMap.range ColourMap.Viridis ]
                            "legend", Obj [ "title", Text "share of true class"; "format", Text ".0%"; "gradientThickness", Number 12.0;
                                            "gradientLength", Number(min 180.0 (size - 40.0)) ]
                        ]
                    ]
                ]
                if n <= 12 then
                    text (if n <= 4 then 15.0 else 12.0) (if n <= 8 then -8.0 else 0.0) "n"

                    if n <= 8 then
                        text (if n <= 4 then 11.0 else 10.0) 10.0 "q"
            ]
        ])
