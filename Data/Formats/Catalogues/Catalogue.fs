namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open System.Runtime.InteropServices
open System.Text
open Hybrid.Data

/// How a catalogue's text is divided.
type CatalogueLayout =
    /// Comma-separated values (RFC 4180): quotes, doubled quotes, line breaks inside quotes.
    | Csv = 0
    /// Columns divided by any run of blanks; lines that begin with # are comments.
    | Blanks = 1

/// A table of text: a CSV catalogue or columns divided by blanks, plain or .gz. Numbers are read from it column by column,
/// with errors that name file, line and column.
[<Sealed>]
type Catalogue private (path: string, names: string[], records: TextRecords, first: int) =
    let count = records.Count - first
    let cell (row: int) (column: int) = records.Field(first + row, column)
    let lineOf (row: int) = records.Line(first + row)

    let column (name: string) =
        match Array.IndexOf(names, name) with
        | -1 ->
            let known = String.Join(", ", names |> Array.map (fun n -> $"'{n}'"))
            raise (KeyNotFoundException $"{path}: no column '{name}'; there are {known}.")
        | i when Array.LastIndexOf(names, name) > i ->
            raise (InvalidDataException $"{path}: expected one column '{name}', got columns {i + 1} and \
                {Array.LastIndexOf(names, name) + 1} of that name")
        | i -> i

    let fail (row: int) (name: string) (wanted: string) (got: string) =
        raise (InvalidDataException $"{path}, line {lineOf row}, column '{name}': expected {wanted}, got '{got}'")

    static let readAll (path: string) (largestBytes: int64) : string =
        RegularFile.Require path
        use file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read)
        let first = file.ReadByte()
        let second = file.ReadByte()
        file.Position <- 0L

        let decode (stream: Stream) =
            use reader = new StreamReader(stream, UTF8Encoding(false, true), true)
            reader.ReadToEnd()

        let limit = if largestBytes > 0L then largestBytes else BoundedStream.TextLimit file.Length

        let tooLong (limit: int64) =
            let size = $"{file.Length} compressed bytes become more than {limit}"
            InvalidDataException $"{path}: {size}: expected a text of at most that many; give largestBytes to read a longer one" :> exn

        try
            let text =
                if first = 0x1F && second = 0x8B then
                    use content = new BoundedStream(WholeGzip.Open file, limit, tooLong)
                    decode content
                else
                    decode file

            // .NET reads 12 of "12" and zeros after it, as a hole in a file or half a UTF-16 text has them.
            match text.IndexOf '\000' with
            | -1 -> text
            | at ->
                let line = 1 + (text.AsSpan(0, at).Count '\n')
                raise (InvalidDataException $"{path}, line {line}: expected text, got a byte of zero: the file is damaged, or not text")
        with
        | :? DecoderFallbackException as e -> raise (InvalidDataException($"{path}: not UTF-8 text: {e.Message}", e))
        | :? InvalidDataException as e when not (e.Message.StartsWith(path, StringComparison.Ordinal)) ->
            raise (InvalidDataException($"{path}: damaged .gz: {e.Message}", e))

    static let split (path: string) (layout: CatalogueLayout) (text: string) : TextRecords =
        match layout with
        | CatalogueLayout.Blanks -> TextRecords.SplitBlanks text
        | _ -> CsvRecords.Parse(path, text)

    static let requireColumns (path: string) (records: TextRecords) (first: int) (columns: int) =
        for record in first .. records.Count - 1 do
            if records.Length record <> columns then
                raise (InvalidDataException $"{path}, line {records.Line record}: expected {columns} column{Plural.s columns}, got \
                    {records.Length record}")

    /// Reads a catalogue. `names` are the columns' names where the file has no header line; null takes its first line.
    /// largestBytes : what a .gz may decompress to; 0 takes a hundred times its size, and 16 MB in any case.
    /// Throws InvalidDataException with the line whose number of columns differs.
    static member Read
        (
            path: string,
            [<Optional; DefaultParameterValue(CatalogueLayout.Csv)>] layout: CatalogueLayout,
            [<Optional; DefaultParameterValue(null: IReadOnlyList<string> | null)>] names: IReadOnlyList<string> | null,
            [<Optional; DefaultParameterValue(0L)>] largestBytes: int64
        ) : Catalogue =
        let records = split path layout (readAll path largestBytes)

        let header, first =
            match names with
            | null when records.Count = 0 -> raise (InvalidDataException $"{path}: the file is empty; expected a header line")
            | null -> records.Record 0, 1
            | given -> Seq.toArray given, 0

        requireColumns path records first header.Length
        Catalogue(path, header, records, first)

    /// Reads numbers divided by blanks or commas, without a header: as (rows, columns). Every line has as many as the first.
    static member ReadMatrix
        (
            path: string,
            [<Optional; DefaultParameterValue(CatalogueLayout.Blanks)>] layout: CatalogueLayout,
            [<Optional; DefaultParameterValue(0L)>] largestBytes: int64
        ) : NdArray<float> =
        let records = split path layout (readAll path largestBytes)
        let width = if records.Count = 0 then 0 else records.Length 0
        requireColumns path records 0 width
        let names = Array.init width (fun i -> string (i + 1))
        let table = Catalogue(path, names, records, 0)
        let columns = names |> Array.map table.Reals
        NdArray<float>([| table.Count; width |], [| for row in 0 .. table.Count - 1 do for c in columns -> c[row] |])

    member _.Path = path
    /// The columns' names in file order.
    member _.Names: IReadOnlyList<string> = names
    /// Number of rows.
    member _.Count = count
    /// The line of the file that a row begins at, from 1.
    member _.LineOf(row: int) = lineOf row

    member _.Texts(name: string) : string[] =
        let c = column name
        Array.init count (fun row -> cell row c)

    /// A column of finite numbers within [minimum, maximum]; `unit` is named in the error of the first that is not.
    member _.Reals
        (
            name: string,
            [<Optional; DefaultParameterValue(Double.NegativeInfinity)>] minimum: float,
            [<Optional; DefaultParameterValue(Double.PositiveInfinity)>] maximum: float,
            [<Optional; DefaultParameterValue("")>] unit: string
        ) : float[] =
        let c = column name

        let wanted =
            let range =
                if Double.IsInfinity minimum && Double.IsInfinity maximum then
                    ""
                else
                    String.Format(CultureInfo.InvariantCulture, " in [{0}, {1}]", minimum, maximum)

            (if unit = "" then "a finite number" else unit) + range

        Array.init count (fun row ->
            match Double.TryParse(cell row c, NumberStyles.Float, CultureInfo.InvariantCulture) with
            | true, value when Double.IsFinite value && value >= minimum && value <= maximum -> value
            | _ -> fail row name wanted (cell row c))

    /// A column of integers.
    member _.Integers(name: string) : int64[] =
        let c = column name

        let style = NumberStyles.AllowLeadingSign ||| NumberStyles.AllowLeadingWhite ||| NumberStyles.AllowTrailingWhite

        Array.init count (fun row ->
            match Int64.TryParse(cell row c, style, CultureInfo.InvariantCulture) with
            | true, value -> value
            | _ -> fail row name "an integer" (cell row c))

    /// Writes columns as CSV, quoting where it is needed; numbers so that they read back as they are.
    static member Write(path: string, names: IReadOnlyList<string>, columns: IReadOnlyList<Array>) : unit =
        WholeFile.Write(
            path,
            fun stream ->
                use writer = new StreamWriter(stream, UTF8Encoding false)
                Catalogue.Print(writer, names, columns)
        )

    /// The same to any writer, such as the console; lines end in \n.
    static member Print(writer: TextWriter, names: IReadOnlyList<string>, columns: IReadOnlyList<Array>) : unit =
        if names.Count = 0 || names.Count <> columns.Count then
            raise (ArgumentException($"expected as many names as columns, at least one, got {names.Count} and {columns.Count}.",
                                     nameof columns))

        let count = columns[0].Length

        for c in 0 .. columns.Count - 1 do
            if columns[c].Length <> count then
                let rows = $"{columns[c].Length} row{Plural.s (columns[c].Length)}"
                raise (ArgumentException($"column '{names[c]}' has {rows}, '{names[0]}' has {count}.", nameof columns))

        let quote (text: string) =
            if text.AsSpan().IndexOfAny(",\"\r\n") >= 0 then "\"" + text.Replace("\"", "\"\"") + "\"" else text

        let show (value: obj | null) =
            match value with
            | null -> ""
            | :? string as text -> quote text
            | :? IFormattable as number -> number.ToString(null, CultureInfo.InvariantCulture)
            | other -> quote (string other)

        let line (cells: string seq) =
            writer.Write(String.Join(",", cells))
            writer.Write '\n'

        line (names |> Seq.map quote)

        for row in 0 .. count - 1 do
            line (columns |> Seq.map (fun c -> show (c.GetValue row)))
