namespace Hybrid.PropertyTests.Systems.Blase

open System
open System.IO
open System.Text.Json
open Xunit
open FsCheck
open Hybrid.Data.Formats
open Hybrid.Data.Systems.Blase
open Hybrid.Data.Statistics
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

module SedPreprocessingLaws =

    let private bins = SedBins([| 8.0; 9.0; 12.0 |], [| 9.0; 10.0; 13.0 |])

    [<Fact>]
    let ``a bin holds the mean of its points, edges included, and 0 when empty`` () =
        let binned = bins.Bin(ReadOnlySpan [| 8.5; 9.0; 10.0; 11.0 |], ReadOnlySpan [| -12.0; -10.0; -14.0; -1.0 |])
        // 9.0 is the end of the first and the start of the second; 11.0 lies in the gap.
        Assert.Equal<float[]>([| -11.0; -12.0; 0.0 |], binned)
        Assert.Equal<float[]>([| 1.0; 1.0; 0.0 |], SedBins.Mask(ReadOnlySpan binned))

    [<Fact>]
    let ``real SEDs fall into the bins that version 1 gives them`` () =
        let bins = SedBins.Read(SharedData.path "blase/bins.txt")
        Assert.Equal(26, bins.Count)
        use oracle = JsonDocument.Parse(File.ReadAllText(SharedData.path "seds/oracle.json"))
        let mutable compared = 0

        for result in oracle.RootElement.GetProperty("results").EnumerateObject() do
            let sed = SedFile.Read(SharedData.path ("seds/" + result.Name))
            let points = sed.Detections()
            let binned = bins.Bin(ReadOnlySpan(points |> Array.map (fun p -> log10 p.FrequencyHz)),
                                  ReadOnlySpan(points |> Array.map (fun p -> log10 p.Flux)))

            match result.Value.TryGetProperty "bins_v1" with
            | true, expected ->
                Seq.iteri2 (fun i (e: JsonElement) (a: float) -> Assert.True(abs (e.GetDouble() - a) < 1e-9, $"{result.Name}, bin {i}: \
                    expected {e.GetDouble()}, got {a}.")) (expected.EnumerateArray()) binned
                compared <- compared + 1
            | _ -> ()

        Assert.True(compared >= 3, $"expected at least three SEDs with bins, got {compared}.")

    [<Fact>]
    let ``a bins file with a wrong row names its line`` () =
        use folder = new ScratchFolder()
        let path = folder.File "bins.txt"
        File.WriteAllText(path, "6.9 8.3\n8.3\n")
        let problem = Assert.Throws<InvalidDataException>(fun () -> SedBins.Read path |> ignore)
        Assert.Equal($"{path}, line 2: expected two numbers, start and end of a bin, got 1.", problem.Message)

    [<Fact>]
    let ``bins that overlap are refused`` () =
        let problem = Assert.Throws<ArgumentException>(fun () -> SedBins([| 8.0; 8.5 |], [| 9.0; 10.0 |]) |> ignore)
        Assert.StartsWith("SedBins, bin 1: expected a start below the end and not below the end before, got 8.5 to 10.", problem.Message)

    let private random seds seed =
        let random = SeededRandom(int64 (seed: int))
        BinnedSeds(
            Array.init seds (fun _ ->
                Array.init 26 (fun b -> if random.Chance(0.3 + 0.6 * float b / 26.0) then random.Uniform(-14.0, -9.0) else 0.0)),
            Array.init seds (fun _ -> random.Uniform(12.0, 18.0))
        )

    let private edges = [| for i in 0..6 -> 12.0 + float i |]

    [<SeededProperty(MaxTest = 10)>]
    let ``over-sampling fills every label bin to its size with thinned copies of its own SEDs`` (seed: int) =
        let seds = random 60 seed
        let grown = SedAugmentation.OverSample(seds, edges, 90, 15, 4.0, 0, int64 seed)
        let place label = int (ceil (label - 12.0)) - 1
        let originals = seds.Labels |> Array.countBy place |> Map.ofArray

        // A copy keeps its source's label, so the label finds the source.
        let source = Array.zip seds.Labels seds.Rows |> Map.ofArray

        (grown.Labels |> Array.countBy place |> Array.forall (fun (bin, n) -> n = 90 && originals.ContainsKey bin))
        && grown.Count = 90 * originals.Count
        && Array.forall2 (fun (row: float[]) label ->
               let whole = source[label]
               let deleted = Array.zip row whole |> Seq.filter (fun (a, b) -> a <> b) |> Seq.length
               Array.forall2 (fun a b -> a = b || a = 0.0) row whole && deleted <= 15) grown.Rows grown.Labels
        && seds.Rows |> Array.forall (fun row -> Array.contains row grown.Rows)

    [<Fact>]
    let ``bins filled often at a label are deleted first`` () =
        let rows = Array.init 40 (fun i -> [| -12.0; -12.0; (if i < 4 then -12.0 else 0.0); -12.0; -12.0; -12.0 |])
        let seds = BinnedSeds(rows, Array.create 40 12.5)
        let grown = SedAugmentation.OverSample(seds, [| 12.0; 13.0 |], 1000, 1, 4.0, 0, 1L)
        let deleted column = grown.Rows |> Seq.skip 40 |> Seq.filter (fun row -> row[column] = 0.0) |> Seq.length
        // Without its own deletions column 2 is empty in 90 % of the rows; hist⁴ deletes it 10⁴ times more rarely than a full column.
        Assert.InRange(deleted 0, 140, 250)
        Assert.InRange(deleted 2, 820, 910)

    [<Fact>]
    let ``rows with too few filled bins are left out`` () =
        let seds = BinnedSeds([| Array.create 26 -12.0; Array.init 26 (fun b -> if b < 4 then -12.0 else 0.0) |], [| 12.5; 12.6 |])
        let grown = SedAugmentation.OverSample(seds, edges, 90, 15, 4.0, 5, 1L)
        Assert.All(grown.Rows, fun row -> Assert.True((row |> Seq.filter (fun v -> v <> 0.0) |> Seq.length) >= 5))
        Assert.DoesNotContain(12.6, grown.Labels)

    [<Fact>]
    let ``a label bin larger than the target is named`` () =
        let augment () = SedAugmentation.OverSample(random 100 1, [| 12.0; 18.0 |], 90, 15, 4.0, 5, 1L) |> ignore
        let problem = Assert.Throws<ArgumentException> augment
        Assert.StartsWith("SedAugmentation.OverSample: label bin 0 (12 to 18) holds 100 SEDs, binSize is 90.", problem.Message)

    [<SeededProperty(MaxTest = 20)>]
    let ``where fuller label bins are kept they are the originals alone`` (seed: int) (size: byte) =
        let seds, size = random 60 seed, 1 + int size % 20
        let grown = SedAugmentation.OverSample(seds, edges, size, 15, 4.0, 0, int64 seed, keepFuller = true)
        let place label = int (ceil (label - 12.0)) - 1
        let counts (labels: float[]) = labels |> Array.countBy place |> Map.ofArray

        counts grown.Labels = (counts seds.Labels |> Map.map (fun _ n -> max n size))
        && seds.Rows |> Array.forall (fun row -> Array.contains row grown.Rows)

    [<SeededProperty(MaxTest = 20)>]
    let ``thinned copies follow the originals`` (seed: int) =
        let seds = random 30 seed
        let grown = SedAugmentation.Thin(seds, [| 7; 12; 17; 22; 27 |], 8, int64 seed)

        Array.take 30 grown.Rows = seds.Rows
        && grown.Count <= 180
        && grown.Rows |> Seq.skip 30 |> Seq.forall (fun row -> (row |> Seq.filter (fun v -> v <> 0.0) |> Seq.length) >= 8)

    [<SeededProperty(MaxTest = 20)>]
    let ``scaled bins have mean 0 and deviation 1 over the filled values, and carry their mask`` (seed: int) =
        let seds = random 50 seed
        let scaling = SedScaling.Fit seds
        let scaled = scaling.Scale seds

        Seq.forall (fun b ->
            let filled = [| for i in 0..49 do if scaled[i * 52 + 26 + b] = 1f then float scaled[i * 52 + b] |]
            let empty = [| for i in 0..49 do if scaled[i * 52 + 26 + b] = 0f then scaled[i * 52 + b] |]
            let mean = Array.average filled
            let variance = Array.averageBy (fun v -> (v - mean) ** 2.0) filled
            abs mean < 1e-5 && (filled.Length = 1 || abs (variance - 1.0) < 1e-5) && Array.forall ((=) 0f) empty) [ 0..25 ]
        && seds.Labels |> Array.forall (fun label -> abs (scaling.UnscaleLabel(scaling.ScaleLabel label) - label) < 1e-12)

    [<Fact>]
    let ``inverse-density weights are scipy's`` () =
        // w = 1/scipy.stats.gaussian_kde(x)(x); w/w.max() with x = [12, 12.5, 13, 13.2, 17]
        let weights = SedAugmentation.InverseDensityWeights [| 12.0; 12.5; 13.0; 13.2; 17.0 |]
        Array.iter2 (fun (e: float) a -> Assert.Equal(e, a, 1e-6)) [| 0.30907429364596245; 0.2810955671662224; 0.284114520721088;
                                                                      0.29369948179435923; 1.0 |] weights
