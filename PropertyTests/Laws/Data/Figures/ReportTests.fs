namespace Hybrid.PropertyTests.Laws.Data.Figures

open System
open System.Collections.Generic
open System.Diagnostics
open System.IO
open System.Text.RegularExpressions
open Hybrid.Data.Figures
open Hybrid.PropertyTests
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

        for text in [ "47.99"; "expected 50"; "One paragraph."; "Another one."; "<td class=\"number\">0.01</td>"; "./hybrid imnn";
                      "<dt>λ</dt><dd>10</dd>" ] do
            Assert.Contains(text, outside)

    [<Fact>]
    let ``a report's scripts end where they should`` () =
        Drawing.require ()
        let figure = HistoryFigure.Build("</script><b>", "<!-- x", [| HistoryPanel("y", Line("</SCRIPT>", [| 1.0; 2.0 |])) |])
        let html = Report("R").AddFigure(figure).ToHtml()
        // Three libraries and the page's own script; nothing else closes one.
        Assert.Equal(4, Regex.Matches(html, "<script>").Count)
        Assert.Equal(4, Regex.Matches(html, "</script", RegexOptions.IgnoreCase).Count)

    [<SeededProperty>]
    let ``text of any kind appears as text, never as markup`` (characters: char[]) =
        let text = String characters
        let html = Report(text, Subtitle = text).AddHeading(text).AddText(text).AddKeyNumber(text, text, text).AddCode(text).ToHtml()
        let skeleton = Report("x", Subtitle = "x").AddHeading("x").AddText("x").AddKeyNumber("x", "x", "x").AddCode("x").ToHtml()
        let tags (page: string) = Regex.Matches(page, "<[^>]*>") |> Seq.map _.Value |> Set.ofSeq
        Set.isSubset (tags html) (tags skeleton)

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

    /// Runs Chromium without a window on a page; returns what it printed.
    let private chromium (arguments: string list) =
        let start = ProcessStartInfo("chromium", RedirectStandardOutput = true, RedirectStandardError = true)

        for argument in
            [ "--headless=new"; "--no-sandbox"; "--disable-gpu"; "--no-first-run"; "--disable-background-networking"
              "--disable-component-update"
              "--disable-sync"; "--disable-default-apps"; "--virtual-time-budget=20000" ]
            @ arguments do
            start.ArgumentList.Add argument

        use browser = nonNull (Process.Start start)
        let output, errors = browser.StandardOutput.ReadToEndAsync(), browser.StandardError.ReadToEndAsync()
        Assert.True(browser.WaitForExit 120_000, "Chromium did not end within two minutes")
        Assert.True((browser.ExitCode = 0), $"Chromium ended with code {browser.ExitCode}: {errors.Result}")
        output.Result

    [<Fact>]
    let ``a report opened in Chromium draws its figures, prints, and asks the network for nothing`` () =
        let folders = (string (Environment.GetEnvironmentVariable "PATH")).Split Path.PathSeparator
        let isOnPath = folders |> Array.exists (fun folder -> File.Exists(Path.Combine(folder, "chromium")))
        // Half a minute for what the other tests of a report see in its text: with --all only.
        Assert.SkipUnless(isOnPath && not (String.IsNullOrEmpty(Environment.GetEnvironmentVariable "HYBRID_TEST_ALL")),
                          "./hybrid test --all runs this where Chromium is installed (Debian: chromium).")
        Drawing.require ()

        Drawing.inFolder (fun folder ->
            let page = Path.Combine(folder, "report.html")
            let report = full().AddFigure(DensityFigure().Build("Densities", "value", "a", [| 1.0; 2.0; 4.0 |], "b", [| 2.0; 3.0 |]))
            report.Write page
            let profile name = $"--user-data-dir={Path.Combine(folder, name)}"
            let log = Path.Combine(folder, "net.json")

            /// A page as Chromium builds it, and the addresses of hosts that it asked for; those that the browser asks for by itself have
            /// another initiator than the page's, which is null for a file.
            let opened path =
                let dom = chromium [ profile "a"; $"--log-net-log={log}"; "--dump-dom"; "file://" + path ]

                dom,
                [ for line in File.ReadLines log do
                      if line.Contains "\"initiator\":\"null\"" then
                          yield! Regex.Matches(line, "\"url\":\"((http|ws)[^\"]*)\"") |> Seq.map _.Groups[1].Value ]

            let control = Path.Combine(folder, "control.html")
            File.WriteAllText(control, "<img src='http://picture.invalid/a.png'>")
            Assert.Contains("http://picture.invalid/a.png", snd (opened control))
            let dom, asked = opened page
            Assert.Equal(2, Regex.Matches(dom, "<svg[^>]*class=\"marks\"").Count)
            Assert.DoesNotContain("class=\"problem\"", dom)
            Assert.Empty asked

            let keep = Environment.GetEnvironmentVariable "HYBRID_FIGURES"
            let output name = Path.Combine((if String.IsNullOrEmpty keep then folder else string keep), name)

            for name, scheme in [ "report-light.png", "--blink-settings=preferredColorScheme=1";
                                  "report-dark.png", "--blink-settings=preferredColorScheme=0" ] do
                chromium [ profile name; scheme; "--window-size=1000,2600"; $"--screenshot={output name}"; "file://" + page ] |> ignore

            let level name = ((Hybrid.Data.Formats.Png.Read(output name)).ToSingles() |> Array.averageBy float)
            let light, dark = level "report-light.png", level "report-dark.png"
            Assert.True(light > 200.0 && dark < 80.0,
                        $"expected a light and a dark page, got mean levels of {light:F0} and {dark:F0} of 255")
            let pdf = output "report.pdf"
            chromium [ profile "print"; $"--print-to-pdf={pdf}"; "file://" + page ] |> ignore
            Assert.StartsWith("%PDF", File.ReadAllText pdf))
