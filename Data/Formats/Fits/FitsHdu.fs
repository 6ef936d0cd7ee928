namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.IO
open System.IO.Compression
open Microsoft.Win32.SafeHandles

/// What an HDU holds.
type FitsHduKind =
    /// An image or cube, or a header alone (an empty shape).
    | Image = 0
    /// An image compressed in tiles, stored in a binary table (fpack, astropy's CompImageHDU).
    | CompressedImage = 1
    | BinaryTable = 2
    | AsciiTable = 3

/// One header-data unit of a FITS file.
[<Sealed>]
type FitsHdu internal (subject: string, index: int, header: FitsHeader, dataOffset: int64, dataLength: int64, notes: string list) =
    let isTable = header.TextOr("XTENSION", "") = "BINTABLE" || header.TextOr("XTENSION", "") = "A3DTABLE"
    // A table with ZIMAGE = T and nothing that describes an image is a table: the keyword is a leftover.
    let compressed = isTable && header.IsTrue "ZIMAGE" && header.Contains "ZBITPIX" && header.Contains "ZNAXIS"

    /// Index in the file; the primary HDU is 0.
    member _.Index = index
    /// EXTNAME, or an empty string.
    member _.Name = header.TextOr("EXTNAME", "")
    member _.Header = header
    member internal _.Subject = subject
    member internal _.DataOffset = dataOffset
    /// Bytes of data without the padding to 2880.
    member internal _.DataLength = dataLength
    /// What of its header was passed over.
    member internal _.Notes = notes

    member _.Kind =
        match header.TextOr("XTENSION", "IMAGE") with
        | "BINTABLE"
        | "A3DTABLE" -> if compressed then FitsHduKind.CompressedImage else FitsHduKind.BinaryTable
        | "TABLE" -> FitsHduKind.AsciiTable
        | _ -> FitsHduKind.Image

    /// BITPIX of the image, before tile compression: 8, 16, 32, 64, −32 or −64.
    member _.BitPix = int (header.IntegerOr((if compressed then "ZBITPIX" else "BITPIX"), 0L))

    /// Lengths of the image's axes, slowest first (FITS's NAXISn reversed); empty where there is no image.
    member this.Shape: IReadOnlyList<int> =
        match this.Kind with
        | FitsHduKind.BinaryTable
        | FitsHduKind.AsciiTable -> [||]
        | _ ->
            let prefix = if compressed then "ZNAXIS" else "NAXIS"
            let naxis = int (header.IntegerOr(prefix, 0L))
            Array.init naxis (fun i -> int (header.IntegerOr($"{prefix}{naxis - i}", 0L)))

