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

/// Draws figures to SVG and PNG files with Vega-Lite in a Node process, one process for any number of figures.
[<AbstractClass; Sealed>]
type FigureRenderer =

    static member private Start(tools: string) =
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

    /// Draws all; folders of the paths are made. Returns the warnings of Vega and Vega-Lite ("figure: warning").
    /// Throws FigureException naming what is missing, or the figures that could not be drawn; the others are written.
    static member Draw(jobs: IReadOnlyList<FigureJob>) : string[] =
        ArgumentNullException.ThrowIfNull(jobs, nameof jobs)

        if jobs.Count = 0 then
            [||]
        else

        let tools = FigureTools.Locate()

        let request = StringBuilder "{\"jobs\":["

        for i, job in Seq.indexed jobs do
            let path (name: string) (value: string) =
                if value = "" then
                    ""
                else
                    let full = Path.GetFullPath value
                    Directory.CreateDirectory(Path.Combine(full, "..")) |> ignore
                    $",\"{name}\":{JsonSerializer.Serialize full}"

            request
                .Append(if i > 0 then "," else "")
                .Append("{\"name\":").Append(JsonSerializer.Serialize job.Figure.Title)
                .Append(path "svg" job.Svg)
                .Append(path "png" job.Png)
                .Append(",\"scale\":").Append(job.Scale.ToString(Globalization.CultureInfo.InvariantCulture))
                .Append(",\"spec\":").Append(job.Figure.ToJson(job.Theme, true))
                .Append('}')
            |> ignore

        request.Append("]}") |> ignore

        use node = FigureRenderer.Start tools
        let errors = node.StandardError.ReadToEndAsync()
        let answers = node.StandardOutput.ReadToEndAsync()

        try
            node.StandardInput.Write(request.ToString())
            node.StandardInput.Close()
        with :? IOException -> () // Node ended before it read all: its exit code and text below say why.

        node.WaitForExit()

        if node.ExitCode = 3 then
            raise (FigureException $"Figures: {errors.Result.Trim()}. Run 'npm ci' in '{tools}'.")

        if node.ExitCode <> 0 then
            raise (FigureException $"Figures: node ended with code {node.ExitCode}: {errors.Result.Trim()}")

        let warnings = List<string>()
        let failures = List<string>()

        for line in answers.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries) do
            use answer = JsonDocument.Parse line
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

    static member WritePng(figure: Figure, path: string) =
        FigureRenderer.Draw [| FigureJob(figure, Png = path) |] |> ignore

    static member WriteSvg(figure: Figure, path: string) =
        FigureRenderer.Draw [| FigureJob(figure, Svg = path) |] |> ignore
