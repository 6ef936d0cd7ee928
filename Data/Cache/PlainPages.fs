namespace Hybrid.Data.Cache

open System
open System.Buffers.Binary
open System.IO
open Microsoft.Win32.SafeHandles

/// What the bytes of a column chunk are.
type internal PageCodec =
    /// Neither of the following: Parquet.Net decodes it.
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
      /// Whether definition levels stand before the values: those of an OPTIONAL column, as DuckDB writes them; Parquet.Net's are REQUIRED.
      Levels: bool
      /// Where the column chunk begins in the file, and its bytes: the page's header, then the page.
      Chunk: int64
      ChunkBytes: int
      /// Uncompressed: where the first row's bytes begin in the file; row i begins i · (bytes + 4) later. Zstd: where the page's bytes
      /// begin.
      First: int64
      /// Bytes of the page in the file and in memory, without its header.
      Packed: int
      Unpacked: int }

/// Recognises such pages by their headers.
[<RequireQualifiedAccess>]
module internal PlainPage =
    /// Bytes before the first row in an unpacked page: its definition levels, if it has any (their length, then runs that say
    /// "not null"), and the first value's length. −1 where a page of `length` bytes does not hold `rows` values of `rowBytes` after them.
    let prefix (levels: bool) (start: ReadOnlySpan<byte>) (length: int64) (rows: int) (rowBytes: int) : int64 =
        let before = if levels then 4L + int64 (BinaryPrimitives.ReadUInt32LittleEndian start) else 0L
        // With a null there would be fewer values, and the length would not come out.
        if before + (int64 rowBytes + 4L) * int64 rows = length then before + 4L else -1L

    /// The page of a column chunk at `offset`, if it is plain and holds exactly `rows` values of `rowBytes` bytes.
    let tryRead
        (file: SafeFileHandle)
        (codec: PageCodec)
        (levels: bool)
        (offset: int64)
        (chunkBytes: int64)
        (rows: int)
        (rowBytes: int)
        : PlainPage voption =
        let values = (int64 rowBytes + 4L) * int64 rows

        match PageHeader.tryRead file offset (offset + chunkBytes) with
        | ValueSome header when
            header.Kind = 0L
            && header.Encoding = 0L
            && header.Values = int64 rows
            && int64 header.Length + header.Compressed = chunkBytes
            && header.Compressed >= 4L
            && header.Uncompressed >= 4L
            && chunkBytes <= int64 Array.MaxLength
            && header.Uncompressed <= int64 Array.MaxLength
            ->
            let body = offset + int64 header.Length

            let page first =
                ValueSome
                    { Codec = codec
                      Levels = levels
                      Chunk = offset
                      ChunkBytes = int chunkBytes
                      First = first
                      Packed = int header.Compressed
                      Unpacked = int header.Uncompressed }

            match codec with
            | PageCodec.Uncompressed when header.Compressed = header.Uncompressed ->
                let four = Array.zeroCreate<byte> 4
                let read place = RandomAccess.Read(file, four.AsSpan(), place) = 4

                if read body then
                    let skipped = prefix levels (ReadOnlySpan four) header.Compressed rows rowBytes

                    let fits row =
                        read (body + skipped - 4L + (int64 rowBytes + 4L) * int64 row)
                        && BinaryPrimitives.ReadInt32LittleEndian(ReadOnlySpan four) = rowBytes

                    if skipped >= 0L && fits 0 && fits (rows - 1) then page (body + skipped) else ValueNone
                else
                    ValueNone
            // What is not this long unpacked has no such rows; the rest is seen when it is unpacked.
            | PageCodec.Zstd when header.Uncompressed >= values && header.Uncompressed < values + 65536L -> page body
            | _ -> ValueNone
        | _ -> ValueNone
