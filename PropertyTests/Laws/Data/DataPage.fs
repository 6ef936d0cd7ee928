/// docs/data.md: its F# examples stand here word for word and are run; a test compares the two.
[<Xunit.Collection "figures">]
module Hybrid.PropertyTests.Laws.Data.DataPage

open System
open System.Text.RegularExpressions
open Hybrid.Data.Cache
open Hybrid.Data.Figures
open Hybrid.Data.Formats
open Hybrid.Data.Images
open Hybrid.Data.Lensing
open Hybrid.Data.Systems.Cygno
open Hybrid.Data.Systems.Imnn
open Hybrid.Data.Systems.LensFinding
open Hybrid.Data.Splits
open Hybrid.PropertyTests.Laws.Data.Figures
open Xunit

let private repository =
    let rec up (folder: IO.DirectoryInfo | null) =
        match folder with
        | null -> failwith "no Hybrid.sln above the test program"
        | found when IO.File.Exists(IO.Path.Combine(found.FullName, "Hybrid.sln")) -> found.FullName
        | other -> up other.Parent

    up (IO.DirectoryInfo AppContext.BaseDirectory)

/// Lines without indentation and blank ones: what an example is, wherever it stands.
let private bare (text: string) =
    text.Split('\n') |> Array.map _.Trim() |> Array.filter ((<>) "") |> String.concat "\n"

[<Fact>]
let ``the page's F# examples are the code of these tests`` () =
    let read (parts: string list) = IO.File.ReadAllText(IO.Path.Combine(List.toArray (repository :: parts)))
    let source = bare (read [ "PropertyTests"; "Laws"; "Data"; "DataPage.fs" ])
    let blocks = Regex.Matches(read [ "docs"; "data.md" ], "^```fsharp\n(.*?)\n```$", RegexOptions.Multiline ||| RegexOptions.Singleline)
    Assert.True(blocks.Count >= 6, $"docs/data.md has {blocks.Count} F# examples")

    for block in blocks do
        Assert.Contains(bare block.Groups[1].Value, source)

[<Fact>]
let ``files, recipe, split, cache, batches and figures of the page work one after another`` () =
    Drawing.require ()
    use scratch = new ScratchFolder()
    let folder = scratch.Path

    let paths =
        [| for i in 0..19 ->
               let path = scratch.File $"{i}.fits"
               let random = Random i
               let pixels = NdArray<float32>([| 32; 32 |], Array.init 1024 (fun _ -> random.NextSingle()))
               Fits.WriteImage(path, FitsImage(pixels, [| FitsKeyword.OfReal("EXPTIME", 90.0, "s") |]))
               path |]

    // One image in its own type: BSCALE, BZERO and BLANK applied, extensions and tile compression understood.
    let image = Fits.ReadImage(paths[0])
    let exposure = image.Keywords |> Seq.find (fun k -> k.Name = "EXPTIME")

    // Many, in parallel, into one float array (files, rows, columns).
    let set = FitsSet.Load(paths, FitsSetOptions(ExpectedShape = [| 32; 32 |], Broken = BrokenFilePolicy.LeaveOut))
    let reasons = set.Broken |> Seq.map string // path and reason of each file left out

    Assert.Equal(90.0, exposure.Real)
    Assert.Empty reasons

    let images = ImageSet.OfArray(set.Pixels, "g")

    let preprocessing =
        Recipe(
            ImageStep.ReplaceMarked(100f, 0f), // masked pixels of the challenges
            ImageStep.ClipPercentiles([| 0.5 |], [| 99.6 |]),
            ImageStep.MinMaxPerImage()
        )

    let ready = preprocessing.Apply(images, 1L)
    let strong = Recipe.LensFinderStrong().Apply(ready, 1L) // AdaMatch's strong augmentation

    Assert.Equal("replaceMarked(100, 0) → clipPercentiles([0.5], [99.6]) → minMaxPerImage()", string preprocessing)
    Assert.Equal(20, strong.Count)

    let labels = Array.init ready.Count (fun i -> i % 2)
    let split = Splits.Stratified(labels, 0.25, 0.1, 42L)

    // The same image under two names, in two sets: an error with the places.
    let hashes (rows: int[]) = rows |> Array.map (fun i -> LeakCheck.Hash(ready.Image i))
    LeakCheck.Require("train", hashes split.Train, "test", hashes split.Test)

    let rows () =
        seq {
            CacheRows(
                [| CacheValues.Tensor("image", NdArray<float32>([| ready.Count; 1; 32; 32 |], ready.Pixels))
                   CacheValues.Integers("label", labels |> Array.map int64)
                   CacheValues.Reals("energy", labels |> Array.map float) |]
            )
        }

    use cache = Cache.GetOrBuild(folder, CacheRecipe(string preprocessing, paths), rows)
    let bright = cache.Where "label = 1 AND energy < 5" // SQL over the columns
    let batches = bright.Batches(BatchOptions(BatchSize = 4, Seed = 3))

    for batch in batches.Epoch 0 do
        let pixels = Array.zeroCreate<float32> (batch.Length "image")
        batch.Fill("image", Span pixels)

    Assert.Equal(10, bright.Count)
    Assert.Equal<int>([ 4; 4; 2 ], batches.Plan 0 |> Array.map _.Length)

    let edges = HistogramFigure.Edges(0.0, 1.0, 20)
    let values = ready.Pixels |> Array.map float
    let histogram = HistogramFigure().Build("Pixels", "scaled flux", edges, HistogramSeries("all", values))
    FigureRenderer.WriteSvg(histogram, IO.Path.Combine(folder, "pixels.svg"))
    Report("Pixels").AddKeyNumber("images", string ready.Count, "").AddFigure(histogram).Write(IO.Path.Combine(folder, "report.html"))

    Assert.Contains("scaled flux", IO.File.ReadAllText(scratch.File "pixels.svg"))
    Assert.Contains("scaled flux", IO.File.ReadAllText(scratch.File "report.html"))

[<Fact>]
let ``the page's simulators simulate`` () =
    use scratch = new ScratchFolder()
    let folder = scratch.Path
    let catalogue = [| "# a forecast of one lens"; "0.4 1.5 1.2 230 0.8 0.9 21 20 19.5 0.1 0.05 0.7 30 0.3 25 24 23.5 4 1 1 1 1 1 1 1" |]

    // DES-like lenses in g, r, i; image 1000 is the same whatever is drawn before it.
    let lenses = LensPopSimulator(LensPopCatalogue.Parse("lenses.txt", catalogue), LensPopOptions(LensFraction = 0.5)).Simulate(8, 1L)
    let thetaE = lenses.Targets // arcsec, 0 without a lens

    // Dark-matter substructure as DeepLenseSim draws it: none, subhaloes, a vortex.
    let deepLense = DeepLenseSimulator(DeepLenseOptions(Model = DeepLenseModel.II)).Simulate(4, 1L)

    // Camera images of recoils, written in the exercise's folders.
    let recoils = RecoilSimulator(Size = 128).SimulateClasses(2, [| 6.0; 30.0 |], 1L)
    let written = recoils.Write(IO.Path.Combine(folder, "export"))

    // Data whose Fisher information is known.
    let problem = GaussianProblem 10
    let data = problem.Simulate(0.0, 1.0, 1L, 1000)

    Assert.All(thetaE, fun t -> Assert.Contains(t, [ 0.0; 1.2 ]))
    Assert.Equal(4, deepLense.Images.Count)
    Assert.Equal(8, written.Length)
    Assert.All(written, fun path -> Assert.True(IO.File.Exists path))
    Assert.Equal(10_000, data.Length)
