namespace Hybrid.PropertyTests.Laws.Data.Simulators

open System
open System.IO
open System.IO.Compression
open System.Globalization
open System.Threading
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.Data.Images
open Hybrid.Data.Seds
open Hybrid.Data.Simulators
open Hybrid.PropertyTests.Laws.Data
open Xunit

module GaussianProblemLaws =

    [<Fact>]
    let ``the Fisher information of ten draws at unit variance has determinant 50`` () =
        let f = GaussianProblem(10).Fisher 1.0
        Assert.Equal<float[]>([| 10.0; 0.0; 0.0; 5.0 |], f)

    [<Fact>]
    let ``simulations have their mean and variance and repeat whatever their batch`` () =
        let problem = GaussianProblem 10
        let data = problem.Simulate(0.5, 2.0, 3L, 20_000)
        let { Mean = mean; Deviation = deviation } = BandStatistics.MeanAndDeviation(ReadOnlySpan data)
        let n = float data.Length
        Assert.InRange(mean, 0.5 - 5.0 * sqrt (2.0 / n), 0.5 + 5.0 * sqrt (2.0 / n))
        Assert.InRange(deviation * deviation, 2.0 - 10.0 * sqrt (2.0 / n), 2.0 + 10.0 * sqrt (2.0 / n))
        let part = Array.zeroCreate<float32> 70
        problem.Simulate(0.5, 2.0, 3L, 100L, Memory part)
        Assert.Equal<float32[]>(data[1000..1069], part)

    [<Fact>]
    let ``draws are normal to their fourth moment and independent of their neighbours`` () =
        let z = GaussianProblem(16).Simulate(0.0, 1.0, 9L, 20_000) |> Array.map float
        let n = float z.Length
        let moment k = z |> Array.averageBy (fun v -> v ** float (k: int))
        // Variances of the sample moments of a normal: 15/n of the third, 96/n of the fourth.
        Assert.InRange(moment 3, -5.0 * sqrt (15.0 / n), 5.0 * sqrt (15.0 / n))
        Assert.InRange(moment 4, 3.0 - 5.0 * sqrt (96.0 / n), 3.0 + 5.0 * sqrt (96.0 / n))
        let within = z |> Array.filter (fun v -> abs v < 1.0) |> Array.length |> float
        Assert.InRange(within / n, 0.6827 - 5.0 * sqrt (0.2166 / n), 0.6827 + 5.0 * sqrt (0.2166 / n))
        let correlation lag = Seq.sum [ for i in 0 .. z.Length - 1 - lag -> z[i] * z[i + lag] ] / n
        Assert.All([ 1; 2; 15; 16; 17; 32 ], fun lag -> Assert.InRange(correlation lag, -5.0 / sqrt n, 5.0 / sqrt n))

    [<Fact>]
    let ``exact derivatives are the limit of seed-matched differences`` () =
        let problem = GaussianProblem 10
        let mean, variance, h = 0.3, 1.4, 0.01
        let data = problem.Simulate(mean, variance, 3L, 50)
        let exact = problem.Derivatives(ReadOnlySpan data, mean, variance)
        let around = problem.SimulateAround(mean, variance, h, h, 3L, 50)

        for i in 0..49 do
            for parameter in 0..1 do
                for k in 0..9 do
                    let at side = float around[((i * 2 + side) * 2 + parameter) * 10 + k]
                    let numeric = (at 1 - at 0) / h
                    let e = float exact[2 * (i * 10 + k) + parameter]
                    Assert.True(abs (numeric - e) < 1e-3 + 1e-3 * abs e, $"simulation {i}, parameter {parameter}, datum {k}: exact {e}, numeric {numeric}")

    [<Fact>]
    let ``a random field has the power spectrum asked for`` () =
        let side = 16
        let field = GaussianField side
        let count = 400
        let fields = field.Simulate(2.0, 0.5, 1L, count)
        // Parseval: the mean square of a field is the mean of P over all modes.
        let frequency i = float (if i <= side / 2 then i else i - side)
        let power = Array.average [| for i in 0 .. side * side - 1 -> let k = sqrt (frequency (i / side) ** 2.0 + frequency (i % side) ** 2.0) in if k = 0.0 then 0.0 else 2.0 * k ** -0.5 |]
        let measured = fields |> Array.averageBy (fun v -> float v * float v)
        Assert.InRange(measured / power, 0.97, 1.03)
        // P(0) = 0: every field has mean 0.
        Assert.All([ 0..9 ], fun i -> Assert.Equal(0.0, fields[i * 256 .. i * 256 + 255] |> Array.averageBy float, 1e-6))

    [<Fact>]
    let ``the Fisher information of a line is that of its normal equations`` () =
        let line = LineProblem [| 0.0; 1.0; 2.0; 3.0 |]
        Assert.Equal<float[]>([| 56.0; 24.0; 0.0; 24.0; 16.0; 0.0; 0.0; 0.0; 32.0 |], line.Fisher 0.5)
        let data = line.Simulate(2.0, -1.0, 0.5, 1L, 20_000)
        let mean k = Seq.average [ for i in 0..19_999 -> float data[4 * i + k] ]
        Assert.All([ 0..3 ], fun k -> Assert.InRange(mean k, 2.0 * float k - 1.0 - 0.018, 2.0 * float k - 1.0 + 0.018))

    [<Fact>]
    let ``one quadrant of modes gives the Fisher information that the IMNN package states`` () =
        // P = A k^−B on 128 × 128 at θ = (1, 0.5): F = [[1984.5, −1545.06], [−1545.06, 1690.49]], |F| = 967560.53.
        let f = GaussianField(128).QuadrantFisher 1.0
        Assert.Equal(1984.5, f[0], 1e-9)
        Assert.Equal(-1545.06, f[1], 0.005)
        Assert.Equal(f[1], f[2])
        Assert.Equal(1690.49, f[3], 0.005)
        Assert.Equal(967560.53, f[0] * f[3] - f[1] * f[2], 0.005)
        // All modes of the field know more: about four times each element of one quadrant, and the axes.
        let all = GaussianField(128).Fisher 1.0
        Assert.Equal(0.5 * (128.0 * 128.0 - 1.0), all[0], 1e-9)
        Assert.InRange(all[0] / f[0], 4.0, 4.2)

    [<Fact>]
    let ``signal and noise given separately add up to data whose information is the analytic one`` () =
        let problem = AdditiveNoiseProblem(10, 0.5)
        let f = problem.Fisher 2.0
        Assert.Equal(10.0 / 2.25, f[0], 1e-12)
        Assert.Equal(10.0 / (2.0 * 2.25 ** 2.0), f[3], 1e-12)
        let count = 20_000
        let signals, noise = problem.Signal.Simulate(0.3, 2.0, 4L, count), problem.SimulateNoise(4L, 0L, count)
        let data = AdditiveNoiseProblem.Add(ReadOnlySpan signals, ReadOnlySpan noise)
        Assert.Equal<float32[]>(data, problem.Simulate(0.3, 2.0, 4L, 4L, count))
        Assert.Equal<float32[]>(noise[1000..1069], problem.SimulateNoise(4L, 100L, 7))
        let n = float data.Length
        let { Mean = mean; Deviation = deviation } = BandStatistics.MeanAndDeviation(ReadOnlySpan data)
        Assert.InRange(mean, 0.3 - 5.0 * sqrt (2.25 / n), 0.3 + 5.0 * sqrt (2.25 / n))
        Assert.InRange(deviation * deviation, 2.25 * (1.0 - 5.0 * sqrt (2.0 / n)), 2.25 * (1.0 + 5.0 * sqrt (2.0 / n)))
        // The same seed twice, and yet independent.
        let product = Array.map2 (fun (a: float32) (b: float32) -> float (a - 0.3f) * float b) signals noise |> Array.average
        Assert.InRange(product, -5.0 * sqrt (2.0 * 0.25 / n), 5.0 * sqrt (2.0 * 0.25 / n))
        let refused = Assert.Throws<ArgumentException>(fun () -> AdditiveNoiseProblem.Add(ReadOnlySpan signals, ReadOnlySpan data[..5]) |> ignore)
        Assert.StartsWith("AdditiveNoiseProblem.Add: expected as much noise as signal, 200000 values, got 6.", refused.Message)

    [<Fact>]
    let ``the information of signal under noise is the one that scores of simulated data have`` () =
        // F is the covariance of the score: ∂ln L/∂μ = Σ(x − μ)/v, ∂ln L/∂Σ = Σ((x − μ)² − v)/(2v²) with v = Σ + σ².
        let n, count, mean, variance = 10, 40_000, 0.3, 1.5
        let problem = AdditiveNoiseProblem(n, 0.7)
        let v = variance + 0.49
        let data = problem.Simulate(mean, variance, 1L, 2L, count)

        let scores =
            [| for i in 0 .. count - 1 ->
                   let x = data[i * n .. (i + 1) * n - 1] |> Array.map (fun d -> float d - mean)
                   Array.sum x / v, (Array.sumBy (fun d -> d * d) x - float n * v) / (2.0 * v * v) |]

        let f = problem.Fisher variance
        let average pick = scores |> Array.averageBy pick
        Assert.InRange(average (fun (a, _) -> a * a) / f[0], 0.96, 1.04)
        Assert.InRange(average (fun (_, b) -> b * b) / f[3], 0.95, 1.05)
        Assert.InRange(average (fun (a, b) -> a * b) / sqrt (f[0] * f[3]), -0.03, 0.03)

    [<Fact>]
    let ``a variance that is not positive is refused`` () =
        let problem = Assert.Throws<ArgumentOutOfRangeException>(fun () -> GaussianProblem(10).Simulate(0.0, 0.0, 1L, 1) |> ignore)
        Assert.StartsWith("GaussianProblem: expected a variance > 0, got 0.", problem.Message)

