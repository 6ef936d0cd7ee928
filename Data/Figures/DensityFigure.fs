namespace Hybrid.Data.Figures

open System
open Hybrid.Data.Statistics

/// Two densities over one quantity and their difference: how far a simulated set is from the set it shall stand for.
[<Sealed>]
type DensityFigure() =

    /// Standard deviation of the Gaussian kernel, in the quantity's unit. The default is that of the Einstein-radius work, for
    /// values of deviation 1.
    member val Bandwidth = 0.13 with get, set
    /// Points of the grid over the joint range.
    member val Points = 100 with get, set

    member private options.Grid(title: string, values: float[]) : float[] =
        if options.Points < 2 then
            let expected = $"DensityFigure '{title}': expected at least two grid points, got {options.Points}."
            raise (ArgumentOutOfRangeException(nameof options.Points, options.Points, expected))

        KernelDensity.Grid(ReadOnlySpan values, options.Points)

    /// One density alone, on a grid over its own range.
    member options.Build(title: string, xTitle: string, name: string, values: float[]) : Figure =
        let grid = options.Grid(title, values)
        let density = KernelDensity.Estimate(ReadOnlySpan values, ReadOnlySpan grid, options.Bandwidth)
        DensityFigure.Build(title, xTitle, grid, name, density)

    /// One density alone, already estimated on a grid.
    static member Build(title: string, xTitle: string, grid: float[], name: string, density: float[]) : Figure =
        Spec.lengths $"DensityFigure '{title}'" [ "grid", grid.Length; "density", density.Length ]
        let low, high = Spec.extent grid
        let line = Obj [ "color", Text "@series1"; "strokeWidth", Number 1.8 ]

        Figure(title, [
            "width", Number 560.0
            "height", Number 220.0
            Spec.values [ for i in 0 .. grid.Length - 1 -> Obj [ "x", Json.number grid[i]; "y", Json.number density[i] ] ]
            "mark", Obj [ "type", Text "area"; "color", Text "@series1"; "opacity", Number 0.3; "line", line ]
            "encoding", Obj [
                "x", Spec.quantitative "x" [ "scale", Obj [ Spec.domain low high; "nice", Bool false; "zero", Bool false ];
                                             Spec.axis xTitle [] ]
                "y", Spec.quantitative "y" [ Spec.axis $"density of {name}" [ "tickCount", Number 5.0 ] ]
            ]
        ])

    /// From densities already estimated on one grid.
    static member Build
        (title: string, xTitle: string, grid: float[], name: string, density: float[], compareName: string, compareDensity: float[])
        : Figure =
        let lengths = [ "grid", grid.Length; "density", density.Length; "compareDensity", compareDensity.Length ]
        Spec.lengths $"DensityFigure '{title}'" lengths
        let low, high = Spec.extent grid
        let difference = Array.map2 (-) compareDensity density

        let x (isLast: bool) =
            Spec.quantitative "x" [
                "scale", Obj [ Spec.domain low high; "nice", Bool false; "zero", Bool false ]
                Spec.axis (if isLast then xTitle else "") [ "labels", Bool isLast; "ticks", Bool isLast ]
            ]

        let row label x y = Obj [ "x", Json.number x; "y", Json.number y; "l", Text label ]
        let rows label (values: float[]) = [ for i in 0 .. grid.Length - 1 -> row label grid[i] values[i] ]
        let names = Json.texts [ name; compareName ]
        let dashes = List [ Json.numbers [ 1; 0 ]; Json.numbers [ 6; 3 ] ]

        let dash = [
            "field", Text "l"
            "type", Text "nominal"
            "scale", Obj [ "domain", names; "range", dashes ]
            "legend", Spec.legendAbove
        ]

        Figure(title, [
            "vconcat", List [
                Obj [
                    "width", Number 560.0
                    "height", Number 220.0
                    Spec.values (rows name density @ rows compareName compareDensity)
                    "layer", List [
                        let encoding legend = [
                            "x", x false
                            "y", Spec.quantitative "y" [ "stack", Null; Spec.axis "density" [ "tickCount", Number 5.0 ] ]
                            "color", Obj [
                                "field", Text "l"
                                "type", Text "nominal"
                                "scale", Obj [ "domain", names; "range", Json.texts [ "@series1"; "@series2" ] ]
                                "legend", legend
                            ]
                        ]

                        Obj [
                            "mark", Obj [ "type", Text "area"; "opacity", Number 0.16; "line", Bool false ]
                            "encoding", Obj(encoding Spec.legendAbove)
                        ]

                        Obj [
                            "mark", Obj [ "type", Text "line"; "strokeWidth", Number 1.8 ]
                            "encoding", Obj(encoding Spec.legendAbove @ [ "strokeDash", Obj dash ])
                        ]
                    ]
                ]
                Obj [
                    "width", Number 560.0
                    "height", Number 90.0
                    "layer", List [
                        Obj [
                            Spec.values (rows "d" difference)
                            "mark", Obj [
                                "type", Text "area"
                                "color", Text "@series4"
                                "opacity", Number 0.3
                                "line", Obj [ "color", Text "@series4"; "strokeWidth", Number 1.5 ]
                            ]
                            "encoding", Obj [
                                "x", x true
                                "y", Spec.quantitative "y" [ Spec.axis "difference" [ "tickCount", Number 3.0 ] ]
                            ]
                        ]
                        yield! Spec.referenceLine high 0.0 ""
                    ]
                ]
            ]
            "spacing", Number 10.0
            "resolve", Obj [ "scale", Obj [ "color", Text "independent"; "strokeDash", Text "independent" ] ]
        ])

    /// From samples: Gaussian kernel densities on a grid over the joint range; the difference is `compare` − `values`.
    member options.Build(title: string, xTitle: string, name: string, values: float[], compareName: string, compare: float[]) : Figure =
        let grid = options.Grid(title, Array.append values compare)
        let estimate (sample: float[]) = KernelDensity.Estimate(ReadOnlySpan sample, ReadOnlySpan grid, options.Bandwidth)
        DensityFigure.Build(title, xTitle, grid, name, estimate values, compareName, estimate compare)
