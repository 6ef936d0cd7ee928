namespace Hybrid.PropertyTests.Systems.Cygno

open System
open System.IO
open System.IO.Compression
open System.Globalization
open System.Threading
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.Data.Images
open Hybrid.Data.Systems.Cygno
open Hybrid.PropertyTests.Laws.Data
open Xunit

module RecoilLaws =

    [<Fact>]
    let ``the light above the background is the recoil's`` () =
        let simulator = RecoilSimulator(Size = 160)

        for kind, energy in [ Recoil.Nuclear, 10.0; Recoil.Electron, 10.0; Recoil.Nuclear, 30.0 ] do
            let n = 40
            let simulation = simulator.Simulate(Array.create n kind, Array.create n energy, 7L, 0L, CancellationToken.None)
            let light = [ for i in 0 .. n - 1 -> Seq.sum (simulation.Image(i).ToArray() |> Seq.map float) - 160.0 * 160.0 * 100.41 ]
            let expected = RecoilSimulator.Light(kind, energy)
            // Noise of a frame: 3.4 ADU on 25,600 pixels, 544 ADU; clusters of 8 ± 8 ADU: √(2·8·S). Rounding moves the mean of a
            // pixel by 0.0004 at most (the deviation is far above one ADU); saturation at 255 is out of reach.
            let error = sqrt (544.0 ** 2.0 + 16.0 * expected) / sqrt (float n)
            Assert.InRange(List.average light, expected - 5.0 * error - 15.0, expected + 5.0 * error + 15.0)

    [<Fact>]
    let ``nuclear recoils are wider than electrons of low energy, and both sit at the centre`` () =
        let simulator = RecoilSimulator(Size = 160, BackgroundDeviation = 0.0)

        let widthOf kind =
            let simulation = simulator.Simulate(Array.create 10 kind, Array.create 10 10.0, 3L, 0L, CancellationToken.None)
            let moments = [
                for i in 0..9 do
                    let image = simulation.Image(i).ToArray()
                    let w p = float image[p] - 100.0
                    let total = Seq.sum (Seq.map w [ 0 .. 25_599 ])
                    let x = Seq.sum (Seq.map (fun p -> w p * float (p % 160)) [ 0 .. 25_599 ]) / total
                    x, sqrt (Seq.sum (Seq.map (fun p -> w p * (float (p % 160) - x) ** 2.0) [ 0 .. 25_599 ]) / total)
            ]
            List.averageBy fst moments, List.averageBy snd moments

        let nuclearX, nuclear = widthOf Recoil.Nuclear
        let electronX, electron = widthOf Recoil.Electron
        Assert.InRange(nuclearX, 79.0, 81.0)
        Assert.InRange(electronX, 79.0, 81.0)
        Assert.InRange(nuclear, 5.6, 6.2)
        Assert.InRange(electron, 4.45, 4.95)

    [<Fact>]
    let ``paths give back energy and kind by the exercise's expressions`` () =
        let simulation = RecoilSimulator(Size = 8).SimulateClasses(2, [| 3.0; 30.0 |], 1L)
        Assert.Equal(8, simulation.Count)

        for i in 0..7 do
            let path = "/" + simulation.Paths[i]
            Assert.Equal(simulation.EnergiesKeV[i], float (Text.RegularExpressions.Regex.Match(path, "/([0-9]+)_keV").Groups[1].Value))
            Assert.Equal((if simulation.Kinds[i] = Recoil.Nuclear then "NR" else "ER"),
                         Text.RegularExpressions.Regex.Match(path, "/([NE]R)/").Groups[1].Value)

        Assert.Equal(8, simulation.Paths |> Array.distinct |> Array.length)

    [<Fact>]
    let ``simulated recoils written to the exercise's folders are found and read as they are`` () =
        use folder = new ScratchFolder()
        let simulation = RecoilSimulator(Size = 40).SimulateClasses(2, [| 3.0; 30.0 |], 1L)
        let written = simulation.Write(folder.File "export")
        // data/data/export/*/*/*/*.png
        Assert.All(simulation.Paths, fun path -> Assert.Equal(4, path.Split('/').Length))
        let found = CygnoFiles.Find folder.Path
        Assert.Equal(8, found.Count)

        for file in found do
            let i = Array.IndexOf(written, file.Path)
            Assert.Equal(simulation.EnergiesKeV[i], file.EnergyKeV)
            Assert.Equal((simulation.Kinds[i] = Recoil.Nuclear), file.IsNuclear)
            Assert.Equal<byte[]>(simulation.Image(i).ToArray(), ((Png.Read file.Path).As<byte>()).Values)

        let parsed = CygnoFiles.Parse "10_keV/NR/x.png"
        Assert.Equal((10.0, true), (parsed.EnergyKeV, parsed.IsNuclear))

    [<Fact>]
    let ``the exercise's images go from their folders through its preprocessing into batches`` () =
        use folder = new ScratchFolder()
        RecoilSimulator(Size = 140).SimulateClasses(6, [| 6.0; 30.0 |], 2L).Write(folder.File "export") |> ignore
        let files = CygnoFiles.Find(folder.File "export")
        let recipe = Recipe(ImageStep.Window(60.0, 130.0), ImageStep.CentreCrop(128, 128))

        // Ten files at a time: a whole export has more pixels than memory.
        let rows () =
            seq {
                for chunk in files |> Seq.chunkBySize 10 do
                    let images = recipe.Apply(ImageSet.OfArray(Png.ReadSet(chunk |> Array.map _.Path), "camera"), 0L)

                    CacheRows(
                        [| CacheValues.Tensor("image", NdArray<float32>([| images.Count; 1; 128; 128 |], images.Pixels))
                           CacheValues.Logicals("nuclear", chunk |> Array.map _.IsNuclear)
                           CacheValues.Reals("energy", chunk |> Array.map _.EnergyKeV)
                           CacheValues.Texts("file", chunk |> Array.map _.Path) |]
                    )
            }

        use cache = Cache.GetOrBuild(folder.File "caches", CacheRecipe(string recipe, files |> Seq.map _.Path |> Seq.toArray), rows)
        Assert.Equal(24, cache.Count)
        Assert.Equal(6, (cache.Where "nuclear AND energy = 30").Count)

        for batch in cache.Batches(BatchOptions(BatchSize = 8, Stratify = "nuclear")).Epoch 0 do
            let pixels = batch.View("image").ToArray()
            Assert.All(pixels, fun v -> Assert.InRange(v, 0f, 1f))
            // 100 of 60 to 130 ADU is the background.
            Assert.InRange(Array.average pixels, 0.5f, 0.7f)
            Assert.Equal(4, batch.Rows.ToArray() |> Array.filter (fun row -> (cache.Logicals "nuclear")[row]) |> Array.length)

    [<Fact>]
    let ``a bent track is centred on the image`` () =
        let simulator = RecoilSimulator(Size = 160, BackgroundDeviation = 0.0)
        let simulation = simulator.Simulate(Array.create 20 Recoil.Electron, Array.create 20 30.0, 3L, 0L, CancellationToken.None)

        for i in 0..19 do
            let light = simulation.Image(i).ToArray() |> Array.map (fun v -> float v - 100.0)
            let centre = (light |> Seq.indexed |> Seq.sumBy (fun (p, w) -> w * float (p % 160))) / Array.sum light
            // A walk of twenty steps ends 11 pixels from where it began; its middle stays where the chamber's centre is.
            Assert.InRange(centre, 78.0, 81.0)

    [<Fact>]
    let ``an image does not depend on those before it`` () =
        let simulator = RecoilSimulator(Size = 40)
        let kinds, energies = [| Recoil.Electron; Recoil.Nuclear; Recoil.Electron |], [| 30.0; 6.0; 20.0 |]
        let whole = simulator.Simulate(kinds, energies, 1L, 0L, CancellationToken.None)
        let last = simulator.Simulate(kinds[2..], energies[2..], 1L, 2L, CancellationToken.None)
        Assert.Equal<byte[]>(whole.Image(2).ToArray(), last.Image(0).ToArray())
