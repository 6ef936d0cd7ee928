namespace Hybrid.PropertyTests.Laws.Data.Figures

open System
open System.IO
open Hybrid.Data.Figures
open Xunit

/// Draws figures in a folder of their own; skipped where Node or the npm packages are missing. HYBRID_FIGURES=FOLDER keeps every picture
/// that the tests draw there, light and dark, to be looked at.
[<RequireQualifiedAccess>]
module Drawing =

    /// One Node process draws the figures of all tests; it ends with this process, whose end closes its input.
    let private drawing = lazy (new FigureProcess())

    let private kept = Environment.GetEnvironmentVariable "HYBRID_FIGURES"
    let private counter = ref 0

    let private draw (figure: Figure) svg png =
        lock drawing (fun () ->
            let warnings = drawing.Value.Draw [| FigureJob(figure, Svg = svg, Png = png) |]

            if not (String.IsNullOrEmpty kept) then
                counter.Value <- counter.Value + 1
                let name = String.Concat(figure.Title |> Seq.map (fun c -> if Char.IsLetterOrDigit c then c else '-'))
                let png (theme: FigureTheme) = Path.Combine(string kept, $"{counter.Value:D2}-{name}-{theme.Name}.png")
                let job theme = FigureJob(figure, Png = png theme, Theme = theme)
                drawing.Value.Draw [| job FigureTheme.Light; job FigureTheme.Dark |] |> ignore

            warnings)

    let require () =
        let tools = FigureTools.Locate()
        let isOnPath =
            (Environment.GetEnvironmentVariable "PATH" |> Option.ofObj |> Option.defaultValue "").Split(Path.PathSeparator)
            |> Array.exists (fun folder -> File.Exists(Path.Combine(folder, "node")) || File.Exists(Path.Combine(folder, "node.exe")))

        Assert.SkipUnless(isOnPath, "Node.js is not on the PATH.")
        Assert.SkipUnless(Directory.Exists(Path.Combine(tools, "node_modules", "vega")),
                          $"The npm packages are missing: run 'npm ci' in {tools}.")

    let inFolder action =
        let folder = Directory.CreateTempSubdirectory "hybrid-figures-"

        try
            action folder.FullName
        finally
            folder.Delete true

    /// Width and height from a PNG's header.
    let pngSize (path: string) =
        let bytes = File.ReadAllBytes path
        let read at = int bytes[at] <<< 24 ||| (int bytes[at + 1] <<< 16) ||| (int bytes[at + 2] <<< 8) ||| int bytes[at + 3]
        Assert.Equal<byte[]>([| 0x89uy; 0x50uy; 0x4Euy; 0x47uy |], bytes[0..3])
        read 16, read 20

    /// Draws to SVG and PNG, asserts that Vega had nothing to remark, and returns the SVG's text.
    let svg (figure: Figure) =
        require ()

        inFolder (fun folder ->
            let svg, png = Path.Combine(folder, "f.svg"), Path.Combine(folder, "f.png")
            let warnings = draw figure svg png
            Assert.Empty warnings
            let width, height = pngSize png
            Assert.True(width > 400 && height > 300, $"'{figure.Title}': expected a picture larger than 400 × 300, got {width} × {height}.")
            let text = File.ReadAllText svg
            // Vega writes the text of a failed number as NaN or undefined.
            Assert.DoesNotContain("NaN", text)
            Assert.DoesNotContain("undefined", text)
            text)
