/// Arrays, records, weights and pictures as other tools write them.
module Hybrid.PropertyTests.Laws.Data.Formats.OddArrayTests

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.IO
open System.IO.Compression
open System.IO.Hashing
open System.Text
open Xunit
open Hybrid.Data.Formats
open Hybrid.PropertyTests.Laws.Data

let private error (action: unit -> unit) : string = Assert.Throws<InvalidDataException>(action).Message

// ---- npy, npz ----

/// An npy file of version 1.0 with this dtype.
let private npy (descr: string) (shape: string) (values: byte[]) : byte[] =
    let text = $"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"
    let padded = text.PadRight((10 + text.Length + 1 + 63) / 64 * 64 - 11) + "\n"
    Array.concat [ [| 0x93uy |]; "NUMPY"B; [| 1uy; 0uy |]; BitConverter.GetBytes(uint16 padded.Length); Encoding.Latin1.GetBytes padded;
                   values ]

[<Theory>]
[<InlineData("f8", typeof<float>)>]
[<InlineData("=f8", typeof<float>)>]
[<InlineData("|f8", typeof<float>)>]
[<InlineData("float64", typeof<float>)>]
[<InlineData("d", typeof<float>)>]
[<InlineData("i8", typeof<int64>)>]
[<InlineData("=i8", typeof<int64>)>]
[<InlineData("int64", typeof<int64>)>]
[<InlineData("u8", typeof<uint64>)>]
[<InlineData("uint64", typeof<uint64>)>]
[<InlineData("c8", typeof<ComplexSingle>)>]
[<InlineData("complex64", typeof<ComplexSingle>)>]
let ``a dtype without a byte order is this machine's, by any of its names`` (descr: string, kind: Type) =
    use folder = new ScratchFolder()
    let path = folder.File "a.npy"
    let bits = BitConverter.GetBytes 4609434218613702656L // 1.5 as a double
    File.WriteAllBytes(path, npy $"'{descr}'" "(1,)" bits)
    let array = Npy.Read path
    Assert.Equal(kind, array.ElementType)
    let written = folder.File "b.npy"
    Npy.Write(written, array)
    let all = File.ReadAllBytes written
    Assert.Equal<byte>(bits, all[all.Length - 8 ..])

[<Theory>]
[<InlineData("'f16'")>]
[<InlineData("'float128'")>]
[<InlineData("'l'")>]
[<InlineData("'V8'")>]
[<InlineData("'a8'")>]
[<InlineData("[('x', '<f4'), ('y', '<f4')]")>]
let ``a dtype that means another thing elsewhere, or none here, is refused`` (descr: string) =
    use folder = new ScratchFolder()
    let path = folder.File "a.npy"
    File.WriteAllBytes(path, npy descr "(1,)" (Array.zeroCreate 8))
    Assert.Contains("header, 'descr':", error (fun () -> Npy.Read path |> ignore))

[<Fact>]
let ``what is not an array of numbers in an npz is named beside the arrays`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.npz"

    do
        use archive = new ZipArchive(File.Create path, ZipArchiveMode.Create)

        for name, content in
            [ "x.npy", npy "'<f8'" "(1,)" (BitConverter.GetBytes 1.5)
              "readme.txt", "made on a Tuesday"B
              "names.npy", npy "'<U4'" "(1,)" (Array.zeroCreate 16)
              "objects.npy", npy "'|O'" "(1,)" (Array.zeroCreate 8)
              "table.npy", npy "[('x', '<f4')]" "(1,)" (Array.zeroCreate 4)
              "empty", [||]
              "folder/y.npy", npy "'|u1'" "(2,)" [| 1uy; 2uy |]
              "z", npy "'f4'" "()" (BitConverter.GetBytes 2.5f) ] do
            use entry = archive.CreateEntry(name).Open()
            entry.Write(ReadOnlySpan content)

    let arrays = Npz.Read path
    Assert.Equal<string>([ "folder/y"; "x"; "z" ], arrays.Keys |> Seq.sort)
    Assert.Equal(1.5, arrays["x"].ToDoubles()[0])
    Assert.Equal(2.5, arrays["z"].ToDoubles()[0])
    Assert.Equal<string>([ "empty"; "names"; "objects"; "readme.txt"; "table" ], arrays.Unread |> Seq.map _.Path |> Seq.sort)
    Assert.Contains("Python objects", error (fun () -> arrays["objects"] |> ignore))
    Assert.Throws<KeyNotFoundException>(fun () -> arrays["w"] |> ignore) |> ignore
    use reader = new NpzReader(path)
    Assert.Equal<string>([ "empty"; "readme.txt" ], reader.OtherEntries |> Seq.sort)
    Assert.Contains("text", error (fun () -> reader.Read "names" |> ignore))

[<Fact>]
let ``damage of one array is damage of the file, whatever else is in it`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.npz"
    Npz.Write(path, [ KeyValuePair("x", NdArray<float>([| 4 |], [| 1.0; 2.0; 3.0; 4.0 |]) :> NdArray) ], false)
    let bytes = File.ReadAllBytes path
    let at = bytes.AsSpan().IndexOf(ReadOnlySpan(BitConverter.GetBytes 3.0))
    File.WriteAllBytes(path, Damage.flip bytes at 1uy)
    Assert.Contains("CRC-32 of the content", error (fun () -> Npz.Read path |> ignore))

