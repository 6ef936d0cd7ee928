module Hybrid.PropertyTests.Laws.Data.Cache.ForeignParquetLaws

open System
open System.IO
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

/// SQL of a column whose value is a function of i, and the value that ParquetFile gives for it, as text.
let private columns: (string * (int -> string)) list =
    let real (x: float) = x.ToString "R"

    [ "(i - 60)::TINYINT", fun i -> string (i - 60)
      "(i + 100)::UTINYINT", fun i -> string (i + 100)
      "(i * 250 - 5000)::SMALLINT", fun i -> string (i * 250 - 5000)
      "(i * 500)::USMALLINT", fun i -> string (i * 500)
      "(i * 7919 - 300000)::INTEGER", fun i -> string (i * 7919 - 300000)
      "(i + 4294967000)::UINTEGER", fun i -> string (int64 i + 4294967000L)
      "9007199254740993 + i", fun i -> string (9007199254740993L + int64 i)
      "(18446744073709551000 + i)::UBIGINT", fun i -> real (float (18446744073709551000UL + uint64 i))
      "i::HUGEINT", fun i -> real (float i)
      "(i / 7)::FLOAT", fun i -> real (float (float32 i / 7f))
      "i / 7", fun i -> real (float i / 7.0)
      "CASE WHEN i % 3 = 0 THEN NULL ELSE i / 7 END", fun i -> real (if i % 3 = 0 then nan else float i / 7.0)
      "CASE WHEN i % 3 = 0 THEN NULL ELSE (i * 0.25)::DECIMAL(4, 2) END", fun i -> real (if i % 3 = 0 then nan else float (25 * i) / 100.0)
      "(i * 1.25 - 20)::DECIMAL(8, 2)", fun i -> real (float (125 * i - 2000) / 100.0)
      "(i * 1.25 - 20)::DECIMAL(18, 3)", fun i -> real (float (1250 * i - 20000) / 1000.0)
      "(i * 1.25 - 20)::DECIMAL(38, 2)", fun i -> real (float (125 * i - 2000) / 100.0)
      "i % 3 = 0", fun i -> string (i % 3 = 0)
      "'n' || (i % 4)", fun i -> $"n{i % 4}"
      "'näme 😀 ' || i", fun i -> $"näme 😀 {i}"
      "('n' || (i % 3))::ENUM('n0', 'n1', 'n2')", fun i -> $"n{i % 3}"
      "[i, i + 1]", fun i -> $"[{i};{i + 1}]"
      "[i::TINYINT, (-i)::TINYINT, 3::TINYINT]", fun i -> $"[{i};{-i};3]"
      "[i::UINTEGER]", fun i -> $"[{i}]"
      "[(i / 8)::FLOAT, 2.5::FLOAT]", fun i -> $"[{real (float i / 8.0)};2.5]"
      "[i / 7 + 1, '-0.0'::DOUBLE]", fun i -> $"[{real (float i / 7.0 + 1.0)};-0]"
      "[(i * 0.25)::DECIMAL(6, 2)]", fun i -> $"[{real (float i / 4.0)}]"
      "[]::BIGINT[]", fun _ -> "[]" ]

let private show (values: CacheValues) (row: int) : string =
    match values.Values with
    | :? (int64[]) as v when values.Column.Kind = CacheColumnKind.Integer -> string v[row]
    | :? (float[]) as v when values.Column.Kind = CacheColumnKind.Real -> v[row].ToString "R"
    | :? (bool[]) as v when values.Column.Kind = CacheColumnKind.Logical -> string v[row]
    | :? (string[]) as v -> v[row]
    | all ->
        let n = values.Column.ElementCount

        let text =
            [ for i in row * n .. row * n + n - 1 ->
                  match all with
                  | :? (int64[]) as v -> string v[i]
                  | :? (float32[]) as v -> (float v[i]).ToString "R"
                  | other -> ((other :?> float[])[i]).ToString "R" ]

        "[" + String.Join(";", text) + "]"

