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
