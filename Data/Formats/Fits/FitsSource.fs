namespace Hybrid.Data.Formats

open System
open System.IO
open System.IO.Compression
open Microsoft.Win32.SafeHandles

/// The bytes of a FITS file: a file read at positions, or a .gz decompressed into memory.
[<Sealed>]
type internal FitsSource private (path: string, handle: SafeFileHandle | null, memory: byte[] | null, length: int64) =
    /// What one .NET array holds; a .gz that becomes longer is refused.
    static let limit = int64 Array.MaxLength

    static let decompress (path: string) (handle: SafeFileHandle) : byte[] =
        use packed = new FileStream(handle, FileAccess.Read, 1 <<< 16)
        use content = new GZipStream(packed, CompressionMode.Decompress)
        use all = new MemoryStream()
        let piece = Array.zeroCreate<byte> (1 <<< 20)
        let mutable more = true

        try
            while more do
                let got = content.Read(piece, 0, piece.Length)
                more <- got > 0

                if all.Length + int64 got > limit then
                    raise (InvalidDataException $"it decompresses to more than {limit} bytes; decompress it to a file first")

                all.Write(piece, 0, got)
        with :? InvalidDataException as e ->
            raise (InvalidDataException($"{path}, byte {all.Length} of the decompressed file: damaged .gz: {e.Message}", e))

        all.ToArray()

    member _.Path = path
    member _.Length = length
    /// The decompressed file, or null where the file itself is read.
    member _.Memory = memory

    /// Opens exactly this path. CFITSIO would take x.fits.gz for a missing x.fits; here a missing file is an error.
    static member Open(path: string) : FitsSource =
        if not (File.Exists path) then
            let beside = path + ".gz"

            let hint =
                if File.Exists beside then
                    $" There is {beside}: name it if it is meant."
                else
                    ""

            raise (FileNotFoundException($"{path}: no such file.{hint}", path))

        let handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.None)

        try
            let length = RandomAccess.GetLength handle
            let magic = Array.zeroCreate<byte> 2

            if length >= 2L && RandomAccess.Read(handle, magic.AsSpan(), 0L) = 2 && magic[0] = 0x1Fuy && magic[1] = 0x8Buy then
                let memory = decompress path handle
                handle.Dispose()
                new FitsSource(path, null, memory, int64 memory.Length)
            else
                new FitsSource(path, handle, null, length)
        with _ ->
            handle.Dispose()
            reraise ()

    /// Fills `target` from `offset`; the caller has checked that the bytes are there.
    member _.Read(target: Span<byte>, offset: int64) : unit =
        match memory, handle with
        | null, null -> raise (ObjectDisposedException(nameof FitsSource))
        | null, handle ->
            let mutable filled = 0

            while filled < target.Length do
                let got = RandomAccess.Read(Unchecked.nonNull handle, target.Slice filled, offset + int64 filled)

                if got = 0 then
                    raise (
                        InvalidDataException
                            $"{path}, byte {offset + int64 filled}: the file ends here, {target.Length - filled} bytes early; it was shortened while being read"
                    )

                filled <- filled + got
        | memory, _ ->
            ReadOnlySpan(Unchecked.nonNull memory, int offset, target.Length).CopyTo target

    interface IDisposable with
        member _.Dispose() =
            match handle with
            | null -> ()
            | open' -> open'.Dispose()
