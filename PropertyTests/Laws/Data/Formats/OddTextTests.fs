/// Catalogues and SEDs as people write them: what would be read as something else is read right, or refused with its place.
module Hybrid.PropertyTests.Laws.Data.Formats.OddTextTests

open System
open System.IO
open System.IO.Compression
open Xunit
open Hybrid.Data.Formats
open Hybrid.Data.Systems.Blase
open Hybrid.PropertyTests.Laws.Data

let private error (action: unit -> unit) : string = Assert.Throws<InvalidDataException>(action).Message

// ---- catalogues ----

let private catalogue (layout: CatalogueLayout) (text: string) (check: string -> Catalogue -> unit) =
    use folder = new ScratchFolder()
    let path = folder.File "c.csv"
    File.WriteAllText(path, text)
    check path (Catalogue.Read(path, layout))

[<Theory>]
[<InlineData("id,x\r1,2\r3,4\r")>]
[<InlineData("id,x\r1,2\r3,4")>]
[<InlineData("id,x\r\r1,2\r\r3,4\r\r")>]
[<InlineData("# a\r# b\rid,x\r1,2\r3,4\r")>]
[<InlineData("id,x\r\n1,2\r3,4\n")>]
[<InlineData("id,x\n1,2\r3,4\r")>]
[<InlineData("\"id\",\"x\"\r\"1\",\"2\"\r3,4\r")>]
[<InlineData("\uFEFFid,x\r1,2\r3,4\r")>]
let ``lines of a CSV end with CR as well as with LF`` (text: string) =
    catalogue CatalogueLayout.Csv text (fun _ table ->
        Assert.Equal<int64>([| 1L; 3L |], table.Integers "id")
        Assert.Equal<float>([| 2.0; 4.0 |], table.Reals "x"))

    if not (text.Contains '"') then
        catalogue CatalogueLayout.Blanks (text.Replace(',', ' ')) (fun _ table -> Assert.Equal<int64>([| 1L; 3L |], table.Integers "id"))

[<Fact>]
let ``a matrix with CR line ends has its rows`` () =
    use folder = new ScratchFolder()
    let path = folder.File "m.txt"
    File.WriteAllText(path, "1 2\r3 4\r5 6\r")
    Assert.Equal<int>([ 3; 2 ], (Catalogue.ReadMatrix path).Shape)
    File.WriteAllText(path, "1,2\r3,4\r5,6")
    Assert.Equal<float>([| 1.0 .. 6.0 |], Catalogue.ReadMatrix(path, CatalogueLayout.Csv).Values)

[<Theory>]
[<InlineData("1,5")>]
[<InlineData("1 5")>]
[<InlineData("1.5.0")>]
[<InlineData("0x1F")>]
[<InlineData("1e400")>]
[<InlineData("inf")>]
[<InlineData("NaN")>]
[<InlineData("--")>]
[<InlineData("")>]
[<InlineData("１.5")>]
[<InlineData("1'500")>]
let ``a cell that is not a number is refused with file, line and column`` (cell: string) =
    catalogue CatalogueLayout.Csv $"id,x\n1,0.5\n2,\"{cell}\"\n" (fun path table ->
        Assert.Equal($"{path}, line 3, column 'x': expected a finite number, got '{cell}'", error (fun () -> table.Reals "x" |> ignore)))

[<Theory>]
[<InlineData("1.0")>]
[<InlineData("1e3")>]
[<InlineData("9223372036854775808")>]
[<InlineData("1,000")>]
[<InlineData("true")>]
let ``a cell that is not an integer is refused with file, line and column`` (cell: string) =
    catalogue CatalogueLayout.Csv $"id\n\"{cell}\"\n" (fun path table ->
        Assert.Equal($"{path}, line 2, column 'id': expected an integer, got '{cell}'", error (fun () -> table.Integers "id" |> ignore)))

[<Fact>]
let ``a name that two columns have is not one of them`` () =
    catalogue CatalogueLayout.Csv "x,y,x\n1,2,3\n" (fun path table ->
        Assert.Equal<float>([| 2.0 |], table.Reals "y")
        Assert.Equal($"{path}: expected one column 'x', got columns 1 and 3 of that name", error (fun () -> table.Reals "x" |> ignore)))

