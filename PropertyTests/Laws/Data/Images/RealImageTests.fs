namespace Hybrid.PropertyTests.Laws.Data.Images

open System
open Hybrid.Data.Formats
open Hybrid.Data.Images
open Hybrid.Data.Simulators
open Hybrid.Data.Splits
open Hybrid.PropertyTests.Laws.Data
open Xunit

module RealImageTests =

    let private ground id =
        let bands = [ "R", 1; "I", 2; "G", 3; "U", 4 ]

        let planes =
            [| for band, number in bands do
                   use file = FitsFile.Open(SharedData.path $"lens/challenge1/samples/ground_based/nolens/Band{number}/imageSDSS_{band}-{id}.fits")
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
    let ``real galaxies, PSFs and sources make quasi-real lenses`` () =
        let real = DesGalaxies.Read(SharedData.path "lens/des_real")
        Assert.Equal(10, real.Galaxies.Count)
        Assert.Equal(9, real.Sources.Count)

        for galaxy in real.Galaxies do
            Assert.InRange(galaxy.AxisRatio, 0.4, 1.0)
            Assert.InRange(galaxy.ThetaE, 0.5, 5.0)

        let simulator = real.Simulator()
        simulator.LensFraction <- 0.5
        let simulation = simulator.Simulate(12, 4L)
        Assert.Equal(2, simulation.Labels |> Array.distinct |> Array.length)
        Assert.All(simulation.Images.Pixels, fun v -> Assert.True(Single.IsFinite v))

        for i in 0..11 do
            let galaxy = real.Galaxies[int simulation.Parameters[i].[7]]
            let arc = Seq.sum (Seq.map2 (fun (a: float32) (b: float32) -> float (a - b)) (simulation.Images.Plane(i, 1).ToArray()) galaxy.Stamps[1])

            if simulation.Labels[i] = 1 then
                let source = real.Sources[int simulation.Parameters[i].[8]]
                // At least doubled by the lens, seen whole inside a stamp of 13″.
                Assert.InRange(arc / 10.0 ** (0.4 * (30.0 - source.Magnitudes[1])), 1.5, 300.0)
            else
                Assert.Equal(0.0, arc, 0.5)
