namespace Hybrid.Data.Cache

open System
open System.Collections.Generic

/// Memory of row groups, used again by all caches of the process: groups are large arrays, which the garbage collector leaves uncollected
/// for long, so that caches opened one after another would otherwise grow by what each of them held.
[<RequireQualifiedAccess>]
module internal GroupMemory =
    /// Bytes lent and spare together up to which spare arrays are kept.
    let private limit = 128L <<< 20

    /// Lengths are multiples of this, so that pages of slightly different lengths fit into the same arrays.
    let private unit = 1 <<< 20

    // In the order in which they came back.
    let private spare = List<byte[]>()
    let mutable private kept = 0L
    let mutable private lent = 0L

    let private drop () =
        while spare.Count > 0 && lent + kept > limit do
            kept <- kept - int64 spare[0].Length
            spare.RemoveAt 0

    /// An array of at least this length: the smallest spare one that is long enough, or a new one.
    let rent (length: int) : byte[] =
        lock spare (fun () ->
            let mutable best = -1

            for i in 0 .. spare.Count - 1 do
                if spare[i].Length >= length && (best < 0 || spare[i].Length < spare[best].Length) then
                    best <- i

            if best >= 0 then
                let array = spare[best]
                spare.RemoveAt best
                kept <- kept - int64 array.Length
                lent <- lent + int64 array.Length
                array
            else
                let rounded = if length < unit then int64 length else (int64 length + int64 unit - 1L) / int64 unit * int64 unit
                let array = GC.AllocateUninitializedArray<byte>(int (min rounded (int64 Array.MaxLength)))
                lent <- lent + int64 array.Length
                drop ()
                array)

    /// For an array that is not used any more.
    let giveBack (array: byte[]) : unit =
        lock spare (fun () ->
            lent <- lent - int64 array.Length
            kept <- kept + int64 array.Length
            spare.Add array
            drop ())

    /// For an array that is left to the garbage collector.
    let forget (array: byte[]) : unit =
        lock spare (fun () -> lent <- lent - int64 array.Length)
