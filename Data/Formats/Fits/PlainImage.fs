namespace Hybrid.Data.Formats

open System
open System.Buffers.Binary
open System.Runtime.InteropServices
open System.Text

/// Where the pixels of a plain image are: no scaling, no blank value, no compression, so that they are the file's bytes reversed.
[<Struct>]
type internal PlainImage =
    { BitPix: int
      /// NAXIS1 … NAXIS4, FITS order; further ones are not plain.
      Naxis: int
      Axis1: int
      Axis2: int
      Axis3: int
      Axis4: int
      /// Bytes from the beginning of the header to the data.
      DataOffset: int
      HasChecksum: bool }

    member this.Count =
        Shape.count [ int64 this.Axis1; int64 this.Axis2; int64 this.Axis3; int64 this.Axis4 ]

    member this.DataLength = Shape.count [ this.Count; int64 (abs this.BitPix) / 8L ]

/// The fast path of reading: recognises a plain primary image from the first bytes of a file without allocating. Whatever
/// it does not recognise is left to the complete reader, which says what is damaged.
[<RequireQualifiedAccess>]
module internal PlainImage =
    let private key (name: string) =
        BinaryPrimitives.ReadUInt64LittleEndian(ReadOnlySpan(Encoding.ASCII.GetBytes(name.PadRight 8)))

    let private simple = key "SIMPLE"
    let private bitpix = key "BITPIX"
    let private naxis = key "NAXIS"
    let private naxisN = Array.init 5 (fun i -> key $"NAXIS{i + 1}")
    let private ending = key "END"
    let private bscale = key "BSCALE"
    let private bzero = key "BZERO"
    let private blank = key "BLANK"
    let private checksum = key "CHECKSUM"
    let private datasum = key "DATASUM"
    let private groups = key "GROUPS"
    let private pcount = key "PCOUNT"
    let private gcount = key "GCOUNT"

    /// The integer of a card in fixed format (columns 11 to 30, as NAXIS must have), or Int32.MinValue.
    let private integer (card: ReadOnlySpan<byte>) : int =
        let mutable at = 10

        if card[8] <> '='B || card[9] <> ' 'B then
            Int32.MinValue
        else
            while at < 30 && card[at] = ' 'B do
                at <- at + 1

            let negative = at < 30 && card[at] = '-'B

            if negative then
                at <- at + 1

            let first = at
            let mutable value = 0L

            while at < 30 && card[at] >= '0'B && card[at] <= '9'B && at - first < 10 do
                value <- value * 10L + int64 (card[at] - '0'B)
                at <- at + 1

            // Anything after the number but blanks and a comment is left to the complete reader.
            let mutable rest = at

            while rest < FitsCard.Length && card[rest] = ' 'B do
                rest <- rest + 1

            if at = first || value > int64 Int32.MaxValue || (rest < FitsCard.Length && card[rest] <> '/'B) then
                Int32.MinValue
            elif negative then
                -(int value)
            else
                int value

    /// True and the description if `head`, the first bytes of a file, begins with the whole header of a plain image.
    let tryParse (head: ReadOnlySpan<byte>, image: byref<PlainImage>) : bool =
        let mutable ok = head.Length >= FitsStructure.Block
        let mutable card = 0
        let mutable bits = 0
        let mutable axes = -1
        let mutable a1 = 1
        let mutable a2 = 1
        let mutable a3 = 1
        let mutable a4 = 1
        let mutable sums = false
        let mutable ended = false

        while ok && not ended do
            if (card + 1) * FitsCard.Length > head.Length then
                ok <- false
            else
                let text = head.Slice(card * FitsCard.Length, FitsCard.Length)
                let name = BinaryPrimitives.ReadUInt64LittleEndian text

                if card = 0 then
                    ok <- name = simple && text[8] = '='B && text[29] = 'T'B
                elif card = 1 then
                    bits <- integer text
                    ok <- name = bitpix && (bits = -32 || bits = -64 || bits = 8 || bits = 16 || bits = 32 || bits = 64)
                elif card = 2 then
                    axes <- integer text
                    ok <- name = naxis && axes >= 1 && axes <= 4
                elif card - 3 < axes then
                    let n = integer text
                    ok <- name = naxisN[card - 3] && n >= 0

                    match card - 3 with
                    | 0 -> a1 <- n
                    | 1 -> a2 <- n
                    | 2 -> a3 <- n
                    | _ -> a4 <- n
                elif name = ending then
                    ended <- true
                elif name = checksum || name = datasum then
                    sums <- true
                elif
                    name = bscale
                    || name = bzero
                    || name = blank
                    || name = groups
                    || name = pcount
                    || name = gcount
                    || name = naxis
                    || name = bitpix
                    || name = naxisN[0]
                    || name = naxisN[1]
                    || name = naxisN[2]
                    || name = naxisN[3]
                    || name = naxisN[4]
                then
                    ok <- false

                card <- card + 1

        if ok then
            image <-
                { BitPix = bits
                  Naxis = axes
                  Axis1 = a1
                  Axis2 = a2
                  Axis3 = a3
                  Axis4 = a4
                  DataOffset =
                    (card * FitsCard.Length + FitsStructure.Block - 1) / FitsStructure.Block * FitsStructure.Block
                  HasChecksum = sums }

        ok

    /// Reverses the bytes of big-endian values into `target`; vectorised. Both have the same number of bytes.
    let swap (bytesPerValue: int) (source: ReadOnlySpan<byte>) (target: Span<byte>) =
        match bytesPerValue with
        | 1 -> source.CopyTo target
        | 2 ->
            BinaryPrimitives.ReverseEndianness(
                MemoryMarshal.Cast<byte, uint16> source,
                MemoryMarshal.Cast<byte, uint16> target
            )
        | 4 ->
            BinaryPrimitives.ReverseEndianness(
                MemoryMarshal.Cast<byte, uint32> source,
                MemoryMarshal.Cast<byte, uint32> target
            )
        | _ ->
            BinaryPrimitives.ReverseEndianness(
                MemoryMarshal.Cast<byte, uint64> source,
                MemoryMarshal.Cast<byte, uint64> target
            )
