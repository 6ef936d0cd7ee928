namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.IO
open System.Text
open nietras.SeparatedValues

/// The records of a table of text: their fields one after another, where each record begins among them, and the line that it begins at.
[<Sealed>]
type internal TextRecords() =
    let fields = List<string>()
    let starts = List<int>([ 0 ])
    let lines = List<int>()
    // The same short texts come again and again: one string for them.
    let known = Array.create<string> 4096 ""

    /// The text of a field.
    member _.TextOf(part: ReadOnlySpan<char>) : string =
        if part.Length = 0 then
            ""
        elif part.Length > 24 then
            part.ToString()
        else
            let slot = String.GetHashCode part &&& 4095

            if not (part.SequenceEqual(known[slot].AsSpan())) then
                known[slot] <- part.ToString()

            known[slot]

    member _.Add(field: string) : unit = fields.Add field
    /// Fields of the record that is not yet ended.
    member _.Open = fields.Count - starts[starts.Count - 1]

    /// Ends the record of the fields added since the one before.
    member _.End(line: int) : unit =
        starts.Add fields.Count
        lines.Add line

    /// Drops the fields added since the record before.
    member _.Drop() : unit =
        let start = starts[starts.Count - 1]
        fields.RemoveRange(start, fields.Count - start)

    member _.Count = lines.Count
    member _.Line(record: int) = lines[record]
    member _.Length(record: int) = starts[record + 1] - starts[record]
    /// Also of the record that is not yet ended.
    member _.Field(record: int, column: int) = fields[starts[record] + column]
    member this.Record(record: int) : string[] = Array.init (this.Length record) (fun column -> this.Field(record, column))

    /// Columns divided by any run of blanks; lines that begin with # are comments.
    static member SplitBlanks(text: string) : TextRecords =
        let records = TextRecords()
        let mutable line = 1
        let mutable at = 0
        let isBreak c = c = '\r' || c = '\n'

        while at < text.Length do
            let mutable isComment = false

            while at < text.Length && not (isBreak text[at]) do
                if text[at] = ' ' || text[at] = '\t' then
                    at <- at + 1
                else
                    let start = at

                    while at < text.Length && not (isBreak text[at]) && text[at] <> ' ' && text[at] <> '\t' do
                        at <- at + 1

                    isComment <- isComment || (records.Open = 0 && text[start] = '#')

                    if not isComment then
                        records.Add(records.TextOf(text.AsSpan(start, at - start)))

            if records.Open > 0 then
                records.End line

            line <- line + 1
            at <- at + (if at + 1 < text.Length && text[at] = '\r' && text[at + 1] = '\n' then 2 else 1)

        records

/// Comma-separated values (RFC 4180). Sep divides the text into lines and columns; quotations are put together here, since a quote
/// within a field (5" telescope) is a character like others and only one at a field's start opens a quotation.
[<Sealed>]
type internal CsvRecords private (path: string, text: string) =
    static let options =
        SepReaderOptions(Sep ',', HasHeader = false, DisableColCountCheck = true, DisableQuotesParsing = true)

    let records = TextRecords()
    let quoted = StringBuilder()
    let mutable inQuotes = false
    // Lines on which the open quotation, the record and the present line stand.
    let mutable opened = 0
    let mutable start = 1
    let mutable line = 0
    // Place in the text after the lines read.
    let mutable at = 0

    /// What ends the line at a place.
    let lineEnd (place: int) : string =
        if place >= text.Length then ""
        elif text[place] = '\r' && place + 1 < text.Length && text[place + 1] = '\n' then "\r\n"
        else string text[place]

    /// Lines that begin with # may stand before the header, as in the catalogue of lens challenge II.
    let skipComments () =
        while at < text.Length && text[at] = '#' do
            let stop = text.IndexOfAny([| '\r'; '\n' |], at)
            at <- if stop < 0 then text.Length else stop + (lineEnd stop).Length
            line <- line + 1

    /// Takes what follows a quotation's beginning, up to its end if that is here.
    member private _.Quotation(part: ReadOnlySpan<char>) : unit =
        let mutable rest = part

        while inQuotes && rest.Length > 0 do
            match rest.IndexOf '"' with
            | -1 ->
                quoted.Append rest |> ignore
                rest <- ReadOnlySpan()
            | i when i + 1 < rest.Length && rest[i + 1] = '"' ->
                quoted.Append(rest.Slice(0, i + 1)) |> ignore
                rest <- rest.Slice(i + 2)
            | i ->
                quoted.Append(rest.Slice(0, i)) |> ignore
                inQuotes <- false
                rest <- rest.Slice(i + 1)

        if not inQuotes then
            if rest.Length > 0 then
                raise (InvalidDataException $"{path}, line {line}: expected a comma after the closing quote, got '{rest[0]}'")

            records.Add(quoted.ToString())
            quoted.Clear() |> ignore

    member private this.Line(row: SepReader.Row) : unit =
        line <- line + 1

        if not inQuotes then
            start <- line

        for c in 0 .. row.ColCount - 1 do
            let part = row[c].Span

            if inQuotes then
                if c > 0 then
                    quoted.Append ',' |> ignore

                this.Quotation part
            elif part.Length > 0 && part[0] = '"' then
                inQuotes <- true
                opened <- line
                this.Quotation(part.Slice 1)
            else
                records.Add(records.TextOf part)

        at <- at + row.Span.Length
        let ending = lineEnd at
        at <- at + ending.Length

        if inQuotes then
            quoted.Append ending |> ignore
        else
            // A blank line is not a record.
            if records.Open > 1 || records.Field(records.Count, 0) <> "" then
                records.End start
            else
                records.Drop()

    member private this.Read() : TextRecords =
        skipComments ()
        use reader = options.FromText(text.Substring at)

        try
            while reader.MoveNext() do
                this.Line reader.Current
        with :? NotSupportedException as e ->
            raise (InvalidDataException($"{path}, line {line + 1}: expected a line of at most 16777216 characters, got a longer one", e))

        if inQuotes then
            raise (InvalidDataException $"{path}, line {opened}: a quotation is not closed")

        records

    /// The records of a text. Lines end with LF, CR LF or CR. Throws InvalidDataException with path and line.
    static member Parse(path: string, text: string) : TextRecords = CsvRecords(path, text).Read()

    /// The records with the line that each begins at, from 1.
    static member Split(path: string, text: string) : (string[] * int) list =
        let records = CsvRecords.Parse(path, text)
        List.init records.Count (fun i -> records.Record i, records.Line i)
