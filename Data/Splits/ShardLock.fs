namespace Hybrid.Data.Splits

open System
open System.IO
open Hybrid.Data.Formats

/// Says that a process does a shard's part of a campaign.
[<AbstractClass; Sealed>]
type ShardLock =

    /// The lock of a shard in the campaign's folder, to be disposed of. Throws IOException where another process has it.
    static member Take(folder: string, shard: Shard) : IDisposable =
        match FolderLock.TryTake(folder, $"shard-{shard.Number}-of-{shard.Count}") with
        | null ->
            raise (IOException $"{folder}: another process is writing shard {shard}. Wait for its end, or give each process its own shard.")
        | held -> held
