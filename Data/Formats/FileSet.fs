namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.IO
open Hybrid.Data

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
            $"{files.Count} of {total} image{Plural.s total} cannot be read:{shown}{more}"
        )

    member _.Files = files

/// A column of a table that could not be read, and why.
[<Sealed>]
type ColumnProblem(name: string, reason: string) =
    member _.Name = name
    member _.Reason = reason
    override _.ToString() = $"column '{name}': {reason}"

/// What was passed over in a file that was read all the same.
[<Sealed>]
type FileWarning(index: int, path: string, text: string) =
    /// The image's place in the list that was asked for.
    member _.Index = index
    member _.Path = path
    member _.Text = text
    override _.ToString() = $"{path}: {text}"

/// How far a load has come.
[<Struct>]
type LoadProgress = { Done: int; Total: int }

/// Images of a set in one array.
[<Sealed>]
type LoadResult internal (pixels: NdArray<float32>, indices: int[], broken: BrokenFile[], warnings: FileWarning[]) =
    /// Shape (images, rows, columns), with the bands before the rows where several planes make one image.
    member _.Pixels = pixels
    /// For each image in Pixels its place in the list that was asked for.
    member _.Indices: IReadOnlyList<int> = indices
    /// The files left out, by place.
    member _.Broken: IReadOnlyList<BrokenFile> = broken
    /// What was passed over in files that were read, by place: bytes after the last HDU, for instance.
    member _.Warnings: IReadOnlyList<FileWarning> = warnings
