namespace Hybrid.Data.Formats

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.Globalization
open System.IO
open System.Text
open Hybrid.Data

/// One column of a table. Exactly one of Values, Texts, Lists and TextLists is not null.
[<Sealed>]
type FitsColumn
    internal
    (
        name: string,
        unit': string,
        values: NdArray | null,
        texts: IReadOnlyList<string> | null,
        lists: IReadOnlyList<NdArray> | null,
        textLists: IReadOnlyList<IReadOnlyList<string>> | null
    ) =
    /// TTYPEn.
    member _.Name = name
    /// TUNITn, or an empty string.
    member _.Unit = unit'
    /// Numbers, logicals or bits: shape (rows) or (rows, values per row). TSCAL, TZERO and TNULL are applied. One rule for what is null,
    /// in numbers, logicals and ASCII tables: the values are doubles, NaN where they are null. A column with a TNULL is read so; whole
    /// numbers beyond 2⁵³ stay whole where none is null, and make the column unreadable where one is.
    member _.Values = values
    /// Character columns: a string a row, trailing blanks dropped; empty where it is null.
    member _.Texts = texts
    /// Columns of variable length: an array a row.
    member _.Lists = lists
    /// Columns of several strings a row.
    member _.TextLists = textLists

    static member internal OfValues(name, unit', values) = FitsColumn(name, unit', values, null, null, null)
    static member internal OfTexts(name, unit', texts) = FitsColumn(name, unit', null, texts, null, null)
    static member internal OfLists(name, unit', lists) = FitsColumn(name, unit', null, null, lists, null)
    static member internal OfTextLists(name, unit', lists) = FitsColumn(name, unit', null, null, null, lists)

/// A binary or ASCII table, read column by column.
[<Sealed>]
type FitsTable internal (hdu: FitsHdu, rows: int, columns: FitsColumn[], unread: ColumnProblem[], warnings: string[]) =
    let byName = Dictionary<string, FitsColumn>(StringComparer.OrdinalIgnoreCase)
    let several = HashSet<string>(StringComparer.OrdinalIgnoreCase)

    do
        for column in columns do
            if not (byName.TryAdd(column.Name, column)) then
                several.Add column.Name |> ignore

    member _.Header = hdu.Header
    member _.RowCount = rows
    /// The columns that could be read, in file order.
    member _.Columns: IReadOnlyList<FitsColumn> = columns
    /// The columns that could not, with the reason.
    member _.Unread: IReadOnlyList<ColumnProblem> = unread
    /// What was passed over in the header.
    member _.Warnings: IReadOnlyList<string> = warnings

    /// The column of that name, upper or lower case; KeyNotFoundException lists the names there are, InvalidDataException says why it could
    /// not be read.
    member _.Item
        with get (name: string): FitsColumn =
            let isNamed (problem: ColumnProblem) = String.Equals(problem.Name, name, StringComparison.OrdinalIgnoreCase)

            match byName.TryGetValue name, unread |> Array.tryFind isNamed with
            | (true, _), _ when several.Contains name ->
                let numbers =
                    columns |> Seq.indexed |> Seq.filter (fun (_, c) -> String.Equals(c.Name, name, StringComparison.OrdinalIgnoreCase))
                    |> Seq.map (fun (i, _) -> string (i + 1))
                    |> String.concat ", "

                raise (InvalidDataException $"{hdu.Subject}: expected one column '{name}', got columns {numbers} of that \
                    name: take them by their place in Columns")
            | (true, column), _ -> column
            | _, Some problem -> raise (InvalidDataException $"{hdu.Subject}, column '{problem.Name}': {problem.Reason}")
            | _ ->
                let names = String.Join(", ", columns |> Array.map _.Name)
                raise (KeyNotFoundException $"{hdu.Subject}: no column '{name}'; there are {names}.")

