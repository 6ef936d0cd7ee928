namespace Hybrid.Data.Formats

open System
open System.Runtime.InteropServices

/// The form of a binary table's column, from its TFORM (FITS standard 4.0, table 18).
type internal FitsForm =
    { /// Values a row, or for P and Q the number of descriptors.
      Repeat: int64
      Code: char
      /// What the descriptors of P and Q point to; a blank otherwise.
      Element: char
      /// What follows the code, such as the length of the strings of "60A12".
      Rest: string }

[<RequireQualifiedAccess>]
module internal FitsForm =
    /// Bytes of one value; X counts bits, eight a byte.
    let elementBytes (code: char) : int64 voption =
        match code with
        | 'L'
        | 'B'
        | 'A'
        | 'X' -> ValueSome 1L
        | 'I' -> ValueSome 2L
        | 'J'
        | 'E' -> ValueSome 4L
        | 'K'
        | 'D'
        | 'C'
        | 'P' -> ValueSome 8L
        | 'M'
        | 'Q' -> ValueSome 16L
        | _ -> ValueNone

    let tryParse (text: string) : FitsForm voption =
        let form = text.Trim().ToUpperInvariant()
        let digits = form |> Seq.takeWhile Char.IsAsciiDigit |> Seq.length

        if digits = form.Length || digits > 9 || (elementBytes form[digits]).IsNone then
            ValueNone
        else
            let rest = form.Substring(digits + 1)
            let isPointer = form[digits] = 'P' || form[digits] = 'Q'

            if isPointer && (rest = "" || (elementBytes rest[0]).IsNone || rest[0] = 'P' || rest[0] = 'Q') then
                ValueNone
            else
                ValueSome
                    { Repeat = (if digits = 0 then 1L else Int64.Parse(form.AsSpan(0, digits)))
                      Code = form[digits]
                      Element = (if isPointer then rest[0] else ' ')
                      Rest = (if isPointer then rest.Substring 1 else rest) }

    /// Bytes that the column takes in a row.
    let width (form: FitsForm) : int64 =
        if form.Code = 'X' then (form.Repeat + 7L) / 8L else form.Repeat * (elementBytes form.Code).Value

    /// The number type of a code as numpy names it; null for texts, flags, bits and descriptors.
    let number (code: char) : string | null =
        match code with
        | 'B' -> "u1"
        | 'I' -> "i2"
        | 'J' -> "i4"
        | 'K' -> "i8"
        | 'E' -> "f4"
        | 'D' -> "f8"
        | 'C' -> "c8"
        | 'M' -> "c16"
        | _ -> null

/// The bytes of one column, row after row, in the memory of the array that its values get.
[<Sealed>]
type internal FitsCells(values: Array, width: int) =
    /// Takes the bytes of a row, as they are in the file.
    member _.Put(row: int, bytes: ReadOnlySpan<byte>) : unit =
        let all = MemoryMarshal.CreateSpan(&MemoryMarshal.GetArrayDataReference values, Buffer.ByteLength values)
        bytes.CopyTo(all.Slice(row * width, width))

    member _.Values = values

    /// Puts big-endian values into this machine's byte order.
    static member Swap(values: Array, element: NpyElement) : unit =
        NpyValues.pieces values element.Size (ReadInto(fun piece -> NpyElement.reverse element piece))
