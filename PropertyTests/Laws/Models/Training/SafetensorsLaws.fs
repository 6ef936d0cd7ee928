namespace Hybrid.PropertyTests.Laws.Models.Training

open System
open System.Collections.Generic
open System.IO
open System.IO.Hashing
open System.Text
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Models.Weights
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data
open TorchSharp

type private Tensor = torch.Tensor
type private ScalarType = torch.ScalarType

module SafetensorsLaws =

    let private dtypes =
        [ ScalarType.Float64; ScalarType.Float32; ScalarType.Float16; ScalarType.BFloat16; ScalarType.Int64
          ScalarType.Int32; ScalarType.Int16; ScalarType.Int8; ScalarType.Byte; ScalarType.Bool ]

    let private bytesOf (tensor: Tensor) = tensor.detach().contiguous().bytes.ToArray()

    let private table (tensors: (string * Tensor) seq) = tensors |> Seq.map KeyValuePair |> Dictionary

    /// A file with this header and so many bytes of data.
    let private write (path: string) (header: string) (data: byte[]) =
        let json = Encoding.UTF8.GetBytes header
        File.WriteAllBytes(path, Array.concat [ BitConverter.GetBytes(int64 json.Length); json; data ])

    let private refusal path =
        let error = Assert.Throws<InvalidDataException>(fun () -> (Safetensors.Load path).Dispose())
        Assert.StartsWith(path + ": ", error.Message)
        error.Message.Substring(path.Length + 2)

    [<Fact>]
    let ``tensors of every dtype, shape and layout come back bit for bit`` () =
        use folder = new ScratchFolder()
        let path = folder.File "weights.safetensors"
        let shapes = Gen.choose (0, 4) |> Gen.listOf |> Gen.map (List.truncate 4)
        let entries = Gen.zip3 (Gen.elements dtypes) shapes (Gen.elements [ false; true ]) |> Gen.listOf

        Check.One(
            Seeded.Cases 100,
            Prop.forAll (Arb.fromGen entries) (fun entries ->
                use _ = torch.NewDisposeScope()

                let tensors =
                    entries
                    |> List.mapi (fun i (dtype, shape, transposed) ->
                        let size = shape |> List.map int64 |> Array.ofList
                        let scaled: Tensor = torch.randn(size) * torch.tensor(50.0f)
                        let tensor = scaled.``to``(dtype: ScalarType)
                        $"layer {i}.weight é", (if transposed && shape.Length > 1 then tensor.transpose(0L, 1L) else tensor))

                Safetensors.Save(path, table tensors, dict [ "note", "ünïcode"; "step", "12" ] |> Dictionary)
                let file = Safetensors.Load path
                Assert.Equal(tensors.Length, file.Tensors.Count)
                Assert.Equal("ünïcode", file.Metadata["note"])

                for key, tensor in tensors do
                    let read = file.Tensors[key]
                    Assert.Equal(tensor.dtype, read.dtype)
                    Assert.Equal<int64[]>(tensor.shape, read.shape)
                    Assert.Equal<byte[]>(bytesOf tensor, bytesOf read))
        )

    [<Fact>]
    let ``the bytes are those of the format`` () =
        use folder = new ScratchFolder()
        use _ = torch.NewDisposeScope()
        let path = folder.File "two.safetensors"
        let weight = torch.tensor([| 1.5f; -2.0f; 0.25f; 4.0f |]).reshape(2L, 2L)
        let count = torch.tensor(7L)
        Safetensors.Save(path, table [ "weight", weight; "count", count ], dict [ "by", "hybrid" ] |> Dictionary)

        let first = BitConverter.GetBytes 7L
        let second = [| 1.5f; -2.0f; 0.25f; 4.0f |] |> Array.collect BitConverter.GetBytes
        let sum (bytes: byte[]) = (XxHash3.HashToUInt64(ReadOnlySpan bytes)).ToString "x16"

        // The header's own checksum, zeros while it is computed, then one for each tensor.
        let header (own: string) =
            let text =
                "{\"__metadata__\":{\"by\":\"hybrid\",\"hybrid.checksums\":\"" + own + sum first + sum second + "\"},"
                + """"count":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"""
                + """"weight":{"dtype":"F32","shape":[2,2],"data_offsets":[8,24]}}"""

            Encoding.UTF8.GetBytes(text.PadRight((text.Length + 7) / 8 * 8))

        let whole = header (sum (header (String('0', 16))))
        let expected = Array.concat [ BitConverter.GetBytes(int64 whole.Length); whole; first; second ]

        Assert.Equal<byte[]>(expected, File.ReadAllBytes path)

    [<Fact>]
    let ``every truncation is refused`` () =
        use folder = new ScratchFolder()
        use _ = torch.NewDisposeScope()
        let path = folder.File "whole.safetensors"
        Safetensors.Save(path, table [ "a", torch.randn(3L, 2L); "b", torch.randn(4L).``to``(ScalarType.BFloat16) ])
        let whole = File.ReadAllBytes path
        let cut = folder.File "cut.safetensors"

        for length in 0 .. whole.Length - 1 do
            File.WriteAllBytes(cut, whole[.. length - 1])
            refusal cut |> ignore

        File.WriteAllBytes(cut, Array.append whole [| 0uy |])
        Assert.Equal("the header describes 32 bytes of data, the file has 33", refusal cut)

    [<Fact>]
    let ``a damaged byte is refused, or changes nothing`` () =
        use folder = new ScratchFolder()
        let path = folder.File "damaged.safetensors"
        use _ = torch.NewDisposeScope()
        Safetensors.Save(path, table [ "a", torch.randn(3L, 2L); "b", torch.zeros(2L) ])
        let whole = File.ReadAllBytes path

        let read () =
            use file = Safetensors.Load path
            [ for KeyValue(key, tensor) in file.Tensors -> key, string tensor.dtype, List.ofArray tensor.shape, bytesOf tensor ]

        let expected = read ()

        Check.One(
            Seeded.Cases 300,
            Prop.forAll (Arb.fromGen (Gen.zip (Gen.choose (0, whole.Length - 1)) (Gen.choose (0, 255)))) (fun (place, value) ->
                let bytes = Array.copy whole
                bytes[place] <- byte value
                File.WriteAllBytes(path, bytes)

                try
                    Assert.True((read () = expected), $"byte {place} as {value}: other tensors without a word")
                with :? InvalidDataException as error ->
                    Assert.StartsWith(path, error.Message))
        )

    [<Fact>]
    let ``a header that another tool wrote again with our checksums is refused with what to do`` () =
        use folder = new ScratchFolder()
        let path = folder.File "again.safetensors"
        let zeros = String('0', 32)
        let tensor = """"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"""
        write path ("{\"__metadata__\":{\"hybrid.checksums\":\"" + zeros + "\"}," + tensor + "}") (Array.zeroCreate 4)
        Assert.EndsWith("or another tool wrote it again and kept the metadata 'hybrid.checksums', which it must leave out", refusal path)
        write path """{"__metadata__":{"hybrid.checksums":"none"}}""" [||]
        Assert.StartsWith("expected 16 hexadecimal digits as the metadata 'hybrid.checksums', got 4 characters", refusal path)
        use _ = torch.NewDisposeScope()
        let error =
            Assert.Throws<ArgumentException>(fun () ->
                Safetensors.Save(path, table [ "a", torch.ones(1L) ], dict [ "hybrid.checksums", "x" ] |> Dictionary))
        Assert.StartsWith("Safetensors.Save: 'hybrid.checksums' is the name of the file's own checksums", error.Message)

    [<Fact>]
    let ``each contradiction of the header has its own message`` () =
        use folder = new ScratchFolder()
        let path = folder.File "bad.safetensors"

        let cases =
            [ """[1]""", 0, "expected a header that starts with '{' at byte 8"
              """{"a":3}""", 0, "'a': expected an object with dtype, shape and data_offsets, got Number"
              """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "'a': expected a shape of whole numbers ≥ 0"
              """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4,
              "'a': expected data_offsets of two whole numbers, the first no larger than the second"
              """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4,
              "'a': a tensor of shape (2) and dtype F32 has 8 bytes, data_offsets give it 4"
              """{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}""", 4,
              "'a': a tensor of shape (4611686018427387904, 4) has more bytes than a file can hold"
              """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8,
              "the header names 'a' twice"
              """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6,
              "'b' begins at byte 2 of the data and overlaps 'a', which ends at 4"
              """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[6,10]}}""", 10,
              "'b' begins at byte 6 of the data and leaves a gap after 'a', which ends at 4"
              """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4,
              "the header describes 8 bytes of data, the file has 4; it is cut off"
              """{"a":{"dtype":"F32","shape":[0,4611686018427387904,4611686018427387904],"data_offsets":[0,0]}}""", 0,
              "'a': a tensor of shape (0, 4611686018427387904, 4611686018427387904) has more bytes than a file can hold"
              "{\"a\":{\"dtype\":\"F32\",\"shape\":[" + String.Join(",", Array.create 65 "1") + "],\"data_offsets\":[0,4]}}",
              4, "'a': expected at most 64 axes, got 65"
              """{"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}""", -2,
              "'a' holds truth values, and a byte of 2; expected 0 or 1: the file is damaged."
              """{"__metadata__":{"n":3}}""", 0, "expected the metadata 'n' to be a text, got Number"
              """{"\ud800":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", 4,
              "the header holds text that is not Unicode: Cannot read incomplete UTF-16 JSON text as string with missing low surrogate." ]

        for header, bytes, message in cases do
            // Below 0: so many bytes that are not truth values.
            write path header (Array.create (abs bytes) (if bytes < 0 then 2uy else 0uy))
            Assert.Equal(message, refusal path)

        File.WriteAllBytes(path, BitConverter.GetBytes 1_000_000_000_000L)
        Assert.Equal(
            "expected a header of at most 100000000 bytes, its first 8 bytes say 1000000000000; this is not a safetensors file",
            refusal path)

    [<Fact>]
    let ``a tensor of a dtype that is not known is named, and the others are read`` () =
        use folder = new ScratchFolder()
        let path = folder.File "mixed.safetensors"
        write path
            """{"a":{"dtype":"F8_E4M3","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"I8","shape":[2],"data_offsets":[3,5]}}"""
            [| 1uy; 2uy; 3uy; 4uy; 5uy |]
        use file = Safetensors.Load path
        Assert.Equal<byte[]>([| 4uy; 5uy |], bytesOf file.Tensors["b"])
        Assert.Equal<string seq>([ "a" ], file.Unread.Keys)
        Assert.Equal("expected one of the dtypes F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL, got 'F8_E4M3'", file.Unread["a"])
        // Its place is checked like that of any other.
        write path """{"a":{"dtype":"U32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"I8","shape":[2],"data_offsets":[5,7]}}"""
            (Array.zeroCreate 7)
        Assert.Contains("leaves a gap after 'a'", refusal path)
        // Asked for by a network it is an error that says why.
        use network = torch.nn.Linear(1L, 1L)
        write path
            """{"weight":{"dtype":"F8_E5M2","shape":[1,1],"data_offsets":[0,1]},"bias":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}"""
            (Array.zeroCreate 5)
        let error = Assert.Throws<InvalidDataException>(fun () -> WeightFile.Load(network, path) |> ignore)
        Assert.StartsWith(path + ": 'weight': expected one of the dtypes", error.Message)

    [<Fact>]
    let ``a failed save leaves the former file and nothing else`` () =
        use folder = new ScratchFolder()
        use _ = torch.NewDisposeScope()
        let path = folder.File "weights.safetensors"
        Safetensors.Save(path, table [ "a", torch.ones(2L) ])
        let former = File.ReadAllBytes path
        let complex = torch.zeros([| 2L |], dtype = ScalarType.ComplexFloat32)
        let error = Assert.Throws<ArgumentException>(fun () -> Safetensors.Save(path, table [ "c", complex ]))
        Assert.StartsWith("Safetensors.Save: 'c' has dtype ComplexFloat32; the format has F64, F32,", error.Message)
        let disposed = torch.ones(2L)
        let good = torch.ones(3L).``to``(ScalarType.Float64)
        let tensors = table [ "good", good; "late", disposed ]
        disposed.Dispose()
        Assert.ThrowsAny<exn>(fun () -> Safetensors.Save(path, tensors)) |> ignore
        Assert.Equal<byte[]>(former, File.ReadAllBytes path)
        Assert.Equal<string[]>([| path |], Directory.GetFiles folder.Path)
