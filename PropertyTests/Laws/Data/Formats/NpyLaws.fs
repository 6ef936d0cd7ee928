module Hybrid.PropertyTests.Laws.Data.Formats.NpyLaws

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.IO
open System.Numerics
open System.Runtime.InteropServices
open System.Text
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Data.Formats
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

let private bytesOf<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType> (array: NdArray) =
    MemoryMarshal.AsBytes(ReadOnlySpan(array.As<'T>().Values)).ToArray()

let private rawBytes (array: NdArray) =
    match array with
    | :? NdArray<bool> -> bytesOf<bool> array
    | :? NdArray<sbyte> -> bytesOf<sbyte> array
    | :? NdArray<byte> -> bytesOf<byte> array
    | :? NdArray<int16> -> bytesOf<int16> array
    | :? NdArray<uint16> -> bytesOf<uint16> array
    | :? NdArray<int32> -> bytesOf<int32> array
    | :? NdArray<uint32> -> bytesOf<uint32> array
    | :? NdArray<int64> -> bytesOf<int64> array
    | :? NdArray<uint64> -> bytesOf<uint64> array
    | :? NdArray<Half> -> bytesOf<Half> array
    | :? NdArray<float32> -> bytesOf<float32> array
    | :? NdArray<float> -> bytesOf<float> array
    | :? NdArray<ComplexSingle> -> bytesOf<ComplexSingle> array
    | :? NdArray<Complex> -> bytesOf<Complex> array
    | other -> failwith $"no such element type: {other.ElementType}"

/// Random bits as values, so that NaN payloads, −0 and subnormal numbers occur.
let private filled<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType> (shape: int[]) (seed: int) : NdArray =
    let values = Array.zeroCreate<'T> (Array.fold (*) 1 shape)
    Random(seed).NextBytes(MemoryMarshal.AsBytes(values.AsSpan()))
    NdArray<'T>(shape, values)

let private truths (shape: int[]) (seed: int) : NdArray =
    let random = Random seed
    NdArray<bool>(shape, Array.init (Array.fold (*) 1 shape) (fun _ -> random.Next 2 = 1))

/// dtype code, bytes of a value, bytes of a part, maker.
let private kinds: (string * int * int * (int[] -> int -> NdArray))[] =
    [| "b1", 1, 1, truths
       "i1", 1, 1, filled<sbyte>
       "u1", 1, 1, filled<byte>
       "i2", 2, 2, filled<int16>
       "u2", 2, 2, filled<uint16>
       "i4", 4, 4, filled<int32>
       "u4", 4, 4, filled<uint32>
       "i8", 8, 8, filled<int64>
       "u8", 8, 8, filled<uint64>
       "f2", 2, 2, filled<Half>
       "f4", 4, 4, filled<float32>
       "f8", 8, 8, filled<float>
       "c8", 8, 4, filled<ComplexSingle>
       "c16", 16, 8, filled<Complex> |]

let private shapes least =
    gen {
        let! rank = Gen.choose (0, 4)
        return! Gen.arrayOfLength rank (Gen.choose (least, 5))
    }

let private arrays least =
    gen {
        let! kind = Gen.choose (0, kinds.Length - 1)
        let! shape = shapes least
        let! seed = Gen.choose (0, Int32.MaxValue)
        let _, _, _, make = kinds[kind]
        return kind, shape, make shape seed
    }

let private same (expected: NdArray) (actual: NdArray) =
    Assert.Equal<int>(expected.Shape, actual.Shape)
    Assert.Equal(expected.ElementType, actual.ElementType)
    Assert.True((rawBytes expected).AsSpan().SequenceEqual(ReadOnlySpan(rawBytes actual)), "the values differ")

/// A file as numpy could have written it, with any version, byte order and axis order.
let private file (version: int) (descr: string) (fortran: bool) (shape: int[]) (values: byte[]) =
    let shapeText =
        if shape.Length = 1 then $"({shape[0]},)" else "(" + String.Join(", ", shape) + ")"

    let text =
        let order = if fortran then "True" else "False"
        $"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shapeText}, }}\n"

    let head =
        if version = 1 then
            BitConverter.GetBytes(uint16 text.Length)
        else
            BitConverter.GetBytes(uint32 text.Length)

    Array.concat [ [| 0x93uy |]; "NUMPY"B; [| byte version; 0uy |]; head; Encoding.UTF8.GetBytes text; values ]

[<Fact>]
let ``an array written and read again is the same bit for bit, for every number type and shape`` () =
    use folder = new ScratchFolder()

    Check.One(
        Seeded.Cases 100,
        Prop.forAll (Arb.fromGen (arrays 0)) (fun (_, _, array) ->
            let path = folder.File "a.npy"
            Npy.Write(path, array)
            same array (Npy.Read path))
    )

[<Fact>]
let ``big-endian and Fortran-ordered files of every version read as the C-ordered array they stand for`` () =
    use folder = new ScratchFolder()

    let cases =
        gen {
            let! case = arrays 1
            let! version = Gen.choose (1, 3)
            let! big = ArbMap.defaults |> ArbMap.generate<bool>
            let! fortran = ArbMap.defaults |> ArbMap.generate<bool>
            return case, version, big, fortran
        }

    Check.One(
        Seeded.Cases 100,
        Prop.forAll (Arb.fromGen cases) (fun ((kind, shape, array), version, big, fortran) ->
            let code, size, part, _ = kinds[kind]
            let cOrder = rawBytes array
            let stored = Array.copy cOrder

            if fortran then
                // The value at index (i, j, …) of the C-ordered array sits at i + n_i·(j + n_j·(…)).
                for flat in 0 .. array.Length - 1 do
                    let mutable rest = flat
                    let index = Array.zeroCreate<int> shape.Length

                    for axis in shape.Length - 1 .. -1 .. 0 do
                        index[axis] <- rest % shape[axis]
                        rest <- rest / shape[axis]

                    let mutable target = 0

                    for axis in shape.Length - 1 .. -1 .. 0 do
                        target <- target * shape[axis] + index[axis]

                    Array.blit cOrder (flat * size) stored (target * size) size

            if big then
                for start in 0..part .. stored.Length - part do
                    Array.Reverse(stored, start, part)

            let order = if size = 1 then "|" elif big then ">" else "<"
            let path = folder.File "b.npy"
            File.WriteAllBytes(path, file version (order + code) fortran shape stored)
            same array (Npy.Read path))
    )

// python3 -c "import numpy, io; b = io.BytesIO(); numpy.save(b, numpy.arange(6, dtype='<f4').reshape(2, 3)); print(b.getvalue().hex())"  
// (numpy 1.24.2)
[<Fact>]
let ``a written file has the very bytes of np.save`` () =
    use folder = new ScratchFolder()
    let path = folder.File "c.npy"
    Npy.Write(path, NdArray<float32>([| 2; 3 |], [| 0f; 1f; 2f; 3f; 4f; 5f |]))

    let expected =
        "934e554d5059010076007b276465736372273a20273c6634272c2027666f727472616e5f6f72646572273a20\
         46616c73652c20277368617065273a2028322c2033292c207d"
        + String.replicate 58 "20"
        + "0a"
        + "000000000000803f0000004000004040000080400000a040"

    Assert.Equal(expected, Convert.ToHexStringLower(File.ReadAllBytes path))

[<Fact>]
let ``a damaged file gives an error that names it, or an array of the same shape`` () =
    use folder = new ScratchFolder()

    let cases =
        Gen.zip3 (arrays 1) (Gen.choose (0, Int32.MaxValue)) (Gen.choose (1, 255))

    Check.One(
        Seeded.Cases 1000,
        Prop.forAll (Arb.fromGen cases) (fun ((_, shape, array), position, mask) ->
            let path = folder.File "d.npy"
            Npy.Write(path, array)
            let bytes = File.ReadAllBytes path
            // Most flips into the header: it is what a shape could change by.
            let place = if position % 4 = 0 then position else position % 128
            File.WriteAllBytes(path, Damage.flip bytes place (byte mask))

            try
                Assert.Equal<int>(shape, (Npy.Read path).Shape)
            with :? InvalidDataException as e ->
                Assert.StartsWith(path + ", byte ", e.Message)

            File.WriteAllBytes(path, Damage.truncate bytes position)

            let e = Assert.Throws<InvalidDataException>(fun () -> Npy.Read path |> ignore)
            Assert.StartsWith(path + ", byte ", e.Message)))

[<Theory>]
[<InlineData("|O", "Python objects, which only unpickling can restore, and that may run any code")>]
[<InlineData("<U5", "got '<U5': text")>]
[<InlineData("<M8[s]", "dates; save them as numbers")>]
let ``a dtype that is not a number is refused with its name and the reason`` (descr: string, reason: string) =
    use folder = new ScratchFolder()
    let path = folder.File "e.npy"
    File.WriteAllBytes(path, file 1 descr false [| 1 |] (Array.zeroCreate 8))
    let e = Assert.Throws<InvalidDataException>(fun () -> Npy.Read path |> ignore)
    Assert.Contains(reason, e.Message)

[<Fact>]
let ``an absurd shape is refused before memory is taken`` () =
    use folder = new ScratchFolder()
    let path = folder.File "f.npy"
    File.WriteAllBytes(path, file 1 "<f8" false [| 2000000000; 2000000000; 2000000000 |] (Array.zeroCreate 8))
    let e = Assert.Throws<InvalidDataException>(fun () -> Npy.Read path |> ignore)

    Assert.EndsWith(
        "shape (2000000000, 2000000000, 2000000000) of 'f8' needs more than 2⁶³ bytes, got 8: the file is truncated or its header damaged",
        e.Message
    )

[<Fact>]
let ``the conversion to floats rounds to nearest and refuses complex values`` () =
    let array = NdArray<float>([| 3 |], [| 0.1; -1e300; 16777217.0 |])
    Assert.Equal<float32>([| 0.1f; Single.NegativeInfinity; 16777216f |], array.ToSingles())
    Assert.Equal<float>([| 1.0; 0.0 |], NdArray<bool>([| 2 |], [| true; false |]).ToDoubles())

    let e =
        Assert.Throws<InvalidCastException>(fun () -> NdArray<Complex>([| 1 |], [| Complex.One |]).ToSingles() |> ignore)

    Assert.Equal("values of type Complex are not real numbers: As<Complex>() gives them as they are.", e.Message)

    let wrong =
        Assert.Throws<InvalidCastException>(fun () -> (array :> NdArray).As<int>() |> ignore)

    Assert.Equal(
        "array of shape (3,): expected values of type Int32, got Double. ToSingles() and ToDoubles() convert.",
        wrong.Message
    )

[<Fact>]
let ``named arrays written to npz and read again are the same, stored or deflated`` () =
    use folder = new ScratchFolder()

    Check.One(
        Seeded.Cases 50,
        let cases = Gen.zip (Gen.listOfLength 3 (arrays 0)) (ArbMap.defaults |> ArbMap.generate<bool>)

        Prop.forAll (Arb.fromGen cases) (fun (made, compress) ->
            let path = folder.File "a.npz"
            let named = made |> List.mapi (fun i (_, _, a) -> KeyValuePair($"layer.{i}", a))
            Npz.Write(path, named, compress)
            let back = Npz.Read path
            Assert.Equal<string>([ "layer.0"; "layer.1"; "layer.2" ], Seq.sort back.Keys)

            for KeyValue(name, array) in named do
                same array back[name]))

[<Fact>]
let ``a damaged npz gives an error that names it, or the same values`` () =
    use folder = new ScratchFolder()
    let path = folder.File "b.npz"
    let array = filled<float32> [| 7; 3 |] 1

    let check (bytes: byte[]) =
        File.WriteAllBytes(path, bytes)

        try
            use reader = new NpzReader(path)

            if Seq.contains "x" reader.Names then
                same array (reader.Read "x")
        with :? InvalidDataException as e ->
            Assert.StartsWith(path, e.Message)

    for compress in [ false; true ] do
        Npz.Write(path, [ KeyValuePair("x", array) ], compress)
        let bytes = File.ReadAllBytes path

        Check.One(
            Seeded.Cases 500,
            Prop.forAll (Arb.fromGen (Gen.zip (Gen.choose (0, Int32.MaxValue)) (Gen.choose (1, 255)))) (fun (position, mask) ->
                check (Damage.flip bytes position (byte mask))
                check (Damage.truncate bytes position)))

[<Fact>]
let ``a name that an npz lacks is answered with the names it has`` () =
    use folder = new ScratchFolder()
    let path = folder.File "c.npz"
    Npz.Write(path, [ KeyValuePair("mean", NdArray<float>([||], [| 2.5 |]) :> NdArray) ], false)
    use reader = new NpzReader(path)
    let e = Assert.Throws<KeyNotFoundException>(fun () -> reader.Read "median" |> ignore)
    Assert.Equal($"{path}: expected an array 'median', got 1 array: 'mean'.", e.Message)
    Assert.Equal(2.5, (reader.Read "mean").As<float>().Values[0])

[<Theory>]
[<InlineData("imnn/fiducial_data.npy", "1000,10")>]
[<InlineData("imnn/large_derivative_data.npy", "1000,2,2,10")>]
[<InlineData("imnn/small_derivative_validation_data.npy", "100,2,2,10")>]
[<InlineData("blase/bag_index.npy", "3793,3")>]
[<InlineData("lens/deeplense/axion.npy", "64,64")>]
let ``the shared npy files have the shapes that their descriptions give`` (file: string, shape: string) =
    let array = Npy.Read(SharedData.path file)
    Assert.Equal(shape, String.Join(',', array.Shape))
    Assert.Equal(typeof<float>, array.ElementType)
    Assert.All((array.ToDoubles()), fun v -> Assert.True(Double.IsFinite v))

[<Fact>]
let ``the shared npz files have the arrays that their descriptions give`` () =
    let oracle = Npz.Read(SharedData.path "cygno/oracle_synthetic.npz")
    Assert.Equal<int>([ 48; 120; 120 ], oracle["images_uint8"].Shape)
    Assert.Equal(typeof<byte>, oracle["images_uint8"].ElementType)
    Assert.Equal(typeof<bool>, oracle["is_nr"].ElementType)
    let details = Npz.Read(SharedData.path "imnn/large_details.npz")
    Assert.Equal<float>([| 0.2; 0.2 |], details["delta"].ToDoubles())
    Assert.Equal<int>([], details["n_s"].Shape)

    for file in
        [ "blase/scaling.npz"
          "cygno/lophy95_classification.npz"
          "cygno/lophy95_regression.npz"
          "imnn/small_details.npz"
          "lens/des_real/sources_cropped168.npz"
          "lens/golden/deeplense_modelI.npz"
          "lens/golden/images.npz"
          "lens/hsc/hsc_digitised_64.npz" ] do
        Assert.NotEmpty(Npz.Read(SharedData.path file))
