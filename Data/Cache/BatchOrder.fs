namespace Hybrid.Data.Cache

open System
open System.Collections.Generic

/// How the rows of a cache become batches.
[<Sealed>]
type BatchOptions() =
    member val BatchSize = 32 with get, set
    /// Shuffles row groups, and rows within a window of groups; else the rows come in order.
    member val Shuffle = true with get, set
    /// Seed of the shuffle; the epoch's number goes in too.
    member val Seed = 0 with get, set
    /// Bytes of the window of row groups that rows are mixed within. A cache smaller than this is shuffled completely.
    member val ShuffleBytes = 64L <<< 20 with get, set
    /// Name of an integer or logical column whose values each batch holds in the proportions of the whole, or null.
    member val Stratify: string | null = null with get, set
    /// Leaves out a last batch that is not full (and, with ranks, a last round that is not complete).
    member val DropLast = false with get, set
    /// This process among Ranks: batch b goes to rank b mod Ranks.
    member val Rank = 0 with get, set
    member val Ranks = 1 with get, set
    /// Tensor columns to read; null reads all.
    member val Tensors: IReadOnlyList<string> | null = null with get, set
    /// Batches read ahead in the background into buffers that are used again; 0 reads each batch when it is asked for,
    /// straight into the caller's memory.
    member val Prefetch = 4 with get, set
    /// Threads that read: ahead, or parts of a batch where Prefetch is 0.
    member val Threads = min 2 Environment.ProcessorCount with get, set

    member internal this.Check() =
        let require (holds: bool) (message: string) =
            if not holds then
                raise (ArgumentException message)

        require (this.BatchSize >= 1) $"BatchSize: expected at least 1, got {this.BatchSize}."
        require (this.Ranks >= 1) $"Ranks: expected at least 1, got {this.Ranks}."
        require (this.Rank >= 0 && this.Rank < this.Ranks) $"Rank: expected 0 to {this.Ranks - 1}, got {this.Rank}."
        require (this.Prefetch >= 0) $"Prefetch: expected at least 0, got {this.Prefetch}."
        require (this.Threads >= 1) $"Threads: expected at least 1, got {this.Threads}."

/// The order of rows in an epoch: a function of the options, the epoch, the row groups and, where asked for, the classes.
[<RequireQualifiedAccess>]
module internal BatchOrder =
    /// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every platform and version.
    [<Sealed>]
    type private Generator(seed: uint64) =
        let mutable state = seed

        member _.Next() : uint64 =
            state <- state + 0x9E3779B97F4A7C15UL
            let mutable z = state
            z <- (z ^^^ (z >>> 30)) * 0xBF58476D1CE4E5B9UL
            z <- (z ^^^ (z >>> 27)) * 0x94D049BB133111EBUL
            z ^^^ (z >>> 31)

        /// Fisher–Yates on a part of an array.
        member this.Shuffle(array: int[], start: int, count: int) =
            for i in count - 1 .. -1 .. 1 do
                // The high 64 bits of the product: a number below i + 1.
                let j = int (Math.BigMul(this.Next(), uint64 (i + 1)) >>> 64)
                let kept = array[start + i]
                array[start + i] <- array[start + j]
                array[start + j] <- kept

    /// Shuffled by groups and windows. `groups` holds the rows of each group, in order.
    let private mixed (generator: Generator) (groups: int[][]) (window: int) : int[] =
        let places = Array.init groups.Length id
        generator.Shuffle(places, 0, places.Length)
        let order = Array.concat (places |> Array.map (fun g -> groups[g]))
        let mutable start = 0
        let mutable place = 0

        while place < places.Length do
            let until = min places.Length (place + window)
            let count = Seq.sum (seq { for p in place .. until - 1 -> groups[places[p]].Length })
            generator.Shuffle(order, start, count)
            start <- start + count
            place <- until

        order

    /// Spreads the classes evenly: the j-th of a class of n stands at (j + ½)/n of the way.
    let private stratified (order: int[]) (classOf: int -> int64) : int[] =
        let counts = Dictionary<int64, int>()

        for row in order do
            let c = classOf row
            counts[c] <- counts.GetValueOrDefault(c, 0) + 1

        let seen = Dictionary<int64, int>()

        let keys =
            order
            |> Array.map (fun row ->
                let c = classOf row
                let j = seen.GetValueOrDefault(c, 0)
                seen[c] <- j + 1
                struct ((float j + 0.5) / float counts[c], c))

        let result = Array.copy order
        Array.Sort(keys, result)
        result

    /// The batches of one rank in one epoch: for each the rows of the cache.
    let batches
        (options: BatchOptions)
        (epoch: int)
        (groups: int[][])
        (window: int)
        (classOf: (int -> int64) voption)
        : ArraySegment<int>[] =
        let order =
            if options.Shuffle then
                mixed (Generator(uint64 (uint32 options.Seed) <<< 32 ||| uint64 (uint32 epoch))) groups window
            else
                Array.concat groups

        let order =
            match classOf with
            | ValueSome classOf -> stratified order classOf
            | ValueNone -> order

        let size = options.BatchSize
        let whole = order.Length / size

        let count =
            if options.DropLast then whole / options.Ranks * options.Ranks
            else (order.Length + size - 1) / size

        [| for b in options.Rank .. options.Ranks .. count - 1 -> ArraySegment(order, b * size, min size (order.Length - b * size)) |]
