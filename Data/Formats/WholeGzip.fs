namespace Hybrid.Data.Formats

open System
open System.IO
open System.IO.Compression
open System.Security.Cryptography

/// A file's bytes from its beginning to a place, then others.
[<Sealed>]
type internal TailedStream(file: Stream, length: int64, tail: byte[]) =
    inherit Stream()
    let mutable left = length
    let mutable at = 0
    override _.CanRead = true
    override _.CanSeek = false
    override _.CanWrite = false
    override _.Length = raise (NotSupportedException())

    override _.Position
        with get () = raise (NotSupportedException())
        and set _ = raise (NotSupportedException())

    override _.Read(target: Span<byte>) : int =
        let got = if left > 0L then file.Read(target.Slice(0, int (min left (int64 target.Length)))) else 0

        if got > 0 || target.Length = 0 then
            left <- left - int64 got
            got
        else
            left <- 0L
            let count = min target.Length (tail.Length - at)
            ReadOnlySpan(tail, at, count).CopyTo target
            at <- at + count
            count

    override this.Read(target: byte[], offset: int, count: int) : int = this.Read(Span(target, offset, count))
    override _.Flush() = ()
    override _.Seek(_, _) = raise (NotSupportedException())
    override _.SetLength _ = raise (NotSupportedException())
    override _.Write(_: byte[], _: int, _: int) : unit = raise (NotSupportedException())

/// What a .gz decompresses to, all its members. A GZipStream ends in silence where the file does, whether a member has ended or not, so
/// that a file which is cut off reads as a shorter one; this stream throws InvalidDataException instead. For that a member of its own
/// follows the file's, of bytes that no other has: they come last where the file is whole. Zeros after the last member, as tapes leave
/// them, are passed over; other bytes are an error.
[<Sealed>]
type internal WholeGzip private (content: Stream, marker: byte[], seal: byte[]) =
    inherit Stream()
    // What came and was not given out yet: at least so much as could be the seal is kept.
    let buffer = Array.zeroCreate<byte> (1 <<< 16)
    let mutable first = 0
    let mutable filled = 0
    let mutable ended = false

    /// Zeros that a member may end with by itself: its checksum, and its length.
    static let ownZeros = 8L

    /// A gzip member that stores some bytes as they are, from its header to the bytes, then its checksum and length.
    static let sealed' (bytes: byte[]) : struct (byte[] * byte[]) =
        let length = BitConverter.GetBytes(uint16 bytes.Length)
        let head = [| 0x1Fuy; 0x8Buy; 8uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0uy; 255uy; 1uy; length[0]; length[1]; ~~~length[0]; ~~~length[1] |]
        let crc = BitConverter.GetBytes(IO.Hashing.Crc32.HashToUInt32(ReadOnlySpan bytes))
        struct (Array.append head bytes, Array.append crc (BitConverter.GetBytes bytes.Length))

    static let opened (file: Stream) (length: int64) : WholeGzip =
        file.Position <- 0L
        let marker = RandomNumberGenerator.GetBytes 16
        let struct (seal, ending) = sealed' marker
        let content = new GZipStream(new TailedStream(file, length, Array.append seal ending), CompressionMode.Decompress, true)
        new WholeGzip(content, marker, seal)

    /// Where the file's bytes end without zeros after them.
    static let contentLength (file: Stream) : int64 =
        let piece = Array.zeroCreate<byte> 65536
        let mutable at = file.Length
        let mutable found = false

        while not found && at > 0L do
            let count = int (min at (int64 piece.Length))
            file.Position <- at - int64 count
            file.ReadExactly(piece, 0, count)

            match ReadOnlySpan(piece, 0, count).LastIndexOfAnyExcept 0uy with
            | -1 -> at <- at - int64 count
            | last ->
                at <- at - int64 (count - last - 1)
                found <- true

        at

    static let isWhole (file: Stream) (length: int64) : bool =
        use content = opened file length
        let piece = Array.zeroCreate<byte> 65536

        try
            while content.Read(piece, 0, piece.Length) > 0 do
                ()

            true
        with :? InvalidDataException ->
            false

    let fill () =
        if first > 0 then
            Buffer.BlockCopy(buffer, first, buffer, 0, filled - first)
            filled <- filled - first
            first <- 0

        match content.Read(buffer, filled, buffer.Length - filled) with
        | 0 ->
            ended <- true
            let endsWith (bytes: byte[]) = ReadOnlySpan(buffer, 0, filled).EndsWith(ReadOnlySpan bytes)

            // Where the bytes of the seal's own header come too, a member took them for its content.
            if endsWith marker && not (endsWith seal) then
                filled <- filled - marker.Length
            else
                raise (InvalidDataException "the compressed data end early, or bytes follow them that belong to none: it is truncated")
        | got -> filled <- filled + got

    /// The content of a file that can be read at any place, which stays open.
    static member Open(file: Stream) : WholeGzip =
        let length = contentLength file

        if file.Length - length <= ownZeros then
            opened file file.Length
        else
            // Which of the zeros are the last member's own is not known before it is read.
            match Seq.tryFind (isWhole file) (seq { for own in 0L .. ownZeros -> length + own }) with
            | Some whole -> opened file whole
            | None -> opened file file.Length

    override _.CanRead = true
    override _.CanSeek = false
    override _.CanWrite = false
    override _.Length = raise (NotSupportedException())

    override _.Position
        with get () = raise (NotSupportedException())
        and set _ = raise (NotSupportedException())

    override _.Read(target: Span<byte>) : int =
        while not ended && filled - first <= seal.Length do
            fill ()

        let available = if ended then filled - first else filled - first - seal.Length
        let count = min target.Length available
        ReadOnlySpan(buffer, first, count).CopyTo target
        first <- first + count
        count

    override this.Read(target: byte[], offset: int, count: int) : int = this.Read(Span(target, offset, count))
    override _.Flush() = ()
    override _.Seek(_, _) = raise (NotSupportedException())
    override _.SetLength _ = raise (NotSupportedException())
    override _.Write(_: byte[], _: int, _: int) : unit = raise (NotSupportedException())

    override _.Dispose(disposing: bool) =
        content.Dispose()
        base.Dispose disposing

/// What a zlib stream decompresses to, compared with the Adler-32 that ends the file: a ZLibStream ends in silence where the file does.
[<Sealed>]
type internal WholeZlib(file: Stream) =
    inherit PassingStream(new ZLibStream(file, CompressionMode.Decompress, true))
    let mutable a, b = 1u, 0u
    let mutable ended = false

    let expected =
        let tail = Array.zeroCreate<byte> 4

        if file.Length >= 6L then
            file.Position <- file.Length - 4L
            file.ReadExactly tail

        file.Position <- 0L
        Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(ReadOnlySpan tail)

    override _.Passed(bytes) =
        for value in bytes do
            a <- (a + uint32 value) % 65521u
            b <- (b + a) % 65521u

    override this.Read(target: Span<byte>) : int =
        let got = base.Read target

        if got = 0 && target.Length > 0 && not ended then
            ended <- true

            if (b <<< 16 ||| a) <> expected then
                raise (InvalidDataException "the compressed data end early, or bytes follow them that belong to none: it is truncated")

        got