module RecoilLaws =

    [<Fact>]
    let ``the light above the background is the recoil's`` () =
        let simulator = RecoilSimulator(Size = 160)

        for kind, energy in [ Recoil.Nuclear, 10.0; Recoil.Electron, 10.0; Recoil.Nuclear, 30.0 ] do
            let n = 40
            let simulation = simulator.Simulate(Array.create n kind, Array.create n energy, 7L, 0L, CancellationToken.None)
            let light = [ for i in 0 .. n - 1 -> Seq.sum (simulation.Image(i).ToArray() |> Seq.map float) - 160.0 * 160.0 * 100.41 ]
            let expected = RecoilSimulator.Light(kind, energy)
            // Noise of a frame: 3.4 ADU on 25,600 pixels, 544 ADU; clusters of 8 ± 8 ADU: √(2·8·S). Rounding moves the mean of a
            // pixel by 0.0004 at most (the deviation is far above one ADU); saturation at 255 is out of reach.
            let error = sqrt (544.0 ** 2.0 + 16.0 * expected) / sqrt (float n)
            Assert.InRange(List.average light, expected - 5.0 * error - 15.0, expected + 5.0 * error + 15.0)

    [<Fact>]
    let ``nuclear recoils are wider than electrons of low energy, and both sit at the centre`` () =
        let simulator = RecoilSimulator(Size = 160, BackgroundDeviation = 0.0)

        let widthOf kind =
            let simulation = simulator.Simulate(Array.create 10 kind, Array.create 10 10.0, 3L, 0L, CancellationToken.None)
            let moments = [
                for i in 0..9 do
                    let image = simulation.Image(i).ToArray()
                    let w p = float image[p] - 100.0
                    let total = Seq.sum (Seq.map w [ 0 .. 25_599 ])
                    let x = Seq.sum (Seq.map (fun p -> w p * float (p % 160)) [ 0 .. 25_599 ]) / total
                    x, sqrt (Seq.sum (Seq.map (fun p -> w p * (float (p % 160) - x) ** 2.0) [ 0 .. 25_599 ]) / total)
            ]
            List.averageBy fst moments, List.averageBy snd moments

        let nuclearX, nuclear = widthOf Recoil.Nuclear
        let electronX, electron = widthOf Recoil.Electron
        Assert.InRange(nuclearX, 79.0, 81.0)
        Assert.InRange(electronX, 79.0, 81.0)
        Assert.InRange(nuclear, 5.6, 6.2)
        Assert.InRange(electron, 4.45, 4.95)

    [<Fact>]
    let ``paths give back energy and kind by the exercise's expressions`` () =
        let simulation = RecoilSimulator(Size = 8).SimulateClasses(2, [| 3.0; 30.0 |], 1L)
        Assert.Equal(8, simulation.Count)

        for i in 0..7 do
            let path = "/" + simulation.Paths[i]
            Assert.Equal(simulation.EnergiesKeV[i], float (Text.RegularExpressions.Regex.Match(path, "/([0-9]+)_keV").Groups[1].Value))
            Assert.Equal((if simulation.Kinds[i] = Recoil.Nuclear then "NR" else "ER"), Text.RegularExpressions.Regex.Match(path, "/([NE]R)/").Groups[1].Value)

        Assert.Equal(8, simulation.Paths |> Array.distinct |> Array.length)

    [<Fact>]
    let ``simulated recoils written to the exercise's folders are found and read as they are`` () =
        use folder = new ScratchFolder()
        let simulation = RecoilSimulator(Size = 40).SimulateClasses(2, [| 3.0; 30.0 |], 1L)
        let written = simulation.Write(folder.File "export")
        // data/data/export/*/*/*/*.png
        Assert.All(simulation.Paths, fun path -> Assert.Equal(4, path.Split('/').Length))
        let found = CygnoFiles.Find folder.Path
        Assert.Equal(8, found.Count)

        for file in found do
            let i = Array.IndexOf(written, file.Path)
            Assert.Equal(simulation.EnergiesKeV[i], file.EnergyKeV)
            Assert.Equal((simulation.Kinds[i] = Recoil.Nuclear), file.IsNuclear)
            Assert.Equal<byte[]>(simulation.Image(i).ToArray(), ((Png.Read file.Path).As<byte>()).Values)

        let parsed = CygnoFiles.Parse "10_keV/NR/x.png"
        Assert.Equal((10.0, true), (parsed.EnergyKeV, parsed.IsNuclear))

    [<Fact>]
    let ``the exercise's images go from their folders through its preprocessing into batches`` () =
        use folder = new ScratchFolder()
        RecoilSimulator(Size = 140).SimulateClasses(6, [| 6.0; 30.0 |], 2L).Write(folder.File "export") |> ignore
        let files = CygnoFiles.Find(folder.File "export")
        let recipe = Recipe(ImageStep.Window(60.0, 130.0), ImageStep.CentreCrop(128, 128))

        // Ten files at a time: a whole export has more pixels than memory.
        let rows () =
            seq {
                for chunk in files |> Seq.chunkBySize 10 do
                    let images = recipe.Apply(ImageSet.OfArray(Png.ReadSet(chunk |> Array.map _.Path), "camera"), 0L)

                    CacheRows(
                        [| CacheValues.Tensor("image", NdArray<float32>([| images.Count; 1; 128; 128 |], images.Pixels))
                           CacheValues.Logicals("nuclear", chunk |> Array.map _.IsNuclear)
                           CacheValues.Reals("energy", chunk |> Array.map _.EnergyKeV)
                           CacheValues.Texts("file", chunk |> Array.map _.Path) |]
                    )
            }

        use cache = Cache.GetOrBuild(folder.File "caches", CacheRecipe(string recipe, files |> Seq.map _.Path |> Seq.toArray), rows)
        Assert.Equal(24, cache.Count)
        Assert.Equal(6, (cache.Where "nuclear AND energy = 30").Count)

        for batch in cache.Batches(BatchOptions(BatchSize = 8, Stratify = "nuclear")).Epoch 0 do
            let pixels = batch.View("image").ToArray()
            Assert.All(pixels, fun v -> Assert.InRange(v, 0f, 1f))
            // 100 of 60 to 130 ADU is the background.
            Assert.InRange(Array.average pixels, 0.5f, 0.7f)
            Assert.Equal(4, batch.Rows.ToArray() |> Array.filter (fun row -> (cache.Logicals "nuclear")[row]) |> Array.length)

    [<Fact>]
    let ``a bent track is centred on the image`` () =
        let simulator = RecoilSimulator(Size = 160, BackgroundDeviation = 0.0)
        let simulation = simulator.Simulate(Array.create 20 Recoil.Electron, Array.create 20 30.0, 3L, 0L, CancellationToken.None)

        for i in 0..19 do
            let light = simulation.Image(i).ToArray() |> Array.map (fun v -> float v - 100.0)
            let centre = (light |> Seq.indexed |> Seq.sumBy (fun (p, w) -> w * float (p % 160))) / Array.sum light
            // A walk of twenty steps ends 11 pixels from where it began; its middle stays where the chamber's centre is.
            Assert.InRange(centre, 78.0, 81.0)

    [<Fact>]
    let ``an image does not depend on those before it`` () =
        let simulator = RecoilSimulator(Size = 40)
        let kinds, energies = [| Recoil.Electron; Recoil.Nuclear; Recoil.Electron |], [| 30.0; 6.0; 20.0 |]
        let whole = simulator.Simulate(kinds, energies, 1L, 0L, CancellationToken.None)
        let last = simulator.Simulate(kinds[2..], energies[2..], 1L, 2L, CancellationToken.None)
        Assert.Equal<byte[]>(whole.Image(2).ToArray(), last.Image(0).ToArray())

