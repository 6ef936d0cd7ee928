namespace Hybrid.PropertyTests.Laws.Models.Training

open System
open System.Collections.Generic
open System.IO
open System.IO.Compression
open System.Numerics
open System.Text
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Models.Weights
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data
open TorchSharp

/// PyTorch's files. pth_cases.pth is what pth_cases.py beside this file writes with PyTorch 1.13.1.
module PthLaws =

    let private casesPath = Path.Combine(AppContext.BaseDirectory, "pth_cases.pth")

    let private float64s (tensor: torch.Tensor) =
        use _ = torch.NewDisposeScope()
        tensor.detach().``to``(torch.ScalarType.Float64).contiguous().data<float>().ToArray()

    let private tensor (node: PthNode) = Assert.IsType<torch.Tensor>(node.Value, false)

    /// A file whose data.pkl is this pickle, with these storages.
    let private write (path: string) (pickle: byte[]) (storages: (string * byte[]) list) =
        use stream = File.Create path
        use zip = new ZipArchive(stream, ZipArchiveMode.Create)

        for name, content in ("data.pkl", pickle) :: ("version", "3\n"B) :: storages do
            use entry = zip.CreateEntry($"archive/{name}", CompressionLevel.NoCompression).Open()
            entry.Write(ReadOnlySpan content)

    let private pickle (parts: string) = Encoding.Latin1.GetBytes("\u0080\u0002" + parts)

    let private refusal (path: string) =
        let error = Assert.Throws<InvalidDataException>(fun () -> (PthFile.Load path).Dispose())
        Assert.StartsWith(path, error.Message)
        error.Message.Substring path.Length

    let private written (body: string -> unit) =
        use folder = new ScratchFolder()
        body (folder.File "case.pth")

    [<Fact>]
    let ``tensors of every dtype, stride and sharing, and containers of every kind, are as PyTorch saved them`` () =
        use _ = torch.NewDisposeScope()
        use file = PthFile.Load casesPath
        let root = file.Root

        let dtypes =
            [ "float64", torch.ScalarType.Float64; "float32", torch.ScalarType.Float32
              "float16", torch.ScalarType.Float16; "bfloat16", torch.ScalarType.BFloat16
              "int64", torch.ScalarType.Int64; "int32", torch.ScalarType.Int32; "int16", torch.ScalarType.Int16
              "int8", torch.ScalarType.Int8
              "uint8", torch.ScalarType.Byte; "bool", torch.ScalarType.Bool ]

        Assert.Equal<string seq>(List.map fst dtypes, root["kinds"].Keys)

        for name, dtype in dtypes do
            let read = tensor (root["kinds"][name])
            Assert.Equal(dtype, read.dtype)
            Assert.Equal<int64[]>([| 2L; 3L |], read.shape)
            let expected = if name = "bool" then [| 0.0; 1; 1; 1; 1; 1 |] else [| 0.0; 1; 2; 3; 4; 100 |]
            Assert.Equal<float[]>(expected, float64s read)

        let complex = tensor root["complex"]
        Assert.Equal<float[]>([| 1.0; 0.0 |], float64s complex.real)
        Assert.Equal<float[]>([| 2.0; -3.0 |], float64s complex.imag)
        let transposed = tensor root["transposed"]
        Assert.Equal<int64[]>([| 3L; 2L |], transposed.shape)
        Assert.Equal<float[]>([| 0.0; 3; 1; 4; 2; 5 |], float64s transposed)
        Assert.Equal<float[]>([| 6.0; 8; 10; 12; 14; 16 |], float64s (tensor root["sliced"]))
        let expanded = tensor root["expanded"]
        Assert.Equal<int64[]>([| 1000L; 1000L; 1000L |], expanded.shape)
        Assert.Equal(7.0, expanded[999L, 0L, 500L].ToDouble())
        Assert.Equal<float[]>([| 2.5 |], float64s (tensor root["scalar"]))
        Assert.Empty((tensor root["scalar"]).shape)
        Assert.Equal<int64[]>([| 0L; 3L |], (tensor root["empty"]).shape)
        Assert.Equal<float[]>([| 1.0; -1.0 |], float64s (tensor root["parameter"]))

        let items = [ for i in 0..8 -> (root["list"].[string i]).Value ]
        let expected =
            [ box 1L; box -2L; box 2.5; box true; null; box "ünïcode"; box [| 0uy; 255uy |]
              box 3_000_000_000L; box (BigInteger.Pow(2, 70)) ]
        Assert.Equal<(obj | null) seq>(expected, items)
        Assert.Equal<string seq>([ "list.9.0"; "list.9.1.deep" ], root.Tensors.Keys |> Seq.filter _.StartsWith("list"))
        Assert.Equal<(obj | null) seq>([ box 2L; box 3L ], [ for i in 0..1 -> (root["size"].[string i]).Value ])
        Assert.Equal<(obj | null) seq>(
            [ box "cpu"; box "torch.float16"; box "five" ],
            [ root["device"].Value; root["dtype"].Value; root["5"].Value ])
        Assert.Equal<string seq>([ "a"; "b" ], root["ordered"].Keys)

        // Memory that was shared is shared.
        (tensor root["whole"]).fill_(torch.tensor(9.0f).ToScalar()) |> ignore
        Assert.Equal<float[]>([| 9.0; 9.0 |], float64s (tensor root["first half"]))

    [<Fact>]
    let ``a state dictionary loads into a module, running statistics included`` () =
        use _ = torch.NewDisposeScope()
        use file = PthFile.Load casesPath

        use network =
            torch.nn.Sequential(
                struct ("fc", (torch.nn.Linear(2L, 3L) :> torch.nn.Module<torch.Tensor, torch.Tensor>)),
                struct ("bn", (torch.nn.BatchNorm1d 3L :> torch.nn.Module<torch.Tensor, torch.Tensor>))
            )

        let report = PartialLoading.Load(network, file.Root["state"].Tensors)
        Assert.True(report.IsComplete, report.ToString())
        Assert.Equal(7, report.Loaded.Count)
        let state = network.state_dict ()
        Assert.Equal<float[]>([| 0.0; 1; 2; 3; 4; 5 |], float64s state["fc.weight"])
        Assert.Equal<float[]>([| 1.0; 2; 3 |], float64s state["bn.running_mean"])
        Assert.Equal(12L, state["bn.num_batches_tracked"].ToInt64())

    [<Fact>]
    let ``weights load from any format by what the file is, and save by the name's ending`` () =
        use _ = torch.NewDisposeScope()
        use folder = new ScratchFolder()

        let network () =
            torch.nn.Sequential(
                struct ("fc", (torch.nn.Linear(2L, 3L) :> torch.nn.Module<torch.Tensor, torch.Tensor>)),
                struct ("bn", (torch.nn.BatchNorm1d 3L :> torch.nn.Module<torch.Tensor, torch.Tensor>))
            )

        let state (network: torch.nn.Module) = [ for KeyValue(key, tensor) in network.state_dict () -> key, float64s tensor ]
        use first = network ()
        Assert.True((WeightFile.Load(first, casesPath, "state")).IsComplete)

        for name in [ "weights.safetensors"; "weights.dat" ] do
            WeightFile.Save(first, folder.File name)
            File.Move(folder.File name, folder.File "unnamed", true)
            use again = network ()
            Assert.True((WeightFile.Load(again, folder.File "unnamed")).IsComplete)
            Assert.Equal<(string * float[]) list>(state first, state again)

        Safetensors.Save(
            folder.File "prefixed",
            [ for KeyValue(key, tensor) in first.state_dict () -> KeyValuePair("network." + key, tensor) ] |> Dictionary)
        use last = network ()
        Assert.True((WeightFile.Load(last, folder.File "prefixed", "network")).IsComplete)
        Assert.Equal<(string * float[]) list>(state first, state last)
        Assert.Contains(
            "its keys begin with network.",
            Assert.Throws<KeyNotFoundException>(fun () -> WeightFile.Load(last, folder.File "prefixed", "other") |> ignore).Message)
        Assert.Contains(
            "ends in .safetensors or .dat, got '.pth'",
            Assert.Throws<ArgumentException>(fun () -> WeightFile.Save(last, folder.File "new.pth")).Message)
        File.WriteAllBytes(folder.File "noise", [| 7uy; 3uy; 200uy; 1uy |])
        Assert.Contains(
            "neither a PyTorch nor a safetensors file",
            Assert.Throws<InvalidDataException>(fun () -> WeightFile.Load(last, folder.File "noise") |> ignore).Message)

    [<Fact>]
    let ``weights of another network are refused by name, with the key where they only lie deeper, unless what fits is asked for`` () =
        use _ = torch.NewDisposeScope()
        use folder = new ScratchFolder()
        let linear (outputs: int64) =
            torch.nn.Sequential(struct ("fc", (torch.nn.Linear(2L, outputs) :> torch.nn.Module<torch.Tensor, torch.Tensor>)))
        let state (network: torch.nn.Module) = [ for KeyValue(key, tensor) in network.state_dict () -> key, float64s tensor ]
        use network = linear 3L
        let before = state network

        let refused (path: string) (key: string | null) (message: string) =
            Assert.Equal(
                $"{path}: expected the weights of Sequential, all of them and no others: {message}",
                Assert.Throws<InvalidDataException>(fun () -> WeightFile.Load(network, path, key) |> ignore).Message)
            Assert.Equal<(string * float[]) list>(before, state network)

        // pth_cases.pth has fc.weight, fc.bias and bn's five under "state": nothing at its root is fc.weight.
        let failure = Assert.Throws<InvalidDataException>(fun () -> WeightFile.Load(network, casesPath) |> ignore).Message
        Assert.Contains("0 tensors fit; 2 missing: fc.weight, fc.bias", failure)
        Assert.EndsWith("Its keys have 'state.' before them: give the key 'state'.", failure)
        refused
            casesPath
            "state"
            "2 tensors fit; 5 unexpected: bn.weight, bn.bias, bn.running_mean, bn.running_var, bn.num_batches_tracked. \
             strict: false loads what fits."
        Assert.Equal(
            "2 tensors loaded; 5 unexpected: bn.weight, bn.bias, bn.running_mean, bn.running_var, bn.num_batches_tracked",
            string (WeightFile.Load(network, casesPath, "state", strict = false)))
        Assert.NotEqual<(string * float[]) list>(before, state network)
        // The end of a key may be a prefix: "state/fc" are fc.weight and fc.bias.
        use bare = torch.nn.Linear(2L, 3L)
        Assert.True((WeightFile.Load(bare, casesPath, "state/fc")).IsComplete)
        Assert.Equal<float[] list>(List.map snd (state network), List.map snd (state bare))
        // A network within another one's safetensors file, and one of another width.
        use wide = linear 4L
        let before = state network
        let nested = folder.File "nested.safetensors"
        Safetensors.Save(
            nested,
            [ for KeyValue(key, tensor) in network.state_dict () -> KeyValuePair("network.module." + key, tensor) ] |> Dictionary)
        Assert.EndsWith(
            "Its keys have 'module.' before them: give the key 'network.module'.",
            Assert.Throws<InvalidDataException>(fun () -> WeightFile.Load(network, nested, "network") |> ignore).Message)
        Assert.True((WeightFile.Load(network, nested, "network.module")).IsComplete)
        Assert.Equal<(string * float[]) list>(before, state network)
        let narrow = Assert.Throws<InvalidDataException>(fun () -> WeightFile.Load(wide, nested, "network.module") |> ignore).Message
        Assert.Contains("0 tensors fit; 2 of another shape: ", narrow)
        Assert.Contains("fc.weight: the module has (4, 2), the source (3, 2)", narrow)
        // TorchSharp's format asks for the same, and gives the common keys as the others do.
        let layer (inputs: int64) (outputs: int64) = torch.nn.Linear(inputs, outputs) :> torch.nn.Module<torch.Tensor, torch.Tensor>
        use more = torch.nn.Sequential(struct ("fc", layer 2L 3L), struct ("head", layer 3L 1L))
        let head = float64s (more.get_parameter "head.weight" |> nonNull)
        WeightFile.Save(network, folder.File "small.dat")
        WeightFile.Save(more, folder.File "large.dat")
        Assert.EndsWith(
            "expected the weights of Sequential, all of them and no others: 2 tensors fit; 2 missing: head.weight, head.bias. \
             strict: false loads what fits.",
            Assert.Throws<InvalidDataException>(fun () -> WeightFile.Load(more, folder.File "small.dat") |> ignore).Message)
        Assert.Equal(
            "2 tensors loaded; 2 missing: head.weight, head.bias",
            string (WeightFile.Load(more, folder.File "small.dat", strict = false)))
        Assert.Equal<(string * float[]) list>(before, List.take 2 (state more))
        Assert.Equal<float[]>(head, float64s (more.get_parameter "head.weight" |> nonNull))
        Assert.Equal(
            "2 tensors loaded; 2 unexpected: head.weight, head.bias",
            string (WeightFile.Load(network, folder.File "large.dat", strict = false)))

    [<Fact>]
    let ``the released BlaSE models are the numbers that PyTorch reads`` () =
        use file = PthFile.Load(SharedData.path "blase/models.pth")
        Assert.Equal<string seq>([ for i in 0..4 do for j in 0..4 -> $"{i}.{j}" ], file.Root.Keys)
        // m = torch.load('models.pth'); sum(float(v.double().sum()) for v in m[k].values()); m[k]['model.0.weight'][3, 5]; […][-1, -1]
        for key, sum, inner, last in
            [ "0.0", 42555.86627762737, -0.24498087167739868, -0.08067335188388824
              "2.3", 37746.74947730571, -0.19708776473999023, 0.29477599263191223
              "4.4", 17266.917779272182, -0.09468910843133926, -0.03779592365026474 ] do
            let state = file.Root[key].Tensors
            Assert.Equal(30, state.Count)
            let weights = float64s state["model.0.weight"]
            Assert.Equal(inner, weights[3 * 52 + 5])
            Assert.Equal(last, Array.last weights)
            Assert.Equal(sum, state.Values |> Seq.sumBy (float64s >> Array.sum), 1e-9 * sum)

    [<Fact>]
    let ``anything but a tensor, container, number or text is refused by name, and nothing is run`` () =
        written (fun path ->
            let refused parts expected =
                write path (pickle parts) []
                Assert.Contains(expected, refusal path)

            refused "cos\nsystem\nX\u0004\u0000\u0000\u0000true\u0085R." "refused to load 'os.system': only tensors, dictionaries,"
            refused "cposix\nsystem\n." "refused to load 'posix.system'"
            refused "X\u0008\u0000\u0000\u0000builtinsX\u0004\u0000\u0000\u0000eval\u0093." "refused to load 'builtins.eval'"
            refused "ctorch\nnn.Linear\n." "refused to load 'torch.nn.Linear'"
            refused "ctorch._utils\n_rebuild_sparse_tensor\n." "refused to load 'torch._utils._rebuild_sparse_tensor'"
            refused "cnumpy.core.multiarray\nscalar\n." "refused to load 'numpy.core.multiarray.scalar'"
            refused "i\u0001." "refused the pickle operation 0x69"
            refused "ctorch\nFloatStorage\n." "data.pkl holds 'torch.FloatStorage' outside a tensor"
            refused
                "ccollections\nOrderedDict\nK\u0001R."
                "expected the values that 'collections.OrderedDict' is called with as a tuple, got 1"
            refused "]q\u0000h\u0000a." "nested deeper than 100 levels, or holds itself"
            // Each level holds the former twice: 2⁴⁰ values in 200 bytes.
            refused ("]q\u0000" + String.concat "" [ for _ in 1..40 -> "(h\u0000h\u0000lq\u0000" ] + ".") "has more than 100000 parts"
            refused "}]K\u0001s." "expected a text or a number as a dictionary's key, got a list"
            refused "h\u0007." "expected an earlier value with number 7"
            refused "X\u00ff\u00ff\u00ff\u00ffab." "expected 4294967295 more bytes, got 3"
            refused "R." "expected a value on the stack, got none"
            refused "" "expected 1 more bytes, got 0: the pickle is cut off or damaged")

    /// A tensor of FloatStorage '0' with so many elements, as torch.save writes it.
    let private view (count: int) (offset: int) (shape: int list) (strides: int list) =
        let number (n: int) = "J" + Encoding.Latin1.GetString(BitConverter.GetBytes n)
        let tuple numbers = "(" + String.concat "" (List.map number numbers) + "t"
        let text (s: string) = $"X{char s.Length}\u0000\u0000\u0000{s}"

        "ctorch._utils\n_rebuild_tensor_v2\n(("
        + text "storage" + "ctorch\nFloatStorage\n" + text "0" + text "cpu" + number count + "tQ"
        + number offset + tuple shape + tuple strides + "\u0089" + "ccollections\nOrderedDict\n)RtR."
        |> pickle

    [<Fact>]
    let ``a tensor is inside its storage, and a storage as long as its entry`` () =
        use _ = torch.NewDisposeScope()

        written (fun path ->
            let four = [ "data/0", Array.collect (fun (v: float32) -> BitConverter.GetBytes v) [| 1.0f; 2.0f; 3.0f; 4.0f |] ]
            write path (view 4 1 [ 3 ] [ 1 ]) four

            do
                use file = PthFile.Load path
                Assert.Equal<float[]>([| 2.0; 3.0; 4.0 |], float64s file.Root.Tensors[""])

            let refused pickle storages expected =
                write path pickle storages
                Assert.Contains(expected, refusal path)

            refused (view 4 2 [ 3 ] [ 1 ]) four "sizes (3) and strides (1) from 2 reaches element 4 of storage '0', which has 4"
            refused (view 4 0 [ 2; 2 ] [ 3; 1 ]) four "reaches element 4 of storage '0'"
            refused (view 4 0 [ 2 ] [ -1 ]) four "must be at least 0, got 0, (2) and (-1)"
            refused (view 4 0 [ 2 ] []) four "expected at most 64 sizes and as many strides, got 1 and 0"
            refused (view 4 0 (List.replicate 9 1_000_000_000) (List.replicate 9 0)) four "has more elements than can be counted"
            refused
                (view 1_000_000_000 0 [ 3 ] [ 1 ])
                four
                "storage '0' has 1000000000 elements of 4 bytes, its entry 'archive/data/0' has 16 bytes"
            refused (view 4 0 [ 3 ] [ 1 ]) [] "there is no entry 'archive/data/0' for storage '0'")

    /// What a test allocates at most while an attack of a few kilobytes is refused; on its own thread, since other tests run beside it.
    let private bounded (megabytes: int64) (action: unit -> unit) =
        let before = GC.GetAllocatedBytesForCurrentThread()
        action ()
        let allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / 1_000_000L
        Assert.True(allocated <= megabytes, $"{allocated} MB were allocated, expected at most {megabytes}")

    [<Fact>]
    let ``a small file cannot ask for much memory`` () =
        written (fun path ->
            let text (s: string) = "X" + Encoding.Latin1.GetString(BitConverter.GetBytes s.Length) + s
            let times (n: int) (part: string) = String.replicate n part
            let kilo = String('k', 100_000)

            let refused megabytes parts expected =
                write path (pickle parts) []
                bounded megabytes (fun () -> Assert.Contains(expected, refusal path))

            // Each level holds the former twice: 2²³ values in 120 bytes.
            refused 100L ("]q\u0000" + times 23 "(h\u0000h\u0000lq\u0000" + ".") "has more than 100000 parts"
            // Bytes that are dictionaries, a hundred times as large.
            refused 700L (times 1_000_001 "}0" + "N.") "builds more than 1000000 tensors, dictionaries, lists and tuples"
            // One text of a hundred kilobytes, a thousand times as bytes.
            refused
                60L
                ("c_codecs\nencode\nq\u0000"
                 + text kilo
                 + "q\u0001"
                 + "]"
                 + times 1000 "h\u0000(h\u0001X\u0006\u0000\u0000\u0000latin1tRa"
                 + ".")
                "its bytes are more than the pickle"

            refused
                60L
                ("ctorch\ndevice\nq\u0000" + text kilo + "q\u0001" + "]" + times 1000 "h\u0000(h\u0001K\u0001tRa" + ".")
                "'torch.device' was called with 2 values that it does not take"

            refused 10L ("\u008a\u00ff" + times 255 "\u007f" + "I5\n.") "refused the pickle operation 0x49"

            // A size as a tuple is that tuple, however often it is asked for.
            write
                path
                (pickle ("ctorch\nSize\nq\u0000(" + times 10_000 "K\u0001" + "tq\u0001]" + times 1000 "h\u0000h\u0001\u0085R0" + "."))
                []
            bounded 20L (fun () -> (PthFile.Load path).Dispose())

            // A key of a hundred kilobytes in each of two thousand dictionaries: two times four hundred megabytes if
            // each place were written out.
            let one = [ "data/0", BitConverter.GetBytes 1.0f ]
            let tensor = Encoding.Latin1.GetString(view 1 0 [ 1 ] [ 1 ]).Substring(2).TrimEnd('.')
            write path (pickle (tensor + "q\u0000" + text kilo + "q\u0001" + "](" + times 2000 "}h\u0001h\u0000s" + "e.")) one

            bounded 150L (fun () ->
                use file = PthFile.Load path
                Assert.Equal(2000, Seq.length file.Root.Keys)
                Assert.Contains(
                    "have more than 50000000 characters",
                    Assert.Throws<InvalidDataException>(fun () -> file.Root.Tensors |> ignore).Message)
                Assert.Equal(
                    "'7' of the PyTorch file: expected a key 'x', got '" + kilo.Substring(0, 200) + "…'.",
                    Assert.Throws<KeyNotFoundException>(fun () -> file.Root["7"].["x"] |> ignore).Message)))

    [<Fact>]
    let ``keys chosen to have one hash code take no longer than others`` () =
        written (fun path ->
            // The two halves are equal: their exclusive or is 0.
            let key (n: int64) = "\u008a\u0008" + Encoding.Latin1.GetString(BitConverter.GetBytes(n <<< 32 ||| n)) + "N"
            write path (pickle ("}(" + String.concat "" (Seq.map key [ 1L .. 45_000L ]) + "u.")) []
            let watch = Diagnostics.Stopwatch.StartNew()
            use file = PthFile.Load path
            Assert.Equal(45_000, Seq.length file.Root.Keys)
            Assert.True(watch.Elapsed.TotalSeconds < 2.0, $"{watch.Elapsed.TotalSeconds} s"))

    [<Fact>]
    let ``a file with a hole of more than all memory is refused before memory is taken`` () =
        use folder = new ScratchFolder()
        let memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes
        let path = folder.File "holes.safetensors"
        let elements = memory / 4L + 1000L
        let header = Encoding.UTF8.GetBytes $"""{{"a":{{"dtype":"F32","shape":[{elements}],"data_offsets":[0,{elements * 4L}]}}}}"""

        do
            use stream = File.Create path
            stream.Write(ReadOnlySpan(BitConverter.GetBytes(int64 header.Length)))
            stream.Write(ReadOnlySpan header)
            stream.SetLength(8L + int64 header.Length + elements * 4L)

        Assert.Equal(
            $"{path}: its tensors need {elements * 4L} bytes of memory, this machine has {memory}.",
            Assert.Throws<InvalidDataException>(fun () -> (Safetensors.Load path).Dispose()).Message)

    [<Fact>]
    let ``a tensor without elements has no place in its storage, and truth values are 0 or 1`` () =
        use _ = torch.NewDisposeScope()

        written (fun path ->
            let bool (pickle: byte[]) = Encoding.Latin1.GetString(pickle).Replace("FloatStorage", "BoolStorage") |> Encoding.Latin1.GetBytes
            let number (n: int64) = "\u008a\u0008" + Encoding.Latin1.GetString(BitConverter.GetBytes n)
            let near = "J" + Encoding.Latin1.GetString(BitConverter.GetBytes 7)

            let far =
                Encoding.Latin1.GetString(view 1 7 [ 0; 1_000_000 ] [ 3; 1 ]).Replace(near, number (1L <<< 62))
                |> Encoding.Latin1.GetBytes

            write path far [ "data/0", BitConverter.GetBytes 1.0f ]

            do
                use file = PthFile.Load path
                Assert.Equal<int64[]>([| 0L; 1_000_000L |], (tensor file.Root).shape)

            write path (bool (view 3 0 [ 3 ] [ 1 ])) [ "data/0", [| 1uy; 0uy; 1uy |] ]

            do
                use file = PthFile.Load path
                Assert.Equal<float[]>([| 1.0; 0.0; 1.0 |], float64s (tensor file.Root))

            write path (bool (view 3 0 [ 3 ] [ 1 ])) [ "data/0", [| 1uy; 0uy; 7uy |] ]
            Assert.Equal(": storage '0' holds truth values, and a byte of 7; expected 0 or 1: the file is damaged.", refusal path))

    [<Fact>]
    let ``a damaged .dat leaves the module as it was, complex numbers are not halved`` () =
        use _ = torch.NewDisposeScope()
        use folder = new ScratchFolder()
        let path = folder.File "weights.dat"

        let network () =
            torch.nn.Sequential(
                struct ("one", (torch.nn.Linear(2L, 3L) :> torch.nn.Module<torch.Tensor, torch.Tensor>)),
                struct ("two", (torch.nn.Linear(3L, 40L) :> torch.nn.Module<torch.Tensor, torch.Tensor>))
            )

        let state (network: torch.nn.Module) = [ for KeyValue(key, tensor) in network.state_dict () -> key, float64s tensor ]
        use saved = network ()
        WeightFile.Save(saved, path)
        let whole = File.ReadAllBytes path
        use fresh = network ()
        let before = state fresh

        for length in [ 0..7 .. whole.Length - 1 ] do
            File.WriteAllBytes(path, Damage.truncate whole length)
            Assert.StartsWith(
                $"{path}: neither a PyTorch nor a safetensors file",
                Assert.Throws<InvalidDataException>(fun () -> WeightFile.Load(fresh, path) |> ignore).Message)
            Assert.Equal<(string * float[]) list>(before, state fresh)

        // A key's length of −1.
        File.WriteAllBytes(path, [| 4uy; 0xffuy; 0xffuy; 0xffuy; 0xffuy; 0x0fuy; 0uy; 0uy; 0uy |])
        Assert.Throws<InvalidDataException>(fun () -> WeightFile.Load(fresh, path) |> ignore) |> ignore

        let complex =
            dict
                [ "one.weight", torch.ones(3L, 2L)
                  "one.bias", torch.zeros([| 3L |], dtype = torch.ScalarType.ComplexFloat32) ]
            |> Dictionary
        Assert.Contains(
            "'one.bias': the module has real numbers (Float32), the source complex ones (ComplexFloat32). Nothing was loaded.",
            Assert.Throws<ArgumentException>(fun () -> PartialLoading.Load(fresh, complex) |> ignore).Message)
        Assert.Equal<(string * float[]) list>(before, state fresh)

    [<Fact>]
    let ``files of another kind are refused with what they are and the way out`` () =
        use folder = new ScratchFolder()
        let path = folder.File "other.pth"

        let refused (content: byte[]) (expected: string) =
            File.WriteAllBytes(path, content)
            Assert.Contains(expected, refusal path)

        refused [||] "the file is empty"
        refused
            (pickle "\u008a\u000al\u00fc\u009cF\u00f9 j\u00a8P\u0019.")
            "PyTorch's format before version 1.6, or no PyTorch file. Save it again in Python, which writes a zip: \
             torch.save(torch.load(path, map_location='cpu'), new_path)"
        refused "not a checkpoint"B "expected a zip archive"
        refused "PK\u0003\u0004 and then nothing of a zip"B "not a readable zip archive"
        Assert.Throws<FileNotFoundException>(fun () -> (PthFile.Load(folder.File "none.pth")).Dispose()) |> ignore

        let zipped (entries: (string * byte[] * CompressionLevel) list) (expected: string) =
            do
                use stream = File.Create path
                use zip = new ZipArchive(stream, ZipArchiveMode.Create)

                for name, content, level in entries do
                    use entry = zip.CreateEntry(name, level).Open()
                    entry.Write(ReadOnlySpan content)

            Assert.Contains(expected, refusal path)

        zipped
            [ "a/readme", "text"B, CompressionLevel.NoCompression ]
            "expected an entry 'data.pkl' as torch.save writes, got 1 other entries"
        zipped
            [ "a/data.pkl", pickle "N.", CompressionLevel.NoCompression; "a/constants.pkl", [||], CompressionLevel.NoCompression ]
            "this is a TorchScript program (torch.jit.save)"
        zipped
            [ "a/data.pkl", pickle "N.", CompressionLevel.NoCompression; "b/data.pkl", pickle "N.", CompressionLevel.NoCompression ]
            "expected one entry 'data.pkl', got several"
        // A bomb: ten million bytes in ten thousand.
        zipped
            [ "a/data.pkl", pickle "N.", CompressionLevel.NoCompression
              "a/data/0", Array.zeroCreate 10_000_000, CompressionLevel.Optimal ]
            "the entry 'a/data/0' is compressed"

    [<Fact>]
    let ``cut off or flipped bytes are refused or read, never worse`` () =
        use folder = new ScratchFolder()
        let path = folder.File "damaged.pth"
        let whole = File.ReadAllBytes casesPath
        let live = DisposeScopeManager.Statistics.ThreadTotalLiveCount

        let tryRead (bytes: byte[]) =
            File.WriteAllBytes(path, bytes)

            try
                use file = PthFile.Load path

                for tensor in file.Root.Tensors.Values do
                    Assert.True(tensor.numel () >= 0L)
            with :? InvalidDataException as error ->
                Assert.StartsWith(path, error.Message)

        Check.One(
            Seeded.Cases 400,
            Prop.forAll
                (Arb.fromGen (Gen.zip (Gen.choose (0, whole.Length - 1)) (Gen.choose (1, 255))))
                (fun (place, mask) -> tryRead (Damage.flip whole place (byte mask))))

        for length in [ 0..97 .. whole.Length - 1 ] do
            File.WriteAllBytes(path, Damage.truncate whole length)
            refusal path |> ignore

        // A byte of a tensor's data is not taken for another one, nor one of a key.
        for place in
            [ ReadOnlySpan(whole).IndexOf(ReadOnlySpan(BitConverter.GetBytes 2.5))
              ReadOnlySpan(whole).IndexOf(ReadOnlySpan "running_mean"B) ] do
            Assert.True(place > 0)
            File.WriteAllBytes(path, Damage.flip whole place 1uy)
            Assert.Contains("CRC-32 of the content is", refusal path)

        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount)

    [<Fact>]
    let ``a key that is not there is answered with those that are`` () =
        use file = PthFile.Load casesPath
        Assert.Equal(
            "The PyTorch file: expected a key '0.0', got 'kinds', 'complex', 'transposed', 'sliced', \
             'expanded', 'scalar', 'empty', 'parameter', 'list', 'size', 'device', \
             'dtype', '5', 'ordered', 'first half', 'whole', 'state'.",
            Assert.Throws<KeyNotFoundException>(fun () -> file.Root["0.0"] |> ignore).Message)
        Assert.Contains(
            "'state.fc.bias' of the PyTorch file: expected a key 'x', got a single value (",
            Assert.Throws<KeyNotFoundException>(fun () -> file.Root["state"].["fc.bias"].["x"] |> ignore).Message)
