namespace Hybrid.Data.Figures

open System
open System.IO

/// What drawing needs outside .NET is missing or failed; the message says what and how to get it.
type FigureException(message: string) =
    inherit Exception(message)

/// Where the repository's tools/ folder is: figures/render.mjs and the npm packages it uses.
[<AbstractClass; Sealed>]
type FigureTools =

    static member val private Script = Path.Combine("figures", "render.mjs")

    /// The folder named by the environment variable HYBRID_TOOLS, else the nearest `tools` folder with figures/render.mjs in the
    /// assembly's folder, the current folder or a folder above them.
    static member Locate() : string =
        let upwards (start: string) =
            Some(DirectoryInfo start)
            |> Seq.unfold (Option.map (fun folder -> folder, Option.ofObj folder.Parent))
            |> Seq.map (fun folder -> Path.Combine(folder.FullName, "tools"))

        let holdsScript folder = File.Exists(Path.Combine(folder, FigureTools.Script))

        match Environment.GetEnvironmentVariable "HYBRID_TOOLS" with
        | null | "" ->
            match Seq.append (upwards AppContext.BaseDirectory) (upwards Environment.CurrentDirectory) |> Seq.tryFind holdsScript with
            | Some folder -> folder
            | None ->
                raise (FigureException $"Figures: expected a folder tools/ with {FigureTools.Script} in or above '{AppContext.BaseDirectory}', found none. Set HYBRID_TOOLS to the tools folder of a Hybrid checkout.")
        | folder when holdsScript folder -> Path.GetFullPath folder
        | folder ->
            raise (FigureException $"Figures: HYBRID_TOOLS names '{folder}', which has no {FigureTools.Script}. Set it to the tools folder of a Hybrid checkout, or unset it.")

    /// A file of an npm package below tools/node_modules.
    static member internal PackageFile(tools: string, package: string, path: string) =
        let file = Path.Combine(tools, "node_modules", package, path)

        if not (File.Exists file) then
            raise (FigureException $"Figures: the npm package '{package}' is not installed in '{tools}' (no {path}). Run 'npm ci' there.")

        file
