namespace Hybrid.Data.Cache

open System
open System.IO
open Microsoft.Win32.SafeHandles

/// What the header of a page says (PageHeader in parquet.thrift); −1 where a number is absent.
[<Struct>]
type internal PageHeader =
    { /// Bytes of the header itself.
      Length: int
      /// 0 a data page, 1 an index, 2 a dictionary, 3 a data page of version 2.
      Kind: int64
      Uncompressed: int64
      Compressed: int64
      /// Values of the page, nulls among them.
      Values: int64
      /// 0 is PLAIN, 3 RLE.
      Encoding: int64 }

    member this.IsData = this.Kind = 0L || this.Kind = 3L

[<RequireQualifiedAccess>]
module internal PageHeader =
    /// A header at the start of the bytes; none where they end before it does, or are something else.
    let tryParse (bytes: byte[]) (length: int) : PageHeader voption =
        let mutable at = 0
        let mutable outer = 0
        let mutable inner = 0
        // The field of the header whose structure is being read, 0 outside.
        let mutable within = 0
        let mutable kind = -1L
        let mutable uncompressed = -1L
        let mutable compressed = -1L
        let mutable values = -1L
        let mutable encoding = -1L
        let mutable state = 0

        while state = 0 do
            let thrift =
                if within = 0 then
                    ThriftCompact.fieldHeader bytes length &at &outer
                else
                    ThriftCompact.fieldHeader bytes length &at &inner

            match thrift with
            | -1 -> state <- 2
            | 0 -> if within = 0 then state <- 1 else within <- 0
            | 4
            | 5
            | 6 ->
                let mutable number = 0UL

                if ThriftCompact.tryVarint bytes length &at &number then
                    let value = ThriftCompact.unzigzag number

                    match within, (if within = 0 then outer else inner) with
                    | 0, 1 -> kind <- value
                    | 0, 2 -> uncompressed <- value
                    | 0, 3 -> compressed <- value
                    | (5 | 7 | 8), 1 -> values <- value
                    | (5 | 7), 2
                    | 8, 4 -> encoding <- value
                    | _ -> ()
                else
                    state <- 2
            | 12 when within = 0 && (outer = 5 || outer = 7 || outer = 8) ->
                within <- outer
                inner <- 0
            // Statistics, and whatever a later version of the format adds.
            | other ->
                if not (ThriftCompact.skip bytes length other 0 &at) then
                    state <- 2

        if state = 1 then
            ValueSome
                { Length = at
                  Kind = kind
                  Uncompressed = uncompressed
                  Compressed = compressed
                  Values = values
                  Encoding = encoding }
        else
            ValueNone

    /// Longest header looked for: two texts of statistics, each twice.
    let private longest = 1 <<< 24

    /// The header at a place of a file, which ends before `limit`; ValueNone where there is no such header.
    let tryRead (file: SafeFileHandle) (offset: int64) (limit: int64) : PageHeader voption =
        let rec attempt (room: int) =
            let bytes = Array.zeroCreate<byte> (int (min (int64 room) (limit - offset)))
            let mutable got = 0
            let mutable more = bytes.Length > 0

            while more do
                match RandomAccess.Read(file, bytes.AsSpan got, offset + int64 got) with
                | 0 -> more <- false
                | n ->
                    got <- got + n
                    more <- got < bytes.Length

            match tryParse bytes got with
            | ValueSome header -> ValueSome header
            | ValueNone when got = room && room < longest -> attempt (room * 16)
            | ValueNone -> ValueNone

        if offset < 0L || offset >= limit then ValueNone else attempt 256
