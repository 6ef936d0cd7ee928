namespace Hybrid.Data.Formats

open System
open System.Buffers.Binary

/// CRC-32 of zip and PNG: reflected polynomial 0xEDB88320, eight bytes a step (slicing by 8).
[<RequireQualifiedAccess>]
module internal Crc32 =
    let private tables =
        let tables = Array.zeroCreate<uint32> (8 * 256)

        for n in 0..255 do
            let mutable c = uint32 n

            for _ in 1..8 do
                c <- if c &&& 1u <> 0u then 0xEDB88320u ^^^ (c >>> 1) else c >>> 1

            tables[n] <- c

        for slice in 1..7 do
            for n in 0..255 do
                let previous = tables[(slice - 1) * 256 + n]
                tables[slice * 256 + n] <- (previous >>> 8) ^^^ tables[int (previous &&& 0xFFu)]

        tables

    /// Continues `crc` (0 at the start) over `bytes`.
    let update (crc: uint32) (bytes: ReadOnlySpan<byte>) =
        let mutable c = ~~~crc
        let mutable rest = bytes

        while rest.Length >= 8 do
            let low = BinaryPrimitives.ReadUInt32LittleEndian rest ^^^ c
            let high = BinaryPrimitives.ReadUInt32LittleEndian(rest.Slice 4)

            c <-
                tables[1792 + int (low &&& 0xFFu)]
                ^^^ tables[1536 + int ((low >>> 8) &&& 0xFFu)]
                ^^^ tables[1280 + int ((low >>> 16) &&& 0xFFu)]
                ^^^ tables[1024 + int (low >>> 24)]
                ^^^ tables[768 + int (high &&& 0xFFu)]
                ^^^ tables[512 + int ((high >>> 8) &&& 0xFFu)]
                ^^^ tables[256 + int ((high >>> 16) &&& 0xFFu)]
                ^^^ tables[int (high >>> 24)]

            rest <- rest.Slice 8

        for b in rest do
            c <- tables[int ((c ^^^ uint32 b) &&& 0xFFu)] ^^^ (c >>> 8)

        ~~~c
