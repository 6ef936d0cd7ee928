namespace Hybrid.Data.Figures

open System
open System.ComponentModel
open System.Diagnostics
open System.IO
open System.Security.Cryptography
open Hybrid.Data.Formats

/// What drawing needs outside .NET is missing or failed; the message says what and how to get it.
type FigureException(message: string) =
    inherit Exception(message)

/// The folder with figures/render.mjs and the npm packages it uses: that of a Hybrid checkout, or one a user, made the first time a figure
/// is drawn.
[<AbstractClass; Sealed>]
type FigureTools =

    static member val private Script = Path.Combine("figures", "render.mjs")

    /// Receives a line about what is being prepared; standard error unless set. A library does not print, but half a minute of silence the
    /// first time would be worse.
    static member val Progress: IProgress<string> =
        { new IProgress<string> with
            member _.Report text = Console.Error.WriteLine text } with get, set

    /// The folder named by the environment variable HYBRID_TOOLS, else the nearest `tools` folder with figures/render.mjs in the
    /// assembly's folder, the current folder or a folder above them, else the user's (UserFolder), which is made when it is missing.
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
                let folder = FigureTools.UserFolder
                if not (holdsScript folder) then FigureTools.Prepare folder
                folder
        | folder when holdsScript folder -> Path.GetFullPath folder
        | folder ->
            raise (FigureException $"Figures: HYBRID_TOOLS names '{folder}', which has no {FigureTools.Script}. Set it to the tools \
                folder of a Hybrid checkout, or unset it.")

    /// One a user and version of the tools (UserData).
    static member UserFolder: string =
        use digest = FigureTools.Resource "package-lock.json"
        UserData.Folder("tools-" + Convert.ToHexStringLower(SHA256.HashData digest).Substring(0, 12))

    static member private Resource(name: string) : Stream =
        match typeof<FigureTools>.Assembly.GetManifestResourceStream("tools/" + name) with
        | null -> raise (FigureException $"Figures: the library holds no tools/{name}.")
        | stream -> stream

    /// Makes a tools folder: writes the script and installs its npm packages (npm ci, about 60 MB). It stands under its name when it is
    /// complete.
    /// Throws FigureException where npm is missing or fails.
    static member Prepare(folder: string) : unit =
        ArgumentException.ThrowIfNullOrEmpty(folder, nameof folder)
        let folder = Path.GetFullPath folder
        FigureTools.Progress.Report $"Figures: installing Vega-Lite for this user, once, into {folder} (npm ci)"
        let part = $"{folder}.{Environment.ProcessId}.part"

        try
            Directory.CreateDirectory(Path.Combine(part, "figures")) |> ignore

            for name, place in [ "package.json", "package.json"; "package-lock.json", "package-lock.json";
                                 "render.mjs", FigureTools.Script ] do
                use source = FigureTools.Resource name
                use target = File.Create(Path.Combine(part, place))
                source.CopyTo target

            FigureTools.Install part

            try
                Directory.Move(part, folder)
            with :? IOException when File.Exists(Path.Combine(folder, FigureTools.Script)) -> () // another process was faster
        finally
            if Directory.Exists part then Directory.Delete(part, true)

    static member private Install(folder: string) =
        let windows = OperatingSystem.IsWindows()

        let info =
            ProcessStartInfo(
                (if windows then "cmd" else "npm"),
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false
            )

        for argument in (if windows then [ "/c"; "npm" ] else []) @ [ "ci"; "--omit=dev"; "--no-audit"; "--no-fund"; "--loglevel=error" ] do
            info.ArgumentList.Add argument

        let started =
            try
                Process.Start info
            with :? Win32Exception as problem ->
                raise (FigureException $"Figures: cannot start 'npm' ({problem.Message}). Install Node.js 18 or newer with npm (Debian: \
                    apt-get install nodejs npm).")

        match started with
        | null -> raise (FigureException "Figures: 'npm' did not start.")
        | npm ->
            use npm = npm
            let errors = npm.StandardError.ReadToEndAsync()
            npm.StandardOutput.ReadToEnd() |> ignore
            npm.WaitForExit()

            if npm.ExitCode <> 0 then
                let said = errors.Result.Trim().Split '\n'
                raise (FigureException $"Figures: npm ci ended with code {npm.ExitCode}: {said[said.Length - 1]}. Run it again with a \
                    network, or set HYBRID_TOOLS to a tools folder that has its packages.")

    /// A file of an npm package below tools/node_modules.
    static member internal PackageFile(tools: string, package: string, path: string) =
        let file = Path.Combine(tools, "node_modules", package, path)

        if not (File.Exists file) then
            raise (FigureException $"Figures: the npm package '{package}' is not installed in '{tools}' (no {path}). Run 'npm ci' there.")

        file
