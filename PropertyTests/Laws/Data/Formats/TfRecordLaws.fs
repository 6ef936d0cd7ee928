module Hybrid.PropertyTests.Laws.Data.Formats.TfRecordLaws

open System
open System.Collections.Generic
open System.IO
open System.Runtime.InteropServices
open System.Text
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Data.Formats
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

let private payloads = Gen.listOf (ArbMap.defaults |> ArbMap.generate<byte[]>)

[<Fact>]
let ``records written and read again are the same, over as many files as their size asks for`` () =
    use folder = new ScratchFolder()
    let serial = ref 0

    Check.One(
        Seeded.Cases 100,
        Prop.forAll (Arb.fromGen (Gen.zip payloads (Gen.choose (1, 200)))) (fun (records, size) ->
            serial.Value <- serial.Value + 1
            let sub = folder.File $"{serial.Value}"

            let paths =
                use writer = new TfRecordWriter(sub, "fiducial", float size)

                for record in records do
                    writer.Write(ReadOnlySpan record)

                writer.Paths

            Assert.Equal<byte[]>(records, TfRecordFile.Read paths)
            Assert.Equal<string>([ for i in 0 .. paths.Count - 1 -> $"fiducial_{i:D5}.tfrecords" ],
                                 paths |> Seq.map Path.GetFileName |> Seq.map string)
            // Every file but the last was filled, and by its last record.
            for path in Seq.truncate (paths.Count - 1) paths do
                Assert.True(FileInfo(path).Length > int64 size, $"{path} was closed at {FileInfo(path).Length} of {size} bytes"))
    )

let private feature =
    Gen.oneof
        [ ArbMap.defaults |> ArbMap.generate<byte[][]> |> Gen.map (fun v -> TfFeature.OfBytes v)
          ArbMap.defaults |> ArbMap.generate<float32[]> |> Gen.map (fun v -> TfFeature.OfFloats v)
          ArbMap.defaults |> ArbMap.generate<int64[]> |> Gen.map (fun v -> TfFeature.OfIntegers v) ]

[<SeededProperty>]
let ``an Example encoded and decoded again is the same`` () =
    let cases = Gen.listOf (Gen.zip (Gen.elements [ "data"; "seed"; "naïve"; "" ]) feature)

    Prop.forAll (Arb.fromGen cases) (fun features ->
        let bytes = TfExample([| for name, value in features -> KeyValuePair(name, value) |]).ToBytes()
        let back = TfExample.Parse bytes
        Assert.Equal<string>(features |> Seq.map fst, back.Features |> Seq.map _.Key)

        for (_, expected), got in Seq.zip features (back.Features |> Seq.map _.Value) do
            Assert.Equal(expected.Kind, got.Kind)

            match expected.Kind with
            | TfFeatureKind.Bytes -> Assert.Equal<byte[]>(expected.Bytes, got.Bytes)
            | TfFeatureKind.Floats ->
                Assert.Equal<byte>(MemoryMarshal.AsBytes(ReadOnlySpan expected.Floats).ToArray(),
                                   MemoryMarshal.AsBytes(ReadOnlySpan got.Floats).ToArray())
            | _ -> Assert.Equal<int64>(expected.Integers, got.Integers)

        Assert.Equal<byte>(bytes, back.ToBytes()))

// RFC 3720, B.4: CRC-32C of 32 zero bytes and of the bytes 0 to 31.
[<Fact>]
let ``CRC-32C gives the values of RFC 3720`` () =
    Assert.Equal(0x8A9136AAu, Crc32C.compute (ReadOnlySpan(Array.zeroCreate<byte> 32)))
    Assert.Equal(0x46DD794Eu, Crc32C.compute (ReadOnlySpan [| 0uy .. 31uy |]))

[<Fact>]
let ``any flipped byte or truncation of a record file is an error that names the place`` () =
    use folder = new ScratchFolder()

    let path =
        use writer = new TfRecordWriter(folder.Path, "x")
        writer.Write(ReadOnlySpan(Encoding.ASCII.GetBytes "the first record"))
        writer.Write(ReadOnlySpan(Encoding.ASCII.GetBytes "and the second"))
        writer.Dispose()
        writer.Paths[0]

    let whole = File.ReadAllBytes path
    let damaged = folder.File "damaged"

    for position in 0 .. whole.Length - 1 do
        for mask in [ 1uy; 0x80uy; 0xFFuy ] do
            File.WriteAllBytes(damaged, Damage.flip whole position mask)
            let e = Assert.Throws<InvalidDataException>(fun () -> TfRecordFile.Read damaged |> Seq.length |> ignore)
            Assert.StartsWith($"{damaged}, byte ", e.Message)

        if position <> 0 && position <> 32 then
            File.WriteAllBytes(damaged, Array.truncate position whole)
            Assert.Throws<InvalidDataException>(fun () -> TfRecordFile.Read damaged |> Seq.length |> ignore) |> ignore

[<Fact>]
let ``no bytes make the Example parser do anything but parse or refuse`` () =
    let example =
        TfExample([| KeyValuePair("data", TfFeature.OfSingles(ReadOnlySpan [| 1f; 2f |]));
                     KeyValuePair("seed", TfFeature.OfIntegers [| 300L |]) |]).ToBytes()

    let attempt (bytes: byte[]) =
        try
            TfExample.Parse bytes |> ignore
        with :? InvalidDataException as e ->
            Assert.StartsWith("Example, byte ", e.Message)

    Check.One(
        Seeded.Cases 1000,
        Prop.forAll (Arb.fromGen (Gen.zip (Gen.choose (0, 100000)) (Gen.choose (1, 255)))) (fun (position, mask) ->
            attempt (Damage.flip example position (byte mask))
            attempt (Damage.truncate example position)))

    Check.One(Seeded.Cases 1000, Prop.forAll (ArbMap.defaults |> ArbMap.arbitrary<byte[]>) attempt)

[<Fact>]
let ``the shared records have the simulations of the IMNN package's arrays`` () =
    let file name = SharedData.path $"imnn/{name}_00000.tfrecords"
    let fiducial = SimulationRecords.Read([| file "fiducial" |], [| 10 |])
    Assert.Equal<int>([ 20; 10 ], fiducial.Shape)
    let derivative = SimulationRecords.Read([| file "derivative" |], [| 10; 2 |])
    Assert.Equal<int>([ 20; 10; 2 ], derivative.Shape)
    let numerical = SimulationRecords.ReadNumericalDerivatives([| file "numerical_derivative" |], [| 10 |], 2)
    Assert.Equal<int>([ 10; 2; 2; 10 ], numerical.Shape)

    // Written again by us, the files have the same bytes.
    for name in [ "fiducial"; "derivative"; "numerical_derivative" ] do
        for payload in TfRecordFile.Read(file name) do
            Assert.Equal<byte>(payload, (TfExample.Parse payload).ToBytes())

    use folder = new ScratchFolder()

    let written =
        use writer = new TfRecordWriter(folder.Path, "copy")

        for payload in TfRecordFile.Read(file "fiducial") do
            writer.Write(ReadOnlySpan payload)

        writer.Dispose()
        writer.Paths[0]

    Assert.Equal<byte>(File.ReadAllBytes(file "fiducial"), File.ReadAllBytes written)
