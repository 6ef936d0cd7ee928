namespace Hybrid.Data.Formats

open System
open System.IO
open System.IO.Hashing

/// A stream read in order that may not be longer than a limit: what a few kilobytes decompress to has no other bound.
[<Sealed>]
type internal BoundedStream(content: Stream, limit: int64, refuse: int64 -> exn) =
    inherit Stream()
    let mutable passed = 0L

    /// What compressed text may become when nothing is said: a hundred times its size, and 16 MB in any case. Catalogues shrink to a third
    /// or a tenth.
    static member TextLimit(compressed: int64) : int64 = max (16L <<< 20) (100L * compressed)

    override _.CanRead = true
    override _.CanSeek = false
    override _.CanWrite = false
    override _.Length = raise (NotSupportedException())

    override _.Position
        with get () = passed
        and set _ = raise (NotSupportedException())

    override _.Read(target: Span<byte>) : int =
        let got = content.Read target
        passed <- passed + int64 got

        if passed > limit then
            raise (refuse limit)

        got

    override this.Read(target: byte[], offset: int, count: int) : int = this.Read(Span(target, offset, count))
    override _.Flush() = ()
    override _.Seek(_, _) = raise (NotSupportedException())
    override _.SetLength _ = raise (NotSupportedException())
    override _.Write(_: byte[], _: int, _: int) : unit = raise (NotSupportedException())

    override _.Dispose(disposing: bool) =
        content.Dispose()
        base.Dispose disposing

/// A stream read in order, with the CRC-32 of what was read.
[<Sealed>]
type internal ChecksumStream(content: Stream) =
    inherit Stream()
    let checksum = Crc32()
    member _.Crc32 : uint32 = checksum.GetCurrentHashAsUInt32()
    override _.CanRead = true
    override _.CanSeek = false
    override _.CanWrite = false
    override _.Length = raise (NotSupportedException())

    override _.Position
        with get () = raise (NotSupportedException())
        and set _ = raise (NotSupportedException())

    override _.Read(target: Span<byte>) : int =
        let got = content.Read target
        checksum.Append(Span.op_Implicit (target.Slice(0, got)): ReadOnlySpan<byte>)
        got

    override this.Read(target: byte[], offset: int, count: int) : int = this.Read(Span(target, offset, count))
    override _.Flush() = ()
    override _.Seek(_, _) = raise (NotSupportedException())
    override _.SetLength _ = raise (NotSupportedException())
    override _.Write(_: byte[], _: int, _: int) : unit = raise (NotSupportedException())
