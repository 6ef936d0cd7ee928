namespace Hybrid.Data.Formats

open System
open System.Collections.Generic
open System.Formats.Tar
open System.IO
open System.IO.Compression
open System.Runtime.InteropServices

/// Archives as data sets come in: .zip, .tar, .tar.gz, .tgz.
[<AbstractClass; Sealed>]
type Archive =
    /// Where an entry goes. Throws for one that would lie outside.
    static member private Place(folder: string, name: string) : string =
        let place = Path.GetFullPath(Path.Combine(folder, name))

        if not (place.StartsWith(folder + string Path.DirectorySeparatorChar, StringComparison.Ordinal)) && place <> folder then
            raise (InvalidDataException $"the entry '{name}' would lie outside of the folder")

        place

    /// Writes an entry's content under its name with its time.
    static member private Put(place: string, name: string, content: Stream | null, changed: DateTime) : unit =
        Directory.CreateDirectory(nonNull (Path.GetDirectoryName place)) |> ignore

        if Path.Exists place then
            raise (InvalidDataException $"it has two entries '{name}'")

        do
            use target = new FileStream(place, FileMode.CreateNew, FileAccess.Write, FileShare.None)

            match content with
            | null -> ()
            | source -> source.CopyTo target

        File.SetLastWriteTimeUtc(place, changed)

    static member private ExtractZip
        (
            path: string,
            folder: string,
            limit: int64,
            tooLarge: int64 -> exn,
            leftOut: ResizeArray<string>
        ) : unit =
        use zip = ZipFile.OpenRead path
        let mutable total = 0L

        for entry in zip.Entries do
            // The kind of a Unix file stands in the upper half.
            let kind = (entry.ExternalAttributes >>> 16) &&& 0xF000
            let place = Archive.Place(folder, entry.FullName)
            total <- total + max 0L entry.Length

            if total > limit then
                raise (tooLarge limit)

            if kind <> 0 && kind <> 0x8000 && kind <> 0x4000 then
                leftOut.Add entry.FullName
            elif entry.FullName.EndsWith '/' || entry.FullName.EndsWith '\\' then
                Directory.CreateDirectory place |> ignore
            else
                let damaged _ = InvalidDataException $"the entry '{entry.FullName}' has more than {entry.Length} bytes" :> exn
                use content = new BoundedStream(entry.Open(), entry.Length, damaged)
                use summed = new ChecksumStream(content)
                Archive.Put(place, entry.FullName, summed, entry.LastWriteTime.UtcDateTime)

                if summed.Crc32 <> entry.Crc32 then
                    raise (InvalidDataException $"CRC-32 of the entry '{entry.FullName}' is {summed.Crc32:x8}, expected {entry.Crc32:x8}")

    static member private ExtractTar(content: Stream, folder: string, leftOut: ResizeArray<string>) : unit =
        use passed = new ZerosStream(content)
        use reader = new TarReader(passed)
        let mutable more = true

        while more do
            match reader.GetNextEntry() with
            | null ->
                more <- false

                // An empty block ends an archive; one that is cut off between two entries has none.
                if passed.Zeros < 512L then
                    raise (InvalidDataException "it ends without the empty block that ends an archive: it is truncated")
            | entry ->
                match entry.EntryType with
                | TarEntryType.RegularFile
                | TarEntryType.V7RegularFile
                | TarEntryType.ContiguousFile ->
                    Archive.Put(Archive.Place(folder, entry.Name), entry.Name, entry.DataStream, entry.ModificationTime.UtcDateTime)
                | TarEntryType.Directory
                | TarEntryType.DirectoryList -> Directory.CreateDirectory(Archive.Place(folder, entry.Name)) |> ignore
                | TarEntryType.HardLink when File.Exists(Archive.Place(folder, entry.LinkName)) ->
                    // A second name of a file that came before: the same content under both.
                    let place = Archive.Place(folder, entry.Name)
                    Directory.CreateDirectory(nonNull (Path.GetDirectoryName place)) |> ignore
                    File.Copy(Archive.Place(folder, entry.LinkName), place)
                | TarEntryType.GlobalExtendedAttributes
                | TarEntryType.ExtendedAttributes
                | TarEntryType.LongLink
                | TarEntryType.LongPath -> ()
                | _ -> leftOut.Add entry.Name

    /// Unpacks files and folders of an archive into a folder that must not exist yet; it appears only when complete. Links, named pipes and
    /// devices are left out: the result names them. Entries that would lie outside of the folder are refused.
    /// largestBytes : what the archive may unpack to; 0 takes a hundred times its size, and 64 MB in any case.
    /// Throws InvalidDataException with the archive's path where it is damaged or too large.
    static member Unpack
        (path: string, folder: string, [<Optional; DefaultParameterValue(0L)>] largestBytes: int64)
        : IReadOnlyList<string> =
        if not (File.Exists path) then
            raise (FileNotFoundException($"{path}: no such file.", path))

        if Path.Exists folder then
            raise (IOException $"{folder}: there is something already; archives are unpacked into a new folder.")

        RegularFile.Require path
        let packed = FileInfo(path).Length
        let limit = if largestBytes > 0L then largestBytes else max (64L <<< 20) (100L * packed)

        let tooLarge (limit: int64) =
            InvalidDataException $"{path}: {packed} bytes unpack to more than {limit}; give largestBytes to unpack more" :> exn

        let temporary = Path.GetFullPath $"{folder}.{Environment.ProcessId}-{Guid.NewGuid():N}.part"
        Directory.CreateDirectory temporary |> ignore
        let leftOut = ResizeArray<string>()
        let ends (suffix: string) = path.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)

        try
            try
                if ends ".zip" then
                    Archive.ExtractZip(path, temporary, limit, tooLarge, leftOut)
                elif ends ".tar" then
                    use content = new BoundedStream(File.OpenRead path, limit, tooLarge)
                    Archive.ExtractTar(content, temporary, leftOut)
                elif ends ".tar.gz" || ends ".tgz" then
                    use packed = File.OpenRead path
                    use content = new BoundedStream(WholeGzip.Open packed, limit, tooLarge)
                    Archive.ExtractTar(content, temporary, leftOut)
                else
                    raise (ArgumentException($"{path}: expected .zip, .tar, .tar.gz or .tgz.", nameof path))

                Directory.Move(temporary, folder)
                leftOut
            with
            | :? InvalidDataException as e when not (e.Message.StartsWith(path + ": ", StringComparison.Ordinal)) ->
                raise (InvalidDataException($"{path}: the archive is damaged: {e.Message}", e))
            | :? EndOfStreamException as e -> raise (InvalidDataException($"{path}: the archive is truncated: {e.Message}", e))
            | :? FormatException as e -> raise (InvalidDataException($"{path}: the archive is damaged: {e.Message}", e))
        with _ ->
            if Directory.Exists temporary then
                Directory.Delete(temporary, true)

            reraise ()

    /// What Unpack does, for archives of files and folders alone.
    static member Extract(path: string, folder: string) : unit = Archive.Unpack(path, folder) |> ignore

    static member private Endings = [ ".tar.gz"; ".tgz"; ".tar"; ".zip" ]

    /// Where a data set given as a folder or as an archive lies as a folder: the folder itself, or the archive's contents, unpacked once
    /// into a folder beside it (training_set.zip: training_set.unpacked). Throws DirectoryNotFoundException where there is neither,
    /// IOException where the archive is newer than what was unpacked from it.
    static member Folder(path: string) : string =
        let isArchive = Archive.Endings |> List.tryFind (fun ending -> path.EndsWith(ending, StringComparison.OrdinalIgnoreCase))

        match isArchive with
        | _ when Directory.Exists path -> path
        | Some ending when File.Exists path ->
            let folder = path.Substring(0, path.Length - ending.Length) + ".unpacked"

            if Directory.Exists folder && Directory.GetCreationTimeUtc folder < File.GetLastWriteTimeUtc path then
                raise (IOException $"{folder}: unpacked before {path} last changed: delete the folder, and it is unpacked again.")

            if not (Directory.Exists folder) then
                Archive.Extract(path, folder)

            folder
        | _ ->
            let endings = String.Join(", ", Archive.Endings)
            raise (DirectoryNotFoundException $"{path}: no such folder, nor an archive ({endings}).")
