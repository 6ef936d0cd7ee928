namespace Hybrid.Data.Figures

open System

/// One receiver operating characteristic: false against true positive rate, both in [0, 1] and rising.
[<Sealed>]
type RocCurve(label: string, falsePositiveRate: float[], truePositiveRate: float[]) =
    do Spec.lengths $"RocCurve '{label}'" [ "falsePositiveRate", falsePositiveRate.Length; "truePositiveRate", truePositiveRate.Length ]

    member _.Label = label
    member _.FalsePositiveRate = falsePositiveRate
    member _.TruePositiveRate = truePositiveRate
    /// Confidence band of the true positive rate (as long as the curve); empty: none.
    member val Lower: float[] = [||] with get, set
    member val Upper: float[] = [||] with get, set
    /// Area under the curve for the legend. NaN: not shown.
    member val Auc = nan with get, set
    /// Its standard error (DeLong). NaN: not shown.
    member val AucError = nan with get, set

/// How the two rates are drawn.
type RocAxes =
    /// True against false positive rate; chance is the diagonal.
    | Rates = 0
    /// Background rejection against signal efficiency, as particle physicists draw it: the closer to (1, 1) the better.
    | EfficiencyRejection = 1
    /// True against the logarithm of the false positive rate, where few false positives are what counts.
    | LogRates = 2

/// Receiver operating characteristics with confidence bands.
[<Sealed>]
type RocFigure() =

    member val Axes = RocAxes.Rates with get, set

    member options.Build(title: string, [<ParamArray>] curves: RocCurve[]) : Figure =
        if curves.Length = 0 then
            invalidArg (nameof curves) $"RocFigure '{title}': expected at least one curve, got none."

        for c in curves do
            for name, values in [ "falsePositiveRate", c.FalsePositiveRate; "truePositiveRate", c.TruePositiveRate; "Lower", c.Lower;
                                  "Upper", c.Upper ] do
                for v in values do
                    if not (v >= 0.0 && v <= 1.0) then
                        invalidArg (nameof curves) $"RocCurve '{c.Label}': expected {name} in [0, 1], got {v}."

            if c.Lower.Length > 0 || c.Upper.Length > 0 then
                Spec.lengths $"RocCurve '{c.Label}'" [ "truePositiveRate", c.TruePositiveRate.Length; "Lower", c.Lower.Length;
                                                       "Upper", c.Upper.Length ]

        let invariant (format: string) (v: float) = v.ToString(format, Globalization.CultureInfo.InvariantCulture)

        let label (c: RocCurve) =
            match Double.IsNaN c.Auc, Double.IsNaN c.AucError with
            | true, _ -> c.Label
            | false, true -> c.Label + ": AUC " + invariant "F3" c.Auc
            | false, false -> c.Label + ": AUC " + invariant "F4" c.Auc + " ± " + invariant "F4" c.AucError

        // The smallest rate that can be seen on a log axis.
        let floor =
            let positive = curves |> Seq.collect _.FalsePositiveRate |> Seq.filter (fun v -> v > 0.0)
            if Seq.isEmpty positive then 1e-3 else max 1e-6 (Seq.min positive)

        let isLog = options.Axes = RocAxes.LogRates
        let isRejection = options.Axes = RocAxes.EfficiencyRejection

        let first, second =
            if isRejection then "signal efficiency", "background rejection" else "false positive rate", "true positive rate"

        let x field =
            Spec.quantitative field [
                "scale", Obj [ (if isLog then Spec.domain floor 1.0 else Spec.domain 0.0 1.0); "nice", Bool false;
                               if isLog then "type", Text "log" ]
                Spec.axis first [ "grid", Bool true; if isLog then ("format", Text "~g") else ("tickCount", Number 5.0) ]
            ]

        let y field = Spec.quantitative field [ "scale", Obj [ Spec.domain 0.0 1.0 ]; Spec.axis second [ "tickCount", Number 5.0 ] ]

        /// The two coordinates drawn for a pair of rates.
        let point fpr tpr = if isRejection then tpr, 1.0 - fpr elif isLog then max floor fpr, tpr else fpr, tpr
        let labels = curves |> Seq.map label |> Json.texts

        Figure(title, [
            "width", Number 400.0
            "height", Number 400.0
            "layer", List [
                Obj [
                    Spec.values [
                        for i in 0..50 ->
                            let rate = if isLog then floor ** (1.0 - float i / 50.0) else float i / 50.0
                            let a, b = point rate rate
                            Obj [ "x", Json.number a; "y", Json.number b ]
                    ]
                    "mark", Obj [ "type", Text "line"; "color", Text "@ink"; "strokeDash", Json.numbers [ 5; 4 ]; "strokeWidth", Number 1.0;
                                  "opacity", Number 0.6 ]
                    "encoding", Obj [ "x", x "x"; "y", y "y" ]
                ]
                for i, c in Seq.indexed curves do
                    if c.Lower.Length > 0 then
                        Obj [
                            Spec.values [
                                for p in 0 .. c.Lower.Length - 1 ->
                                    let fpr = c.FalsePositiveRate[p]

                                    if isRejection then
                                        // The band is vertical in the rates: horizontal here.
                                        Obj [ "y", Json.number (1.0 - fpr); "a", Json.number c.Lower[p]; "b", Json.number c.Upper[p] ]
                                    else
                                        Obj [ "x", Json.number (max (if isLog then floor else 0.0) fpr); "a", Json.number c.Lower[p];
                                              "b", Json.number c.Upper[p] ]
                            ]
                            "mark", Obj [
                                "type", Text "area"; "color", Text $"@series{i + 1}"; "opacity", Number 0.2
                                if isRejection then
                                    "orient", Text "horizontal"
                            ]
                            "encoding",
                            Obj(
                                if isRejection then
                                    [ "y", y "y"; "x", x "a"; "x2", Obj [ "field", Text "b" ] ]
                                else
                                    [ "x", x "x"; "y", y "a"; "y2", Obj [ "field", Text "b" ] ]
                            )
                        ]
                Obj [
                    Spec.values [
                        for c in curves do
                            for p in 0 .. c.FalsePositiveRate.Length - 1 ->
                                let a, b = point c.FalsePositiveRate[p] c.TruePositiveRate[p]
                                Obj [ "x", Json.number a; "y", Json.number b; "l", Text(label c) ]
                    ]
                    "mark", Obj [ "type", Text "line"; "strokeWidth", Number 2.0 ]
                    "encoding", Obj [
                        "x", x "x"
                        "y", y "y"
                        "order", Obj [ "value", Null ]
                        "color", Obj [
                            "field", Text "l"
                            "type", Text "nominal"
                            "scale", Obj [ "domain", labels; "range", Json.texts [ for i in 1 .. curves.Length -> $"@series{i}" ] ]
                            "legend", Obj [ "title", Null; "orient", Text "top"; "direction", Text "vertical"; "symbolType", Text "stroke";
                                            "symbolSize", Number 400.0; "offset", Number 8.0 ]
                        ]
                    ]
                ]
            ]
        ])
