namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.IO
open System.Text
open nietras.SeparatedValues

/// Comma-separated values (RFC 4180). Sep divides the text into lines and columns; quotations are put together here, since a quote
/// within a field (5" telescope) is a character like others and only one at a field's start opens a quotation.
[<Sealed>]
type internal CsvRecords private (path: string, text: string) =
    static let options =
        SepReaderOptions(Sep ',', HasHeader = false, DisableColCountCheck = true, DisableQuotesParsing = true)

    let records = List<struct (string[] * int)>()
    let fields = List<string>()
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

            fields.Add(quoted.ToString())
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
                fields.Add(part.ToString())

        at <- at + row.Span.Length
        let ending = lineEnd at
        at <- at + ending.Length

        if inQuotes then
            quoted.Append ending |> ignore
        else
            // A blank line is not a record.
            if fields.Count > 1 || fields[0] <> "" then
                records.Add(struct (fields.ToArray(), start))

            fields.Clear()

    member private this.Read() : (string[] * int) list =
        skipComments ()
        use reader = options.FromText(text.Substring at)

        try
            while reader.MoveNext() do
                this.Line reader.Current
        with :? NotSupportedException as e ->
            raise (InvalidDataException($"{path}, line {line + 1}: expected a line of at most 16777216 characters, got a longer one", e))

        if inQuotes then
            raise (InvalidDataException $"{path}, line {opened}: a quotation is not closed")

        [ for struct (record, first) in records -> record, first ]

    /// The records of a text with the line that each begins at, from 1. Lines end with LF, CR LF or CR. Throws InvalidDataException with
    /// path and line.
    static member Split(path: string, text: string) : (string[] * int) list = CsvRecords(path, text).Read()
