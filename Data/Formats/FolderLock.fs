namespace Hybrid.Data.Formats

open System
open System.IO

/// Says that a process works in a folder: a file that the operating system locks for as long as the process lives. A killed process leaves
/// one that nothing holds.
[<AbstractClass; Sealed>]
type FolderLock =

    /// The lock `name`.lock of a folder, to be disposed of; null where another process has it.
    static member TryTake(folder: string, name: string) : IDisposable | null =
        let path = Path.Combine(folder, name + ".lock")

        try
            new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose)
        with :? IOException when File.Exists path ->
            null
