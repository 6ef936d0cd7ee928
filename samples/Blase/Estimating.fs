namespace Hybrid.Samples.Blase

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open System.Text
open System.Threading
open Hybrid.Data.Formats
open Hybrid.Models.Engine
open Hybrid.Models.Systems.Blase
open Hybrid.Samples.CommandLine

/// What the user chose for an estimate.
type EstimateOptions =
    { Paths: string[]
      Model: string
      /// −1: by position.
      Bag: int
      /// Half width of the interval in standard deviations.
      Width: float
      Precision: int
      Radius: float
      NoError: bool
      Silent: bool
      Output: string | null
      Device: string }

/// ./hybrid blase estimate: files, folders and zips of SEDs to peaks with intervals.
[<RequireQualifiedAccess>]
module Estimating =

    let private invariant (format: string) (value: float) = value.ToString(format, CultureInfo.InvariantCulture)

    /// A cell of the CSV file; quotes where it needs them.
    let private cell (text: string) =
        if text.IndexOfAny [| ','; '"'; '\n'; '\r' |] >= 0 then "\"" + text.Replace("\"", "\"\"") + "\"" else text

    let private header options =
        "Filename,Right Ascension,Declination,Estimated Peak Frequency" + (if options.NoError then "" else ",Frequency Error")

    /// Keeps finished rows: they are in FILE.part from the moment they are estimated, which becomes FILE at the end.
    [<Sealed>]
    type private Table(path: string, header: string) =
        let part = path + ".part"
        let writer =
            match Path.GetDirectoryName(Path.GetFullPath path) with
            | null -> ()
            | folder -> Directory.CreateDirectory folder |> ignore

            new StreamWriter(part, false, UTF8Encoding false)

        do writer.Write(header + "\n")
        member _.Add(row: string) = writer.Write(row + "\n")
        member _.Flush() = writer.Flush()

        member _.Finish() =
            writer.Dispose()
            File.Move(part, path, true)

    let run (options: EstimateOptions) (program: CommandProgram) : int =
        if not (options.Width > 0.0) then
            invalidArg "width" $"--width: expected a number > 0, got {options.Width}."

        if options.Precision < 0 || options.Precision > 10 then
            invalidArg "precision" $"--precision: expected 0 to 10 digits, got {options.Precision}."

        if not (options.Radius >= 0.0) then
            invalidArg "radius" $"--radius: expected degrees ≥ 0, got {options.Radius}."

        for path in options.Paths do
            if not (Path.Exists path) then
                raise (FileNotFoundException($"{path}: no such file or folder.", path))

        // Reading begins before libtorch loads, whose loading keeps other threads from calling what is new to them, and continues while it
        // loads and the networks work.
        use parts = new ReadAhead<SedSet>(options.Paths |> Seq.collect (fun path -> SedFile.ReadParts(path, 512)), 8)
        parts.WaitForFirst()
        program.LoadEngine().Wait()
        use ensemble = PeakEnsemble.Load options.Model
        ensemble.MoveTo(ComputeDevice.Named options.Device)

        if options.Bag >= ensemble.BagCount then
            invalidArg
                "bag"
                $"--bag: expected 0 to {ensemble.BagCount - 1}, or none to look the source up by its position, got {options.Bag}."

        let table = match options.Output with null -> None | path -> Some(Table(path, header options))
        // One file alone is answered as the original does: its estimate, without its name.
        let isAlone =
            options.Paths.Length = 1
            && File.Exists options.Paths[0]
            && not (options.Paths[0].EndsWith(".zip", StringComparison.OrdinalIgnoreCase))

        let out = new StreamWriter(Console.OpenStandardOutput(), UTF8Encoding false)
        let format = "F" + string options.Precision
        let skipped = ResizeArray<string>()
        let mutable estimated = 0
        let mutable outOfBag = 0
        let mutable unreadable = 0
        let mutable unused = 0

        let estimate (part: SedSet) =
            for file in part.Broken do
                skipped.Add(string file)

            let rows =
                part.Seds
                |> Seq.toArray
                |> Array.Parallel.map (fun sed ->
                    let used = sed.Detections()
                    struct (sed, ensemble.Bins.Bin used, sed.Points.Count - used.Length))

            let filled, empty = rows |> Array.partition (fun (struct (_, row, _)) -> row |> Array.exists (fun v -> v <> 0.0))

            for struct (sed, _, _) in empty do
                let read = Plural.Of(int64 sed.Points.Count, "row")
                skipped.Add $"{sed.Name}: no detection falls into a bin ({read} read, {sed.Problems.Count} unreadable)"

            let predictions = ensemble.Predict(filled |> Array.map (fun (struct (_, row, _)) -> row))

            filled
            |> Array.iteri (fun i (struct (sed, _, notUsed)) ->
                let bag =
                    if options.Bag >= 0 then options.Bag
                    elif sed.HasPosition then ensemble.Index.Find(sed.RightAscension, sed.Declination, options.Radius)
                    else -1

                let peak = predictions.Estimate(i, bag)
                let value, error = invariant format peak.LogFrequency, invariant format (options.Width * peak.Deviation)
                estimated <- estimated + 1
                outOfBag <- outOfBag + (if bag >= 0 then 1 else 0)
                unreadable <- unreadable + sed.Problems.Count
                unused <- unused + notUsed

                if not options.Silent then
                    let name = if isAlone then "" else sed.Name + ": "
                    out.Write(name + value + (if options.NoError then "" else $" (+/- {error})") + "\n")

                    if isAlone then
                        for problem in sed.Problems do
                            eprintfn "blase: %s, %O" sed.Name problem

                match table with
                | Some table ->
                    let position (v: float) = if sed.HasPosition then invariant "0.#####" v else ""
                    let cells = [ cell sed.Name; position sed.RightAscension; position sed.Declination; value ]
                    table.Add(String.Join(',', (if options.NoError then cells else cells @ [ error ])))
                | None -> ())

            out.Flush()
            table |> Option.iter _.Flush()

        try
            while not program.Stop.IsCancellationRequested && parts.MoveNext() do
                estimate parts.Current
        finally
            out.Flush()
            table |> Option.iter _.Finish()

        for line in skipped |> Seq.truncate 20 do
            eprintfn "blase: skipped %s" line

        if skipped.Count > 20 then
            eprintfn "blase: and %d more" (skipped.Count - 20)

        if not isAlone || skipped.Count > 0 then
            let ending = if program.Stop.IsCancellationRequested then ", stopped by you" else ""

            eprintfn
                "%d estimated (%d out of bag), %d files skipped, %d unreadable lines, \
                 %d rows not used (limits, zero or negative fluxes, intervals that miss their flux)%s"
                estimated
                outOfBag
                skipped.Count
                unreadable
                unused
                ending

        if estimated > 0 then 0 else 1
