module Hybrid.PropertyTests.Laws.Data.Formats.SedLaws

open System
open System.IO
open System.IO.Compression
open System.Text.Json
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Data.Formats
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

let private header flag =
    [ "   1  matched source   77.35819    5.69315  99"
      $" Frequency     nufnu     nufnu unc.  nufnu unc. start time   end time   {flag}Catalog     Reference"
      "    Hz       erg/cm2/s     upper       lower        MJD         MJD"
      String('-', 60) ]

let private text flag rows = String.Join('\n', header flag @ rows)

/// Values that the format's four digits hold exactly.
let private points =
    let value exponents =
        Gen.zip (Gen.choose (1000, 9999)) (Gen.choose exponents)
        |> Gen.map (fun (m, e) -> float $"{m / 1000}.{m % 1000:D3}E{e}")

    gen {
        let! frequency = value (8, 27)
        let! flux = value (-16, -9)
        let! upper = value (-16, -9)
        let! lower = value (-16, -9)
        let! mjd = Gen.choose (50000, 60000)
        let! flag = Gen.elements [ "Det"; "UL" ]
        let! reference = Gen.elements [ ""; "Giommi et al. 2019"; "A&A, 103, 1" ]
        return SedFile.Point(frequency, flux, upper, lower, float mjd, float mjd + 0.5, flag, "NVSS", reference)
    }

let private pointsAndVersion = Gen.zip (Gen.listOf points) (Gen.elements [ SedVersion.Vou; SedVersion.Blast ])

[<Fact>]
let ``points written in either version come back as they were, version 1 without flags`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.txt"

    Check.One(
        Seeded.Cases 100,
        Prop.forAll (Arb.fromGen pointsAndVersion) (fun (written, version) ->
            SedFile.Write(path, 77.35819, -5.69315, Array.ofList written, version)
            let sed = SedFile.Read(path, true)
            Assert.Equal(version, sed.Version)
            Assert.Equal(77.35819, sed.RightAscension)
            Assert.Equal(-5.69315, sed.Declination)
            let row (p: SedPoint) = p.FrequencyHz, p.Flux, p.Upper, p.Lower, p.StartMjd, p.EndMjd, p.Catalogue, p.Reference
            Assert.Equal<_ seq>(written |> List.map row, sed.Points |> Seq.map row |> Seq.toList)
            Assert.Equal<string>((if version = SedVersion.Blast then [ for p in written -> p.Flag ] else [ for _ in written -> "" ]),
                                 sed.Points |> Seq.map _.Flag))
    )

[<Fact>]
let ``upper limits, zero fluxes and intervals that miss their flux are kept as points but are not detections`` () =
    let sed =
        SedFile.ParseText(
            "x",
            text
                "Flag "
                [ " 1.0E+09  2.0E-14  3.0E-14  1.0E-14  55000 55000  Det A"
                  ""
                  " 1.0E+09  2.0E-14  3.0E-14  1.0E-14  55000 55000  UL  A"
                  " 1.0E+09  0.0E+00  0.0E+00  0.0E+00  55000 55000  Det A"
                  " 1.0E+09  2.0E-14  1.5E-14  1.0E-14  55000 55000  Det A"
                  " 1.0E+09  2.0E-14  0.0E+00  2.5E-14  55000 55000  Det A" ]
        )

    Assert.Equal(5, sed.Points.Count)
    Assert.Equal<int>([ 5; 10 ], sed.Detections() |> Seq.map _.Line)
    Assert.True(sed.Points[1].IsUpperLimit)
    Assert.False(sed.Points[3].IsConsistent)

[<Fact>]
let ``a row that cannot be read is an error with its line and column, or a listed problem`` () =
    let body = text "" [ " 1.0E+09  2.0E-14  3.0E-14  1.0E-14  55000 55000 A"; " 1.0E+09  2.0E-14 n/a 1.0E-14 55000 55000 A"; " 1.0E+09" ]
    let e = Assert.Throws<InvalidDataException>(fun () -> SedFile.ParseText("x.txt", body, true) |> ignore)
    Assert.Equal("x.txt, line 6: column 'upper': expected a finite number, got 'n/a'", e.Message)
    let sed = SedFile.ParseText("x.txt", body)
    Assert.Equal(1, sed.Points.Count)

    Assert.Equal<string>(
        [ "line 6: column 'upper': expected a finite number, got 'n/a'"; "line 7: expected at least 6 columns, got 1" ],
        sed.Problems |> Seq.map string
    )

    let e = Assert.Throws<InvalidDataException>(fun () -> SedFile.ParseText("y.txt", "one\ntwo\nthree\nfour\n") |> ignore)
    Assert.Equal("y.txt, line 4: expected a line of dashes to end the header, got 'four'", e.Message)

[<Fact>]
let ``a row with a column too many says which column is not a name`` () =
    // A number before the name, as in a table that gives one error more.
    let extra = [ " 1.0E+09  2.0E-14  3.0E-14  1.0E-14  55000 55000 0.5 Det A";
                  " 1.0E+09  2.0E-14  3.0E-14  1.0E-14  55000 55000 Det 17 A" ]

    Assert.Equal<string>(
        [ "line 5: column 'Flag': expected Det or UL, got '0.5': the row has a column too many"
          "line 6: column 'Catalog': expected a name, got '17': the row has a column too many" ],
        (SedFile.ParseText("x", text "Flag " extra)).Problems |> Seq.map string
    )

    let e = Assert.Throws<InvalidDataException>(fun () -> SedFile.ParseText("x.txt", text "" [ extra[0] ], true) |> ignore)
    Assert.Equal("x.txt, line 5: column 'Catalog': expected a name, got '0.5': the row has a column too many", e.Message)

[<Fact>]
let ``sanitising is idempotent: detections written and read again are all detections, the same`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.txt"

    Check.One(
        Seeded.Cases 100,
        Prop.forAll (Arb.fromGen pointsAndVersion) (fun (written, version) ->
            let kept (points: SedPoint seq) =
                SedFile.Write(path, 1.0, 2.0, Seq.toArray points, version)
                (SedFile.Read(path, true)).Detections()

            let row (p: SedPoint) = p.FrequencyHz, p.Flux, p.Upper, p.Lower
            let once = kept written
            Assert.Equal<_ seq>(once |> Array.map row, kept once |> Array.map row))
    )

