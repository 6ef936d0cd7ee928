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
type SedPoint
    internal
    (
        line: int,
        frequency: float,
        flux: float,
        upper: float,
        lower: float,
        first: float,
        last: float,
        flag: string,
        catalogue: string,
        reference: string
    ) =
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
    /// Flagged as something other than a detection, in upper or lower case.
    member _.IsUpperLimit = flag <> "" && not (flag.Equals("Det", StringComparison.OrdinalIgnoreCase))

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
/// The flag is there in version 2 (BlaST); the reference continues to the end of the line. Blank lines mean nothing.
[<AbstractClass; Sealed>]
type SedFile =
    /// Units that are not the format's; read as if they were, their values would be wrong by orders of magnitude.
    static member private OtherUnits =
        set
            [ "khz"; "mhz"; "ghz"; "thz"; "phz"; "ev"; "kev"; "mev"; "gev"; "tev"; "nm"; "um"; "µm"; "angstrom"; "cm"
              "jy"; "mjy"; "ujy"; "µjy"; "njy"; "jansky"; "jy*hz"; "w/m2"; "w/m^2"; "w/cm2"; "erg/m2/s"; "erg/cm2/s/hz"; "erg/cm2/s/a"
              "ev/cm2/s"; "kev/cm2/s"; "mev/cm2/s"; "gev/cm2/s"; "tev/cm2/s"; "ph/cm2/s"; "counts"; "counts/s"; "mag" ]

    static member private Blanks = [| ' '; '\t'; '\r' |]

    static member private Number(text: ReadOnlySpan<char>) : float =
        let mutable value = 0.0
        if DecimalNumber.tryParse text &value then value else Double.NaN

    static member private Words(text: ReadOnlySpan<char>) : string[] =
        text.ToString().Split(SedFile.Blanks, StringSplitOptions.RemoveEmptyEntries)

    /// Degrees of an angle in parts, such as 11:04:27.3, 11h04m27.3s or −38 12 31; NaN for anything else.
    static member private Sexagesimal(parts: string[], isHours: bool) : float =
        let isNegative = parts.Length > 0 && parts[0].StartsWith '-'
        let numbers = parts |> Array.mapi (fun i part -> SedFile.Number((if i = 0 then part.TrimStart('-', '+') else part).AsSpan()))
        let isBelow limit (x: float) = x >= 0.0 && x < limit

        let isBroken (x: float) = x <> Math.Floor x

        if numbers.Length < 2 || numbers.Length > 3 || not (isBelow (if isHours then 24.0 else 360.0) numbers[0]) then
            nan
        // Only the last part may have a fraction.
        elif numbers |> Seq.take (numbers.Length - 1) |> Seq.exists isBroken then
            nan
        elif numbers |> Seq.skip 1 |> Seq.exists (fun x -> not (isBelow 60.0 x)) then
            nan
        else
            let sum = numbers |> Array.mapi (fun i x -> x / 60.0 ** float i) |> Array.sum
            (if isHours then 15.0 else 1.0) * (if isNegative then -sum else sum)

    /// Right ascension and declination of the first line, in degrees, or as 11:04:27.3 +38:12:31 or 11 04 27.3 +38 12 31 in hours and
    /// degrees; NaN where it gives none, and a reason where it gives something else.
    static member private Position(line: ReadOnlySpan<char>) : struct (float * float * string) =
        let words = SedFile.Words line
        let given = words |> Array.skip (min 3 words.Length)
        let numbers = given |> Seq.takeWhile (fun word -> not (Double.IsNaN(SedFile.Number(word.AsSpan())))) |> Seq.length
        let degrees i = SedFile.Number(given[i].AsSpan())

        let parts (word: string) =
            word.Split([| ':'; 'h'; 'm'; 's'; 'd'; '°'; '\''; '"' |], StringSplitOptions.RemoveEmptyEntries)

        let ra, dec =
            match numbers with
            | 2
            | 3 -> degrees 0, degrees 1
            | 6
            | 7 -> SedFile.Sexagesimal(given[0..2], true), SedFile.Sexagesimal(given[3..5], false)
            | 0 when given.Length >= 2 -> SedFile.Sexagesimal(parts given[0], true), SedFile.Sexagesimal(parts given[1], false)
            | _ -> nan, nan

        if words.Length < 5 then
            struct (nan, nan, "")
        elif ra >= -360.0 && ra <= 720.0 && abs dec <= 90.0 then
            // 360° and −0.00001° are places on the sky like others.
            let turn = ra % 360.0
            let wrapped = if turn < 0.0 then turn + 360.0 else turn
            struct ((if wrapped >= 360.0 then 0.0 else wrapped), dec, "")
        else
            let got = String.Join(' ', Seq.truncate 8 given)
            struct (nan, nan, $"expected right ascension and declination in degrees, such as 77.35819 5.69315 99, got '{got}'")

    /// The next word from `at` on, as (start, length); length 0 at the end of the text.
    static member private Word(text: ReadOnlySpan<char>, at: int) : struct (int * int) =
        let mutable start = at

        while start < text.Length && (text[start] = ' ' || text[start] = '\t' || text[start] = '\r') do
            start <- start + 1

        let mutable finish = start

        while finish < text.Length && not (text[finish] = ' ' || text[finish] = '\t' || text[finish] = '\r') do
            finish <- finish + 1

        struct (start, finish - start)

    static member private IsNumber(text: ReadOnlySpan<char>) : bool =
        let mutable ignored = 0.0
        DecimalNumber.tryParse text &ignored

    /// The text, or the same one of the row before: rows of one catalogue stand together.
    static member private Same(text: ReadOnlySpan<char>, before: string) : string =
        if text.SequenceEqual(before.AsSpan()) then before else text.ToString()

    /// A row, or the reason why it cannot be read. `numbers` is room for six; `before` is a row whose texts may be the same ones.
    static member private Row
        (
            line: int,
            text: ReadOnlySpan<char>,
            version: SedVersion,
            numbers: float[],
            before: SedPoint
        ) : Result<SedPoint, string> =
        let mutable at = 0
        let mutable words = 0
        let mutable problem = ValueNone

        while words < 6 && problem.IsNone do
            let struct (start, length) = SedFile.Word(text, at)

            if length = 0 then
                problem <- ValueSome ""
            else
                at <- start + length
                let word = text.Slice(start, length)

                if not (DecimalNumber.tryParse word &numbers[words]) || not (Double.IsFinite numbers[words]) then
                    let names = [| "frequency"; "nufnu"; "upper"; "lower"; "start time"; "end time" |]
                    problem <- ValueSome $"column '{names[words]}': expected a finite number, got '{word.ToString()}'"

                words <- words + 1

        let least = if version = SedVersion.Blast then 7 else 6
        let struct (flagStart, flagLength) = if problem.IsNone && version = SedVersion.Blast then SedFile.Word(text, at) else struct (at, 0)
        let flag = text.Slice(flagStart, flagLength)

        match problem with
        | ValueSome reason when reason <> "" -> Error reason
        | _ when words < 6 || (version = SedVersion.Blast && flagLength = 0) -> Error $"expected at least {least} columns, got \
            {SedFile.Words(text).Length}"
        | _ when flagLength > 0 && SedFile.IsNumber flag -> Error $"column 'Flag': expected Det or UL, got '{flag.ToString()}': the row \
            has a column too many"
        | _ ->
            let struct (catalogueStart, catalogueLength) = SedFile.Word(text, flagStart + flagLength)
            let catalogue = text.Slice(catalogueStart, catalogueLength)

            let isFlag =
                catalogue.Equals("UL".AsSpan(), StringComparison.OrdinalIgnoreCase)
                || catalogue.Equals("Det".AsSpan(), StringComparison.OrdinalIgnoreCase)

            if catalogueLength > 0 && SedFile.IsNumber catalogue then
                Error $"column 'Catalog': expected a name, got '{catalogue.ToString()}': the row has a column too many"
            elif version = SedVersion.Vou && isFlag then
                // Read as a name it would make a detection of an upper limit.
                Error $"column 'Catalog': expected a name, got the flag '{catalogue.ToString()}': line 2 names no column Flag"
            else
                // References keep their words, with one blank between them.
                let reference = text.Slice(catalogueStart + catalogueLength).Trim " \t\r"
                let isPlain = not (reference.Contains('\t') || reference.Contains("  ".AsSpan(), StringComparison.Ordinal))
                let reference = if isPlain then SedFile.Same(reference, before.Reference) else String.Join(' ', SedFile.Words reference)

                Ok(
                    SedPoint(
                        line, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5],
                        SedFile.Same(flag, before.Flag), SedFile.Same(catalogue, before.Catalogue), reference
                    )
                )

    static member private Parse(subject: string, name: string, text: string, strict: bool) : Sed =
        // Where each line starts and ends; lines end with LF, CR LF or CR.
        let starts = ResizeArray<int>([ 0 ])
        let ends = ResizeArray<int>()
        let mutable next = text.AsSpan().IndexOfAny('\n', '\r')

        while next >= 0 do
            ends.Add next
            let start = if text[next] = '\r' && next + 1 < text.Length && text[next + 1] = '\n' then next + 2 else next + 1
            starts.Add start
            let found = text.AsSpan(start).IndexOfAny('\n', '\r')
            next <- if found < 0 then -1 else start + found

        ends.Add text.Length
        let line (i: int) = text.Substring(starts[i], ends[i] - starts[i])

        let fail (line: int) (message: string) =
            raise (InvalidDataException $"{subject}, line {line}: {message}")

        if starts.Count < 4 || (starts.Count = 4 && (line 3).Trim() = "") then
            fail starts.Count "expected 4 header lines, the file ends before"

        if not ((line 3).TrimStart().StartsWith("---", StringComparison.Ordinal)) then
            // What stands there may be anything, a whole binary file among it.
            let shown = String.map (fun c -> if Char.IsControl c || c = '\uFFFD' then '?' else c) ((line 3).Trim())
            let shown = if shown.Length > 60 then shown.Substring(0, 60) + "…" else shown
            fail 4 $"expected a line of dashes to end the header, got '{shown}'"

        // The column Flag in the second line is what distinguishes the versions.
        let isFlag (word: string) = word.Trim('(', ')', '[', ']', ',', ';', ':').Equals("Flag", StringComparison.OrdinalIgnoreCase)
        let version = if SedFile.Words((line 1).AsSpan()) |> Array.exists isFlag then SedVersion.Blast else SedVersion.Vou

        // Columns are read by their places: names in another order are other columns.
        let placeOf (isNamed: string -> bool) = SedFile.Words((line 1).AsSpan()) |> Array.tryFindIndex isNamed
        let startsWith (name: string) (word: string) = word.TrimStart('(', '[').StartsWith(name, StringComparison.OrdinalIgnoreCase)

        for before, after, first, second in
            [ "Frequency", "nufnu", startsWith "freq", startsWith "nufnu"
              "nufnu", "Flag", startsWith "nufnu", isFlag
              "Flag", "Catalog", isFlag, startsWith "catalog" ] do
            match placeOf first, placeOf second with
            | Some a, Some b when a > b -> fail 2 $"expected the column {before} before {after}, got '{(line 1).Trim()}'"
            | _ -> ()

        for word in SedFile.Words((line 2).AsSpan()) do
            let unit' = word.Trim('(', ')', '[', ']', ',', ';').ToLowerInvariant()
            // A factor such as 10^-12 or log(Hz) makes other numbers of them.
            let isFactor = unit'.Contains "log" || unit'.StartsWith "10^" || unit'.StartsWith "10**" || SedFile.IsNumber(unit'.AsSpan())

            if isFactor || SedFile.OtherUnits.Contains unit' then
                fail 3 $"expected frequencies in Hz and fluxes in erg/cm2/s, got the unit '{word}'"

        let points = ResizeArray<SedPoint>(starts.Count)
        let problems = ResizeArray<SedProblem>()
        let numbers = Array.zeroCreate<float> 6
        let mutable before = SedPoint(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, "", "", "")

        for i in 4 .. starts.Count - 1 do
            let row = text.AsSpan(starts[i], ends[i] - starts[i])

            if not (row.IsWhiteSpace()) then
                match SedFile.Row(i + 1, row, version, numbers, before) with
                | Ok point ->
                    points.Add point
                    before <- point
                | Error reason when strict -> fail (i + 1) reason
                | Error reason -> problems.Add(SedProblem(i + 1, reason))

        let struct (ra, dec, unread) = SedFile.Position((line 0).AsSpan())

        if unread <> "" then
            if strict then fail 1 unread
            problems.Insert(0, SedProblem(1, unread))

        Sed(name, version, ra, dec, points.ToArray(), problems.ToArray())

    /// Reads one file. With `strict` the first unreadable row throws InvalidDataException with its line and column; else such
    /// rows are passed over and listed in Problems, as the original tools do silently.
    static member Read(path: string, [<Optional; DefaultParameterValue(false)>] strict: bool) : Sed =
        RegularFile.Require path
        SedFile.Parse(path, Path.GetFileName path |> string, File.ReadAllText path, strict)

    /// Reads an SED from text; `name` stands for the file in errors.
    static member ParseText(name: string, text: string, [<Optional; DefaultParameterValue(false)>] strict: bool) : Sed =
        SedFile.Parse(name, name, text, strict)

    /// Parses texts that were read (or the reason why not) on all cores, in their order.
    static member private ParseAll(texts: struct (string * string * Result<string, string>)[], firstIndex: int, strict: bool) : SedSet =
        let parsed =
            texts
            |> Array.Parallel.map (fun (struct (shown, name, text)) ->
                match text with
                | Error reason -> Error(shown, reason)
                | Ok text ->
                    try
                        Ok(SedFile.Parse(shown, name, text, strict))
                    with :? InvalidDataException as e ->
                        Error(shown, BrokenFile.ReasonOf(shown, e)))

        SedSet(
            parsed |> Array.choose (function Ok sed -> Some sed | Error _ -> None),
            parsed
            |> Array.indexed
            |> Array.choose (function
                | i, Error(shown, reason) -> Some(BrokenFile(firstIndex + i, shown, reason))
                | _ -> None)
        )

    static member private LargestFile = 100_000_000L

    /// Reads what is at `path`, part by part: a file, a folder with its sub-folders, or a zip. Files are taken in ordinal order of their
    /// names; hidden files and folders of the zip's own (__MACOSX) are not looked at. Files that are not SEDs are in Broken, with the line;
    /// one never ends the reading.
    /// largestBytes : what a zip may decompress to in all; 0 takes a hundred times its size, and 16 MB in any case.
    /// Throws FileNotFoundException where there is nothing at `path`, InvalidDataException for a zip that cannot be opened or is too large.
    static member ReadParts
        (
            path: string,
            filesPerPart: int,
            [<Optional; DefaultParameterValue(false)>] strict: bool,
            [<Optional; DefaultParameterValue(0L)>] largestBytes: int64
        ) : IEnumerable<SedSet> =
        if filesPerPart < 1 then
            raise (ArgumentOutOfRangeException(nameof filesPerPart, filesPerPart,
                                               $"SedFile.ReadParts: expected at least one file in a part, got {filesPerPart}."))

        let visible (relative: string) =
            relative.Split('/', '\\') |> Array.forall (fun part -> part <> "__MACOSX" && not (part.StartsWith '.'))

        let attempt (length: int64) (read: unit -> string) =
            try
                if length > SedFile.LargestFile then Error $"{length} bytes are too many for an SED" else Ok(read ())
            with
            | :? InvalidDataException
            | :? IOException
            | :? NotSupportedException
            | :? UnauthorizedAccessException as e -> Error e.Message

        let parts (texts: struct (string * string * Result<string, string>)[] seq) =
            texts |> Seq.mapi (fun part texts -> SedFile.ParseAll(texts, part * filesPerPart, strict))

        let readFile (file: string) =
            struct (file, Path.GetFileName file |> string,
                    attempt (try FileInfo(file).Length with :? IOException -> 0L) (fun () ->
                        RegularFile.Require file
                        File.ReadAllText file))

        if Directory.Exists path then
            RegularFile.Below(path, visible)
            |> Seq.chunkBySize filesPerPart
            |> Seq.map (Array.Parallel.map readFile)
            |> parts
        elif not (File.Exists path) then
            raise (FileNotFoundException($"{path}: no such file or folder.", path))
        elif path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) then
            let archive =
                try
                    let opened = ZipFile.OpenRead path

                    try
                        opened.Entries |> ignore // reads the directory
                        opened
                    with _ ->
                        opened.Dispose()
                        reraise ()
                with :? InvalidDataException as e ->
                    raise (InvalidDataException($"{path}: not a readable zip file: {e.Message}", e))

            let limit = if largestBytes > 0L then largestBytes else BoundedStream.TextLimit(FileInfo(path).Length)
            let total = archive.Entries |> Seq.fold (fun sum entry -> if sum > limit then sum else sum + max 0L entry.Length) 0L

            if total > limit then
                archive.Dispose()
                let fix = "unpack it, or give largestBytes to read more"
                raise (InvalidDataException $"{path}: expected a zip of at most {limit} bytes of text, got more than that: {fix}")

            let tooLong (entry: ZipArchiveEntry) (_: int64) =
                InvalidDataException $"the entry has more than the {entry.Length} bytes that the zip says: it is damaged" :> exn

            seq {
                use archive = archive

                yield!
                    archive.Entries
                    |> Seq.filter (fun entry -> entry.Name <> "" && visible entry.FullName)
                    |> Seq.sortWith (fun a b -> String.CompareOrdinal(a.FullName, b.FullName))
                    |> Seq.chunkBySize filesPerPart
                    |> Seq.map (
                        Array.map (fun entry ->
                            let text =
                                attempt entry.Length (fun () ->
                                    use content = new BoundedStream(entry.Open(), entry.Length, tooLong entry)
                                    use summed = new ChecksumStream(content)
                                    use reader = new StreamReader(summed, Encoding.UTF8)
                                    let text = reader.ReadToEnd()

                                    if summed.Crc32 <> entry.Crc32 then
                                        raise (InvalidDataException $"CRC-32 of the content is {summed.Crc32:x8}, expected \
                                            {entry.Crc32:x8}: the file is damaged")

                                    text)

                            struct ($"{path}!{entry.FullName}", entry.Name, text))
                    )
                    |> parts
            }
        else
            parts [ [| readFile path |] ]

    /// All of ReadParts at once.
    static member ReadAll
        (
            path: string,
            [<Optional; DefaultParameterValue(false)>] strict: bool,
            [<Optional; DefaultParameterValue(0L)>] largestBytes: int64
        ) : SedSet =
        let parts = SedFile.ReadParts(path, 512, strict, largestBytes) |> Seq.toArray
        SedSet(parts |> Array.collect (fun part -> Seq.toArray part.Seds), parts |> Array.collect (fun part -> Seq.toArray part.Broken))

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
                format " {0:0.000E+00}   {1:0.000E+00}   {2:0.000E+00}   {3:0.000E+00}  {4,10:F4}  \
                    {5,10:F4}  " [| p.FrequencyHz; p.Flux; p.Upper; p.Lower; p.StartMjd; p.EndMjd |]

            let flag = if version = SedVersion.Blast then (if p.Flag = "" then "Det" else p.Flag) + "  " else ""
            put ((numbers + flag + (p.Catalogue + "  " + p.Reference)).TrimEnd())

        WholeFile.WriteText(path, text.ToString())

    /// A point for Write. `flag` is "Det" or "UL".
    static member Point
        (
            frequencyHz: float,
            flux: float,
            upper: float,
            lower: float,
            startMjd: float,
            endMjd: float,
            flag: string,
            catalogue: string,
            reference: string
        ) : SedPoint =
        SedPoint(0, frequencyHz, flux, upper, lower, startMjd, endMjd, flag, catalogue, reference)
