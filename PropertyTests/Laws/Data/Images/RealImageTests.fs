namespace Hybrid.PropertyTests.Laws.Data.Images

open System
open Hybrid.Data.Formats
open Hybrid.Data.Images
open Hybrid.Data.Systems.EinsteinRadius
open Hybrid.Data.Lensing
open Hybrid.Data.Splits
open Hybrid.PropertyTests.Laws.Data
open Xunit

module RealImageTests =

    let private ground id =
        let bands = [ "R", 1; "I", 2; "G", 3; "U", 4 ]

        let planes =
            [| for band, number in bands do
                   let name = $"Band{number}/imageSDSS_{band}-{id}.fits"
                   use file = FitsFile.Open(SharedData.path $"lens/challenge1/samples/ground_based/nolens/{name}")
                   file.ReadImage().Pixels.ToSingles() |]

        ImageSet(Array.concat planes, [| for band, _ in bands -> band |], 101, 101)

    [<Fact>]
    let ``the challenge's image with copied bands is found out`` () =
        let found = BandStatistics.FindDuplicateBands(ground 100013) |> Array.map string
        Assert.Equal<string[]>([| "image 0: bands R and U are identical"; "image 0: bands I and G are identical" |], found)
        Assert.Empty(BandStatistics.FindDuplicateBands(ground 100004))

    [<Fact>]
    let ``masked pixels of exactly 100 become 0 and nothing else changes`` () =
        let images = ImageSet.Concatenate [| for id in [ 100004; 100008; 100010; 100012; 100013; 100020 ] -> ground id |]
        let replaced = Intensity.ReplaceMarked(images, 100f, 0f)
        let masked = images.Pixels |> Seq.filter ((=) 100f) |> Seq.length
        Assert.True(masked > 0, "expected masked pixels in the challenge's images")
        Assert.DoesNotContain(100f, replaced.Pixels)
        Assert.Equal(masked, Seq.map2 (fun (a: float32) b -> if a = b then 0 else 1) images.Pixels replaced.Pixels |> Seq.sum)

    [<Fact>]
    let ``real images of two sets are compared by content`` () =
        let hashes ids = ids |> Array.map (fun id -> LeakCheck.Hash((ground id).Image 0))
        let leaks = LeakCheck.Find(hashes [| 100004; 100008 |], hashes [| 100010; 100008; 100012 |])
        Assert.Equal(1, leaks.Length)
        Assert.Equal((1, 1), (leaks[0].First, leaks[0].Second))

    [<Fact>]
    let ``a challenge's lenses become a data set with their radii, and broken files are left out with their ids`` () =
        let challenge = LensChallenge.Open(SharedData.path "lens/challenge1/samples/space_based",
                                           SharedData.path "lens/challenge1/classifications.csv", null)
        let chosen = challenge.Select(LensSelection(LargestThetaE = 5.0, SourcePixels = 0.0))
        let data = LensDataset.Load("Challenge1", challenge, chosen, FitsSetOptions())
        Assert.Equal(8, data.Inputs.Count)
        Assert.Equal<string[]>([| "EUC_VIS" |], data.Inputs.Bands)
        Assert.Equal(4.416, data.Outputs[Array.IndexOf(data.SampleIds, "100003")], 1e-3)
        Assert.StartsWith("Challenge1\ninputs  (8, 1, 101, 101) float32, bands EUC_VIS", data.Describe())
        use folder = new ScratchFolder()

        for i, item in Seq.indexed chosen do
            let target = folder.File(nonNull (IO.Path.GetFileName item.Files[0]))
            if i = 2 then IO.File.WriteAllText(target, "SIMPLE") else IO.File.Copy(item.Files[0], target)

        let copy = LensChallenge.Open(folder.Path, SharedData.path "lens/challenge1/classifications.csv", null)
        let rest = LensDataset.Load("copy", copy, copy.Objects, FitsSetOptions(Broken = BrokenFilePolicy.LeaveOut))
        Assert.Equal<string[]>([| for i, id in Seq.indexed data.SampleIds do if i <> 2 then id |], rest.SampleIds)
        Assert.Equal<float[]>([| for i, t in Seq.indexed data.Outputs do if i <> 2 then t |], rest.Outputs)

    [<Fact>]
    let ``DES fields become lenses and non-lenses`` () =
        let fields = DesFields.Read(SharedData.path "lens/des_fields")
        Assert.Equal(46, fields.Images.Count)
        Assert.Equal("g r i z Y", String.Join(' ', fields.Images.Bands))
        Assert.Equal(196.737, fields.VelocityDispersions[0])
        // The cube's own pixel: field 7, band i, row 40, column 50.
        let cube = Fits.ReadImage(SharedData.path "lens/des_fields/i.fits").Pixels.ToSingles()
        Assert.Equal(cube[(7 * 91 + 40) * 91 + 50], fields.Images.Plane(7, 2)[40 * 91 + 50])
        let galaxies = fields.Galaxies([| "g"; "r"; "i" |], 45, 0.4, 2.0)
        // 4π (σ/c)² D_LS/D_S of 196.7 km/s: 0.81″ at D_LS/D_S = 0.73.
        Assert.InRange(galaxies[0].ThetaE, 0.7, 0.9)
        let real = DesGalaxies.Read(SharedData.path "lens/des_real")
        let simulation = QuasiRealSimulator(galaxies, Seq.toArray real.Sources, DesGalaxies.Bands, DesGalaxies.PixelScale,
                                            LensFraction = 0.5).Simulate(8, 3L)
        Assert.Equal("8 images of g r i, 45 × 45", string simulation.Images)
        Assert.Equal(2, simulation.Labels |> Array.distinct |> Array.length)
        Assert.All(simulation.Images.Pixels, fun v -> Assert.True(Single.IsFinite v))
        // Non-lenses by turns, flips and crops of the whole fields.
        let varied = Recipe(ImageStep.RandomDihedral(), ImageStep.RandomCrop(64, 64)).Apply(fields.Images, 5L)
        Assert.Equal("46 images of g r i z Y, 64 × 64", string varied)

    [<Fact>]
    let ``folders of npy images load together, and what does not belong there is named`` () =
        let paths = [| for name in [ "axion"; "cdm"; "nosub" ] -> SharedData.path $"lens/deeplense/{name}.npy" |]
        let set = NpySet.Load paths
        Assert.Equal<int>([ 3; 64; 64 ], set.Pixels.Shape)

        for i in 0..2 do
            Assert.Equal<float32[]>((Npy.Read paths[i]).ToSingles(), set.Pixels.Values[i * 4096 .. (i + 1) * 4096 - 1])

        use folder = new ScratchFolder()
        let small = folder.File "small.npy"
        Npy.Write(small, NdArray<float32>([| 2; 3 |], Array.zeroCreate 6))
        let all = [| paths[0]; small; folder.File "none.npy"; paths[2] |]
        let rest = NpySet.Load(all, null, BrokenFilePolicy.LeaveOut, 2)
        Assert.Equal<int>([ 0; 3 ], rest.Indices)
        Assert.Equal<float32[]>(set.Pixels.Values[8192..], rest.Pixels.Values[4096..])
        Assert.Equal($"{small}: expected an array of shape (64, 64), got (2, 3)", string rest.Broken[0])
        let e = Assert.Throws<BrokenFilesException>(fun () -> NpySet.Load all |> ignore)
        Assert.StartsWith("2 of 4 images cannot be read:", e.Message)

    [<Fact>]
    let ``real galaxies, PSFs and sources make quasi-real lenses`` () =
        let real = DesGalaxies.Read(SharedData.path "lens/des_real")
        Assert.Equal(10, real.Galaxies.Count)
        Assert.Equal(9, real.Sources.Count)

        for galaxy in real.Galaxies do
            Assert.InRange(galaxy.AxisRatio, 0.4, 1.0)
            Assert.InRange(galaxy.ThetaE, 0.5, 5.0)

        let simulator = real.Simulator()
        simulator.ImpostorShare <- 0.0
        let simulation = simulator.Simulate(12, 4L)
        Assert.Equal(2, simulation.Labels |> Array.distinct |> Array.length)
        Assert.All(simulation.Images.Pixels, fun v -> Assert.True(Single.IsFinite v))

        for i in 0..11 do
            let galaxy = real.Galaxies[int simulation.Parameters[i].[7]]
            let drawn = simulation.Images.Plane(i, 1).ToArray()
            let arc = Seq.sumBy float drawn - Seq.sumBy float galaxy.Stamps[1]

            if simulation.Labels[i] = 1 then
                let source = real.Sources[int simulation.Parameters[i].[8]]
                // At least doubled by the lens, seen whole inside a stamp of 13″.
                Assert.InRange(arc / 10.0 ** (0.4 * (30.0 - source.Magnitudes[1])), 1.5, 300.0)
            else
                Assert.Equal(0.0, arc, 0.5)
