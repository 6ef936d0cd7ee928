namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.IO
open System.IO.Compression
open System.IO.Hashing
open System.Numerics
open Hybrid.Data

/// The bytes of one storage, read once from the first to the last, in this machine's byte order.
[<Sealed>]
type PthContent internal (subject: string, storage: PthStorage, entry: ZipArchiveEntry, bigEndian: bool) =
    let total = storage.Count * int64 storage.ElementSize
    let content = entry.Open()
    let mutable at = 0L
    let checksum = Crc32()

    // A complex number has two parts, each in the file's byte order.
    let part =
        match storage.Element with
        | PthElement.ComplexFloat64
        | PthElement.ComplexFloat32 -> storage.ElementSize / 2
        | _ -> storage.ElementSize

    /// Throws where the content of an entry, whose CRC-32 is `crc`, is not what the zip says.
    static member internal RequireChecksum(subject: string, entry: ZipArchiveEntry, crc: uint32) : unit =
        if crc <> entry.Crc32 then
            raise (InvalidDataException $"{subject}: CRC-32 of the content is {crc:x8}, expected {entry.Crc32:x8}: the file is damaged, \
                or PyTorch was set to write no checksums (torch.serialization.set_crc32_options)")

    /// Fills `target`, a whole number of elements. The last piece is returned only when the content fits the zip's CRC-32.
    member _.Read(target: Span<byte>) : unit =
        if target.Length % storage.ElementSize <> 0 || int64 target.Length > total - at then
            raise (ArgumentException($"expected at most {total - at} bytes in elements of {storage.ElementSize}, got {target.Length}",
                                     nameof target))

        let got =
            try
                content.ReadAtLeast(target, target.Length, false)
            with
            | :? InvalidDataException
            | :? IOException as e -> raise (InvalidDataException($"{subject}, byte {at}: {e.Message}", e))

        if got < target.Length then
            raise (InvalidDataException $"{subject}, byte {at + int64 got}: the entry ends here; {total - at - int64 got} more bytes were \
                expected")

        checksum.Append(Span.op_Implicit target: ReadOnlySpan<byte>)
        at <- at + int64 got

        if at = total then
            PthContent.RequireChecksum(subject, entry, checksum.GetCurrentHashAsUInt32())

        if bigEndian && part > 1 then
            for i in 0..part .. target.Length - part do
                target.Slice(i, part).Reverse()

    interface IDisposable with
        member _.Dispose() = content.Dispose()

