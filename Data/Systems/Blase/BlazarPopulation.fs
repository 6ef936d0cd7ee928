namespace Hybrid.Data.Systems.Blase

open System
open System.Security.Cryptography
open System.Text
open System.Threading.Tasks
open Hybrid.Data.Formats
open Hybrid.Data.Statistics

/// The numbers that a population of simulated blazars is drawn by. Normal distributions are a mean and a deviation, all in dex.
[<Sealed>]
type BlazarRecipe() =
    /// log10 Hz of the observed synchrotron peak at 0, 2.5, 5 … 100 % of the sources: the catalogue peaks of BlaSE's training set (v1).
    member val PeakQuantiles =
        [| 11.32; 12.2; 12.35; 12.47; 12.55; 12.62; 12.69; 12.76; 12.81; 12.9; 12.98; 13.08; 13.24; 13.46; 14.0; 14.2; 14.4; 14.5; 14.9
           15.02; 15.2; 15.4; 15.5; 15.6; 15.7; 15.8; 15.9; 16.0; 16.1; 16.2; 16.3; 16.3; 16.4; 16.5; 16.6; 16.7
           16.9; 17.0; 17.3; 17.6; 18.5 |] with get, set

    /// Which physical spectra may be a blazar's: log10 of Compton over synchrotron flux, and decades between the two peaks.
    member val ComptonDominance = struct (-1.3, 1.3) with get, set
    member val ComptonSeparation = struct (5.5, 11.5) with get, set
    /// log10 Hz of the synchrotron peak in the jet's frame.
    member val RestPeak = struct (10.0, 18.5) with get, set

    /// log10 δ/(1 + z) of the sources: Doppler factors of 5 to 30 at redshifts to 2. No spectrum is moved farther than ShiftReach from the
    /// mean.
    member val Shift = struct (0.8, 0.45) with get, set
    member val ShiftReach = 1.3 with get, set

    /// Spectra of a family, which is drawn at random once: a source's spectrum lies anywhere between two of one family, since real jets are
    /// not of a few hundred kinds. 1: no mixing.
    member val FamilySize = 5 with get, set

    /// log10 νF_ν at a synchrotron peak of 10^14.9 Hz, and its change for each decade of peak frequency below and above it: the blazar
    /// sequence.
    member val PeakFlux = struct (-11.95, 0.45) with get, set
    member val FluxSlopes = struct (-0.072, -0.12) with get, set

    /// log10 of the radio core's νF_ν at 5 GHz over the peak's, at a peak of 10^13 Hz, and its change for each decade up to 10^17 Hz.
    member val RadioLoudness = struct (-2.5, 0.4) with get, set
    member val RadioSlope = -0.22 with get, set
    member val RadioIndex = struct (-0.05, 0.2) with get, set
    /// log10 of the lobes' over the core's flux density at 1.4 GHz.
    member val Lobes = struct (-0.3, 0.25) with get, set
    /// log10 Hz below which the zone that makes the peaks absorbs its own light, as long-baseline interferometry of blazar cores shows.
    member val OpaqueBelow = 10.8 with get, set
    /// How much a peak must stand out (dex) to be one whose frequency can be determined.
    member val Prominence = 0.5 with get, set

    /// Share of sources with a host galaxy, and its flux over the jet's peak.
    member val HostShare = 0.6 with get, set
    member val HostFlux = struct (-0.8, 0.5) with get, set
    /// Share of sources with an accretion disc, among those that peak below DiscBelow, and its flux over the jet's peak.
    member val DiscShare = 0.4 with get, set
    member val DiscFlux = struct (-0.3, 0.4) with get, set
    member val DiscBelow = 14.2 with get, set

    /// A source that fills fewer bins is not in the set.
    member val LeastFilledBins = 10 with get, set

    member recipe.Describe() : string =
        let pair (struct (a: float, b: float)) = FormattableString.Invariant $"({a}, {b})"
        let list (values: float[]) = String.Join(' ', values |> Seq.map (fun v -> FormattableString.Invariant $"{v}"))

        String.Join(
            '\n',
            [ $"peak quantiles [{list recipe.PeakQuantiles}]"
              $"spectra: Compton dominance {pair recipe.ComptonDominance}, separation {pair recipe.ComptonSeparation}, rest peak \
                  {pair recipe.RestPeak}"
              FormattableString.Invariant $"shift {pair recipe.Shift}, reach {recipe.ShiftReach}, families of {recipe.FamilySize}"
              $"peak flux {pair recipe.PeakFlux}, slopes {pair recipe.FluxSlopes}"
              FormattableString.Invariant $"radio {pair recipe.RadioLoudness}, slope {recipe.RadioSlope}, index {pair recipe.RadioIndex}, \
                  lobes {pair recipe.Lobes}, opaque below {recipe.OpaqueBelow}, prominence {recipe.Prominence}"
              FormattableString.Invariant $"host {recipe.HostShare} {pair recipe.HostFlux}, disc {recipe.DiscShare} \
                  {pair recipe.DiscFlux} below {recipe.DiscBelow}"
              $"least filled bins {recipe.LeastFilledBins}" ]
        )

