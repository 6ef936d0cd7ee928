namespace Hybrid.PropertyTests.Laws.Data.Formats

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.Text

/// FITS files by hand, card by card.
[<RequireQualifiedAccess>]
module FitsBytes =
    let private pad (length: int) = (length + 2879) / 2880 * 2880

    /// A keyword with a value as it stands in the file.
    let card (name: string) (value: obj) = $"{name, -8}= {value, 20}"

    /// A header: cards, END and blanks.
    let header (cards: string list) : byte[] =
        let text = String.Join("", [ for c in cards @ [ "END" ] -> c.PadRight 80 ])
        Encoding.ASCII.GetBytes(text.PadRight(pad text.Length))

    /// An HDU whose data are padded with `filler`.
    let hduPadded (filler: byte) (cards: string list) (data: byte[]) : byte[] =
        Array.concat [ header cards; data; Array.create (pad data.Length - data.Length) filler ]

    let hdu (cards: string list) (data: byte[]) = hduPadded 0uy cards data

    /// The cards that begin a primary image, FITS order of the axes.
    let image (bitpix: int) (axes: int list) : string list =
        [ card "SIMPLE" "T"
          card "BITPIX" bitpix
          card "NAXIS" axes.Length
          for i, n in List.indexed axes do
              card $"NAXIS{i + 1}" n ]

    let empty = hdu (image 8 []) [||]

    /// A table of `rows` of `rowBytes`; `kind` is BINTABLE or TABLE, the heap follows the rows.
    let table (kind: string) (rowBytes: int) (rows: int) (heap: int) (fields: int) (cards: string list) (data: byte[]) : byte[] =
        let filler = if kind = "TABLE" then byte ' ' else 0uy

        Array.append
            empty
            (hduPadded
                filler
                ([ $"XTENSION= '{kind, -8}'"
                   card "BITPIX" 8
                   card "NAXIS" 2
                   card "NAXIS1" rowBytes
                   card "NAXIS2" rows
                   card "PCOUNT" heap
                   card "GCOUNT" 1
                   card "TFIELDS" fields ]
                 @ cards)
                data)

    let int16s (values: int16 list) = [| for v in values do yield! [| byte (v >>> 8); byte v |] |]

    let int32s (values: int list) =
        [| for v in values do
               let bytes = Array.zeroCreate<byte> 4
               BinaryPrimitives.WriteInt32BigEndian(Span bytes, v)
               yield! bytes |]

    let int64s (values: int64 list) =
        [| for v in values do
               let bytes = Array.zeroCreate<byte> 8
               BinaryPrimitives.WriteInt64BigEndian(Span bytes, v)
               yield! bytes |]

    let singles (values: float32 list) = int32s [ for v in values -> BitConverter.SingleToInt32Bits v ]
    let doubles (values: float list) = int64s [ for v in values -> BitConverter.DoubleToInt64Bits v ]
    let text (width: int) (value: string) = Encoding.ASCII.GetBytes(value.PadRight width)

    let gzip (content: byte[]) : byte[] =
        use packed = new MemoryStream()

        do
            use stream = new GZipStream(packed, CompressionLevel.Optimal)
            stream.Write(ReadOnlySpan content)

        packed.ToArray()