/// Numbers as tables have them, and what is almost one.
let private numerals =
    let digits = Gen.nonEmptyListOf (Gen.elements [ '0' .. '9' ]) |> Gen.map (Seq.truncate 18 >> Seq.toArray >> String)

    let likely =
        gen {
            let! sign = Gen.elements [ ""; "-"; "+" ]
            let! whole = digits
            let! fraction = Gen.oneof [ Gen.constant ""; Gen.map (fun d -> "." + d) digits ]
            let! power =
                Gen.oneof
                    [ Gen.constant ""
                      Gen.zip (Gen.elements [ "E"; "e" ]) (Gen.choose (-340, 340)) |> Gen.map (fun (e, p) -> $"{e}{p}")
                      Gen.choose (0, 25) |> Gen.map (fun p -> $"E-{p:D2}")
                      Gen.choose (0, 25) |> Gen.map (fun p -> $"E+{p:D2}") ]

            return sign + whole + fraction + power
        }

    let letters = Gen.listOf (Gen.elements (Seq.toList "0123456789+-.eE NaInfity")) |> Gen.map (Seq.toArray >> String)
    Gen.frequency [ 4, likely; 1, letters;
                    1, Gen.elements [ ""; "."; "-"; "1."; ".5"; "-0"; "1e"; "1e+"; "NaN"; "-Infinity"; "1e99999"; " 1 "; "0x1F"; "1,5" ] ]

[<SeededProperty(MaxTest = 20000)>]
let ``numbers of tables are read to the bit as Double reads them, and nothing else is`` () =
    Prop.forAll (Arb.fromGen numerals) (fun numeral ->
        let mutable expected = 0.0
        let mutable actual = 0.0
        let isNumber = Double.TryParse(numeral, Globalization.NumberStyles.Float, Globalization.CultureInfo.InvariantCulture, &expected)
        Assert.Equal(isNumber, DecimalNumber.tryParse (numeral.AsSpan()) &actual)

        if isNumber then
            Assert.Equal(BitConverter.DoubleToInt64Bits expected, BitConverter.DoubleToInt64Bits actual))

