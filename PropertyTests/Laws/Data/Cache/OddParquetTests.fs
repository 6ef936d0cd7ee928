/// Parquet files with columns that a cache cannot hold beside those that it can, and caches that something happened to.
module Hybrid.PropertyTests.Laws.Data.Cache.OddParquetTests

open System
open System.Collections.Generic
open System.IO
open Xunit
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.PropertyTests.Laws.Data

let private copy (path: string) (select: string) =
    Duck.execute $"COPY (SELECT {select} FROM range(10) t(i)) TO {Duck.quote path} (FORMAT parquet)"

let private names (rows: CacheRows) = rows.Columns |> Seq.map (fun c -> string c.Column)

[<Theory>]
[<InlineData("TIMESTAMP '2020-01-01'", "TIMESTAMP")>]
[<InlineData("DATE '2020-01-01'", "DATE")>]
[<InlineData("TIME '12:00:00'", "TIME")>]
[<InlineData("TIMESTAMPTZ '2020-01-01 00:00:00+00'", "TIMESTAMP")>]
[<InlineData("uuid()", "UUID")>]
[<InlineData("'a'::BLOB", "bytes")>]
[<InlineData("['a', 'b']", "a list of Text")>]
[<InlineData("[[i]]", "a list of List")>]
[<InlineData("{'a': i}", "Struct")>]
[<InlineData("MAP {'a': i}", "Map")>]
[<InlineData("INTERVAL 1 DAY", "INTERVAL")>]
let ``a column that a cache cannot hold is named, and the others are read`` (sql: string, got: string) =
    use folder = new ScratchFolder()
    let path = folder.File "a.parquet"
    copy path $"i AS id, {sql} AS odd, i / 4 AS x"
    let rows = ParquetFile.ReadPieces path |> Seq.exactlyOne
    Assert.Equal<string>([ "id: Integer"; "x: Real" ], names rows)
    let reason = $"expected numbers, booleans, text or lists of numbers, got {got}"
    Assert.Equal<string>([ $"column 'odd': {reason}" ], rows.LeftOut |> Seq.map string)
    Assert.Equal<string>([ $"column 'odd': {reason}" ], ParquetFile.Unread path |> Seq.map string)
    use cache = Cache.GetOrBuild(folder.File "caches", CacheRecipe("odd", [| path |]), (fun () -> ParquetFile.ReadPieces path))
    Assert.Equal<int64>([| 0L .. 9L |], cache.Integers "id")
    // Asked for by its name, it is an error.
    let e = Assert.Throws<InvalidDataException>(fun () -> ParquetFile.ReadPieces(path, null, 10, [| "odd" |]) |> Seq.length |> ignore)
    Assert.Equal($"{path}, column 'odd': {reason}", e.Message)

[<Fact>]
let ``columns called row_… are read, but for the cache's own`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.parquet"
    copy path "i AS row_id, i + 1 AS row_number, i + 2 AS Row_Index, i + 3 AS rows"
    let rows = ParquetFile.ReadPieces path |> Seq.exactlyOne
    Assert.Equal<string>([ "row_id: Integer"; "row_number: Integer"; "rows: Integer" ], names rows)
    Assert.Equal("column 'Row_Index': expected another name, row_index is the cache's own", string rows.LeftOut[0])
    use cache = Cache.GetOrBuild(folder.File "caches", CacheRecipe("rows", [| path |]), (fun () -> ParquetFile.ReadPieces path))
    Assert.Equal<int64>([| 0L .. 9L |], cache.Integers "row_id")
    Assert.Equal(1, (cache.Where "row_number = 3").Count)

[<Fact>]
let ``numbers and flags of every kind have NaN where they are null`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.parquet"
    let kinds = [ "TINYINT"; "UTINYINT"; "SMALLINT"; "USMALLINT"; "INTEGER"; "UINTEGER"; "BIGINT"; "UBIGINT"; "DECIMAL(6, 1)"; "FLOAT";
                  "DOUBLE" ]
    let gap kind = $"CASE WHEN i = 3 THEN NULL ELSE i::{kind} END"
    let columns = kinds |> List.mapi (fun c kind -> $"{gap kind} AS c{c}")
    copy path (String.Join(", ", columns @ [ "CASE WHEN i = 3 THEN NULL ELSE i > 4 END AS flag" ]))
    let rows = ParquetFile.ReadPieces path |> Seq.exactlyOne

    for c in 0 .. kinds.Length - 1 do
        Assert.Equal($"c{c}: Real", string rows.Columns[c].Column)
        Assert.Equal<float>([| for i in 0..9 -> if i = 3 then nan else float i |], rows.Columns[c].Values :?> float[])

    Assert.Equal<float>([| for i in 0..9 -> if i = 3 then nan elif i > 4 then 1.0 else 0.0 |], Seq.last(rows.Columns).Values :?> float[])

[<Fact>]
let ``the whole file decides whether a column has nulls, and a number that no double holds is refused beside them`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.parquet"
    let target = $"{Duck.quote path} (FORMAT parquet, ROW_GROUP_SIZE 2048)"
    Duck.execute $"COPY (SELECT CASE WHEN i = 9000 THEN NULL ELSE i END AS id, i + 9007199254740993 AS large FROM range(10000) t(i)) TO \
        {target}"

    for rows in ParquetFile.ReadPieces(path, null, 1000) do
        Assert.Equal<string>([ "id: Real"; "large: Integer" ], names rows)

    Duck.execute $"COPY (SELECT CASE WHEN i = 1 THEN NULL ELSE i + 9007199254740991 END AS id FROM range(10) t(i)) TO {target}"
    let e = Assert.Throws<InvalidDataException>(fun () -> ParquetFile.ReadPieces path |> Seq.length |> ignore)
    Assert.Equal($"{path}, row 2, column 'id': expected whole numbers up to 2⁵³ beside nulls, which make them doubles, got \
        9007199254740993", e.Message)

