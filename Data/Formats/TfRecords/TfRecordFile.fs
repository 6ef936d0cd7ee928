namespace Hybrid.Data.Formats

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.IO
open System.IO.Compression
open System.Numerics
open System.Runtime.InteropServices

/// CRC-32C (Castagnoli), masked as TFRecord files store it: rotated by 15 bits, plus 0xA282EAD8.
[<RequireQualifiedAccess>]
module internal Crc32C =
    let compute (bytes: ReadOnlySpan<byte>) : uint32 =
        let mutable crc = ~~~0u
        let words = MemoryMarshal.Cast<byte, uint64> bytes

        // One instruction of the processor for eight bytes, where it has one.
        for word in words do
            crc <- BitOperations.Crc32C(crc, word)

        for b in bytes.Slice(words.Length * 8) do
            crc <- BitOperations.Crc32C(crc, b)

        ~~~crc

    let masked (bytes: ReadOnlySpan<byte>) : uint32 =
        BitOperations.RotateRight(compute bytes, 15) + 0xA282EAD8u

/// Records of TFRecord files: a length (uint64, little endian), its masked CRC-32C, the payload, its masked CRC-32C.
[<AbstractClass; Sealed>]
type TfRecordFile =
    /// The file's content: decompressed where TensorFlow wrote it with GZIP or ZLIB. A plain file begins with a length and its checksum,
    /// by which it is recognised.
    static member private Open(path: string) : struct (Stream * int64 * Stream) =
        let file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 <<< 20)

        try
            let head = Array.zeroCreate<byte> 12
            let got = file.ReadAtLeast(head.AsSpan(), head.Length, false)
            file.Position <- 0L

            let isPlain =
                got = 12 && Crc32C.masked (ReadOnlySpan(head, 0, 8)) = BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan(head, 8, 4))

            let isZlib = got >= 2 && head[0] = 0x78uy && (256 * int head[0] + int head[1]) % 31 = 0

            if not isPlain && got >= 2 && head[0] = 0x1Fuy && head[1] = 0x8Buy then
                struct (new BufferedStream(WholeGzip.Open file, 1 <<< 16) :> Stream, -1L, file :> Stream)
            elif not isPlain && isZlib then
                struct (new BufferedStream(new WholeZlib(file), 1 <<< 16) :> Stream, -1L, file :> Stream)
            else
                struct (file :> Stream, file.Length, file :> Stream)
        with _ ->
            file.Dispose()
            reraise ()

    /// The payloads of a file in order, read as they are asked for; files compressed with gzip or zlib are decompressed. Throws
    /// InvalidDataException with path, byte offset (of the decompressed file) and record number at the first that is truncated or whose
    /// checksum does not fit.
    static member Read(path: string) : IEnumerable<byte[]> =
        if not (File.Exists path) then
            raise (FileNotFoundException($"{path}: no such file.", path))

        RegularFile.Require path

        seq {
            // Of a compressed file the length is not known: −1.
            let struct (content, length, file) = TfRecordFile.Open path
            use _ = file
            use stream = content
            let head = Array.zeroCreate<byte> 12
            let tail = Array.zeroCreate<byte> 4
            let mutable record = 0
            let mutable at = 0L
            let mutable more = length <> 0L

            let fail (offset: int64) (message: string) =
                raise (InvalidDataException $"{path}, byte {offset}, record {record}: {message}")

            /// Fills as much of an array as there is.
            let fill (target: byte[]) (from: int) (count: int) : int =
                try
                    stream.ReadAtLeast(target.AsSpan(from, count), count, false)
                with :? InvalidDataException as e ->
                    raise (InvalidDataException($"{path}, byte {at}, record {record}: damaged compressed file: {e.Message}", e))

            while more do
                if length >= 0L && length - at < 16L then
                    fail at $"the file ends after {length - at} bytes of a record; it is truncated"

                let got = fill head 0 12

                if got = 0 && length < 0L then
                    more <- false
                else
                    if got < 12 then
                        fail at $"the file ends after {got} bytes of a record; it is truncated"

                    let size = BinaryPrimitives.ReadUInt64LittleEndian(ReadOnlySpan head)

                    if Crc32C.masked (ReadOnlySpan(head, 0, 8)) <> BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan(head, 8, 4)) then
                        fail at $"the CRC-32C of the length ({size}) does not fit it: damaged, or not a TFRecord file"

                    if length >= 0L && size > uint64 (length - at - 16L) then
                        fail at $"the record has {size} bytes, and {length - at - 16L} are left: the file is truncated"

                    if size > uint64 Array.MaxLength then
                        fail at $"the record has {size} bytes, more than one .NET array holds"

                    // The memory grows with what is there: a length alone is only a claim where the file's end is not known.
                    let mutable payload =
                        GC.AllocateUninitializedArray<byte>(if length >= 0L then int size else int (min size (1UL <<< 20)))

                    let mutable filled = fill payload 0 payload.Length

                    while filled = payload.Length && uint64 filled < size do
                        Array.Resize(&payload, int (min size (2UL * uint64 filled)))
                        filled <- filled + fill payload filled (payload.Length - filled)

                    if uint64 filled < size || fill tail 0 4 < 4 then
                        fail at $"the record has {size} bytes, and {filled} are left: the file is truncated"

                    if Crc32C.masked (ReadOnlySpan payload) <> BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan tail) then
                        fail (at + 12L) $"the CRC-32C of the payload of {size} bytes does not fit it: the file is damaged"

                    at <- at + 16L + int64 size
                    record <- record + 1
                    more <- length < 0L || at < length
                    yield payload
        }

    /// The payloads of several files, one after another.
    static member Read(paths: IEnumerable<string>) : IEnumerable<byte[]> = paths |> Seq.collect TfRecordFile.Read

