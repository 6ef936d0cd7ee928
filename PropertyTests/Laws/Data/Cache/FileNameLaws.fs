module Hybrid.PropertyTests.Laws.Data.Cache.FileNameLaws

open System
open System.IO
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Data.Cache
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

/// A file with a column k of the numbers from `first` on. DuckDB writes it under a plain name.
let private write (path: string) (first: int64) =
    Directory.CreateDirectory(nonNull (Path.GetDirectoryName path)) |> ignore
    use folder = new ScratchFolder()
    let written = folder.File "a.parquet"
    Duck.execute $"COPY (SELECT {first} + i AS k, i::DOUBLE AS x FROM range(4) t(i)) TO {Duck.quote written} (FORMAT parquet)"
    File.Move(written, path, true)

let private large = 9007199254740993L

let private requireOwn (path: string) =
    let all condition = [| for piece in ParquetFile.ReadPieces(path, condition) do yield! (piece.Columns[0].Values :?> int64[]) |]
    Assert.Equal<int64>([| large .. large + 3L |], all null)
    Assert.Equal<int64>([| large + 1L; large + 3L |], all $"k IN ({large + 1L}, {large + 3L}) AND x > 0")

/// Names that mean something to DuckDB, to a shell, to SQL or in an address, whole and in pieces.
let private names =
    let pieces =
        [ "k=1"; "x=9"; "["; "]"; "[1]"; "[!a]"; "[a-z]"; "*"; "**"; "?"; "{"; "}"; "{a,b}"; "'"; "\""; "\\"; " "; "é"; "日本"; "😀"
          "%20"; "#"; "$1"; "~"
          "-"; "!"; "s3:"; "http:"; "hf:"; "file:"; ","; ";"; "&"; "@"; "+"; "\n"; "\t"; "a"; "B"; "1"; "."; ":memory:" ]

    Gen.nonEmptyListOf (Gen.elements pieces)
    |> Gen.map (fun parts -> String.Concat(Seq.truncate 8 parts))
    |> Gen.filter (fun name -> name <> "." && name <> ".." && Text.Encoding.UTF8.GetByteCount name < 200)

[<Fact>]
let ``no name of a file or folder means anything`` () =
    Assert.SkipUnless(OperatingSystem.IsLinux(), "other systems forbid such names")
    use folder = new ScratchFolder()

    Check.One(
        Seeded.Cases 40,
        Prop.forAll (Arb.fromGen (Gen.zip names names)) (fun (outer, inner) ->
            let place = folder.File(Guid.NewGuid().ToString "N")
            let path = Path.Combine(place, outer, inner + ".parquet")
            write path large
            // What the name as a pattern would match, too.
            for decoy in [ "run1"; "a"; "b"; "1"; "k" ] do
                if not (Path.Exists(Path.Combine(place, decoy))) then
                    write (Path.Combine(place, decoy, decoy + ".parquet")) 0L

            requireOwn path

            use cache =
                Cache.GetOrBuild(
                    Path.Combine(place, outer),
                    CacheRecipe "names",
                    (fun () -> ParquetFile.ReadPieces path),
                    CacheOptions(RowsPerGroup = 2, ShardBytes = 1L)
                )

            Assert.Equal<int64>([| large + 1L; large + 2L |], (cache.Where $"k > {large} AND x < 3").Integers "k")
            Directory.Delete(place, true)))

[<Theory>]
[<InlineData("k=1", "a.parquet")>]
[<InlineData("runs", "run[1].parquet")>]
[<InlineData("runs", "run*.parquet")>]
[<InlineData("runs", "run?.parquet")>]
[<InlineData("{run1,run2}", "{a,b}.parquet")>]
[<InlineData("s3:", "it's a \"file\".parquet")>]
[<InlineData("back\\[1]", "-\\*.parquet")>]
let ``a file is read by its name, and nothing beside it`` (outer: string, inner: string) =
    Assert.SkipUnless(OperatingSystem.IsLinux(), "other systems forbid such names")
    use folder = new ScratchFolder()
    write (folder.File "runs/run1.parquet") 0L
    write (folder.File "runs/run2.parquet") 0L
    write (folder.File "a.parquet") 0L
    let path = folder.File(Path.Combine(outer, inner))
    write path large
    requireOwn path

[<Fact>]
let ``relative paths, paths with dots and linked folders are what the system says`` () =
    use folder = new ScratchFolder()
    let path = folder.File "data/k=1/a.parquet"
    write path large
    Directory.CreateDirectory(folder.File "other") |> ignore
    Directory.CreateSymbolicLink(folder.File "link", folder.File "data") |> ignore
    requireOwn (folder.File "other/../data/./k=1/a.parquet")
    requireOwn (folder.File "link/k=1/a.parquet")
    requireOwn (Path.GetRelativePath(Environment.CurrentDirectory, path))

    use built = Cache.GetOrBuild(folder.File "link/caches", CacheRecipe "linked", (fun () -> ParquetFile.ReadPieces path))
    Assert.Equal(1, (built.Where "x = 2").Count)
    use opened = Cache.Open(Path.GetRelativePath(Environment.CurrentDirectory, built.Folder))
    Assert.Equal(1, (opened.Where "x = 2").Count)

[<Fact>]
let ``an error of a condition names the file, not what DuckDB was given`` () =
    use folder = new ScratchFolder()
    let path = folder.File "k=1/a.parquet"
    write path large
    let e = Assert.Throws<InvalidDataException>(fun () -> ParquetFile.ReadPieces(path, "kk = 1") |> Seq.length |> ignore)
    Assert.StartsWith($"{path}: DuckDB: ", e.Message)
    Assert.Contains("kk", e.Message)
    Assert.DoesNotContain("/proc/", e.Message)
