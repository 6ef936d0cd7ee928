namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.IO
open Microsoft.Win32.SafeHandles

/// An npy file read in parts along its first axis, for arrays that are larger than memory.
[<Sealed>]
type NpyRows private (path: string, file: SafeFileHandle, header: NpyHeader) =
    let rowShape = Array.skip 1 header.Shape
    let rowBytes = (rowShape |> Array.fold (fun all length -> all * int64 length) 1L) * int64 header.Element.Size

    /// Opens a file; its header is checked against its length.
    /// Throws InvalidDataException for a file that Npy.Read refuses, an array without axes, or one in Fortran order, whose rows are not
    /// together.
    static member Open(path: string) : NpyRows =
        RegularFile.Require path
        let file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read)

        try
            let length = RandomAccess.GetLength file
            // The longest header of all versions but one of thousands of axes.
            let head = Array.zeroCreate<byte> (int (min length 70000L))
            NpyRows.Fill(file, path, 0L, head.AsSpan())
            let header = NpyHeader.parse path (ReadOnlySpan head)
            NpyValues.check path header (length - int64 header.DataOffset)

            if header.Shape.Length = 0 then
                raise (InvalidDataException $"{path}: expected an array of rows, got a single number.")

            if header.Fortran && header.Shape.Length > 1 then
                raise (InvalidDataException $"{path}: expected rows one after another, got an array in Fortran order. Save it by \
                    np.save(path, np.ascontiguousarray(array)).")

            new NpyRows(path, file, header)
        with _ ->
            file.Dispose()
            reraise ()

    /// Length of the first axis.
    member _.Count = header.Shape[0]
    /// The other axes.
    member _.RowShape: IReadOnlyList<int> = rowShape

    /// Rows `first` to `first + count − 1`, (count, …), in this machine's byte order.
    member _.Read(first: int, count: int) : NdArray =
        if first < 0 || count < 0 || int64 first + int64 count > int64 header.Shape[0] then
            raise (ArgumentOutOfRangeException(nameof first, $"{path}: expected rows of {header.Shape[0]}, got {count} from {first} on."))

        let mutable offset = int64 header.DataOffset + int64 first * rowBytes
        let place = ref offset

        NpyValues.read
            { header with Shape = Array.append [| count |] rowShape }
            (ReadInto(fun piece ->
                NpyRows.Fill(file, path, place.Value, piece)
                place.Value <- place.Value + int64 piece.Length))

    static member private Fill(file: SafeFileHandle, path: string, offset: int64, target: Span<byte>) =
        let mutable filled = 0

        while filled < target.Length do
            let got = RandomAccess.Read(file, target.Slice filled, offset + int64 filled)

            if got = 0 then
                raise (InvalidDataException $"{path}, byte {offset + int64 filled}: the file ends here; {target.Length - filled} more \
                    bytes were expected")

            filled <- filled + got

    interface IDisposable with
        member _.Dispose() = file.Dispose()
