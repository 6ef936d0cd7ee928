namespace Hybrid.Data.Formats

open System
open System.Buffers.Binary

/// The ones'-complement sum of big-endian 32-bit words that CHECKSUM and DATASUM hold (FITS standard 4.0, section 4.4.2.7 and appendix J).
[<RequireQualifiedAccess>]
module internal FitsChecksum =
    /// Adds whole words to a running sum; `bytes` has a multiple of 4.
    let add (sum: uint32) (bytes: ReadOnlySpan<byte>) : uint32 =
        // 2³² additions of 32 bits fit into 64 bits with the carries kept in the upper half.
        let mutable total = uint64 sum
        let mutable rest = bytes

        while rest.Length >= 8 do
            let pair = BinaryPrimitives.ReadUInt64BigEndian rest
            total <- total + (pair >>> 32) + (pair &&& 0xFFFFFFFFUL)
            rest <- rest.Slice 8

        if rest.Length >= 4 then
            total <- total + uint64 (BinaryPrimitives.ReadUInt32BigEndian rest)

        while total >>> 32 <> 0UL do
            total <- (total &&& 0xFFFFFFFFUL) + (total >>> 32)

        uint32 total
