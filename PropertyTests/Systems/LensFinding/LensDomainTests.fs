namespace Hybrid.PropertyTests.Systems.LensFinding

open System
open System.IO
open System.Threading
open Xunit
open Hybrid.Data.Cache
open Hybrid.Data.Images
open Hybrid.Data.Lensing
open Hybrid.Data.Statistics
open Hybrid.Data.Systems.LensFinding
open Hybrid.Models.Systems.LensFinding
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

/// The domains of lens finding, and what a comparison of methods says.
module LensDomainTests =

    let private psf = PointSpread.Gaussian(0.9, 0.263, 5.0)
    let private blob = Array.init (41 * 41) (fun i -> float32 (exp (-(float (i / 41 - 20) ** 2.0 + float (i % 41 - 20) ** 2.0) / 18.0)))
    let private source name = RealSource(name, blob, 41, 41, 0.03, [| 23.5; 23.0; 22.8 |])

    let private galaxy (name: string) =
        let random = SeededRandom(int64 (hash name))
        let stamp _ = Array.init (40 * 40) (fun _ -> float32 (3.0 * random.NextNormal()))
        RealGalaxy(name, Array.init 3 stamp, 40, 40, Array.create 3 psf, 30.0, 0.4, 1.2, 0.8, 0.3)

    let private forecast =
        [| for i in 0..4 ->
               $"0.4 1.5 1.{i} 230 0.8 0.9 21 20 19.5 0.1 0.05 0.7 30 0.3 23 22.5 22.2 4 1 1 1 1 1 1 1" |]

    let private domains fold =
        LensDomains(LensPopCatalogue.Parse("lenses.txt", forecast), Array.init 6 (fun i -> galaxy $"g{i}"),
                    Array.init 3 (fun i -> source $"s{i}"),
                    LensDomainOptions(Size = 32, SourceCount = 20, TargetCount = 24, TestCount = 18, Fold = fold))

    let private cache (folder: ScratchFolder) (domains: LensDomains) part =
        domains.Cache(folder.Path, part, LensDomains.Preprocessing, null, CancellationToken.None)

    [<Fact>]
    let ``parts are cached in the unit interval with what is true of them, and share nothing`` () =
        use folder = new ScratchFolder()
        let domains = domains 1
        use source = cache folder domains LensPart.Source
        use target = cache folder domains LensPart.Target
        use test = cache folder domains LensPart.Test
        Assert.Equal((20, 24, 18), (source.Count, target.Count, test.Count))
        let image = Array.zeroCreate<float32> (3 * 32 * 32)

        for part in [ source; target; test ] do
            for row in 0 .. part.Count - 1 do
                part.ReadTensors("image", ReadOnlySpan [| row |], Span image)
                let low, high = Array.min image, Array.max image
                Assert.True(low >= 0f && high <= 1f && high > 0.1f, $"{low} to {high}")

            for label, theta, kind in Array.zip3 (part.Integers "label") (part.Reals "theta_e") (part.Integers "non_lens") do
                Assert.Equal((label = 1L), (theta > 0.0))
                Assert.Equal((label = 1L), (kind = -1L))

        Assert.All(source.Integers "galaxy", fun g -> Assert.Equal(-1L, g))
        let galaxies (part: Cache) = part.Integers "galaxy" |> Set.ofArray
        Assert.Empty(Set.intersect (galaxies target) (galaxies test))
        Assert.Equal("leak check: no image, test galaxy or test source in two of source 20, target 24, test 18",
                     LensDomains.RequireNoLeak [| struct ("source", source); struct ("target", target); struct ("test", test) |])

        // The same part is found again; another fold's is another.
        use again = cache folder domains LensPart.Target
        Assert.Equal(target.Folder, again.Folder)

    [<Fact>]
    let ``planted leaks are found`` () =
        use folder = new ScratchFolder()
        let first, second = domains 0, domains 1
        use target = cache folder first LensPart.Target
        use test = cache folder second LensPart.Test
        // Another fold's test galaxies are among those that this one adapts on.
        let shared = Assert.Throws<InvalidDataException>(fun () ->
            LensDomains.RequireNoLeak [| struct ("target", target); struct ("test", test) |] |> ignore)
        Assert.Matches(@"^test: galaxy \d is also in target\. Split by galaxy and source\.$", shared.Message)
        let twice = Assert.ThrowsAny<Exception>(fun () ->
            LensDomains.RequireNoLeak [| struct ("source", test); struct ("test", test) |] |> ignore)
        Assert.Contains("source", twice.Message)

    [<Fact>]
    let ``folds, counts and bands that do not exist are refused`` () =
        let make (options: LensDomainOptions) =
            (Assert.Throws<ArgumentException>(fun () ->
                LensDomains(LensPopCatalogue.Parse("lenses.txt", forecast), Array.init 6 (fun i -> galaxy $"g{i}"),
                            Array.init 3 (fun i -> source $"s{i}"), options) |> ignore)).Message
        Assert.StartsWith("LensDomains: expected a fold in [0, 2], got 3.", make (LensDomainOptions(Size = 32, Fold = 3)))
        Assert.StartsWith("LensDomains: expected at least two test images, got 1.", make (LensDomainOptions(Size = 32, TestCount = 1)))

    /// Scores of three galaxies' images: `quality` is how far lenses stand above others.
    let private run (method: LensFindingMethod) (seed: int64) (quality: float) (offset: float) =
        let random = SeededRandom.For(seed, 7L)
        let isLens = Array.init 120 (fun i -> i % 2 = 0)
        let score = isLens |> Array.map (fun lens -> (if lens then quality else -quality) + offset + random.NextNormal())
        let galaxy = Array.init 120 (fun i -> i % 12)
        let scores = LensScores(isLens, score, galaxy, isLens |> Array.map (fun lens -> if lens then -1 else 0),
                                isLens |> Array.map (fun lens -> if lens then 1.0 else 0.0))
        LensRun(method, 0, seed, scores)

    [<Fact>]
    let ``a comparison pairs methods with the baseline, closes the gap, and names what did not run`` () =
        let runs =
            [| for seed in 1L .. 3L do
                   run LensFindingMethod.SourceOnly seed 0.5 1.0
                   run LensFindingMethod.AdaMatch seed 1.0 0.0
                   run LensFindingMethod.Supervised seed 2.0 0.0 |]
        let asked = [| LensFindingMethod.SourceOnly; LensFindingMethod.Mmd; LensFindingMethod.AdaMatch; LensFindingMethod.Supervised |]
        let comparison = LensComparison.Of(runs, asked, 300)
        Assert.Equal((120, 12), (comparison.TestImages, comparison.TestGalaxies))
        let row name = comparison.Rows |> Seq.find (fun row -> row.Method = name)
        Assert.Equal(0, (row "mmd").Runs)
        Assert.Null((row "source-only").AucGain)
        let gain = nonNull (row "adamatch").AucGain
        Assert.Equal((row "adamatch").Auc - (row "source-only").Auc, gain.Value, 1e-9)
        Assert.True(gain.Low > 0.0 && gain.Low < gain.Value && gain.Value < gain.High, $"{gain}")
        let accuracy name = (row name).BalancedAccuracy
        let closed = (accuracy "adamatch" - accuracy "source-only") / (accuracy "supervised" - accuracy "source-only")
        Assert.Equal(closed, (row "adamatch").GapClosed.Value, 1e-9)
        Assert.Matches(@"^AUROC source-only 0\.\d{3}, best adamatch 0\.\d{3} \(\+0\.\d{3}, 95 % interval 0\.\d{3} to 0\.\d{3}\), "
                       + @"supervised (0\.\d{3}|1\.000); balanced accuracy 0\.\d\d, 0\.\d\d, (0\.\d\d|1\.00)$", comparison.LastLine)

        // A comparison of a method with itself finds no gain at all.
        let same = LensComparison.Of([| runs[0]; LensRun(LensFindingMethod.Mmd, 0, 1L, runs[0].Scores) |], asked, 100)
        let none = nonNull (same.Rows |> Seq.find (fun row -> row.Method = "mmd")).AucGain
        Assert.Equal((0.0, 0.0, 0.0), (none.Value, none.Low, none.High))

    [<Fact>]
    let ``methods have names that are read back, and unknown ones are refused with the list`` () =
        for method in LensFindingMethods.All do
            Assert.Equal(method, LensFindingMethods.Named(LensFindingMethods.NameOf method))

        let message = (Assert.Throws<ArgumentException>(fun () -> LensFindingMethods.Named "magic" |> ignore)).Message
        Assert.StartsWith("method: expected one of source-only, adabn, mmd, coral, dann, wdgrl, adda, self-ensembling, adamatch, \
            supervised, got 'magic'.", message)
