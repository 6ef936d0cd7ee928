namespace Hybrid.Data.Formats

open System
open System.IO
open System.Text

/// Files that stand under their name only when complete: written under a temporary name beside it, then renamed. A reader sees
/// the old file or the whole new one; a failure leaves the old one, and a killed process at most a file ending in ".part".
[<AbstractClass; Sealed>]
type WholeFile =
    /// Lets `write` make the file under the temporary name that it is given: for libraries that open files by name.
    static member WriteAt(path: string, write: Action<string>) : unit =
        ArgumentNullException.ThrowIfNull path
        let temporary = $"{path}.{Environment.ProcessId}-{Environment.CurrentManagedThreadId}.part"
        File.Delete temporary

        try
            write.Invoke temporary
            File.Move(temporary, path, true)
        with _ ->
            File.Delete temporary
            reraise ()

    /// Lets `write` fill a stream. With `flushToDisk` the content is on the disc before the name is: it outlives a power cut.
    static member Write(path: string, write: Action<Stream>, [<System.Runtime.InteropServices.Optional; System.Runtime.InteropServices.DefaultParameterValue(false)>] flushToDisk: bool) : unit =
        WholeFile.WriteAt(
            path,
            fun temporary ->
                use stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 <<< 16)
                write.Invoke stream

                if flushToDisk then
                    stream.Flush true
        )

    /// Writes a text in UTF-8.
    static member WriteText(path: string, text: string) : unit =
        WholeFile.WriteAt(path, fun temporary -> File.WriteAllText(temporary, text, UTF8Encoding false))
