namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open System.IO.Compression
open System.Runtime.InteropServices
open System.Text

/// The two layouts of the VOU-Blazars text format.
type SedVersion =
    /// Columns: frequency, νFν, upper, lower, start, end, catalogue, reference.
    | Vou = 1
    /// The same with a flag before the catalogue: Det for a detection, UL for an upper limit.
    | Blast = 2

/// One measurement of a spectral energy distribution.
[<Sealed>]
type SedPoint internal (line: int, frequency: float, flux: float, upper: float, lower: float, first: float, last: float, flag: string, catalogue: string, reference: string) =
    /// Line in the file, from 1.
    member _.Line = line
    /// Hz.
    member _.FrequencyHz = frequency
    /// νFν in erg cm⁻² s⁻¹; of an upper limit the limit.
    member _.Flux = flux
    /// Flux at the upper and the lower end of the error interval, which need not be symmetric; 0 where there is none.
    member _.Upper = upper
    member _.Lower = lower
    /// Modified Julian dates; 55000 where unknown.
    member _.StartMjd = first
    member _.EndMjd = last
    /// "Det", "UL", …; an empty string in version 1, which has no flags.
    member _.Flag = flag
    member _.Catalogue = catalogue
    member _.Reference = reference
    /// Flagged as something other than a detection.
    member _.IsUpperLimit = flag <> "" && flag <> "Det"

    /// An error interval that contains the flux, or no interval.
    member _.IsConsistent = not ((upper < flux || flux < lower) && upper <> 0.0 && lower <> 0.0)

/// A line that could not be read, and why.
[<Sealed>]
type SedProblem(line: int, reason: string) =
    member _.Line = line
    member _.Reason = reason
    override _.ToString() = $"line {line}: {reason}"

/// A spectral energy distribution of one source.
[<Sealed>]
type Sed internal (name: string, version: SedVersion, ra: float, dec: float, points: SedPoint[], problems: SedProblem[]) =
    /// Name of the file, without folders.
    member _.Name = name
    member _.Version = version
    /// Degrees; NaN where the first line does not say.
    member _.RightAscension = ra
    member _.Declination = dec
    member _.HasPosition = not (Double.IsNaN ra)
    /// All rows in file order, upper limits and inconsistent rows among them.
    member _.Points: IReadOnlyList<SedPoint> = points
    /// Lines that were passed over; none when read strictly.
    member _.Problems: IReadOnlyList<SedProblem> = problems

    /// What the estimators take: detections with positive frequency and flux whose interval, if there is one, contains the flux.
    member _.Detections() : SedPoint[] =
        points
        |> Array.filter (fun p -> not p.IsUpperLimit && p.IsConsistent && p.FrequencyHz > 0.0 && p.Flux > 0.0)

/// A file of a set that could not be read as an SED.
[<Sealed>]
type SedSet internal (seds: Sed[], broken: BrokenFile[]) =
    member _.Seds: IReadOnlyList<Sed> = seds
    member _.Broken: IReadOnlyList<BrokenFile> = broken

