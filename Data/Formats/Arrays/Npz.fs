namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.IO
open System.IO.Compression
open System.IO.Hashing
open System.Runtime.InteropServices
open Hybrid.Data

/// An open npz file (np.savez, np.savez_compressed): a zip of npy files, stored or deflated, each read when asked for.
/// Every read is checked against the zip's CRC-32. Not for use from two threads at once.
[<Sealed>]
type NpzReader(path: string) =
    let damaged (entry: string) (message: string) (inner: exn | null) =
        InvalidDataException((if entry = "" then $"{path}: {message}" else $"{path}, entry '{entry}': {message}"), inner)

    do RegularFile.Require path
    let stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read)

    let archive =
        try
            new ZipArchive(stream, ZipArchiveMode.Read)
        with :? InvalidDataException as e ->
            let length = stream.Length
            stream.Dispose()
            raise (damaged "" $"not a readable zip file of {length} bytes: {e.Message}" e)

    let entries =
        try
            let entries = Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal)

            for entry in archive.Entries do
                let isNamed = entry.FullName.EndsWith(".npy", StringComparison.Ordinal)
                let name = if isNamed then entry.FullName.Substring(0, entry.FullName.Length - 4) else entry.FullName

                match entries.TryGetValue name with
                // A readme 'a' beside the array 'a.npy' is another entry.
                | true, other when isNamed && other.FullName <> entry.FullName ->
                    entries[name] <- entry
                    entries.Add(other.FullName + " (of that name)", other)
                | true, other when other.FullName <> entry.FullName -> entries.Add(entry.FullName + " (of that name)", entry)
                | true, _ -> raise (damaged entry.FullName "the name occurs twice" null)
                | _ -> entries.Add(name, entry)

            entries
        with e ->
            archive.Dispose()

            match e with
            | :? InvalidDataException when e.Message.StartsWith(path, StringComparison.Ordinal) -> reraise ()
            | :? InvalidDataException
            | :? IOException -> raise (damaged "" $"the zip directory is damaged: {e.Message}" e)
            | _ -> reraise ()

    let isArray (entry: ZipArchiveEntry) =
        entry.FullName.EndsWith(".npy", StringComparison.Ordinal)
        || (let head = Array.zeroCreate<byte> 6

            try
                use content = entry.Open()
                content.ReadAtLeast(head.AsSpan(), head.Length, false) = 6 && NpyHeader.isStart (ReadOnlySpan head)
            with
            | :? InvalidDataException
            | :? IOException
            | :? NotSupportedException -> false)

    let arrays, others =
        entries
        |> Seq.toArray
        |> Array.partition (fun (KeyValue(_, entry)) -> isArray entry)
        |> fun (arrays, others) -> arrays |> Array.map _.Key, others |> Array.map _.Value.FullName

    // Deflate shrinks at most 1032 to 1: a longer claim is damage, and nothing is allocated for it.
    let plausible (entry: ZipArchiveEntry) =
        entry.Length / 1040L <= entry.CompressedLength

    /// Names of the arrays, without the ending .npy.
    member _.Names: IReadOnlyCollection<string> = arrays
    /// Entries that are not arrays, such as a readme beside them.
    member _.OtherEntries: IReadOnlyCollection<string> = others

    /// Reads one array. Throws KeyNotFoundException that lists the names there are, and InvalidDataException with the
    /// entry and its byte offset where it is damaged.
    member _.Read(name: string) : NdArray =
        match entries.TryGetValue name with
        | false, _ ->
            let names = String.Join(", ", arrays |> Seq.truncate 20 |> Seq.map (fun n -> $"'{n}'"))
            raise (KeyNotFoundException $"{path}: expected an array '{name}', got {arrays.Length} array{Plural.s arrays.Length}: {names}.")
        | true, entry ->
            if not (plausible entry) then
                raise (
                    damaged
                        entry.FullName
                        $"{entry.CompressedLength} compressed bytes cannot become the {entry.Length} that the zip directory claims"
                        null
                )

            let subject = $"{path}, entry '{entry.FullName}'"
            let checksum = Crc32()
            let offset = ref 0L

            try
                use content = entry.Open()

                let fill =
                    ReadInto(fun piece ->
                        let got = content.ReadAtLeast(piece, piece.Length, false)

                        if got < piece.Length then
                            raise (
                                damaged
                                    entry.FullName
                                    $"byte {offset.Value + int64 got}: the entry ends here; {piece.Length - got} more bytes were expected"
                                    null
                            )

                        checksum.Append(Span.op_Implicit piece: ReadOnlySpan<byte>)
                        offset.Value <- offset.Value + int64 got)

                // The header's length is known from its first 12 bytes (an entry of fewer has none to read).
                let prefix = Array.zeroCreate<byte> (int (min entry.Length 12L))
                fill.Invoke(prefix.AsSpan())

                let headerLength =
                    if prefix.Length < 12 then int64 prefix.Length
                    elif prefix[6] >= 2uy then 12L + int64 (BitConverter.ToUInt32(prefix, 8))
                    else 10L + int64 (BitConverter.ToUInt16(prefix, 8))

                let most = min entry.Length (int64 NpyHeader.MaximumLength)
                let head = Array.zeroCreate<byte> (int (max (int64 prefix.Length) (min headerLength most)))

                prefix.CopyTo(head, 0)
                fill.Invoke(head.AsSpan prefix.Length)
                let header = NpyHeader.parse subject (ReadOnlySpan head)
                NpyValues.check subject header (entry.Length - int64 header.DataOffset)
                let result = NpyValues.read header fill

                let crc = checksum.GetCurrentHashAsUInt32()

                if crc <> entry.Crc32 then
                    raise (
                        damaged
                            entry.FullName
                            $"CRC-32 of the content is {crc:x8}, expected {entry.Crc32:x8}: the file is damaged"
                            null
                    )

                result
            with
            | :? InvalidDataException as e when not (e.Message.StartsWith(path, StringComparison.Ordinal)) ->
                raise (damaged entry.FullName $"byte {offset.Value}: {e.Message}" e)
            | :? NotSupportedException as e -> raise (damaged entry.FullName $"{e.Message} Save it with np.savez or np.savez_compressed" e)
            | :? IOException as e when not (e :? FileNotFoundException) ->
                raise (damaged entry.FullName $"byte {offset.Value}: {e.Message}" e)

    interface IDisposable with
        member _.Dispose() = archive.Dispose()

