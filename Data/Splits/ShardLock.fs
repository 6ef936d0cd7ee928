namespace Hybrid.Data.Splits

open System
open System.IO

/// Says that a process does a shard's part of a campaign: a file that the operating system locks for as long as the process lives. A killed
/// process leaves one that nothing holds.
[<AbstractClass; Sealed>]
type ShardLock =

    /// The lock of a shard in the campaign's folder, to be disposed of. Throws IOException where another process has it.
    static member Take(folder: string, shard: Shard) : IDisposable =
        match ShardLock.TryTake(folder, $"shard-{shard.Number}-of-{shard.Count}") with
        | null ->
            raise (IOException $"{folder}: another process is writing shard {shard}. Wait for its end, or give each process its own shard.")
        | held -> held

    /// A lock of any name in a folder; null where another process has it.
    static member TryTake(folder: string, name: string) : IDisposable | null =
        let path = Path.Combine(folder, name + ".lock")

        try
            new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose)
        with :? IOException when File.Exists path ->
            null
