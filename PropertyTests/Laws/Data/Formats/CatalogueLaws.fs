module Hybrid.PropertyTests.Laws.Data.Formats.CatalogueLaws

open System
open System.IO
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Data.Formats
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

[<Fact>]
let ``columns written as CSV come back as they were, whatever the text`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.csv"

    let text =
        Gen.listOf (Gen.elements [ 'a'; ','; '"'; '\n'; ' '; '#'; 'é' ])
        |> Gen.map (fun cs -> "x" + String(Seq.toArray cs))

    let row = Gen.zip3 text (ArbMap.defaults |> ArbMap.generate<NormalFloat>) (ArbMap.defaults |> ArbMap.generate<int64>)

    Check.One(
        Seeded.Cases 100,
        Prop.forAll (Arb.fromGen (Gen.listOf row)) (fun rows ->
            let texts = [| for t, _, _ in rows -> t |]
            let reals = [| for _, r, _ in rows -> r.Get |]
            let integers = [| for _, _, i in rows -> i |]
            Catalogue.Write(path, [| "te\"xt"; "real"; "integer" |], [| texts; reals; integers |])
            let back = Catalogue.Read path
            Assert.Equal(rows.Length, back.Count)
            Assert.Equal<string>(texts, back.Texts "te\"xt")
            Assert.Equal<float>(reals, back.Reals "real")
            Assert.Equal<int64>(integers, back.Integers "integer"))
    )

[<Fact>]
let ``an error names file, line, column, what was expected and what came`` () =
    use folder = new ScratchFolder()
    let path = folder.File "train.csv"
    File.WriteAllText(path, "ID,theta_E,name\n1,0.5,\"two\nlines\"\n2,-1.2,b\n3,,c\n")
    let table = Catalogue.Read path
    Assert.Equal(4, table.LineOf 1)

    let error (action: unit -> unit) =
        (Assert.Throws<InvalidDataException> action).Message

    Assert.Equal(
        $"{path}, line 4, column 'theta_E': expected arcsec in [0, 10], got '-1.2'",
        error (fun () -> table.Reals("theta_E", 0.0, 10.0, "arcsec") |> ignore)
    )

    Assert.Equal($"{path}, line 5, column 'theta_E': expected a finite number, got ''", error (fun () -> table.Reals "theta_E" |> ignore))
    Assert.Equal($"{path}, line 2, column 'name': expected an integer, got 'two\nlines'", error (fun () -> table.Integers "name" |> ignore))

    let missing = Assert.Throws<System.Collections.Generic.KeyNotFoundException>(fun () -> table.Texts "id" |> ignore)
    Assert.Equal($"{path}: no column 'id'; there are 'ID', 'theta_E', 'name'.", missing.Message)

    File.WriteAllText(path, "a,b\n1,2\n3\n")
    Assert.Equal($"{path}, line 3: expected 2 columns, got 1", error (fun () -> Catalogue.Read path |> ignore))
    File.WriteAllText(path, "a,b\n1,\"2\n3\n")
    Assert.Equal($"{path}, line 2: a quotation is not closed", error (fun () -> Catalogue.Read path |> ignore))

[<Fact>]
let ``any text is a catalogue or an error that names the file`` () =
    use folder = new ScratchFolder()
    let path = folder.File "x.csv"

    Check.One(
        Seeded.Cases 100,
        Prop.forAll (ArbMap.defaults |> ArbMap.arbitrary<byte[]>) (fun bytes ->
            File.WriteAllBytes(path, bytes)

            try
                Catalogue.Read path |> ignore
            with :? InvalidDataException as e ->
                Assert.StartsWith(path, e.Message))
    )

[<Fact>]
let ``the shared catalogues read with the rows and columns of their descriptions`` () =
    let labels = Catalogue.Read(SharedData.path "lens/challenge1/classifications.csv")
    Assert.Equal(20000, labels.Count)
    Assert.Equal<string>([ "ID"; "is_lens"; "Einstein_area"; "numb_pix_lensed_image"; "flux_lensed_image_in_sigma" ], labels.Names)
    Assert.Equal(100003L, (labels.Integers "ID")[3])
    Assert.Equal(1.44016e-09, (labels.Reals("Einstein_area", 0.0, 1.0, "sr"))[3])

    let estimates = Catalogue.Read(SharedData.path "blase/estimates.csv")
    Assert.Equal(3793, estimates.Count)
    Assert.Equal(13.11, (estimates.Reals "Estimated Peak")[0])

    Assert.Equal<int>([ 26; 2 ], (Catalogue.ReadMatrix(SharedData.path "blase/bins.txt")).Shape)
    Assert.Equal<int>([ 32; 1 ], (Catalogue.ReadMatrix(SharedData.path "blase/label_edges.txt")).Shape)
    let lenses = Catalogue.ReadMatrix(SharedData.path "lens/lenspop/lenses_DESc.txt")
    Assert.Equal(25, lenses.Shape[1])
    Assert.Equal(1.67, lenses[0, 2])

    for survey in [ "DESa"; "Euclid"; "LSSTc" ] do
        Assert.True((Catalogue.ReadMatrix(SharedData.path $"lens/lenspop/lenses_{survey}.txt")).Shape[0] > 900)

    Assert.Equal<int>([ 947; 506 ], (Catalogue.ReadMatrix(SharedData.path "seds/leptonic_1k.csv.gz", CatalogueLayout.Csv)).Shape)
    let deflections = Catalogue.Read(SharedData.path "lens/golden/deflections.csv")
    Assert.Equal(84, deflections.Count)
    Assert.Equal("""{"theta_E": 1.3, "center_x": 0.05, "center_y": -0.1}""", (deflections.Texts "params_json")[0])
    Assert.Equal(10, (Catalogue.Read(SharedData.path "lens/des_real/sim.csv")).Count)
    Assert.Equal(46, (Catalogue.Read(SharedData.path "lens/des_fields/map.txt", CatalogueLayout.Blanks)).Count)

[<Fact>]
let ``the challenge's folders give objects with a file in every band and their Einstein radii`` () =
    let samples = SharedData.path "lens/challenge1/samples"
    let catalogue = SharedData.path "lens/challenge1/classifications.csv"
    let ground = LensChallenge.Open(Path.Combine(samples, "ground_based"), catalogue, [| "SDSS_R"; "SDSS_I"; "SDSS_G"; "SDSS_U" |])
    Assert.Equal(12, ground.Objects.Count)
    Assert.Empty ground.Incomplete
    Assert.All(ground.Objects, fun o -> Assert.Equal(4, o.Files.Count))
    
    let planesOf (item: LensChallengeObject) : System.Collections.Generic.IReadOnlyList<FitsPlane> =
        [| for f in item.Files -> FitsPlane.Of f |]
    let planes = FitsSet.LoadPlanes([| for item in ground.Objects -> planesOf item |], FitsSetOptions())
    Assert.Equal<int>([ 12; 4; 101; 101 ], planes.Pixels.Shape)

    let space = LensChallenge.Open(Path.Combine(samples, "space_based"), catalogue, null)
    Assert.Equal<string>([ "EUC_VIS" ], space.Bands)
    Assert.Equal(16, space.Objects.Count)
    let known = space.Objects |> Seq.find (fun o -> o.Id = 100003L)
    Assert.True known.IsLens
    Assert.InRange(known.EinsteinRadiusArcsec, 4.4155, 4.4165)

[<Fact>]
let ``lenses are chosen by size, magnification and Einstein radius, ends excluded`` () =
    use folder = new ScratchFolder()

    for id in 1..7 do
        File.WriteAllText(folder.File $"imageEUC_VIS-{id}.fits", "")

    // θ_E² π / 206265²: areas of 1″, 3″ and so on.
    let area thetaE = Math.PI * (thetaE / 206265.0) ** 2.0
    let line id images magnification pixels thetaE = FormattableString.Invariant $"{id},{images},{magnification},{pixels},{area thetaE:R}"

    File.WriteAllLines(
        folder.File "catalogue.csv",
        [ "# challenge II"
          "ID,n_source_im,mag_eff,n_pix_source,ein_area"
          line 1 1 2.0 101 1.0
          line 2 0 2.0 101 1.0
          line 3 1 1.6 101 1.0
          line 4 1 2.0 100 1.0
          line 5 1 2.0 101 3.0
          line 6 2 9.0 500 2.4 ]
    )

    let challenge = LensChallenge.Open(folder.Path, folder.File "catalogue.csv", null)
    Assert.Equal(7, challenge.Objects.Count)
    Assert.Equal<int64>([ 1L; 6L ], challenge.Select(LensSelection()) |> Seq.map _.Id)
    Assert.Equal<int64>([ 1L; 4L; 5L; 6L ], challenge.Select(LensSelection(SourcePixels = 20.0, LargestThetaE = 4.0)) |> Seq.map _.Id)
    Assert.Equal<int64>([ 6L ], challenge.Select(LensSelection(LeastThetaE = 1.5)) |> Seq.map _.Id)
    // Challenge I has no magnification in its catalogue.
    let samples = LensChallenge.Open(SharedData.path "lens/challenge1/samples/space_based",
                                     SharedData.path "lens/challenge1/classifications.csv", null)
    Assert.Contains(100014L, samples.Select(LensSelection()) |> Seq.map _.Id)
    Assert.DoesNotContain(100003L, samples.Select(LensSelection()) |> Seq.map _.Id)

[<Fact>]
let ``a data set is taken from its archive as from its folder`` () =
    use folder = new ScratchFolder()
    let content = Directory.CreateDirectory(folder.File "in/training_set")

    for name in [ "imageSDSS_R-7.fits"; "imageSDSS_R-8.fits" ] do
        File.WriteAllText(Path.Combine(content.FullName, name), "")

    let zip = folder.File "training_set.zip"
    Compression.ZipFile.CreateFromDirectory(folder.File "in", zip)

    for _ in 1..2 do
        let found = LensChallenge.Open(zip, null, null)
        Assert.Equal<int64>([ 7L; 8L ], found.Objects |> Seq.map _.Id)
        Assert.StartsWith(folder.File "training_set.unpacked", found.Objects[0].Files[0])

    Assert.Equal(folder.Path, Archive.Folder folder.Path)
    File.SetLastWriteTimeUtc(zip, DateTime.UtcNow.AddMinutes 1.0)
    let stale = Assert.Throws<IOException>(fun () -> Archive.Folder zip |> ignore)
    Assert.Contains($"unpacked before {zip} last changed", stale.Message)
    let missing = folder.File "nothing.zip"
    let e = Assert.Throws<DirectoryNotFoundException>(fun () -> LensChallenge.Open(missing, null, null) |> ignore)
    Assert.Equal($"{missing}: no such folder, nor an archive (.tar.gz, .tgz, .tar, .zip).", e.Message)

[<Fact>]
let ``an object that lacks a band is named`` () =
    use folder = new ScratchFolder()

    for name in [ "imageSDSS_R-7.fits"; "imageSDSS_G-7.fits"; "imageSDSS_R-8.fits"; "notes.txt" ] do
        File.WriteAllText(folder.File name, "")

    let found = LensChallenge.Open(folder.Path, null, null)
    Assert.Equal<int64>([ 7L ], found.Objects |> Seq.map _.Id)
    Assert.Equal("object 8 has no image in band SDSS_G", (Seq.exactlyOne found.Incomplete).Reason)

[<Theory>]
[<InlineData("data/data/export/a/10_keV/NR/x.png", 10.0, true)>]
[<InlineData("data/data/export/3_keV/b/ER/x.png", 3.0, false)>]
[<InlineData("0.00012752991074573__CYGNO_60_40_ER_30_keV_930V_30cm_IDAO_iso_crop_hist_pic_run4_ev846;1.png", 30.0, false)>]
[<InlineData("1.2__CYGNO_60_40_He_NR_10_keV_930V_30cm_SRIM_IDAO_iso_crop_hist_pic_run4_ev0;1.png", 10.0, true)>]
let ``the paths of CYGNO images give energy and kind`` (path: string, energy: float, nuclear: bool) =
    let parsed = CygnoFiles.Parse path
    Assert.Equal(energy, parsed.EnergyKeV)
    Assert.Equal(nuclear, parsed.IsNuclear)

[<Fact>]
let ``archives unpack whole or not at all`` () =
    use folder = new ScratchFolder()
    let content = Directory.CreateDirectory(folder.File "in")
    File.WriteAllText(Path.Combine(content.FullName, "a.txt"), "alpha")
    let zip = folder.File "a.zip"
    Compression.ZipFile.CreateFromDirectory(content.FullName, zip)
    let tar = folder.File "a.tar.gz"

    do
        use target = new Compression.GZipStream(File.Create tar, Compression.CompressionLevel.Fastest)
        Formats.Tar.TarFile.CreateFromDirectory(content.FullName, target, false)

    for archive, name in [ zip, "z"; tar, "t" ] do
        let out = folder.File name
        Archive.Extract(archive, out)
        Assert.Equal("alpha", File.ReadAllText(Path.Combine(out, "a.txt")))
        let broken = folder.File($"broken-{Path.GetFileName archive}")
        let whole = File.ReadAllBytes archive
        File.WriteAllBytes(broken, Array.truncate (whole.Length / 2) whole)
        let e = Assert.Throws<InvalidDataException>(fun () -> Archive.Extract(broken, folder.File "never"))
        Assert.StartsWith(broken, e.Message)

    Assert.False(Directory.Exists(folder.File "never"), "a broken archive left a folder")

/// RFC 4180 character by character, as Hybrid read it before Sep: the oracle. Bare carriage returns are characters to it.
let private splitSlowly (text: string) : Result<(string[] * int) list, string> =
    let records = ResizeArray<string[] * int>()
    let fields = ResizeArray<string>()
    let field = Text.StringBuilder()
    let mutable at = 0
    let mutable line = 1
    let mutable start = 1
    let mutable failure = ""

    let endRecord start =
        fields.Add(field.ToString())
        field.Clear() |> ignore
        if fields.Count > 1 || fields[0] <> "" then records.Add(fields.ToArray(), start)
        fields.Clear()

    while at < text.Length && text[at] = '#' do
        let next = text.IndexOf('\n', at)
        at <- if next < 0 then text.Length else next + 1
        line <- line + 1
        start <- line

    while failure = "" && at < text.Length do
        match text[at] with
        | '"' when field.Length = 0 ->
            let opened = line
            at <- at + 1
            let mutable quoted = true

            while quoted && failure = "" do
                if at >= text.Length then
                    failure <- $"line {opened}: a quotation is not closed"
                elif text[at] <> '"' then
                    if text[at] = '\n' then line <- line + 1
                    field.Append text[at] |> ignore
                    at <- at + 1
                elif at + 1 < text.Length && text[at + 1] = '"' then
                    field.Append '"' |> ignore
                    at <- at + 2
                else
                    quoted <- false
                    at <- at + 1

            if failure = "" && at < text.Length && text[at] <> ',' && text[at] <> '\n' && text[at] <> '\r' then
                failure <- $"line {line}: expected a comma after the closing quote, got '{text[at]}'"
        | ',' ->
            fields.Add(field.ToString())
            field.Clear() |> ignore
            at <- at + 1
        | '\r' when at + 1 < text.Length && text[at + 1] = '\n' -> at <- at + 1
        | '\n' ->
            endRecord start
            line <- line + 1
            start <- line
            at <- at + 1
        | other ->
            field.Append other |> ignore
            at <- at + 1

    if failure <> "" then
        Error failure
    else
        if field.Length > 0 || fields.Count > 0 then endRecord start
        Ok(List.ofSeq records)

let private split (text: string) : Result<(string[] * int) list, string> =
    try
        Ok(CsvRecords.Split("x", text))
    with :? InvalidDataException as e ->
        Error(e.Message.Substring "x, ".Length)

let private csvText =
    Gen.listOf (Gen.elements [ "a"; "é"; "1.5"; ","; ","; "\""; "\""; "\"\""; "\n"; "\n"; "\r\n"; " "; "#" ]) |> Gen.map String.Concat

[<SeededProperty(MaxTest = 2000)>]
let ``records, their lines and the errors are those of reading character by character, quotes in any place`` () =
    Prop.forAll (Arb.fromGen csvText) (fun text -> Assert.Equal(splitSlowly text, split text))

[<Fact>]
let ``lines end with LF, CR LF or CR alike`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.csv"

    Check.One(
        Seeded.Cases 500,
        Prop.forAll (Arb.fromGen csvText) (fun text ->
            let lines = text.Replace("\r\n", "\n")

            for ending in [ "\r\n"; "\r" ] do
                let replaced (fields: string[], line: int) = [| for f in fields -> f.Replace("\n", ending) |], line
                let expected = split lines |> Result.map (List.map replaced)
                Assert.Equal(expected, split (lines.Replace("\n", ending)))))

    for ending in [ "\n"; "\r\n"; "\r" ] do
        File.WriteAllText(path, String.Join(ending, [ "# by hand"; "id,name"; "1,\"two"; "lines\""; "2,5\" telescope"; "" ]))
        let table = Catalogue.Read path
        Assert.Equal<int64>([| 1L; 2L |], table.Integers "id")
        Assert.Equal<string>([| $"two{ending}lines"; "5\" telescope" |], table.Texts "name")
        Assert.Equal<int>([| 3; 5 |], [| table.LineOf 0; table.LineOf 1 |])
        File.WriteAllText(path, String.Join(ending, [ "# x y"; " 1 2"; "3\t4 "; "" ]))
        Assert.Equal<float>([| 1.0; 2.0; 3.0; 4.0 |], (Catalogue.ReadMatrix path).Values)

[<Fact>]
let ``a line longer than Sep takes is an error with its number`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.csv"
    File.WriteAllText(path, "a,b\n1," + String('x', 17_000_000) + "\n")
    let e = Assert.Throws<InvalidDataException>(fun () -> Catalogue.Read path |> ignore)
    Assert.Equal($"{path}, line 2: expected a line of at most 16777216 characters, got a longer one", e.Message)
