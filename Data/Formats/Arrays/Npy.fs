namespace Hybrid.Data.Formats

open System
open System.IO
open System.Runtime.InteropServices
open Microsoft.Win32.SafeHandles

/// A source of bytes that are read once, in order.
type internal ReadInto = delegate of Span<byte> -> unit

[<RequireQualifiedAccess>]
module internal NpyValues =
    [<Literal>]
    let private Piece = 0x4000_0000

    /// Calls `action` on the array's memory, in pieces of at most 1 GiB that are whole values.
    let pieces (values: Array) (size: int) (action: ReadInto) =
        let bytes = int64 values.Length * int64 size
        let pin = GCHandle.Alloc(values, GCHandleType.Pinned)

        try
            let first = pin.AddrOfPinnedObject()
            let mutable at = 0L

            while at < bytes do
                let length = int (min (bytes - at) (int64 Piece))
                action.Invoke(Span<byte>((first + nativeint at).ToPointer(), length))
                at <- at + int64 length
        finally
            pin.Free()

    /// Fills a fresh array from `read` by what the header says of order.
    let read (header: NpyHeader) (read: ReadInto) : NdArray =
        let element = header.Element
        let values = element.Allocate(int (Shape.count (Seq.map int64 header.Shape)))

        let fill =
            ReadInto(fun piece ->
                read.Invoke piece

                if header.BigEndian then
                    NpyElement.reverse element piece

                // To numpy any byte but 0 is True; .NET counts and compares truth values by their bytes.
                if element.Type = typeof<bool> then
                    for i in 0 .. piece.Length - 1 do
                        if piece[i] > 1uy then
                            piece[i] <- 1uy)

        pieces values element.Size fill

        if header.Fortran && header.Shape.Length > 1 then
            element.Wrap header.Shape (element.FromFortran header.Shape values)
        else
            element.Wrap header.Shape values

    /// Refuses shapes whose values cannot be in `available` bytes, and bytes that no value accounts for.
    let check (path: string) (header: NpyHeader) (available: int64) =
        let needed = NpyHeader.dataLength header

        if needed <> available then
            let shape = Shape.describe header.Shape
            let needs = if needed = Int64.MaxValue then "more than 2⁶³" else string needed

            let reason =
                if needed > available then "the file is truncated or its header damaged" else "bytes follow that belong to no value"

            raise (
                InvalidDataException
                    $"{path}, byte {header.DataOffset}: shape {shape} of '{header.Element.Code}' needs {needs} bytes, got {available}: \
                        {reason}"
            )

        if needed / int64 header.Element.Size > int64 Array.MaxLength then
            raise (
                InvalidDataException
                    $"{path}, byte {header.DataOffset}: shape {Shape.describe header.Shape} has more than {Array.MaxLength} values, the \
                        most that one .NET array holds. Save it in parts"
            )

/// Arrays in numpy's npy files (np.save, np.load without pickles): all number types and booleans, both byte orders, C and
/// Fortran order, format versions 1 to 3.
[<AbstractClass; Sealed>]
type Npy =
    /// Reads a file. The result is in C order and in this machine's byte order whatever the file's.
    /// Throws InvalidDataException with path and byte offset for a file that is damaged, truncated, longer than its
    /// shape, or of a dtype that is not a number; FileNotFoundException where there is none.
    static member Read(path: string) : NdArray =
        RegularFile.Require path
        use file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan)
        let length = RandomAccess.GetLength file
        let mutable head = Array.zeroCreate<byte> (int (min length 4096L))
        Npy.Fill(file, 0L, head.AsSpan(), path)

        // Only an array of thousands of axes, or damage, has a longer header than this.
        if head.Length >= 12 && head[6] >= 2uy then
            let whole = min length (12L + int64 (BitConverter.ToUInt32(head, 8)))

            if whole > int64 head.Length && whole <= int64 NpyHeader.MaximumLength then
                head <- Array.zeroCreate (int whole)
                Npy.Fill(file, 0L, head.AsSpan(), path)
        elif head.Length >= 10 then
            let whole = min length (10L + int64 (BitConverter.ToUInt16(head, 8)))

            if whole > int64 head.Length then
                head <- Array.zeroCreate (int whole)
                Npy.Fill(file, 0L, head.AsSpan(), path)

        let header = NpyHeader.parse path (ReadOnlySpan head)
        NpyValues.check path header (length - int64 header.DataOffset)
        let offset = ref (int64 header.DataOffset)

        NpyValues.read
            header
            (ReadInto(fun piece ->
                Npy.Fill(file, offset.Value, piece, path)
                offset.Value <- offset.Value + int64 piece.Length))

    /// Writes a file as np.save does: version 1.0, little endian, C order. It appears under `path` only when complete.
    static member Write(path: string, array: NdArray) : unit =
        ArgumentNullException.ThrowIfNull array
        let element = NpyElement.ofType array.ElementType
        WholeFile.Write(path, fun stream -> Npy.WriteTo(stream, element, array))

    static member internal WriteTo(stream: Stream, element: NpyElement, array: NdArray) =
        stream.Write(ReadOnlySpan(NpyHeader.format element array.Shape))
        NpyValues.pieces array.RawValues element.Size (ReadInto(fun piece -> stream.Write(Span.op_Implicit piece)))

    static member private Fill(file: SafeFileHandle, offset: int64, target: Span<byte>, path: string) =
        let mutable filled = 0

        while filled < target.Length do
            let got = RandomAccess.Read(file, target.Slice filled, offset + int64 filled)

            if got = 0 then
                raise (
                    InvalidDataException
                        $"{path}, byte {offset + int64 filled}: the file ends here; {target.Length - filled} more bytes were expected"
                )

            filled <- filled + got