// ---- TFRecords ----

let private records (folder: ScratchFolder) (payloads: byte[] list) : byte[] =
    do
        use writer = new TfRecordWriter(folder.Path, "r")

        for payload in payloads do
            writer.Write(ReadOnlySpan payload)

    File.ReadAllBytes(folder.File "r_00000.tfrecords")

let private compress (make: Stream -> Stream) (content: byte[]) : byte[] =
    use packed = new MemoryStream()

    do
        use stream = make packed
        stream.Write(ReadOnlySpan content)

    packed.ToArray()

[<Fact>]
let ``records compressed as TensorFlow does are the records`` () =
    use folder = new ScratchFolder()
    // The first length makes a plain file begin with the bytes of a zlib header: 40056 = 0x9C78.
    let payloads = [ Array.init 40056 (fun i -> byte (i * i)); [||]; Array.create 3_000_000 7uy; [| 1uy |] ]
    let plain = records folder payloads
    let path = folder.File "x.tfrecords"
    let zlib (level: CompressionLevel) = compress (fun target -> new ZLibStream(target, level))
    let gzip = FitsBytes.gzip

    for content in
        [ plain
          gzip plain
          zlib CompressionLevel.NoCompression plain
          zlib CompressionLevel.Fastest plain
          zlib CompressionLevel.Optimal plain
          zlib CompressionLevel.SmallestSize plain
          // Two gzip members, one after another, are one file.
          Array.append (gzip plain[..99]) (gzip plain[100..]) ] do
        File.WriteAllBytes(path, content)
        let read = TfRecordFile.Read path |> Seq.toList
        Assert.Equal(payloads.Length, read.Length)
        List.iter2 (fun (a: byte[]) (b: byte[]) -> Assert.True(a.AsSpan().SequenceEqual(ReadOnlySpan b))) payloads read

    File.WriteAllBytes(path, gzip [||])
    Assert.Empty(TfRecordFile.Read path)
    File.WriteAllBytes(path, [||])
    Assert.Empty(TfRecordFile.Read path)

[<Fact>]
let ``damage in compressed records is refused with its place, and a length that nothing follows takes no memory`` () =
    use folder = new ScratchFolder()
    let plain = records folder [ [| 1uy .. 100uy |]; [| 1uy .. 50uy |] ]
    let path = folder.File "x.tfrecords"

    let refused (content: byte[]) =
        File.WriteAllBytes(path, content)
        let message = error (fun () -> TfRecordFile.Read path |> Seq.length |> ignore)
        Assert.StartsWith(path + ", byte ", message)
        message

    Assert.Contains("record 1", refused (FitsBytes.gzip plain[.. plain.Length - 5]))
    Assert.Contains("CRC-32C of the payload", refused (FitsBytes.gzip (Damage.flip plain 20 1uy)))
    let packed = FitsBytes.gzip plain
    Assert.Contains("damaged compressed file", refused (Damage.flip packed (packed.Length - 6) 1uy))
    // Two gigabytes by a length whose checksum fits.
    let head = Array.zeroCreate<byte> 12
    BinaryPrimitives.WriteUInt64LittleEndian(Span head, 2_000_000_000UL)
    BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan 8, Crc32C.masked (ReadOnlySpan(head, 0, 8)))
    let before = GC.GetAllocatedBytesForCurrentThread()
    Assert.Contains("the record has 2000000000 bytes", refused (FitsBytes.gzip (Array.append head [| 1uy |])))
    Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0L, 8L <<< 20)

// ---- PyTorch ----

/// torch.save({'w': torch.arange(n, dtype=float32)}) as a zip, its entries stored or deflated.
let private pth (path: string) (level: CompressionLevel) (values: float32[]) =
    let pickle =
        Array.concat
            [ [| 0x80uy; 2uy |] // PROTO 2
              "}X\001\000\000\000w"B
              "ctorch._utils\n_rebuild_tensor_v2\n(("B
              "X\007\000\000\000storagectorch\nFloatStorage\nX\001\000\000\0000X\003\000\000\000cpuJ"B
              BitConverter.GetBytes values.Length
              "tQK\000J"B
              BitConverter.GetBytes values.Length
              // TUPLE1, BININT1 1, TUPLE1, NEWFALSE
              [| 0x85uy; 0x4Buy; 1uy; 0x85uy; 0x89uy |]
              "ccollections\nOrderedDict\n)RtRs."B ]

    use archive = new ZipArchive(File.Create path, ZipArchiveMode.Create)

    for name, content in
        [ "archive/data.pkl", pickle
          "archive/data/0", Runtime.InteropServices.MemoryMarshal.AsBytes(ReadOnlySpan values).ToArray()
          "archive/version", "3\n"B ] do
        use entry = archive.CreateEntry(name, level).Open()
        entry.Write(ReadOnlySpan content)