/// Binary tables, from their bytes: nothing of them is handed to native code.
[<RequireQualifiedAccess>]
module internal FitsBinaryTable =
    /// A column's place and form.
    type Field =
        { Number: int
          Name: string
          Unit: string
          Form: FitsForm
          Offset: int
          Width: int }

    let fail (reason: string) = raise (InvalidDataException reason)

    let nameOf (header: FitsHeader) (column: int) =
        match header.TextOr($"TTYPE{column}", "") with
        | "" -> $"column{column}"
        | name -> name

    let fieldCount (hdu: FitsHdu) : int =
        let count = hdu.Header.IntegerOr("TFIELDS", 0L)

        if count < 0L || count > 999L then
            fail $"{hdu.Subject}, keyword TFIELDS: expected 0 to 999, got {count}"

        int count

    let private fields (hdu: FitsHdu) (rowBytes: int64) : Field[] =
        let header = hdu.Header
        let mutable offset = 0L

        let found =
            [| for column in 1 .. fieldCount hdu do
                   let name = nameOf header column
                   let text = header.TextOr($"TFORM{column}", "")

                   match FitsForm.tryParse text with
                   | ValueNone ->
                       fail $"{hdu.Subject}, column '{name}': expected a form such as 1J or 20A, got TFORM{column} = '{text}'"
                   | ValueSome form ->
                       let width = FitsForm.width form

                       if width > rowBytes - offset then
                           let left = rowBytes - offset
                           fail $"{hdu.Subject}, column '{name}': TFORM{column} = '{text}' takes {width} bytes of a row, {left} of \
                               {rowBytes} are left"

                       { Number = column
                         Name = name
                         Unit = header.TextOr($"TUNIT{column}", "")
                         Form = form
                         Offset = int offset
                         Width = int width }

                       offset <- offset + width |]

        if offset <> rowBytes then
            fail $"{hdu.Subject}: the columns take {offset} bytes of a row, NAXIS1 says {rowBytes}"

        found

    /// A string of the file: what precedes a NUL, without trailing blanks.
    let private text (bytes: ReadOnlySpan<byte>) : string =
        let ending = bytes.IndexOf 0uy
        Encoding.Latin1.GetString(if ending < 0 then bytes else bytes.Slice(0, ending)).TrimEnd ' '

    let private shapeOf (rows: int) (repeat: int64) = if repeat = 1L then [| rows |] else [| rows; int repeat |]

    /// Flags, or 1, 0 and NaN where some are null.
    let private logicals (shape: int[]) (bytes: ReadOnlySpan<byte>) : NdArray =
        let mutable nulls = false

        for i in 0 .. bytes.Length - 1 do
            match bytes[i] with
            | 'T'B
            | 'F'B -> ()
            | 0uy
            | ' 'B -> nulls <- true
            | other -> fail $"value {i}: expected T, F or nothing, got the byte {other}"

        if nulls then
            let values = Array.zeroCreate<float> bytes.Length

            for i in 0 .. bytes.Length - 1 do
                values[i] <- (match bytes[i] with 'T'B -> 1.0 | 'F'B -> 0.0 | _ -> nan)

            NdArray<float>(shape, values)
        else
            let values = Array.zeroCreate<bool> bytes.Length

            for i in 0 .. bytes.Length - 1 do
                values[i] <- bytes[i] = 'T'B

            NdArray<bool>(shape, values)

    let private bits (shape: int[]) (rows: int) (perRow: int) (bytes: ReadOnlySpan<byte>) : NdArray =
        let width = (perRow + 7) / 8
        let values = Array.zeroCreate<bool> (rows * perRow)

        for row in 0 .. rows - 1 do
            for bit in 0 .. perRow - 1 do
                values[row * perRow + bit] <- bytes[row * width + bit / 8] &&& (0x80uy >>> (bit % 8)) <> 0uy

        NdArray<bool>(shape, values)

    let private scaled (header: FitsHeader) (field: Field) (code: char) (raw: NdArray) : NdArray =
        let n = field.Number

        match code with
        | 'C'
        | 'M' ->
            if header.RealOr($"TSCAL{n}", 1.0) <> 1.0 || header.RealOr($"TZERO{n}", 0.0) <> 0.0 then
                fail "scaled complex numbers are not read"

            raw
        | 'E'
        | 'D' -> FitsScaling.apply field.Name (FitsScaling.ofHeader header $"TSCAL{n}" $"TZERO{n}" "") false raw
        | _ -> FitsScaling.apply field.Name (FitsScaling.ofHeader header $"TSCAL{n}" $"TZERO{n}" $"TNULL{n}") false raw

    /// The lengths of a column's strings and how many stand in a row, from "rAw" or TDIM.
    let private strings (header: FitsHeader) (field: Field) : struct (int * int) =
        let repeat = int field.Form.Repeat
        let dimensions = header.TextOr($"TDIM{field.Number}", "").Trim()

        if dimensions <> "" then
            let parts = dimensions.Trim('(', ')').Split ',' |> Array.map (fun part -> Int32.TryParse(part.AsSpan().Trim()))
            let lengths = parts |> Array.map snd

            if parts |> Array.exists (fun (ok, n) -> not ok || n < 0) || Shape.count (Seq.map int64 lengths) > int64 repeat then
                fail $"expected TDIM{field.Number} to divide {repeat} characters, got '{dimensions}'"

            struct (lengths[0], lengths |> Array.skip 1 |> Array.fold (*) 1)
        else
            match Int32.TryParse field.Form.Rest with
            | true, length when length > 0 && length < repeat -> struct (length, repeat / length)
            | _ -> struct (repeat, 1)

    let private fixedColumn (hdu: FitsHdu) (rows: int) (field: Field) (cells: Array) : FitsColumn =
        let header = hdu.Header
        let shape = shapeOf rows field.Form.Repeat
        let bytes = match box cells with :? (byte[]) as all when field.Form.Code <> 'B' -> all | _ -> [||]

        match field.Form.Code with
        | 'L' -> FitsColumn.OfValues(field.Name, field.Unit, logicals shape (ReadOnlySpan bytes))
        | 'X' -> FitsColumn.OfValues(field.Name, field.Unit, bits shape rows (int field.Form.Repeat) (ReadOnlySpan bytes))
        | 'A' ->
            let struct (length, count) = strings header field
            let at row i = text (ReadOnlySpan(bytes, row * field.Width + i * length, length))

            if count = 1 then
                FitsColumn.OfTexts(field.Name, field.Unit, Array.init rows (fun row -> at row 0))
            else
                let lists = Array.init rows (fun row -> Array.init count (at row) :> IReadOnlyList<string>)
                FitsColumn.OfTextLists(field.Name, field.Unit, lists)
        | code ->
            let element = (NpyElement.tryCode (nonNull (FitsForm.number code))).Value
            FitsCells.Swap(cells, element)
            FitsColumn.OfValues(field.Name, field.Unit, scaled header field code (element.Wrap shape cells))

    /// Lists and texts of variable length, from the heap after the rows.
    let private variableColumn
        (source: FitsSource)
        (hdu: FitsHdu)
        (rows: int)
        (rowBytes: int64)
        (field: Field)
        (cells: byte[])
        : FitsColumn =
        let header = hdu.Header
        let heapAt = header.IntegerOr("THEAP", int64 rows * rowBytes)

        if heapAt < int64 rows * rowBytes || heapAt > hdu.DataLength then
            fail $"expected THEAP between {int64 rows * rowBytes} and {hdu.DataLength}, got {heapAt}"

        let heap = hdu.DataLength - heapAt
        let code = field.Form.Element
        let size = (FitsForm.elementBytes code).Value
        let mutable total = 0L

        /// Number of elements of a row and their bytes.
        let list (row: int) : struct (int * byte[]) =
            let cell = ReadOnlySpan(cells, row * field.Width, field.Width)
            let wide = field.Form.Code = 'Q'

            let count, place =
                if field.Width = 0 then 0L, 0L
                elif wide then BinaryPrimitives.ReadInt64BigEndian cell, BinaryPrimitives.ReadInt64BigEndian(cell.Slice 8)
                else int64 (BinaryPrimitives.ReadInt32BigEndian cell), int64 (BinaryPrimitives.ReadInt32BigEndian(cell.Slice 4))

            let bytes = if code = 'X' then (max 0L count + 7L) / 8L else Shape.count [ max 0L count; size ]

            if count < 0L || place < 0L || count > int64 Int32.MaxValue || bytes > heap || (bytes > 0L && place > heap - bytes) then
                fail $"row {row}: {count} value{Plural.s count} at byte {place} of the heap, outside of its {heap} bytes"

            total <- total + bytes

            // Rows may share bytes; that a small heap becomes a large table is damage.
            if total > 4L * heap + (1L <<< 20) then
                fail $"row {row}: the lists up to here have {total} bytes, the heap has {heap}: its descriptors are damaged"

            let content = GC.AllocateUninitializedArray<byte>(int bytes)

            if bytes > 0L then
                source.Read(content.AsSpan(), hdu.DataOffset + heapAt + place)

            struct (int count, content)

        match code with
        | 'A' ->
            let texts =
                Array.init rows (fun row ->
                    let struct (_, bytes) = list row
                    text (ReadOnlySpan bytes))

            FitsColumn.OfTexts(field.Name, field.Unit, texts)
        | _ ->
            let lists =
                Array.init rows (fun row ->
                    let struct (count, bytes) = list row

                    try
                        match code with
                        | 'L' -> logicals [| count |] (ReadOnlySpan bytes)
                        | 'X' -> bits [| count |] 1 count (ReadOnlySpan bytes)
                        | _ ->
                            let element = (NpyElement.tryCode (nonNull (FitsForm.number code))).Value
                            let values = element.Allocate count
                            FitsCells(values, bytes.Length).Put(0, ReadOnlySpan bytes)
                            FitsCells.Swap(values, element)
                            scaled header field code (element.Wrap [| count |] values)
                    with :? InvalidDataException as e ->
                        fail $"row {row}: {e.Message}")

            FitsColumn.OfLists(field.Name, field.Unit, lists)

    /// Each column, or why it cannot be read.
    let read (source: FitsSource) (hdu: FitsHdu) : Result<FitsColumn, ColumnProblem>[] =
        let header = hdu.Header
        let rowBytes = header.IntegerOr("NAXIS1", 0L)
        let rows = int (header.IntegerOr("NAXIS2", 0L))
        let fields = fields hdu rowBytes

        let cells =
            fields
            |> Array.map (fun field ->
                let bytes = int64 rows * int64 field.Width

                if bytes > int64 Array.MaxLength then
                    Error(ColumnProblem(field.Name, $"{rows} rows of {field.Width} bytes are more than one .NET array holds"))
                else
                    match FitsForm.number field.Form.Code with
                    | null -> Ok(FitsCells(Array.zeroCreate<byte> (int bytes), field.Width))
                    | code ->
                        let element = (NpyElement.tryCode code).Value
                        Ok(FitsCells(element.Allocate(int (bytes / int64 element.Size)), field.Width)))

        // The rows once, a megabyte at a time, their cells to the columns.
        let step = int (max 1L (min (int64 rows) ((1L <<< 20) / max 1L rowBytes)))
        let buffer = Array.zeroCreate<byte> (step * int rowBytes)
        let mutable first = 0

        while first < rows && rowBytes > 0L do
            let count = min step (rows - first)
            source.Read(Span(buffer, 0, count * int rowBytes), hdu.DataOffset + int64 first * rowBytes)

            for c in 0 .. fields.Length - 1 do
                match cells[c] with
                | Ok target when fields[c].Width > 0 ->
                    for r in 0 .. count - 1 do
                        target.Put(first + r, ReadOnlySpan(buffer, r * int rowBytes + fields[c].Offset, fields[c].Width))
                | _ -> ()

            first <- first + count

        Array.map2
            (fun field cells ->
                match cells with
                | Error problem -> Error problem
                | Ok(target: FitsCells) ->
                    try
                        match field.Form.Code with
                        | 'P'
                        | 'Q' when field.Form.Repeat <= 1L ->
                            Ok(variableColumn source hdu rows rowBytes field (unbox<byte[]> (box target.Values)))
                        | 'P'
                        | 'Q' -> fail $"expected at most one list a row, got {field.Form.Repeat}"
                        | _ -> Ok(fixedColumn hdu rows field target.Values)
                    with :? InvalidDataException as e ->
                        // FitsScaling names the column, which is said already.
                        Error(ColumnProblem(field.Name, BrokenFile.ReasonOf(field.Name, e))))
            fields
            cells

