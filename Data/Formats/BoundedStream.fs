namespace Hybrid.Data.Formats

open System
open System.IO
open System.IO.Hashing

/// A stream read in order, each part of it seen once as it passes.
[<AbstractClass>]
type internal PassingStream(content: Stream) =
    inherit Stream()

    /// Called with the bytes of each read.
    abstract Passed: ReadOnlySpan<byte> -> unit

    override _.CanRead = true
    override _.CanSeek = false
    override _.CanWrite = false
    override _.Length = raise (NotSupportedException())

    override _.Position
        with get () = raise (NotSupportedException())
        and set _ = raise (NotSupportedException())

    override this.Read(target: Span<byte>) : int =
        let got = content.Read target
        this.Passed(Span.op_Implicit (target.Slice(0, got)): ReadOnlySpan<byte>)
        got

    override this.Read(target: byte[], offset: int, count: int) : int = this.Read(Span(target, offset, count))
    override _.Flush() = ()
    override _.Seek(_, _) = raise (NotSupportedException())
    override _.SetLength _ = raise (NotSupportedException())
    override _.Write(_: byte[], _: int, _: int) : unit = raise (NotSupportedException())

/// A stream that may not be longer than a limit: what a few kilobytes decompress to has no other bound. Disposing it disposes its content.
[<Sealed>]
type internal BoundedStream(content: Stream, limit: int64, refuse: int64 -> exn) =
    inherit PassingStream(content)
    let mutable passed = 0L

    /// What compressed text may become when nothing is said: a hundred times its size, and 16 MB in any case. Catalogues shrink to a third
    /// or a tenth.
    static member TextLimit(compressed: int64) : int64 = max (16L <<< 20) (100L * compressed)

    override _.Passed(bytes) =
        passed <- passed + int64 bytes.Length

        if passed > limit then
            raise (refuse limit)

    override _.Dispose(disposing: bool) =
        content.Dispose()
        base.Dispose disposing

/// A stream that counts the zeros at the end of what was read so far.
[<Sealed>]
type internal ZerosStream(content: Stream) =
    inherit PassingStream(content)
    member val Zeros = 0L with get, set

    override this.Passed(bytes) =
        match bytes.LastIndexOfAnyExcept 0uy with
        | -1 -> this.Zeros <- this.Zeros + int64 bytes.Length
        | last -> this.Zeros <- int64 (bytes.Length - last - 1)

/// A stream with the CRC-32 of what was read.
[<Sealed>]
type internal ChecksumStream(content: Stream) =
    inherit PassingStream(content)
    let checksum = Crc32()
    member _.Crc32 : uint32 = checksum.GetCurrentHashAsUInt32()
    override _.Passed(bytes) = checksum.Append bytes
