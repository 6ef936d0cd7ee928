namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.IO

/// What becomes of a set with files that cannot be read.
type BrokenFilePolicy =
    /// The load fails, naming all of them.
    | Fail = 0
    /// The images are left out of the array; the result names them.
    | LeaveOut = 1

/// A file that could not be read, its place in the list that was asked for, and why.
[<Sealed>]
type BrokenFile(index: int, path: string, reason: string) =
    member _.Index = index
    member _.Path = path
    member _.Reason = reason
    override _.ToString() = $"{path}: {reason}"

    /// The message of an error without the path that it begins with.
    static member internal ReasonOf(path: string, error: exn) : string =
        let message = error.Message

        if
            message.StartsWith(path + ", ", StringComparison.Ordinal)
            || message.StartsWith(path + ": ", StringComparison.Ordinal)
        then
            message.Substring(path.Length + 2)
        else
            message

/// Files of a set that could not be read, all together.
[<Sealed>]
type BrokenFilesException(files: IReadOnlyList<BrokenFile>, total: int) =
    inherit
        IOException(
            let shown = files |> Seq.truncate 10 |> Seq.map (fun f -> $"\n  {f}") |> String.concat ""
            let more = if files.Count > 10 then $"\n  and {files.Count - 10} more" else ""
            $"{files.Count} of {total} images cannot be read:{shown}{more}"
        )

    member _.Files = files

/// How far a load has come.
[<Struct>]
type LoadProgress = { Done: int; Total: int }

/// Images of a set in one array.
[<Sealed>]
type LoadResult internal (pixels: NdArray<float32>, indices: int[], broken: BrokenFile[]) =
    /// Shape (images, rows, columns), with the bands before the rows where several planes make one image.
    member _.Pixels = pixels
    /// For each image in Pixels its place in the list that was asked for.
    member _.Indices: IReadOnlyList<int> = indices
    /// The files left out, by place.
    member _.Broken: IReadOnlyList<BrokenFile> = broken