/// A simulated blazar: its SED and the physical spectrum that it was drawn from.
[<Sealed>]
type SimulatedBlazar internal (sed: SimulatedSed, spectrum: int, other: int, share: float, family: int) =
    member _.Sed = sed
    /// Rows of the spectra that the source's lies between, and how far it is from the first to the second (0: it is the first).
    member _.Spectrum = spectrum
    member _.OtherSpectrum = other
    member _.Share = share
    /// Number of the family that both are of: SEDs of one family belong in one bag.
    member _.Family = family

/// Blazars drawn from physical spectra: the observed peak from the catalogue's distribution, a spectrum and the shift that brings its peak
/// there, brightness, radio light, host galaxy and disc; then observed with the usual instruments.
[<Sealed>]
type BlazarPopulation(spectra: LeptonicSpectra, bins: SedBins, recipe: BlazarRecipe, simulator: SedSimulator) =
    let inside (struct (low: float, high: float)) value = value >= low && value <= high

    let usable =
        [| for s in 0 .. spectra.Count - 1 do
               if inside recipe.ComptonDominance (spectra.ComptonDominance s)
                  && (match SedModel.Peaks(spectra.LogSpectrum s, recipe.Prominence) with
                      | [||] -> false
                      | clear -> clear[0] = (spectra.Peaks s)[0])
                  && inside recipe.ComptonSeparation (spectra.ComptonSeparation s) && inside recipe.RestPeak (spectra.PeakLogHz s) then
                   s |]

    do
        if usable.Length = 0 then
            invalidArg (nameof spectra) $"BlazarPopulation: none of {spectra.Count} spectra has two humps as the recipe asks for."

    /// The family of each usable spectrum.
    let family =
        let order = Array.init usable.Length id
        SeededRandom.For(1L, 10L).Shuffle(order.AsSpan())
        let families = Array.zeroCreate<int> usable.Length
        order |> Array.iteri (fun place i -> families[i] <- place / max 1 recipe.FamilySize)
        families

    let normal (random: SeededRandom) (struct (mean: float, deviation: float)) = mean + deviation * random.NextNormal()

    let drawPeak (random: SeededRandom) =
        let q = recipe.PeakQuantiles
        let position = random.NextDouble() * float (q.Length - 1)
        let i = min (int position) (q.Length - 2)
        q[i] + (position - float i) * (q[i + 1] - q[i])

    /// A place in `usable` by how likely the shift is that the spectrum needs, among all or those of one family.
    let drawSpectrum (random: SeededRandom) (peak: float) (among: int voption) =
        let struct (mean, deviation) = recipe.Shift

        let weights =
            usable
            |> Array.mapi (fun i s ->
                let off = peak - spectra.PeakLogHz s - mean
                let isNear = abs off <= recipe.ShiftReach && (among.IsNone || family[i] = among.Value)
                if isNear then exp (-0.5 * (off / deviation) ** 2.0) else 0.0)

        let total = Array.sum weights

        if total = 0.0 then
            invalidOp (FormattableString.Invariant $"BlazarPopulation: no spectrum can peak at 10^{peak:F2} Hz with a shift within \
                {recipe.ShiftReach} of {mean}. Widen the recipe's RestPeak or ShiftReach.")

        let mutable left = random.NextDouble() * total
        let mutable i = 0

        while i < usable.Length - 1 && left >= weights[i] do
            left <- left - weights[i]
            i <- i + 1

        i

    let drawModel (random: SeededRandom) (peak: float) =
        let struct (below, above) = recipe.FluxSlopes
        let first = drawSpectrum random peak ValueNone
        // Its peak, between those of two that can be moved there, can be too.
        let second = drawSpectrum random peak (ValueSome family[first])
        let share = random.NextDouble()
        let struct (spectrum, other) = struct (usable[first], usable[second])
        let blend = if spectrum = other then null else spectra.Blend(spectrum, other, share, recipe.Prominence)
        let flux = normal random recipe.PeakFlux + (peak - 14.9) * (if peak < 14.9 then below else above)
        let core = flux + normal random recipe.RadioLoudness + recipe.RadioSlope * (min peak 17.0 - 13.0)
        let index = normal random recipe.RadioIndex
        // A flat core's νF_ν at 1.4 GHz lies 0.56 dex below that at 5 GHz.
        let lobes = core - 0.56 + normal random recipe.Lobes
        let host = if random.Chance recipe.HostShare then flux + normal random recipe.HostFlux else Double.NegativeInfinity
        let hasDisc = random.Chance recipe.DiscShare && peak < recipe.DiscBelow
        let disc = if hasDisc then flux + normal random recipe.DiscFlux else Double.NegativeInfinity

        let jet, share =
            match blend with
            | null -> spectra.Model(spectrum, peak - spectra.PeakLogHz spectrum, flux), 0.0
            | mixed -> spectra.Model(mixed, peak, flux), share

        struct (jet.WithRadio(core, index, lobes, recipe.OpaqueBelow).WithThermalLight(host, disc), spectrum, other, share, family[first])

    let filled (sed: SimulatedSed) =
        let detected = sed.Points |> Array.filter (fun p -> p.IsConsistent && p.Flux > 0.0)
        bins.Bin(ReadOnlySpan(detected |> Array.map (fun p -> log10 p.FrequencyHz)),
                 ReadOnlySpan(detected |> Array.map (fun p -> log10 p.Flux)))
        |> Array.filter (fun v -> v <> 0.0)
        |> Array.length

    new(spectra: LeptonicSpectra) = BlazarPopulation(spectra, SedBins.Version1, BlazarRecipe(), SedSimulator())

    /// How many of the spectra the recipe takes.
    member _.UsableSpectra = usable.Length

    /// Recipe, bins and instruments as text: all but the seed and the spectra that the simulated SEDs depend on.
    member _.Description : string =
        String.Join(
            '\n',
            [ yield "blazar population 2"
              yield recipe.Describe()
              yield String.Join(' ', Seq.map2 (fun (a: float) (b: float) -> FormattableString.Invariant $"{a}-{b}") bins.Starts bins.Ends)
              yield FormattableString.Invariant $"variability {simulator.Variability} radio {simulator.RadioVariability}"
              for instrument in simulator.Instruments do
                  yield instrument.Describe() ]
        )

    /// SHA-256 of Description, hexadecimal.
    member population.Hash : string = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes population.Description))

    /// Number `item` of `seed`. A source too faint to fill enough bins is drawn again at the same peak, so that the peaks' distribution
    /// stays the recipe's.
    member _.Draw(seed: int64, item: int64) : SimulatedBlazar =
        let peak = drawPeak (SeededRandom.For(seed, 8L, item))
        let mutable attempt = 0L
        let mutable result = ValueNone

        while result.IsNone do
            if attempt = 1000L then
                invalidOp (FormattableString.Invariant $"BlazarPopulation: 1000 sources at 10^{peak:F2} Hz filled fewer than \
                    {recipe.LeastFilledBins} bins. Brighten the recipe's PeakFlux or lower LeastFilledBins.")

            let number = item * 1000L + attempt
            let struct (model, spectrum, other, share, family) = drawModel (SeededRandom.For(seed, 9L, number)) peak
            let sed = simulator.Observe(model, FormattableString.Invariant $"SIM{item:D6}", seed, number)

            if filled sed >= recipe.LeastFilledBins then
                result <- ValueSome(SimulatedBlazar(sed, spectrum, other, share, family))

            attempt <- attempt + 1L

        result.Value

    /// Sources 0 … count − 1, on all cores; the same whatever their number.
    member population.Simulate(count: int, seed: int64) : SimulatedBlazar[] =
        let made = Array.zeroCreate<SimulatedBlazar> count
        Parallel.For(0, count, (fun i -> made[i] <- population.Draw(seed, int64 i))) |> ignore
        made
