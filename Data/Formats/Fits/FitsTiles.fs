namespace Hybrid.Data.Formats

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.IO.Hashing

/// Fills a span from a position of the file.
type internal ReadAt = delegate of Span<byte> * int64 -> unit

/// Checks a tile-compressed image before CFITSIO decodes it: its decoders trust the sizes that stand in the file (a Rice
/// block size of 0 never ends, an H-compressed tile is written to the size that it names itself, a damaged gzip tile takes
/// memory until there is none).
[<RequireQualifiedAccess>]
module internal FitsTiles =
    /// Bytes that a column takes in a row, from its TFORM (FITS standard 4.0, table 18); 'P' and 'Q' are descriptors.
    let private width (form: string) : struct (int64 * char * char) voption =
        let digits = form |> Seq.takeWhile Char.IsAsciiDigit |> Seq.toArray |> String
        let repeat = if digits = "" then 1L else Int64.Parse digits

        if form.Length = digits.Length || digits.Length > 9 then
            ValueNone
        else
            let code = form[digits.Length]
            let element = if form.Length > digits.Length + 1 then form[digits.Length + 1] else ' '

            match code with
            | 'L'
            | 'B'
            | 'A' -> ValueSome(struct (repeat, code, element))
            | 'X' -> ValueSome(struct ((repeat + 7L) / 8L, code, element))
            | 'I' -> ValueSome(struct (2L * repeat, code, element))
            | 'J'
            | 'E' -> ValueSome(struct (4L * repeat, code, element))
            | 'K'
            | 'D'
            | 'C'
            | 'P' -> ValueSome(struct (8L * repeat, code, element))
            | 'M'
            | 'Q' -> ValueSome(struct (16L * repeat, code, element))
            | _ -> ValueNone

    let private elementBytes (code: char) =
        match code with
        | 'I' -> 2L
        | 'J'
        | 'E' -> 4L
        | 'K'
        | 'D' -> 8L
        | _ -> 1L

    /// Whether a gzip member of these bytes inflates to at most `limit` bytes with the length and CRC-32 of its trailer.
    let private inflates (packed: byte[]) (limit: int64) : bool =
        try
            use content = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress)
            let piece = Array.zeroCreate<byte> 65536
            let checksum = Crc32()
            let mutable length = 0L
            let mutable more = true

            while more do
                let got = content.Read(piece, 0, piece.Length)
                checksum.Append(ReadOnlySpan(piece, 0, got))
                length <- length + int64 got
                more <- got > 0 && length <= limit

            packed.Length >= 18
            && length <= limit
            && checksum.GetCurrentHashAsUInt32() = BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan(packed, packed.Length - 8, 4))
            && uint32 length = BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan(packed, packed.Length - 4, 4))
        with :? InvalidDataException ->
            false

    /// Throws InvalidDataException where sizes in the header, the descriptors or the tiles contradict each other.
    let check (read: ReadAt) (hdu: FitsHdu) : unit =
        let header = hdu.Header

        let fail (message: string) =
            raise (InvalidDataException $"{hdu.Subject}, compressed image: {message}: the file is damaged")

        let shape = Seq.toArray hdu.Shape
        let axes = Array.rev shape |> Array.map int64
        let kind = header.TextOr("ZCMPTYPE", "")

        if not (Array.contains kind [| "RICE_1"; "RICE_ONE"; "GZIP_1"; "GZIP_2"; "PLIO_1"; "HCOMPRESS_1"; "NOCOMPRESS" |]) then
            fail $"ZCMPTYPE '{kind}' is not known"

        let tile =
            axes
            |> Array.mapi (fun i n -> header.IntegerOr($"ZTILE{i + 1}", (if i = 0 then n else 1L)))

        if tile |> Array.exists (fun n -> n < 1L || n > int64 Int32.MaxValue) then
            fail $"tiles of shape {Shape.describe (Array.rev tile)}"

        let tilePixels = Shape.count tile

        if tilePixels > int64 Int32.MaxValue then
            fail $"tiles of {tilePixels} pixels"

        let tiles = Shape.count (Array.map2 (fun n t -> (n + t - 1L) / t) axes tile)
        let rows = header.IntegerOr("NAXIS2", 0L)
        let rowBytes = header.IntegerOr("NAXIS1", 0L)

        if tiles <> rows then
            fail $"shape {Shape.describe shape} in tiles of {Shape.describe (Array.rev tile)} needs {tiles} rows, the table has {rows}"

        for i in 1..9 do
            match header.TextOr($"ZNAME{i}", "") with
            | "BLOCKSIZE" ->
                let size = header.IntegerOr($"ZVAL{i}", 32L)

                if size < 1L || size > 65536L then
                    fail $"Rice block size {size}"
            | "BYTEPIX" ->
                let size = header.IntegerOr($"ZVAL{i}", 4L)

                if not (List.contains size [ 1L; 2L; 4L; 8L ]) then
                    fail $"{size} bytes a pixel"
            | _ -> ()

        let fields = header.IntegerOr("TFIELDS", 0L)
        let heapAt = header.IntegerOr("THEAP", rows * rowBytes)

        if fields < 1L || fields > 999L || heapAt < rows * rowBytes || heapAt > hdu.DataLength then
            fail $"{fields} columns, heap at byte {heapAt} of {hdu.DataLength}"

        let heap = hdu.DataLength - heapAt
        let descriptors = ResizeArray<struct (int64 * bool * char * string)>()
        let mutable offset = 0L

        for column in 1 .. int fields do
            match width (header.TextOr($"TFORM{column}", "")) with
            | ValueNone ->
                let form = header.TextOr($"TFORM{column}", "")
                fail $"TFORM{column} '{form}'"
            | ValueSome(struct (bytes, code, element)) ->
                if code = 'P' || code = 'Q' then
                    descriptors.Add(struct (offset, code = 'Q', element, header.TextOr($"TTYPE{column}", "")))

                offset <- offset + bytes

        if offset <> rowBytes then
            fail $"the columns take {offset} bytes a row, NAXIS1 says {rowBytes}"

        if rowBytes > int64 Int32.MaxValue then
            fail $"rows of {rowBytes} bytes"

        let row = Array.zeroCreate<byte> (int rowBytes)
        let start = Array.zeroCreate<byte> 32

        for index in 0L .. rows - 1L do
            read.Invoke(row.AsSpan(), hdu.DataOffset + index * rowBytes)

            for struct (at, wide, element, name) in descriptors do
                let cell = ReadOnlySpan(row).Slice(int at)

                let count =
                    if wide then BinaryPrimitives.ReadInt64BigEndian cell
                    else int64 (BinaryPrimitives.ReadInt32BigEndian cell)

                let place =
                    if wide then BinaryPrimitives.ReadInt64BigEndian(cell.Slice 8)
                    else int64 (BinaryPrimitives.ReadInt32BigEndian(cell.Slice 4))

                let bytes = Shape.count [ max 0L count; elementBytes element ]

                if count < 0L || place < 0L || bytes > heap || place > heap - bytes then
                    fail $"row {index}, column {name}: {count} values at byte {place} of a heap of {heap} bytes"

                let gzip =
                    name = "GZIP_COMPRESSED_DATA"
                    || name = "COMPRESSED_DATA" && kind.StartsWith("GZIP", StringComparison.Ordinal)

                if count > 0L && gzip then
                    if bytes > int64 Array.MaxLength then
                        fail $"row {index}: a tile of {bytes} compressed bytes"

                    let packed = Array.zeroCreate<byte> (int bytes)
                    read.Invoke(packed.AsSpan(), hdu.DataOffset + heapAt + place)

                    if not (inflates packed (8L * tilePixels)) then
                        fail $"row {index}: a gzip tile of {bytes} bytes does not inflate to its own length and CRC-32"
                elif count > 0L && name = "COMPRESSED_DATA" then
                    let head = start.AsSpan(0, int (min 32L bytes))
                    read.Invoke(head, hdu.DataOffset + heapAt + place)
                    let known = Span.op_Implicit head: ReadOnlySpan<byte>

                    match kind with
                    | "HCOMPRESS_1" ->
                        // Magic DD 99, then rows and columns, 32 bits each.
                        if known.Length < 14 || known[0] <> 0xDDuy || known[1] <> 0x99uy then
                            fail $"row {index}: an H-compressed tile does not begin with its code"

                        let nx = int64 (BinaryPrimitives.ReadInt32BigEndian(known.Slice 2))
                        let ny = int64 (BinaryPrimitives.ReadInt32BigEndian(known.Slice 6))

                        if nx < 1L || ny < 1L || Shape.count [ nx; ny ] > tilePixels then
                            fail $"row {index}: an H-compressed tile of {nx} × {ny} pixels, where tiles have {tilePixels}"
                    | "PLIO_1" ->
                        // A line list names its own length: word 3, or words 4 and 5 where word 3 is not positive.
                        let word i =
                            if bytes >= 2L * int64 i then
                                int64 (BinaryPrimitives.ReadInt16BigEndian(ReadOnlySpan(start, 2 * (i - 1), 2)))
                            else
                                -1L

                        let length = if word 3 > 0L then word 3 else (word 5 <<< 15) + word 4

                        if length < 0L || length > count then
                            fail $"row {index}: a pixel list claims {length} words, {count} are there"
                    | _ -> ()
