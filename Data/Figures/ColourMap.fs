namespace Hybrid.Data.Figures

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.IO.Hashing

/// Which colours stand for values from low to high.
type ColourMap =
    /// Perceptually even, dark blue to yellow; readable with every colour vision deficiency and in grey print.
    | Viridis = 0
    /// Dark to bright through purple and orange, for light on dark sky.
    | Inferno = 1
    /// Black to white.
    | Grey = 2

/// Colours of a map, and images painted with them as PNG.
[<RequireQualifiedAccess>]
module internal ColourMap =

    // Sixteen evenly spaced colours of matplotlib's maps (CC0); between them the interpolation is linear in sRGB.
    let anchors map =
        match map with
        | ColourMap.Inferno ->
            "000004 0c0826 240c4f 420a68 5d126e 781c6d 932667 ae305c c73e4c dd513a ed6925 f8850f fca50a fac62d f2e661 fcffa4"
        | ColourMap.Grey -> "000000 ffffff"
        | _ -> "440154 481a6c 472f7d 414487 39568c 31688e 2a788e 23888e 1f988b 22a884 35b779 54c568 7ad151 a5db36 d2e21b fde725"
        |> fun text -> text.Split ' '

    let range map = anchors map |> Seq.map (fun hex -> "#" + hex) |> Json.texts

    /// 256 colours as red, green, blue bytes.
    let table map =
        let anchors = anchors map |> Array.map Convert.FromHexString
        let bytes = Array.zeroCreate<byte> 768

        for i in 0..255 do
            let position = float i / 255.0 * float (anchors.Length - 1)
            let a = min (int position) (anchors.Length - 2)
            let t = position - float a

            for c in 0..2 do
                bytes[3 * i + c] <- byte (Math.Round((1.0 - t) * float (anchors[a].[c]) + t * float (anchors[a + 1].[c])))

        bytes

/// Just enough PNG for pictures inside a specification: 8 bits a pixel of a palette, or RGB. Real files are read and written by
/// Formats, over libspng; a figure must not need that library.
[<RequireQualifiedAccess>]
module internal InlinePng =
    let private chunk (stream: Stream) (kind: string) (body: byte[]) =
        let bytes = Array.zeroCreate<byte> (12 + body.Length)
        BinaryPrimitives.WriteInt32BigEndian(Span bytes, body.Length)
        Text.Encoding.ASCII.GetBytes(kind, 0, 4, bytes, 4) |> ignore
        Array.blit body 0 bytes 8 body.Length
        let crc = Crc32.HashToUInt32(ReadOnlySpan(bytes, 4, 4 + body.Length))
        BinaryPrimitives.WriteUInt32BigEndian(Span(bytes, 8 + body.Length, 4), crc)
        stream.Write(bytes, 0, bytes.Length)

    /// pixels : rows from the top; one byte a pixel with a palette (768 bytes), three without (empty palette).
    let encode (width: int) (height: int) (palette: byte[]) (pixels: byte[]) =
        let channels = if palette.Length > 0 then 1 else 3
        use stream = new MemoryStream()
        stream.Write [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy; 0x0Duy; 0x0Auy; 0x1Auy; 0x0Auy |]
        let header = Array.zeroCreate<byte> 13
        BinaryPrimitives.WriteInt32BigEndian(Span header, width)
        BinaryPrimitives.WriteInt32BigEndian(Span(header, 4, 4), height)
        header[8] <- 8uy
        header[9] <- if channels = 1 then 3uy else 2uy
        chunk stream "IHDR" header

        if palette.Length > 0 then
            chunk stream "PLTE" palette

        use packed = new MemoryStream()

        (use zlib = new ZLibStream(packed, CompressionLevel.Optimal, true)
         for row in 0 .. height - 1 do
             zlib.WriteByte 0uy
             zlib.Write(pixels, row * width * channels, width * channels))

        chunk stream "IDAT" (packed.ToArray())
        chunk stream "IEND" [||]
        stream.ToArray()

    /// Every pixel repeated `factor` times both ways: sharp squares in any viewer, none of which agrees on how to enlarge.
    let enlarge factor width height channels (pixels: byte[]) =
        Array.init (width * height * channels * factor * factor) (fun i ->
            let c = i % channels
            let x = i / channels % (width * factor) / factor
            let y = i / channels / (width * factor) / factor
            pixels[(y * width + x) * channels + c])

    let dataUri (png: byte[]) = "data:image/png;base64," + Convert.ToBase64String png
