namespace Hybrid.Data.Cache

/// Thrift's compact protocol, in which Parquet's footer and page headers are written, walked without building anything. Parquet.Net's own
/// reader does not end at some damaged bytes and takes any list's length for true, so what it shall read is walked here before.
[<RequireQualifiedAccess>]
module internal ThriftCompact =
    /// No structure of Parquet nests deeper than about ten.
    let private deepest = 32

    /// An unsigned LEB128 number; false where the bytes end or it has more than 64 bits.
    let tryVarint (bytes: byte[]) (length: int) (at: byref<int>) (value: byref<uint64>) : bool =
        value <- 0UL
        let mutable shift = 0
        let mutable state = 0

        while state = 0 do
            if at >= length || shift > 63 then
                state <- 2
            else
                let b = bytes[at]
                at <- at + 1
                value <- value ||| (uint64 (b &&& 0x7Fuy) <<< shift)
                shift <- shift + 7

                if b &&& 0x80uy = 0uy then
                    state <- 1

        state = 1

    /// A zigzag-coded signed number.
    let unzigzag (n: uint64) = int64 (n >>> 1) ^^^ -(int64 (n &&& 1UL))

    /// The header of a structure's field: its type, 0 at the structure's end, and its number; −1 where the bytes end.
    let fieldHeader (bytes: byte[]) (length: int) (at: byref<int>) (field: byref<int>) : int =
        if at >= length then
            -1
        else
            let head = int bytes[at]
            at <- at + 1

            if head = 0 then
                0
            elif head >>> 4 <> 0 then
                field <- field + (head >>> 4)
                head &&& 0xF
            else
                let mutable number = 0UL

                if tryVarint bytes length &at &number then
                    field <- int (unzigzag number)
                    head &&& 0xF
                else
                    -1

    /// Steps over a value of a type; false where it does not fit into the bytes.
    let rec skip (bytes: byte[]) (length: int) (kind: int) (depth: int) (at: byref<int>) : bool =
        let mutable number = 0UL

        match kind with
        | 1
        | 2 -> true // a field's boolean is its type
        | 3 ->
            at <- at + 1
            at <= length
        | 4
        | 5
        | 6 -> tryVarint bytes length &at &number
        | 7 ->
            at <- at + 8
            at <= length
        | 8 ->
            if tryVarint bytes length &at &number && number <= uint64 (length - at) then
                at <- at + int number
                true
            else
                false
        | 9
        | 10 when at < length && depth < deepest ->
            let head = int bytes[at]
            at <- at + 1
            let mutable fits = true

            if head >>> 4 = 15 then
                fits <- tryVarint bytes length &at &number
            else
                number <- uint64 (head >>> 4)

            // Every element takes a byte at least; a boolean of a list takes one, too.
            fits <- fits && number <= uint64 (length - at)
            let element = head &&& 0xF
            let mutable i = 0UL

            while fits && i < number do
                fits <- skip bytes length (if element <= 2 then 3 else element) (depth + 1) &at
                i <- i + 1UL

            fits
        | 12 when depth < deepest -> skipStruct bytes length (depth + 1) &at
        | _ -> false // Parquet has no maps

    and private skipStruct (bytes: byte[]) (length: int) (depth: int) (at: byref<int>) : bool =
        let mutable field = 0
        let mutable state = 0

        while state = 0 do
            match fieldHeader bytes length &at &field with
            | 0 -> state <- 1
            | -1 -> state <- 2
            | kind ->
                if not (skip bytes length kind depth &at) then
                    state <- 2

        state = 1

    /// Whether the bytes hold a whole structure.
    let isStruct (bytes: byte[]) : bool =
        let mutable at = 0
        skipStruct bytes bytes.Length 0 &at
