namespace Hybrid.Data.Lensing

open System

/// How well light beside a galaxy is seen in one band.
[<Struct>]
type ArcVisibility =
    { /// Of a matched filter: √Σ a²/(σ² + max(a + g, 0)/T), a the arc's light a pixel, g the galaxy's, σ the background, T photons a unit.
      SignalToNoise: float
      /// Largest a/(g + 2σ) over the pixels: how far the arc stands out of its galaxy and the sky.
      Contrast: float }

    /// arc, galaxy : light a pixel, blurred;  background : σ;  photonsPerUnit : T, infinite without photon noise.
    static member Of(arc: ReadOnlySpan<float32>, galaxy: ReadOnlySpan<float32>, background: float, photonsPerUnit: float) : ArcVisibility =
        if arc.Length <> galaxy.Length then
            invalidArg (nameof galaxy) $"ArcVisibility.Of: expected {arc.Length} pixels of the galaxy, as of the arc, got {galaxy.Length}."

        if not (background > 0.0) then
            raise (ArgumentOutOfRangeException(nameof background, background,
                                               $"ArcVisibility.Of: expected a background > 0, got {background}."))

        let mutable squares = 0.0
        let mutable contrast = 0.0

        for i in 0 .. arc.Length - 1 do
            let a, g = float arc[i], max 0.0 (float galaxy[i])

            if a > 0.0 then
                squares <- squares + a * a / (background * background + (a + g) / photonsPerUnit)
                contrast <- max contrast (a / (g + 2.0 * background))

        { SignalToNoise = sqrt squares; Contrast = contrast }

/// Which arcs belong to a simulated population: those that a person would see in one band. Both domains of lens finding use the same one,
/// so that they do not differ in how faint an arc counts as a lens.
/// band : name of the band that decides;  leastSignalToNoise, leastContrast : of ArcVisibility, ≥ 0.
[<Sealed>]
type ArcSelection(band: string, leastSignalToNoise: float, leastContrast: float) =
    do
        if not (leastSignalToNoise >= 0.0 && leastContrast >= 0.0) then
            invalidArg (nameof leastSignalToNoise) $"ArcSelection: expected a least signal-to-noise and contrast ≥ 0, got \
                {leastSignalToNoise} and {leastContrast}."

    /// Draws before a simulator gives up.
    static member internal MostTries = 500

    member _.Band = band
    member _.LeastSignalToNoise = leastSignalToNoise
    member _.LeastContrast = leastContrast

    /// In g, where arcs are bluer than their galaxies: a matched-filter signal-to-noise of 20, as Collett (2015) asks of what a survey
    /// discovers, and a pixel in which the arc is half as bright as the galaxy and twice the background's deviation together.
    static member Visible = ArcSelection("g", 20.0, 0.5)

    /// Every arc, however faint.
    static member All = ArcSelection("", 0.0, 0.0)

    /// Whether it accepts everything.
    member _.IsAll = leastSignalToNoise = 0.0 && leastContrast = 0.0

    member _.Accepts(seen: ArcVisibility) = seen.SignalToNoise >= leastSignalToNoise && seen.Contrast >= leastContrast

    override _.ToString() =
        if leastSignalToNoise = 0.0 && leastContrast = 0.0 then "all arcs"
        else FormattableString.Invariant $"arcs(in {band}: S/N ≥ {leastSignalToNoise}, contrast ≥ {leastContrast})"
