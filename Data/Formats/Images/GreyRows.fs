namespace Hybrid.Data.Formats

open System
open System.IO
open System.IO.Compression
open Hybrid.Data

/// The rows of an 8-bit grey PNG that is not interlaced, from the first to the last that is wanted; .NET's zlib is faster than the one
/// libspng is linked with, and rows below those are not inflated.
module internal GreyRows =

    /// Undoes a row's filter (PNG specification, 9.2) in place, of its first `width` pixels, which need none to their right; `above` is the
    /// row before, unfiltered, or zeros.
    let private unfilter (path: string) (kind: byte) (row: byte[]) (above: byte[]) (width: int) : unit =
        match kind with
        | 0uy -> ()
        | 1uy ->
            let mutable left = 0

            for i in 0 .. width - 1 do
                left <- (int row[i] + left) &&& 255
                row[i] <- byte left
        | 2uy ->
            for i in 0 .. width - 1 do
                row[i] <- row[i] + above[i]
        | 3uy ->
            let mutable left = 0

            for i in 0 .. width - 1 do
                left <- (int row[i] + ((left + int above[i]) >>> 1)) &&& 255
                row[i] <- byte left
        | 4uy ->
            let mutable left = 0
            let mutable corner = 0

            for i in 0 .. width - 1 do
                let up = int above[i]
                let estimate = left + up - corner
                let a, b, c = abs (estimate - left), abs (estimate - up), abs (estimate - corner)
                let nearest = if a <= b && a <= c then left elif b <= c then up else corner
                corner <- up
                left <- (int row[i] + nearest) &&& 255
                row[i] <- byte left
        | other -> raise (InvalidDataException $"{path}: the PNG is damaged: expected filters 0 to 4, got {other}.")

    /// Rows `top` to `top + height − 1`, of each the pixels `left` to `left + width − 1`.
    ///   data : the content of the IDAT chunks.  columns : pixels of a row of the file.
    let read (path: string) (data: Stream) (columns: int) (top: int) (left: int) (height: int) (width: int) : byte[] =
        let result = GC.AllocateUninitializedArray<byte>(height * width)
        let needed = left + width
        let mutable row = Array.zeroCreate<byte> needed
        let mutable above = Array.zeroCreate<byte> needed
        // Many rows at a time: a call of the stream costs as much as some pixels.
        let rowsAtOnce = max 1 (min (top + height) ((1 <<< 16) / (columns + 1)))
        let lines = Array.zeroCreate<byte> (rowsAtOnce * (columns + 1))

        try
            use inflated = new ZLibStream(data, CompressionMode.Decompress)
            let mutable y = 0

            while y < top + height do
                let count = min rowsAtOnce (top + height - y)
                inflated.ReadExactly(lines, 0, count * (columns + 1))

                for i in 0 .. count - 1 do
                    let start = i * (columns + 1)
                    Buffer.BlockCopy(lines, start + 1, row, 0, needed)
                    unfilter path lines[start] row above needed

                    if y + i >= top then
                        Buffer.BlockCopy(row, left, result, (y + i - top) * width, width)

                    let before = above
                    above <- row
                    row <- before

                y <- y + count
        with
        | :? EndOfStreamException as e -> raise (InvalidDataException($"{path}: the PNG's pixels end early.", e))
        | :? InvalidDataException as e when not (e.Message.StartsWith(path, StringComparison.Ordinal)) ->
            raise (InvalidDataException($"{path}: the PNG's pixels could not be inflated: {e.Message}", e))

        result
