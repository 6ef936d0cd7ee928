namespace Hybrid.PropertyTests.Systems.Blase

open System
open System.IO
open System.IO.Compression
open System.Globalization
open System.Threading
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.Data.Systems.Blase
open Hybrid.PropertyTests.Laws.Data
open Xunit

module SedSimulatorLaws =

    [<Fact>]
    let ``the first peak is the first that stands out`` () =
        let hump centre height x = height - 0.3 * (x - centre) ** 2.0
        let values = Array.init 201 (fun i -> let x = float i / 10.0 in max (hump 5.0 -10.0 x) (hump 14.0 -9.0 x) + 0.02 * sin (20.0 * x))
        Assert.InRange(SedModel.FirstPeak(values, 0.2), 47, 53)
        Assert.Equal(-1, SedModel.FirstPeak([| for i in 1..50 -> float i |], 0.2))

    [<Fact>]
    let ``a spectrum keeps its shape, moves with redshift and Doppler factor and gets the flux asked for`` () =
        let level x = max (-2.0 - 0.15 * (x + 6.0) ** 2.0) (-3.0 - 0.15 * (x - 3.0) ** 2.0)
        let spectrum = Array.init 500 (fun i -> level (-15.0 + 25.0 * float i / 499.0))
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
        let instruments = SedInstrument.Usual |> Array.filter (fun i -> i.Faint <> FaintSource.BestFit)
        let sed = SedSimulator(instruments).Observe(models[0], "LEPTONIC", 1L, 0L)
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
        let bins = SedBins([| 6.9; 8.3; 9.1; 9.3; 12.5; 13.3; 13.6; 13.9; 14.2; 14.5; 14.7; 15.1 |],
                           [| 8.3; 9.1; 9.3; 9.5; 13.3; 13.6; 13.9; 14.2; 14.5; 14.7; 15.1; 16.7 |])
        let filled (sed: SimulatedSed) =
            let points = sed.Points |> Array.filter (fun p -> not p.IsUpperLimit)
            bins.Bin(ReadOnlySpan(points |> Array.map (fun p -> log10 p.FrequencyHz)),
                     ReadOnlySpan(points |> Array.map (fun p -> log10 p.Flux))) |> Array.filter (fun v -> v <> 0.0) |> Array.length

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
