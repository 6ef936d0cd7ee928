namespace Hybrid.Data.Figures

open System
open System.Collections.Generic
open System.ComponentModel
open System.Diagnostics
open System.IO
open System.Text
open System.Text.Json

/// One figure and the files to draw it to.
[<Sealed>]
type FigureJob(figure: Figure) =
    do ArgumentNullException.ThrowIfNull(figure, nameof figure)

    member _.Figure = figure
    /// Path of the SVG file; empty: none.
    member val Svg = "" with get, set
    /// Path of the PNG file; empty: none.
    member val Png = "" with get, set
    /// Pixels of the PNG per unit of the figure.
    member val Scale = 2.0 with get, set
    member val Theme = FigureTheme.Light with get, set

/// A Node process that draws figures, request by request. Dispose ends it. One thread at a time.
[<Sealed>]
type internal FigureProcess() =
    let tools = FigureTools.Locate()

    let node =
        let info =
            ProcessStartInfo(
                "node",
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardInputEncoding = UTF8Encoding false,
                StandardOutputEncoding = UTF8Encoding false,
                UseShellExecute = false
            )

        info.ArgumentList.Add(Path.Combine(tools, "figures", "render.mjs"))

        try
            match Process.Start info with
            | null -> raise (FigureException "Figures: 'node' did not start.")
            | node -> node
        with :? Win32Exception as problem ->
            raise (FigureException $"Figures: cannot start 'node' ({problem.Message}). Install Node.js 18 or newer and put it on the PATH.")

    let errors = node.StandardError.ReadToEndAsync()

    let request (jobs: IReadOnlyList<FigureJob>) =
        let text = StringBuilder "{\"jobs\":["

        for i, job in Seq.indexed jobs do
            let path (name: string) (value: string) =
                if value = "" then
                    ""
                else
                    let full = Path.GetFullPath value
                    Directory.CreateDirectory(Path.Combine(full, "..")) |> ignore
                    $",\"{name}\":{JsonSerializer.Serialize full}"

            text
                .Append(if i > 0 then "," else "")
                .Append("{\"name\":").Append(JsonSerializer.Serialize job.Figure.Title)
                .Append(path "svg" job.Svg)
                .Append(path "png" job.Png)
                .Append(",\"scale\":").Append(job.Scale.ToString(Globalization.CultureInfo.InvariantCulture))
                .Append(",\"spec\":").Append(job.Figure.ToJson(job.Theme, true))
                .Append('}')
            |> ignore

        text.Append("]}").ToString()

    /// What FigureRenderer.Draw does.
    member _.Draw(jobs: IReadOnlyList<FigureJob>) : string[] =
        try
            node.StandardInput.WriteLine(request jobs)
            node.StandardInput.Flush()
        with :? IOException -> () // Node ended before it read all: its exit code and text below say why.

        let warnings = List<string>()
        let failures = List<string>()
        let mutable isDone = false

        while not isDone do
            match node.StandardOutput.ReadLine() with
            | null ->
                node.WaitForExit()

                if node.ExitCode = 3 then
                    raise (FigureException $"Figures: {errors.Result.Trim()}. Run 'npm ci' in '{tools}'.")
                else
                    raise (FigureException $"Figures: node ended with code {node.ExitCode}: {errors.Result.Trim()}")
            | line ->
                use answer = JsonDocument.Parse line

                match answer.RootElement.TryGetProperty "done" with
                | true, _ -> isDone <- true
                | _ ->
                    let name = answer.RootElement.GetProperty("name").GetString()

                    match answer.RootElement.TryGetProperty "error" with
                    | true, error -> failures.Add $"'{name}': {error.GetString()}"
                    | _ ->
                        for warning in answer.RootElement.GetProperty("warnings").EnumerateArray() do
                            warnings.Add $"{name}: {warning.GetString()}"

        if failures.Count > 0 then
            let list = String.Join("; ", failures)
            raise (FigureException $"Figures: {failures.Count} of {jobs.Count} could not be drawn: {list}")

        warnings.ToArray()

    interface IDisposable with
        member _.Dispose() =
            try
                node.StandardInput.Close()
            with :? IOException -> ()

            node.WaitForExit()
            node.Dispose()

/// Draws figures to SVG and PNG files with Vega-Lite in a Node process, one process for any number of figures.
[<AbstractClass; Sealed>]
type FigureRenderer =

    /// Draws all; folders of the paths are made. Returns the warnings of Vega and Vega-Lite ("figure: warning").
    /// Throws FigureException naming what is missing, or the figures that could not be drawn; the others are written.
    static member Draw(jobs: IReadOnlyList<FigureJob>) : string[] =
        ArgumentNullException.ThrowIfNull(jobs, nameof jobs)

        if jobs.Count = 0 then
            [||]
        else
            use drawing = new FigureProcess()
            drawing.Draw jobs

    static member WritePng(figure: Figure, path: string) =
        FigureRenderer.Draw [| FigureJob(figure, Png = path) |] |> ignore

    static member WriteSvg(figure: Figure, path: string) =
        FigureRenderer.Draw [| FigureJob(figure, Svg = path) |] |> ignore
