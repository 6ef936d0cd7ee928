namespace Hybrid.Data.Figures

open System
open Hybrid.Data
open Hybrid.Data.Statistics
open MathNet.Numerics.Interpolation

/// Centres of windows and the median in each.
type MovingMedians = { Centres: float[]; Medians: float[] }

/// How good estimates are along the truth: the median absolute deviation and the median interval width in a moving window, joined
/// by cubic splines, above the density of the truths.
[<Sealed>]
type MovingWindowFigure() =

    /// The window reaches this far to both sides of its centre, in x's unit.
    member val HalfWidth = 0.5 with get, set
    /// Distance of the centres.
    member val Step = 0.25 with get, set
    /// A window with fewer values is left out.
    member val LeastPerWindow = 5 with get, set
    /// Standard deviation of the density's kernel.
    member val Bandwidth = 0.2 with get, set

    /// Centres of the windows and the median of `values` in each. x, values : the same length.
    member options.Medians(x: float[], values: float[]) : MovingMedians =
        Spec.lengths "MovingWindowFigure.Medians" [ "x", x.Length; "values", values.Length ]

        if not (options.HalfWidth > 0.0 && options.Step > 0.0) then
            invalidArg (nameof options) $"MovingWindowFigure: expected HalfWidth and Step > 0, got {options.HalfWidth} and {options.Step}."

        let low, high = Spec.extent x

        let windows = [|
            for k in 0 .. int (floor ((high - low) / options.Step)) do
                let centre = low + float k * options.Step
                let isInside i = abs (x[i] - centre) <= options.HalfWidth && Double.IsFinite values[i]
                let inside = [| for i in 0 .. x.Length - 1 do if isInside i then values[i] |]

                if inside.Length >= options.LeastPerWindow then
                    centre, Percentile.Median(ReadOnlySpan inside)
        |]

        { Centres = Array.map fst windows; Medians = Array.map snd windows }

    /// truth, estimate : the same unit; error : half width of the prediction interval (its full width is drawn), or empty.
    member options.Build(title: string, xTitle: string, truth: float[], estimate: float[], error: float[]) : Figure =
        Spec.lengths $"MovingWindowFigure '{title}'" [ "truth", truth.Length; "estimate", estimate.Length ]

        if error.Length > 0 then
            Spec.lengths $"MovingWindowFigure '{title}'" [ "truth", truth.Length; "error", error.Length ]

        let low, high = Spec.extent truth

        let curves = [
            "median absolute deviation", Array.map2 (fun t e -> abs (t - e)) truth estimate
            if error.Length > 0 then
                "median interval width", error |> Array.map ((*) 2.0)
        ]

        let drawn = [
            for label, values in curves do
                let { Centres = centres; Medians = medians } = options.Medians(truth, values)

                if centres.Length = 0 then
                    invalidArg (nameof truth) $"MovingWindowFigure '{title}': no window of ±{options.HalfWidth} holds \
                        {options.LeastPerWindow} value{Plural.s options.LeastPerWindow}; widen it."

                let smooth =
                    if centres.Length < 3 then
                        Array.zip centres medians
                    else
                        let spline = CubicSpline.InterpolateNaturalSorted(centres, medians)
                        let a, b = centres[0], centres[centres.Length - 1]
                        Array.init 201 (fun i -> let x = a + (b - a) * float i / 200.0 in x, spline.Interpolate x)

                label, Array.zip centres medians, smooth
        ]

        let x isLast =
            Spec.quantitative "x" [
                "scale", Obj [ Spec.domain low high; "nice", Bool false; "zero", Bool false ]
                Spec.axis (if isLast then xTitle else "") [ "labels", Bool isLast; "ticks", Bool isLast ]
            ]

        let y = Spec.quantitative "y" [ "scale", Obj [ "zero", Bool true; "nice", Bool true ];
                                        Spec.axis "median in the window" [ "tickCount", Number 5.0 ] ]

        let colour legend =
            "color",
            Obj [
                "field", Text "l"
                "type", Text "nominal"
                "scale", Obj [ "domain", Json.texts [ for label, _, _ in drawn -> label ];
                               "range", Json.texts [ for i in 1 .. drawn.Length -> $"@series{i}" ] ]
                "legend", legend
            ]

        let row label a b = Obj [ "x", Json.number a; "y", Json.number b; "l", Text label ]
        let rows points = [ for label, pairs in points do for a, b in pairs -> row label a b ]
        let legend = if drawn.Length > 1 then Spec.legendAbove else Null
        let grid = Array.init 200 (fun i -> low + (high - low) * float i / 199.0)
        let density = KernelDensity.Estimate(ReadOnlySpan(truth |> Array.filter Double.IsFinite), ReadOnlySpan grid, options.Bandwidth)

        Figure(title, [
            "vconcat", List [
                Obj [
                    "width", Number 560.0
                    "height", Number 240.0
                    "layer", List [
                        Obj [
                            Spec.values (rows [ for label, _, smooth in drawn -> label, smooth ])
                            "mark", Obj [ "type", Text "line"; "strokeWidth", Number 1.8 ]
                            "encoding", Obj [ "x", x false; "y", y; colour legend ]
                        ]
                        Obj [
                            Spec.values (rows [ for label, points, _ in drawn -> label, points ])
                            "mark", Obj [ "type", Text "point"; "filled", Bool true; "size", Number 26.0; "opacity", Number 1.0 ]
                            "encoding", Obj [ "x", x false; "y", y; colour legend ]
                        ]
                    ]
                ]
                Obj [
                    "width", Number 560.0
                    "height", Number 80.0
                    Spec.values (rows [ "density", Array.zip grid density ])
                    "mark", Obj [ "type", Text "area"; "color", Text "@series6"; "opacity", Number 0.3;
                                  "line", Obj [ "color", Text "@series6"; "strokeWidth", Number 1.4 ] ]
                    "encoding", Obj [ "x", x true; "y", Spec.quantitative "y" [ Spec.axis "density" [ "tickCount", Number 2.0 ] ] ]
                ]
            ]
            "spacing", Number 10.0
            "resolve", Obj [ "scale", Obj [ "color", Text "independent" ] ]
        ])
