/// What lies in folders and archives: files are read, and nothing else is followed.
module Hybrid.PropertyTests.Laws.Data.Formats.FolderTests

open System
open System.Diagnostics
open System.Formats.Tar
open System.IO
open System.IO.Compression
open Xunit
open Hybrid.Data.Formats
open Hybrid.PropertyTests.Laws.Data

let private sed =
    "   1  matched source   77.35819    5.69315  99\n Frequency nufnu Flag\n Hz erg/cm2/s\n----\n 1.0E+09  2.0E-14  3.0E-14  1.0E-14  \
        55000 55000 Det A\n"

let private error (action: unit -> unit) : string = Assert.Throws<InvalidDataException>(action).Message

let private makePipe (path: string) =
    use child = Process.Start("mkfifo", [ path ])
    child.WaitForExit()
    Assert.Equal(0, child.ExitCode)

[<Fact>]
let ``links to folders above, pipes and devices are not followed, and each SED comes once`` () =
    Assert.SkipUnless(OperatingSystem.IsLinux(), "named pipes are made by mkfifo")
    use folder = new ScratchFolder()
    let root = folder.File "seds"
    let inner = Directory.CreateDirectory(Path.Combine(root, "inner")).FullName
    let other = Directory.CreateDirectory(folder.File "other").FullName

    for place in [ Path.Combine(root, "a.txt"); Path.Combine(inner, "b.txt"); Path.Combine(other, "c.txt") ] do
        File.WriteAllText(place, sed)

    Directory.CreateSymbolicLink(Path.Combine(root, "itself"), root) |> ignore
    Directory.CreateSymbolicLink(Path.Combine(inner, "above"), "../..") |> ignore
    Directory.CreateSymbolicLink(Path.Combine(root, "again"), inner) |> ignore
    Directory.CreateSymbolicLink(Path.Combine(inner, "dot"), ".") |> ignore
    Directory.CreateSymbolicLink(Path.Combine(root, "gone"), folder.File "nothing") |> ignore
    File.CreateSymbolicLink(Path.Combine(root, "null"), "/dev/null") |> ignore
    // A link to a folder or a file elsewhere is followed.
    Directory.CreateSymbolicLink(Path.Combine(root, "other"), other) |> ignore
    File.CreateSymbolicLink(Path.Combine(root, "d.txt"), Path.Combine(other, "c.txt")) |> ignore
    makePipe (Path.Combine(root, "pipe.txt"))
    let set = SedFile.ReadAll root
    // A link to nothing is said.
    Assert.Equal<string>([ Path.Combine(root, "gone") ], set.Broken |> Seq.map _.Path)
    Assert.Equal<string>([ "a.txt"; "d.txt"; "b.txt"; "c.txt" ], set.Seds |> Seq.map _.Name)

[<Fact>]
let ``a pipe or device in a file's place is refused, and never waited for`` () =
    Assert.SkipUnless(OperatingSystem.IsLinux(), "named pipes are made by mkfifo")
    use folder = new ScratchFolder()
    let pipe = folder.File "pipe"
    makePipe pipe
    let expected = $"{pipe}: expected a file, got a named pipe."
    Assert.Equal(expected, error (fun () -> Fits.ReadImage pipe |> ignore))
    Assert.Equal(expected, error (fun () -> Catalogue.Read pipe |> ignore))
    Assert.Equal(expected, error (fun () -> TfRecordFile.Read pipe |> Seq.length |> ignore))
    let broken = Assert.Throws<BrokenFilesException>(fun () -> FitsSet.Load([| pipe |], FitsSetOptions()) |> ignore)
    Assert.Equal("expected a file, got a named pipe.", broken.Files[0].Reason)
    Assert.Equal("/dev/zero: expected a file, got a device.", error (fun () -> Fits.ReadImage "/dev/zero" |> ignore))

