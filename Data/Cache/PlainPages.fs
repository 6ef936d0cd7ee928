namespace Hybrid.Data.Cache

open System
open System.Buffers.Binary
open System.IO
open System.Runtime.InteropServices
open Microsoft.Win32.SafeHandles
open Hybrid.Data

/// What the bytes of a column chunk are.
type internal PageCodec =
    /// Neither of the following: DuckDB decodes it.
    | Other = 0
    /// PLAIN values as they are.
    | Uncompressed = 1
    /// PLAIN values, the page compressed by zstd.
    | Zstd = 2

/// Rows of one row group of a tensor column that lie at a fixed distance from each other: one PLAIN-encoded page without
/// nulls, each value a 4-byte length and its bytes (Parquet format, "Plain" in Encodings.md). Where the page is
/// uncompressed any row can be read straight into its place.
[<Struct>]
type internal PlainPage =
    { Codec: PageCodec
      /// Uncompressed: where the first row's bytes begin in the file; row i begins i · (bytes + 4) later. Zstd: where the page's bytes begin.
      First: int64
      /// Bytes of the page in the file and in memory, without its header.
      Packed: int
      Unpacked: int }

module internal Zstd =
    [<DllImport("zstd")>]
    extern unativeint ZSTD_decompress(nativeint target, unativeint capacity, nativeint source, unativeint size)

    /// Debian's own package manager needs libzstd, so it is there; elsewhere DuckDB decodes the pages, a little slower.
    let private present = lazy (NativeLibraries.isPresent "zstd")

    let isPresent () = present.Value

    /// Fills the first `length` bytes of `target`; false where the bytes are damaged.
    let tryDecompress (source: byte[]) (size: int) (target: byte[]) (length: int) : bool =
        let from = GCHandle.Alloc(source, GCHandleType.Pinned)
        let into = GCHandle.Alloc(target, GCHandleType.Pinned)

        try
            ZSTD_decompress (into.AddrOfPinnedObject(), unativeint length, from.AddrOfPinnedObject(), unativeint size) = unativeint length
        finally
            from.Free()
            into.Free()

/// Recognises such pages by their headers (Thrift compact protocol, PageHeader in parquet.thrift).
[<RequireQualifiedAccess>]
module internal PlainPage =
    /// The fields of a page header that matter; −1 where absent.
    [<Struct>]
    type private Header =
        { Length: int
          Kind: int64
          Uncompressed: int64
          Compressed: int64
          Values: int64
          Encoding: int64 }

    /// Thrift compact: an unsigned LEB128 number; −1 where the bytes end or it is too long.
    let private varint (bytes: byte[]) (at: byref<int>) : int64 =
        let mutable value = 0UL
        let mutable shift = 0
        let mutable more = true

        while more do
            if at >= bytes.Length || shift > 63 then
                more <- false
                shift <- -1
            else
                let b = bytes[at]
                at <- at + 1
                value <- value ||| (uint64 (b &&& 0x7Fuy) <<< shift)
                shift <- shift + 7
                more <- b &&& 0x80uy <> 0uy

        if shift < 0 then -1L else int64 value

    let private unzigzag (n: int64) =
        int64 (uint64 n >>> 1) ^^^ -(n &&& 1L)

    /// Parses a header whose nested structure, the data page header, has integers only; anything else is not recognised.
    let private parse (bytes: byte[]) : Header voption =
        let mutable at = 0
        let mutable kind = -1L
        let mutable uncompressed = -1L
        let mutable compressed = -1L
        let mutable values = -1L
        let mutable encoding = -1L
        let mutable field = 0
        let mutable inner = 0
        let mutable depth = 0
        let mutable ended = false
        let mutable known = true

        while known && not ended do
            if at >= bytes.Length then
                known <- false
            else
                let head = int bytes[at]
                at <- at + 1

                if head = 0 then
                    if depth = 0 then
                        ended <- true
                    else
                        depth <- depth - 1
                else
                    let delta = head >>> 4
                    let thrift = head &&& 0xF

                    let id =
                        let before = if depth = 0 then field else inner
                        if delta = 0 then int (unzigzag (varint bytes &at)) else before + delta

                    if depth = 0 then field <- id else inner <- id

                    match thrift with
                    | 5
                    | 6 -> // i32, i64
                        let value = unzigzag (varint bytes &at)

                        match depth, id with
                        | 0, 1 -> kind <- value
                        | 0, 2 -> uncompressed <- value
                        | 0, 3 -> compressed <- value
                        | 1, 1 -> values <- value
                        | 1, 2 -> encoding <- value
                        | _ -> ()
                    | 12 when depth = 0 && id = 5 ->
                        depth <- 1
                        inner <- 0
                    | 1
                    | 2 -> () // a boolean is its type
                    | _ -> known <- false

        if known then
            ValueSome
                { Length = at
                  Kind = kind
                  Uncompressed = uncompressed
                  Compressed = compressed
                  Values = values
                  Encoding = encoding }
        else
            ValueNone

    /// Bytes before the first row in an unpacked page: its definition levels (their length, then runs that say "not null")
    /// and the first value's length. −1 where a page of `length` bytes does not hold `rows` values of `rowBytes` after them.
    let prefix (start: ReadOnlySpan<byte>) (length: int64) (rows: int) (rowBytes: int) : int64 =
        let levels = int64 (BinaryPrimitives.ReadUInt32LittleEndian start)
        // With a null there would be fewer values, and the length would not come out.
        if 4L + levels + (int64 rowBytes + 4L) * int64 rows = length then 8L + levels else -1L

    /// The page of a column chunk at `offset`, if it is plain and holds exactly `rows` values of `rowBytes` bytes.
    let tryRead (file: SafeFileHandle) (codec: PageCodec) (offset: int64) (chunkBytes: int64) (rows: int) (rowBytes: int) : PlainPage voption =
        let head = Array.zeroCreate<byte> 128
        let got = RandomAccess.Read(file, head.AsSpan(), offset)

        match parse (Array.truncate got head) with
        | ValueSome header when
            header.Kind = 0L
            && header.Encoding = 0L
            && header.Values = int64 rows
            && int64 header.Length + header.Compressed = chunkBytes
            && header.Compressed >= 4L
            && header.Uncompressed >= 4L
            && header.Compressed <= int64 Array.MaxLength
            && header.Uncompressed <= int64 Array.MaxLength
            && header.Length + 4 <= got
            ->
            let body = offset + int64 header.Length

            let page first =
                ValueSome
                    { Codec = codec
                      First = first
                      Packed = int header.Compressed
                      Unpacked = int header.Uncompressed }

            match codec with
            | PageCodec.Uncompressed when header.Compressed = header.Uncompressed ->
                let skipped = prefix (ReadOnlySpan(head, header.Length, 4)) header.Compressed rows rowBytes
                let length = Array.zeroCreate<byte> 4

                let fits row =
                    RandomAccess.Read(file, length.AsSpan(), body + skipped - 4L + (int64 rowBytes + 4L) * int64 row) = 4
                    && BinaryPrimitives.ReadInt32LittleEndian(ReadOnlySpan length) = rowBytes

                if skipped >= 0L && fits 0 && fits (rows - 1) then page (body + skipped) else ValueNone
            // What is not this long unpacked has no such rows; the rest is seen when it is unpacked.
            | PageCodec.Zstd when
                header.Uncompressed > (int64 rowBytes + 4L) * int64 rows
                && header.Uncompressed < (int64 rowBytes + 4L) * int64 rows + 65536L
                && Zstd.isPresent ()
                ->
                page body
            | _ -> ValueNone
        | _ -> ValueNone