module SedSimulatorLaws =

    [<Fact>]
    let ``the first peak is the first that stands out`` () =
        let hump centre height x = height - 0.3 * (x - centre) ** 2.0
        let values = Array.init 201 (fun i -> let x = float i / 10.0 in max (hump 5.0 -10.0 x) (hump 14.0 -9.0 x) + 0.02 * sin (20.0 * x))
        Assert.InRange(SedModel.FirstPeak(values, 0.2), 47, 53)
        Assert.Equal(-1, SedModel.FirstPeak([| for i in 1..50 -> float i |], 0.2))

    [<Fact>]
    let ``a spectrum keeps its shape, moves with redshift and Doppler factor and gets the flux asked for`` () =
        let spectrum = Array.init 500 (fun i -> let x = -15.0 + 25.0 * float i / 499.0 in max (-2.0 - 0.15 * (x + 6.0) ** 2.0) (-3.0 - 0.15 * (x - 3.0) ** 2.0))
        let near = SedModel.OfSpectrum(spectrum, -15.0, 10.0, 1.0, 0.0, -11.0)
        let far = SedModel.OfSpectrum(spectrum, -15.0, 10.0, 10.0, 0.5, -12.0)
        Assert.Equal(20.0919 - 6.0, near.PeakFrequency, 0.03)
        Assert.Equal(log10 (10.0 / 1.5), far.PeakFrequency - near.PeakFrequency, 1e-9)
        Assert.Equal(-11.0, near.LogFlux near.PeakFrequency, 1e-9)
        Assert.Equal(near.LogFlux 16.0 - 1.0, far.LogFlux(16.0 + log10 (10.0 / 1.5)), 1e-9)
        Assert.Equal(Double.NegativeInfinity, near.LogFlux 40.0)

    [<Fact>]
    let ``the physical spectra have synchrotron peaks where blazars have them`` () =
        let spectra = LeptonicSpectra.Read(SharedData.path "seds/leptonic_1k.csv.gz")
        Assert.Equal(947, spectra.Count)
        let models = [| for s in 0 .. spectra.Count - 1 do if Double.IsFinite(spectra.PeakLogHz s) then spectra.Model(s, 0.0, -11.5) |]
        Assert.True(models.Length > 900, $"expected more than 900 of {spectra.Count} spectra with a peak, got {models.Length}.")
        let peaks = models |> Array.map _.PeakFrequency |> Array.sort
        Assert.InRange(peaks[peaks.Length / 2], 12.0, 18.0)

        // A simulated observation of a physical spectrum scatters around it.
        let sed = SedSimulator(SedInstrument.Usual |> Array.filter (fun i -> i.Faint <> FaintSource.BestFit)).Observe(models[0], "LEPTONIC", 1L, 0L)
        let offsets = [| for p in sed.Points do if not p.IsUpperLimit then log10 p.Flux - models[0].LogFlux(log10 p.FrequencyHz) |]
        Assert.True(offsets.Length > 3)
        Assert.All(offsets, fun o -> Assert.InRange(o, -0.8, 0.8))

    [<Fact>]
    let ``simulated SEDs repeat by number and their error bars contain their fluxes`` () =
        let simulator = SedSimulator()
        let whole = simulator.Simulate(40, 3L, 0L)
        let again = simulator.Simulate(20, 3L, 20L)

        for i in 0..19 do
            let row (p: SedPoint) = p.FrequencyHz, p.Flux, p.Upper, p.Lower, p.StartMjd, p.Flag, p.Catalogue
            Assert.Equal<_ seq>(whole[20 + i].Points |> Array.map row, again[i].Points |> Array.map row)

        for sed in whole do
            Assert.InRange(sed.PeakFrequency, 12.0, 18.0)

            for p in sed.Points do
                Assert.True(p.Lower <= p.Flux && p.Flux <= p.Upper && p.Flux > 0.0, $"{p.Catalogue}: {p.Lower} ≤ {p.Flux} ≤ {p.Upper}")

        Assert.True(whole |> Array.exists (fun sed -> sed.Points |> Array.exists _.IsUpperLimit), "expected an upper limit somewhere")
        // Without thermal light, half of all SEDs must fill enough bins to be used.
        let bins = SedBins([| 6.9; 8.3; 9.1; 9.3; 12.5; 13.3; 13.6; 13.9; 14.2; 14.5; 14.7; 15.1 |], [| 8.3; 9.1; 9.3; 9.5; 13.3; 13.6; 13.9; 14.2; 14.5; 14.7; 15.1; 16.7 |])
        let filled (sed: SimulatedSed) =
            let points = sed.Points |> Array.filter (fun p -> not p.IsUpperLimit)
            bins.Bin(ReadOnlySpan(points |> Array.map (fun p -> log10 p.FrequencyHz)), ReadOnlySpan(points |> Array.map (fun p -> log10 p.Flux))) |> Array.filter (fun v -> v <> 0.0) |> Array.length

        Assert.True((whole |> Array.filter (fun sed -> filled sed >= 5) |> Array.length) >= 20)

    [<Fact>]
    let ``a simulated SED is read back from either version of its text`` () =
        use folder = new ScratchFolder()
        let sed = SedSimulator().Simulate(4, 3L, 0L) |> Array.find (fun sed -> sed.Points |> Array.exists _.IsUpperLimit)
        Assert.Matches(@"^SED_\d\d\.\d\d_\d+\.\d{4}_-?\d+\.\d{4}_SIM\d{6}$", sed.FileName)
        let path = folder.File sed.FileName

        for version in [ SedVersion.Vou; SedVersion.Blast ] do
            sed.Write(path, version)
            let read = SedFile.Read(path, true)
            Assert.Equal(version, read.Version)
            Assert.Equal(sed.RightAscension, read.RightAscension, 1e-5)
            // Version 1 has no flags: its readers take a limit for a measurement.
            let detections = sed.Points |> Array.filter (fun p -> version = SedVersion.Vou || not p.IsUpperLimit)
            let logs (points: SedPoint[]) = points |> Array.map (fun p -> Math.Round(log10 p.Flux, 2))
            Assert.Equal<float[]>(logs detections, logs (read.Detections()))
            Assert.Equal(sed.Points.Length, read.Points.Count)
