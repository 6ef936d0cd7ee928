namespace Hybrid.PropertyTests.Laws.Data.Statistics

open System
open Xunit
open FsCheck
open Hybrid.Data.Statistics
open Hybrid.PropertyTests

module StatisticsTests =

    let private near (expected: float) (actual: float) (what: string) =
        Assert.True(abs (expected - actual) <= 1e-12 + 1e-12 * abs expected, $"{what}: expected {expected}, got {actual}.")

    [<Fact>]
    let ``percentiles are numpy's`` () =
        // numpy.percentile([15, 20, 35, 40, 50], [0, 5, 30, 40, 99.6, 100])
        let values = [| 50.0; 15.0; 35.0; 20.0; 40.0 |]

        for percent, expected in [ 0.0, 15.0; 5.0, 16.0; 30.0, 23.0; 40.0, 29.0; 99.6, 49.84; 100.0, 50.0 ] do
            near expected (Percentile.Of(ReadOnlySpan values, percent)) $"{percent} %%"

    [<SeededProperty>]
    let ``a percentile never leaves the values' range and rises with the percentage``
        (NonEmptyArray values: NonEmptyArray<NormalFloat>)
        (p: byte)
        (q: byte)
        =
        let values = values |> Array.map _.Get
        let p, q = float (min p q) / 2.55, float (max p q) / 2.55
        let a, b = Percentile.Of(ReadOnlySpan values, p), Percentile.Of(ReadOnlySpan values, q)
        Array.min values <= a && a <= b && b <= Array.max values

    [<Fact>]
    let ``a percentage out of range is refused`` () =
        let problem = Assert.Throws<ArgumentOutOfRangeException>(fun () -> Percentile.Of(ReadOnlySpan [| 1.0 |], 101.0) |> ignore)
        Assert.StartsWith("Percentile: expected a percentage in [0, 100], got 101.", problem.Message)

    [<SeededProperty(MaxTest = 30)>]
    let ``a kernel density integrates to one`` (NonEmptyArray values: NonEmptyArray<int>) =
        let values = values |> Array.map (fun v -> float (v % 50) / 10.0)
        let grid = Array.init 2001 (fun i -> -8.0 + 0.008 * float i)
        let density = KernelDensity.Estimate(ReadOnlySpan values, ReadOnlySpan grid, 0.13)
        abs (0.008 * Array.sum density - 1.0) < 1e-6

    [<Fact>]
    let ``the binned density of many values equals the plain sum`` () =
        let random = Random 3
        let values = Array.init 5000 (fun _ -> random.NextDouble() * 4.0 + (if random.Next 2 = 0 then 0.0 else 3.0))
        let grid = Array.init 100 (fun i -> float i * 0.08)
        let binned = KernelDensity.Estimate(ReadOnlySpan values, ReadOnlySpan grid, 0.13)

        for i in 0..99 do
            let kernels = values |> Array.sumBy (fun v -> exp (-0.5 * ((grid[i] - v) / 0.13) ** 2.0))
            let plain = kernels / (5000.0 * 0.13 * sqrt (2.0 * Math.PI))
            Assert.True(abs (plain - binned[i]) < 1e-4 + 1e-3 * plain, $"at {grid[i]}: expected {plain}, got {binned[i]}.")
