namespace Hybrid.PropertyTests.Systems.LensFinding

open System
open System.Threading
open Xunit
open Hybrid.Data.Systems.LensFinding
open Hybrid.Models.Systems.LensFinding
open Hybrid.PropertyTests.Laws.Data

/// Three classes of dark matter: the domains, and what a comparison of methods says.
module DarkMatterTests =

    [<Fact>]
    let ``parts have all classes, each image from 0 to 1, and share none`` () =
        use folder = new ScratchFolder()
        let domains = DarkMatterDomains(DarkMatterOptions(SourceCount = 30, TargetCount = 30, TestCount = 30, Size = 32))
        let caches = [| for part in [ LensPart.Source; LensPart.Target; LensPart.Test ] ->
                            domains.Cache(folder.Path, part, null, CancellationToken.None) |]
        let image = Array.zeroCreate<float32> (32 * 32)

        for cache in caches do
            Assert.Equal<Set<int64>>(set [ 0L; 1L; 2L ], set (cache.Integers "label"))

            for row in 0 .. cache.Count - 1 do
                cache.ReadTensors("image", ReadOnlySpan [| row |], Span image)
                Assert.Equal((0f, 1f), (Array.min image, Array.max image))

        LensDomains.RequireNoLeak [| for name, cache in Array.zip [| "a"; "b"; "c" |] caches -> struct (name, cache) |] |> ignore
        use again = domains.Cache(folder.Path, LensPart.Test, null, CancellationToken.None)
        Assert.Equal(caches[2].Folder, again.Folder)
        for cache in caches do (cache :> IDisposable).Dispose()

    [<Fact>]
    let ``counts and models that do not exist are refused`` () =
        let refuse options = (Assert.Throws<ArgumentException>(fun () -> DarkMatterDomains options |> ignore)).Message
        Assert.StartsWith("DarkMatterDomains: expected at least six test images, two a class, got 5.",
                          refuse (DarkMatterOptions(TestCount = 5)))
        Assert.StartsWith("DarkMatterDomains: expected Model I, II or III as target, which have one band, got IV.",
                          refuse (DarkMatterOptions(Target = DeepLenseModel.IV)))

    /// Of each image the right class with a probability.
    let private run (method: LensFindingMethod) (seed: int64) (share: float) =
        let random = Random(int seed)
        let labels = Array.init 300 (fun i -> i % 3)
        let values = labels |> Array.map (fun label ->
            let answer = if random.NextDouble() < share then label else (label + 1) % 3
            Array.init 3 (fun c -> if c = answer then -0.1 else -3.0 - random.NextDouble()))
        DarkMatterRun(method, seed, ClassScores(labels, values))

    [<Fact>]
    let ``a comparison pairs methods with baseline and adabn, closes the gap, and names what did not run`` () =
        let runs = [| for seed in 1L .. 3L do
                          run LensFindingMethod.SourceOnly seed 0.4
                          run LensFindingMethod.AdaBn seed 0.55
                          run LensFindingMethod.Mmd seed 0.7
                          run LensFindingMethod.Supervised seed 0.8 |]
        let asked = [| LensFindingMethod.SourceOnly; LensFindingMethod.AdaBn; LensFindingMethod.Mmd; LensFindingMethod.Dann
                       LensFindingMethod.Supervised |]
        let comparison = DarkMatterComparison.Of(runs, asked, 300)
        Assert.Equal(300, comparison.TestImages)
        let row name = comparison.Rows |> Seq.find (fun row -> row.Method = name)
        Assert.Equal(0, (row "dann").Runs)
        Assert.Null((row "source-only").Gain)
        Assert.Null((row "adabn").OverAdaBn)
        let gain = nonNull (row "mmd").Gain
        Assert.Equal((row "mmd").Accuracy - (row "source-only").Accuracy, gain.Value, 1e-9)
        Assert.True(gain.Low > 0.0 && gain.Low < gain.Value && gain.Value < gain.High, $"{gain}")
        let closed = ((row "mmd").Accuracy - (row "source-only").Accuracy) / ((row "supervised").Accuracy - (row "source-only").Accuracy)
        Assert.Equal(closed, (row "mmd").GapClosed.Value, 1e-9)
        Assert.Matches(@"^accuracy source-only 0\.\d{3}, adabn 0\.\d{3}, best mmd 0\.\d{3} \(\+0\.\d{3}, 95 % interval 0\.\d{3} to "
                       + @"0\.\d{3}\), supervised 0\.\d{3}$", comparison.LastLine)
