namespace Hybrid.PropertyTests.Systems.EinsteinRadius

open System
open System.Globalization
open System.IO
open System.Text.RegularExpressions
open Hybrid.Data.Figures
open Hybrid.Data.Images
open Hybrid.Data.Systems.EinsteinRadius
open Hybrid.PropertyTests.Laws.Data
open Xunit

module LensFiguresTests =

    let private data () =
        LensDataset("LensPop", ImageSet(Array.init 24 (fun i -> float32 (float i ** 1.5)), [| "g" |], 3, 4), [| 0.8; 1.9 |], [| "a"; "b" |])

    let private json (figures: Figure[]) = figures |> Array.map _.ToJson()

    [<Fact>]
    let ``figures name the bands and the outputs`` () =
        let statistics = LensStatistics.Of(data ())
        let titles = LensFigures.Distributions statistics |> Array.map _.Title
        Assert.Equal<string[]>([| "LensPop g | Max: 1.103e+02 Min: 0.000e+00"; "LensPop Outputs" |], titles)
        Assert.Equal<string[]>([| "LensPop g"; "LensPop Outputs" |], LensFigures.Densities statistics |> Array.map _.Title)
        let both = LensFigures.Densities(LensComparison.Of(data (), data ()))
        Assert.Equal<string[]>([| "LensPop and LensPop, g"; "LensPop and LensPop, outputs" |], both |> Array.map _.Title)
        Assert.Equal("LensPop: samples", LensFigures.Samples(data ()).Title)

    [<Fact>]
    let ``figures of saved numbers are the figures of the numbers`` () =
        use folder = new ScratchFolder()
        let statistics = LensStatistics.Of(data ())
        statistics.Save(folder.File "statistics.json")
        let read = LensStatistics.Load(folder.File "statistics.json")
        Assert.Equal(statistics, read)
        Assert.Equal<string[]>(json (LensFigures.Distributions statistics), json (LensFigures.Distributions read))
        Assert.Equal<string[]>(json (LensFigures.Densities statistics), json (LensFigures.Densities read))
        let comparison = LensComparison.Of(data (), data ())
        comparison.Save(folder.File "comparison.json")
        Assert.Equal(comparison, LensComparison.Load(folder.File "comparison.json"))

    [<Theory>]
    [<InlineData("{")>]
    [<InlineData("null")>]
    [<InlineData("{}")>]
    [<InlineData("[1, 2]")>]
    [<InlineData("""{"Dataset":"a","Bands":[{"Name":"g"}],"Outputs":null}""")>]
    let ``what is not saved statistics is refused with its path`` (text: string) =
        use folder = new ScratchFolder()
        let path = folder.File "statistics.json"
        File.WriteAllText(path, text)
        let e = Assert.Throws<InvalidDataException>(fun () -> LensStatistics.Load path |> ignore)
        Assert.StartsWith($"{path}: expected a ", e.Message)

    [<Fact>]
    let ``a histogram of counts is the histogram of the values`` () =
        let values = [| for i in 0..99 -> float (i * i % 37) |]
        let edges = HistogramFigure.Edges(0.0, 36.0, 12)
        let counts = HistogramSeries.OfCounts("a", HistogramFigure.Count(values, edges), values.Length)

        for density in [ false; true ] do
            let draw (series: HistogramSeries) = HistogramFigure(Density = density).Build("t", "x", edges, series).ToJson()
            Assert.Equal(draw (HistogramSeries("a", values)), draw counts)

        let e = Assert.Throws<ArgumentException>(fun () -> HistogramFigure().Build("t", "x", [| 0.0; 1.0 |], counts) |> ignore)
        Assert.StartsWith("HistogramFigure, series 'a': expected 1 count, one a bin, got 12.", e.Message)

    /// Left and right edge of every bar that a histogram draws.
    let private bars (figure: Figure) =
        Regex.Matches(figure.ToJson(), "\"a\":([-0-9.e+]+),\"b\":([-0-9.e+]+)")
        |> Seq.map (fun m ->
            Double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture), Double.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture))
        |> Seq.distinct
        |> Array.ofSeq

    [<Fact>]
    let ``a hundred edges make ninety-nine bars, and limits leave out those beyond them`` () =
        let pixels = [| for k in 0..23 -> float k ** 1.5 |]
        let width = Array.last pixels / 99.0
        let filled = pixels |> Array.map (fun v -> min 98 (int (v / width))) |> Array.distinct
        let statistics = LensStatistics.Of(data (), 100)
        let whole = bars (Array.head (LensFigures.Distributions statistics))
        let within = bars (Array.head (LensFigures.Distributions(statistics, 10.0, 50.0)))
        for a, b in whole do Assert.Equal(width, b - a, 1e-3)
        Assert.Equal(filled.Length, whole.Length)
        Assert.Equal<(float * float)[]>(whole |> Array.filter (fun (a, b) -> a >= 10.0 && b <= 50.0), within)
        Assert.InRange(within.Length, 5, 12)