[<Fact>]
let ``a challenge's catalogue that says two things of an object is refused`` () =
    use folder = new ScratchFolder()
    File.WriteAllText(folder.File "imageEUC_VIS-1.fits", "")
    let path = folder.File "truth.csv"

    let message (rows: string) =
        File.WriteAllText(path, "ID,is_lens,Einstein_area\n" + rows)
        error (fun () -> LensChallenge.Open(folder.Path, path, null) |> ignore)

    Assert.Equal($"{path}, line 3: object 1 stands in the catalogue twice", message "1,0,0\n1,1,1e-10\n")
    Assert.Equal($"{path}, line 2, column 'is_lens': expected 0 or 1, got '2'", message "1,2,0\n")

// ---- SEDs ----

let private sed (position: string) (columns: string) (units: string) (rows: string list) =
    String.Join('\n', [ position; columns; units; String('-', 40) ] @ rows)

let private place = "   1  matched source   77.35819    5.69315  99"
let private columns = " Frequency nufnu nufnu_unc. nufnu_unc. start_time end_time Flag Catalog Reference"
let private units = "    Hz       erg/cm2/s     upper       lower        MJD         MJD"
let private row flag = $" 1.0E+09  2.0E-14  3.0E-14  1.0E-14  55000 55000 {flag} A"

[<Theory>]
[<InlineData("flag")>]
[<InlineData("FLAG")>]
[<InlineData("Flag")>]
[<InlineData("fLAG")>]
[<InlineData("(flag)")>]
[<InlineData("Flag,")>]
[<InlineData("[FLAG]")>]
let ``the flag's column is found in any case, so that upper limits stay limits`` (word: string) =
    for det, ul in [ "Det", "UL"; "det", "ul"; "DET", "Ul" ] do
        let read = SedFile.ParseText("x", sed place (columns.Replace("Flag", word)) units [ row det; row ul ], true)
        Assert.Equal(SedVersion.Blast, read.Version)
        Assert.Equal<int>([ 5 ], read.Detections() |> Seq.map _.Line)
        Assert.True(read.Points[1].IsUpperLimit)

[<Fact>]
let ``a flag that the header does not announce is not read as a catalogue's name`` () =
    let text = sed place (columns.Replace(" Flag", "")) units [ row "UL"; row "Det"; row "ul"; " 1.0E+09 2.0E-14 0 0 55000 55000 NVSS" ]
    let read = SedFile.ParseText("x", text)
    Assert.Equal<string>([ "NVSS" ], read.Points |> Seq.map _.Catalogue)
    Assert.Equal("line 5: column 'Catalog': expected a name, got the flag 'UL': line 2 names no column Flag", string read.Problems[0])
    Assert.Equal(3, read.Problems.Count)

[<Theory>]
[<InlineData("360.0 5.5 99", 0.0, 5.5)>]
[<InlineData("-0.00001 5.5 99", 359.99999, 5.5)>]
[<InlineData("-10 -5.5 99", 350.0, -5.5)>]
[<InlineData("365 5.5 99", 5.0, 5.5)>]
[<InlineData("359.99999 90 99", 359.99999, 90.0)>]
[<InlineData("0 -90 99", 0.0, -90.0)>]
[<InlineData("1E2 5 99", 100.0, 5.0)>]
[<InlineData("11 04 27.3 +38 12 31 99", 166.11375, 38.2086111111)>]
[<InlineData("11 04 27.3 -00 12 31", 166.11375, -0.2086111111)>]
[<InlineData("11:04:27.3 +38:12:31 99", 166.11375, 38.2086111111)>]
[<InlineData("11h04m27.3s -38d12m31s 99", 166.11375, -38.2086111111)>]
[<InlineData("23:59:59.9 -89:59:59 99", 359.99958333, -89.999722222)>]
let ``a position is wrapped into the sky's degrees, and read in hours where it is written so`` (given: string, ra: float, dec: float) =
    let read = SedFile.ParseText("x", sed $"   1  matched source  {given}" columns units [ row "Det" ], true)
    Assert.Equal(ra, read.RightAscension, 1e-7)
    Assert.Equal(dec, read.Declination, 1e-7)
    Assert.True(read.HasPosition)