[<Fact>]
let ``archives unpack files and folders, and name the links, pipes and devices that they leave out`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.tar"

    do
        use writer = new TarWriter(File.Create path)
        let entry kind name = PaxTarEntry(kind, name)
        let file = entry TarEntryType.RegularFile "data/a.txt"
        file.DataStream <- new MemoryStream("alpha"B)
        writer.WriteEntry file
        let linked = entry TarEntryType.HardLink "data/b.txt"
        linked.LinkName <- "data/a.txt"
        writer.WriteEntry linked
        writer.WriteEntry(entry TarEntryType.Fifo "data/pipe")
        let up = entry TarEntryType.SymbolicLink "data/up"
        up.LinkName <- ".."
        writer.WriteEntry up
        writer.WriteEntry(entry TarEntryType.CharacterDevice "data/zero")
        writer.WriteEntry(entry TarEntryType.Directory "empty/")

    let left = Archive.Unpack(path, folder.File "out")
    Assert.Equal<string>([ "data/pipe"; "data/up"; "data/zero" ], left)
    Assert.Equal("alpha", File.ReadAllText(folder.File "out/data/a.txt"))
    Assert.Equal("alpha", File.ReadAllText(folder.File "out/data/b.txt"))
    Assert.True(Directory.Exists(folder.File "out/empty"))
    Assert.Equal(2, Directory.GetFileSystemEntries(folder.File "out/data").Length)

    let zip = folder.File "a.zip"

    do
        use archive = new ZipArchive(File.Create zip, ZipArchiveMode.Create)

        for name, kind in [ "a.txt", 0x81A4; "link", 0xA1FF; "pipe", 0x11A4; "plain", 0 ] do
            let entry = archive.CreateEntry name
            entry.ExternalAttributes <- kind <<< 16
            use content = entry.Open()
            content.Write(ReadOnlySpan "alpha"B)

    Assert.Equal<string>([ "link"; "pipe" ], Archive.Unpack(zip, folder.File "zipped"))
    Assert.Equal(2, Directory.GetFileSystemEntries(folder.File "zipped").Length)

[<Theory>]
[<InlineData("../outside.txt")>]
[<InlineData("/hybrid/outside.txt")>]
[<InlineData("a/../../outside.txt")>]
let ``an entry that would lie outside of the folder is refused`` (name: string) =
    use folder = new ScratchFolder()
    let tar, zip = folder.File "a.tar", folder.File "a.zip"

    do
        use writer = new TarWriter(File.Create tar)
        let file = PaxTarEntry(TarEntryType.RegularFile, name)
        file.DataStream <- new MemoryStream("x"B)
        writer.WriteEntry file
        use archive = new ZipArchive(File.Create zip, ZipArchiveMode.Create)
        use content = archive.CreateEntry(name).Open()
        content.WriteByte 1uy

    for path in [ tar; zip ] do
        Assert.Contains($"the entry '{name}' would lie outside of the folder", error (fun () -> Archive.Extract(path, folder.File "out")))
        Assert.False(Directory.Exists(folder.File "out"))

[<Fact>]
let ``an archive that unpacks to more than its limit is refused, and the limit can be raised`` () =
    use folder = new ScratchFolder()
    let zeros = Array.zeroCreate<byte> (70 <<< 20)
    let tar, zip = folder.File "a.tar.gz", folder.File "a.zip"

    do
        use writer = new TarWriter(new GZipStream(File.Create tar, CompressionLevel.Fastest))
        let file = PaxTarEntry(TarEntryType.RegularFile, "zeros")
        file.DataStream <- new MemoryStream(zeros)
        writer.WriteEntry file
        use archive = new ZipArchive(File.Create zip, ZipArchiveMode.Create)
        use content = archive.CreateEntry("zeros").Open()
        content.Write(ReadOnlySpan zeros)

    for path in [ tar; zip ] do
        let length = FileInfo(path).Length
        let expected = $"{path}: {length} bytes unpack to more than {max (64L <<< 20) (100L * length)}; give largestBytes to unpack more"
        Assert.Equal(expected, error (fun () -> Archive.Extract(path, folder.File "out")))
        Assert.Empty(Directory.GetDirectories folder.Path)
        Archive.Unpack(path, folder.File "out", 100L <<< 20) |> ignore
        Assert.Equal(int64 zeros.Length, FileInfo(folder.File "out/zeros").Length)
        Directory.Delete(folder.File "out", true)

[<Fact>]
let ``a flipped byte in a zip's stored file is noticed when it is unpacked`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.zip"

    do
        use archive = new ZipArchive(File.Create path, ZipArchiveMode.Create)
        use content = archive.CreateEntry("a.txt", CompressionLevel.NoCompression).Open()
        content.Write(ReadOnlySpan "alphabet"B)

    let bytes = File.ReadAllBytes path
    let at = bytes.AsSpan().IndexOf(ReadOnlySpan "alphabet"B)
    File.WriteAllBytes(path, Damage.flip bytes at 1uy)
    Assert.Contains("the archive is damaged: CRC-32 of the entry 'a.txt'", error (fun () -> Archive.Extract(path, folder.File "out")))