[<Fact>]
let ``files of every layout that DuckDB writes are read as they are, with a condition and without`` () =
    use folder = new ScratchFolder()

    let cases =
        gen {
            let! chosen = Gen.nonEmptyListOf (Gen.elements columns)
            let! rows = Gen.choose (1, 100)
            let! version = Gen.elements [ "V1"; "V2" ]
            let! codec = Gen.elements [ "uncompressed"; "snappy"; "gzip"; "zstd"; "lz4_raw"; "brotli" ]
            let! group = Gen.elements [ 2048; 122880 ]
            let! dictionary = Gen.elements [ 1; 100000 ]
            let! piece = Gen.choose (1, 120)
            return List.truncate 6 chosen, rows, version, codec, group, dictionary, piece
        }

    Check.One(
        Seeded.Cases 80,
        Prop.forAll (Arb.fromGen cases) (fun (chosen, rows, version, codec, group, dictionary, piece) ->
            let path = folder.File "a.parquet"
            let list = String.Join(", ", chosen |> List.mapi (fun c (sql, _) -> $"{sql} AS \"c/{c}.x\""))

            let layout = $"PARQUET_VERSION {version}, COMPRESSION {codec}, ROW_GROUP_SIZE {group}, DICTIONARY_SIZE_LIMIT {dictionary}"
            Duck.execute $"COPY (SELECT i AS key, {list} FROM range({rows}) t(i)) TO {Duck.quote path} (FORMAT parquet, {layout})"

            let conditions: ((string | null) * int[]) list =
                [ null, [| 0 .. rows - 1 |]
                  "key % 7 = 2 OR key > 60", [| for i in 0 .. rows - 1 do if i % 7 = 2 || i > 60 then i |] ]

            for condition, wanted in conditions do
                let pieces = ParquetFile.ReadPieces(path, condition, piece) |> Seq.toArray
                Assert.All(pieces, fun p -> Assert.InRange(p.Count, 1, piece))

                for c in 0 .. chosen.Length - 1 do
                    let got = [| for p in pieces do for row in 0 .. p.Count - 1 -> show p.Columns[c + 1] row |]
                    Assert.Equal<string>(wanted |> Array.map (snd chosen[c]), got)))

