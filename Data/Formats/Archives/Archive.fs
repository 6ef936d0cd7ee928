namespace Hybrid.Data.Formats

open System
open System.Formats.Tar
open System.IO
open System.IO.Compression

/// Archives as data sets come in: .zip, .tar, .tar.gz, .tgz.
[<AbstractClass; Sealed>]
type Archive =
    /// Unpacks an archive into a folder that must not exist yet; it appears only when complete. Entries that would lie
    /// outside of it are refused. Throws InvalidDataException with the archive's path where it is damaged.
    static member Extract(path: string, folder: string) : unit =
        if not (File.Exists path) then
            raise (FileNotFoundException($"{path}: no such file.", path))

        if Path.Exists folder then
            raise (IOException $"{folder}: there is something already; archives are unpacked into a new folder.")

        let temporary = $"{folder}.{Environment.ProcessId}-{Guid.NewGuid():N}.part"
        Directory.CreateDirectory temporary |> ignore
        let ends (suffix: string) = path.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)

        try
            try
                if ends ".zip" then
                    ZipFile.ExtractToDirectory(path, temporary)
                elif ends ".tar" then
                    TarFile.ExtractToDirectory(path, temporary, false)
                elif ends ".tar.gz" || ends ".tgz" then
                    use file = File.OpenRead path
                    use content = new GZipStream(file, CompressionMode.Decompress)
                    TarFile.ExtractToDirectory(content, temporary, false)
                else
                    raise (ArgumentException($"{path}: expected .zip, .tar, .tar.gz or .tgz.", nameof path))

                Directory.Move(temporary, folder)
            with
            | :? InvalidDataException as e -> raise (InvalidDataException($"{path}: the archive is damaged: {e.Message}", e))
            | :? EndOfStreamException as e -> raise (InvalidDataException($"{path}: the archive is truncated: {e.Message}", e))
            | :? FormatException as e -> raise (InvalidDataException($"{path}: the archive is damaged: {e.Message}", e))
        with _ ->
            if Directory.Exists temporary then
                Directory.Delete(temporary, true)

            reraise ()

    static member private Endings = [ ".tar.gz"; ".tgz"; ".tar"; ".zip" ]

    /// Where a data set given as a folder or as an archive lies as a folder: the folder itself, or the archive's contents, unpacked once into a
    /// folder beside it (training_set.zip: training_set.unpacked). Throws DirectoryNotFoundException where there is neither, IOException where the archive
    /// is newer than what was unpacked from it.
    static member Folder(path: string) : string =
        let isArchive = Archive.Endings |> List.tryFind (fun ending -> path.EndsWith(ending, StringComparison.OrdinalIgnoreCase))

        match isArchive with
        | _ when Directory.Exists path -> path
        | Some ending when File.Exists path ->
            let folder = path.Substring(0, path.Length - ending.Length) + ".unpacked"

            if Directory.Exists folder && Directory.GetCreationTimeUtc folder < File.GetLastWriteTimeUtc path then
                raise (IOException $"{folder}: unpacked before {path} last changed: delete the folder, and it is unpacked anew.")

            if not (Directory.Exists folder) then
                Archive.Extract(path, folder)

            folder
        | _ ->
            let endings = String.Join(", ", Archive.Endings)
            raise (DirectoryNotFoundException $"{path}: no such folder, nor an archive ({endings}).")