/// ASCII tables (FITS standard 4.0, section 7.2): fields of text at fixed places of a row.
[<RequireQualifiedAccess>]
module internal FitsAsciiTable =
    let private fail (reason: string) = FitsBinaryTable.fail reason

    /// What a column's texts become.
    [<Sealed>]
    type private Field(header: FitsHeader, column: int, rows: int, rowBytes: int) =
        let name = FitsBinaryTable.nameOf header column
        let form = header.TextOr($"TFORM{column}", "").Trim().ToUpperInvariant()
        let digits = form |> Seq.skip (min 1 form.Length) |> Seq.takeWhile Char.IsAsciiDigit |> Seq.toArray |> String

        let start, width, misplaced =
            let start = header.IntegerOr($"TBCOL{column}", 0L)

            match Int32.TryParse digits with
            | true, width when "AIFED".Contains form[0] && start >= 1L && width >= 1 && start - 1L <= int64 (rowBytes - width) ->
                int start - 1, width, ""
            | _ ->
                let place = $"expected a field within the {rowBytes} characters of a row"
                0, 0, $"{place}, got TBCOL{column} = {start}, TFORM{column} = '{form}'"

        let code = if form = "" then ' ' else form[0]

        /// Digits after the point where a number has none (deprecated, but in the standard).
        let decimals =
            match form.IndexOf '.' with
            | -1 -> 0
            | at ->
                match Int32.TryParse(form.AsSpan(at + 1)) with
                | true, n when n >= 0 && n < 300 -> n
                | _ -> 0

        let missing =
            match header.Find $"TNULL{column}" with
            | null -> null
            | found when found.Kind = FitsValueKind.Undefined && found.Text = "" -> null
            | found -> found.Text.Trim()

        let scale = header.RealOr($"TSCAL{column}", 1.0)
        let zero = header.RealOr($"TZERO{column}", 0.0)
        let texts = if code = 'A' && misplaced = "" then Array.zeroCreate<string> rows else [||]
        let integers = if code = 'I' && misplaced = "" then Array.zeroCreate<int64> rows else [||]
        let reals = if code <> 'A' && code <> 'I' && misplaced = "" then Array.zeroCreate<float> rows else [||]
        let nulls = HashSet<int>()
        // Why the column cannot be read; empty as long as it can.
        let mutable problem = misplaced

        let real (row: int) (text: string) : float =
            let exponent = text.ToUpperInvariant().Replace('D', 'E')
            // Fortran reads 1.5+3 as 1.5E+3.
            let sign = exponent.AsSpan(1).LastIndexOfAny('+', '-') + 1
            let isBare = sign > 0 && (Char.IsAsciiDigit exponent[sign - 1] || exponent[sign - 1] = '.')
            let exponent = if isBare then exponent.Insert(sign, "E") else exponent
            let isNumber = exponent.AsSpan().IndexOfAnyExcept("0123456789+-.E") < 0

            match isNumber, Double.TryParse(exponent, NumberStyles.Float, CultureInfo.InvariantCulture) with
            | true, (true, value) when Double.IsFinite value ->
                if decimals > 0 && not (text.Contains '.') then
                    let mantissa = exponent.Split('E')[0]
                    let power = if exponent.Contains 'E' then int (exponent.Split('E')[1]) else 0
                    Double.Parse($"{mantissa}E{power - decimals}", CultureInfo.InvariantCulture)
                else
                    value
            | _ -> fail $"row {row}: expected a number, got '{text}'"

        member _.Name = name

        /// Takes a row's characters.
        member _.Put(row: int, line: ReadOnlySpan<byte>) : unit =
            if problem = "" then
                let text = Encoding.Latin1.GetString(line.Slice(start, width))
                let content = text.Trim([| ' '; '\000' |])
                let isNull = (match missing with null -> false | wanted -> content = wanted)

                try
                    match code with
                    | 'A' -> texts[row] <- if isNull then "" else text.TrimEnd([| ' '; '\000' |])
                    | _ when isNull ->
                        nulls.Add row |> ignore
                        if code <> 'I' then reals[row] <- nan
                    // The standard: a blank field has the value 0.
                    | _ when content = "" -> ()
                    | 'I' ->
                        match Int64.TryParse(content, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) with
                        | true, value -> integers[row] <- value
                        | _ -> fail $"row {row}: expected a whole number, got '{content}'"
                    | _ -> reals[row] <- real row content
                with :? InvalidDataException as e ->
                    problem <- e.Message

        member _.Column() : Result<FitsColumn, ColumnProblem> =
            let unit' = header.TextOr($"TUNIT{column}", "")
            let values (array: NdArray) = Ok(FitsColumn.OfValues(name, unit', array))

            match problem with
            | "" ->
                try
                    match code with
                    | 'A' -> Ok(FitsColumn.OfTexts(name, unit', texts))
                    | 'I' ->
                        let scaling = { Scale = scale; Zero = zero; Null = ValueNone }

                        let raw: NdArray =
                            if width <= 4 then NdArray<int16>([| rows |], integers |> Array.map int16)
                            elif width <= 9 then NdArray<int32>([| rows |], integers |> Array.map int32)
                            else NdArray<int64>([| rows |], integers)

                        let whole = FitsScaling.apply name scaling false raw

                        if isNull missing then
                            values whole
                        else
                            let isLarge (v: int64) = int64 (float v) <> v || v = Int64.MaxValue

                            match integers |> Array.tryFind isLarge with
                            | Some _ when nulls.Count = 0 -> values whole
                            | Some large -> fail $"expected whole numbers up to 2⁵³ beside nulls, which make them doubles, got {large}"
                            | None ->
                                let doubles = whole.ToDoubles() |> Array.copy

                                for row in nulls do
                                    doubles[row] <- nan

                                values (NdArray<float>([| rows |], doubles))
                    | _ ->
                        let isScaled = scale <> 1.0 || zero <> 0.0
                        values (NdArray<float>([| rows |], (if isScaled then reals |> Array.map (fun v -> v * scale + zero) else reals)))
                with :? InvalidDataException as e ->
                    Error(ColumnProblem(name, BrokenFile.ReasonOf(name, e)))
            | reason -> Error(ColumnProblem(name, reason))

    /// Each column, or why it cannot be read.
    let read (source: FitsSource) (hdu: FitsHdu) : Result<FitsColumn, ColumnProblem>[] =
        let header = hdu.Header
        let rowBytes = int (header.IntegerOr("NAXIS1", 0L))
        let rows = int (header.IntegerOr("NAXIS2", 0L))

        let fields =
            [| for column in 1 .. FitsBinaryTable.fieldCount hdu ->
                   try
                       Ok(Field(header, column, rows, rowBytes))
                   with :? InvalidDataException as e ->
                       Error(ColumnProblem(FitsBinaryTable.nameOf header column, BrokenFile.ReasonOf(hdu.Subject, e))) |]

        // The rows once, a megabyte at a time.
        let step = int (max 1L (min (int64 rows) ((1L <<< 20) / max 1L (int64 rowBytes))))
        let buffer = Array.zeroCreate<byte> (step * rowBytes)
        let mutable first = 0

        while first < rows && rowBytes > 0 do
            let count = min step (rows - first)
            source.Read(Span(buffer, 0, count * rowBytes), hdu.DataOffset + int64 first * int64 rowBytes)

            for field in fields do
                match field with
                | Ok field ->
                    for r in 0 .. count - 1 do
                        field.Put(first + r, ReadOnlySpan(buffer, r * rowBytes, rowBytes))
                | Error _ -> ()

            first <- first + count

        fields |> Array.map (Result.bind _.Column())

/// Tables, by the kind of HDU.
[<RequireQualifiedAccess>]
module internal FitsTableReader =
    /// Reads all columns of a table whose structure has been checked against the file's length.
    let readAll (source: FitsSource) (hdu: FitsHdu) (warnings: string list) : FitsTable =
        let read = if hdu.Kind = FitsHduKind.AsciiTable then FitsAsciiTable.read source hdu else FitsBinaryTable.read source hdu
        let columns = read |> Array.choose (function Ok column -> Some column | Error _ -> None)
        let unread = read |> Array.choose (function Error problem -> Some problem | Ok _ -> None)
        FitsTable(hdu, int (hdu.Header.IntegerOr("NAXIS2", 0L)), columns, unread, List.toArray (hdu.Notes @ warnings))