[<Fact>]
let ``chosen columns are read in the order they are asked for`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.parquet"
    copy path "i AS a, i + 1 AS b, i + 2 AS c"
    let rows = ParquetFile.ReadPieces(path, null, 100, [| "c"; "a" |]) |> Seq.exactlyOne
    Assert.Equal<string>([ "c: Integer"; "a: Integer" ], names rows)
    let e = Assert.Throws<KeyNotFoundException>(fun () -> ParquetFile.ReadPieces(path, null, 100, [| "d" |]) |> Seq.length |> ignore)
    Assert.Equal($"{path}: no column 'd'; there are 'a', 'b', 'c'.", e.Message)

// ---- caches ----

let private rows = Func<IEnumerable<CacheRows>>(fun () -> [ CacheRows [| CacheValues.Integers("id", [| 1L; 2L; 3L |]) |] ])
let private recipe = CacheRecipe "left over"

[<Theory>]
[<InlineData("random() >= 1", 0)>]
[<InlineData("random() < 0", 0)>]
[<InlineData("random() < 1", 3)>]
[<InlineData("random() >= 0", 3)>]
[<InlineData("id >= 2 AND random() < 2", 2)>]
[<InlineData("true", 3)>]
[<InlineData("NULL", 0)>]
[<InlineData("id > (SELECT 1)", 2)>]
[<InlineData("1 = 1 -- a comment", 3)>]
let ``conditions that no column decides hold for all rows or none`` (condition: string, expected: int) =
    use folder = new ScratchFolder()
    use cache = Cache.GetOrBuild(folder.Path, recipe, rows)
    Assert.Equal(expected, (cache.Where condition).Count)

[<Fact>]
let ``a cache that lost its manifest is built again`` () =
    use folder = new ScratchFolder()
    let place = Path.Combine(folder.Path, recipe.Key)

    for remains in [ [ "cache.json" ]; [ "cache.json"; "part-00000.parquet" ] ] do
        do
            use cache = Cache.GetOrBuild(folder.Path, recipe, rows)
            Assert.Equal(3, cache.Count)

        for name in remains do
            File.Delete(Path.Combine(place, name))

        use cache = Cache.GetOrBuild(folder.Path, recipe, rows)
        Assert.Equal<int64>([| 1L; 2L; 3L |], cache.Integers "id")
        Assert.Equal<string>([ place ], Directory.GetDirectories folder.Path)

    Assert.Equal<string>([ "cache.json"; "part-00000.parquet" ],
                         Directory.GetFiles place |> Seq.map (fun f -> string (Path.GetFileName f)) |> Seq.sort)

[<Fact>]
let ``the next build deletes what killed ones left, and leaves what is being built or another's`` () =
    use folder = new ScratchFolder()
    let left name = Directory.CreateDirectory(folder.File name).FullName
    let key = String('a', 64)
    let guid = String('0', 32)
    let killed = left $"{key}.77-{guid}.part"
    File.WriteAllText(Path.Combine(killed, "building.lock"), "")
    File.WriteAllText(Path.Combine(killed, "part-00000.parquet"), "half")
    let old = left $"{key}.78-{guid}.part"
    Directory.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays -1.0)
    let recent = left $"{key}.79-{guid}.part"
    let others = left "mine.part"
    let alive = left $"{key}.80-{guid}.part"
    use held = new FileStream(Path.Combine(alive, "building.lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None)
    use cache = Cache.GetOrBuild(folder.Path, recipe, rows)
    Assert.Equal(3, cache.Count)
    held.Flush()
    let expected = [ Path.Combine(folder.Path, recipe.Key); recent; others; alive ]
    Assert.Equal<string>(Seq.sort expected, Directory.GetDirectories folder.Path |> Seq.sort)
