namespace Hybrid.Data.Formats

open System
open System.IO
open System.IO.Compression
open Microsoft.Win32.SafeHandles

/// The HDUs of a .gz: as many bytes as its headers declare, and a block of what follows them, so that it is noticed. A few kilobytes may
/// decompress to gigabytes; memory is taken for what a header accounts for.
[<Sealed>]
type internal GzipHdus(path: string, packed: FileStream) =
    /// What one .NET array holds; a .gz that becomes longer is refused.
    static let limit = int64 Array.MaxLength

    /// Bytes after the last HDU that are decompressed for the checksum at the end; of more of them nothing is known.
    static let longestTail = 64L <<< 20

    // Deflate shrinks at most 1032 to 1: a longer claim is damage.
    let most = min limit (1040L * packed.Length + 4096L)
    let content = WholeGzip.Open packed
    let mutable all = Array.zeroCreate<byte> (1 <<< 16)
    let mutable length = 0

    /// Decompresses up to `wanted` bytes in all; false where the file ends before.
    let fill (wanted: int64) : bool =
        if wanted > limit then
            raise (InvalidDataException $"it decompresses to more than {limit} bytes; decompress it to a file first")

        if wanted > int64 all.Length then
            // The block after an HDU has room already, so that a large one is not copied for it.
            let room = max (wanted + int64 FitsStructure.Block) (if all.Length < (1 <<< 24) then 2L * int64 all.Length else 0L)
            Array.Resize(&all, int (max (int64 all.Length) (min most room)))

        let until = int (min wanted (int64 all.Length))

        if until > length then
            length <- length + content.ReadAtLeast(all.AsSpan(length, until - length), until - length, false)

        int64 length >= wanted

    /// Where the header that begins at `offset` ends, its last block filled; −1 where it has no END card.
    let headerEnd (offset: int64) : int64 =
        let mutable at = offset
        let mutable found = false

        while not found && at - offset < int64 FitsStructure.MaximumHeader && fill (at + int64 FitsStructure.Block) do
            for card in 0 .. FitsStructure.Block / FitsCard.Length - 1 do
                found <- found || all.AsSpan(int at + card * FitsCard.Length, 8).SequenceEqual "END     "B

            at <- at + int64 FitsStructure.Block

        if found then at else -1L

    /// Where the HDU at `offset` ends, with its padding; −1 where its header is damaged, which the reader of these bytes reports.
    let finish (offset: int64) : int64 =
        match headerEnd offset with
        | -1L -> -1L
        | start ->
            try
                let header = FitsHeader.Parse(path, ReadOnlySpan(all, int offset, int (start - offset)))
                let declared = FitsStructure.declared path offset header
                let block = int64 FitsStructure.Block
                if declared > limit then limit + 1L else (start + declared + block - 1L) / block * block
            with :? InvalidDataException ->
                -1L

    /// Decompresses the HDUs: their bytes, at the beginning of the array, and how many they are.
    member _.Read() : struct (byte[] * int) =
        try
            let mutable offset = 0L
            let mutable index = 0

            while offset >= 0L
                  && fill (offset + int64 FitsStructure.Block)
                  && FitsStructure.isStart index (ReadOnlySpan(all, int offset, 9)) do
                let next = finish offset
                offset <- if next >= 0L && fill next then next else -1L
                index <- index + 1

            // The checksum at the end covers the pixels: what follows them is decompressed, and not kept.
            let rest = Array.zeroCreate<byte> (1 <<< 16)
            let mutable passed = 0L
            let mutable got = 1

            while got > 0 && passed < longestTail do
                got <- content.Read(rest, 0, rest.Length)
                passed <- passed + int64 got
        with :? InvalidDataException as e ->
            raise (InvalidDataException($"{path}, byte {length} of the decompressed file: damaged .gz: {e.Message}", e))

        struct (all, length)

    interface IDisposable with
        member _.Dispose() = content.Dispose()

/// The bytes of a FITS file: a file read at positions, or a .gz decompressed into memory.
[<Sealed>]
type internal FitsSource private (path: string, handle: SafeFileHandle | null, memory: byte[] | null, length: int64) =
    member _.Path = path
    member _.Length = length
    /// The decompressed file, its first Length bytes, or null where the file itself is read.
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

        RegularFile.Require path
        let handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.None)

        try
            let length = RandomAccess.GetLength handle
            let magic = Array.zeroCreate<byte> 2

            if length >= 2L && RandomAccess.Read(handle, magic.AsSpan(), 0L) = 2 && magic[0] = 0x1Fuy && magic[1] = 0x8Buy then
                use packed = new FileStream(handle, FileAccess.Read, 1 <<< 16)
                use hdus = new GzipHdus(path, packed)
                let struct (memory, count) = hdus.Read()
                new FitsSource(path, null, memory, int64 count)
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
                            $"{path}, byte {offset + int64 filled}: the file ends here, {target.Length - filled} bytes early; it was \
                                shortened while being read"
                    )

                filled <- filled + got
        | memory, _ ->
            ReadOnlySpan(Unchecked.nonNull memory, int offset, target.Length).CopyTo target

    interface IDisposable with
        member _.Dispose() =
            match handle with
            | null -> ()
            | open' -> open'.Dispose()