/// The arrays of an npz file, by name.
[<Sealed>]
type NpzArrays internal (arrays: Dictionary<string, NdArray>, unread: BrokenFile[]) =
    /// Entries that hold no array of numbers (texts, objects, named fields, a readme), with the reason; Path is the entry's name.
    member _.Unread: IReadOnlyList<BrokenFile> = unread
    member _.Count = arrays.Count
    member _.Keys: IEnumerable<string> = arrays.Keys
    member _.Values: IEnumerable<NdArray> = arrays.Values
    member _.ContainsKey(name: string) = arrays.ContainsKey name
    member _.TryGetValue(name: string, [<Out>] array: byref<NdArray>) = arrays.TryGetValue(name, &array)

    /// The array of that name. InvalidDataException says why an entry of the name holds none, KeyNotFoundException lists the names there
    /// are.
    member _.Item
        with get (name: string): NdArray =
            match arrays.TryGetValue name, unread |> Array.tryFind (fun entry -> entry.Path = name || entry.Path = name + ".npy") with
            | (true, array), _ -> array
            | _, Some entry -> raise (InvalidDataException $"{entry}")
            | _ ->
                let names = String.Join(", ", arrays.Keys |> Seq.truncate 20 |> Seq.map (fun n -> $"'{n}'"))
                raise (KeyNotFoundException $"expected an array '{name}', got {arrays.Count} array{Plural.s arrays.Count}: {names}.")

    interface IReadOnlyDictionary<string, NdArray> with
        member this.Item with get name = this[name]
        member _.Keys = arrays.Keys
        member _.Values = arrays.Values
        member _.Count = arrays.Count
        member _.ContainsKey name = arrays.ContainsKey name
        member _.TryGetValue(name, array: byref<NdArray>) = arrays.TryGetValue(name, &array)
        member _.GetEnumerator() : IEnumerator<KeyValuePair<string, NdArray>> = (arrays :> IEnumerable<_>).GetEnumerator()
        member _.GetEnumerator() : Collections.IEnumerator = (arrays :> Collections.IEnumerable).GetEnumerator()

/// Named arrays in one file, as np.savez and np.savez_compressed write them.
[<AbstractClass; Sealed>]
type Npz =
    /// Reads all arrays of numbers of a file; NpzReader reads single ones. What else is in it is named in Unread.
    static member Read(path: string) : NpzArrays =
        use reader = new NpzReader(path)
        let arrays = Dictionary<string, NdArray>(StringComparer.Ordinal)
        let unread = ResizeArray<BrokenFile>()

        for name in reader.Names do
            try
                arrays.Add(name, reader.Read name)
            with e when UnreadDtype.isOne e ->
                unread.Add(BrokenFile(unread.Count, name, BrokenFile.ReasonOf(path, e)))

        for entry in reader.OtherEntries do
            unread.Add(BrokenFile(unread.Count, entry, "expected an npy array, got something else"))

        NpzArrays(arrays, unread.ToArray())

    /// Writes named arrays, deflated if `compress`. The file appears under `path` only when complete.
    static member Write(path: string, arrays: IEnumerable<KeyValuePair<string, NdArray>>, compress: bool) : unit =
        ArgumentNullException.ThrowIfNull arrays
        let level =
            if compress then CompressionLevel.Optimal else CompressionLevel.NoCompression

        WholeFile.Write(
            path,
            fun stream ->
                use archive = new ZipArchive(stream, ZipArchiveMode.Create)

                for KeyValue(name, array) in arrays do
                    use content = archive.CreateEntry($"{name}.npy", level).Open()
                    Npy.WriteTo(content, NpyElement.ofType array.ElementType, array)
        )
