namespace Hybrid.PropertyTests.Laws.Data.Figures

open System
open System.Diagnostics
open System.IO
open Hybrid.Data.Figures
open Xunit

// One collection: a test that points HYBRID_TOOLS elsewhere must not meet another that draws.
[<Collection "figures">]
module FigureToolTests =

    let private withTools (value: string) action =
        let before = Environment.GetEnvironmentVariable "HYBRID_TOOLS"

        try
            Environment.SetEnvironmentVariable("HYBRID_TOOLS", value)
            action ()
        finally
            Environment.SetEnvironmentVariable("HYBRID_TOOLS", before)

    [<Fact>]
    let ``a HYBRID_TOOLS without the script is named with its fix`` () =
        withTools "/nowhere/tools" (fun () ->
            let problem = Assert.Throws<FigureException>(fun () -> FigureTools.Locate() |> ignore)
            Assert.Contains("HYBRID_TOOLS names '/nowhere/tools', which has no figures", problem.Message))

    [<Fact>]
    let ``missing npm packages are named with the command that installs them`` () =
        Drawing.require ()
        let tools = FigureTools.Locate()

        Drawing.inFolder (fun folder ->
            Directory.CreateDirectory(Path.Combine(folder, "figures")) |> ignore
            File.Copy(Path.Combine(tools, "figures", "render.mjs"), Path.Combine(folder, "figures", "render.mjs"))

            withTools folder (fun () ->
                let draw () = FigureRenderer.WritePng(HistoryFigureTests.imnn (), Path.Combine(folder, "f.png"))
                let problem = Assert.Throws<FigureException> draw
                Assert.Equal($"Figures: cannot load the npm package 'vega'. Run 'npm ci' in '{folder}'.", problem.Message)

                let report = Report("R").AddFigure(HistoryFigureTests.imnn ())
                let problem = Assert.Throws<FigureException>(fun () -> report.ToHtml() |> ignore)
                Assert.Equal($"Figures: the npm package 'vega' is not installed in '{folder}' (no build/vega.min.js). Run 'npm ci' there.",
                             problem.Message)))

    [<Fact>]
    let ``a tools folder is made once, with a message, and draws`` () =
        Drawing.require ()

        Drawing.inFolder (fun folder ->
            let made = Path.Combine(folder, "share", "tools-1")
            let before = FigureTools.Progress
            let said = Collections.Generic.List<string>()

            try
                FigureTools.Progress <- { new IProgress<string> with member _.Report text = said.Add text }
                FigureTools.Prepare made
            finally
                FigureTools.Progress <- before

            Assert.Equal<string list>([ $"Figures: installing Vega-Lite for this user, once, into {made} (npm ci)" ], List.ofSeq said)
            Assert.Equal<string[]>([| made |], Directory.GetDirectories(Path.Combine(folder, "share")))

            withTools made (fun () ->
                let picture = Path.Combine(folder, "f.png")
                FigureRenderer.WritePng(HistoryFigureTests.imnn (), picture)
                Assert.True(FileInfo(picture).Length > 1000L)))

    [<Fact>]
    let ``the user's folder differs with the packages and follows XDG_DATA_HOME`` () =
        Assert.Matches("hybrid.tools-[0-9a-f]{12}$", FigureTools.UserFolder)

    [<Fact>]
    let ``a path that cannot be written is reported with the figure's name`` () =
        Drawing.require ()

        Drawing.inFolder (fun folder ->
            let draw () = FigureRenderer.WritePng(HistoryFigureTests.imnn (), folder)
            let problem = Assert.Throws<FigureException> draw
            Assert.StartsWith("Figures: 1 of 1 could not be drawn: 'Fisher information': EISDIR", problem.Message))

    [<Fact>]
    let ``a character that the typeface lacks is a warning, not a silent box`` () =
        Drawing.require ()

        Drawing.inFolder (fun folder ->
            let figure = HistoryFigure.Build("Mass in M☉", "i", [| HistoryPanel("Λ₂, |C⁻¹|, θ″", Line("a", [| 1.0; 2.0 |])) |])
            let warnings = FigureRenderer.Draw [| FigureJob(figure, Svg = Path.Combine(folder, "f.svg")) |]
            Assert.Equal<string[]>([| "Mass in M☉: the typeface has no glyph for '☉'" |], warnings))

    /// WCAG 2 relative luminance and contrast of two colours "#rrggbb".
    let private contrast (a: string) (b: string) =
        let luminance (colour: string) =
            let channel at =
                let c = float (Convert.ToInt32(colour.Substring(at, 2), 16)) / 255.0
                if c <= 0.04045 then c / 12.92 else Math.Pow((c + 0.055) / 1.055, 2.4)

            0.2126 * channel 1 + 0.7152 * channel 3 + 0.0722 * channel 5

        let x, y = luminance a, luminance b
        (max x y + 0.05) / (min x y + 0.05)

    [<Fact>]
    let ``every colour can be read on its background`` () =
        for theme in [ FigureTheme.Light; FigureTheme.Dark ] do
            for colour in theme.Series do
                let ratio = contrast colour theme.Background
                Assert.True(ratio >= 3.0, $"{theme.Name} series colour {colour}: expected a contrast of at least 3 : 1, got {ratio:F2}.")

            for colour in [ theme.Ink; theme.Muted ] do
                let ratio = contrast colour theme.Background
                Assert.True(ratio >= 4.5, $"{theme.Name} text colour {colour}: expected a contrast of at least 4.5 : 1, got {ratio:F2}.")

    /// sRGB as seen without one kind of cone (Machado, Oliveira, Fernandes 2009, severity 1), then CIE L*a*b* (D65).
    let private seen (matrix: float[]) (colour: string) =
        let linear =
            [| for at in [ 1; 3; 5 ] ->
                   let c = float (Convert.ToInt32(colour.Substring(at, 2), 16)) / 255.0
                   if c <= 0.04045 then c / 12.92 else Math.Pow((c + 0.055) / 1.055, 2.4) |]

        let rgb = [| for r in 0..2 -> Seq.sum [ for c in 0..2 -> matrix[3 * r + c] * linear[c] ] |> max 0.0 |> min 1.0 |]
        let x = (0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.9505
        let y = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]
        let z = (0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.089
        let f t = if t > 0.008856 then Math.Cbrt t else 7.787 * t + 16.0 / 116.0
        [| 116.0 * f y - 16.0; 500.0 * (f x - f y); 200.0 * (f y - f z) |]

    [<Fact>]
    let ``series colours stay apart for readers without red, green or blue cones`` () =
        let vision = [
            "full colour vision", [| 1.0; 0.0; 0.0; 0.0; 1.0; 0.0; 0.0; 0.0; 1.0 |]
            "protanopia", [| 0.152286; 1.052583; -0.204868; 0.114503; 0.786281; 0.099216; -0.003882; -0.048116; 1.051998 |]
            "deuteranopia", [| 0.367322; 0.860646; -0.227968; 0.280085; 0.672501; 0.047413; -0.011820; 0.042940; 0.968881 |]
            "tritanopia", [| 1.255528; -0.076749; -0.178779; -0.078411; 0.930809; 0.147602; 0.004733; 0.691367; 0.303900 |]
        ]

        for theme in [ FigureTheme.Light; FigureTheme.Dark ] do
            for name, matrix in vision do
                // The first four carry nearly every figure; the last two only appear beside all others.
                let colours = theme.Series[0..3] |> Array.map (seen matrix)

                for i in 0 .. colours.Length - 1 do
                    for j in i + 1 .. colours.Length - 1 do
                        let distance = sqrt (Array.sumBy (fun d -> d * d) (Array.map2 (-) colours[i] colours[j]))
                        Assert.True(distance > 12.0, $"{theme.Name}, {name}: series {i + 1} and {j + 1} are only {distance:F1} apart \
                            (ΔE*ab), expected more than 12.")
