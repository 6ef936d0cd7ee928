namespace Hybrid.Data.Cache

open System
open System.Buffers.Binary
open System.IO
open Microsoft.Win32.SafeHandles

/// Rows of one row group of a tensor column that lie in the file at a fixed distance from each other, so that any row can be
/// read straight into its place without decoding: an uncompressed, PLAIN-encoded page without nulls, each value a
/// 4-byte length and its bytes (Parquet format, "Plain" in Encodings.md).
[<Struct>]
type internal PlainPage =
    { /// Where the first row's bytes begin in the file; row i begins i · (bytes + 4) later.
      First: int64 }

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

    /// The page of a column chunk at `offset`, if it is plain and holds exactly `rows` values of `rowBytes` bytes.
    let tryRead (file: SafeFileHandle) (offset: int64) (chunkBytes: int64) (rows: int) (rowBytes: int) : PlainPage voption =
        let head = Array.zeroCreate<byte> 128
        let got = RandomAccess.Read(file, head.AsSpan(), offset)

        match parse (Array.truncate got head) with
        | ValueSome header when
            header.Kind = 0L
            && header.Encoding = 0L
            && header.Values = int64 rows
            && header.Compressed = header.Uncompressed
            && int64 header.Length + header.Compressed = chunkBytes
            && header.Length + 4 <= got
            ->
            // Definition levels of an optional column: their length, then runs that say "not null".
            let levels = int64 (BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan(head, header.Length, 4)))
            let values = header.Compressed - 4L - levels
            let stride = int64 rowBytes + 4L

            // With a null there would be fewer values, and the length would not come out.
            if levels >= 0L && values = stride * int64 rows then
                let start = offset + int64 header.Length + 4L + levels
                let length = Array.zeroCreate<byte> 4

                let fits row =
                    RandomAccess.Read(file, length.AsSpan(), start + stride * int64 row) = 4
                    && BinaryPrimitives.ReadInt32LittleEndian(ReadOnlySpan length) = rowBytes

                if fits 0 && fits (rows - 1) then
                    ValueSome { First = start + 4L }
                else
                    ValueNone
            else
                ValueNone
        | _ -> ValueNone
