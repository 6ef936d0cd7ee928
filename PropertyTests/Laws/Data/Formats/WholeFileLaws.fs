module Hybrid.PropertyTests.Laws.Data.Formats.WholeFileLaws

open System
open System.IO
open Xunit
open Hybrid.Data.Formats
open Hybrid.Data.Systems.Blase
open Hybrid.PropertyTests.Laws.Data

[<Fact>]
let ``a write that fails leaves the old file and nothing beside it`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.txt"
    File.WriteAllText(path, "before")
    let fail () : unit = raise (InvalidOperationException "half way")

    let stream (target: Stream) =
        target.Write(ReadOnlySpan [| 1uy |])
        fail ()

    Assert.Throws<InvalidOperationException>(fun () -> WholeFile.Write(path, stream)) |> ignore

    let named (temporary: string) =
        File.WriteAllText(temporary, "half")
        fail ()

    Assert.Throws<InvalidOperationException>(fun () -> WholeFile.WriteAt(path, named)) |> ignore
    Assert.Equal("before", File.ReadAllText path)
    Assert.Equal<string>([ path ], Directory.GetFiles folder.Path)

[<Fact>]
let ``a library that reports no full disk leaves the old file, not one of 0 bytes`` () =
    use folder = new ScratchFolder()
    let path = folder.File "weights.dat"
    File.WriteAllText(path, "before")
    let empty (temporary: string) = File.WriteAllText(temporary, "")
    let e = Assert.Throws<IOException>(fun () -> WholeFile.WriteAt(path, empty))
    Assert.Equal($"{path}: expected to write at least 1 byte, got 0: is the disk full?", e.Message)
    let short (temporary: string) = File.WriteAllText(temporary, "short")
    let e = Assert.Throws<IOException>(fun () -> WholeFile.WriteAt(path, short, 6L))
    Assert.Equal($"{path}: expected to write at least 6 bytes, got 5: is the disk full?", e.Message)
    let e = Assert.Throws<IOException>(fun () -> WholeFile.WriteAt(path, ignore))
    Assert.Equal($"{path}: expected to write at least 1 byte, got no file.", e.Message)
    Assert.Equal("before", File.ReadAllText path)
    Assert.Equal<string>([ path ], Directory.GetFiles folder.Path)

[<Fact>]
let ``a writer around the stream may close it`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.txt"

    WholeFile.Write(
        path,
        fun stream ->
            use writer = new StreamWriter(stream)
            writer.Write "whole"
    )

    Assert.Equal("whole", File.ReadAllText path)
    WholeFile.WriteText(path, "Λ₂")
    Assert.Equal<byte>("\xce\x9b\xe2\x82\x82" |> Text.Encoding.Latin1.GetBytes, File.ReadAllBytes path)

[<Fact>]
let ``a pending file has its name only once it is complete`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.bin"

    do
        use file = new PendingFile(path)
        file.Stream.WriteByte 7uy

    Assert.Empty(Directory.GetFiles folder.Path)

    do
        use file = new PendingFile(path)
        file.Stream.WriteByte 7uy
        Assert.False(File.Exists path)
        file.Complete()

    Assert.Equal<byte>([| 7uy |], File.ReadAllBytes path)
    Assert.Equal<string>([ path ], Directory.GetFiles folder.Path)

[<Fact>]
let ``SED and bin texts replace the old file as a whole`` () =
    use folder = new ScratchFolder()
    let bins = folder.File "bins.txt"
    File.WriteAllText(bins, String('x', 10_000))
    SedBins.Version1.Write bins
    Assert.Equal<float>(SedBins.Version1.Starts, (SedBins.Read bins).Starts)
    Assert.Equal<float>(SedBins.Version1.Ends, (SedBins.Read bins).Ends)
    let sed = folder.File "sed.txt"
    File.WriteAllText(sed, String('x', 10_000))
    SedFile.Write(sed, 10.0, -20.0, [| SedFile.Point(1e14, 1e-12, 0.0, 0.0, 55000.0, 55000.0, "Det", "CAT", "ref") |], SedVersion.Blast)
    Assert.Equal(1, (SedFile.Read(sed, true)).Points.Count)
    Assert.Equal(2, Directory.GetFiles(folder.Path).Length)
