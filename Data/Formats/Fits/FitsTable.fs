namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.IO
open System.Runtime.InteropServices
open System.Text

/// One column of a table. Exactly one of Values, Texts and Lists is not null.
[<Sealed>]
type FitsColumn internal (name: string, unit': string, values: NdArray | null, texts: IReadOnlyList<string> | null, lists: IReadOnlyList<NdArray> | null) =
    /// TTYPEn.
    member _.Name = name
    /// TUNITn, or an empty string.
    member _.Unit = unit'
    /// Numbers, logicals or bits: shape (rows) or (rows, values per row). TSCAL, TZERO and TNULL are applied: with a TNULL
    /// the values are doubles and NaN where they are null.
    member _.Values = values
    /// Character columns: a string a row, trailing blanks dropped.
    member _.Texts = texts
    /// Columns of variable length: an array a row.
    member _.Lists = lists

/// A binary or ASCII table, read column by column.
[<Sealed>]
type FitsTable internal (hdu: FitsHdu, rows: int, columns: FitsColumn[]) =
    let byName = Dictionary<string, FitsColumn>(StringComparer.OrdinalIgnoreCase)

    do
        for column in columns do
            byName.TryAdd(column.Name, column) |> ignore

    member _.Header = hdu.Header
    member _.RowCount = rows
    member _.Columns: IReadOnlyList<FitsColumn> = columns

    /// The column of that name, upper or lower case; KeyNotFoundException lists the names there are.
    member _.Item
        with get (name: string): FitsColumn =
            match byName.TryGetValue name with
            | true, column -> column
            | _ ->
                let names = String.Join(", ", columns |> Array.map _.Name)
                raise (KeyNotFoundException $"{hdu.Subject}: no column '{name}'; there are {names}.")

[<RequireQualifiedAccess>]
module internal FitsTableReader =
    /// Reads `count` values of a column from (row, first) into a fresh array.
    let private read<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType>
        (file: Cfitsio)
        (subject: string)
        (column: int)
        (row: int64)
        (shape: int[])
        (missing: nativeint)
        : NdArray =
        let count = Shape.count (Seq.map int64 shape)
        let values = Array.zeroCreate<'T> (int count)

        if count > 0L then
            let pin = GCHandle.Alloc(values, GCHandleType.Pinned)

            try
                let mutable any = 0
                let mutable status = 0

                CfitsioNative.ffgcv (
                    file.Handle,
                    CfitsioType.ofType typeof<'T>,
                    column,
                    row,
                    1L,
                    count,
                    missing,
                    pin.AddrOfPinnedObject(),
                    &any,
                    &status
                )
                |> ignore

                Cfitsio.Check(subject, $"read column {column}", status)
            finally
                pin.Free()

        NdArray<'T>(shape, values)

    let private nan = BitConverter.GetBytes Double.NaN

    /// As doubles with NaN for nulls.
    let private readNullable file subject column row shape =
        let pin = GCHandle.Alloc(nan, GCHandleType.Pinned)

        try
            read<float> file subject column row shape (pin.AddrOfPinnedObject())
        finally
            pin.Free()

    let private readNumbers file subject (datatype: int) (nullable: bool) column row shape : NdArray =
        match datatype with
        | 42 -> read<float32> file subject column row shape 0n
        | 82 -> read<float> file subject column row shape 0n
        | 83 -> read<ComplexSingle> file subject column row shape 0n
        | 163 -> read<Numerics.Complex> file subject column row shape 0n
        | 14 -> read<bool> file subject column row shape 0n
        | _ when nullable -> readNullable file subject column row shape
        | 11 -> read<byte> file subject column row shape 0n
        | 12 -> read<sbyte> file subject column row shape 0n
        | 20 -> read<uint16> file subject column row shape 0n
        | 21 -> read<int16> file subject column row shape 0n
        | 30
        | 40 -> read<uint32> file subject column row shape 0n
        | 31
        | 41 -> read<int32> file subject column row shape 0n
        | 80 -> read<uint64> file subject column row shape 0n
        | 81 -> read<int64> file subject column row shape 0n
        | other -> raise (InvalidDataException $"{subject}, column {column}: CFITSIO's type {other} is not known here")

    let private readTexts (file: Cfitsio) (subject: string) (column: int) (rows: int) (width: int) : string[] =
        // CFITSIO writes each string and its NUL at the address given for it.
        let bytes = Array.zeroCreate<byte> (rows * (width + 1))
        let pin = GCHandle.Alloc(bytes, GCHandleType.Pinned)

        try
            let first = pin.AddrOfPinnedObject()
            let addresses = Array.init rows (fun row -> first + nativeint (row * (width + 1)))
            let mutable any = 0
            let mutable status = 0

            if rows > 0 then
                CfitsioNative.ffgcvs (file.Handle, column, 1L, 1L, int64 rows, 0n, addresses, &any, &status)
                |> ignore

            Cfitsio.Check(subject, $"read column {column}", status)

            Array.init rows (fun row ->
                let start = row * (width + 1)
                let length = max 0 (bytes.AsSpan(start, width + 1).IndexOf 0uy)
                Encoding.Latin1.GetString(bytes, start, length).TrimEnd ' ')
        finally
            pin.Free()

    let private readBits (file: Cfitsio) (subject: string) (column: int) (rows: int) (bits: int) : NdArray =
        let values = Array.zeroCreate<bool> (rows * bits)
        let row = Array.zeroCreate<byte> bits

        for r in 0 .. rows - 1 do
            let mutable status = 0

            if bits > 0 then
                CfitsioNative.ffgcx (file.Handle, column, int64 (r + 1), 1L, int64 bits, row, &status)
                |> ignore

            Cfitsio.Check(subject, $"read column {column}", status)

            for b in 0 .. bits - 1 do
                values[r * bits + b] <- row[b] <> 0uy

        NdArray<bool>((if bits = 1 then [| rows |] else [| rows; bits |]), values)

    /// Reads all columns of a table whose structure has been checked against the file's length.
    let readAll (file: Cfitsio) (hdu: FitsHdu) : FitsTable =
        let header = hdu.Header
        let count = int (header.IntegerOr("TFIELDS", 0L))
        let rowBytes = header.IntegerOr("NAXIS1", 0L)
        let rows = int (header.IntegerOr("NAXIS2", 0L))

        if count < 0 || count > 999 then
            raise (InvalidDataException $"{hdu.Subject}, keyword TFIELDS: expected 0 to 999, got {count}")

        file.Move hdu.Index

        let columns =
            [| for column in 1..count do
                   let name = header.TextOr($"TTYPE{column}", $"column{column}")
                   let subject = $"{hdu.Subject}, column '{name}'"
                   let mutable datatype = 0
                   let mutable repeat = 0L
                   let mutable width = 0L
                   let mutable status = 0

                   CfitsioNative.ffeqtyll (file.Handle, column, &datatype, &repeat, &width, &status)
                   |> ignore

                   Cfitsio.Check(subject, "find its type", status)

                   // A value takes at least a byte of the row (a bit an eighth), so no claim exceeds the file's length.
                   if datatype > 0 && repeat > 8L * max 1L rowBytes then
                       raise (
                           InvalidDataException
                               $"{subject}: {repeat} values a row do not fit a row of {rowBytes} bytes"
                       )

                   let nullable = header.Contains $"TNULL{column}"

                   let made (values: NdArray | null) (texts: string[] | null) (lists: NdArray[] | null) =
                       FitsColumn(name, header.TextOr($"TUNIT{column}", ""), values, texts, lists)

                   if int64 rows * max 1L repeat > int64 Array.MaxLength then
                       raise (
                           InvalidDataException
                               $"{subject}: {rows} rows of {repeat} values are more than one .NET array holds"
                       )

                   let form = header.TextOr($"TFORM{column}", "")

                   if datatype = 16 then
                       if hdu.Kind = FitsHduKind.BinaryTable && repeat > 0L && width < repeat && width > 0L then
                           raise (
                               InvalidDataException
                                   $"{subject}: several strings a row (TFORM{column} = {form}) are not read"
                           )

                       let length = if hdu.Kind = FitsHduKind.AsciiTable then width else repeat
                       made null (readTexts file subject column rows (int length)) null
                   elif datatype = 1 then
                       made (readBits file subject column rows (int repeat)) null null
                   elif datatype < 0 then
                       let lists =
                           Array.init rows (fun row ->
                               let mutable length = 0L
                               let mutable offset = 0L
                               let mutable status = 0

                               CfitsioNative.ffgdesll (file.Handle, column, int64 (row + 1), &length, &offset, &status)
                               |> ignore

                               Cfitsio.Check(subject, $"find row {row}", status)

                               if length < 0L || offset < 0L || length > 8L * hdu.DataLength || offset > hdu.DataLength then
                                   raise (
                                       InvalidDataException
                                           $"{subject}, row {row}: {length} values at byte {offset} of the heap are outside of the HDU's {hdu.DataLength} bytes"
                                   )

                               if datatype = -16 || datatype = -1 then
                                   raise (
                                       InvalidDataException
                                           $"{subject}: strings or bits of variable length are not read"
                                   )

                               readNumbers file subject -datatype nullable column (int64 (row + 1)) [| int length |])

                       made null null lists
                   else
                       let shape = if repeat = 1L then [| rows |] else [| rows; int repeat |]
                       made (readNumbers file subject datatype nullable column 1L shape) null null |]

        FitsTable(hdu, rows, columns)