/// An open PyTorch file (torch.save since version 1.6): a zip of data.pkl, which says what there is, and one entry for each
/// storage. Nothing of it is run: data.pkl may hold dictionaries, lists, tuples, numbers, texts and tensors, and any other name
/// in it is refused. torch.save stores entries as they are; other tools (TorchSharp.PyBridge) compress them, which is read as well: no
/// entry becomes more than deflate can make of its bytes.
/// Every failure is an InvalidDataException with the path. Not for use from two threads at once.
[<Sealed>]
type PthReader(path: string) =
    let damaged (message: string) (inner: exn | null) = InvalidDataException($"{path}: {message}", inner)

    // Deeper or larger values than these are not a state dictionary; a value may also hold itself, or another again and again.
    let deepest = 100
    let mostParts (pickleBytes: int) = if pickleBytes > 5_000_000 then 10_000_000 else max 100_000 (2 * pickleBytes)

    let largestPickle = 16L <<< 20

    do RegularFile.Require path
    let stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read)

    /// Not a zip: say what it is where that is known.
    let refuseStart () =
        let head = Array.zeroCreate<byte> 16
        let count = stream.ReadAtLeast(head.AsSpan(), head.Length, false)
        stream.Position <- 0L
        let starts (bytes: byte[]) = count >= bytes.Length && head.AsSpan(0, bytes.Length).SequenceEqual bytes

        if count = 0 then
            raise (damaged "the file is empty" null)
        elif starts [| 0x50uy; 0x4Buy |] then
            ()
        elif starts [| 0x80uy |] then
            raise (
                damaged
                    "this is a bare pickle: PyTorch's format before version 1.6, or no PyTorch file. Save it again in Python, which \
                        writes a zip: torch.save(torch.load(path, map_location='cpu'), new_path)"
                    null
            )
        else
            raise (damaged "expected a zip archive, as torch.save writes since PyTorch 1.6; its first bytes are not those of a zip" null)

    let archive =
        try
            refuseStart ()
            new ZipArchive(stream, ZipArchiveMode.Read)
        with
        | :? InvalidDataException as e when not (e.Message.StartsWith(path, StringComparison.Ordinal)) ->
            let length = stream.Length
            stream.Dispose()
            raise (damaged $"not a readable zip archive of {length} bytes: {e.Message}" e)
        | _ ->
            stream.Dispose()
            reraise ()

    let closing (action: unit -> 'T) : 'T =
        try
            action ()
        with e ->
            archive.Dispose()

            match e with
            | :? InvalidDataException when e.Message.StartsWith(path, StringComparison.Ordinal) -> reraise ()
            // The zip library's words for damage: a time, a name or a place that cannot be.
            | :? InvalidDataException
            | :? IOException
            | :? ArgumentException
            | :? NotSupportedException
            | :? OverflowException -> raise (damaged $"the zip archive is damaged: {e.Message}" e)
            | _ -> reraise ()

    let entries =
        closing (fun () ->
            let entries = Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal)
            let mutable total = 0L

            for entry in archive.Entries do
                let packed = entry.CompressedLength

                if packed < 0L || packed > stream.Length - total then
                    raise (
                        damaged
                            $"the zip's entries have more bytes than the file, which has {stream.Length}: entries overlap or the \
                                directory is damaged"
                            null
                    )

                // Deflate shrinks at most 1032 to 1: a longer claim is damage, and nothing is allocated for it.
                if entry.Length < 0L || entry.Length / 1040L > packed then
                    raise (damaged $"the entry '{entry.FullName}' claims {entry.Length} bytes, {packed} compressed ones cannot become so \
                        many" null)

                total <- total + packed

                if not (entries.TryAdd(entry.FullName, entry)) then
                    raise (damaged $"the zip has two entries '{entry.FullName}'" null)

            entries)

    let root =
        closing (fun () ->
            let isPickle (name: string) = name = "data.pkl" || name.EndsWith("/data.pkl", StringComparison.Ordinal)

            match entries.Keys |> Seq.filter isPickle |> Seq.truncate 2 |> List.ofSeq with
            | [ name ] when entries.ContainsKey(name.Substring(0, name.Length - 8) + "constants.pkl") ->
                raise (damaged "this is a TorchScript program (torch.jit.save). Save its weights in Python: \
                    torch.save(torch.jit.load(path).state_dict(), new_path)" null)
            | [ name ] -> name.Substring(0, name.Length - 8)
            | [] -> raise (damaged $"expected an entry 'data.pkl' as torch.save writes, got {entries.Count} other entries: this zip is \
                not a PyTorch file" null)
            | _ -> raise (damaged "expected one entry 'data.pkl', got several" null))

    let whole (name: string) =
        let entry = entries[root + name]

        // What describes tensors is small; one that is compressed could become a thousand times as large.
        if entry.Length > entry.CompressedLength && entry.Length > largestPickle then
            raise (damaged $"the entry '{entry.FullName}' has {entry.Length} bytes, expected at most {largestPickle} in a compressed \
                entry" null)

        let content = Array.zeroCreate<byte> (int (min entry.Length (int64 Array.MaxLength)))
        use source = entry.Open()
        let got = source.ReadAtLeast(content.AsSpan(), content.Length, false)

        if int64 got < entry.Length then
            raise (damaged $"the entry '{entry.FullName}' ends after {got} bytes of {entry.Length}" null)

        PthContent.RequireChecksum($"{path}: entry '{entry.FullName}'", entry, Crc32.HashToUInt32(ReadOnlySpan content))
        content

    let bigEndian =
        closing (fun () ->
            if not (entries.ContainsKey(root + "byteorder")) then
                false
            else
                match whole "byteorder" |> Text.Encoding.Latin1.GetString with
                | "little" -> false
                | "big" -> true
                | other -> raise (damaged $"expected the entry 'byteorder' to be 'little' or 'big', got \
                    '{other.Substring(0, min 20 other.Length)}'" null))

    /// Checks what remains in the value: its kinds, depth and size, and that each storage is there in full.
    let check (most: int) (value: obj | null) =
        let mutable count = 0
        let used = HashSet<string>(StringComparer.Ordinal)

        let rec visit depth (value: obj | null) =
            count <- count + 1
            if depth > deepest then raise (damaged $"its value is nested deeper than {deepest} levels, or holds itself" null)
            if count > most then raise (damaged $"its value has more than {most} parts" null)

            match value with
            | :? PthList as list ->
                for item in list.Items do
                    visit (depth + 1) item
            | :? PthDictionary as dictionary ->
                for entry in dictionary.Entries do
                    visit (depth + 1) entry.Value
            | :? PthTensor as tensor ->
                let storage = tensor.Storage
                used.Add $"{root}data/{storage.Key}" |> ignore

                match entries.TryGetValue $"{root}data/{storage.Key}" with
                | true, entry when Math.BigMul(storage.Count, int64 storage.ElementSize) = Int128.op_Implicit entry.Length -> ()
                | true, entry ->
                    raise (damaged $"storage '{storage.Key}' has {storage.Count} element{Plural.s storage.Count} of \
                        {storage.ElementSize} byte{Plural.s storage.ElementSize}, its entry '{entry.FullName}' has \
                        {entry.Length} bytes: the file is damaged" null)
                | _ -> raise (damaged $"there is no entry '{root}data/{storage.Key}' for storage '{storage.Key}': the file is damaged" null)
            | null
            | :? bool
            | :? int64
            | :? double
            | :? string
            | :? BigInteger
            | :? (byte[]) -> ()
            | other -> raise (damaged $"data.pkl holds {PickleNames.describe other} outside a tensor, which is not read" null)

        visit 0 value

        // What no tensor has is never read; compressed as well, it is not a checkpoint's.
        for entry in entries.Values do
            let isStorage = entry.FullName.StartsWith(root + "data/", StringComparison.Ordinal)

            if isStorage && entry.CompressedLength < entry.Length && not (used.Contains entry.FullName) then
                raise (damaged $"the entry '{entry.FullName}' is compressed ({entry.CompressedLength} bytes of {entry.Length}), and no \
                    tensor has it" null)

        value

    let value =
        closing (fun () ->
            let pickle = whole "data.pkl"
            check (mostParts pickle.Length) (TensorPickle($"{path}, entry '{root}data.pkl'", pickle).Read()))

    /// What was saved: null (None), bool, int64, BigInteger, double, string, byte[], PthTensor, PthList or PthDictionary.
    /// Every tensor's storage is there, of the right length.
    member _.Value = value

    /// The content of a storage of this file.
    member _.Open(storage: PthStorage) : PthContent =
        let entry = entries[$"{root}data/{storage.Key}"]

        try
            new PthContent($"{path}, entry '{entry.FullName}'", storage, entry, bigEndian)
        with
        | :? InvalidDataException
        | :? IOException
        | :? NotSupportedException as e -> raise (damaged $"the entry '{entry.FullName}' cannot be read: {e.Message}" e)

    interface IDisposable with
        member _.Dispose() = archive.Dispose()
