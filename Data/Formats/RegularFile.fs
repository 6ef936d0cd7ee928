namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.IO
open System.Runtime.InteropServices
open System.Text
open Hybrid.Data

module internal FileStatus =
    [<DllImport("libc")>]
    extern int statx(int folder, byte[] path, int flags, uint32 mask, byte[] result)

/// What may be read as a file: no named pipe, which may never end, no device and no socket.
[<AbstractClass; Sealed>]
type RegularFile =
    /// The kind of what is at a path, links followed, as in the mode of stat; 0 where it is not known.
    static member private Kind(path: string) : int =
        if OperatingSystem.IsLinux() then
            NativeLibraries.register ()
            // Laid out the same on every processor: the mode is at byte 28 (statx(2)).
            let result = Array.zeroCreate<byte> 256
            let name = Encoding.UTF8.GetBytes(path + "\000")

            try
                // AT_FDCWD, STATX_TYPE
                if FileStatus.statx (-100, name, 0, 1u, result) = 0 then int (BitConverter.ToUInt16(result, 28)) &&& 0xF000 else 0
            with :? EntryPointNotFoundException ->
                0 // a C library before 2.28
        else
            0

    /// False for pipes, devices and sockets.
    static member internal Is(path: string) : bool =
        match RegularFile.Kind path with
        | 0
        | 0x8000
        | 0x4000 -> true
        | _ -> false

    /// Throws InvalidDataException for pipes, devices and sockets.
    static member Require(path: string) : unit =
        let kind =
            match RegularFile.Kind path with
            | 0x1000 -> "a named pipe"
            | 0x2000
            | 0x6000 -> "a device"
            | 0xC000 -> "a socket"
            | _ -> ""

        if kind <> "" then
            raise (InvalidDataException $"{path}: expected a file, got {kind}.")

    /// The files below a folder, in ordinal order of their paths. Pipes, devices and sockets are left out, and so is what a link shows a
    /// second time: a link to a folder that is read anyway, or to one above.
    /// wanted : whether a file's or folder's name is looked at.
    static member internal Below(folder: string, wanted: string -> bool) : string[] =
        let found = List<string>()

        let realPath (path: string) =
            match Directory.ResolveLinkTarget(path, true) with
            | null -> Path.GetFullPath path
            | target -> target.FullName

        let root = realPath folder
        let seen = HashSet<string>(StringComparer.Ordinal)

        let isBelow (path: string) (above: string) =
            path = above || path.StartsWith(above.TrimEnd '/' + "/", StringComparison.Ordinal)

        let rec visit (shown: string) (real: string) =
            if seen.Add real then
                for entry in DirectoryInfo(shown).EnumerateFileSystemInfos() do
                    if wanted entry.Name then
                        let path = Path.Combine(shown, entry.Name)

                        match entry with
                        | :? DirectoryInfo when entry.LinkTarget <> null ->
                            let target = realPath path
                            // What lies below the root is found there; a folder above it would show the root again.
                            if Directory.Exists target && not (isBelow target root) && not (isBelow root target) then
                                visit path target
                        | :? DirectoryInfo -> visit path (Path.Combine(real, entry.Name))
                        | _ when RegularFile.Is path && File.Exists path -> found.Add path
                        | _ -> ()

        visit folder root
        let all = found.ToArray()
        Array.Sort(all, StringComparer.Ordinal)
        all
