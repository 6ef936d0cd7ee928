namespace Hybrid.PropertyTests.Systems.Imnn

open System
open System.IO
open System.Text.Json
open Xunit
open FsCheck
open Hybrid.Data.Formats
open Hybrid.Models.Systems.Imnn
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data
open TorchSharp

module FisherLaws =

    let private random (seed: int) = new torch.Generator(uint64 (uint32 seed))
    let private normal (generator: torch.Generator) (rows: int64) (columns: int64) =
        torch.randn (rows, columns, dtype = Nullable torch.ScalarType.Float64, generator = generator)

    /// A random map that is well away from singular, so that rounding stays what it is: the diagonal dominates.
    let private invertible generator size =
        (normal generator size size).mul(0.3.ToScalar()) + torch.eye(size, dtype = Nullable torch.ScalarType.Float64).mul(2.0.ToScalar())

    /// Summaries (n, s) that are correlated, and mean derivatives (p, s); none of them special.
    let private case seed =
        use generator = random seed
        let s = 1L + int64 (uint32 seed % 4u)
        let p = 1L + int64 (uint32 seed / 4u) % s
        let x = (normal generator 200L s).matmul(invertible generator s)
        x, normal generator p s

    [<SeededProperty>]
    let ``|F| is unchanged by an invertible linear map of the summaries`` (seed: int) =
        use _ = torch.NewDisposeScope()
        let x, d = case seed
        use generator = random (seed + 1)
        let s = x.size 1
        let map = invertible generator s
        let shift = normal generator 1L s
        let a = FisherStatistics.Of(x, d)
        let b = FisherStatistics.Of(x.matmul(map) + shift, d.matmul map)

        for i in 0 .. a.Fisher.Length - 1 do
            for j in 0 .. a.Fisher.Length - 1 do
                Assert.True(
                    Gaussian.near 1e-8 1e-7 a.Fisher[i].[j] b.Fisher[i].[j],
                    $"F[{i},{j}]: {a.Fisher[i].[j]} before the map, {b.Fisher[i].[j]} after")

    [<SeededProperty>]
    let ``F is symmetric and positive semi-definite`` (seed: int) (scale: NormalFloat) =
        use _ = torch.NewDisposeScope()
        let x, d = case seed
        let f = (FisherStatistics.Of(x.mul((1.0 + abs scale.Get).ToScalar()), d)).Fisher
        let matrix = torch.tensor(Array.concat f, ReadOnlySpan [| int64 f.Length; int64 f.Length |])
        Assert.True(torch.equal(matrix, matrix.t()).all().ToBoolean(), "F is not symmetric")
        let least = torch.linalg.eigvals(matrix).real.min().ToDouble()
        Assert.True(least >= -1e-12 * matrix.abs().max().ToDouble(), $"an eigenvalue of F is {least}")

    [<Theory>]
    [<InlineData(10.0, 0.1, 0.9531017980432489)>]
    [<InlineData(10.0, 0.01, 240.685)>]
    let ``the rate of the strength is the package's`` (lambda: float, epsilon: float, expected: float) =
        // the second number is given to six digits
        Assert.True(Gaussian.near 0.0 2e-6 expected (Regularisation.Rate(lambda, epsilon)), $"{Regularisation.Rate(lambda, epsilon)}")

    [<Theory>]
    [<InlineData(1.0, 0.1, "expected λ > 1")>]
    [<InlineData(10.0, 0.0, "expected ε > 0")>]
    [<InlineData(10.0, 0.5, "Make ε smaller")>]
    let ``a λ or ε that gives no strength says which`` (lambda: float, epsilon: float, text: string) =
        let failure = Assert.Throws<ArgumentOutOfRangeException>(fun () -> Regularisation.Rate(lambda, epsilon) |> ignore)
        Assert.Contains(text, failure.Message)

    [<Theory>]
    [<InlineData("sums", 50.0)>]
    [<InlineData("mean and variance", 45.0)>]
    let ``known summaries of the Gaussian problem have the |F| of theory`` (name: string, expected: float) =
        let summaries = if name = "sums" then Gaussian.sums else Gaussian.meanAndVariance
        let result = FisherEvaluation.Of(Gaussian.tangentOf summaries, GaussianSimulator(), Gaussian.theta, 100_000, 17UL)
        let away = abs (result.Statistics.Determinant - expected) / result.StandardError
        Assert.True(away < 4.0, $"{name}: |F| = {result.Statistics.Determinant:F3} ± {result.StandardError:F3}, theory {expected}")
        Assert.True(result.StandardError < 0.6, $"the error of 100000 simulations is {result.StandardError:F3}")

    [<Fact>]
    let ``the jackknife's error is the scatter of repeated evaluations`` () =
        let results =
            [| for seed in 1UL .. 24UL ->
                  FisherEvaluation.Of(Gaussian.tangentOf Gaussian.sums, GaussianSimulator(), Gaussian.theta, 5_000, seed) |]
        let values = results |> Array.map _.Statistics.Determinant
        let mean = Array.average values
        let scatter = sqrt (values |> Array.sumBy (fun v -> (v - mean) ** 2.0) |> fun s -> s / float (values.Length - 1))
        let claimed = results |> Array.averageBy _.StandardError
        Assert.True(claimed / scatter > 0.5 && claimed / scatter < 2.0, $"claimed {claimed:F3}, scatter of 24 evaluations {scatter:F3}")

    /// The package's own simulations as float64 summaries (mean, population variance) and their numerical mean derivatives (2, 2).
    let private packageSummaries (prefix: string) (infix: string) =
        let load (name: string) =
            let array = Npy.Read(SharedData.path (Path.Combine("imnn", name)))
            torch.tensor(array.ToDoubles(), ReadOnlySpan [| for size in array.Shape -> int64 size |])

        let summary (x: torch.Tensor) = torch.stack([| x.mean([| -1L |]); x.var(-1L, false) |], -1L)
        let x = summary (load $"fiducial_{infix}data.npy")
        let d = summary (load $"{prefix}_derivative_{infix}data.npy") // (n, 2, P, 2)
        let means = d.mean([| 0L |])
        x, (means.select(0L, 1L) - means.select(0L, 0L)).div(0.2.ToScalar())

    let private oracle () = JsonDocument.Parse(File.ReadAllText(SharedData.path "imnn/fisher_oracle.json")).RootElement

    [<Theory>]
    [<InlineData("train", "large", "")>]
    [<InlineData("validation", "large", "validation_")>]
    [<InlineData("train_small_nd100", "small", "")>]
    let ``Fisher matrices of the package's simulations are the reference's to 1e-9`` (set: string, prefix: string, infix: string) =
        use _ = torch.NewDisposeScope()
        let expected = (oracle ()).GetProperty set
        let statistics = packageSummaries prefix infix |> FisherStatistics.Of

        let check (name: string) (actual: float[][]) =
            for i in 0 .. actual.Length - 1 do
                for j in 0 .. actual[i].Length - 1 do
                    let wanted = expected.GetProperty(name).[i].[j].GetDouble()
                    Assert.True(
                        Gaussian.near 1e-12 1e-9 wanted actual[i].[j],
                        $"{set}.{name}[{i},{j}]: expected {wanted}, got {actual[i].[j]}")

        check "C" statistics.Covariance
        check "F" statistics.Fisher
        Assert.True(
            Gaussian.near 0.0 1e-9 (expected.GetProperty("detF").GetDouble()) statistics.Determinant,
            $"|F| = {statistics.Determinant}")

    [<Fact>]
    let ``the loss spec gives the reference's Λ₂, strength and loss to 1e-9`` () =
        use _ = torch.NewDisposeScope()
        let expected = (oracle ()).GetProperty "train"
        let x, d = packageSummaries "large" ""
        let scalar (value: float) = torch.tensor(value, Nullable torch.ScalarType.Float64)
        let struct (loss, logDetF, _, distance, strength) = ImnnLoss.Value(x, d, scalar 10.0, scalar (Regularisation.Rate(10.0, 0.1)))

        for name, actual in [ "loss", loss; "Lambda2", distance; "r", strength ] do
            let wanted = expected.GetProperty(name).GetDouble()
            Assert.True(Gaussian.near 0.0 1e-9 wanted (actual.ToDouble()), $"{name}: expected {wanted}, got {actual.ToDouble()}")

        Assert.True(Gaussian.near 0.0 1e-9 (expected.GetProperty("detF").GetDouble()) (exp (logDetF.ToDouble())))

    [<SeededProperty(MaxTest = 30)>]
    let ``units of parameters and of summaries are the user's: they change the statistics by themselves only``
        (seed: int)
        (p: int8)
        (q: int8)
        (s: int8)
        =
        use _ = torch.NewDisposeScope()
        use generator = random seed
        // Between 1e-12 and 1e12 each.
        let unit (power: int8) = 10.0 ** float (int power % 13)
        let vector (values: float list) = torch.tensor (List.toArray values)
        let x, d = normal generator 500L 3L, normal generator 2L 3L
        let parameters, summaries = vector [ unit p; unit q ], vector [ unit s; 1.0; unit p ]
        let plain = FisherStatistics.Of(x, d)
        let other = FisherStatistics.Of(x * summaries, d * summaries / parameters.unsqueeze 1L)
        let estimate = plain.Estimate([| 0.0; 0.0 |], x)
        let inUnits = other.Estimate([| 0.0; 0.0 |], x * summaries)
        let isNear = Gaussian.near 0.0 1e-6
        // An estimate may be near 0: to a millionth of its unit.
        let isSame (size: float) (a: float) (b: float) = abs (a * size - b) <= 1e-6 * size * (1.0 + abs a)

        let variance, expected = other.InverseFisher[1][1], plain.InverseFisher[1][1] * (unit q) ** 2.0

        isNear (plain.Determinant / (unit p * unit q) ** 2.0) other.Determinant
        && isNear expected variance
        && Seq.forall2 (fun (a: float[]) (b: float[]) -> isSame (unit p) a[0] b[0] && isSame (unit q) a[1] b[1]) estimate inUnits

    [<Fact>]
    let ``summaries that repeat each other are named as singular`` () =
        use _ = torch.NewDisposeScope()
        use generator = random 3
        let x = normal generator 100L 1L
        let failure =
            Assert.Throws<SingularCovarianceException>(fun () ->
                FisherStatistics.Of(torch.cat([| x; x |], 1L), normal generator 1L 2L)
                |> ignore)
        Assert.Contains("the summaries' covariance is singular", failure.Message)

    [<Fact>]
    let ``too few simulations and wrong shapes are named`` () =
        use _ = torch.NewDisposeScope()
        use generator = random 4
        let few = Assert.Throws<ArgumentException>(fun () -> FisherStatistics.Of(normal generator 2L 2L, normal generator 1L 2L) |> ignore)
        let many =
            Assert.Throws<ArgumentException>(fun () ->
                FisherStatistics.Of(normal generator 20L 2L, normal generator 3L 2L)
                |> ignore)
        Assert.Contains("2 summaries cannot tell 3 parameters apart", many.Message)
        Assert.Contains("2 simulations cannot give the covariance of 2 summaries an inverse", few.Message)
        let shape =
            Assert.Throws<ArgumentException>(fun () ->
                FisherStatistics.Of(normal generator 20L 2L, normal generator 1L 3L)
                |> ignore)
        Assert.Contains("got (20, 2) and (1, 3)", shape.Message)
