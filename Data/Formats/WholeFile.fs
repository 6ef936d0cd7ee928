namespace Hybrid.Data.Formats

open System
open System.IO
open System.Runtime.InteropServices
open System.Text

/// A file being written: under a temporary name until Complete, which puts the content on the disk, checks it and gives it its name.
[<Sealed>]
type PendingFile internal (path: string, createStream: bool) =
    do ArgumentNullException.ThrowIfNull path
    let temporary = $"{path}.{Environment.ProcessId}-{Environment.CurrentManagedThreadId}.part"

    let stream: FileStream | null =
        if createStream then
            new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 <<< 16)
        else
            null

    let mutable isOpen = true

    new(path: string) = new PendingFile(path, true)

    member internal _.TemporaryPath = temporary

    /// What the content goes to; a writer around it may close it.
    member _.Stream : Stream = upcast nonNull stream

    /// Call it once, after the last byte. Until it returns, what stood under the name before still stands there.
    /// leastBytes : what the file must have at least.
    member _.Complete([<Optional; DefaultParameterValue(0L)>] leastBytes: int64) : unit =
        match stream with
        | null -> ()
        | written -> written.Dispose()

        let refuse (got: string) =
            let wanted = if leastBytes = 1L then "1 byte" else $"{leastBytes} bytes"
            raise (IOException $"{path}: expected to write at least {wanted}, got {got}")

        if not (File.Exists temporary) then
            refuse "no file."

        do
            use written = File.OpenHandle(temporary, FileMode.Open, FileAccess.ReadWrite, FileShare.Read)
            RandomAccess.FlushToDisk written
            let got = RandomAccess.GetLength written

            if got < leastBytes then
                refuse $"{got}: is the disk full?"

        File.Move(temporary, path, true)
        isOpen <- false

    interface IDisposable with
        /// Without Complete nothing of the file remains.
        member _.Dispose() =
            if isOpen then
                isOpen <- false

                match stream with
                | null -> ()
                | written ->
                    try
                        written.Dispose()
                    with :? IOException ->
                        () // A full disk was reported by the write or the Complete that met it.

                File.Delete temporary

/// Files that stand under their name only when complete: written under a temporary name beside it, flushed to the disk, checked, then
/// renamed. A reader sees the old file or the whole new one, also after a power cut; a failure, such as a full disk, leaves the old one,
/// and a killed process at most a file ending in ".part".
[<AbstractClass; Sealed>]
type WholeFile =
    /// Lets `write` make the file under the temporary name that it is given: for libraries that open files by name.
    /// leastBytes : what the file must have at least. Some libraries do not report that the disk is full.
    static member WriteAt
        (path: string, write: Action<string>, [<Optional; DefaultParameterValue(1L)>] leastBytes: int64)
        : unit =
        use file = new PendingFile(path, false)
        File.Delete file.TemporaryPath
        write.Invoke file.TemporaryPath
        file.Complete leastBytes

    /// Lets `write` fill a stream.
    static member Write(path: string, write: Action<Stream>) : unit =
        use file = new PendingFile(path)
        write.Invoke file.Stream
        file.Complete()

    /// Writes a text in UTF-8.
    static member WriteText(path: string, text: string) : unit =
        WholeFile.Write(path, fun stream -> stream.Write(ReadOnlySpan(Encoding.UTF8.GetBytes text)))
