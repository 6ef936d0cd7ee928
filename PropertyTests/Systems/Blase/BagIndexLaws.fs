namespace Hybrid.PropertyTests.Systems.Blase

open System
open System.IO
open Hybrid.Data.Formats
open Hybrid.Data.Systems.Blase
open Hybrid.Data.Statistics
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data
open Xunit

module BagIndexLaws =

    let private onSphere (random: SeededRandom) = struct (random.Uniform(0.0, 360.0),
                                                          Math.Asin(random.Uniform(-1.0, 1.0)) * 180.0 / Math.PI)

    [<SeededProperty(MaxTest = 20)>]
    let ``the nearest source within the radius is that of a plain search`` (seed: int) =
        let random = SeededRandom(int64 seed)
        let at = Array.init 200 (fun _ -> onSphere random)
        let index = BagIndex(at |> Array.map (fun (struct (ra, _)) -> ra), at |> Array.map (fun (struct (_, dec)) -> dec),
                             Array.init 200 (fun i -> i % 5))

        Seq.forall (fun _ ->
            let struct (ra, dec) = onSphere random
            let radius = random.Uniform(0.0, 20.0)
            let distances = at |> Array.mapi (fun i (struct (a, d)) -> BagIndex.Separation(ra, dec, a, d), i)
            let expected = distances |> Array.filter (fun (distance, _) -> distance <= radius) |> Array.sort |> Array.map snd
            let bag = if expected.Length = 0 then -1 else expected[0] % 5
            index.Within(ra, dec, radius) = expected && index.Find(ra, dec, radius) = bag) [ 1..20 ]

    [<Fact>]
    let ``positions meet across 0 and 360 degrees and at the pole`` () =
        let index = BagIndex([| 0.02; 120.0 |], [| 10.0; 89.98 |], [| 3; 1 |])
        Assert.Equal(3, index.Find(359.98, 10.0, 0.1))
        // Opposite right ascensions, 0.04 degrees apart over the pole.
        Assert.Equal(1, index.Find(300.0, 89.98, 0.1))
        Assert.Equal(-1, index.Find(0.2, 10.0, 0.1))

    [<Fact>]
    let ``a difference in right ascension shrinks with the cosine of the declination`` () =
        Assert.Equal(0.5, BagIndex.Separation(10.0, 60.0, 11.0, 60.0), 1e-3)
        Assert.Equal(180.0, BagIndex.Separation(0.0, 30.0, 180.0, -30.0), 1e-9)

    [<Fact>]
    let ``an index is read back as it was written; a wrong one is named`` () =
        use folder = new ScratchFolder()
        let path = folder.File "bag_index.npy"
        let index = BagIndex([| 1.0; 2.5 |], [| -3.0; 4.0 |], [| 0; 4 |])
        index.Write path
        let again = BagIndex.Read path
        Assert.Equal<float[]>(index.RightAscension, again.RightAscension)
        Assert.Equal<float[]>(index.Declination, again.Declination)
        Assert.Equal<int[]>(index.Bags, again.Bags)
        Npy.Write(path, NdArray<float>([| 2; 2 |], Array.create 4 1.0))
        let problem = Assert.Throws<InvalidDataException>(fun () -> BagIndex.Read path |> ignore)
        Assert.Equal($"{path}: expected an array of shape (N, 3), right ascension, declination and bag, got (2, 2).", problem.Message)