[<Fact>]
let ``many row groups and nulls in all places are read, and conditions leave rows out across them`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.parquet"

    let columns =
        String.Join(
            ", ",
            [ "i"
              "CASE WHEN i % 11 = 0 THEN NULL ELSE i END AS whole"
              "CASE WHEN i % 13 < 5 THEN NULL ELSE [i, -i] END AS list"
              "CASE WHEN i % 5 = 0 THEN NULL ELSE 't' || i END AS text" ]
        )

    Duck.execute $"COPY (SELECT {columns} FROM range(10000) t(i)) TO {Duck.quote path} (FORMAT parquet, ROW_GROUP_SIZE 2048)"

    let pieces = ParquetFile.ReadPieces(path, "whole IS NOT NULL AND list IS NOT NULL AND text IS NOT NULL", 1000) |> Seq.toArray
    let wanted = [| for i in 0..9999 do if i % 11 <> 0 && i % 13 >= 5 && i % 5 <> 0 then i |]
    let got = [| for p in pieces do for r in 0 .. p.Count - 1 -> $"{show p.Columns[1] r} {show p.Columns[2] r} {show p.Columns[3] r}" |]
    Assert.Equal<string>(wanted |> Array.map (fun i -> $"{i} [{i};{-i}] t{i}"), got)

    let error condition =
        (Assert.Throws<InvalidDataException>(fun () -> ParquetFile.ReadPieces(path, condition) |> Seq.length |> ignore)).Message

    // Whole numbers among which one is null are doubles, NaN where they are null, whatever rows are chosen.
    let whole = ParquetFile.ReadPieces(path, "i BETWEEN 4993 AND 4996", 100, [| "whole" |]) |> Seq.exactlyOne
    Assert.Equal("whole: Real", string whole.Columns[0].Column)
    Assert.Equal<string>([ "4993"; "NaN"; "4995"; "4996" ], [ for row in 0..3 -> show whole.Columns[0] row ])
    Assert.Equal($"{path}, row 5005, column 'list': expected a value, got null: leave such rows out with a condition", error "i = 5005")
    Assert.Equal($"{path}, row 5010, column 'text': expected a value, got null: leave such rows out with a condition", error "i = 5010")
    Assert.Equal($"{path}, row 6500, column 'list': expected a value, got null: leave such rows out with a condition", error "i = 6500")

[<Fact>]
let ``Parquet files of other tools load into a cache: numbers, flags, text, lists as tensors`` () =
    use folder = new ScratchFolder()
    let path = folder.File "foreign.parquet"

    let columns =
        String.Join(
            ", ",
            [ "i::INTEGER AS id"
              "i / 4 AS mag"
              "i % 2 = 0 AS lens"
              "'n' || i AS name"
              "[i, i + 0.5]::FLOAT[] AS flux"
              "(i * 1.5)::DECIMAL(8,2) AS price"
              "CASE WHEN i = 3 THEN NULL ELSE i::DOUBLE END AS gap" ]
        )

    Duck.execute $"COPY (SELECT {columns} FROM range(5000) t(i)) TO {Duck.quote path} (FORMAT parquet)"

    let pieces = ParquetFile.ReadPieces(path, null, 2048) |> Seq.toArray
    Assert.Equal(5000, pieces |> Array.sumBy _.Count)

    Assert.Equal<string>(
        [ "id: Integer"; "mag: Real"; "lens: Logical"; "name: Text"; "flux: f4 (2,)"; "price: Real"; "gap: Real" ],
        pieces[0].Columns |> Seq.map (fun c -> string c.Column)
    )

    use cache = Cache.GetOrBuild(folder.File "caches", CacheRecipe("foreign", [| path |]), (fun () -> ParquetFile.ReadPieces path))
    Assert.Equal<int64>(Array.init 5000 int64, cache.Integers "id")
    Assert.Equal<float>(Array.init 5000 (fun i -> float i * 1.5), cache.Reals "price")
    Assert.Equal<float>([| 2.0; Double.NaN; 4.0 |], (cache.Reals "gap")[2..4])
    Assert.Equal<float32>([| 4321f; 4321.5f |], cache.ReadTensor("flux", 4321).ToSingles())
    Assert.Equal(2500, ParquetFile.ReadPieces(path, "lens") |> Seq.sumBy _.Count)

[<Fact>]
let ``what a cache cannot hold is an error with file, row and column`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.parquet"

    let error (select: string) =
        Duck.execute $"COPY (SELECT {select} AS list FROM range(1, 4) t(i)) TO {Duck.quote path} (FORMAT parquet)"
        (Assert.Throws<InvalidDataException>(fun () -> ParquetFile.ReadPieces path |> Seq.length |> ignore)).Message

    let uneven row expected = $"{path}, row {row}, column 'list': expected {expected}: a tensor has one shape"
    Assert.Equal(uneven 1 "1 value as in the rows before, got 2", error "range(i)")
    Assert.Equal(uneven 2 "2 values as in the rows before, got 3", error "CASE WHEN i < 3 THEN [i, i] ELSE [i, i, i] END")
    Assert.Equal($"{path}, row 1, column 'list': value 1 of the list is null", error "[i, CASE WHEN i = 2 THEN NULL ELSE i END]")

    for select, got in
        [ "DATE '2020-01-01'", "DATE"
          "TIMESTAMP '2020-01-01'", "TIMESTAMP"
          "TIME '12:00:00'", "TIME"
          "'a'::BLOB", "bytes"
          "uuid()", "UUID"
          "{'a': i}", "Struct"
          "MAP {'a': i}", "Map"
          "[[i]]", "a list of List"
          "['a']", "a list of Text"
          "[true]", "a list of Bool" ] do
        Assert.Equal($"{path}, column 'list': expected numbers, booleans, text or lists of numbers, got {got}", error select)

    let large = error "[18446744073709551000::UBIGINT]"
    Assert.Contains("expected whole numbers up to 9223372036854775807 in its row group, got larger ones", large)

