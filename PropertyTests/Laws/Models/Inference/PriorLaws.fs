namespace Hybrid.PropertyTests.Laws.Models.Inference

open System
open Xunit
open FsCheck
open Hybrid.Data.Statistics
open Hybrid.Models.Inference
open Hybrid.PropertyTests

module PriorLaws =

    let private uniform (low: float) (high: float) = UniformPrior(struct (low, high))

    [<SeededProperty>]
    let ``draws of a uniform prior are inside its range, where the density is that of the box, and zero outside``
        (seed: int64)
        (NormalFloat low)
        (PositiveInt width)
        =
        let high = low + float width / 7.0
        let prior = UniformPrior(struct (low, high), struct (-1.0, 1.0))
        let draw = prior.Sample(SeededRandom seed)
        let expected = -log (high - low) - log 2.0
        Assert.Equal(2, draw.Length)
        let isInside = draw[0] >= low && draw[0] <= high && abs draw[1] <= 1.0
        Assert.True(isInside, $"a draw {draw[0]}, {draw[1]} outside [{low}, {high}] × [−1, 1]")
        Assert.Equal(expected, prior.LogDensity(ReadOnlySpan draw), 1e-12 * (1.0 + abs expected))
        Assert.Equal(Double.NegativeInfinity, prior.LogDensity(ReadOnlySpan [| high + 1e-6 + abs high; 0.0 |]))

    [<Fact>]
    let ``draws of a normal prior that is cut off are distributed as its density says`` () =
        let prior = NormalPrior([| 1.0 |], [| 2.0 |], [| struct (0.0, 3.0) |])
        let random = SeededRandom 5L
        let samples = WeightedSamples(Array.init 4000 (fun _ -> prior.Sample random))
        let density = Marginals.Of((fun theta -> prior.LogDensity(ReadOnlySpan theta)), prior.Range, 300)
        let away = samples.KolmogorovDistance(0, density.Single[0].Cumulative)
        Assert.True(away < 0.035, $"Kolmogorov's distance of 4000 draws is {away:F4}")

    [<Fact>]
    let ``a prior of functions refuses a draw that is outside its own range`` () =
        let prior = DensityPrior([| struct (0.0, 1.0) |], (fun _ -> [| 2.0 |]), (fun _ -> 0.0))
        let failure = Assert.Throws<InvalidOperationException>(fun () -> prior.Sample(SeededRandom 1L) |> ignore)
        Assert.Contains("expected a draw of 1 parameter inside [0, 1], got [2]", failure.Message)

    [<Fact>]
    let ``ranges and deviations that make no sense are named`` () =
        let range = Assert.Throws<ArgumentException>(fun () -> uniform 2.0 1.0 |> ignore)
        Assert.Contains("expected finite ranges with low < high, got [2, 1]", range.Message)
        let deviation = Assert.Throws<ArgumentException>(fun () -> NormalPrior([| 0.0 |], [| 0.0 |]) |> ignore)
        Assert.Contains("as many finite means as deviations > 0, got means [0] and deviations [0]", deviation.Message)
        let far = NormalPrior([| 0.0 |], [| 1.0 |], [| struct (40.0, 41.0) |])
        let nothing = Assert.Throws<InvalidOperationException>(fun () -> far.Sample(SeededRandom 1L) |> ignore)
        Assert.Contains("was in [40, 41]", nothing.Message)
