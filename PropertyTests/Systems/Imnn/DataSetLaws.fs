namespace Hybrid.PropertyTests.Systems.Imnn

open System
open System.IO
open Hybrid.Data.Formats
open Hybrid.Data.Statistics
open Hybrid.Data.Systems.Imnn
open Hybrid.Models.Systems.Imnn
open Hybrid.PropertyTests
open TorchSharp
open Xunit

/// Simulations in files, under the names of the original package's examples.
[<Collection "torch's generator">]
module DataSetLaws =

    let private withFolder (body: string -> unit) =
        let folder = Directory.CreateTempSubdirectory "hybrid-imnn-"
        try body folder.FullName finally folder.Delete true

    let private floats (tensor: torch.Tensor) = tensor.contiguous().data<float32>().ToArray()

    /// Files of n_s simulations, of which n_d have derivatives; some of the others are `remaining`, some just more fiducial ones.
    let private write (folder: string) prefix (x: torch.Tensor) (dx: torch.Tensor) (remaining: int) =
        let simulations, derivatives = int (x.size 0), int (dx.size 0)
        let save name (i: int) (tensor: torch.Tensor) =
            let shape = tensor.shape |> Array.map int
            Npy.Write(Path.Combine(folder, $"{prefix}{name}_{i:D4}.npy"), NdArray<float32>(shape, floats tensor))
        for i in 0 .. simulations - remaining - 1 do
            save "fiducial" i (x[int64 i])
        for i in 0 .. derivatives - 1 do
            save "derivative" i (dx[int64 i])
        for i in 0 .. remaining - 1 do
            save "remaining" i (x[int64 (simulations - remaining + i)])

    let private fit (form: Compressor -> torch.optim.Optimizer -> InformationMaximiser) =
        torch.manual_seed 7L |> ignore
        use network = new ExchangeableCompressor(6L, 2L)
        use optimiser = torch.optim.Adam(network.parameters (), lr = 1e-2)
        let result = (form (Compressor.Of network) optimiser).Fit(Gaussian.options 3)
        [| for i in Gaussian.iterations result -> i.Monitored |]

    [<SeededProperty(MaxTest = 6)>]
    let ``files a simulation train as the same simulations in memory`` (seed: int64) =
        withFolder (fun folder ->
            use _ = torch.NewDisposeScope()
            let random = SeededRandom seed
            let simulations = 20 + random.Next 30
            let derivatives = 1 + random.Next simulations
            let remaining = random.Next(simulations - derivatives + 1)
            let chunk = 1 + random.Next 40
            let x, dx = Gaussian.fixedSet 31UL simulations
            let dx = dx.narrow(0L, 0L, int64 derivatives)
            write folder "" x dx remaining
            let files = SimulationFiles.Find(folder, "", Nullable(), null)
            Assert.Equal(2, files.Parameters)
            Assert.Equal<int list>([ 10 ], List.ofSeq files.Shape)
            let caches = Path.Combine(folder, "caches")
            use main = files.Main caches
            use rest = files.Remaining(caches, main.Count)
            Assert.Equal(derivatives, main.Count)
            Assert.Equal(simulations - derivatives, (match rest with null -> 0 | cache -> cache.Count))
            let whole = fit (fun c o -> GradientImnn(c, o, Gaussian.theta, x, dx))
            let chunks = fit (fun c o -> new AggregatedImnn(c, o, Gaussian.theta, CacheSource(main, rest, chunk)))
            for i in 0 .. whole.Length - 1 do
                Assert.True(
                    Gaussian.near 1e-5 2e-4 whole[i] chunks[i],
                    $"n_s {simulations}, n_d {derivatives}, {remaining} remaining, chunks of {chunk}: |F| of iteration {i} is \
                        {whole[i]} in memory, {chunks[i]} from files"))

    [<Fact>]
    let ``records are read as files are, in the order of their names`` () =
        withFolder (fun folder ->
            use _ = torch.NewDisposeScope()
            let x, dx = Gaussian.fixedSet 32UL 12
            // A record is 46 bytes of floats and some more: two files or three.
            let records name (tensor: torch.Tensor) (bytes: float) =
                use writer = new TfRecordWriter(folder, name, bytes)
                for i in 0L .. tensor.size 0 - 1L do
                    let values = TfFeature.OfSingles(ReadOnlySpan(floats (tensor[i])))
                    writer.Write(ReadOnlySpan(TfExample([| Collections.Generic.KeyValuePair("data", values) |]).ToBytes()))
                Assert.True(writer.Paths.Count > 1, $"{name}: one file only")
            records "fiducial" x 300.0
            records "derivative" (dx.narrow(0L, 0L, 9L)) 500.0
            let files = SimulationFiles.Find(folder, "", Nullable 2, [| 10 |])
            use main = files.Main(Path.Combine(folder, "caches"))
            use rest = files.Remaining(Path.Combine(folder, "caches"), main.Count)
            Assert.Equal(9, main.Count)
            match rest with
            | null -> Assert.Fail "three simulations have no derivatives"
            | cache -> Assert.Equal(3, cache.Count)
            let source = CacheSource(main, rest, 4)
            let seen = source.Read 0L |> Seq.map (fun chunk -> floats (nonNull chunk.Simulations)) |> Array.concat
            Assert.Equal<float32[]>(floats x, seen)
            let along = source.Read 0L |> Seq.head |> fun chunk -> (nonNull chunk.Tangents).moveaxis([| 0L |], [| -1L |])
            Assert.Equal<float32[]>(floats (dx.narrow(0L, 0L, 4L)), floats along)
            let unknown =
                Assert.Throws<InvalidDataException>(fun () -> SimulationFiles.Find(folder, "", Nullable 2, null) |> ignore)
            Assert.Contains("a record does not say the shape of its simulation. Give --shape.", unknown.Message))

    [<Fact>]
    let ``a set that is incomplete or of other shapes is named with its file`` () =
        withFolder (fun folder ->
            use _ = torch.NewDisposeScope()
            let message () =
                (Assert.Throws<InvalidDataException>(fun () ->
                    let files = SimulationFiles.Find(folder, "", Nullable(), null)
                    use main = files.Main(Path.Combine(folder, "caches"))
                    use _ = files.Remaining(Path.Combine(folder, "caches"), main.Count)
                    ()))
                    .Message
            Assert.Contains("expected files fiducial_0000.npy, … or .tfrecords, found none", message ())
            let x, dx = Gaussian.fixedSet 33UL 4
            write folder "" x (dx.narrow(0L, 0L, 2L)) 0
            let stray = Path.Combine(folder, "derivative_0009.npy")
            File.Copy(Path.Combine(folder, "derivative_0000.npy"), stray)
            Assert.Contains("derivative_0009.npy: expected a simulation of the same number, fiducial_0009.npy", message ())
            File.Delete stray
            Npy.Write(Path.Combine(folder, "fiducial_0003.npy"), NdArray<float32>([| 7 |], Array.zeroCreate 7))
            Assert.Contains("fiducial_0003.npy: expected 10 numbers as in the first simulation, got 7", message ()))