/// SED text as VOU-Blazars writes it. Schema: line 1 is a count, words, right ascension and declination in degrees and a
/// number; lines 2 to 4 name the columns and end with dashes; each further line is a row, its columns divided by blanks:
///   frequency [Hz]  νFν [erg/cm²/s]  upper  lower [same unit]  start  end [MJD]  [flag]  catalogue  reference …
/// The flag is there in version 2 (BlaST); the reference goes on to the end of the line. Blank lines mean nothing.
[<AbstractClass; Sealed>]
type SedFile =
    static member private Blanks = [| ' '; '\t'; '\r' |]

    static member private Number(text: string) : float =
        match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, value -> value
        | _ -> Double.NaN

    static member private Position(line: string) : struct (float * float) =
        let words = line.Split(SedFile.Blanks, StringSplitOptions.RemoveEmptyEntries)

        if words.Length >= 5 then
            let ra = SedFile.Number words[3]
            let dec = SedFile.Number words[4]

            if ra >= 0.0 && ra < 360.0 && abs dec <= 90.0 then struct (ra, dec) else struct (nan, nan)
        else
            struct (nan, nan)

    /// A row, or the reason why it is none.
    static member private Row(line: int, text: string, version: SedVersion) : Result<SedPoint, string> =
        let words = text.Split(SedFile.Blanks, StringSplitOptions.RemoveEmptyEntries)
        let names = [| "frequency"; "nufnu"; "upper"; "lower"; "start time"; "end time" |]
        let least = if version = SedVersion.Blast then 7 else 6

        if words.Length < least then
            Error $"expected at least {least} columns, got {words.Length}"
        else
            let numbers = Array.init 6 (fun i -> SedFile.Number words[i])

            match numbers |> Array.tryFindIndex (fun n -> not (Double.IsFinite n)) with
            | Some i -> Error $"column '{names[i]}': expected a finite number, got '{words[i]}'"
            | None ->
                let flag = if version = SedVersion.Blast then words[6] else ""
                let rest = if version = SedVersion.Blast then 7 else 6
                let catalogue = if words.Length > rest then words[rest] else ""
                let reference = String.Join(' ', words |> Seq.skip (min words.Length (rest + 1)))

                Ok(SedPoint(line, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], flag, catalogue, reference))

    static member private Parse(subject: string, name: string, text: string, strict: bool) : Sed =
        let lines = text.Split '\n'

        let fail (line: int) (message: string) =
            raise (InvalidDataException $"{subject}, line {line}: {message}")

        if lines.Length < 4 || (lines.Length = 4 && lines[3].Trim() = "") then
            fail lines.Length "expected 4 header lines, the file ends before"

        if not (lines[3].TrimStart().StartsWith("---", StringComparison.Ordinal)) then
            fail 4 $"expected a line of dashes to end the header, got '{lines[3].Trim()}'"

        // The column Flag in the second line is what tells the versions apart.
        let version =
            if lines[1].Split(SedFile.Blanks, StringSplitOptions.RemoveEmptyEntries) |> Array.contains "Flag" then
                SedVersion.Blast
            else
                SedVersion.Vou

        let points = ResizeArray<SedPoint>()
        let problems = ResizeArray<SedProblem>()

        for i in 4 .. lines.Length - 1 do
            if lines[i].Trim() <> "" then
                match SedFile.Row(i + 1, lines[i], version) with
                | Ok point -> points.Add point
                | Error reason when strict -> fail (i + 1) reason
                | Error reason -> problems.Add(SedProblem(i + 1, reason))

        let struct (ra, dec) = SedFile.Position lines[0]
        Sed(name, version, ra, dec, points.ToArray(), problems.ToArray())

    /// Reads one file. With `strict` the first unreadable row throws InvalidDataException with its line and column; else such
    /// rows are passed over and listed in Problems, as the original tools do silently.
    static member Read(path: string, [<Optional; DefaultParameterValue(false)>] strict: bool) : Sed =
        SedFile.Parse(path, Path.GetFileName path |> string, File.ReadAllText path, strict)

    /// Reads an SED from text; `name` stands for the file in errors.
    static member ParseText(name: string, text: string, [<Optional; DefaultParameterValue(false)>] strict: bool) : Sed =
        SedFile.Parse(name, name, text, strict)

    /// Reads what is at `path`: a file, a folder with its sub-folders, or a zip. Files are taken in ordinal order of their
    /// names; hidden files and folders of the zip's own (__MACOSX) are not looked at. Files that are no SEDs are in Broken.
    static member ReadAll(path: string, [<Optional; DefaultParameterValue(false)>] strict: bool) : SedSet =
        let seds = ResizeArray<Sed>()
        let broken = ResizeArray<BrokenFile>()

        let take (shown: string) (name: string) (read: unit -> string) =
            try
                seds.Add(SedFile.Parse(shown, name, read (), strict))
            with
            | :? InvalidDataException
            | :? IOException as e ->
                let reason = if e.Message.StartsWith(shown + ", ", StringComparison.Ordinal) then e.Message.Substring(shown.Length + 2) else e.Message
                broken.Add(BrokenFile(seds.Count + broken.Count, shown, reason))

        let visible (relative: string) =
            relative.Split('/', '\\') |> Array.forall (fun part -> part <> "__MACOSX" && not (part.StartsWith '.'))

        if Directory.Exists path then
            for file in Directory.GetFiles(path, "*", SearchOption.AllDirectories) |> Array.sortWith (fun a b -> String.CompareOrdinal(a, b)) do
                if visible (Path.GetRelativePath(path, file)) then
                    take file (Path.GetFileName file |> string) (fun () -> File.ReadAllText file)
        elif not (File.Exists path) then
            raise (FileNotFoundException($"{path}: no such file or folder.", path))
        elif path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) then
            try
                use archive = ZipFile.OpenRead path

                for entry in archive.Entries |> Seq.sortWith (fun a b -> String.CompareOrdinal(a.FullName, b.FullName)) do
                    if entry.Name <> "" && visible entry.FullName then
                        take $"{path}!{entry.FullName}" entry.Name (fun () ->
                            if entry.Length > 100_000_000L then
                                raise (InvalidDataException $"{entry.Length} bytes are too many for an SED")

                            use reader = new StreamReader(entry.Open(), Encoding.UTF8)
                            reader.ReadToEnd())
            with :? InvalidDataException as e when not (e.Message.StartsWith(path, StringComparison.Ordinal)) ->
                raise (InvalidDataException($"{path}: not a readable zip file: {e.Message}", e))
        else
            take path (Path.GetFileName path |> string) (fun () -> File.ReadAllText path)

        SedSet(seds.ToArray(), broken.ToArray())

    /// Writes the points in the layout of a version, header lines as the originals have them.
    static member Write(path: string, ra: float, dec: float, points: IReadOnlyList<SedPoint>, version: SedVersion) : unit =
        let text = StringBuilder()
        let put (line: string) = text.Append(line).Append('\n') |> ignore
        let format (pattern: string) (values: obj[]) = String.Format(CultureInfo.InvariantCulture, pattern, values)
        let flag = if version = SedVersion.Blast then "Flag " else ""
        put (format "   1  matched source {0,10:F5} {1,10:F5}  99" [| ra; dec |])
        put $" Frequency     nufnu     nufnu unc.  nufnu unc. start time   end time   {flag}Catalog     Reference"
        put "    Hz       erg/cm2/s     upper       lower        MJD         MJD"
        put (String('-', 123))

        for p in points do
            let numbers =
                format " {0:0.000E+00}   {1:0.000E+00}   {2:0.000E+00}   {3:0.000E+00}  {4,10:F4}  {5,10:F4}  " [| p.FrequencyHz; p.Flux; p.Upper; p.Lower; p.StartMjd; p.EndMjd |]

            let flag = if version = SedVersion.Blast then (if p.Flag = "" then "Det" else p.Flag) + "  " else ""
            put ((numbers + flag + (p.Catalogue + "  " + p.Reference)).TrimEnd())

        File.WriteAllText(path, text.ToString())

    /// A point for Write. `flag` is "Det" or "UL".
    static member Point(frequencyHz: float, flux: float, upper: float, lower: float, startMjd: float, endMjd: float, flag: string, catalogue: string, reference: string) : SedPoint =
        SedPoint(0, frequencyHz, flux, upper, lower, startMjd, endMjd, flag, catalogue, reference)
