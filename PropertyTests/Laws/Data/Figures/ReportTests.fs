namespace Hybrid.PropertyTests.Laws.Data.Figures

open System
open System.Collections.Generic
open System.IO
open System.Text.RegularExpressions
open Hybrid.Data.Figures
open Hybrid.PropertyTests.Laws
open Xunit

// One collection: a test that points HYBRID_TOOLS elsewhere must not meet another that draws.
[<Collection "figures">]
module ReportTests =

    let private full () =
        Report("IMNN", Subtitle = "seed 1")
            .AddKeyNumber("|F|", "47.99", "expected 50")
            .AddOptions([ KeyValuePair("seed", "1"); KeyValuePair("λ", "10") ])
            .AddHeading("History")
            .AddText("One paragraph.\n\nAnother one.")
            .AddFigure(HistoryFigureTests.imnn ())
            .AddTable("Estimates", [| "parameter"; "value" |], [| [| "μ"; "0.01" |]; [| "Σ"; "−1.04" |] |])
            .AddCode("./hybrid imnn")

    [<Fact>]
    let ``a report asks for nothing outside itself`` () =
        Drawing.require ()
        let html = full().ToHtml()
        // Outside the inlined scripts (which hold addresses as text) there is no address at all.
        let outside = Regex.Replace(html, "<script>.*?</script>", "", RegexOptions.Singleline)
        Assert.DoesNotMatch("https?://|src=|<link|@import|url\\(", outside)
        Assert.DoesNotContain("//# sourceMappingURL", html)
        Assert.Contains("prefers-color-scheme:dark", outside)
        Assert.Contains("@media print", outside)

        for text in [ "47.99"; "expected 50"; "One paragraph."; "Another one."; "<td class=\"number\">0.01</td>"; "./hybrid imnn"; "<dt>λ</dt><dd>10</dd>" ] do
            Assert.Contains(text, outside)

    [<Fact>]
    let ``a report's scripts end where they should`` () =
        Drawing.require ()
        let figure = HistoryFigure.Build("</script><b>", "<!-- x", [| HistoryPanel("y", Line("</SCRIPT>", [| 1.0; 2.0 |])) |])
        let html = Report("R").AddFigure(figure).ToHtml()
        // Three libraries and the page's own script; nothing else closes one.
        Assert.Equal(4, Regex.Matches(html, "<script>").Count)
        Assert.Equal(4, Regex.Matches(html, "</script", RegexOptions.IgnoreCase).Count)

    [<Fact>]
    let ``text of any kind appears as text, never as markup`` () =
        let property (characters: char[]) =
            let text = String characters
            let html = Report(text, Subtitle = text).AddHeading(text).AddText(text).AddKeyNumber(text, text, text).AddCode(text).ToHtml()
            let skeleton = Report("x", Subtitle = "x").AddHeading("x").AddText("x").AddKeyNumber("x", "x", "x").AddCode("x").ToHtml()
            let tags (page: string) = Regex.Matches(page, "<[^>]*>") |> Seq.map _.Value |> Set.ofSeq
            Set.isSubset (tags html) (tags skeleton)

        Property.check property

    [<Fact>]
    let ``a table row of the wrong length is refused with its number`` () =
        let add () = Report("R").AddTable("T", [| "a"; "b" |], [| [| "1"; "2" |]; [| "3" |] |]) |> ignore
        let problem = Assert.Throws<ArgumentException> add
        Assert.StartsWith("Report 'R', table 'T', row 2: expected 2 cells, got 1.", problem.Message)

    [<Fact>]
    let ``a report is written whole, over an older one`` () =
        Drawing.inFolder (fun folder ->
            let path = Path.Combine(folder, "deeper", "report.html")
            Report("first").Write path
            Report("second").Write path
            Assert.Contains("second", File.ReadAllText path)
            Assert.Equal<string[]>([| path |], Directory.GetFiles(Path.Combine(folder, "deeper"))))
