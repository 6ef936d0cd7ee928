namespace Hybrid.Data.Cache

open System
open System.IO
open System.Threading
open System.Threading.Tasks
open Microsoft.Win32.SafeHandles

/// A file's bytes for Parquet.Net. What it asks for asynchronously is done at once, so that nothing waits for another thread; and beyond
/// the window that is open an error comes instead of bytes, so that no damaged page leads into the next column's.
[<Sealed>]
type internal ParquetStream(handle: SafeFileHandle, length: int64) =
    inherit Stream()
    let buffer = Array.zeroCreate<byte> 4096
    let mutable bufferStart = 0L
    let mutable buffered = 0
    let mutable position = 0L
    let mutable windowEnd = length

    let read (target: Span<byte>) : int =
        if target.Length = 0 then
            0
        else
            let wanted = int (min (int64 target.Length) (windowEnd - position))

            if wanted <= 0 || position < 0L then
                raise (EndOfStreamException $"byte {position} is outside the {windowEnd} bytes that belong here")

            // Headers are asked for byte by byte.
            if wanted < buffer.Length && (position < bufferStart || position + int64 wanted > bufferStart + int64 buffered) then
                bufferStart <- position
                buffered <- RandomAccess.Read(handle, buffer.AsSpan(), position)

            let got =
                if wanted < buffer.Length then
                    let count = min wanted buffered
                    ReadOnlySpan(buffer, int (position - bufferStart), count).CopyTo target
                    count
                else
                    RandomAccess.Read(handle, target.Slice(0, wanted), position)

            if got = 0 then
                raise (EndOfStreamException $"the file ends at byte {position}")

            position <- position + int64 got
            got

    /// From here on nothing at or after this byte is read.
    member _.LimitTo(ending: int64) = windowEnd <- min ending length

    override _.CanRead = true
    override _.CanSeek = true
    override _.CanWrite = false
    override _.Length = length

    override _.Position
        with get () = position
        and set value = position <- value

    override _.Seek(offset, origin) =
        position <-
            (match origin with
             | SeekOrigin.Begin -> offset
             | SeekOrigin.Current -> position + offset
             | _ -> length + offset)

        position

    override _.Read(target: byte[], offset: int, count: int) : int = read (Span(target, offset, count))
    override _.Read(target: Span<byte>) : int = read target

    override _.ReadAsync(target: byte[], offset: int, count: int, _: CancellationToken) : Task<int> =
        Task.FromResult(read (Span(target, offset, count)))

    override _.ReadAsync(target: Memory<byte>, _: CancellationToken) : ValueTask<int> = ValueTask<int>(read target.Span)
    override _.Flush() = ()
    override _.SetLength _ = raise (NotSupportedException())
    override _.Write(_: byte[], _: int, _: int) : unit = raise (NotSupportedException())
