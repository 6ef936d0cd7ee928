namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open System.IO.Compression
open System.Runtime.InteropServices
open System.Text

/// How a catalogue's text is divided.
type CatalogueLayout =
    /// Comma-separated values (RFC 4180): quotes, doubled quotes, line breaks inside quotes.
    | Csv = 0
    /// Columns divided by any run of blanks; lines that begin with # are comments.
    | Blanks = 1

/// A table of text: a CSV catalogue or columns divided by blanks, plain or .gz. Numbers are read from it column by column,
/// with errors that name file, line and column.
[<Sealed>]
type Catalogue private (path: string, names: string[], rows: string[][], lines: int[]) =
    let column (name: string) =
        match Array.IndexOf(names, name) with
        | -1 ->
            let known = String.Join(", ", names |> Array.map (fun n -> $"'{n}'"))
            raise (KeyNotFoundException $"{path}: no column '{name}'; there are {known}.")
        | i -> i

    let fail (row: int) (name: string) (wanted: string) (got: string) =
        raise (InvalidDataException $"{path}, line {lines[row]}, column '{name}': expected {wanted}, got '{got}'")

    static let readAll (path: string) : string =
        use file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read)
        let first = file.ReadByte()
        let second = file.ReadByte()
        file.Position <- 0L

        let decode (stream: Stream) =
            use reader = new StreamReader(stream, UTF8Encoding(false, true), true)
            reader.ReadToEnd()

        try
            if first = 0x1F && second = 0x8B then
                use content = new GZipStream(file, CompressionMode.Decompress)
                decode content
            else
                decode file
        with
        | :? DecoderFallbackException as e -> raise (InvalidDataException($"{path}: not UTF-8 text: {e.Message}", e))
        | :? InvalidDataException as e -> raise (InvalidDataException($"{path}: damaged .gz: {e.Message}", e))

    static let splitBlanks (text: string) : (string[] * int) list =
        text.Split([| "\r\n"; "\n"; "\r" |], StringSplitOptions.None)
        |> Seq.mapi (fun i line -> line.Split([| ' '; '\t' |], StringSplitOptions.RemoveEmptyEntries), i + 1)
        |> Seq.filter (fun (fields, _) -> fields.Length > 0 && fields[0][0] <> '#')
        |> List.ofSeq

    /// Reads a catalogue. `names` are the columns' names where the file has no header line; null takes its first line.
    /// Throws InvalidDataException with the line whose number of columns differs.
    static member Read
        (
            path: string,
            [<Optional; DefaultParameterValue(CatalogueLayout.Csv)>] layout: CatalogueLayout,
            [<Optional; DefaultParameterValue(null: IReadOnlyList<string> | null)>] names: IReadOnlyList<string> | null
        ) : Catalogue =
        let text = readAll path

        let records =
            match layout with
            | CatalogueLayout.Blanks -> splitBlanks text
            | _ -> CsvRecords.Split(path, text)

        let header, body =
            match names, records with
            | null, [] -> raise (InvalidDataException $"{path}: the file is empty; expected a header line")
            | null, (first, _) :: rest -> first, rest
            | given, all -> Seq.toArray (nonNull given), all

        for fields, line in body do
            if fields.Length <> header.Length then
                raise (InvalidDataException $"{path}, line {line}: expected {header.Length} columns, got {fields.Length}")

        Catalogue(path, header, body |> List.map fst |> Array.ofList, body |> List.map snd |> Array.ofList)

    /// Reads numbers divided by blanks or commas, without a header: as (rows, columns). Every line has as many as the first.
    static member ReadMatrix(path: string, [<Optional; DefaultParameterValue(CatalogueLayout.Blanks)>] layout: CatalogueLayout) : NdArray<float> =
        let text = readAll path

        let records =
            match layout with
            | CatalogueLayout.Blanks -> splitBlanks text
            | _ -> CsvRecords.Split(path, text)

        let width = match records with [] -> 0 | (first, _) :: _ -> first.Length
        let names = Array.init width (fun i -> string (i + 1))

        for fields, line in records do
            if fields.Length <> width then
                raise (InvalidDataException $"{path}, line {line}: expected {width} columns, got {fields.Length}")

        let table = Catalogue(path, names, records |> List.map fst |> Array.ofList, records |> List.map snd |> Array.ofList)
        let columns = names |> Array.map table.Reals
        NdArray<float>([| table.Count; width |], [| for row in 0 .. table.Count - 1 do for c in columns -> c[row] |])

    member _.Path = path
    /// The columns' names in file order.
    member _.Names: IReadOnlyList<string> = names
    /// Number of rows.
    member _.Count = rows.Length
    /// The line of the file that a row begins at, from 1.
    member _.LineOf(row: int) = lines[row]

    member _.Texts(name: string) : string[] =
        let c = column name
        rows |> Array.map (fun row -> row[c])

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

        rows
        |> Array.mapi (fun i row ->
            match Double.TryParse(row[c], NumberStyles.Float, CultureInfo.InvariantCulture) with
            | true, value when Double.IsFinite value && value >= minimum && value <= maximum -> value
            | _ -> fail i name wanted row[c])

    /// A column of integers.
    member _.Integers(name: string) : int64[] =
        let c = column name

        rows
        |> Array.mapi (fun i row ->
            match Int64.TryParse(row[c], NumberStyles.AllowLeadingSign ||| NumberStyles.AllowLeadingWhite ||| NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) with
            | true, value -> value
            | _ -> fail i name "an integer" row[c])

    /// Writes columns as CSV, quoting where it is needed; numbers so that they read back as they are.
    static member Write(path: string, names: IReadOnlyList<string>, columns: IReadOnlyList<Array>) : unit =
        if names.Count = 0 || names.Count <> columns.Count then
            raise (ArgumentException($"expected as many names as columns, at least one, got {names.Count} and {columns.Count}.", nameof columns))

        let count = columns[0].Length

        for c in 0 .. columns.Count - 1 do
            if columns[c].Length <> count then
                raise (ArgumentException($"column '{names[c]}' has {columns[c].Length} rows, '{names[0]}' has {count}.", nameof columns))

        let quote (text: string) =
            if text.AsSpan().IndexOfAny(",\"\r\n") >= 0 then "\"" + text.Replace("\"", "\"\"") + "\"" else text

        let show (value: obj | null) =
            match value with
            | null -> ""
            | :? string as text -> quote text
            | :? IFormattable as number -> number.ToString(null, CultureInfo.InvariantCulture)
            | other -> quote (string other)

        WholeFile.Write(
            path,
            fun stream ->
                use writer = new StreamWriter(stream, UTF8Encoding false)
                writer.NewLine <- "\n"
                writer.WriteLine(String.Join(",", names |> Seq.map quote))

                for row in 0 .. count - 1 do
                    writer.WriteLine(String.Join(",", columns |> Seq.map (fun c -> show (c.GetValue row))))
        )
