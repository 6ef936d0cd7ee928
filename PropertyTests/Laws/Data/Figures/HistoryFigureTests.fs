namespace Hybrid.PropertyTests.Laws.Data.Figures

open System
open System.Text.Json
open FsCheck.FSharp
open Hybrid.Data.Figures
open Hybrid.PropertyTests
open Xunit

// One collection: a test that points HYBRID_TOOLS elsewhere must not meet another that draws.
[<Collection "figures">]
module HistoryFigureTests =

    let rising = [| for i in 1..200 -> 50.0 * (1.0 - exp (-float i / 40.0)) |]
    let falling = [| for i in 1..200 -> 1.0 + 400.0 * exp (-float i / 10.0) |]

    let imnn () =
        HistoryFigure.Build("Fisher information", "Iteration", [|
            HistoryPanel("|F|", Line("training", rising), Line("validation", rising |> Array.map ((*) 0.9)), Reference = 50.0,
                         ReferenceLabel = "expected 50")
            HistoryPanel(
                "|C|, |C⁻¹|",
                Line("|C|", falling, Colour = 1),
                Line("|C⁻¹|", falling |> Array.map (fun c -> 1.0 / c), Colour = 1, Dash = LineDash.Dotted),
                LogY = true,
                Reference = 1.0
            )
            HistoryPanel("Λ₂", Line("Λ₂", falling), Line("r", rising, OnRight = true, Dash = LineDash.Dashed), RightTitle = "r")
        |])

    [<Fact>]
    let ``a history with three panels, a log axis and a twin axis is drawn`` () =
        let svg = Drawing.svg (imnn ())

        for text in [ "Fisher information"; "|F|"; "expected 50"; "|C⁻¹|"; "Λ₂"; "Iteration"; "validation" ] do
            Assert.Contains(text, svg)

    [<Fact>]
    let ``a band around a line is drawn`` () =
        let line = Line("loss", rising, Lower = (rising |> Array.map (fun y -> y - 1.0)), Upper = (rising |> Array.map (fun y -> y + 1.0)))
        let svg = HistoryFigure.Build("Loss", "Epoch", [| HistoryPanel("loss", line) |]) |> Drawing.svg
        Assert.Contains("mark-area", svg)

    [<Fact>]
    let ``values that are not numbers are gaps, not errors`` () =
        let y = rising |> Array.mapi (fun i y -> if i % 17 = 3 then nan elif i % 31 = 5 then infinity else y)
        HistoryFigure.Build("Gaps", "Epoch", [| HistoryPanel("loss", Line("loss", y)) |]) |> Drawing.svg |> ignore

    /// The points of the line named `label` in a figure's specification.
    let private pointsOf (label: string) (figure: Figure) =
        use json = JsonDocument.Parse(figure.ToJson())

        [| for panel in json.RootElement.GetProperty("vconcat").EnumerateArray() do
               for layer in panel.GetProperty("layer").EnumerateArray() do
                   for row in layer.GetProperty("data").GetProperty("values").EnumerateArray() do
                       match row.TryGetProperty "l" with
                       | true, l when l.GetString() = label -> row.GetProperty("x").GetDouble(), row.GetProperty("y").GetDouble()
                       | _ -> () |]

    [<SeededProperty(MaxTest = 30)>]
    let ``thinning a long line keeps its ends and its extremes`` (seed: int) (length: int) =
        let random = Random seed
        let n = 2_000 + abs length % 50_000
        let y = Array.init n (fun _ -> Math.Round(random.NextDouble(), 6))
        let points = HistoryFigure.Build("", "i", [| HistoryPanel("y", Line("line", y)) |]) |> pointsOf "line"
        let ys = points |> Array.map snd

        points.Length <= HistoryFigure.PointsPerLine
        && fst points[0] = 1.0
        && fst points[points.Length - 1] = float n
        && Array.min ys = Array.min y
        && Array.max ys = Array.max y

    [<Fact>]
    let ``a line whose x and y differ in length is refused with both lengths`` () =
        let problem = Assert.Throws<ArgumentException>(fun () -> Line("loss", [| 1.0; 2.0 |], [| 1.0 |]) |> ignore)
        Assert.StartsWith("Line 'loss': expected y with as many values as x (2), got 1.", problem.Message)

    [<Fact>]
    let ``two lines of one panel cannot share a label`` () =
        let panel = HistoryPanel("loss", Line("a", rising), Line("a", falling))
        let problem = Assert.Throws<ArgumentException>(fun () -> HistoryFigure.Build("H", "Epoch", [| panel |]) |> ignore)
        Assert.StartsWith("HistoryFigure 'H', panel 'loss': expected distinct labels, got 'a' 2 times.", problem.Message)
