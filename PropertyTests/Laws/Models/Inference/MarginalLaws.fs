namespace Hybrid.PropertyTests.Laws.Models.Inference

open System
open Xunit
open FsCheck
open Hybrid.Data.Statistics
open Hybrid.Models.Inference
open Hybrid.PropertyTests

module MarginalLaws =

    [<SeededProperty>]
    let ``the region above a level holds its mass, and without its last cell no longer``
        (seed: int64)
        (PositiveInt cells)
        (PositiveInt share)
        =
        let random = SeededRandom seed
        let density = Array.init cells (fun _ -> random.NextExponential 1.0)
        let mass = 0.01 + 0.98 * float (share % 100) / 100.0
        let level = (HighestDensity.Levels(density, mass))[0]
        let total = Array.sum density
        let above = density |> Array.filter (fun d -> d >= level) |> Array.sum
        let beyond = density |> Array.filter (fun d -> d > level) |> Array.sum
        Assert.True(above >= (mass - 1e-12) * total, $"{cells} cells: {above / total} of the mass above the level of {mass}")
        Assert.True(beyond < mass * total * (1.0 + 1e-12), $"{cells} cells: {beyond / total} already beyond the level of {mass}")

    [<Fact>]
    let ``the levels of a normal distribution of two parameters are those of theory`` () =
        let ranges = [| struct (-5.0, 5.0); struct (-5.0, 5.0) |]
        let marginals = Marginals.Of((fun t -> -(t[0] * t[0] + t[1] * t[1]) / 2.0), ranges, 200)
        let joint = marginals.Pairs[struct (1, 0)]
        let levels = HighestDensity.Levels(Array.concat joint.Density, 0.68, 0.95)
        // exp(−r²/2) = 1 − m where the circle of radius r holds the mass m; the peak is 1/2π.
        for level, mass in Seq.zip levels [ 0.68; 0.95 ] do
            let expected = (1.0 - mass) / (2.0 * Math.PI)
            Assert.True(abs (level / expected - 1.0) < 0.02, $"level of {mass}: {level}, theory {expected}")

    [<SeededProperty(MaxTest = 30)>]
    let ``marginals integrate to 1, smoothed or not, and a joint one's margins are the single ones``
        (seed: int64)
        (PositiveInt count)
        (smooth: bool)
        =
        let random = SeededRandom seed
        let draws = Array.init count (fun _ -> [| random.NextNormal(); random.NextDouble() |])
        let weights = Array.init count (fun _ -> random.NextDouble() + 0.01)
        let samples = WeightedSamples(draws, weights)
        let smoothing = if smooth then 1.5 else 0.0
        let marginals = Marginals.Of(samples, [| struct (-8.0, 8.0); struct (0.0, 1.0) |], 40, smoothing)
        for p in 0..1 do
            let one = marginals.Single[p]
            Assert.Equal(1.0, Array.sum one.Density * one.Step, 1e-9)
            Assert.Equal(1.0, one.Cumulative 1e9, 1e-9)
        let joint = marginals.Pairs[struct (1, 0)]
        let step = marginals.Single[1].Step
        for i in 0..39 do
            let margin = step * Array.sum joint.Density[i]
            let single = marginals.Single[0].Density[i]
            Assert.True(abs (margin - single) < 1e-9 * (1.0 + single), $"row {i}: {margin}, the single one {single}")

    [<SeededProperty>]
    let ``Kolmogorov's distance of draws from themselves is 0, from shifted ones what moved past`` (seed: int64) (PositiveInt count) =
        let random = SeededRandom seed
        let draws = Array.init count (fun _ -> [| random.NextNormal() |])
        let samples = WeightedSamples draws
        let far = WeightedSamples(draws |> Array.map (fun row -> [| row[0] + 1e6 |]))
        Assert.True(samples.KolmogorovDistance(0, samples) <= 1.0 / float count + 1e-12)
        Assert.Equal(1.0, samples.KolmogorovDistance(0, far), 1e-12)

    [<SeededProperty>]
    let ``resampled draws have the mean of the weighted ones, to what one draw can do`` (seed: int64) (PositiveInt count) =
        let random = SeededRandom seed
        let draws = Array.init count (fun _ -> [| random.NextDouble() |])
        let samples = WeightedSamples(draws, Array.init count (fun _ -> random.NextExponential 1.0))
        let again = samples.Resample(1000, random)
        // Each draw is picked within one of its due number of times.
        let bound = float count / 1000.0
        let away = abs (again.Mean()[0] - samples.Mean()[0])
        Assert.True(away <= bound + 1e-12, $"{count} draws: the means differ by {away}, at most {bound} can come of rounding")

    [<Fact>]
    let ``what cannot be a sample or a density is named`` () =
        let none = Assert.Throws<ArgumentException>(fun () -> WeightedSamples [||] |> ignore)
        Assert.Contains("expected at least one draw", none.Message)
        let weights = Assert.Throws<ArgumentException>(fun () -> WeightedSamples([| [| 1.0 |] |], [| 0.0 |]) |> ignore)
        Assert.Contains("weights ≥ 0 with a finite sum above 0", weights.Message)
        let negative = Assert.Throws<ArgumentException>(fun () -> HighestDensity.Levels([| 1.0; -1.0; 3.0 |], 0.5) |> ignore)
        Assert.Contains("expected densities ≥ 0", negative.Message)
        let far = WeightedSamples [| [| 2.0 |] |]
        let outside = Assert.Throws<ArgumentException>(fun () -> Marginals.Of(far, [| struct (0.0, 1.0) |]) |> ignore)
        Assert.Contains("expected draws of parameter 1 in [0, 1], got none", outside.Message)
