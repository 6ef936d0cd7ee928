namespace Hybrid.Data.Cache

open System
open System.Runtime.InteropServices
open Hybrid.Data
open ZstdSharp

/// Decompresses pages into memory of the caller's: Parquet.Net's own way takes a new array for each page.
module internal Zstd =
    [<DllImport("zstd")>]
    extern unativeint private ZSTD_decompress(nativeint target, unativeint capacity, nativeint source, unativeint size)

    /// Debian's own package manager needs libzstd, so it is there; elsewhere its port to .NET does the same, slower by about a third.
    let private native = lazy (NativeLibraries.isPresent "zstd")

    /// Fills the first `length` bytes of `target` from `size` bytes of the source after its first `start`; false where they are damaged.
    let tryDecompress (source: byte[]) (start: int) (size: int) (target: byte[]) (length: int) : bool =
        if native.Value then
            let from = GCHandle.Alloc(source, GCHandleType.Pinned)
            let into = GCHandle.Alloc(target, GCHandleType.Pinned)

            try
                let source = from.AddrOfPinnedObject() + nativeint start
                let got = ZSTD_decompress (into.AddrOfPinnedObject(), unativeint length, source, unativeint size)
                got = unativeint length
            finally
                from.Free()
                into.Free()
        else
            try
                use decompressor = new Decompressor()
                decompressor.Unwrap(ReadOnlySpan(source, start, size), Span(target, 0, length)) = length
            with :? ZstdException ->
                false