[<Theory>]
[<InlineData("11 04 27.3 38 99")>]
[<InlineData("77.3 95.0 99")>]
[<InlineData("1000 5 99")>]
[<InlineData("RA DEC 99")>]
[<InlineData("24:00:01 5:0:0 99")>]
[<InlineData("11:61:00 5:0:0 99")>]
[<InlineData("77,3 5,6 99")>]
[<InlineData("nan nan 99")>]
let ``a position that is not understood is reported, never dropped silently`` (given: string) =
    let text = sed $"   1  matched source  {given}" columns units [ row "Det" ]
    let read = SedFile.ParseText("x", text)
    Assert.False read.HasPosition
    let expected = $"expected right ascension and declination in degrees, such as 77.35819 5.69315 99, got '{given}'"
    Assert.Equal($"line 1: {expected}", string read.Problems[0])
    Assert.Equal(1, read.Points.Count)
    Assert.Equal($"x, line 1: {expected}", error (fun () -> SedFile.ParseText("x", text, true) |> ignore))

[<Theory>]
[<InlineData("GHz", "erg/cm2/s", "GHz")>]
[<InlineData("Hz", "Jy", "Jy")>]
[<InlineData("Hz", "mJy", "mJy")>]
[<InlineData("keV", "erg/cm2/s", "keV")>]
[<InlineData("Hz", "W/m2", "W/m2")>]
let ``values in another unit are refused, not read as if they were in this one`` (frequency: string, flux: string, got: string) =
    let text = sed place columns (units.Replace("Hz", frequency).Replace("erg/cm2/s", flux)) [ row "Det" ]
    Assert.Equal($"x, line 3: expected frequencies in Hz and fluxes in erg/cm2/s, got the unit '{got}'",
                 error (fun () -> SedFile.ParseText("x", text) |> ignore))

[<Theory>]
[<InlineData("\r")>]
[<InlineData("\r\n")>]
[<InlineData("\n")>]
let ``an SED has its rows whatever ends its lines`` (ending: string) =
    let text = (sed place columns units [ row "Det"; ""; row "UL" ]).Replace("\n", ending)
    let read = SedFile.ParseText("x", text, true)
    Assert.Equal<int>([ 5; 7 ], read.Points |> Seq.map _.Line)

[<Fact>]
let ``the positions 0° and 360° of training SEDs are one`` () =
    let label = SedLabel.Parse "SED_11.78_360.0_-49.8840_NAME"
    Assert.Equal(0.0, label.RightAscension)
    Assert.Equal(-49.884, label.Declination)

// ---- bounded by what comes out ----

[<Fact>]
let ``a catalogue's .gz is bounded while it is decompressed, by a limit that can be raised`` () =
    use folder = new ScratchFolder()
    let path = folder.File "c.csv.gz"
    let rows = 2_500_000

    do
        use writer = new StreamWriter(new GZipStream(File.Create path, CompressionLevel.Optimal))
        writer.Write "id,x\n"

        for _ in 1..rows do
            writer.Write "12,3.5\n"

    let length = FileInfo(path).Length
    let limit = max (16L <<< 20) (100L * length)
    let before = GC.GetAllocatedBytesForCurrentThread()
    let message = error (fun () -> Catalogue.Read path |> ignore)
    let expected = $"{path}: {length} compressed bytes become more than {limit}: expected a text of at most that many; give largestBytes \
        to read a longer one"
    Assert.Equal(expected, message)
    Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0L, 200L <<< 20)
    let table = Catalogue.Read(path, CatalogueLayout.Csv, null, 20L <<< 20)
    Assert.Equal(rows, table.Count)
    Assert.Equal(12L, (table.Integers "id")[rows - 1])

[<Fact>]
let ``a zip of SEDs is bounded by a limit that can be raised`` () =
    use folder = new ScratchFolder()
    let path = folder.File "seds.zip"
    let text = sed place columns units (List.replicate 20_000 (row "Det"))

    do
        use zip = new ZipArchive(File.Create path, ZipArchiveMode.Create)

        for i in 1..20 do
            use writer = new StreamWriter(zip.CreateEntry($"{i}.txt").Open())
            writer.Write text

    let total = 20L * int64 text.Length
    Assert.True(total > (16L <<< 20), "the test's zip is too small")
    let expected = $"{path}: expected a zip of at most {16 <<< 20} bytes of text, got more than that: unpack it, or give largestBytes to \
        read more"
    Assert.Equal(expected, error (fun () -> SedFile.ReadAll path |> ignore))
    Assert.Equal(20, SedFile.ReadAll(path, false, total).Seds.Count)