module LabelledSedTests =

    let private sed (folder: string) (name: string) (flux: string) =
        File.WriteAllText(
            Path.Combine(folder, name),
            "   1  matched source   10.00000   20.00000  99\n Frequency nufnu upper lower start end Catalog Reference\n Hz\n----\n"
            + $" 2.418E+17   {flux}   0.000E+00   0.000E+00  55000.0000  55000.0000  RASS\n 1.0E+14 x 0 0 55000 55000 BAD\n"
        )

    [<Fact>]
    let ``a folder of named SEDs is a training set, and what does not belong is listed`` () =
        use folder = new ScratchFolder()
        let set = Directory.CreateDirectory(folder.File "seds").FullName
        sed set "SED_11.78_227.1623_-49.8840_A" "1.0E-12"
        sed set "SED_15.20_10.0000_20.0000_B" "1.0E-11"
        sed set "SED_15.30_10.0000_20.0000_C" "1.0E-11"
        sed set "SED_16.00_11.0000_20.0000_EMPTY" "0.0E+00"
        sed set "J1234+5678.txt" "1.0E-12"
        sed set "SED_soft_11.0000_20.0000_D" "1.0E-12"
        File.WriteAllText(Path.Combine(set, "notes.txt"), "nothing")
        let bins = SedBins.Version1

        let check (seds: LabelledSeds) =
            Assert.Equal<float[]>([| 11.78; 15.2; 15.3 |], seds.Binned.Labels)
            Assert.Equal<float[]>([| 227.1623; 10.0; 10.0 |], seds.RightAscension)
            // Two observations of one position stay together.
            Assert.Equal(seds.Groups[1], seds.Groups[2])
            Assert.NotEqual<string>(seds.Groups[0], seds.Groups[1])
            Assert.Equal(6, seds.UnreadableLines)
            let reasons = seds.LeftOut |> Seq.map (fun file -> $"{Path.GetFileName file.Path}: {file.Reason}") |> Seq.sort |> Array.ofSeq
            Assert.Equal(4, reasons.Length)
            Assert.StartsWith("J1234+5678.txt: J1234+5678.txt: expected a name such as SED_11.78_", reasons[0])
            Assert.Equal("SED_16.00_11.0000_20.0000_EMPTY: no detection falls into a bin", reasons[1])
            Assert.Equal("SED_soft_11.0000_20.0000_D: SED_soft_11.0000_20.0000_D: expected log10 of the peak frequency in [5, 30] as part \
                2 of the name, got 'soft'.", reasons[2])
            Assert.Equal("notes.txt: line 1: expected 4 header lines, the file ends before", reasons[3])

        let plain = LabelledSeds.Read(set, bins)
        check plain
        let cached () = LabelledSeds.ReadCached(set, bins, folder.File "cache")
        let first = cached ()
        check first
        let again = cached ()
        check again
        Assert.Equal(plain.Fingerprint, again.Fingerprint)
        Assert.Single(Directory.GetDirectories(folder.File "cache")) |> ignore
        // One more file is another set.
        sed set "SED_17.00_11.0000_20.0000_E" "1.0E-12"
        Assert.Equal(4, (cached ()).Count)

    [<Fact>]
    let ``a file of spectra groups a set`` () =
        use folder = new ScratchFolder()
        sed folder.Path "SED_11.78_227.1623_-49.8840_A" "1.0E-12"
        sed folder.Path "SED_15.20_10.0000_20.0000_B" "1.0E-11"
        File.WriteAllText(folder.File LabelledSeds.GroupFile,
                          "file,spectrum\nSED_11.78_227.1623_-49.8840_A,7\nSED_15.20_10.0000_20.0000_B,7\n")
        let seds = LabelledSeds.Read(folder.Path, SedBins.Version1)
        Assert.Equal<string[]>([| "spectrum 7"; "spectrum 7" |], seds.Groups)
        Assert.Empty seds.LeftOut

    [<Fact>]
    let ``a folder without SEDs says so`` () =
        use folder = new ScratchFolder()
        File.WriteAllText(folder.File "notes.txt", "nothing")
        let problem = Assert.Throws<InvalidDataException>(fun () -> LabelledSeds.Read(folder.Path, SedBins.Version1) |> ignore)
        Assert.StartsWith($"{folder.Path}: expected SEDs named like SED_11.78_227.1623_-49.8840_NAME, found none. The first of 1 left out:",
                          problem.Message)

    [<SeededProperty>]
    let ``binning ignores the order of points, and a mask is where a bin is filled`` (seed: int) =
        let random = SeededRandom(int64 seed)
        let n = random.Next 60
        let frequency = Array.init n (fun _ -> random.Uniform(7.0, 27.0))
        let flux = Array.init n (fun _ -> random.Uniform(-16.0, -9.0))
        let order = random.Permutation n
        let bins = SedBins.Version1
        let one = bins.Bin(ReadOnlySpan frequency, ReadOnlySpan flux)
        let other = bins.Bin(ReadOnlySpan(order |> Array.map (fun i -> frequency[i])), ReadOnlySpan(order |> Array.map (fun i -> flux[i])))
        let mask = SedBins.Mask(ReadOnlySpan one)

        Array.forall2 (fun (a: float) b -> abs (a - b) < 1e-12) one other
        && Seq.forall (fun b -> (mask[b] = 1.0) = (frequency |> Array.exists (fun f -> f >= bins.Starts[b] && f <= bins.Ends[b]))) [ 0..25 ]