/// Writes records to numbered files `{name}_00000.tfrecords`, `{name}_00001.tfrecords`, …, going to the next when a file has
/// reached its size. Each file appears under its name only when complete; Dispose completes the last.
[<Sealed>]
type TfRecordWriter
    (
        folder: string,
        name: string,
        [<Optional; DefaultParameterValue(150e6)>] bytesPerFile: float,
        [<Optional; DefaultParameterValue(5)>] digits: int
    ) =
    do
        if not (bytesPerFile >= 1.0) then
            raise (ArgumentException($"expected at least 1 byte a file, got {bytesPerFile}.", nameof bytesPerFile))

        if digits < 1 || digits > 9 then
            raise (ArgumentException($"expected 1 to 9 digits, got {digits}.", nameof digits))

        Directory.CreateDirectory folder |> ignore

    let paths = List<string>()
    let mutable file: PendingFile | null = null
    let mutable written = 0L

    let finish () =
        match file with
        | null -> ()
        | pending ->
            file <- null
            use pending = pending
            pending.Complete()

    let start () =
        paths.Add(Path.Combine(folder, $"{name}_{paths.Count.ToString().PadLeft(digits, '0')}.tfrecords"))
        let opened = new PendingFile(paths[paths.Count - 1])
        file <- opened
        written <- 0L
        opened

    /// The files written so far.
    member _.Paths: IReadOnlyList<string> = paths

    member _.Write(payload: ReadOnlySpan<byte>) : unit =
        // As the IMNN package does: a file is closed by the record after the one that filled it.
        if float written > bytesPerFile then
            finish ()

        let target = (match file with null -> start () | current -> current).Stream
        let head = Array.zeroCreate<byte> 12
        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(), uint64 payload.Length)
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan 8, Crc32C.masked (ReadOnlySpan(head, 0, 8)))
        target.Write(head, 0, 12)
        target.Write payload
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(), Crc32C.masked payload)
        target.Write(head, 0, 4)
        written <- written + int64 payload.Length + 16L

    /// Completes the last file.
    member _.Dispose() = finish ()

    interface IDisposable with
        member this.Dispose() = this.Dispose()
