namespace Hybrid.Data.Formats

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.IO.Hashing
open Hybrid.Data

/// Fills a span from a position of the file.
type internal ReadAt = delegate of Span<byte> * int64 -> unit

/// Checks a tile-compressed image before CFITSIO decodes it: its decoders trust the sizes that stand in the file (a Rice
/// block size of 0 never ends, an H-compressed tile is written to the size that it names itself, a damaged gzip tile takes
/// memory until there is none).
[<RequireQualifiedAccess>]
module internal FitsTiles =
    // Keywords that CFITSIO itself parses while it opens an HDU or decodes an image, by the kind that it takes.
    let private integers = set [ "BITPIX"; "NAXIS"; "PCOUNT"; "GCOUNT"; "TFIELDS"; "THEAP"; "ZBITPIX"; "ZNAXIS"; "ZPCOUNT"; "ZGCOUNT";
                                 "ZDITHER0"; "ZBLANK"; "BLANK" ]
    let private numbers = set [ "BSCALE"; "BZERO"; "ZSCALE"; "ZZERO" ]
    let private logicals = set [ "SIMPLE"; "EXTEND"; "GROUPS"; "ZIMAGE"; "ZSIMPLE"; "ZEXTEND" ]
    let private texts = set [ "XTENSION"; "ZCMPTYPE"; "ZQUANTIZ"; "ZTENSION"; "EXTNAME" ]

    let private isNumbered (prefixes: string list) (name: string) =
        prefixes
        |> List.exists (fun prefix ->
            name.Length > prefix.Length
            && name.StartsWith(prefix, StringComparison.Ordinal)
            && name.AsSpan(prefix.Length).IndexOfAnyExceptInRange('0', '9') < 0)

    /// Refuses values that CFITSIO would not understand: it writes what it cannot convert into a message of 80 characters, whatever its
    /// length.
    let checkKeywords (hdu: FitsHdu) : unit =
        for k in hdu.Header.Keywords do
            let require (wanted: string) (kinds: FitsValueKind list) =
                let isAbsent = k.Kind = FitsValueKind.Undefined && k.Text = ""

                if not isAbsent && (not (List.contains k.Kind kinds) || k.Text.Length > 68) then
                    let shown = if k.Text.Length > 40 then k.Text.Substring(0, 40) + "…" else k.Text
                    raise (InvalidDataException $"{hdu.Subject}, keyword {k.Name}: expected {wanted}, got '{shown}': the file is damaged")

            if k.Kind <> FitsValueKind.Commentary then
                match k.Name.ToUpperInvariant() with
                | name when integers.Contains name || isNumbered [ "NAXIS"; "ZNAXIS"; "ZTILE"; "TBCOL" ] name ->
                    require "an integer" [ FitsValueKind.Integer ]
                | name when numbers.Contains name || isNumbered [ "TSCAL"; "TZERO" ] name ->
                    require "a number" [ FitsValueKind.Integer; FitsValueKind.Real ]
                | name when logicals.Contains name -> require "T or F" [ FitsValueKind.Logical ]
                | name when texts.Contains name || isNumbered [ "TTYPE"; "TFORM"; "TDIM"; "ZNAME" ] name ->
                    require "a text" [ FitsValueKind.Text ]
                | name when isNumbered [ "ZVAL"; "TNULL" ] name ->
                    require "a number or a text" [ FitsValueKind.Integer; FitsValueKind.Real; FitsValueKind.Text ]
                | _ -> ()

    let private elementSize (code: char) = FitsForm.elementBytes code |> ValueOption.defaultValue 1L

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
            fail $"shape {Shape.describe shape} in tiles of {Shape.describe (Array.rev tile)} needs \
                {tiles} row{Plural.s tiles}, the table has {rows}"

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
            fail $"{fields} column{Plural.s fields}, heap at byte {heapAt} of {hdu.DataLength}"

        let heap = hdu.DataLength - heapAt
        let descriptors = ResizeArray<struct (int64 * bool * char * string)>()
        let mutable offset = 0L

        for column in 1 .. int fields do
            let text = header.TextOr($"TFORM{column}", "")

            match FitsForm.tryParse text with
            | ValueNone -> fail $"TFORM{column} '{text}'"
            | ValueSome form ->
                if form.Code = 'P' || form.Code = 'Q' then
                    if form.Repeat > 1L then
                        fail $"TFORM{column} '{text}' has {form.Repeat} descriptors a row"

                    if form.Repeat = 1L then
                        descriptors.Add(struct (offset, form.Code = 'Q', form.Element, header.TextOr($"TTYPE{column}", "")))

                offset <- offset + FitsForm.width form

        if offset <> rowBytes then
            fail $"the columns take {offset} bytes a row, NAXIS1 says {rowBytes}"

        if rowBytes > int64 Int32.MaxValue then
            fail $"rows of {rowBytes} bytes"

        let row = Array.zeroCreate<byte> (int rowBytes)
        let start = Array.zeroCreate<byte> 32
        // Where the tiles' bytes lie, to see that none has another's.
        let places = ResizeArray<struct (int64 * int64)>()
        // Tiles of an image, first axis fastest, and where this one is among them.
        let grid = Array.map2 (fun n t -> (n + t - 1L) / t) axes tile
        let position = Array.zeroCreate<int64> axes.Length

        for index in 0L .. rows - 1L do
            read.Invoke(row.AsSpan(), hdu.DataOffset + index * rowBytes)
            // The last tiles of an axis are smaller: CFITSIO's buffers have a tile's own size.
            let lengths = Array.init axes.Length (fun i -> min tile[i] (axes[i] - position[i] * tile[i]))
            let pixels = Shape.count lengths
            let mutable carry = 0

            while carry < axes.Length do
                position[carry] <- position[carry] + 1L

                if position[carry] = grid[carry] then
                    position[carry] <- 0L
                    carry <- carry + 1
                else
                    carry <- axes.Length

            let mutable isEmpty = true

            for struct (at, wide, element, name) in descriptors do
                let cell = ReadOnlySpan(row).Slice(int at)

                let count =
                    if wide then BinaryPrimitives.ReadInt64BigEndian cell
                    else int64 (BinaryPrimitives.ReadInt32BigEndian cell)

                let place =
                    if wide then BinaryPrimitives.ReadInt64BigEndian(cell.Slice 8)
                    else int64 (BinaryPrimitives.ReadInt32BigEndian(cell.Slice 4))

                let bytes = Shape.count [ max 0L count; elementSize element ]

                if count < 0L || place < 0L || bytes > heap || place > heap - bytes then
                    fail $"row {index}, column {name}: {count} value{Plural.s count} at byte {place} of a heap of {heap} bytes"

                if bytes > 0L then
                    places.Add(struct (place, place + bytes))

                let isData =
                    name = "COMPRESSED_DATA" || name = "GZIP_COMPRESSED_DATA" || name = "UNCOMPRESSED_DATA"

                isEmpty <- isEmpty && not (isData && count > 0L)

                // What a tile holds without compression is read to the tile's size.
                if name = "UNCOMPRESSED_DATA" && count > 0L && count <> pixels then
                    fail $"row {index}: {count} pixels without compression, its tile has {pixels}"

                if count > int64 Int32.MaxValue then
                    fail $"row {index}, column {name}: {count} value{Plural.s count}"

                let gzip =
                    name = "GZIP_COMPRESSED_DATA"
                    || name = "COMPRESSED_DATA" && kind.StartsWith("GZIP", StringComparison.Ordinal)

                if count > 0L && gzip then
                    if bytes > int64 Array.MaxLength then
                        fail $"row {index}: a tile of {bytes} compressed bytes"

                    let packed = Array.zeroCreate<byte> (int bytes)
                    read.Invoke(packed.AsSpan(), hdu.DataOffset + heapAt + place)

                    if not (inflates packed (8L * pixels)) then
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

                        // The tile's axes longer than one pixel, slowest first, as the code has them.
                        let sides = lengths |> Array.filter (fun n -> n > 1L) |> Array.rev
                        let named = [| nx; ny |] |> Array.filter (fun n -> n <> 1L)

                        if nx < 1L || ny < 1L || Shape.count [ nx; ny ] <> pixels || named <> sides then
                            let size = String.Join(" × ", Array.rev lengths)
                            fail $"row {index}: an H-compressed tile of {nx} × {ny} pixels, its place has {size}"
                    | "PLIO_1" ->
                        // A line list names its own length: word 3, or words 4 and 5 where word 3 is not positive.
                        let word i =
                            if bytes >= 2L * int64 i then
                                int64 (BinaryPrimitives.ReadInt16BigEndian(ReadOnlySpan(start, 2 * (i - 1), 2)))
                            else
                                -1L

                        let length = if word 3 > 0L then word 3 else (word 5 <<< 15) + word 4

                        if length < 0L || length > count then
                            fail $"row {index}: a pixel list claims {length} word{Plural.s length}, {count} are there"
                    | _ -> ()

            if isEmpty && pixels > 0L then
                fail $"row {index}: its tile has no data"

        places.Sort()

        for i in 1 .. places.Count - 1 do
            let struct (_, before) = places[i - 1]
            let struct (from, _) = places[i]

            if from < before then
                fail $"a tile begins at byte {from} of the heap, within the one before it, which ends at {before}"
