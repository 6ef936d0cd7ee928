namespace Hybrid.Data.Lensing

open System
open Hybrid.Data.Statistics

/// What an image without a lens shows.
type NonLens =
    /// A galaxy and what happens to be around it.
    | Plain = 0
    /// Spiral arms around the galaxy.
    | Spiral = 1
    /// A ring galaxy: light on a ring that no lens made.
    | Ring = 2
    /// One to three companions, and a tidal tail.
    | Merger = 3
    /// A satellite's trail or a bleeding column in one band.
    | Artefact = 4

/// Light that is taken for arcs: what lens searches report in vain. Sizes, colours and fluxes are those of arcs, so that only the shape
/// tells. An impostor is a surface brightness of total 1 over the plane (a trail: over its image) and factors of the bands.
[<Sealed>]
type internal Impostor private (kind: NonLens, brightness: float -> float -> float, bands: float[], isBlurred: bool, cx: float, cy: float) =

    // Beyond this distance from the galaxy, arcsec, one point a pixel is enough: what is there is faint, or straight.
    static let fine = 4.0

    member _.Kind = kind
    /// Of each band, times the flux drawn for it.
    member _.Bands = bands
    /// Whether the PSF blurs it: a bleeding column is made in the detector.
    member _.IsBlurred = isBlurred

    /// Light a pixel, planes with Stride, scaled so that the whole image holds 1.
    member _.Paint(grid: ImageGrid, target: float32[]) : unit =
        let h = grid.PixelScale
        let mutable total = 0.0
        Array.Clear target

        for row in 0 .. grid.Height - 1 do
            for column in 0 .. grid.Width - 1 do
                let x, y = (float column - float (grid.Width - 1) / 2.0) * h, (float row - float (grid.Height - 1) / 2.0) * h
                let q = 0.25 * h

                let sum =
                    if (x - cx) * (x - cx) + (y - cy) * (y - cy) > fine * fine then
                        4.0 * brightness x y
                    else
                        brightness (x - q) (y - q) + brightness (x + q) (y - q) + brightness (x - q) (y + q) + brightness (x + q) (y + q)

                target[row * grid.Stride + column] <- float32 sum
                total <- total + sum

        if total > 0.0 then
            for row in 0 .. grid.Height - 1 do
                for i in row * grid.Stride .. row * grid.Stride + grid.Width - 1 do
                    target[i] <- float32 (float target[i] / total)

    /// Two to four logarithmic arms, seen at some inclination, in a disc of scale 0.5 to 1.1″.
    static member private Arms(random: SeededRandom, cx: float, cy: float) =
        let arms = float (2 + random.Next 2)
        let pitch = random.Uniform(12.0, 30.0) * Math.PI / 180.0
        let scale, start, q, turn =
            random.Uniform(0.5, 1.1), random.Uniform(0.0, 2.0 * Math.PI), random.Uniform(0.45, 1.0), random.Uniform(0.0, Math.PI)
        let hand = if random.Chance 0.5 then 1.0 else -1.0
        let c, s = cos turn, sin turn

        fun x y ->
            let u, v = c * (x - cx) + s * (y - cy), (c * (y - cy) - s * (x - cx)) / q
            let r = sqrt (u * u + v * v) + 1e-3
            let phase = arms * (hand * atan2 v u - log (r / scale) / tan pitch) + start
            let crest = exp (4.0 * (cos phase - 1.0))
            exp (-r / scale) * (1.0 - exp (-((r / 0.5) ** 2.0))) * (0.1 + crest)

    /// A ring of radius 0.7 to 2.2″, brighter on one side.
    static member private Annulus(random: SeededRandom, cx: float, cy: float) =
        let radius = random.Uniform(0.7, 2.2)
        let width, q, turn = random.Uniform(0.12, 0.35), random.Uniform(0.55, 1.0), random.Uniform(0.0, Math.PI)
        let side, from = random.Uniform(0.0, 0.5), random.Uniform(0.0, 2.0 * Math.PI)
        let c, s = cos turn, sin turn

        fun x y ->
            let u, v = c * (x - cx) + s * (y - cy), (c * (y - cy) - s * (x - cx)) / q
            let r = sqrt (u * u + v * v)
            exp (-0.5 * ((r - radius) / width) ** 2.0) * (1.0 + side * cos (atan2 v u - from))

    /// Companions at 0.8 to 2.6″ and, twice in three, a tail of 50 to 140° around the galaxy.
    static member private Companions(random: SeededRandom, cx: float, cy: float) =
        let companions =
            [| for _ in 1 .. 1 + random.Next 3 do
                   let distance, at = random.Uniform(0.8, 2.6), random.Uniform(0.0, 2.0 * Math.PI)
                   let { E1 = e1; E2 = e2 } = LightProfile.Ellipticity(random.Uniform(0.4, 1.0), random.Uniform(0.0, Math.PI))
                   let unit = LightProfile(1.0, random.Uniform(0.2, 0.6), 1.0, e1, e2, cx + distance * cos at, cy + distance * sin at)
                   unit.WithAmplitude(random.Uniform(0.3, 1.0) / unit.TotalFlux) |]

        let hasTail = random.Chance 0.67
        let radius, width = random.Uniform(1.2, 3.0), random.Uniform(0.2, 0.45)
        let from, half = random.Uniform(0.0, 2.0 * Math.PI), random.Uniform(25.0, 70.0) * Math.PI / 180.0
        // A tail leaves the galaxy: its radius grows along it.
        let growth = random.Uniform(0.1, 0.5)

        fun x y ->
            let light = companions |> Array.sumBy (fun one -> one.SurfaceBrightness(x, y))

            if hasTail then
                let dx, dy = x - cx, y - cy
                let r, along = sqrt (dx * dx + dy * dy), Math.IEEERemainder(atan2 dy dx - from, 2.0 * Math.PI)
                let middle = radius * (1.0 + growth * along / half)
                light + 0.3 * exp (-0.5 * ((r - middle) / width) ** 2.0) * exp (-((along / half) ** 4.0))
            else
                light

    static member private Trail(random: SeededRandom, cx: float, cy: float) =
        let angle, distance, width = random.Uniform(0.0, Math.PI), random.Uniform(-2.5, 2.5), random.Uniform(0.1, 0.4)
        let c, s = cos angle, sin angle
        fun x y -> exp (-0.5 * ((c * (y - cy) - s * (x - cx) - distance) / width) ** 2.0)

    static member private Column(random: SeededRandom, cx: float, cy: float) =
        let at, from, length = cx + random.Uniform(-2.0, 2.0), cy + random.Uniform(-3.0, 1.0), random.Uniform(1.0, 5.0)
        fun x y -> if abs (x - at) < 0.14 && y > from && y < from + length then 1.0 else 0.0

    /// One impostor around a galaxy whose centre is at (cx, cy).
    static member Draw(kind: NonLens, random: SeededRandom, bandCount: int, cx: float, cy: float) : Impostor =
        let all = Array.create bandCount 1.0

        match kind with
        | NonLens.Spiral -> Impostor(kind, Impostor.Arms(random, cx, cy), all, true, cx, cy)
        | NonLens.Ring -> Impostor(kind, Impostor.Annulus(random, cx, cy), all, true, cx, cy)
        | NonLens.Merger -> Impostor(kind, Impostor.Companions(random, cx, cy), all, true, cx, cy)
        | NonLens.Artefact ->
            // Each band is an exposure of its own.
            let one = random.Next bandCount
            let single = Array.init bandCount (fun b -> if b = one then 2.0 else 0.0)

            if random.Chance 0.6 then Impostor(kind, Impostor.Trail(random, cx, cy), single, true, cx, cy)
            else Impostor(kind, Impostor.Column(random, cx, cy), single, false, cx, cy)
        | _ -> invalidArg (nameof kind) $"Impostor.Draw: expected Spiral, Ring, Merger or Artefact, got {kind}."

    /// Plain, or with this probability one of the four impostors, each as likely.
    static member DrawKind(random: SeededRandom, share: float) : NonLens =
        if random.Chance share then enum<NonLens> (1 + random.Next 4) else NonLens.Plain
