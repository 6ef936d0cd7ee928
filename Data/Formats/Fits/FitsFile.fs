namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.IO
open System.Numerics
open System.Numerics.Tensors
open System.Runtime.InteropServices
open System.Text

/// An image as read or to be written: its pixels, and the keywords that stand beside them.
[<Sealed>]
type FitsImage internal (pixels: NdArray, keywords: IReadOnlyList<FitsKeyword>, warnings: string[]) =
    new(pixels: NdArray, keywords: IReadOnlyList<FitsKeyword>) = FitsImage(pixels, keywords, [||])
    new(pixels: NdArray) = FitsImage(pixels, [||], [||])
    /// Shape slowest axis first: (rows, columns), (planes, rows, columns), …
    member _.Pixels = pixels
    /// All keywords of the header in file order; for writing, those to add to the ones that describe the pixels.
    member _.Keywords = keywords
    /// What was passed over in the file, as other tools pass over it: bytes after the last HDU, padding that is not zero, leftover
    /// keywords.
    member _.Warnings: IReadOnlyList<string> = warnings

/// How the bytes of a file become pixels.
type internal PixelBytes =
    | AsStored = 0
    | SignFlipped = 1
    | Scaled = 2

[<RequireQualifiedAccess>]
module internal FitsPixels =
    /// The pixels of a plain image, straight from the file.
    let swapped<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType>
        (source: FitsSource)
        (hdu: FitsHdu)
        (shape: int[])
        : NdArray =
        let values = GC.AllocateUninitializedArray<'T>(int (Shape.count (Seq.map int64 shape)))
        let offset = ref hdu.DataOffset

        NpyValues.pieces
            values
            sizeof<'T>
            (ReadInto(fun piece ->
                source.Read(piece, offset.Value)
                PlainImage.swap sizeof<'T> (Span.op_Implicit piece) piece
                offset.Value <- offset.Value + int64 piece.Length))

        NdArray<'T>(shape, values)

    /// The same with the sign bit of every pixel flipped.
    let flipped<'T
        when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType and 'T :> IBitwiseOperators<'T, 'T, 'T>>
        (source: FitsSource)
        (hdu: FitsHdu)
        (shape: int[])
        (signBit: 'T)
        : NdArray =
        let image = swapped<'T> source hdu shape
        let values = image.As<'T>().Values
        TensorPrimitives.Xor<'T>(ReadOnlySpan values, signBit, values.AsSpan())
        image

    /// The pixels as CFITSIO gives them; `missing` is the value for blank ones, null where there are none to look for.
    let decoded<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType>
        (file: Cfitsio)
        (hdu: FitsHdu)
        (shape: int[])
        (missing: byte[] | null)
        : NdArray =
        let values = Array.zeroCreate<'T> (int (Shape.count (Seq.map int64 shape)))

        if values.Length > 0 then
            let pin = GCHandle.Alloc(values, GCHandleType.Pinned)
            let nullPin = GCHandle.Alloc(missing, GCHandleType.Pinned)

            try
                let mutable any = 0
                let mutable status = 0

                CfitsioNative.ffgpv (
                    file.Handle,
                    CfitsioType.ofType typeof<'T>,
                    1L,
                    int64 values.Length,
                    (if isNull missing then 0n else nullPin.AddrOfPinnedObject()),
                    pin.AddrOfPinnedObject(),
                    &any,
                    &status
                )
                |> ignore

                Cfitsio.Check(hdu.Subject, "read the image", status)
            finally
                pin.Free()
                nullPin.Free()

        NdArray<'T>(shape, values)

/// A FITS file open for reading, all of it: images of every BITPIX with BSCALE, BZERO and BLANK applied, extensions, cubes,
/// tile-compressed images, .gz files, binary and ASCII tables, typed headers. Not for use from two threads at once.
[<Sealed>]
type FitsFile private (source: FitsSource, verify: bool) =
    let hdus = ResizeArray<FitsHdu>()
    let mutable complete = false
    let mutable cfitsio: Cfitsio | null = null

    let readBytes (target: byte[]) (offset: int64) (count: int) =
        source.Read(Span<byte>(target, 0, count), offset)

    /// Finds the HDUs up to `index`, or all of them.
    let find (index: int) =
        while not complete && hdus.Count <= index do
            let offset = if hdus.Count = 0 then 0L else FitsStructure.after hdus[hdus.Count - 1]

            match FitsStructure.next source.Path source.Length readBytes hdus.Count offset with
            | null ->
                complete <- true

                if hdus.Count = 0 then
                    raise (InvalidDataException $"{source.Path}: the file is empty")
            | hdu -> hdus.Add hdu

    let native () : Cfitsio =
        match cfitsio with
        | null ->
            let opened =
                match source.Memory with
                | null -> Cfitsio.OpenFile source.Path
                | bytes -> Cfitsio.OpenMemory(source.Path, bytes, source.Length)

            cfitsio <- opened
            opened
        | already -> already

    /// The ones'-complement sum of a range of whole words.
    let sum (from: int64) (until: int64) (start: uint32) =
        let piece = Array.zeroCreate<byte> (FitsStructure.Block * 32)
        let mutable at = from
        let mutable total = start

        while at < until do
            let count = int (min (int64 piece.Length) (until - at))
            readBytes piece at count
            // A last block without its padding counts as padded with zeros.
            let padded = (count + 3) / 4 * 4
            Array.Clear(piece, count, padded - count)
            total <- FitsChecksum.add total (ReadOnlySpan(piece, 0, padded))
            at <- at + int64 count

        total

    let changed =
        "Some tools change a file without updating it; verifyChecksums: false reads it all the same"

    /// Verifies the sums that an HDU carries; the result are those that it carries in name only.
    let checkSums (hdu: FitsHdu) : string list =
        let header = hdu.Header
        let start = if hdu.Index = 0 then 0L else FitsStructure.after hdus[hdu.Index - 1]
        let finish = min source.Length (FitsStructure.after hdu)
        let wanted = header.TextOr("DATASUM", "").Trim()

        if wanted <> "" then
            let got = sum hdu.DataOffset finish 0u

            match UInt32.TryParse wanted with
            | true, value when value = got || (value = 0u && got = UInt32.MaxValue) -> ()
            | _ ->
                raise (
                    InvalidDataException
                        $"{hdu.Subject}: DATASUM says {wanted}, the data's sum is {got}: the data are damaged. {changed}"
                )

        match header.TextOr("CHECKSUM", "").Trim() with
        // Zeros are what stands there before a sum is computed.
        | text when text <> "" && text.AsSpan().IndexOfAnyExcept '0' < 0 -> [ $"CHECKSUM is '{text}', which is not a sum: it was not \
            verified" ]
        | text when text.Length = 16 ->
            let got = sum start finish 0u

            if got <> UInt32.MaxValue && got <> 0u then
                raise (
                    InvalidDataException
                        $"{hdu.Subject}: CHECKSUM does not fit (sum {got}, expected {UInt32.MaxValue}): the header or the data were \
                            changed. {changed}"
                )

            []
        | "" -> []
        | text -> [ $"CHECKSUM is '{text}', expected 16 characters: it was not verified" ]

    /// A shape that a damaged NAXISn made smaller leaves pixels after the image: in its padding, or where the next HDU begins. Padding of
    /// one byte throughout, blanks for instance, and bytes that no HDU begins are passed over, as other tools do.
    let checkEnd (hdu: FitsHdu) (isExpected: bool) : string list =
        let finish = hdu.DataOffset + hdu.DataLength
        let padded = min source.Length (FitsStructure.after hdu)
        let padding = Array.zeroCreate<byte> (int (max 0L (padded - finish)))
        readBytes padding finish padding.Length
        let at = padding.AsSpan().IndexOfAnyExcept 0uy
        let other = if at < 0 then -1 else padding.AsSpan().IndexOfAnyExcept padding[0]

        if at >= 0 && other >= 0 && not isExpected then
            raise (
                InvalidDataException
                    $"{source.Path}, byte {finish + int64 at}: the image of shape {Shape.describe hdu.Shape} ends before data that are \
                        not zero: the header is damaged, or give the expected shape to accept it"
            )

        [ if at >= 0 && other < 0 then
              $"byte {finish}: the image is padded with the byte {padding[0]}, not with zeros"
          elif at >= 0 then
              $"byte {finish + int64 at}: the image's padding is not zero"

          if padded < source.Length && FitsStructure.isTail source.Length readBytes padded then
              // Of a .gz only the beginning of what follows is known.
              let count = if isNull source.Memory then $"{source.Length - padded} bytes follow" else "bytes follow"
              $"byte {padded}: {count} the last HDU and belong to none" ]

    /// Checks what an image claims: its shape, and what was passed over. `isExpected`: the shape is the caller's own knowledge, so that
    /// pixels after the image are not a sign of damage.
    let image (hdu: FitsHdu) (expectedShape: IReadOnlyList<int> | null) (isExpected: bool) : struct (int[] * string list) =
        match hdu.Kind with
        | FitsHduKind.BinaryTable
        | FitsHduKind.AsciiTable ->
            raise (InvalidDataException $"{hdu.Subject}: expected an image, got a table ('{hdu.Name}'): ReadTable reads it")
        | _ -> ()

        let shape = Seq.toArray hdu.Shape

        if shape.Length = 0 then
            raise (InvalidDataException $"{hdu.Subject}: the HDU has a header only; its image may be in a later one")

        match expectedShape with
        | null -> ()
        | expected when expected.Count = shape.Length && Seq.forall2 (=) expected shape -> ()
        | expected ->
            raise (
                InvalidDataException
                    $"{hdu.Subject}: expected an image of shape {Shape.describe expected}, got {Shape.describe shape}"
            )

        let unverified = if verify then checkSums hdu else []
        let ending = if hdu.Kind = FitsHduKind.Image then checkEnd hdu isExpected else []

        let count = Shape.count (Seq.map int64 shape)

        if count > int64 Array.MaxLength then
            raise (
                InvalidDataException
                    $"{hdu.Subject}: shape {Shape.describe shape} has more than {Array.MaxLength} pixels, the most that one .NET array \
                        holds"
            )

        // A tile takes at least a few bytes, and no codec gets below about 1/10000: a longer claim would only exhaust memory.
        if hdu.Kind = FitsHduKind.CompressedImage && count / 20000L > hdu.DataLength then
            raise (
                InvalidDataException
                    $"{hdu.Subject}: {hdu.DataLength} compressed bytes cannot become {count} pixels of shape {Shape.describe shape}: the \
                        header is damaged"
            )

        struct (shape, hdu.Notes @ unverified @ ending)

    /// The pixels are the file's bytes reversed: as they are, or with the sign bit flipped where BZERO shifts integers to
    /// the other signedness (FITS standard 4.0, table 11). Anything else is scaled.
    let plain (hdu: FitsHdu) : PixelBytes =
        let header = hdu.Header
        let scale = header.RealOr("BSCALE", 1.0)
        let zero = header.RealOr("BZERO", 0.0)
        let integer = hdu.BitPix > 0

        if hdu.Kind <> FitsHduKind.Image || scale <> 1.0 || (integer && (header.TryInteger "BLANK").IsSome) then
            PixelBytes.Scaled
        elif zero = 0.0 then
            PixelBytes.AsStored
        elif
            match hdu.BitPix with
            | 8 -> zero = -128.0
            | 16 -> zero = 32768.0
            | 32 -> zero = 2147483648.0
            | 64 -> zero = 9223372036854775808.0
            | _ -> false
        then
            PixelBytes.SignFlipped
        else
            PixelBytes.Scaled

    /// BSCALE, BZERO and BLANK applied.
    let scaled (hdu: FitsHdu) (shape: int[]) : NdArray =
        let raw =
            match hdu.BitPix with
            | 8 -> FitsPixels.swapped<byte> source hdu shape
            | 16 -> FitsPixels.swapped<int16> source hdu shape
            | 32 -> FitsPixels.swapped<int32> source hdu shape
            | 64 -> FitsPixels.swapped<int64> source hdu shape
            | -32 -> FitsPixels.swapped<float32> source hdu shape
            | _ -> FitsPixels.swapped<float> source hdu shape

        let scaling = FitsScaling.ofHeader hdu.Header "BSCALE" "BZERO" (if hdu.BitPix > 0 then "BLANK" else "")
        FitsScaling.apply hdu.Subject scaling true raw

    let byCfitsio (hdu: FitsHdu) (shape: int[]) : NdArray =
        if hdu.Kind = FitsHduKind.CompressedImage then
            FitsTiles.check (ReadAt(fun target offset -> source.Read(target, offset))) hdu

        // CFITSIO parses the headers up to this one.
        for before in 0 .. hdu.Index do
            FitsTiles.checkKeywords hdus[before]

        let file = native ()
        file.Move hdu.Index
        let mutable kind = 0
        let mutable axes = 0
        let mutable status = 0
        CfitsioNative.ffgiet (file.Handle, &kind, &status) |> ignore
        CfitsioNative.ffgidm (file.Handle, &axes, &status) |> ignore
        Cfitsio.Check(hdu.Subject, "find the type of the image", status)

        let lengths = Array.zeroCreate<int64> (max 1 axes)
        CfitsioNative.ffgiszll (file.Handle, lengths.Length, lengths, &status) |> ignore
        Cfitsio.Check(hdu.Subject, "find the shape of the image", status)

        if not (Seq.forall2 (fun a b -> a = int64 b) (Array.rev lengths) shape) || axes <> shape.Length then
            raise (
                InvalidDataException
                    $"{hdu.Subject}: the header says shape {Shape.describe shape}, CFITSIO finds {Shape.describe (Array.rev lengths)}"
            )

        let hasValue (name: string) = (hdu.Header.TryInteger name).IsSome
        let columns = seq { for i in 1..999 -> hdu.Header.TextOr($"TTYPE{i}", "") } |> Seq.takeWhile ((<>) "")
        let blank = hasValue "BLANK" || hasValue "ZBLANK" || Seq.contains "ZBLANK" columns
        let nanSingle = BitConverter.GetBytes Single.NaN
        let nanDouble = BitConverter.GetBytes Double.NaN
        let compressed = hdu.Kind = FitsHduKind.CompressedImage

        match kind with
        | -32 when compressed || hdu.BitPix > 0 -> FitsPixels.decoded<float32> file hdu shape nanSingle
        | -32 -> FitsPixels.decoded<float32> file hdu shape null
        | -64 when compressed || hdu.BitPix > 0 -> FitsPixels.decoded<float> file hdu shape nanDouble
        | -64 -> FitsPixels.decoded<float> file hdu shape null
        | 8
        | 10
        | 16
        | 20 when blank -> FitsPixels.decoded<float32> file hdu shape nanSingle
        | _ when blank -> FitsPixels.decoded<float> file hdu shape nanDouble
        | 8 -> FitsPixels.decoded<byte> file hdu shape null
        | 10 -> FitsPixels.decoded<sbyte> file hdu shape null
        | 16 -> FitsPixels.decoded<int16> file hdu shape null
        | 20 -> FitsPixels.decoded<uint16> file hdu shape null
        | 32 -> FitsPixels.decoded<int32> file hdu shape null
        | 40 -> FitsPixels.decoded<uint32> file hdu shape null
        | 64 -> FitsPixels.decoded<int64> file hdu shape null
        | 80 -> FitsPixels.decoded<uint64> file hdu shape null
        | other -> raise (InvalidDataException $"{hdu.Subject}: CFITSIO's image type {other} is not known here")

    let get (index: int) =
        if index < 0 then
            raise (ArgumentOutOfRangeException(nameof index, $"expected an HDU >= 0, got {index}."))

        find index

        if index >= hdus.Count then
            raise (InvalidDataException $"{source.Path}: expected an HDU {index}, the file has {hdus.Count} (the first is 0)")

        hdus[index]

    /// Opens a file. With `verifyChecksums`, CHECKSUM and DATASUM are verified before data are used, where an HDU carries
    /// them; not by default, since many real files were edited without renewing them (the DES cut-outs, for one).
    /// Throws FileNotFoundException for exactly this path (a .gz beside it is never taken instead), InvalidDataException
    /// with path and byte offset for a file that is damaged, truncated, or no FITS file.
    static member Open
        (path: string, [<Optional; DefaultParameterValue(false)>] verifyChecksums: bool)
        : FitsFile =
        let source = FitsSource.Open path

        try
            let file = new FitsFile(source, verifyChecksums)
            file.[0] |> ignore
            file
        with _ ->
            (source :> IDisposable).Dispose()
            reraise ()

    /// All HDUs; each is checked against the file's length.
    member _.Hdus: IReadOnlyList<FitsHdu> =
        find Int32.MaxValue
        hdus

    member _.Item
        with get (index: int): FitsHdu = get index

    /// The first HDU whose EXTNAME is `name`; KeyNotFoundException lists the names there are.
    member this.Item
        with get (name: string): FitsHdu =
            match
                this.Hdus
                |> Seq.tryFind (fun h -> String.Equals(h.Name, name, StringComparison.OrdinalIgnoreCase))
            with
            | Some hdu -> hdu
            | None ->
                let names = String.Join(", ", this.Hdus |> Seq.map (fun h -> $"'{h.Name}'"))
                raise (KeyNotFoundException $"{source.Path}: no HDU named '{name}'; there are {names}.")

    /// Reads an image in its own type: byte, short, int, long, float or double as BITPIX says. Whole numbers that BZERO and BSCALE shift
    /// and multiply by whole ones stay whole, of the narrowest type that holds them; otherwise, or where BLANK marks pixels, which become
    /// NaN, they are floats or doubles.
    /// `expectedShape`, slowest axis first, is checked before anything is allocated; null accepts any.
    member this.ReadImage
        (
            [<Optional; DefaultParameterValue(0)>] hdu: int,
            [<Optional; DefaultParameterValue(null: IReadOnlyList<int> | null)>] expectedShape: IReadOnlyList<int> | null
        ) : FitsImage =
        this.ReadImage(hdu, expectedShape, not (isNull expectedShape))

    /// The same. `isExpected`: see `image`.
    member internal _.ReadImage(hdu: int, expectedShape: IReadOnlyList<int> | null, isExpected: bool) : FitsImage =
        let found = get hdu
        let struct (shape, warnings) = image found expectedShape isExpected

        let pixels =
            match plain found, found.BitPix with
            | PixelBytes.AsStored, 8 -> FitsPixels.swapped<byte> source found shape
            | PixelBytes.AsStored, 16 -> FitsPixels.swapped<int16> source found shape
            | PixelBytes.AsStored, 32 -> FitsPixels.swapped<int32> source found shape
            | PixelBytes.AsStored, 64 -> FitsPixels.swapped<int64> source found shape
            | PixelBytes.AsStored, -32 -> FitsPixels.swapped<float32> source found shape
            | PixelBytes.AsStored, -64 -> FitsPixels.swapped<float> source found shape
            | PixelBytes.SignFlipped, 8 -> FitsPixels.flipped<sbyte> source found shape SByte.MinValue
            | PixelBytes.SignFlipped, 16 -> FitsPixels.flipped<uint16> source found shape 0x8000us
            | PixelBytes.SignFlipped, 32 -> FitsPixels.flipped<uint32> source found shape 0x80000000u
            | PixelBytes.SignFlipped, 64 -> FitsPixels.flipped<uint64> source found shape 0x8000000000000000UL
            | _ when found.Kind = FitsHduKind.CompressedImage -> byCfitsio found shape
            | _ -> scaled found shape

        FitsImage(pixels, found.Header.Keywords, List.toArray warnings)

    /// The same image always by way of CFITSIO: what the fast path must equal.
    member internal _.ReadImageByCfitsio(hdu: int) : NdArray =
        let found = get hdu
        let struct (shape, _) = image found null false
        byCfitsio found shape

    /// Reads a binary or ASCII table. Columns that cannot be read do not keep the others from being read: FitsTable.Unread names them.
    member _.ReadTable(hdu: int) : FitsTable =
        let found = get hdu

        match found.Kind with
        | FitsHduKind.BinaryTable
        | FitsHduKind.AsciiTable -> ()
        | _ -> raise (InvalidDataException $"{found.Subject}: expected a table, got an image: ReadImage reads it")

        let unverified = if verify then checkSums found else []
        FitsTableReader.readAll source found unverified

    interface IDisposable with
        member _.Dispose() =
            match cfitsio with
            | null -> ()
            | opened -> (opened :> IDisposable).Dispose()

            (source :> IDisposable).Dispose()
