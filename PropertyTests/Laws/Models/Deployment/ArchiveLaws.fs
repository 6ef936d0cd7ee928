module Hybrid.PropertyTests.Laws.Models.Deployment.ArchiveLaws

open System
open System.Collections.Generic
open System.IO
open System.IO.Compression
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Models.Deployment
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

let private manifest name =
    ModelManifest(
        Format = ModelManifest.CurrentFormat, System = "toy", Network = "None", Name = name, Version = "0",
        Preprocessing = "window(0, 255)",
        Image = ArchivedImage(1, 4, 4), Quantities = [| ScoredQuantity("response", "", "a response", 0.0, 1.0) |], Onnx = "nothing is left",
        Settings = ModelManifest.SettingsFrom {| Classes = [| 1; 2; 3 |] |},
        Reference = [| ReferenceHistogram("response", "NR", "a test", 0.0, 1.0, [| 1; 2 |]) |]
    )

let private write (folder: ScratchFolder) (place: string) (files: (string * byte[]) list) =
    let paths = Dictionary<string, string>()

    for name, content in files do
        let path = folder.File("source-" + name)
        File.WriteAllBytes(path, content)
        paths[name] <- path

    ModelArchive.Write(place, manifest "run", paths)

let private contents =
    gen {
        let! names = Gen.subListOf [ "weights.safetensors"; "model.onnx"; "card.md"; "a"; "b-2.txt" ]
        let! sizes = Gen.listOfLength names.Length (Gen.elements [ 0; 1; 300; 70_000 ])
        let! seed = Gen.choose (0, Int32.MaxValue)
        let random = Random seed
        return List.zip names sizes |> List.map (fun (name, size) ->
            let bytes = Array.zeroCreate<byte> size
            random.NextBytes bytes
            name, bytes)
    }

[<Fact>]
let ``an archive gives back what was put in, and the same content is the same file`` () =
    use folder = new ScratchFolder()

    Check.One(
        Seeded.Cases 60,
        Prop.forAll (Arb.fromGen contents) (fun files ->
            let archive = write folder (folder.File "models") files
            Assert.Equal(folder.File $"models/toy-{archive.Hash.Substring(0, 16)}.zip", archive.FilePath)
            let again = write folder (folder.File "named.zip") (List.rev files)
            Assert.Equal(archive.Hash, again.Hash)
            let opened = ModelArchive.Open archive.FilePath
            Assert.Equal(files.Length, opened.Manifest.Files.Count)

            for name, content in files do
                Assert.Equal<byte>(content, opened.Read name)
                opened.Use(name, fun path -> Assert.Equal<byte>(content, File.ReadAllBytes path))

            Assert.Equal<string>([ "run"; "None"; "window(0, 255)" ],
                                 [ opened.Manifest.Name; opened.Manifest.Network; opened.Manifest.Preprocessing ])
            Assert.Equal<int>([ 1; 2 ], opened.Manifest.Reference[0].Counts))
    )

/// A byte in the zip's own bookkeeping may be without meaning (a date); what an archive says and holds is never another thing.
[<Fact>]
let ``an archive with a changed byte is refused, or says and holds the same`` () =
    use folder = new ScratchFolder()
    let files = [ "weights.safetensors", Array.init 400 byte; "card.md", Array.init 40 byte ]
    let archive = write folder (folder.File "good.zip") files
    let good = File.ReadAllBytes archive.FilePath
    let bad = folder.File "bad.zip"
    let mutable refused = 0
    let cases = Gen.zip (Gen.choose (0, good.Length - 1)) (Gen.choose (1, 255))

    Check.One(
        Seeded.Cases 400,
        Prop.forAll (Arb.fromGen cases) (fun (place, change) ->
            let bytes = Array.copy good
            bytes[place] <- bytes[place] ^^^ byte change
            File.WriteAllBytes(bad, bytes)

            try
                let opened = ModelArchive.Open bad
                Assert.NotEqual<string>(archive.Hash, opened.Hash)
                Assert.Equal(archive.Manifest.Settings.GetRawText(), opened.Manifest.Settings.GetRawText())
                for name, content in files do
                    Assert.Equal<byte>(content, opened.Read name)
            with :? InvalidDataException as e ->
                refused <- refused + 1
                Assert.StartsWith(bad, e.Message))
    )

    Assert.True(refused > 200, $"only {refused} were refused")

[<Fact>]
let ``a file whose name has a hash must have that hash, to the last byte`` () =
    use folder = new ScratchFolder()
    let archive = write folder (folder.File "models") [ "a", [| 1uy; 2uy |] ]
    let good = File.ReadAllBytes archive.FilePath

    for place in [ 12; 60; good.Length / 2; good.Length - 1 ] do
        let bytes = Array.copy good
        bytes[place] <- bytes[place] ^^^ 1uy
        File.WriteAllBytes(archive.FilePath, bytes)
        let error = Assert.Throws<InvalidDataException>(fun () -> ModelArchive.Open archive.FilePath |> ignore)
        Assert.Contains("the file is damaged, or was renamed.", error.Message)

[<Fact>]
let ``an archive cut anywhere is refused`` () =
    use folder = new ScratchFolder()
    let good = File.ReadAllBytes (write folder (folder.File "good.zip") [ "a", Array.init 300 byte ]).FilePath
    let cut = folder.File "cut.zip"

    for length in 0..7 .. good.Length - 1 do
        File.WriteAllBytes(cut, Array.truncate length good)
        let error = Assert.Throws<InvalidDataException>(fun () -> ModelArchive.Open cut |> ignore)
        Assert.StartsWith(cut, error.Message)

[<Fact>]
let ``a zip that is not an archive of a model is refused with what it lacks`` () =
    use folder = new ScratchFolder()
    let path = folder.File "other.zip"

    do
        use zip = ZipFile.Open(path, ZipArchiveMode.Create)
        (zip.CreateEntry "a").Open().Dispose()

    let refusal (path: string) = (Assert.Throws<InvalidDataException>(fun () -> ModelArchive.Open path |> ignore)).Message
    Assert.Equal($"{path}: expected an archive of a model with manifest.json, there is none in it.", refusal path)

    // One file more than the manifest lists.
    let archive = write folder (folder.File "more.zip") [ "a", [| 1uy |] ]
    let comment =
        use zip = ZipFile.Open(archive.FilePath, ZipArchiveMode.Update)
        (zip.CreateEntry "b").Open().Dispose()
        zip.Comment

    Assert.Contains("manifest.json: ", comment)
    Assert.Equal($"{archive.FilePath}: expected the files a, got a, b.", refusal archive.FilePath)
    let missing = Assert.Throws<FileNotFoundException>(fun () -> ModelArchive.Open(folder.File "none.zip") |> ignore)
    Assert.EndsWith("none.zip: expected an archive of a model, there is no such file.", missing.Message)

[<Fact>]
let ``values outside of a histogram's range count at its ends`` () =
    let quantity = ScoredQuantity("x", "", "", -1.0, 1.0)
    let histogram = ReferenceHistogram.Count(quantity, "", "", [ -5.0; -1.0; -0.01; 0.0; 0.99; 1.0; 7.0; nan; infinity ], 4)
    Assert.Equal<int>([ 3; 1; 1; 4 ], histogram.Counts)