let private weights (path: string) : float32[] =
    use reader = new PthReader(path)

    let tensor =
        match reader.Value with
        | :? PthDictionary as saved -> (match saved.Entries[0].Value with :? PthTensor as found -> found | _ -> failwith "no tensor")
        | _ -> failwith "no dictionary"

    use content = reader.Open tensor.Storage
    let bytes = Array.zeroCreate<byte> (int tensor.Storage.Count * 4)
    content.Read(Span bytes)
    Runtime.InteropServices.MemoryMarshal.Cast<byte, float32>(ReadOnlySpan bytes).ToArray()

[<Fact>]
let ``deflated entries of a .pth are read as stored ones are`` () =
    use folder = new ScratchFolder()
    let path = folder.File "w.pth"

    for values in [ [| 1f .. 10f |]; Array.zeroCreate 100_000; Array.init 5000 (fun i -> float32 (i * i)) ] do
        for level in [ CompressionLevel.NoCompression; CompressionLevel.Fastest; CompressionLevel.Optimal ] do
            pth path level values
            Assert.Equal<float32>(values, weights path)

    // Flipped bytes of a deflated storage are refused, or cannot be seen.
    pth path CompressionLevel.Optimal (Array.init 500 float32)
    let whole = File.ReadAllBytes path

    for place in 40..7 .. whole.Length - 40 do
        File.WriteAllBytes(path, Damage.flip whole place 4uy)

        try
            Assert.Equal<float32>(Array.init 500 float32, weights path)
        with :? InvalidDataException as e ->
            Assert.StartsWith(path, e.Message)

// ---- PNG ----

let private chunk (kind: string) (body: byte[]) : byte[] =
    let named = Array.append (Encoding.ASCII.GetBytes kind) body
    let length, sum = Array.zeroCreate<byte> 4, Array.zeroCreate<byte> 4
    BinaryPrimitives.WriteInt32BigEndian(Span length, body.Length)
    BinaryPrimitives.WriteUInt32BigEndian(Span sum, Crc32.HashToUInt32(ReadOnlySpan named))
    Array.concat [ length; named; sum ]

[<Fact>]
let ``chunks that no pixel depends on change nothing, damaged profiles among them`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.png"
    let image = NdArray<byte>([| 3; 4; 3 |], [| 1uy .. 36uy |])
    Png.Write(path, image)
    let whole = File.ReadAllBytes path
    // After the header: the signature's 8 bytes and IHDR's 25.
    let insert (chunks: byte[] list) = Array.concat [ whole[..32]; Array.concat chunks; whole[33..] ]
    let profile = compress (fun target -> new ZLibStream(target, CompressionLevel.Optimal)) (Array.zeroCreate 10_000_000)

    for chunks in
        [ [ chunk "iCCP" (Array.append "a profile\000\000"B profile) ]
          [ chunk "iCCP" "no profile at all"B ]
          [ chunk "iCCP" [||] ]
          [ chunk "iCCP" (Array.append (Encoding.ASCII.GetBytes(String('n', 100))) [| 0uy; 0uy |]) ]
          [ chunk "sRGB" [| 9uy |] ]
          [ chunk "sRGB" [| 0uy |]; chunk "iCCP" "twice"B ]
          [ chunk "gAMA" (Array.zeroCreate 4) ]
          [ chunk "cHRM" [| 1uy |] ]
          [ chunk "tEXt" "Comment\000text"B; chunk "zTXt" "bad"B; chunk "iTXt" "bad"B ]
          [ chunk "eXIf" "MM"B; chunk "tIME" [| 0uy |] ]
          [ chunk "tRNS" [| 0uy |] ]
          [ chunk "bKGD" [||]; chunk "pHYs" [||]; chunk "sBIT" [||] ]
          [ chunk "vpAg" (Array.zeroCreate 9) ] ] do
        File.WriteAllBytes(path, insert chunks)
        let read = (Png.Read path).As<byte>()
        Assert.Equal<int>(image.Shape, read.Shape)
        Assert.Equal<byte>(image.Values, read.Values)

    // Bytes after the end, as some cameras write.
    File.WriteAllBytes(path, Array.append whole [| 1uy; 2uy |])
    Assert.Equal<byte>(image.Values, (Png.Read path).As<byte>().Values)
    // A chunk that pixels may depend on, and that is not known, is refused.
    File.WriteAllBytes(path, insert [ chunk "ABCD" [| 1uy |] ])
    Assert.StartsWith(path, error (fun () -> Png.Read path |> ignore))

[<Fact>]
let ``the first image that can be read gives a set's shape`` () =
    use folder = new ScratchFolder()
    let path i = folder.File $"{i}.png"
    File.WriteAllBytes(path 0, [| 1uy |])

    for i in 1..3 do
        Png.Write(path i, NdArray<byte>([| 2; 3 |], Array.create 6 (byte i)))

    let e = Assert.Throws<BrokenFilesException>(fun () -> Png.ReadSet [| for i in 0..3 -> path i |] |> ignore)
    Assert.Equal<int>([ 0 ], e.Files |> Seq.map _.Index)