/// The file with the page header's bytes after `mark` changed, at its first place.
let private patch (path: string) (mark: byte[]) (replacement: byte[]) =
    let bytes = File.ReadAllBytes path
    let at = bytes.AsSpan().IndexOf(ReadOnlySpan mark)
    Assert.True(at >= 0, "the page header was not found")
    replacement.CopyTo(bytes, at)
    File.WriteAllBytes(path, bytes)

[<Fact>]
let ``layouts that Parquet.Net misreads or does not read are refused with what to do`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.parquet"

    let error () =
        (Assert.Throws<InvalidDataException>(fun () -> ParquetFile.ReadPieces path |> Seq.length |> ignore)).Message

    let target = $"{Duck.quote path} (FORMAT parquet, COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 1)"
    Duck.execute $"COPY (SELECT i %% 2 = 0 AS flag FROM range(100) t(i)) TO {target}"
    // data_page_header: 100 values (zigzag 200 = C8 01), encoding PLAIN (00), then RLE (06).
    patch path [| 0x15uy; 0xC8uy; 0x01uy; 0x15uy; 0x00uy |] [| 0x15uy; 0xC8uy; 0x01uy; 0x15uy; 0x06uy |]
    let fix = "write the file with data pages of version 1, or the column as integers"
    Assert.Equal($"{path}, row group 0, column 'flag': booleans encoded as RLE cannot be read: {fix}", error ())

    Duck.execute $"COPY (SELECT [i] AS list FROM range(100) t(i)) TO {target}"
    // The page's type: 0, then 3 (zigzag 6), right after the first four bytes of the file.
    patch path [| byte 'P'; byte 'A'; byte 'R'; byte '1'; 0x15uy; 0x00uy |] [| byte 'P'; byte 'A'; byte 'R'; byte '1'; 0x15uy; 0x06uy |]
    Assert.Contains("lists in data pages of version 2 cannot be read: write the file with data pages of version 1", error ())

[<Fact>]
let ``a damaged file is an error that names it, and never ends or holds up the process`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.parquet"

    for codec in [ "uncompressed"; "zstd"; "snappy" ] do
        let columns = "i, i / 7 AS x, 'n' || (i % 5) AS t, i % 2 = 0 AS b, [i, -i] AS l, CASE WHEN i % 3 = 0 THEN NULL ELSE i / 3 END AS \
            gap"
        let target = $"{Duck.quote path} (FORMAT parquet, COMPRESSION {codec}, PARQUET_VERSION V2)"
        Duck.execute $"COPY (SELECT {columns} FROM range(300) t(i)) TO {target}"

        let whole = File.ReadAllBytes path
        let footer = BitConverter.ToInt32(whole, whole.Length - 8)

        Check.One(
            Seeded.Cases 120,
            Prop.forAll (Arb.fromGen (Gen.zip (Gen.choose (0, Int32.MaxValue)) (Gen.choose (1, 255)))) (fun (position, mask) ->
                // Half of the flips go to the footer, which describes everything.
                let place = if position % 2 = 0 then position else whole.Length - 1 - position % (footer + 8)
                File.WriteAllBytes(path, Damage.flip whole place (byte mask))

                try
                    ParquetFile.ReadPieces path |> Seq.sumBy _.Count |> ignore
                with
                | :? InvalidDataException as e -> Assert.StartsWith(path, e.Message)
                // A column's name may be damaged into one that the cache keeps for itself, or another's.
                | :? ArgumentException as e -> Assert.Contains("column", e.Message)))

        File.WriteAllBytes(path, Array.truncate (whole.Length / 2) whole)
        let e = Assert.Throws<InvalidDataException>(fun () -> ParquetFile.ReadPieces path |> Seq.length |> ignore)
        Assert.StartsWith($"{path}: not a readable Parquet file: ", e.Message)
