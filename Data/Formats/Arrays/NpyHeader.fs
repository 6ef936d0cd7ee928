namespace Hybrid.Data.Formats

open System
open System.IO
open System.Text

/// What precedes the values of an npy file, by numpy's specification (NEP 1; numpy/lib/format.py, versions 1.0, 2.0 and 3.0):
/// the magic "\x93NUMPY", two version bytes, the header's length (uint16, from 2.0 on uint32), and a Python dictionary literal.
[<NoComparison>]
type internal NpyHeader =
    { Element: NpyElement
      BigEndian: bool
      Fortran: bool
      Shape: int[]
      /// Where the values begin, bytes from the start.
      DataOffset: int }

/// Errors for arrays that are whole and hold something else than numbers: text, objects, dates, named fields.
[<RequireQualifiedAccess>]
module internal UnreadDtype =
    let private mark = "hybrid.unread"

    let error (message: string) : exn =
        let e = InvalidDataException message
        e.Data[mark] <- true
        e

    let isOne (e: exn) = e.Data.Contains mark

[<RequireQualifiedAccess>]
module internal NpyHeader =
    [<Literal>]
    let MaximumLength = 1_048_576

    let private magic = [| 0x93uy; yield! "NUMPY"B |]

    /// Whether a file that begins so is an npy file.
    let isStart (head: ReadOnlySpan<byte>) = head.StartsWith(ReadOnlySpan magic)

    let private fail (path: string) (offset: int) (message: string) =
        raise (InvalidDataException $"{path}, byte {offset}: {message}")

    /// A reader of the few Python literals that a header may hold.
    [<Sealed>]
    type private Literals(path: string, start: int, text: string) =
        let mutable position = 0

        member _.Fail(message: string) : 'a = fail path (start + position) message

        /// For what is whole, and not read here.
        member _.Refuse(message: string) : 'a = raise (UnreadDtype.error $"{path}, byte {start + position}: {message}")

        member private _.Skip() =
            while position < text.Length && Char.IsWhiteSpace text[position] do
                position <- position + 1

        /// The next character that is not blank, or NUL at the end.
        member this.Peek() =
            this.Skip()
            if position < text.Length then text[position] else '\000'

        member this.Take(wanted: char) =
            if this.Peek() <> wanted then
                let got = if position < text.Length then $"'{text[position]}'" else "the end"
                this.Fail $"header: expected '{wanted}', got {got} in {text.TrimEnd()}"

            position <- position + 1

        member this.TryTake(wanted: char) =
            let found = this.Peek() = wanted

            if found then
                position <- position + 1

            found

        member this.Text() =
            let quote = this.Peek()

            if quote <> '\'' && quote <> '"' then
                this.Fail $"header: expected a quoted name in {text.TrimEnd()}"

            let last = text.IndexOf(quote, position + 1)

            if last < 0 then
                this.Fail "header: a quotation is not closed"

            let value = text.Substring(position + 1, last - position - 1)
            position <- last + 1
            value

        member this.Truth() =
            this.Skip()

            let starts (word: string) =
                String.CompareOrdinal(text, position, word, 0, word.Length) = 0

            if starts "True" then
                position <- position + 4
                true
            elif starts "False" then
                position <- position + 5
                false
            else
                this.Fail "header, 'fortran_order': expected True or False"

        member this.Length() =
            this.Skip()
            let first = position

            while position < text.Length && Char.IsAsciiDigit text[position] do
                position <- position + 1

            let digits = text.Substring(first, position - first)
            // Python 2 wrote long integers with an L.
            if position < text.Length && text[position] = 'L' then
                position <- position + 1

            match Int32.TryParse digits with
            | true, value when digits.Length = 1 || digits[0] <> '0' -> value
            | _ ->
                position <- first
                this.Fail $"header, 'shape': expected an axis length in [0, {Int32.MaxValue}], got '{digits}'"

        member this.Shape() =
            this.Take '('
            let lengths = ResizeArray<int>()

            while this.Peek() <> ')' do
                lengths.Add(this.Length())

                if this.Peek() <> ')' then
                    this.Take ','

            this.Take ')'
            lengths.ToArray()

        member this.End() =
            if this.Peek() <> '\000' then
                this.Fail "header: text after the dictionary"

    let private dtype (literals: Literals) =
        if literals.Peek() = '[' then
            literals.Refuse
                "header, 'descr': the dtype has named fields; only arrays of one number type are read. Save each field as an array of its \
                    own"

        let descr = literals.Text()

        let order, code =
            match descr with
            | "" -> ' ', ""
            | _ when "<>|=".Contains descr[0] -> descr[0], descr.Substring 1
            | _ -> ' ', descr

        // Without a byte order, or with '=', it is the writer's own, for numpy and here that of this machine.
        match NpyElement.tryName code with
        | ValueSome element -> element, (order = '>' && BitConverter.IsLittleEndian)
        | ValueNone ->
            let reason =
                if code.StartsWith 'O' then
                    "Python objects, which only unpickling can restore, and that may run any code"
                elif code.StartsWith 'U' || code.StartsWith 'S' || code.StartsWith 'a' then
                    "text"
                elif code.StartsWith 'M' || code.StartsWith 'm' then
                    "dates; save them as numbers"
                else
                    "no number type known here"

            let known = String.Join(' ', NpyElement.codes)
            literals.Refuse $"header, 'descr': expected a byte order and one of {known}, got '{descr}': {reason}"

    /// Parses the header from the first bytes of a file. `available` holds at least the whole header, or all of a shorter file.
    let parse (path: string) (available: ReadOnlySpan<byte>) : NpyHeader =
        if available.Length < 10 then
            fail path available.Length $"the file ends within the npy header, after {available.Length} bytes"

        if not (available.Slice(0, 6).SequenceEqual(ReadOnlySpan magic)) then
            fail
                path
                0
                $"not an npy file: expected it to begin with 93 4E 55 4D 50 59, got {Convert.ToHexString(available.Slice(0, 6))}"

        let version = int available[6]

        if version < 1 || version > 3 || available[7] <> 0uy then
            fail path 6 $"npy version {version}.{int available[7]} is not known; expected 1.0, 2.0 or 3.0"

        let start, length =
            if version = 1 then
                10, int64 (BitConverter.ToUInt16(available.Slice 8))
            elif available.Length < 12 then
                fail path available.Length $"the file ends within the npy header, after {available.Length} bytes"
            else
                12, int64 (BitConverter.ToUInt32(available.Slice 8))

        if length > int64 MaximumLength then
            fail path 8 $"the header claims {length} bytes; more than {MaximumLength} is taken for damage"

        if int64 available.Length < int64 start + length then
            fail
                path
                available.Length
                $"the file ends within the npy header, which needs {int64 start + length} bytes"

        let body = available.Slice(start, int length)
        let encoding = if version = 3 then Encoding.UTF8 else Encoding.Latin1
        let literals = Literals(path, start, encoding.GetString body)
        let mutable element = ValueNone
        let mutable fortran = ValueNone
        let mutable shape = ValueNone
        literals.Take '{'

        while literals.Peek() <> '}' do
            let key = literals.Text()
            literals.Take ':'

            match key with
            | "descr" when element.IsNone -> element <- ValueSome(dtype literals)
            | "fortran_order" when fortran.IsNone -> fortran <- ValueSome(literals.Truth())
            | "shape" when shape.IsNone -> shape <- ValueSome(literals.Shape())
            | _ ->
                literals.Fail
                    $"header: expected the keys 'descr', 'fortran_order' and 'shape' once each, got '{key}'"

            if literals.Peek() <> '}' then
                literals.Take ','

        literals.Take '}'
        literals.End()

        match element, fortran, shape with
        | ValueSome(element, big), ValueSome fortran, ValueSome shape ->
            { Element = element
              BigEndian = big
              Fortran = fortran
              Shape = shape
              DataOffset = start + int length }
        | _ -> literals.Fail "header: expected the keys 'descr', 'fortran_order' and 'shape' once each; one is missing"

    /// Bytes of the values, or Int64.MaxValue where the product does not fit.
    let dataLength (header: NpyHeader) =
        let count = Shape.count (Seq.map int64 header.Shape)

        if count > Int64.MaxValue / int64 header.Element.Size then
            Int64.MaxValue
        else
            count * int64 header.Element.Size

    /// The header that numpy writes: version 1.0 (2.0 where it is too long), padded to a multiple of 64 bytes.
    let format (element: NpyElement) (shape: seq<int>) : byte[] =
        let order = if element.Size = 1 then '|' else '<'

        let text =
            $"{{'descr': '{order}{element.Code}', 'fortran_order': False, 'shape': {Shape.describe shape}, }}"

        let prefix = if text.Length + 64 > int UInt16.MaxValue then 12 else 10
        let total = (prefix + text.Length + 1 + 63) / 64 * 64
        let bytes = Array.create total (byte ' ')
        magic.CopyTo(bytes, 0)
        bytes[6] <- if prefix = 10 then 1uy else 2uy
        bytes[7] <- 0uy

        if prefix = 10 then
            BitConverter.TryWriteBytes(bytes.AsSpan 8, uint16 (total - prefix)) |> ignore
        else
            BitConverter.TryWriteBytes(bytes.AsSpan 8, uint32 (total - prefix)) |> ignore

        Encoding.ASCII.GetBytes(text, 0, text.Length, bytes, prefix) |> ignore
        bytes[total - 1] <- byte '\n'
        bytes
