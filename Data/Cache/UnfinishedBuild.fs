namespace Hybrid.Data.Cache

open System
open System.IO
open System.Text.RegularExpressions

/// The folder of a cache while it is built, beside where it will stand. A file in it is locked for as long as its process lives, by which
/// builds that were killed are distinguished from builds that are running.
[<Sealed>]
type internal UnfinishedBuild(root: string, key: string) =
    static let name = Regex(@"^[0-9a-f]{64}\.\d+-[0-9a-f]{32}\.part$", RegexOptions.CultureInvariant)
    static let lockName = "building.lock"

    static let tryLock (folder: string) (mode: FileMode) : FileStream | null =
        try
            new FileStream(Path.Combine(folder, lockName), mode, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose)
        with
        | :? IOException
        | :? UnauthorizedAccessException -> null

    static let fresh (root: string) (key: string) = Path.Combine(root, $"{key}.{Environment.ProcessId}-{Guid.NewGuid():N}.part")
    let folder = fresh root key
    do Directory.CreateDirectory folder |> ignore
    let mutable held = tryLock folder FileMode.CreateNew

    let release () =
        match held with
        | null -> ()
        | stream ->
            held <- null
            stream.Dispose()

    member _.Folder = folder

    /// Gives the folder its name. What stands there without a manifest is what is left of a cache, and goes; with one it is the same cache,
    /// which another process built meanwhile.
    member this.Complete(target: string, manifestName: string) : unit =
        release ()
        let isBuilt () = File.Exists(Path.Combine(target, manifestName))

        try
            Directory.Move(folder, target)
        with :? IOException when Directory.Exists target ->
            if isBuilt () then
                this.Delete()
            else
                let remains = fresh root key
                Directory.Move(target, remains)
                Directory.Move(folder, target)
                Directory.Delete(remains, true)

    member _.Delete() : unit =
        release ()

        if Directory.Exists folder then
            Directory.Delete(folder, true)

    /// Deletes what killed builds left below a folder.
    static member Clean(root: string) : unit =
        for folder in Directory.GetDirectories(root, "*.part") do
            if name.IsMatch(Path.GetFileName folder |> string) then
                // Between a folder and its lock, and between the lock and the folder's last name, there are moments without one.
                let isOld () = DateTime.UtcNow - Directory.GetLastWriteTimeUtc folder > TimeSpan.FromHours 1.0
                let hasLock = File.Exists(Path.Combine(folder, lockName))

                try
                    if hasLock then
                        match tryLock folder FileMode.Open with
                        | null -> ()
                        | ours ->
                            ours.Dispose()
                            Directory.Delete(folder, true)
                    elif isOld () then
                        Directory.Delete(folder, true)
                with
                | :? IOException
                | :? UnauthorizedAccessException -> () // another process cleans as well, or the folder is another user's

    interface IDisposable with
        member _.Dispose() = release ()