/// Finds the HDUs of a file and checks what they claim against its length, before anything is allocated or handed to CFITSIO.
[<RequireQualifiedAccess>]
module internal FitsStructure =
    [<Literal>]
    let Block = 2880

    /// More header than this in one HDU is taken for damage.
    [<Literal>]
    let MaximumHeader = 67_108_800

    let fail (path: string) (offset: int64) (message: string) =
        raise (InvalidDataException $"{path}, byte {offset}: {message}")

    let private bitpixes = [ 8L; 16L; 32L; 64L; -32L; -64L ]

    /// Checks BITPIX, NAXIS and the axes of one header (its own names, or the Z-prefixed ones of a compressed image).
    let private axes (path: string) (offset: int64) (header: FitsHeader) (prefix: string) : int64[] =
        let required (name: string) =
            match header.Find name with
            | null -> fail path offset $"the header has no {name}"
            | k when k.Kind = FitsValueKind.Integer -> k.Integer
            | k -> fail path offset $"{name}: expected an integer, got '{k.Text}'"

        let bitpix = required (prefix + "BITPIX")

        if not (List.contains bitpix bitpixes) then
            fail path offset $"{prefix}BITPIX: expected 8, 16, 32, 64, -32 or -64, got {bitpix}"

        let naxis = required (prefix + "NAXIS")

        if naxis < 0L || naxis > 999L then
            fail path offset $"{prefix}NAXIS: expected 0 to 999, got {naxis}"

        let lengths =
            Array.init (int naxis) (fun i ->
                let name = $"{prefix}NAXIS{i + 1}"
                let n = required name

                if n < 0L || n > int64 Int32.MaxValue then
                    fail path offset $"{name}: expected 0 to {Int32.MaxValue}, got {n}"

                n)

        lengths

    /// A keyword NAXISn beyond NAXIS is left over from an axis that was dropped; other tools ignore it, too.
    let private leftover (header: FitsHeader) (prefix: string) : string list =
        let naxis = header.IntegerOr(prefix + "NAXIS", 0L)
        let next = $"{prefix}NAXIS{naxis + 1L}"
        if header.Contains next then [ $"{prefix}NAXIS is {naxis}: the keyword {next} beside it was passed over" ] else []

    /// Data bytes that a header declares.
    let declared (path: string) (offset: int64) (header: FitsHeader) : int64 =
        let lengths = axes path offset header ""

        if lengths.Length = 0 then
            0L
        else
            if lengths[0] = 0L && header.IsTrue "GROUPS" then
                fail path offset "the HDU holds random groups (GROUPS = T), a deprecated structure that is not read"

            let pcount = header.IntegerOr("PCOUNT", 0L)
            let gcount = header.IntegerOr("GCOUNT", 1L)

            if pcount < 0L || gcount < 0L then
                fail path offset $"expected PCOUNT and GCOUNT >= 0, got {pcount} and {gcount}"

            let bytes = abs (header.IntegerOr("BITPIX", 0L)) / 8L
            let product = Shape.count lengths
            let all = if product > Int64.MaxValue - pcount then Int64.MaxValue else product + pcount
            Shape.count [ bytes; gcount; all ]

    /// Whether a header may begin with these bytes.
    let isStart (index: int) (head: ReadOnlySpan<byte>) =
        head.StartsWith(if index = 0 then ReadOnlySpan "SIMPLE  ="B else ReadOnlySpan "XTENSION="B)

    /// Whether bytes that follow the last HDU begin at `offset`: less than a block, or one that no header begins.
    let isTail (length: int64) (read: byte[] -> int64 -> int -> unit) (offset: int64) : bool =
        let head = Array.zeroCreate<byte> 9

        if length - offset >= int64 Block then
            read head offset head.Length

        not (isStart 1 (ReadOnlySpan head))

    /// Reads the HDU at `offset`, or null at the end of the file. `read` fills a span from a position. Bytes after the last HDU
    /// are not part of the file, for other tools as well.
    let next (path: string) (length: int64) (read: byte[] -> int64 -> int -> unit) (index: int) (offset: int64) : FitsHdu | null =
        if offset >= length || (index > 0 && isTail length read offset) then
            null
        else
            let buffer = ResizeArray<byte>()
            let block = Array.zeroCreate<byte> Block
            let mutable ended = false
            let mutable at = offset

            while not ended do
                if length - at < int64 Block then
                    fail path length "the file ends within a header: there is no END card"

                read block at Block

                if at = offset && not (isStart index (ReadOnlySpan block)) then
                    let got = Text.Encoding.Latin1.GetString(block, 0, 9)

                    let likely =
                        if got.StartsWith("BZh", StringComparison.Ordinal) then
                            " (bzip2: decompress the file first)"
                        elif got.StartsWith("\u0089PNG", StringComparison.Ordinal) then
                            " (PNG)"
                        else
                            ""

                    let shown = Uri.EscapeDataString got
                    fail path at $"not a FITS file: expected it to begin with 'SIMPLE  =', got '{shown}'{likely}"

                let mutable card = 0

                while not ended && card < Block do
                    ended <- block.AsSpan(card, 8).SequenceEqual("END     "B)
                    card <- card + FitsCard.Length

                buffer.AddRange block
                at <- at + int64 Block

                if buffer.Count > MaximumHeader then
                    fail path at $"no END card in {buffer.Count} bytes of header"

            let subject = $"{path}, HDU {index}"
            let header = FitsHeader.Parse(subject, ReadOnlySpan(buffer.ToArray()))
            let data = declared path offset header

            if data > length - at then
                let extent = Shape.describe (axes path offset header "" |> Array.rev)
                let bitpix = header.IntegerOr("BITPIX", 0L)

                fail
                    path
                    length
                    $"HDU {index} declares {data} bytes of data (BITPIX {bitpix}, shape {extent}), and {length - at} are there: the file \
                        is truncated or its header damaged"

            let notes = leftover header ""
            let hdu = FitsHdu(subject, index, header, at, data, notes)

            if hdu.Kind = FitsHduKind.CompressedImage then
                axes path offset header "Z" |> ignore
                FitsHdu(subject, index, header, at, data, notes @ leftover header "Z")
            else
                hdu

    /// Where the next HDU begins.
    let after (hdu: FitsHdu) =
        hdu.DataOffset + (hdu.DataLength + int64 Block - 1L) / int64 Block * int64 Block