[<Fact>]
let ``a position that cannot be read is absent, not wrong`` () =
    let lines = header ""
    let sed = SedFile.ParseText("x", String.Join('\n', "   1  matched source" :: lines.Tail))
    Assert.False sed.HasPosition
    Assert.True((SedFile.ParseText("x", String.Join('\n', lines))).HasPosition)

[<Fact>]
let ``a folder and a zip of the same files give the same, and name what is not an SED`` () =
    use folder = new ScratchFolder()
    let content = Directory.CreateDirectory(folder.File "in")
    let inner = content.CreateSubdirectory "SEDs"
    let write (name: string) (text: string) = File.WriteAllText(Path.Combine(inner.FullName, name), text)
    write "SED_11.78_227.1623_-49.8840_B.txt" (text "Flag " [ " 1.0E+09  2.0E-14  3.0E-14  1.0E-14  55000 55000  Det A" ])
    write "SED_12.00_1.0_2.0_A.txt" (text "" [])
    write ".DS_Store" "junk"
    write "readme.md" "no SED"
    let zip = folder.File "training_set.zip"
    ZipFile.CreateFromDirectory(content.FullName, zip)

    for path in [ content.FullName; zip ] do
        let set = SedFile.ReadAll path
        Assert.Equal<string>([ "SED_11.78_227.1623_-49.8840_B.txt"; "SED_12.00_1.0_2.0_A.txt" ], set.Seds |> Seq.map _.Name)
        Assert.Equal<int>([ 1; 0 ], set.Seds |> Seq.map _.Points.Count)
        let broken = Assert.Single set.Broken
        Assert.EndsWith("readme.md", broken.Path)
        Assert.Equal("line 1: expected 4 header lines, the file ends before", broken.Reason)

[<SeededProperty(MaxTest = 500)>]
let ``any text is an SED or an error that names it`` () =
    let whole = text "Flag " [ " 1.0E+09  2.0E-14  3.0E-14  1.0E-14  55000 55000  Det A ref";
                               " 1.0E+10  2.0E-14  3.0E-14  1.0E-14  55000 55000  UL A" ]

    Prop.forAll (Arb.fromGen (Gen.zip (Gen.choose (0, 100000)) (Gen.choose (0, 255)))) (fun (position, replacement) ->
        let at = position % whole.Length
        let damaged = whole.Substring(0, at) + string (char replacement) + whole.Substring(at + 1)

        for text in [ damaged; whole.Substring(0, at) ] do
            try
                SedFile.ParseText("x", text) |> ignore
            with :? InvalidDataException as e ->
                Assert.StartsWith("x, line ", e.Message))

[<Theory>]
[<InlineData("TXS_0506+056.blast.txt", 2, 311)>]
[<InlineData("TXS_0506+056.vou.txt", 1, 311)>]
[<InlineData("Mrk421_agnpy2009.blast.txt", 2, 105)>]
[<InlineData("Mrk421_jetset.blast.txt", 2, 110)>]
let ``the shared SEDs have the rows that the original tools take from them`` (file: string, version: int, rows: int) =
    let sed = SedFile.Read(SharedData.path $"seds/{file}", true)
    Assert.Equal(enum<SedVersion> version, sed.Version)
    Assert.Equal(rows, sed.Points.Count)
    use oracle = JsonDocument.Parse(File.ReadAllText(SharedData.path "seds/oracle.json"))
    let mutable entry = Unchecked.defaultof<JsonElement>

    if oracle.RootElement.GetProperty("results").TryGetProperty(file, &entry) then
        let count: string = if version = 2 then "rows_parsed" else "rows_parsed_v1"
        let mutable expected = Unchecked.defaultof<JsonElement>

        if entry.TryGetProperty(count, &expected) then
            Assert.Equal(expected.GetInt32(), sed.Detections().Length)

        let position = entry.GetProperty "position"
        Assert.Equal(position[0].GetDouble(), sed.RightAscension)
        Assert.Equal(position[1].GetDouble(), sed.Declination)
