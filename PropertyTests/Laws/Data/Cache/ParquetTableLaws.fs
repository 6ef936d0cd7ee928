module Hybrid.PropertyTests.Laws.Data.Cache.ParquetTableLaws

open System
open System.IO
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

let private rows =
    gen {
        let! count = Gen.choose (0, 40)
        let! whole = Gen.arrayOfLength count (ArbMap.defaults |> ArbMap.generate<int64>)
        let! real = Gen.arrayOfLength count (Gen.elements [ 0.0; -0.0; 1.5; nan; infinity; Double.Epsilon; -1e300 ])
        let! text = Gen.arrayOfLength count (Gen.elements [ ""; "a"; "λ → 物理"; "with, comma"; "line\nbreak" ])
        let! flag = Gen.arrayOfLength count (Gen.elements [ true; false ])
        return whole, real, text, flag
    }

[<Fact>]
let ``a table is read back as it was written`` () =
    use folder = new ScratchFolder()
    let path = folder.File "table.parquet"

    Check.One(
        Seeded.Cases 60,
        Prop.forAll (Arb.fromGen rows) (fun (whole, real, text, flag) ->
            let columns =
                [| CacheValues.Integers("whole", whole); CacheValues.Reals("real", real); CacheValues.Texts("text", text)
                   CacheValues.Logicals("flag", flag) |]

            ParquetTable.Write(path, CacheRows columns)
            let pieces = ParquetFile.ReadPieces path |> Seq.toArray
            Assert.Equal(whole.Length, pieces |> Array.sumBy _.Count)
            Assert.Equal<string>([ path ], Directory.GetFiles folder.Path)

            // SQL sees the same: DuckDB, another reader.
            if whole.Length > 0 then
                let chosen = ParquetFile.ReadPieces(path, "flag") |> Seq.sumBy _.Count
                Assert.Equal(flag |> Array.filter id |> Array.length, chosen)
                let texts = text |> Array.filter ((=) "λ → 物理") |> Array.length
                Assert.Equal(texts, ParquetFile.ReadPieces(path, "text = 'λ → 物理'") |> Seq.sumBy _.Count)
                let value = whole[0]
                let same = whole |> Array.filter ((=) value) |> Array.length
                Assert.Equal(same, ParquetFile.ReadPieces(path, $"whole = {value}") |> Seq.sumBy _.Count)
                let above = real |> Array.filter (fun v -> v > 1.0 && not (Double.IsNaN v)) |> Array.length
                Assert.Equal(above, ParquetFile.ReadPieces(path, "real > 1 and not isnan(real)") |> Seq.sumBy _.Count))
    )

[<Fact>]
let ``a tensor column is a cache's, not a table's`` () =
    use folder = new ScratchFolder()
    let rows = CacheRows [| CacheValues.Tensor("image", NdArray<float32>([| 2; 3 |], Array.zeroCreate 6)) |]
    let error = Assert.Throws<ArgumentException>(fun () -> ParquetTable.Write(folder.File "t.parquet", rows))
    Assert.StartsWith("column 'image': expected numbers, texts or truth values, got image: f4 (3", error.Message)
    Assert.Empty(Directory.GetFiles folder.Path)
